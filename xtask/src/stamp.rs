//! Decides whether `pkg/` is what the present inputs would give.

use anyhow::Result;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A hash over the content of the inputs and, once written, of the outputs.
/// Content, not times: a checkout or a copy changes times.
pub struct Stamp {
    file: PathBuf,
    outputs: Vec<PathBuf>,
    inputs: u64,
}

impl Stamp {
    pub fn of(inputs: &[PathBuf], salt: &impl Hash, file: PathBuf, outputs: Vec<PathBuf>) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        for path in inputs {
            fs::read(path)?.hash(&mut hasher);
        }
        Ok(Self { file, outputs, inputs: hasher.finish() })
    }

    pub fn is_fresh(&self) -> bool {
        matches!((fs::read_to_string(&self.file), self.text()), (Ok(old), Some(new)) if old == new)
    }

    pub fn write(&self) -> Result<()> {
        Ok(fs::write(&self.file, self.text().unwrap_or_default())?)
    }

    /// Nothing when an output is missing.
    fn text(&self) -> Option<String> {
        let outputs: Option<Vec<u64>> = self.outputs.iter().map(|path| content(path)).collect();
        Some(format!("{:016x} {:x?}\n", self.inputs, outputs?))
    }
}

fn content(path: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    fs::read(path).ok()?.hash(&mut hasher);
    Some(hasher.finish())
}

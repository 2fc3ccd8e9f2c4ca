//! Numbered lines with elapsed times, so that a long build shows where it is.

use anyhow::{bail, Context, Result};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Counts the steps of one build.
pub struct Steps {
    total: usize,
    current: usize,
    start: Instant,
}

impl Steps {
    pub fn new(total: usize) -> Self {
        Self { total, current: 0, start: Instant::now() }
    }

    /// Announces a step before it runs and says afterwards how long it took.
    pub fn step<T>(&mut self, what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.current += 1;
        let (current, total) = (self.current, self.total);
        eprintln!("[{current}/{total}] {what} …");
        let start = Instant::now();
        let value = work().with_context(|| format!("step {current} ({what})"))?;
        eprintln!("[{current}/{total}] {what}: {:.1} s", start.elapsed().as_secs_f64());
        Ok(value)
    }

    pub fn elapsed(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}

/// Runs a command to its end; its output goes where ours goes.
pub fn run(command: &mut Command) -> Result<()> {
    let program =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("could not start {program}"))?;
    if !status.success() {
        bail!("{program} ended with {status}");
    }
    Ok(())
}

//! compile → bindgen → optimise → inline → exercise, in a staging folder; only a module that
//! was loaded and gave the right answers is moved into `pkg/`.

use crate::stamp::Stamp;
use crate::steps::{run as command, Steps};
use anyhow::{ensure, Context, Result};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
const OUTPUTS: [&str; 5] =
    ["my_mimic.js", "my_mimic.d.ts", "my_mimic_bg.wasm", "my_mimic_bg.wasm.d.ts", "inline.js"];
const OPTIMISE: [&str; 5] =
    ["-O3", "--converge", "--strip-debug", "--strip-producers", "--strip-target-features"];

pub fn run() -> Result<()> {
    let manifest = env::var("CARGO_MANIFEST_DIR").context("run me with `cargo xtask build`")?;
    let root = Path::new(&manifest).parent().context("xtask has no parent folder")?;
    let pkg = root.join("pkg");
    let optimiser = root.join("node_modules/binaryen");
    let exercise = root.join("scripts/exercise.mjs");
    let mut steps = Steps::new(5);

    let raw = steps.step("compile the Rust core to wasm", || compile(root))?;

    // Everything after the compiler depends on these alone.
    let inputs = [
        raw.clone(),
        optimiser.join("package.json"),
        exercise.clone(),
        root.join("scripts/budget.js"),
        env::current_exe()?,
    ];
    let outputs = OUTPUTS.iter().map(|name| pkg.join(name)).collect();
    let stamp = Stamp::of(&inputs, &OPTIMISE, pkg.join(".stamp"), outputs)
        .context("a build input is missing; run `npm install` first")?;
    if stamp.is_fresh() {
        eprintln!("pkg/ is up to date ({:.1} s)", steps.elapsed());
        return Ok(());
    }

    let staging = Staging::new(&pkg)?;
    let dir = staging.0.as_path();
    let wasm = dir.join("my_mimic_bg.wasm");
    steps.step("write the glue with wasm-bindgen", || bindgen(&raw, dir))?;
    steps.step("optimise with wasm-opt", || optimise(&optimiser, &wasm))?;
    steps.step("inline the module as base64", || inline(&wasm, &dir.join("inline.js")))?;
    steps.step("load and exercise the optimised module in node", || {
        command(Command::new("node").arg(&exercise).arg(dir))
    })?;

    for name in OUTPUTS {
        fs::rename(dir.join(name), pkg.join(name)).with_context(|| format!("could not place {name}"))?;
    }
    stamp.write()?;
    eprintln!("pkg/ is built ({:.1} s)", steps.elapsed());
    Ok(())
}

fn compile(root: &Path) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let flags = format!("target.{TARGET}.rustflags={:?}", remaps(root)?);
    command(
        Command::new(cargo)
            .current_dir(root)
            // Flags from outside would replace ours, and the module would differ from machine to machine.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .args(["build", "--release", "--lib", "--locked", "--target", TARGET, "--package", "my-mimic"])
            .args(["--config", &flags]),
    )?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(root.join(target).join(TARGET).join("release/my_mimic.wasm"))
}

/// Panic messages carry source paths: keep this machine's folders out of the module.
fn remaps(root: &Path) -> Result<Vec<String>> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let mut flags = vec![format!("--remap-path-prefix={}=my-mimic", root.display())];
    if let Some(home) = home {
        flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
        // One folder for each registry, named after its host. They exist: this program's own crates came from there.
        for registry in fs::read_dir(home.join("registry/src")).into_iter().flatten() {
            flags.push(format!("--remap-path-prefix={}=crates", registry?.path().display()));
        }
    }
    Ok(flags)
}

fn bindgen(raw: &Path, out: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(raw)
        .out_name("my_mimic")
        .web(true)?
        .typescript(true)
        // js/core.js recovers from a trap with `__wbg_reset_state`.
        .reset_state_function(true)
        .generate(out)
}

fn optimise(binaryen: &Path, wasm: &Path) -> Result<()> {
    command(
        // Run by node itself: the links in node_modules/.bin differ between systems.
        Command::new("node").arg(binaryen.join("bin/wasm-opt")).args(OPTIMISE).arg(wasm).arg("-o").arg(wasm),
    )
}

fn inline(wasm: &Path, out: &Path) -> Result<()> {
    let bytes = fs::read(wasm)?;
    ensure!(bytes.starts_with(b"\0asm"), "wasm-opt wrote something that is not a module");
    Ok(fs::write(out, format!("export const base64 = '{}'\n", STANDARD.encode(bytes)))?)
}

/// A folder beside its destination, so that a rename is enough; removed whatever happens.
struct Staging(PathBuf);

impl Staging {
    fn new(pkg: &Path) -> Result<Self> {
        // Two builds at once must not share it.
        let dir = pkg.join(format!(".staging-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        Ok(Self(dir))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // A leftover folder is ignored by git and by npm pack.
        let _ = fs::remove_dir_all(&self.0);
    }
}

//! `cargo xtask`, or `cargo xtask build`: the Rust crate becomes `pkg/`.

mod build;
mod stamp;
mod steps;

use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match std::env::args().nth(1).as_deref() {
        None | Some("build") => build::run(),
        Some(other) => {
            eprintln!("there is no task {other}; usage: cargo xtask [build]");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("build failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

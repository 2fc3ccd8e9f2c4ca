//! `npm run fuzz -- wheel`: any ticks and times: everyone comes up in time. The property is that of `tests/structures.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/structures/wheel.rs"]
mod property;

fuzz_target!(|data: &[u8]| property::check(data));

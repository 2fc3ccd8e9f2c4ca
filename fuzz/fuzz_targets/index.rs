//! `npm run fuzz -- index`: any slots under few hashes: the table finds what a map finds. The property is that of `tests/structures.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/structures/index.rs"]
mod property;

fuzz_target!(|data: &[u8]| property::check(data));

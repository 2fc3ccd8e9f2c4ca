//! `npm run fuzz -- slab`: any steps of slots, with any tokens: each slot is what a naive twin says. The property is that of `tests/structures.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/structures/slab.rs"]
mod property;

fuzz_target!(|data: &[u8]| property::check(data));

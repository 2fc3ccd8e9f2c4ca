//! `npm run fuzz -- key_decode`: any cells as a key. No panic, and no text beyond its bound.
#![no_main]

use libfuzzer_sys::fuzz_target;
use my_mimic::key::decode::decode;

const LIMIT: usize = 300;
/// What the value that passes the limit may add, names and brackets included.
const SLACK: usize = 2500;

fuzz_target!(|data: &[u8]| {
    let cells: Vec<u64> = data
        .chunks_exact(8)
        .map(|cell| cell.iter().rev().fold(0, |cell, byte| cell << 8 | u64::from(*byte)))
        .collect();
    if let Ok(decoded) = decode(&cells) {
        assert!(decoded.describe(LIMIT).encode_utf16().count() <= LIMIT + SLACK);
    }
});

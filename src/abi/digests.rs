//! Numbers in place of cells: keys longer than the buffer, digests and checksums.

use super::with;
use crate::checksum::checksum_of_cells;
use crate::key::digest::{digest, LongKey};
use wasm_bindgen::prelude::wasm_bindgen;

/// A hasher for a key longer than the buffer. 0 when memory is exhausted.
#[wasm_bindgen]
pub fn hasher_new() -> u32 {
    with(0, |core| core.hashers.add(LongKey::default()))
}

/// Absorbs the first `cells` of the buffer. Nothing happens for a wrong number.
#[wasm_bindgen]
pub fn hasher_absorb(hasher: u32, cells: u32) {
    with((), |core| {
        core.hashers.get(hasher)?.absorb(core.key.get(..cells as usize)?);
        Some(())
    });
}

/// Remembers this point, in place of the one before.
#[wasm_bindgen]
pub fn hasher_mark(hasher: u32) {
    with((), |core| {
        core.hashers.get(hasher)?.mark();
        Some(())
    });
}

/// Goes back to the point remembered.
#[wasm_bindgen]
pub fn hasher_rollback(hasher: u32) {
    with((), |core| {
        core.hashers.get(hasher)?.rollback();
        Some(())
    });
}

/// Absorbs the first `cells` of the buffer, then writes the key that stands for all to the start of the buffer. Its cells; 0 for a
/// wrong number.
#[wasm_bindgen]
pub fn hasher_finish(hasher: u32, cells: u32) -> u32 {
    with(0, |core| {
        let long = core.hashers.get(hasher)?;
        long.absorb(core.key.get(..cells as usize)?);
        let key = long.finish();
        core.key.get_mut(..key.len())?.copy_from_slice(&key);
        Some(key.len() as u32)
    })
}

/// Frees a hasher.
#[wasm_bindgen]
pub fn hasher_free(hasher: u32) {
    with((), |core| core.hashers.remove(hasher));
}

/// The digest of the key in the buffer, 32 bytes into `out[0..8]`. 0, or -1 for a wrong number.
#[wasm_bindgen]
pub fn key_digest(cells: u32) -> i32 {
    with(-1, |core| {
        let bytes = digest(core.key.get(..cells as usize)?);
        core.put_bytes(&bytes);
        Some(0)
    })
}

/// The checksum of the first `len` bytes of the buffer, whatever is in it, 8 bytes into `out[0..2]`. 0, or -1 for a wrong number.
#[wasm_bindgen]
pub fn bytes_checksum(len: u32) -> i32 {
    with(-1, |core| {
        let sum = checksum_of_cells(&core.key, len as usize)?;
        core.put_bytes(&sum.to_le_bytes());
        Some(0)
    })
}

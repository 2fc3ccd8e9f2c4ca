//! BLAKE3 over the cells of a key: portable, and collision-resistant enough to stand for the key.

use super::{head, tag};
use crate::checksum::little_endian;
use blake3::Hasher;

/// Cells of the key that [`LongKey::finish`] makes.
pub const DIGESTED_CELLS: usize = 6;

/// The digest of a key: BLAKE3 over its cells, little-endian. Records carry its first 16 bytes.
pub fn digest(cells: &[u64]) -> [u8; 32] {
    digest_pieces(&[cells])
}

/// The same of a key in pieces.
pub fn digest_pieces(pieces: &[&[u64]]) -> [u8; 32] {
    let mut hasher = Hasher::new();
    pieces.iter().for_each(|cells| update(&mut hasher, cells));
    *hasher.finalize().as_bytes()
}

fn update(hasher: &mut Hasher, cells: &[u64]) {
    little_endian(cells, |bytes| {
        hasher.update(bytes);
    });
}

/// A key that arrives in pieces because it is longer than the key buffer.
#[derive(Clone, Debug, Default)]
pub struct LongKey {
    here: Progress,
    mark: Progress,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    hasher: Hasher,
    cells: u64,
}

impl LongKey {
    /// Takes the next cells.
    pub fn absorb(&mut self, cells: &[u64]) {
        update(&mut self.here.hasher, cells);
        self.here.cells += cells.len() as u64;
    }

    /// Remembers this point, in place of the one before. At first it is the beginning.
    pub fn mark(&mut self) {
        self.mark = self.here.clone();
    }

    /// Goes back to the point remembered, as often as wanted: reading an argument failed half-way.
    pub fn rollback(&mut self) {
        self.here = self.mark.clone();
    }

    /// The key that stands for all cells absorbed.
    pub fn finish(&self) -> [u64; DIGESTED_CELLS] {
        let mut key = [head(tag::DIGESTED, 0); DIGESTED_CELLS];
        let digest = self.here.hasher.finalize();
        for (cell, bytes) in key.iter_mut().skip(1).zip(digest.as_bytes().chunks_exact(8)) {
            *cell = bytes.iter().rev().fold(0, |cell, byte| cell << 8 | u64::from(*byte));
        }
        if let Some(cell) = key.last_mut() {
            *cell = (self.here.cells as f64).to_bits();
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(cells: &[u64]) -> Vec<u8> {
        cells.iter().flat_map(|cell| cell.to_le_bytes()).collect()
    }

    #[test]
    fn is_blake3_of_the_little_endian_bytes() {
        for len in [0, 1, 127, 128, 129, 1000] {
            let cells: Vec<u64> = (0..len).map(|n: u64| n.wrapping_mul(0x0123_4567_89ab_cdef)).collect();
            assert_eq!(digest(&cells), *blake3::hash(&bytes(&cells)).as_bytes());
        }
    }

    #[test]
    fn pieces_make_the_same_key_as_the_whole() {
        let cells: Vec<u64> = (0..20_000).collect();
        let mut key = LongKey::default();
        for piece in cells.chunks(8191) {
            key.absorb(piece);
        }
        let made = key.finish();
        assert_eq!(made[0], 34);
        assert_eq!(bytes(&made[1..5]), digest(&cells));
        assert_eq!(f64::from_bits(made[5]), 20_000.0);
    }

    #[test]
    fn rollback_forgets_what_came_after_the_mark() {
        let mut key = LongKey::default();
        key.absorb(&[1]);
        key.rollback();
        assert_eq!(key.finish(), LongKey::default().finish(), "the first mark is the beginning");
        key.absorb(&[1, 2]);
        key.mark();
        for wrong in [&[3u64][..], &[4, 5], &[]] {
            key.absorb(wrong);
            key.rollback();
        }
        key.absorb(&[6]);
        let mut straight = LongKey::default();
        straight.absorb(&[1, 2, 6]);
        assert_eq!(key.finish(), straight.finish());
    }
}

//! XXH64 (Collet, <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>) against accidents: one change in 2⁶⁴ is not found. Who changes
//! bytes on purpose can make it right again, as he could any other without a secret.

use core::hash::Hasher;
use twox_hash::XxHash64;

/// Bytes that are put together on the stack.
const SHORT: usize = 1024;

/// Over `pieces`, one after another.
pub fn checksum(pieces: &[&[u8]]) -> u64 {
    // Most records are short, and the state of a hasher is as large as they are.
    let mut short = [0; SHORT];
    let mut len = 0;
    for piece in pieces {
        match short.get_mut(len..len + piece.len()) {
            Some(place) => place.copy_from_slice(piece),
            None => return long(pieces),
        }
        len += piece.len();
    }
    XxHash64::oneshot(0, short.get(..len).unwrap_or_default())
}

fn long(pieces: &[&[u8]]) -> u64 {
    let mut hasher = XxHash64::with_seed(0);
    for piece in pieces {
        hasher.write(piece);
    }
    hasher.finish()
}

/// Over the first `len` bytes of cells.
pub fn checksum_of_cells(cells: &[u64], len: usize) -> Option<u64> {
    let mut hasher = XxHash64::with_seed(0);
    little_endian(cells.get(..len / 8)?, |bytes| hasher.write(bytes));
    let rest = len % 8;
    if rest > 0 {
        hasher.write(cells.get(len / 8)?.to_le_bytes().get(..rest)?);
    }
    Some(hasher.finish())
}

/// Cells as bytes, a kilobyte at a time.
pub fn little_endian(cells: &[u64], mut each: impl FnMut(&[u8])) {
    let mut bytes = [0; 1024];
    for cells in cells.chunks(bytes.len() / 8) {
        for (place, cell) in bytes.chunks_exact_mut(8).zip(cells) {
            place.copy_from_slice(&cell.to_le_bytes());
        }
        each(bytes.get(..cells.len() * 8).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's own, and those of another implementation (Python's xxhash 3).
    #[test]
    fn is_xxh64() {
        assert_eq!(checksum(&[]), 0xef46_db37_51d8_e999);
        assert_eq!(checksum(&[b"a", b"", b"bc"]), 0x44bc_2cf5_ad77_0999);
    }

    #[test]
    fn pieces_are_one_after_another_however_long() {
        let bytes: Vec<u8> = (0..5000).map(|n: u32| (n.wrapping_mul(2_654_435_769) >> 24) as u8).collect();
        for len in [0, 1, 31, 32, 33, 1023, 1024, 1025, 5000] {
            let expected = XxHash64::oneshot(0, &bytes[..len]);
            for cut in [0, len / 3, len] {
                let (a, b) = bytes[..len].split_at(cut);
                assert_eq!(checksum(&[a, b]), expected, "{len} cut at {cut}");
            }
        }
    }

    #[test]
    fn cells_are_their_bytes() {
        let cells: Vec<u64> = (1..=300).map(|n: u64| n.wrapping_mul(0x0123_4567_89ab_cdef)).collect();
        let bytes: Vec<u8> = cells.iter().flat_map(|cell| cell.to_le_bytes()).collect();
        for len in [0, 1, 7, 8, 9, 1024, 1031, 2400] {
            assert_eq!(checksum_of_cells(&cells, len), Some(checksum(&[&bytes[..len]])), "{len} bytes");
        }
        assert_eq!(checksum_of_cells(&cells, 2401), None);
    }
}

//! Damaged and random bytes through the whole reading path, seeded, on the stable toolchain. The same property runs under
//! cargo-fuzz in `fuzz/`: never a panic, and never an entry that was not written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::HashSet;

use my_mimic::segment::{assemble, decode_head, read, Digest, Kind, Segment, SegmentWriter};
use twox_hash::XxHash64;

type Entry = (Digest, Vec<u8>, Vec<u8>);

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

fn sample(random: &mut Random) -> (Vec<Segment>, HashSet<Entry>) {
    let mut writer = SegmentWriter::new();
    let mut written = HashSet::new();
    for _ in 0..=random.below(6) {
        let mut digest = [0; 16];
        digest[0] = random.below(4) as u8;
        let name = ["f\0v1", "", "a longer namespace\0v2"][random.below(3)];
        match random.below(10) {
            0 => writer.clear(name, 1.0).unwrap(),
            1 => writer.delete(name, digest, 1.0).unwrap(),
            _ => {
                let key_len = random.below(40);
                let key = random.bytes(key_len);
                let value_len = random.below(200);
                let value = random.bytes(value_len);
                writer.put(name, digest, &key, &value, 1.0, f64::INFINITY).unwrap();
                written.insert((digest, key, value));
            }
        }
    }
    (writer.finish(), written)
}

/// Reads everything there is to read; whatever comes out must have been written.
fn read_all(segments: &[Segment], written: &HashSet<Entry>) -> usize {
    let heads: Vec<_> = segments.iter().map(|segment| decode_head(&segment.head)).collect();
    let (mut entries, mut parts) = (0, Vec::new());
    for (segment, head) in segments.iter().zip(&heads) {
        let Ok(head) = head else { continue };
        for (i, record) in head.records().iter().enumerate() {
            let Ok((key, value)) = read(head, &segment.body, i) else { continue };
            parts.push((*record, key, value));
            let whole = match record.kind {
                Kind::Whole => (key.to_vec(), value.to_vec()),
                Kind::Part { part, parts: all, .. } if part + 1 < all => continue,
                _ => match assemble(&parts) {
                    Ok(whole) => whole,
                    Err(_) => {
                        parts.clear();
                        continue;
                    }
                },
            };
            parts.clear();
            entries += 1;
            assert!(written.contains(&(record.digest, whole.0, whole.1)), "an entry that nobody wrote");
        }
    }
    entries
}

/// Makes the head's checksum right again, so that the damage reaches the checks behind it.
fn sign(head: &mut [u8]) {
    if let Some(end) = head.len().checked_sub(8) {
        let sum = XxHash64::oneshot(0, &head[..end]);
        head[end..].copy_from_slice(&sum.to_le_bytes());
    }
}

#[test]
fn damage_never_panics_and_never_yields_a_wrong_entry() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut survived, mut signed) = (0, 0);
    for _ in 0..2_000 {
        let (segments, written) = sample(&mut random);
        assert!(read_all(&segments, &written) <= written.len());
        for _ in 0..100 {
            let mut damaged = segments.clone();
            let which = random.below(damaged.len());
            let in_head = random.below(2) == 0;
            let segment = &mut damaged[which];
            let block = if in_head { &mut segment.head } else { &mut segment.body };
            match random.below(6) {
                0 => block.truncate(random.below(block.len() + 1)),
                1 => {
                    let len = random.below(20);
                    block.extend(random.bytes(len));
                }
                2 if !block.is_empty() => {
                    let from = random.below(block.len());
                    let to = from + random.below(block.len() - from);
                    block.drain(from..to);
                }
                3 if !block.is_empty() => {
                    let at = random.below(block.len());
                    let edge = [0, 1, 0x7f, 0x80, 0xff][random.below(5)];
                    for byte in block.iter_mut().skip(at).take(4) {
                        *byte = edge;
                    }
                }
                _ => {
                    for _ in 0..=random.below(3) {
                        let at = random.below(block.len());
                        if let Some(byte) = block.get_mut(at) {
                            *byte ^= 1 << random.below(8);
                        }
                    }
                }
            }
            if in_head && random.below(2) == 0 {
                sign(&mut segment.head);
                signed += usize::from(decode_head(&segment.head).is_ok());
            }
            survived += read_all(&damaged, &written);
        }
    }
    // The damage must leave something to read, and get behind the checksum, or it tests nothing.
    assert!(survived > 10_000 && signed > 1_000, "{survived} {signed}");
}

#[test]
fn random_bytes_are_refused() {
    let mut random = Random(42);
    for i in 0..50_000 {
        let len = random.below(400);
        let mut head = random.bytes(len);
        if i % 2 == 0 && head.len() > 16 {
            head[..6].copy_from_slice(b"MIMG\x01\0");
            let len = head.len() as u32;
            head[12..16].copy_from_slice(&len.to_le_bytes());
            // Small counts, so that the lengths can fit.
            head[7] = 0;
            head[6] %= 4;
            head[9..12].fill(0);
            head[8] %= 4;
        }
        if i % 4 == 0 {
            sign(&mut head);
        }
        let body = random.bytes(40);
        read_all(&[Segment { head, body }], &HashSet::new());
    }
}

//! Damaged, spliced and random cells through the decoder of keys, seeded, on the stable toolchain; `fuzz/` has the same property under
//! cargo-fuzz. Whatever the cells: no panic, and no text beyond its bound.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use my_mimic::key::decode::{decode, Corrupt};
use my_mimic::key::{head, tag};
use serde_json::Value;

const INPUTS: usize = 400_000;
const LIMIT: usize = 300;
/// What the value that passes the limit may add, names and brackets included.
const SLACK: usize = 2500;

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

    /// A cell that means something, more often than chance would have it.
    fn cell(&mut self) -> u64 {
        match self.below(8) {
            0 => self.next(),
            1 => (self.below(100) as f64).to_bits(),
            2 => head(self.below(36) as u32, u32::MAX - self.below(3) as u32),
            _ => head(self.below(36) as u32, self.below(4) as u32),
        }
    }
}

/// The golden keys, but short ones: a change in a long string says little.
fn keys() -> Vec<Vec<u64>> {
    let file: Value = serde_json::from_str(include_str!("vectors/keys.json")).unwrap();
    let hex = |vector: &Value| vector["cells"].as_str().unwrap().to_owned();
    let cell = |hex: &str, at: usize| u64::from_str_radix(&hex[at..at + 16], 16).unwrap().swap_bytes();
    let keys = file["vectors"].as_array().unwrap().iter().map(hex);
    keys.map(|hex| (0..hex.len()).step_by(16).map(|at| cell(&hex, at)).collect::<Vec<_>>())
        .filter(|key| key.len() <= 300)
        .collect()
}

#[test]
fn any_cells_decode_or_are_corrupt() {
    let keys = keys();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..INPUTS {
        let mut key = keys[random.below(keys.len())].clone();
        match random.below(12) {
            0 => key = (0..random.below(40)).map(|_| random.cell()).collect(),
            1 => {
                let arguments = random.below(4);
                key = vec![head(tag::CALL, arguments as u32)];
                key.extend((0..random.below(12)).map(|_| random.cell()));
            }
            2 => key.truncate(random.below(key.len())),
            _ => {}
        }
        for _ in 0..=random.below(3) {
            let at = random.below(key.len());
            let Some(cell) = key.get_mut(at) else { continue };
            match random.below(6) {
                0 => *cell ^= 1 << random.below(64),
                1 => *cell = random.cell(),
                2 => *cell = *cell & 0xffff_ffff | (random.below(6) as u64) << 32,
                3 => drop(key.remove(at)),
                4 => {
                    let other = &keys[random.below(keys.len())];
                    let from = random.below(other.len());
                    let to = from + random.below(other.len() - from + 1);
                    key.splice(at..at, other[from..to].iter().copied());
                }
                _ => *cell = *cell & 0xffff_ffff_0000_0000 | random.below(36) as u64,
            }
        }
        match decode(&key) {
            Ok(decoded) => {
                good += 1;
                let units = decoded.describe(LIMIT).encode_utf16().count();
                assert!(units <= LIMIT + SLACK, "{units} units: {key:x?}");
            }
            Err(error) => {
                bad += 1;
                assert!(!error.to_string().is_empty());
            }
        }
    }
    assert!(
        good > INPUTS / 50 && bad > INPUTS / 4,
        "{good} good, {bad} corrupt: the mutations are out of balance"
    );
}

/// Arrays in one another, as the encoder puts them off.
fn nested(levels: usize) -> Vec<u64> {
    let mut key = vec![head(tag::CALL, 1)];
    for level in 0..levels {
        if level > 0 && level % 64 == 0 {
            key.push(head(tag::DEFERRED, 0));
        }
        key.push(head(tag::ARRAY, u32::from(level + 1 < levels)));
    }
    key
}

#[test]
fn depth_costs_no_stack() {
    let shown = "([[[[[[[[[…]]]]]]]]])";
    for levels in [64, 65, 20_000, 1_000_000] {
        assert_eq!(decode(&nested(levels)).unwrap().describe(1000), shown);
    }
    let mut open = vec![head(tag::CALL, 1)];
    open.extend(std::iter::repeat_n(head(tag::ARRAY, 1), 1_000_000));
    assert_eq!(decode(&open).unwrap_err(), Corrupt::Tag(tag::ARRAY));
}

#[test]
fn cycles_reach_through_what_was_put_off() {
    let mut key = nested(200);
    let last = key.len() - 1;
    key[last] = head(tag::ARRAY, 1);
    key.push(head(tag::CYCLE, 200));
    assert!(decode(&key).is_ok());
    *key.last_mut().unwrap() = head(tag::CYCLE, 201);
    assert_eq!(decode(&key).unwrap_err(), Corrupt::Argument(201));
}

#[test]
fn lengths_are_checked_before_anything_is_reserved() {
    for (tag, error) in [
        (tag::ARRAY, Corrupt::Truncated),
        (tag::OBJECT, Corrupt::Count),
        (tag::MAP, Corrupt::Count),
        (tag::SET, Corrupt::Count),
        (tag::ASCII, Corrupt::Count),
        (tag::UTF16, Corrupt::Count),
        (tag::BIGINT, Corrupt::Count),
    ] {
        assert_eq!(decode(&[head(tag::CALL, 1), head(tag, u32::MAX)]).unwrap_err(), error);
    }
    assert_eq!(decode(&[head(tag::CALL, u32::MAX)]).unwrap_err(), Corrupt::Count);
    let bytes = [head(tag::CALL, 1), head(tag::BYTES, 1), 1e300f64.to_bits()];
    assert_eq!(decode(&bytes).unwrap_err(), Corrupt::Number);
    assert_eq!(decode(&[]).unwrap_err(), Corrupt::Truncated);
}

#[test]
fn a_limit_of_nothing_still_says_something() {
    let key = [head(tag::CALL, 2), head(tag::NULL, 0), head(tag::TRUE, 0)];
    assert_eq!(decode(&key).unwrap().describe(0), "(… 2 more)");
    assert_eq!(decode(&key).unwrap().describe(3), "(null, … 1 more)");
}

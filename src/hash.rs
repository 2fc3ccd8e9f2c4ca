//! Key cells to 32 bits. The hash only selects; cells decide.
//!
//! FxHash is the fast one: a rotate, a xor and a multiplication a cell. Two weaknesses are dealt with here and in the
//! [index](crate::index). Its low bits are poor, so the result is finalised before it picks a bucket. And some pairs of keys
//! collide under every seed (flip bit 63 of one cell and bit 4 of the next: the multiplication keeps a difference in the top
//! bit where it is, the rotation moves it onto bit 4), so someone who chooses keys can make as many collide as they like. The
//! index notices and changes over to SipHash, where that needs the seed.

use fxhash::FxHasher64;
use std::hash::{DefaultHasher, Hasher};

/// Which hash an index uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashMode {
    /// FxHash64, seeded and finalised; an index under attack escalates from here to [`HashMode::Sip`].
    Fx,
    /// SipHash-1-3, keyed with both seeds.
    Sip,
    /// Always 0, for tests. Never escalates.
    Zero,
    /// Always all ones, for tests. Never escalates.
    Ones,
}

/// What a process keeps secret from those who choose keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    first: u64,
    last: u64,
}

impl Seed {
    /// A seed from 64 random bits. Every value is as good as another, zero too.
    pub const fn new(random: u64) -> Self {
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        let first = random.wrapping_add(GOLDEN);
        Self { first: finalise(first), last: finalise(first.wrapping_add(GOLDEN)) }
    }
}

/// A hash function for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHash {
    seed: Seed,
    mode: HashMode,
}

impl KeyHash {
    /// The hash function of this seed and mode.
    pub const fn new(seed: Seed, mode: HashMode) -> Self {
        Self { seed, mode }
    }

    /// The mode in use.
    pub const fn mode(self) -> HashMode {
        self.mode
    }

    /// The same seed with the hash that needs it known to be attacked.
    pub const fn escalated(self) -> Self {
        Self { seed: self.seed, mode: HashMode::Sip }
    }

    /// The hash of a key.
    #[inline]
    pub fn hash(&self, key: &[u64]) -> u32 {
        match self.mode {
            HashMode::Sip => self.sip_of(key),
            _ => self.hash_pieces([key]),
        }
    }

    /// The hash of a key in pieces.
    #[inline]
    pub fn hash_pieces<const N: usize>(&self, pieces: [&[u64]; N]) -> u32 {
        match self.mode {
            HashMode::Fx => {
                let mut fx = FxHasher64::default();
                fx.write_u64(self.seed.first);
                for piece in pieces {
                    for cell in piece {
                        fx.write_u64(*cell);
                    }
                }
                (finalise(fx.finish() ^ self.seed.last) >> 32) as u32
            }
            HashMode::Sip => self.sip(&pieces),
            HashMode::Zero => 0,
            HashMode::Ones => u32::MAX,
        }
    }

    /// Apart, for a list of pieces needs a frame, which the hash that is in use nearly always does without.
    #[cold]
    #[inline(never)]
    fn sip_of(&self, key: &[u64]) -> u32 {
        self.sip(&[key])
    }

    #[cold]
    #[inline(never)]
    fn sip(&self, pieces: &[&[u64]]) -> u32 {
        let mut sip = DefaultHasher::new();
        sip.write_u64(self.seed.first);
        sip.write_u64(self.seed.last);
        for piece in pieces {
            for cell in *piece {
                sip.write_u64(*cell);
            }
        }
        (sip.finish() >> 32) as u32
    }
}

/// MurmurHash3's finaliser: a bijection in which every input bit reaches every output bit.
const fn finalise(mut h: u64) -> u64 {
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 33;
    h = h.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn hash(seed: u64, mode: HashMode, key: &[u64]) -> u32 {
        KeyHash::new(Seed::new(seed), mode).hash(key)
    }

    #[test]
    fn low_bits_spread_small_floats() {
        for seed in [0, 1, u64::MAX] {
            let low: HashSet<u32> =
                (0..1024u32).map(|n| hash(seed, HashMode::Fx, &[6, f64::from(n).to_bits()]) & 1023).collect();
            assert!(low.len() > 512, "{} of 1024 buckets in use", low.len());
        }
    }

    #[test]
    fn fx_collides_under_every_seed_and_sip_does_not() {
        let key = [32, 7, 9];
        let twin = [32, 7 ^ 1 << 63, 9 ^ 1 << 4];
        for seed in 0..64 {
            assert_eq!(hash(seed, HashMode::Fx, &key), hash(seed, HashMode::Fx, &twin));
            assert_ne!(hash(seed, HashMode::Sip, &key), hash(seed, HashMode::Sip, &twin));
        }
    }

    #[test]
    fn seed_and_length_count() {
        for mode in [HashMode::Fx, HashMode::Sip] {
            assert_ne!(hash(1, mode, &[5]), hash(2, mode, &[5]));
            assert_ne!(hash(1, mode, &[0]), hash(1, mode, &[0, 0]));
            assert_ne!(hash(1, mode, &[]), hash(1, mode, &[0]));
        }
        assert_eq!(hash(1, HashMode::Zero, &[5]), 0);
        assert_eq!(hash(1, HashMode::Ones, &[5]), u32::MAX);
    }
}

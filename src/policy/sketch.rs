//! How often keys were seen lately, in four bits a counter: a count-min sketch that halves itself.
//!
//! Caffeine's `FrequencySketch`: a key's four counters lie in one block of eight words, a cache line, in four different pairs of
//! words; its frequency is the least of them. Whenever ten times the capacity was counted, all counters are halved.
//! Here the halving is spread over the following counts, and the table is laid out little by little, so that no single
//! operation pays for a wide one.

use crate::chunks::Chunks;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};

/// The most that a counter holds.
pub const MOST: u32 = 15;

/// Words in a block.
const BLOCK: usize = 8;

/// Words of the narrowest sketch: a smaller one would mix up too many keys.
const NARROWEST: usize = 256;

/// Words laid out, or halved, by one operation.
const STRIDE: usize = 64;

/// So many counts for each entry of capacity are one period.
const PERIOD: u64 = 10;

/// A key's counters: word of the block, and shift, of each.
fn places(hash: u32) -> [(usize, u32); 4] {
    let mut bits = hash.wrapping_mul(0x3184_8bab);
    bits ^= bits >> 14;
    [0, 1, 2, 3].map(|row| {
        let bits = bits >> (8 * row);
        (2 * row + (bits & 1) as usize, (bits >> 1 & 15) * 4)
    })
}

/// The sketch of a cache.
#[derive(Debug)]
pub struct Sketch {
    /// Words when it is laid out.
    width: usize,
    words: Chunks<u64>,
    /// How many are laid out.
    laid: usize,
    /// Counts of this period, and how many a period has.
    counted: u64,
    period: u64,
    /// The first words have been halved for the last period and the others have not.
    halved: usize,
    halvings: u32,
}

impl Sketch {
    /// An empty sketch for a cache of so many entries. It takes no memory yet, and does not count.
    pub fn new(capacity: u32) -> Self {
        let width = (capacity as usize).next_power_of_two().max(NARROWEST);
        Self {
            width,
            words: Chunks::default(),
            laid: 0,
            counted: 0,
            period: PERIOD * u64::from(capacity),
            halved: width,
            halvings: 0,
        }
    }

    /// Lays some more of the table out. Without memory the sketch stays as it is: nothing has been counted, everything is new.
    #[inline]
    pub fn lay_out(&mut self) {
        if self.laid < self.width {
            self.lay_out_more();
        }
    }

    #[inline(never)]
    fn lay_out_more(&mut self) {
        let next = (self.laid + STRIDE).min(self.width);
        while self.laid < next && self.words.reach(self.laid + BLOCK - 1).is_ok() {
            self.laid += BLOCK;
        }
    }

    /// How often a key was seen, about.
    #[inline(never)]
    pub fn frequency(&self, hash: u32) -> u32 {
        let Some(words) = self.words.block::<BLOCK>(self.block(hash)) else { return 0 };
        let mut least = MOST;
        for (at, shift) in places(hash) {
            least = least.min(words.get(at).map_or(0, |word| (word >> shift) as u32 & MOST));
        }
        least
    }

    /// Counts a key, so many times, and says how often it was seen then, about.
    #[inline(never)]
    pub fn add(&mut self, hash: u32, times: u32) -> u32 {
        if self.laid < self.width {
            return 0;
        }
        if self.halved < self.width {
            self.halve_on();
        }
        let block = self.block(hash);
        let Some(words) = self.words.block_mut::<BLOCK>(block) else { return 0 };
        let mut least = MOST;
        for (at, shift) in places(hash) {
            if let Some(word) = words.get_mut(at) {
                let seen = (*word >> shift) as u32 & MOST;
                *word += u64::from(times.min(MOST - seen)) << shift;
                least = least.min(seen);
            }
        }
        self.counted += u64::from(times);
        if self.counted >= self.period {
            self.counted = 0;
            self.halved = 0;
        }
        (least + times).min(MOST)
    }

    /// A number that is another one, but for one chance in 2³², where counters were halved meanwhile: else none of them is less than it was.
    pub const fn halvings(&self) -> u32 {
        self.halvings
    }

    #[inline(never)]
    fn halve_on(&mut self) {
        self.halvings = self.halvings.wrapping_add(1);
        for block in self.halved / BLOCK..(self.halved + STRIDE) / BLOCK {
            if let Some(words) = self.words.block_mut::<BLOCK>(block) {
                words.iter_mut().for_each(|word| *word = *word >> 1 & 0x7777_7777_7777_7777);
            }
        }
        self.halved = (self.halved + STRIDE).min(self.width);
    }

    /// The block of a key's counters.
    fn block(&self, hash: u32) -> usize {
        hash as usize & (self.width / BLOCK - 1)
    }

    /// It is as wide as it should be or on the way there, and its period has not passed.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self) -> Valid {
        ensure(self.width.is_power_of_two() && self.width >= NARROWEST, "sketch: width")?;
        ensure(self.laid <= self.width, "sketch: wider than it should be")?;
        ensure(self.halved <= self.width, "sketch: halved")?;
        ensure(self.counted == 0 || self.counted < self.period, "sketch: a period has passed")?;
        ensure(
            self.laid == self.width || self.words.iter().all(|(_, word)| *word == 0),
            "sketch: counted early",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn sketch(capacity: u32) -> Sketch {
        let mut sketch = Sketch::new(capacity);
        while sketch.laid < sketch.width {
            sketch.add(1, 1);
            assert_eq!(sketch.frequency(1), 0, "nothing counts before all of it is there");
            sketch.lay_out();
            sketch.validate().unwrap();
        }
        sketch
    }

    fn random(state: &mut u32) -> u32 {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *state ^ *state >> 16
    }

    #[test]
    fn a_key_is_never_counted_too_low_and_seldom_too_high() {
        let mut sketch = sketch(1000);
        let (mut state, mut exact) = (1, HashMap::<u32, u32>::new());
        for _ in 0..600 {
            let hash = random(&mut state).wrapping_mul(0x9e37_79b9);
            for times in 1..=3 {
                let seen = sketch.add(hash, times);
                assert_eq!(seen, sketch.frequency(hash), "what is counted is known");
                *exact.entry(hash).or_default() += times;
                sketch.validate().unwrap();
            }
        }
        assert!(exact.iter().all(|(hash, count)| sketch.frequency(*hash) >= (*count).min(MOST)));
        let wrong =
            exact.iter().filter(|(hash, count)| sketch.frequency(**hash) != (**count).min(MOST)).count();
        assert!(wrong * 20 < exact.len(), "{wrong} of {} wrong", exact.len());
    }

    #[test]
    fn a_counter_stays_at_its_most() {
        let mut sketch = sketch(1000);
        (0..20).for_each(|_| _ = sketch.add(7, 3));
        assert_eq!(sketch.frequency(7), MOST);
        assert_eq!(
            sketch.words.iter().map(|(_, word)| word.count_ones()).sum::<u32>(),
            16,
            "no carry into a neighbour"
        );
    }

    #[test]
    fn each_period_halves_everything_once_a_stride_at_a_time() {
        let mut sketch = sketch(2000);
        sketch.add(7, 12);
        (0..20_000 - 12).for_each(|_| _ = sketch.add(0xffff_ffff, 1));
        assert_eq!((sketch.frequency(7), sketch.counted), (12, 0));
        for _ in 0..sketch.width / STRIDE {
            sketch.add(0xffff_ffff, 1);
            sketch.validate().unwrap();
        }
        assert_eq!(sketch.frequency(7), 6);
        (0..1000).for_each(|_| _ = sketch.add(0xffff_ffff, 1));
        assert_eq!(sketch.frequency(7), 6);
    }
}

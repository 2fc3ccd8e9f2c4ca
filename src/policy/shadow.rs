//! How large the window should be: five small copies of the cache, each with another window, are shown a sample of the keys.
//!
//! A miniature simulation (Waldspurger et al.): the keys whose hash is below a bound, a part of all that is as small as a shadow is beside
//! the cache, come in the same order and with the same distances, scaled down. What a shadow keeps is hashes; two keys with the same are one.

use super::clocks::Clocks;
use super::contest::{enter, part, victim, Dice};
use super::sketch::Sketch;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::hash::{HashMode, KeyHash, Seed};
use crate::index::Index;
use crate::slab::SlotId;

/// Windows tried, as shares of the capacity.
const WINDOWS: [f64; 5] = [0.01, 0.10, 0.30, 0.60, 0.95];

/// The share to begin with.
pub const FIRST: f64 = 0.10;

/// A shadow is so much smaller than the cache, but not smaller than `SMALL` (nor than a quarter of the cache), nor larger than `LARGE`.
const SCALE: u32 = 32;
const SMALL: u32 = 32;
const LARGE: u32 = 4096;

/// What was seen a period ago counts so much: the shadows look back about 200 periods.
const MEMORY: f64 = 0.995;

/// How far the window moves in a period: five times the hit ratio to be won, within limits. So it creeps where windows
/// differ little, and a cache that only sees a few periods does not spend them on the way.
const EAGER: f64 = 5.0;
const STEP: f64 = 0.02;
const STRIDE: f64 = 0.20;

/// `f64::clamp` can panic, and its message would bring the printing of floats into the module, a fifth of its size.
#[allow(clippy::manual_clamp)]
fn within(value: f64, least: f64, most: f64) -> f64 {
    value.max(least).min(most)
}

#[derive(Debug)]
struct Shadow {
    window: u32,
    clocks: Clocks,
    index: Index,
    /// The slot of who went last.
    spare: Option<SlotId>,
    hits: u32,
    score: f64,
}

impl Shadow {
    #[inline(never)]
    fn new(size: u32, share: f64) -> Self {
        // The table never asks for a key's hash.
        let index = Index::new(KeyHash::new(Seed::new(0), HashMode::Zero));
        Self { window: part(size, share), clocks: Clocks::default(), index, spare: None, hits: 0, score: 0.0 }
    }

    #[inline(never)]
    fn request(&mut self, hash: u32, size: u32, sketch: &Sketch, dice: &mut Dice) {
        if let Some(slot) = self.index.find(hash, |_| true) {
            self.clocks.read(slot);
            self.hits += 1;
            return;
        }
        // Without memory a shadow misses what it has no room for.
        let Some(slot) = self.room() else { return };
        self.index.insert_hash(hash, slot);
        enter(&mut self.clocks, slot, hash, self.window);
        if self.clocks.len() > size {
            // Reads of sampled keys are in the sketch as those of others are: when the cache counted them.
            let frequency = &mut |clocks: &mut Clocks, slot| sketch.frequency(clocks.hash(slot));
            if let Some(out) = victim(&mut self.clocks, self.window, dice, frequency) {
                self.index.remove(self.clocks.hash(out), out);
                self.clocks.remove(out);
                self.spare = Some(out);
            }
        }
    }

    /// A free slot, and room in the table.
    fn room(&mut self) -> Option<SlotId> {
        self.index.reserve().ok()?;
        if self.spare.is_none() {
            let slots = self.clocks.slots();
            self.clocks.reserve(slots + 1).ok()?;
            self.spare = Some(SlotId(slots as u32));
        }
        self.spare.take()
    }

    #[cfg(any(test, fuzzing, debug_assertions))]
    fn validate(&self, size: u32) -> Valid {
        self.clocks.validate()?;
        self.index.validate()?;
        ensure(self.clocks.len() <= size, "shadow: larger than it should be")?;
        ensure(
            self.index.len() == self.clocks.len() as usize,
            "shadow: the table holds what the queues hold",
        )?;
        for (hash, slot) in self.index.iter() {
            ensure(self.clocks.holds(slot), "shadow: a slot in the table is in no queue")?;
            ensure(self.clocks.hash(slot) == hash, "shadow: a slot under a hash not its own")?;
        }
        Ok(())
    }
}

/// The shadows, and the window they led to.
#[derive(Debug)]
pub struct Shadows {
    /// One for each of `WINDOWS`, from the first request on.
    all: Vec<Shadow>,
    /// Entries of a shadow, and sampled keys of a period.
    size: u32,
    /// Hashes below it are sampled.
    bound: u32,
    seen: u32,
    /// Sampled keys, discounted as the scores are.
    requests: f64,
    share: f64,
}

impl Shadows {
    /// Shadows of a cache of so many entries, with a share of the window to begin with. They take memory as they fill.
    pub fn new(capacity: u32, share: f64) -> Self {
        let size = (capacity / SCALE).max(SMALL).min(capacity / 4).min(LARGE);
        let bound = (u64::from(size) << 32) / u64::from(capacity.max(1));
        Self { all: Vec::new(), size, bound: bound as u32, seen: 0, requests: 0.0, share }
    }

    /// The share of the capacity that the window should have.
    pub const fn share(&self) -> f64 {
        self.share
    }

    /// Whether a key is in the sample.
    #[inline]
    pub const fn wants(&self, hash: u32) -> bool {
        hash < self.bound
    }

    /// A key of the sample was asked for.
    pub fn request(&mut self, hash: u32, sketch: &Sketch, dice: &mut Dice) {
        if self.all.is_empty() {
            if self.all.try_reserve_exact(WINDOWS.len()).is_err() {
                return;
            }
            let size = self.size;
            self.all.extend(WINDOWS.iter().map(|share| Shadow::new(size, *share)));
        }
        for shadow in &mut self.all {
            shadow.request(hash, self.size, sketch, dice);
        }
        self.seen += 1;
        if self.seen >= self.size {
            self.adapt();
        }
    }

    fn adapt(&mut self) {
        self.requests = self.requests * MEMORY + f64::from(std::mem::take(&mut self.seen));
        for shadow in &mut self.all {
            shadow.score = shadow.score * MEMORY + f64::from(std::mem::take(&mut shadow.hits));
        }
        let (mut best, mut target, mut here) = (-1.0, self.share, 0.0);
        for (shadow, share) in self.all.iter().zip(WINDOWS) {
            if shadow.score > best {
                (best, target) = (shadow.score, share);
            }
        }
        // What the present window would have scored, between its neighbours.
        let tried = self.all.iter().zip(WINDOWS);
        for ((low, from), (high, to)) in tried.clone().zip(tried.skip(1)) {
            if self.share >= from {
                let way = ((self.share - from) / (to - from)).min(1.0);
                here = low.score + way * (high.score - low.score);
            }
        }
        let step = within(EAGER * (best - here) / self.requests, STEP, STRIDE);
        self.share += within(target - self.share, -step, step);
    }

    /// Each shadow is sound, and the share is one.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self) -> Valid {
        self.all.iter().try_for_each(|shadow| shadow.validate(self.size))?;
        ensure(self.seen < self.size.max(1), "shadows: a period has passed")?;
        ensure(self.share >= 0.0 && self.share <= 1.0, "shadows: share of the window")
    }
}

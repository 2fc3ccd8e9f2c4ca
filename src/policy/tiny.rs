//! The policy: queues, sketch and shadows tied together.
//!
//! Its capacity is what sketch, window and sample are measured by. It is `max_entries` until an eviction comes with less than half as
//! many held, because something else bounds the cache: then it is what was held, and doubles when more is held again.

use super::clocks::{take_uncounted, Clocks};
use super::contest::{enter, part, victim, Dice, Winner};
use super::shadow::{Shadows, Window, FIRST};
use super::sketch::Sketch;
use super::{Place, Policy, Resident, Residents};
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::options::MAX_SLOTS;
use crate::slab::SlotId;
use std::hint::black_box;

/// CLOCK W-TinyLFU with a window chosen by sampled shadows.
#[derive(Debug)]
pub struct TinyLfu {
    clocks: Clocks,
    sketch: Sketch,
    shadows: Shadows,
    dice: Dice,
    /// Entries that fit, as far as is known: at most `most`.
    capacity: u32,
    most: u32,
    /// Those of them that the window should have.
    window: u32,
    winner: Winner,
}

impl TinyLfu {
    #[cfg(test)]
    pub(super) const fn capacity(&self) -> u32 {
        self.capacity
    }

    #[cfg(test)]
    pub(super) fn seen(&self, hash: u32) -> u32 {
        self.sketch.frequency(hash)
    }

    #[cfg(test)]
    pub(super) fn forget_winners(&mut self) {
        self.winner = Winner::default();
        self.shadows.forget_winners();
    }

    /// Sketch and shadows for another capacity; what they know does not fit it.
    #[inline(never)]
    fn resize(&mut self, capacity: u32) {
        self.capacity = capacity;
        self.sketch = Sketch::new(capacity);
        self.winner = Winner::default();
        self.shadows = Shadows::new(capacity, self.shadows.window());
        self.follow();
    }

    /// Whether it is time to count, with so many more held: before the cache is half full nobody goes soon, and what was counted would be old by then.
    #[inline]
    const fn counts(&self, more: u32) -> bool {
        self.clocks.len() + more >= self.capacity / 2
    }

    /// Tells the sketch what it does not know of a slot.
    #[inline]
    fn tell(&mut self, all: &mut impl Residents, slot: SlotId) {
        let Some(place) = all.place_mut(slot) else { return };
        let uncounted = take_uncounted(place);
        if uncounted > 0 {
            self.sketch.add(place.hash(), uncounted);
        }
    }

    #[cold]
    #[inline(never)]
    fn show(&mut self, hash: u32) {
        let Self { shadows, sketch, dice, .. } = self;
        shadows.request(hash, sketch, dice);
        self.follow();
    }

    /// The window is what the shadows say.
    fn follow(&mut self) {
        let Window { share, rule } = self.shadows.window();
        self.window = part(self.capacity, share);
        self.clocks.obey(rule);
    }
}

impl Policy for TinyLfu {
    /// At most two words of the sketch, and what the shadows come to in a cache of more than 2,000.
    const SLOT_BYTES: usize = 2 * size_of::<u64>() + 6;

    fn new(max_entries: u32) -> Self {
        let max_entries = max_entries.min(MAX_SLOTS);
        Self {
            clocks: Clocks::default(),
            sketch: Sketch::new(max_entries),
            shadows: Shadows::new(max_entries, FIRST),
            dice: Dice::new(),
            capacity: max_entries,
            most: max_entries,
            window: part(max_entries, FIRST.share),
            winner: Winner::default(),
        }
    }

    #[inline]
    fn expect(&mut self, slots: usize) {
        if slots >= self.capacity as usize / 4 {
            self.sketch.lay_out();
        }
    }

    #[inline]
    fn on_insert(&mut self, all: &mut impl Residents, slot: SlotId) {
        let hash = all.place(slot).map_or(0, Resident::hash);
        let counts = self.counts(1);
        if !enter(&mut self.clocks, all, slot, self.window, counts) {
            return;
        }
        if self.shadows.wants(hash) {
            self.show(hash);
            // The shadows ask for it before a contest of the cache does.
            self.tell(all, slot);
        }
        let held = self.clocks.len();
        if held / 2 > self.capacity {
            self.resize(held.saturating_mul(2).min(self.most));
        }
    }

    #[inline]
    fn on_hit(&mut self, place: &mut impl Place, hash: u32) -> bool {
        let is_older = self.clocks.read(place);
        if self.shadows.wants(hash) {
            self.show(hash);
        }
        is_older
    }

    fn renew(&mut self, all: &mut impl Residents, slot: SlotId) {
        self.clocks.renew(all, slot);
    }

    #[inline]
    fn on_remove(&mut self, all: &mut impl Residents, slot: SlotId) {
        // Who stood in a contest has been counted; who goes for another reason may come back.
        if self.clocks.remove(all, slot) == Some(true) && self.counts(0) {
            self.tell(all, slot);
        }
    }

    #[inline]
    fn victim(&mut self, all: &mut impl Residents) -> Option<SlotId> {
        let held = self.clocks.len();
        if held < self.capacity / 2 {
            self.resize(held);
        }
        let Self { clocks, sketch, dice, window, winner, .. } = self;
        victim(clocks, all, *window, dice, |all, slot, enough| {
            let Some(place) = all.place_mut(slot) else { return 0 };
            let hash = place.hash();
            match take_uncounted(place) {
                0 => winner.seen(sketch, hash, enough),
                uncounted => winner.keep(hash, enough, sketch.add(hash, uncounted), sketch),
            }
        })
    }

    fn foresee(&self, all: &impl Residents) -> u32 {
        let hash = self.clocks.oldest_new().and_then(|slot| all.place(slot)).map_or(0, Resident::hash);
        black_box(self.sketch.frequency(hash));
        hash
    }

    fn clear(&mut self) {
        self.clocks.clear();
        self.resize(self.most);
    }

    #[cfg(any(test, fuzzing, debug_assertions))]
    fn held(&self) -> u32 {
        self.clocks.len()
    }

    #[cfg(any(test, fuzzing, debug_assertions))]
    fn validate(&self, all: &impl Residents) -> Valid {
        self.clocks.validate(all)?;
        self.sketch.validate()?;
        self.shadows.validate()?;
        ensure(self.window == part(self.capacity, self.shadows.window().share), "policy: window")?;
        ensure(self.capacity <= self.most, "policy: more capacity than allowed")
    }
}

//! Who goes when there are too many: CLOCK W-TinyLFU, with a window chosen by sampled shadows.
//!
//! New entries come into a *window*; *main* holds those found worth more than another. Both are CLOCK queues. When one has to go and
//! the window is full, its oldest unread stands against that of main, and a sketch of how often keys were seen says who stays. A small
//! window suits loops and steady favourites, a large one what is read soon again or never. Five key-only copies, each with a window
//! of another size, see a sample of the keys; the real window moves towards the best of them.
//!
//! A hit writes five bits, which lie where the key was just found; one key in up to 32 (four in a small cache) is shown to the shadows as well. One structure a file:
//!
//! - `clocks`: the two queues;
//! - `sketch`: how often keys were seen;
//! - `contest`: the rules by which entries move and go, for cache and shadows alike;
//! - `shadow`: the copies, and the share of the window they lead to;
//! - `tiny`: all of these as a policy.
//!
//! From: Einziger, Friedman, Manes, "TinyLFU" (ACM TOS 2017); Einziger, Eytan, Friedman, Manes, "Adaptive Software Cache Management"
//! (Middleware 2018), for the window; Caffeine's `FrequencySketch` and its admission by chance; Yang et al., "FIFO queues are all you
//! need for cache eviction" (SOSP 2023), and Zhang et al., "SIEVE" (NSDI 2024), for hits that move nothing; Waldspurger et al., "Cache
//! Modeling and Optimization using Miniature Simulations" (ATC 2017), for the shadows. Measured in DECISIONS.md.

use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::Valid;
use crate::slab::SlotId;

mod clocks;
mod contest;
mod shadow;
mod sketch;
mod tiny;

pub use tiny::TinyLfu;

/// Who keeps a *mark* for each slot: [`MARK_BITS`](crate::index::MARK_BITS), in which a policy notes what it has to know of the slots it holds.
pub trait Marks {
    /// The mark of a slot, whatever it is before the policy holds it.
    fn mark(&self, slot: SlotId) -> u8;

    /// Gives a slot another mark: the one it had.
    fn change_mark(&mut self, slot: SlotId, with: impl FnOnce(u8) -> u8) -> u8;
}

/// Who keeps it beside the hash of the slot's key: a hit, which has just read the one, has the other at hand.
pub trait Residents: Marks {
    /// The hash of a slot's key.
    fn hash(&self, slot: SlotId) -> u32;
}

/// An eviction policy. It holds exactly the resident slots.
pub trait Policy {
    /// Bytes of bookkeeping a slot costs.
    const SLOT_BYTES: usize;

    /// A policy for at most so many entries. It takes memory as it fills.
    fn new(max_entries: u32) -> Self;

    /// Room for a slot, one of so many, so that nothing that happens to it needs memory.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    fn reserve(&mut self, slot: SlotId, slots: usize) -> Result<(), Error>;

    /// A slot became resident.
    fn on_insert(&mut self, all: &mut impl Residents, slot: SlotId);

    /// A resident slot was read. `hash` is that of its key.
    fn on_hit(&mut self, all: &mut impl Residents, slot: SlotId, hash: u32);

    /// A slot is no longer resident.
    fn on_remove(&mut self, all: &impl Residents, slot: SlotId);

    /// Who should go. It stays held until [`on_remove`](Self::on_remove). `None` only when nothing is held.
    fn victim(&mut self, all: &mut impl Residents) -> Option<SlotId>;

    /// Nothing is resident any more. Slots need [room](Self::reserve) again.
    fn clear(&mut self);

    /// Whether this slot is held.
    #[cfg(any(test, fuzzing, debug_assertions))]
    fn holds(&self, slot: SlotId) -> bool;

    /// The policy's own invariants.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    fn validate(&self, all: &impl Residents) -> Valid;
}

/// Marks and hashes in a list, for tests.
#[cfg(test)]
impl Marks for Vec<(u8, u32)> {
    fn mark(&self, slot: SlotId) -> u8 {
        self.get(slot.index()).map_or(0, |(mark, _)| *mark)
    }

    fn change_mark(&mut self, slot: SlotId, with: impl FnOnce(u8) -> u8) -> u8 {
        let Some((mark, _)) = self.get_mut(slot.index()) else { return 0 };
        std::mem::replace(mark, with(*mark))
    }
}

#[cfg(test)]
impl Residents for Vec<(u8, u32)> {
    fn hash(&self, slot: SlotId) -> u32 {
        self.get(slot.index()).map_or(0, |(_, hash)| *hash)
    }
}

#[cfg(test)]
mod tests;

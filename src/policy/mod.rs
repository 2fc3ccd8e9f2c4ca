//! Who goes when there are too many: CLOCK W-TinyLFU, with a window chosen by sampled shadows.
//!
//! New entries come into a *window*; *main* holds those found worth more than another, in a CLOCK. When one has to go and
//! the window is full, its oldest stands against the oldest unread of main, and a sketch of how often keys were seen says who stays. A small
//! window suits loops and steady favourites, a large one what is read soon again or never; as an LRU it suits what is gone through a few times,
//! as a CLOCK what is popular. Six key-only copies, with windows of five sizes and in the largest both rules, see a sample of the keys; the real
//! window moves towards the best of them.
//!
//! A hit writes five bits, which lie where the key was just found, as the neighbours in a queue do; one key in 32 or more (one in four at most in a small cache, each in one of a few entries) is shown to the shadows as well. One structure a file:
//!
//! - `link`: the neighbours of a slot in a queue;
//! - `clocks`: the two queues;
//! - `sketch`: how often keys were seen;
//! - `contest`: the rules by which entries move and go, for cache and shadows alike;
//! - `shadow`: the copies, and the window they lead to;
//! - `ghosts`: the keys that they hold;
//! - `tiny`: all of these as a policy.
//!
//! From: Einziger, Friedman, Manes, "TinyLFU" (ACM TOS 2017); Einziger, Eytan, Friedman, Manes, "Adaptive Software Cache Management"
//! (Middleware 2018), for the window; Caffeine's `FrequencySketch` and its admission by chance; Yang et al., "FIFO queues are all you
//! need for cache eviction" (SOSP 2023), and Zhang et al., "SIEVE" (NSDI 2024), for hits that move nothing; Waldspurger et al., "Cache
//! Modeling and Optimization using Miniature Simulations" (ATC 2017), for the shadows. Measured in DECISIONS.md.

#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::Valid;
use crate::slab::SlotId;

mod clocks;
mod contest;
mod ghosts;
mod link;
mod shadow;
mod sketch;
#[cfg(any(test, fuzzing, debug_assertions))]
mod spot;
mod tiny;

pub use link::Link;
#[cfg(any(test, fuzzing, debug_assertions))]
pub use spot::Spot;
pub use tiny::TinyLfu;

/// What a policy keeps with a slot: its neighbours in a queue, and a *mark* of [`MARK_BITS`](crate::index::MARK_BITS), in which it notes what else
/// it has to know.
pub trait Place {
    /// The neighbours; [nobody](Link::NOBODY) while no policy holds the slot.
    fn link(&self) -> Link;

    /// The same, to be changed.
    fn link_mut(&mut self) -> &mut Link;

    /// The mark, whatever it is before the policy holds the slot.
    fn mark(&self) -> u8;

    /// Another mark.
    fn set_mark(&mut self, mark: u8);

    /// Whether a policy holds the slot.
    #[inline]
    fn is_held(&self) -> bool {
        self.link().next != Link::NOBODY
    }
}

/// Who keeps these.
pub trait Places {
    /// What is kept with a slot.
    type Place: Place;

    /// The place of a slot. `None` where there is no such slot.
    fn place(&self, slot: SlotId) -> Option<&Self::Place>;

    /// The same, to be changed.
    fn place_mut(&mut self, slot: SlotId) -> Option<&mut Self::Place>;
}

/// What is kept beside the hash of the slot's key: whoever has just read the one has the other at hand.
pub trait Resident: Place {
    /// The hash of the slot's key.
    fn hash(&self) -> u32;
}

/// Who keeps it so.
pub trait Residents: Places<Place: Resident> {}

impl<P: Places<Place: Resident>> Residents for P {}

/// An eviction policy. It holds exactly the resident slots.
pub trait Policy {
    /// Bytes of bookkeeping a slot costs.
    const SLOT_BYTES: usize;

    /// A policy for at most so many entries. It takes memory as it fills.
    fn new(max_entries: u32) -> Self;

    /// There are so many slots: takes some of the memory that a policy of them needs. Without it, it does as well as it can.
    fn expect(&mut self, slots: usize);

    /// A slot became resident.
    fn on_insert(&mut self, all: &mut impl Residents, slot: SlotId);

    /// What is in this place was read. `hash` is that of its key. Whether the policy wants to [renew](Self::renew) it.
    fn on_hit(&mut self, place: &mut impl Place, hash: u32) -> bool;

    /// A slot that was read has another place among the others.
    fn renew(&mut self, all: &mut impl Residents, slot: SlotId);

    /// A slot is no longer resident. Its hash can still be read.
    fn on_remove(&mut self, all: &mut impl Residents, slot: SlotId);

    /// Who should go. It stays held until [`on_remove`](Self::on_remove). `None` only when nothing is held.
    fn victim(&mut self, all: &mut impl Residents) -> Option<SlotId>;

    /// Reads what [`victim`](Self::victim) is likely to read, and changes nothing: the hash of who is likely to go.
    fn foresee(&self, all: &impl Residents) -> u32;

    /// Nothing is resident any more, and no place has neighbours.
    fn clear(&mut self);

    /// How many slots are held.
    #[cfg(any(test, fuzzing, debug_assertions))]
    fn held(&self) -> u32;

    /// The policy's own invariants.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    fn validate(&self, all: &impl Residents) -> Valid;
}

#[cfg(test)]
mod tests;

//! Who goes when there are too many.

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

/// An eviction policy. It holds exactly the resident slots.
pub trait Policy {
    /// Bytes of bookkeeping a slot costs.
    const SLOT_BYTES: usize;

    /// A policy for at most so many entries. It takes memory as it fills.
    fn new(max_entries: u32) -> Self;

    /// Room for so many slots, so that nothing after this needs memory.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    fn reserve(&mut self, slots: usize) -> Result<(), Error>;

    /// A slot became resident. `hash` is that of its key.
    fn on_insert(&mut self, slot: SlotId, hash: u32);

    /// A resident slot was read.
    fn on_hit(&mut self, slot: SlotId, hash: u32);

    /// A slot is no longer resident.
    fn on_remove(&mut self, slot: SlotId);

    /// Who should go, `hash` being that of a slot's key. It stays held until [`on_remove`](Self::on_remove). `None` only
    /// when nothing is held.
    fn victim(&mut self, hash: impl Fn(SlotId) -> u32) -> Option<SlotId>;

    /// Nothing is resident any more.
    fn clear(&mut self);

    /// Whether this slot is held.
    #[cfg(any(test, fuzzing, debug_assertions))]
    fn holds(&self, slot: SlotId) -> bool;

    /// The policy's own invariants.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    fn validate(&self) -> Valid;
}

#[cfg(test)]
mod tests;

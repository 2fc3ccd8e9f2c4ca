//! What a store says of itself and of its slots; nothing changes.

use super::{Found, Store};
use crate::arena::Key;
use crate::hash::HashMode;
use crate::policy::Policy;
use crate::slab::{Phase, SlotId};
use crate::stats::Stats;

impl<P: Policy> Store<P> {
    /// Bytes of keys, bookkeeping and weights now.
    pub const fn bytes(&self) -> u64 {
        self.stats.bytes
    }

    /// A slot's key, `None` when the slot is vacant or does not exist.
    pub fn key(&self, slot: SlotId) -> Option<Key<'_>> {
        match self.slab.phase(slot) {
            Phase::Vacant => None,
            _ => Some(self.slab.key(slot)),
        }
    }

    /// What a slot holds, expired or not, its deadline and its weight. `None` when the slot is vacant or does not exist.
    pub fn entry(&self, slot: SlotId) -> Option<(Found, f64, u32)> {
        let (found, weight) = match self.slab.phase(slot) {
            Phase::Vacant => return None,
            Phase::Pending => (Found::Pending(slot), 0),
            Phase::Resident(weight) => (Found::Resident(slot), weight),
        };
        Some((found, self.expiry.deadline(slot), weight))
    }

    /// How many slots there are: every slot in use is below it.
    pub fn slots(&self) -> usize {
        self.slab.len()
    }

    /// The counts of this moment.
    pub fn stats(&self) -> Stats {
        Stats {
            entries: u64::from(self.slab.resident()),
            pending: u64::from(self.slab.pending()),
            ..self.stats
        }
    }

    /// Entries of the table looked at so far: what collisions cost.
    pub const fn probe_steps(&self) -> u64 {
        self.index.steps()
    }

    /// The hash in use, which changes under attack.
    pub const fn hash_mode(&self) -> HashMode {
        self.index.mode()
    }
}

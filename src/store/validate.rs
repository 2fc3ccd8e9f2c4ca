//! What holds of a store after each operation.

use super::Store;
use crate::error::{ensure, Valid};
use crate::options::REMOVED_MAX;
use crate::policy::{Place, Places, Policy};
use crate::slab::{Phase, SlotId};

impl<P: Policy> Store<P> {
    /// Each structure is sound, and all of them agree on every slot.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn validate(&self) -> Valid {
        self.slab.validate()?;
        self.index.validate(&self.slab)?;
        self.expiry.validate()?;
        self.policy.validate(&self.slab)?;
        ensure(self.slab.resident() <= self.options.max_entries(), "store: more entries than allowed")?;
        let over = self.stats.bytes > self.options.max_bytes() && self.removed.len() < REMOVED_MAX;
        ensure(
            !over || self.slab.resident() == 0 || self.slab.pending() > 0,
            "store: more bytes than allowed",
        )?;
        let in_use = (self.slab.resident() + self.slab.pending()) as usize;
        ensure(self.index.len() == in_use, "store: the table holds what is in use")?;
        let mut keys = std::collections::HashSet::new();
        for (hash, slot) in self.index.entries(&self.slab) {
            let Some(key) = self.key(slot) else { return Err("store: a vacant slot in the table") };
            let key: Vec<_> = key.cells().copied().collect();
            ensure(self.index.hash(&key) == hash, "store: a slot under a hash not its key's")?;
            ensure(keys.insert(key), "store: a key twice in the table")?;
        }
        ensure(self.policy.held() == self.slab.resident(), "store: the policy holds no others")?;
        let mut bytes = 0;
        for slot in (0..self.slab.len() as u32).map(SlotId) {
            let resident = matches!(self.slab.phase(slot), Phase::Resident(_));
            let is_held = self.slab.place(slot).is_some_and(Place::is_held);
            ensure(is_held == resident, "store: the policy holds the resident slots")?;
            ensure(resident || !self.expiry.is_finite(slot), "store: a deadline without a value")?;
            bytes += self.key(slot).map_or(0, |_| Self::cost(self.slab.own_cells(slot)));
            if let Phase::Resident(weight) = self.slab.phase(slot) {
                bytes += u64::from(weight);
            }
        }
        ensure(self.stats.bytes == bytes, "store: bytes")
    }
}

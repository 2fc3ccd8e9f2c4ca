//! What holds of a slab after each operation.

use super::{Phase, Slab, SlotId, NOBODY};
use crate::error::{ensure, Valid};

impl Slab {
    /// The free list holds every vacant slot once and nothing else, the keys are sound, and the counts are right.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn validate(&self) -> Valid {
        let (mut vacant, mut pending, mut resident) = (0, 0, 0);
        for slot in (0..self.len).map(SlotId) {
            match self.phase(slot) {
                Phase::Vacant => vacant += 1,
                Phase::Pending => pending += 1,
                Phase::Resident(_) => resident += 1,
            }
        }
        ensure(self.pending == pending, "slab: pending")?;
        ensure(self.resident == resident, "slab: resident")?;
        self.keys.validate((pending + resident) as usize)?;
        let (mut free, mut listed) = (self.free, 0);
        while free != NOBODY {
            listed += 1;
            ensure(listed <= vacant, "slab: the free list is no longer than the vacant slots")?;
            let Some(slot) = self.slot(SlotId(free)).filter(|slot| slot.phase() == Phase::Vacant) else {
                return Err("slab: the free list names a slot in use");
            };
            free = slot.word;
        }
        ensure(listed == vacant, "slab: a vacant slot is lost")
    }
}

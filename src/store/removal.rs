//! How entries leave: invalidated, expired, or evicted.

use super::{Found, Removed, Store};
use crate::options::{REMOVED_MAX, STEPS_PER_COMMIT, STEPS_PER_VICTIM};
use crate::policy::Policy;
use crate::slab::{Freed, Phase, SlotId};
use crate::stats::Cause;

impl<P: Policy> Store<P> {
    /// Invalidates a key. Says what was there; a load that runs will be refused.
    pub fn remove(&mut self, key: &[u64]) -> Option<Found> {
        let slot = self.lookup(self.index.hash(key), key).ok()?;
        self.remove_slot(slot)
    }

    /// Invalidates whatever is in a slot.
    pub fn remove_slot(&mut self, slot: SlotId) -> Option<Found> {
        self.removed.clear();
        let found = match self.slab.phase(slot) {
            Phase::Vacant => return None,
            Phase::Pending => Found::Pending(slot),
            Phase::Resident(_) => {
                self.stats.count(Cause::Invalidated);
                Found::Resident(slot)
            }
        };
        self.release(slot);
        Some(found)
    }

    /// Invalidates everything; loads that run will be refused. Nothing is listed: it is everything.
    pub fn clear(&mut self) {
        self.removed.clear();
        self.stats.removals.invalidated += u64::from(self.slab.resident());
        self.stats.bytes = 0;
        self.index.clear();
        self.slab.clear();
        self.expiry.clear();
        self.policy.clear();
    }

    /// Frees what has expired, in at most `limit` steps (and [`REMOVED_MAX`]): see [`removed`](Self::removed). When a commit's list was
    /// full there may be more to evict, which goes now. `true` when there is more to do at `now`.
    pub fn sweep(&mut self, now: f64, limit: usize) -> bool {
        self.now = now;
        self.removed.clear();
        self.sweep_on(limit.min(REMOVED_MAX));
        self.evict(false);
        self.expiry.is_due(now)
    }

    /// Evicts until no more than `bytes` are held, or `limit` entries (at most [`REMOVED_MAX`]) have gone: see
    /// [`removed`](Self::removed). For a bound that several stores share, so the latest operation may have been long before `now`; a time
    /// that is not a number is not known, and no reason to take everything for expired.
    pub fn trim(&mut self, bytes: u64, limit: usize, now: f64) -> &[Removed] {
        self.at(now);
        self.removed.clear();
        while self.stats.bytes > bytes && self.removed.len() < limit.min(REMOVED_MAX) && self.evict_one(false)
        {
        }
        &self.removed
    }

    /// Who left in the latest [`commit`](Self::commit), [`insert`](Self::insert), [`sweep`](Self::sweep) or [`trim`](Self::trim).
    pub fn removed(&self) -> &[Removed] {
        &self.removed
    }

    /// The time at which a [`sweep`](Self::sweep) has something to do; `Infinity` when nothing can expire. That the first deadline
    /// passes then is not said, only that none passes before, to the millisecond.
    pub fn next_due(&self) -> f64 {
        self.expiry.next_due()
    }

    /// A few steps for each commit, so that what has expired goes also where nobody ever sweeps. Whether there is nothing more.
    #[inline]
    pub(super) fn sweep_a_little(&mut self) -> bool {
        self.expiry.is_quiet(self.now) || self.sweep_on(STEPS_PER_COMMIT)
    }

    #[inline(never)]
    fn sweep_on(&mut self, mut budget: usize) -> bool {
        // A list without room for one more is no reason to lose what leaves: it stays.
        while self.has_room(1) {
            let Some(slot) = self.expiry.next_expired(self.now, &mut budget) else { return budget > 0 };
            self.remove_as(slot, Cause::Expired);
        }
        false
    }

    /// Back within the bounds, or as far as one removed list goes. `all_live`: nothing has expired for certain.
    #[inline]
    pub(super) fn evict(&mut self, all_live: bool) {
        while self.slab.resident() > self.options.max_entries() || self.stats.bytes > self.options.max_bytes()
        {
            if self.removed.len() >= REMOVED_MAX || !self.evict_one(all_live) {
                break;
            }
        }
    }

    /// `false` when there is nothing to evict, or no room to list it.
    #[inline(never)]
    fn evict_one(&mut self, all_live: bool) -> bool {
        if !self.has_room(1) {
            return false;
        }
        // What has expired goes first.
        if !all_live && self.evict_expired() {
            return true;
        }
        let Some(victim) = self.policy.victim(&mut self.slab) else { return false };
        self.discard(victim);
        true
    }

    /// `false` when nothing that has expired is found in a few steps.
    #[inline(never)]
    fn evict_expired(&mut self) -> bool {
        let Some(expired) = self.expiry.next_expired(self.now, &mut { STEPS_PER_VICTIM }) else {
            return false;
        };
        self.remove_as(expired, Cause::Expired);
        true
    }

    /// Whether so many more can be listed as removed.
    #[inline]
    pub(super) fn has_room(&mut self, more: usize) -> bool {
        self.removed.capacity() - self.removed.len() >= more || self.make_room(more)
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self, more: usize) -> bool {
        self.removed.try_reserve(more).is_ok()
    }

    /// Evicts one entry; one that has expired has expired.
    #[inline]
    pub(super) fn discard(&mut self, slot: SlotId) {
        let expired = self.expiry.is_expired(slot, self.now);
        self.remove_as(slot, if expired { Cause::Expired } else { Cause::Size });
    }

    /// Resident to vacant, counted and listed.
    #[inline]
    pub(super) fn remove_as(&mut self, slot: SlotId, cause: Cause) {
        self.release(slot);
        self.stats.count(cause);
        self.removed.push(Removed { slot, cause });
    }

    /// Out of use, from whatever state. `false` when it was not in use.
    #[inline(never)]
    pub(super) fn release(&mut self, slot: SlotId) -> bool {
        let Some(Freed { weight, own_cells }) = self.slab.free(slot) else { return false };
        self.index.remove(&mut self.slab, slot);
        self.stats.bytes -= Self::cost(own_cells);
        if let Some(weight) = weight {
            self.forget(slot, weight);
        }
        true
    }

    /// What it means, beside the slot's state, that a slot is no longer resident.
    pub(super) fn leave(&mut self, slot: SlotId) {
        if let Phase::Resident(weight) = self.slab.phase(slot) {
            self.forget(slot, weight);
        }
    }

    #[inline(always)]
    fn forget(&mut self, slot: SlotId, weight: u32) {
        self.stats.bytes -= u64::from(weight);
        self.expiry.forget(slot);
        self.policy.on_remove(&mut self.slab, slot);
    }
}

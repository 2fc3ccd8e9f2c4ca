//! One index: the structures tied together, and the only file that moves a slot from state to state.
//!
//! How a key is found, reserved, and gets its value; how entries leave is in `removal`, and what can be asked without consequences in `queries`.
//!
//! What each of the structures holds follows from the slot's state: the table holds every slot in use, policy and deadlines
//! exactly the resident ones. Memory is reserved before anything changes, so an operation happens or does not.

use crate::error::Error;
use crate::expiry::{is_past, Expiry, DEADLINE_BYTES};
use crate::hash::KeyHash;
use crate::index::{Index, INDEX_BYTES};
use crate::key::alike;
use crate::options::{Options, KEY_CELLS, STEPS_PER_COMMIT};
use crate::policy::{Policy, TinyLfu};
use crate::slab::{counted_as, Generation, Phase, Slab, SlotId, SLOT_BYTES};
use crate::stats::{Cause, Stats};
use std::hint::black_box;

mod queries;
mod removal;
#[cfg(any(test, fuzzing, debug_assertions))]
mod validate;

/// What a probe met. The generation with a pending slot is the token for [`Store::commit`] and [`Store::abandon`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A live entry.
    Hit(SlotId),
    /// A load of this key runs: join it.
    Pending(SlotId, Generation),
    /// Nothing, or something expired. The slot is reserved for the load that the caller now begins; a value it held is gone.
    Miss(SlotId, Generation),
}

/// What a look without consequences met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A live entry.
    Resident(SlotId),
    /// A load of this key runs.
    Pending(SlotId),
}

/// What became of a value offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is resident.
    Stored,
    /// It may not be kept (its deadline is past, it is larger than all may be, nothing is ever kept, or there is no memory for its
    /// deadline); the slot is vacant, the key dropped.
    Refused,
    /// The slot's generation moved on: invalidated meanwhile, or already committed.
    Moved,
}

/// An entry that left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Where it was.
    pub slot: SlotId,
    /// Why it left.
    pub cause: Cause,
}

/// One index.
#[derive(Debug)]
pub struct Store<P: Policy = TinyLfu> {
    options: Options,
    index: Index,
    slab: Slab,
    expiry: Expiry,
    policy: P,
    /// All counts but entries and pending, which the slab knows.
    stats: Stats,
    removed: Vec<Removed>,
    /// The time of the latest operation that had one, for those that have none.
    now: f64,
}

/// Of more slots than this an eviction seldom finds in the processor's cache what it reads. Few in tests, so that one looks ahead.
const WIDE: usize = if cfg!(any(test, fuzzing)) { 8 } else { 1 << 15 };

/// What is promised of memory, on every target.
const _: () = assert!(Store::<TinyLfu>::ENTRY_BYTES <= 96);

impl<P: Policy> Store<P> {
    /// Bytes of bookkeeping for each slot in use.
    pub const ENTRY_BYTES: usize = SLOT_BYTES + INDEX_BYTES + DEADLINE_BYTES + P::SLOT_BYTES;

    /// No key with its bookkeeping takes more bytes.
    const LARGEST_KEY: u64 = Self::cost(KEY_CELLS);

    /// An empty store. It takes memory as it fills.
    pub fn new(options: Options, hasher: KeyHash) -> Self {
        Self {
            options,
            index: Index::new(hasher),
            slab: Slab::default(),
            expiry: Expiry::default(),
            policy: P::new(options.max_entries()),
            stats: Stats::default(),
            removed: Vec::new(),
            now: f64::NEG_INFINITY,
        }
    }

    /// Another bound in bytes, which holds from the next entry on.
    ///
    /// # Errors
    /// [`Error::BadMaxBytes`], and nothing has changed.
    pub fn bound(&mut self, max_bytes: f64) -> Result<(), Error> {
        self.options = Options::new(f64::from(self.options.max_entries()), max_bytes)?;
        Ok(())
    }

    /// It is `now` (milliseconds) for what has no time of its own. What is no number is not known: the time of the latest operation.
    #[inline]
    pub fn at(&mut self, now: f64) {
        if !now.is_nan() {
            self.now = now;
        }
    }

    /// Looks a key up at `now` (milliseconds), counts, and reserves a pending slot when there is nothing.
    ///
    /// # Errors
    /// No memory or no slot: counted as a miss, nothing reserved.
    #[inline]
    pub fn probe(&mut self, key: &[u64], now: f64) -> Result<Probe, Error> {
        self.now = now;
        let hash = self.index.hash(key);
        let Self { index, slab, expiry, policy, stats, .. } = self;
        let (slots, keys) = slab.parts();
        let mut is_older = false;
        // What the slot says is asked for where it has just been found.
        let met = index.find(slots, hash, |slot, held| {
            if !held.has_key(keys, key) {
                return None;
            }
            if held.is_pending() {
                stats.coalesced += 1;
                return Some(Probe::Pending(slot, held.generation()));
            }
            if expiry.is_expired(slot, now) {
                return Some(Probe::Miss(slot, held.generation()));
            }
            stats.hits += 1;
            is_older = policy.on_hit(held, hash);
            Some(Probe::Hit(slot))
        });
        match met {
            Ok(Probe::Hit(slot)) if is_older => {
                policy.renew(slab, slot);
                Ok(Probe::Hit(slot))
            }
            // Expired: it is not reserved yet.
            Ok(Probe::Miss(slot, _)) => {
                self.expired(slot);
                Ok(Probe::Miss(slot, self.slab.generation(slot)))
            }
            Ok(met) => Ok(met),
            Err(chain) => {
                let (slot, generation) = self.slab.next();
                self.missed(hash, key, chain).map(|()| Probe::Miss(slot, generation))
            }
        }
    }

    /// A load begins where there is nothing. Not part of the lookup, in which a hit would pay for what only a miss keeps at hand; so what several
    /// numbers would say, for which wasm needs a frame, is asked of the slab.
    #[inline(never)]
    fn missed(&mut self, hash: u32, key: &[u64], chain: usize) -> Result<(), Error> {
        self.stats.misses += 1;
        self.occupy(hash, key, chain)?;
        if self.slab.len() > WIDE && self.stats.removals.size > 0 {
            self.look_ahead();
        }
        Ok(())
    }

    /// Reads what the eviction after the load will read, so that memory has brought it by then.
    #[inline(never)]
    fn look_ahead(&self) {
        let hash = self.policy.foresee(&self.slab);
        black_box(self.index.may_have(hash));
    }

    /// A load begins in place of what has expired.
    #[inline(never)]
    fn expired(&mut self, slot: SlotId) {
        self.stats.misses += 1;
        self.stats.count(Cause::Expired);
        self.leave(slot);
        self.slab.renew(slot);
    }

    /// Reserves a key's slot for a load that the caller begins, whatever is there: a load that runs will be refused. `true`
    /// when a live entry was there; its value is the caller's to put back. Nothing is counted but what has expired.
    ///
    /// # Errors
    /// No memory or no slot: nothing reserved.
    pub fn claim(&mut self, key: &[u64], now: f64) -> Result<(SlotId, Generation, bool), Error> {
        self.now = now;
        let hash = self.index.hash(key);
        let slot = match self.lookup(hash, key) {
            Ok(slot) => slot,
            Err(chain) => {
                let (slot, generation) = self.slab.next();
                return self.occupy(hash, key, chain).map(|()| (slot, generation, false));
            }
        };
        let resident = matches!(self.slab.phase(slot), Phase::Resident(_));
        let expired = resident && self.expiry.is_expired(slot, now);
        if expired {
            self.stats.count(Cause::Expired);
        }
        self.leave(slot);
        self.slab.renew(slot);
        Ok((slot, self.slab.generation(slot), resident && !expired))
    }

    /// Looks a key up at `now` and changes nothing: no count, no recency, no reservation.
    pub fn find(&mut self, key: &[u64], now: f64) -> Option<Found> {
        self.now = now;
        let slot = self.lookup(self.index.hash(key), key).ok()?;
        match self.slab.phase(slot) {
            Phase::Pending => Some(Found::Pending(slot)),
            Phase::Resident(_) if !self.expiry.is_expired(slot, now) => Some(Found::Resident(slot)),
            _ => None,
        }
    }

    /// The load of a pending slot has a value, good until `deadline` (milliseconds; `Infinity` for ever) and `weight` bytes.
    ///
    /// Then a few slots are swept and entries evicted as needed: see [`removed`](Self::removed). The slot itself may be
    /// among them, if the policy says so.
    pub fn commit(&mut self, slot: SlotId, generation: Generation, deadline: f64, weight: u32) -> Commit {
        self.removed.clear();
        if !self.slab.is_pending(slot, generation) {
            return Commit::Moved;
        }
        if self.refuses(|| self.slab.own_cells(slot), deadline, weight)
            || self.expiry.reserve(slot, deadline).is_err()
        {
            self.release(slot);
            return Commit::Refused;
        }
        self.settle(slot, deadline, weight);
        Commit::Stored
    }

    /// The load of a pending slot failed. `false` when the generation had moved on, and nothing was done.
    pub fn abandon(&mut self, slot: SlotId, generation: Generation) -> bool {
        self.slab.is_pending(slot, generation) && self.release(slot)
    }

    /// The value of a resident slot turns out to have this weight. Evicts like [`commit`](Self::commit), this one first if it is
    /// larger than all may be. `false` when the slot is not resident.
    pub fn weigh(&mut self, slot: SlotId, weight: u32) -> bool {
        self.removed.clear();
        let weight = counted_as(weight);
        let Some(known) = self.slab.weigh(slot, weight) else { return false };
        self.stats.bytes = self.stats.bytes - u64::from(known) + u64::from(weight);
        if self.refuses(|| self.slab.own_cells(slot), f64::INFINITY, weight) {
            self.discard(slot);
        }
        self.evict(false);
        true
    }

    /// Sets an entry, whatever is there: an entry is listed as replaced, a load that runs will be refused. The entry gets
    /// a slot of its own, never that of the one it replaces. `None` when it may not be kept; what was there is gone all the
    /// same. Sweeps and evicts like [`commit`](Self::commit).
    ///
    /// # Errors
    /// No memory or no slot; what was there is gone all the same.
    pub fn insert(&mut self, key: &[u64], deadline: f64, weight: u32) -> Result<Option<SlotId>, Error> {
        self.removed.clear();
        let hash = self.index.hash(key);
        // Who is replaced leaves its chain: that does not become longer.
        let (old, chain) = self.lookup(hash, key).map_or_else(|chain| (None, chain), |old| (Some(old), 0));
        // In the slab first and in the table last, since the table holds a key only once.
        let (slot, _) = self.slab.next();
        let keeps = !self.refuses(|| own_cells(key), deadline, weight);
        let room = |store: &mut Self| {
            store.reserve()?;
            store.expiry.reserve(slot, deadline)?;
            store.slab.occupy(key)
        };
        let occupied = if keeps { room(self) } else { Ok(()) };
        if let Some(old) = old {
            if matches!(self.slab.phase(old), Phase::Resident(_)) {
                self.remove_as(old, Cause::Replaced);
            } else {
                self.release(old);
            }
        }
        occupied?;
        if !keeps {
            return Ok(None);
        }
        self.enter(hash, slot, key, chain);
        self.settle(slot, deadline, weight);
        Ok(Some(slot))
    }

    /// Whether a value with this deadline and weight, under a key with so many cells of its own, may not be kept.
    #[inline]
    fn refuses(&self, cells: impl Fn() -> usize, deadline: f64, weight: u32) -> bool {
        let max_bytes = self.options.max_bytes();
        // Usually so much fits that its key, whatever it is, does as well.
        let fits = max_bytes >= Self::LARGEST_KEY + u64::from(weight);
        self.options.max_entries() == 0
            || (!fits && Self::cost(cells()) + u64::from(weight) > max_bytes)
            || is_past(deadline, self.now)
    }

    #[inline(never)]
    fn lookup(&mut self, hash: u32, key: &[u64]) -> Result<SlotId, usize> {
        let (slots, keys) = self.slab.parts();
        self.index.find(slots, hash, |slot, held| held.has_key(keys, key).then_some(slot))
    }

    /// The next slot, vacant to pending, for a key that is nowhere; `chain` is what the lookup said.
    #[inline(always)]
    fn occupy(&mut self, hash: u32, key: &[u64], chain: usize) -> Result<(), Error> {
        self.reserve()?;
        let (slot, _) = self.slab.next();
        self.slab.occupy(key)?;
        self.enter(hash, slot, key, chain);
        Ok(())
    }

    /// All the memory that one more slot needs, in all structures, but for its key.
    #[inline(always)]
    fn reserve(&mut self) -> Result<(), Error> {
        self.index.reserve()?;
        self.slab.reserve()?;
        self.policy.expect(self.slab.len() + 1);
        if !self.has_room(2 + STEPS_PER_COMMIT) {
            return Err(Error::OutOfMemory);
        }
        Ok(())
    }

    /// A slot just occupied enters the table.
    #[inline]
    fn enter(&mut self, hash: u32, slot: SlotId, key: &[u64], chain: usize) {
        let Self { index, slab, .. } = self;
        let hash_of = |slab: &Slab, slot, hasher: KeyHash| hasher.hash_pieces(slab.key(slot).pieces());
        index.insert(slab, hash, slot, chain, hash_of);
        self.stats.bytes += Self::cost(own_cells(key));
    }

    /// Pending to resident, with what follows from there being one entry more.
    fn settle(&mut self, slot: SlotId, deadline: f64, weight: u32) {
        let weight = counted_as(weight);
        self.slab.settle(slot, weight);
        self.stats.bytes += u64::from(weight);
        self.expiry.set(slot, deadline);
        self.policy.on_insert(&mut self.slab, slot);
        let all_live = self.sweep_a_little();
        self.evict(all_live);
    }

    /// Bytes of a slot in use with so many cells of its own, without its value.
    const fn cost(own_cells: usize) -> u64 {
        (own_cells * size_of::<u64>() + Self::ENTRY_BYTES) as u64
    }
}

/// The cells that a key has for itself.
#[inline]
fn own_cells(key: &[u64]) -> usize {
    key.len() - alike(key)
}

#[cfg(test)]
mod tests;

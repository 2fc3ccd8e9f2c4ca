//! Slots: where an entry lives, in which state, and how often that has changed hands.
//!
//! ```text
//! vacant ──occupy──▶ pending ──settle──▶ resident ──free──▶ vacant
//!                     │ ▲  ▲                 │
//!                     │ └┐ └──────renew──────┘
//!                     │  renew
//!                     └──free──▶ vacant
//! ```
//!
//! Every step out of pending or resident adds one to the slot's generation, so a token (slot, generation) handed out for a
//! pending slot is good for exactly one step. Slots are never given back to the allocator, so a generation only ever
//! goes on. It wraps after 2³² steps of one slot: a token would have to sleep through exactly that many to match again,
//! which is tolerated.

use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::options::MAX_SLOTS;

/// The name of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(pub u32);

impl SlotId {
    /// As a position in a list with one item a slot.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How many times a slot has left pending or resident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Generation(pub u32);

/// What a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State<'a> {
    /// Free.
    Vacant,
    /// A load of this key runs.
    Pending {
        /// The cells of the key.
        key: &'a [u64],
    },
    /// There is a value.
    Resident {
        /// The cells of the key.
        key: &'a [u64],
        /// Bytes the value is said to take.
        weight: u32,
    },
}

/// The state in 16 bytes, 12 in wasm: a tag of its own would cost 8.
#[derive(Debug)]
struct Slot {
    generation: Generation,
    /// Of a resident slot the weight, of a pending one `PENDING`, of a vacant one the next free slot or `NOBODY`.
    word: u32,
    /// None when the slot is vacant.
    key: Option<Box<[u64]>>,
}

/// Few enough in tests that one can run into it.
const MOST: u32 = if cfg!(test) { 1 << 13 } else { MAX_SLOTS };

/// More than any weight.
const PENDING: u32 = u32::MAX;

/// The end of the free list: there are at most 2²⁹ slots.
const NOBODY: u32 = u32::MAX;

/// The most that a value can weigh: what is said to be more counts as this.
pub const MOST_WEIGHT: u32 = PENDING - 1;

impl Slot {
    fn state(&self) -> State<'_> {
        match (&self.key, self.word) {
            (None, _) => State::Vacant,
            (Some(key), PENDING) => State::Pending { key },
            (Some(key), weight) => State::Resident { key, weight },
        }
    }

    /// A step out of pending or resident.
    fn step(&mut self, word: u32) {
        self.word = word;
        self.generation = Generation(self.generation.0.wrapping_add(1));
    }
}

/// Bytes of bookkeeping the slab keeps for a slot, beside the key.
pub const SLOT_BYTES: usize = size_of::<Slot>();

/// All slots of one index.
#[derive(Debug)]
pub struct Slab {
    slots: Vec<Slot>,
    /// The first free slot, or `NOBODY`.
    free: u32,
    pending: u32,
    resident: u32,
}

impl Default for Slab {
    fn default() -> Self {
        Self { slots: Vec::new(), free: NOBODY, pending: 0, resident: 0 }
    }
}

impl Slab {
    /// Makes sure that the next [`occupy`](Self::occupy) succeeds.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::SlotsExhausted`].
    pub fn reserve(&mut self) -> Result<(), Error> {
        if self.free != NOBODY {
            return Ok(());
        }
        if self.slots.len() >= MOST as usize {
            return Err(Error::SlotsExhausted);
        }
        Ok(self.slots.try_reserve(1)?)
    }

    /// Slots there are, vacant ones too: every [`SlotId`] is below it.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there has never been a slot.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Slots with a value.
    pub fn resident(&self) -> u32 {
        self.resident
    }

    /// Slots with a running load.
    pub fn pending(&self) -> u32 {
        self.pending
    }

    /// The state of a slot, `None` when there is no such slot.
    #[inline]
    pub fn state(&self, slot: SlotId) -> Option<State<'_>> {
        self.slots.get(slot.index()).map(Slot::state)
    }

    /// The generation of a slot; 0 when there is no such slot.
    pub fn generation(&self, slot: SlotId) -> Generation {
        self.slots.get(slot.index()).map(|slot| slot.generation).unwrap_or_default()
    }

    /// The cells of a slot's key, none when it is vacant.
    #[inline]
    pub fn key(&self, slot: SlotId) -> &[u64] {
        self.slots.get(slot.index()).and_then(|slot| slot.key.as_deref()).unwrap_or_default()
    }

    /// Whether this token still names a running load.
    pub fn is_pending(&self, slot: SlotId, generation: Generation) -> bool {
        matches!(self.state(slot), Some(State::Pending { .. })) && self.generation(slot) == generation
    }

    /// Vacant to pending.
    pub fn occupy(&mut self, key: Box<[u64]>) -> SlotId {
        self.pending += 1;
        let id = SlotId(self.free);
        if let Some(slot) = self.slots.get_mut(id.index()) {
            self.free = slot.word;
            slot.word = PENDING;
            slot.key = Some(key);
            return id;
        }
        let id = SlotId(self.slots.len() as u32);
        self.slots.push(Slot { generation: Generation::default(), word: PENDING, key: Some(key) });
        id
    }

    /// Pending to resident. `false` when the slot was not pending.
    pub fn settle(&mut self, slot: SlotId, weight: u32) -> bool {
        let Some(slot) = self.slots.get_mut(slot.index()) else { return false };
        if !matches!(slot.state(), State::Pending { .. }) {
            return false;
        }
        slot.step(weight.min(MOST_WEIGHT));
        self.pending -= 1;
        self.resident += 1;
        true
    }

    /// A resident slot's value has another weight: the one it had, `None` when the slot is not resident.
    pub fn weigh(&mut self, slot: SlotId, weight: u32) -> Option<u32> {
        let slot = self.slots.get_mut(slot.index())?;
        let State::Resident { weight: known, .. } = slot.state() else { return None };
        slot.word = weight.min(MOST_WEIGHT);
        Some(known)
    }

    /// Resident or pending to pending, with its key, in place: a load begins, and one that runs has lost its token. `false`
    /// when the slot is vacant.
    pub fn renew(&mut self, slot: SlotId) -> bool {
        let Some(slot) = self.slots.get_mut(slot.index()) else { return false };
        match slot.state() {
            State::Vacant => return false,
            State::Pending { .. } => {}
            State::Resident { .. } => {
                self.resident -= 1;
                self.pending += 1;
            }
        }
        slot.step(PENDING);
        true
    }

    /// Pending or resident to vacant; the key is dropped. `false` when the slot was not in use.
    pub fn free(&mut self, slot: SlotId) -> bool {
        let Some(held) = self.slots.get_mut(slot.index()) else { return false };
        match held.state() {
            State::Vacant => return false,
            State::Pending { .. } => self.pending -= 1,
            State::Resident { .. } => self.resident -= 1,
        }
        held.step(self.free);
        held.key = None;
        self.free = slot.0;
        true
    }

    /// Everything in use to vacant.
    pub fn clear(&mut self) {
        // From the top down, so that the lowest slots are handed out first again.
        for at in (0..self.slots.len() as u32).rev() {
            self.free(SlotId(at));
        }
    }

    /// The free list holds every vacant slot once and nothing else, and the counts are right.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self) -> Valid {
        let count = |is: fn(State) -> bool| self.slots.iter().filter(|slot| is(slot.state())).count();
        let vacant = count(|state| matches!(state, State::Vacant));
        ensure(
            self.pending as usize == count(|state| matches!(state, State::Pending { .. })),
            "slab: pending",
        )?;
        ensure(
            self.resident as usize == count(|state| matches!(state, State::Resident { .. })),
            "slab: resident",
        )?;
        let (mut free, mut listed) = (self.free, 0);
        while free != NOBODY {
            listed += 1;
            ensure(listed <= vacant, "slab: the free list is no longer than the vacant slots")?;
            let Some(slot) = self.slots.get(free as usize).filter(|slot| slot.key.is_none()) else {
                return Err("slab: the free list names a slot in use");
            };
            free = slot.word;
        }
        ensure(listed == vacant, "slab: a vacant slot is lost")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> Box<[u64]> {
        vec![n].into_boxed_slice()
    }

    #[test]
    fn every_step_out_moves_the_generation_on() {
        let mut slab = Slab::default();
        slab.reserve().unwrap();
        let slot = slab.occupy(key(1));
        assert!(slab.is_pending(slot, Generation(0)));
        assert!(slab.settle(slot, 9));
        assert_eq!(slab.generation(slot), Generation(1));
        assert!(!slab.settle(slot, 9), "a resident slot cannot settle again");
        assert!(slab.renew(slot));
        assert!(slab.is_pending(slot, Generation(2)));
        assert_eq!(slab.key(slot), [1]);
        assert!(slab.free(slot));
        assert!(!slab.free(slot), "a vacant slot cannot be freed again");
        assert!(!slab.renew(slot));
        assert_eq!((slab.generation(slot), slab.key(slot)), (Generation(3), [].as_slice()));
        slab.validate().unwrap();
        assert_eq!(slab.occupy(key(2)), slot);
        assert!(slab.is_pending(slot, Generation(3)));
        assert!(!slab.is_pending(slot, Generation(0)));
        slab.validate().unwrap();
    }

    #[test]
    fn clear_outdates_every_token_and_reuses_low_slots_first() {
        let mut slab = Slab::default();
        let slots: Vec<SlotId> = (0..5).map(|n| slab.occupy(key(n))).collect();
        assert!(slab.settle(slots[3], 0));
        slab.clear();
        slab.validate().unwrap();
        assert_eq!((slab.pending(), slab.resident(), slab.len()), (0, 0, 5));
        for slot in &slots {
            assert_eq!(slab.occupy(key(7)), *slot);
            assert!(!slab.is_pending(*slot, Generation(0)));
        }
        slab.validate().unwrap();
    }

    #[test]
    fn clear_passes_over_vacant_slots() {
        let mut slab = Slab::default();
        let slots: Vec<SlotId> = (0..3).map(|n| slab.occupy(key(n))).collect();
        assert!(slab.free(slots[1]));
        let before = slab.generation(slots[1]);
        slab.clear();
        assert_eq!(slab.generation(slots[1]), before);
        slab.validate().unwrap();
    }

    #[test]
    fn generation_wraps() {
        let mut slab = Slab::default();
        let slot = slab.occupy(key(1));
        slab.slots[0].generation = Generation(u32::MAX);
        assert!(slab.free(slot));
        assert_eq!(slab.generation(slot), Generation(0));
    }

    #[test]
    fn what_weighs_too_much_is_resident_all_the_same() {
        let mut slab = Slab::default();
        let slot = slab.occupy(key(1));
        assert!(slab.settle(slot, u32::MAX));
        assert_eq!(slab.state(slot), Some(State::Resident { key: &[1], weight: MOST_WEIGHT }));
        assert_eq!((slab.weigh(slot, u32::MAX), slab.weigh(slot, 7)), (Some(MOST_WEIGHT), Some(MOST_WEIGHT)));
        slab.validate().unwrap();
    }

    #[test]
    fn no_such_slot() {
        let mut slab = Slab::default();
        let none = SlotId(u32::MAX);
        assert!(slab.state(none).is_none() && slab.key(none).is_empty() && slab.is_empty());
        assert!(!slab.settle(none, 0) && !slab.renew(none) && !slab.free(none));
    }
}

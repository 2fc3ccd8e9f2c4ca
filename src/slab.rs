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
//! Every step into pending takes the next generation, a number that goes on for all slots together, so a token (slot, generation)
//! handed out for a pending slot is good for exactly one step. It wraps after 2³¹ of them: a token would have to sleep through
//! exactly that many, and the slot to be pending again with the last, to match again, which is tolerated.

use crate::arena::{Arena, Kept, Key, KeyRef};
use crate::chunks::Chunks;
use crate::error::Error;
use crate::index::{self, Node};
use crate::policy::Link;

mod kept;
#[cfg(any(test, fuzzing, debug_assertions))]
mod validate;
mod weight;

pub use weight::{counted_as, MOST_WEIGHT};
use weight::{kept_as, known_as};

/// The name of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(pub u32);

impl SlotId {
    /// As a position in a list with one item a slot.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which of all the loads there were a slot is pending for.
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
        key: Key<'a>,
    },
    /// There is a value.
    Resident {
        /// The cells of the key.
        key: Key<'a>,
        /// Bytes the value is said to take.
        weight: u32,
    },
}

/// What a slot is, without its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Free.
    Vacant,
    /// A load of its key runs.
    Pending,
    /// There is a value of this weight.
    Resident(u32),
}

/// What was in a slot that is vacant now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// Bytes its value was said to take; `None` where it was pending.
    pub weight: Option<u32>,
    /// The cells that were kept for its key alone.
    pub own_cells: usize,
}

/// 32 bytes, half a cache line: all that finding a short key reads of its slot, and all that evicting it writes.
#[derive(Debug)]
pub struct Slot {
    node: Node,
    /// The first cell that its key has for itself.
    first: u64,
    /// The policy's.
    link: Link,
    /// None when the slot is vacant.
    key: KeyRef,
    /// Of a resident slot the weight as it is [kept](kept_as), of a pending one `PENDING` and its generation, of a vacant one the next
    /// free slot or `NOBODY`.
    word: u32,
}

impl Default for Slot {
    fn default() -> Self {
        Self { node: Node::default(), first: 0, link: Link::default(), key: KeyRef::NONE, word: NOBODY }
    }
}

/// Few enough in tests that one can run into it.
const MOST: u32 = if cfg!(test) { 1 << 13 } else { index::NOBODY };

/// A bit that no weight has.
const PENDING: u32 = 1 << 31;

/// The end of the free list: no slot has such a name.
const NOBODY: u32 = u32::MAX;

impl Slot {
    /// Whether this is its key, which is kept there.
    #[inline]
    pub fn has_key(&self, keys: &Arena, key: &[u64]) -> bool {
        keys.is(self.key, self.first, key)
    }

    /// Whether it is pending, where it is in use.
    #[inline]
    pub const fn is_pending(&self) -> bool {
        self.word & PENDING != 0
    }

    /// The load that it is pending for; where it is not pending, none that runs.
    #[inline]
    pub const fn generation(&self) -> Generation {
        Generation(self.word ^ PENDING)
    }

    #[inline]
    fn phase(&self) -> Phase {
        match (self.key, self.word) {
            (KeyRef::NONE, _) => Phase::Vacant,
            (_, word) if word & PENDING != 0 => Phase::Pending,
            (_, kept) => Phase::Resident(known_as(kept)),
        }
    }
}

/// Bytes of bookkeeping the slab keeps for a slot, beside the key, of which a cell is in it.
pub const SLOT_BYTES: usize = size_of::<Slot>() - size_of::<u64>();

/// All slots of one index.
#[derive(Debug)]
pub struct Slab {
    slots: Chunks<Slot>,
    keys: Arena,
    len: u32,
    /// The first free slot, or `NOBODY`.
    free: u32,
    pending: u32,
    resident: u32,
    /// Of the next slot that is pending.
    generation: Generation,
}

impl Default for Slab {
    fn default() -> Self {
        Self {
            slots: Chunks::default(),
            keys: Arena::default(),
            len: 0,
            free: NOBODY,
            pending: 0,
            resident: 0,
            generation: Generation(0),
        }
    }
}

impl Slab {
    /// Makes sure that there is a [next slot](Self::next), in all lists of slots.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::SlotsExhausted`].
    pub fn reserve(&mut self) -> Result<(), Error> {
        if self.free != NOBODY {
            return Ok(());
        }
        if self.len >= MOST {
            return Err(Error::SlotsExhausted);
        }
        self.slots.reach(self.len as usize)
    }

    /// Slots there are, vacant ones too: every [`SlotId`] is below it.
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there has never been a slot.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Slots with a value.
    pub fn resident(&self) -> u32 {
        self.resident
    }

    /// Slots with a running load.
    pub fn pending(&self) -> u32 {
        self.pending
    }

    fn slot(&self, slot: SlotId) -> Option<&Slot> {
        self.slots.get(slot.index()).filter(|_| slot.0 < self.len)
    }

    fn slot_mut(&mut self, slot: SlotId) -> Option<&mut Slot> {
        self.slots.get_mut(slot.index()).filter(|_| slot.0 < self.len)
    }

    /// The slots and what their keys are kept in, for a lookup: it changes a slot whose key it has just compared.
    #[inline]
    pub fn parts(&mut self) -> (&mut Chunks<Slot>, &Arena) {
        (&mut self.slots, &self.keys)
    }

    /// The phase of a slot; vacant when there is no such slot.
    #[inline(never)]
    pub fn phase(&self, slot: SlotId) -> Phase {
        self.slots.get(slot.index()).map_or(Phase::Vacant, Slot::phase)
    }

    /// The state of a slot, `None` when there is no such slot.
    #[inline]
    pub fn state(&self, slot: SlotId) -> Option<State<'_>> {
        let held = self.slot(slot)?;
        let key = self.keys.get(held.key, &held.first);
        Some(match held.phase() {
            Phase::Vacant => State::Vacant,
            Phase::Pending => State::Pending { key },
            Phase::Resident(weight) => State::Resident { key, weight },
        })
    }

    /// The generation of a pending slot; what is none of a load that runs when the slot is not pending.
    #[inline]
    pub fn generation(&self, slot: SlotId) -> Generation {
        self.slots.get(slot.index()).map_or(Generation(PENDING), Slot::generation)
    }

    /// A slot's key, empty when it is vacant.
    #[inline(never)]
    pub fn key(&self, slot: SlotId) -> Key<'_> {
        self.slots.get(slot.index()).map_or(Key::default(), |slot| self.keys.get(slot.key, &slot.first))
    }

    /// The cells that are kept for a slot's key alone.
    #[inline(never)]
    pub fn own_cells(&self, slot: SlotId) -> usize {
        self.slots.get(slot.index()).map_or(0, |slot| self.keys.own_cells(slot.key))
    }

    /// Whether this token still names a running load.
    #[inline]
    pub fn is_pending(&self, slot: SlotId, generation: Generation) -> bool {
        let load = self.slots.get(slot.index()).filter(|slot| slot.key != KeyRef::NONE);
        load.is_some_and(|slot| slot.word & PENDING != 0 && slot.word ^ PENDING == generation.0)
    }

    /// What a slot keeps for the load that begins.
    fn next_load(&mut self) -> u32 {
        let Generation(generation) = self.generation;
        self.generation = Generation((generation + 1) & !PENDING);
        PENDING | generation
    }

    /// The slot that the next [`occupy`](Self::occupy) takes where there is room, and the load that it is pending for then.
    #[inline]
    pub const fn next(&self) -> (SlotId, Generation) {
        (SlotId(if self.free == NOBODY { self.len } else { self.free }), self.generation)
    }

    /// [The next slot](Self::next), vacant to pending. There must be [room](Self::reserve).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] when there is none for the key, and nothing has changed.
    #[inline(never)]
    pub fn occupy(&mut self, key: &[u64]) -> Result<(), Error> {
        match self.keys.add_placeless(key) {
            Some(kept) => self.take(kept),
            None => self.occupy_placed(key),
        }
    }

    #[inline(never)]
    fn occupy_placed(&mut self, key: &[u64]) -> Result<(), Error> {
        let kept = self.keys.add_placed(key)?;
        self.take(kept)
    }

    #[inline]
    fn take(&mut self, Kept { key, first }: Kept) -> Result<(), Error> {
        let (SlotId(id), _) = self.next();
        let load = self.next_load();
        let slot = self.slots.get_mut(id as usize).ok_or(Error::OutOfMemory)?;
        if self.free == NOBODY {
            self.len += 1;
        } else {
            self.free = slot.word;
        }
        (slot.key, slot.first, slot.word) = (key, first, load);
        self.pending += 1;
        Ok(())
    }

    /// Pending to resident. `false` when the slot was not pending.
    #[inline]
    pub fn settle(&mut self, slot: SlotId, weight: u32) -> bool {
        let Some(slot) = self.slots.get_mut(slot.index()).filter(|slot| slot.phase() == Phase::Pending)
        else {
            return false;
        };
        slot.word = kept_as(weight);
        self.pending -= 1;
        self.resident += 1;
        true
    }

    /// A resident slot's value has another weight: the one it had, `None` when the slot is not resident.
    pub fn weigh(&mut self, slot: SlotId, weight: u32) -> Option<u32> {
        let slot = self.slot_mut(slot)?;
        let Phase::Resident(known) = slot.phase() else { return None };
        slot.word = kept_as(weight);
        Some(known)
    }

    /// Resident or pending to pending, with its key, in place: a load begins, and one that runs has lost its token. `false`
    /// when the slot is vacant.
    pub fn renew(&mut self, slot: SlotId) -> bool {
        let phase = self.phase(slot);
        if phase == Phase::Vacant {
            return false;
        }
        let load = self.next_load();
        let Some(slot) = self.slot_mut(slot) else { return false };
        slot.word = load;
        if phase != Phase::Pending {
            self.resident -= 1;
            self.pending += 1;
        }
        true
    }

    /// Pending or resident to vacant; the key is dropped. `None` when the slot was not in use.
    #[inline]
    pub fn free(&mut self, slot: SlotId) -> Option<Freed> {
        let (key, word) = self.vacate(slot)?;
        let weight = if word & PENDING == 0 { Some(known_as(word)) } else { None };
        Some(Freed { weight, own_cells: self.keys.remove(key) })
    }

    /// The same without the key, which is still there: it, and the slot's word as it was.
    #[inline]
    fn vacate(&mut self, slot: SlotId) -> Option<(KeyRef, u32)> {
        let held = self.slots.get_mut(slot.index()).filter(|held| held.key != KeyRef::NONE)?;
        let (key, word) = (held.key, held.word);
        (held.key, held.word) = (KeyRef::NONE, self.free);
        self.free = slot.0;
        if word & PENDING == 0 {
            self.resident -= 1;
        } else {
            self.pending -= 1;
        }
        Some((key, word))
    }

    /// Everything in use to vacant, and no slot has neighbours. The memory of the keys is given back.
    pub fn clear(&mut self) {
        // From the top down, so that the lowest slots are handed out first again.
        for slot in (0..self.len).rev().map(SlotId) {
            self.vacate(slot);
            if let Some(held) = self.slot_mut(slot) {
                held.link = Link::default();
            }
        }
        self.keys = Arena::default();
    }
}

#[cfg(test)]
mod tests;

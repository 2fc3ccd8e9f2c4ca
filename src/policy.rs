//! Who goes when there are too many.

use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::slab::SlotId;

/// An eviction policy. It holds exactly the resident slots.
pub trait Policy: Default {
    /// Bytes of bookkeeping a slot costs.
    const SLOT_BYTES: usize;

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

    /// Who should go. It stays held until [`on_remove`](Self::on_remove). `None` only when nothing is held.
    fn victim(&mut self) -> Option<SlotId>;

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

/// CLOCK: a ring in order of insertion and a hand. A hit sets one flag; the hand clears flags until it meets a slot without.
/// A new slot comes in last and flagged, so it is never the victim of its own arrival.
#[derive(Debug, Default)]
pub struct Clock {
    ring: Vec<Seat>,
    hand: Option<SlotId>,
}

#[derive(Clone, Copy, Debug)]
struct Seat {
    /// The slot itself when it is not in the ring.
    prev: SlotId,
    next: SlotId,
    held: bool,
    read: bool,
}

impl Clock {
    fn seat(&mut self, slot: SlotId) -> Option<&mut Seat> {
        self.ring.get_mut(slot.index())
    }

    fn join(&mut self, left: SlotId, right: SlotId) {
        if let Some(seat) = self.seat(left) {
            seat.next = right;
        }
        if let Some(seat) = self.seat(right) {
            seat.prev = left;
        }
    }
}

impl Policy for Clock {
    const SLOT_BYTES: usize = size_of::<Seat>();

    fn reserve(&mut self, slots: usize) -> Result<(), Error> {
        let len = self.ring.len();
        if slots > len {
            self.ring.try_reserve(slots - len)?;
            self.ring.extend((len..slots).map(|at| {
                let itself = SlotId(at as u32);
                Seat { prev: itself, next: itself, held: false, read: false }
            }));
        }
        Ok(())
    }

    fn on_insert(&mut self, slot: SlotId, _hash: u32) {
        match self.seat(slot) {
            Some(seat) if !seat.held => *seat = Seat { prev: slot, next: slot, held: true, read: true },
            _ => return,
        }
        match self.hand.and_then(|hand| Some((hand, self.seat(hand)?.prev))) {
            None => self.hand = Some(slot),
            Some((hand, last)) => {
                self.join(last, slot);
                self.join(slot, hand);
            }
        }
    }

    #[inline]
    fn on_hit(&mut self, slot: SlotId, _hash: u32) {
        if let Some(seat) = self.seat(slot) {
            seat.read = true;
        }
    }

    fn on_remove(&mut self, slot: SlotId) {
        let Some(seat) = self.seat(slot) else { return };
        if !std::mem::take(&mut seat.held) {
            return;
        }
        let Seat { prev, next, .. } = *seat;
        self.join(prev, next);
        if self.hand == Some(slot) {
            self.hand = if next == slot { None } else { Some(next) };
        }
    }

    fn victim(&mut self) -> Option<SlotId> {
        // Ends within two rounds: the first clears every flag.
        loop {
            let hand = self.hand?;
            let seat = self.seat(hand)?;
            if !std::mem::take(&mut seat.read) {
                return Some(hand);
            }
            self.hand = Some(seat.next);
        }
    }

    fn clear(&mut self) {
        self.hand = None;
        self.ring.iter_mut().for_each(|seat| seat.held = false);
    }

    #[cfg(any(test, fuzzing, debug_assertions))]
    fn holds(&self, slot: SlotId) -> bool {
        self.ring.get(slot.index()).is_some_and(|seat| seat.held)
    }

    #[cfg(any(test, fuzzing, debug_assertions))]
    fn validate(&self) -> Valid {
        let held = self.ring.iter().filter(|seat| seat.held).count();
        let Some(hand) = self.hand else { return ensure(held == 0, "clock: held slots without a hand") };
        let (mut at, mut seen) = (hand, 0);
        loop {
            let Some(seat) = self.ring.get(at.index()) else { return Err("clock: a link leads nowhere") };
            seen += 1;
            ensure(seat.held, "clock: a slot in the ring is not held")?;
            ensure(seen <= held, "clock: the ring does not close")?;
            let back = self.ring.get(seat.next.index()).map(|next| next.prev);
            ensure(back == Some(at), "clock: next and prev disagree")?;
            at = seat.next;
            if at == hand {
                return ensure(seen == held, "clock: a held slot is not in the ring");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(slots: u32) -> Clock {
        let mut clock = Clock::default();
        clock.reserve(slots as usize).unwrap();
        for slot in 0..slots {
            clock.on_insert(SlotId(slot), 0);
            clock.validate().unwrap();
        }
        clock
    }

    fn evict(clock: &mut Clock) -> Option<u32> {
        let victim = clock.victim()?;
        clock.on_remove(victim);
        clock.validate().unwrap();
        Some(victim.0)
    }

    #[test]
    fn the_oldest_goes_unless_it_was_read() {
        let mut clock = clock(4);
        assert_eq!(evict(&mut clock), Some(0));
        clock.on_hit(SlotId(1), 0);
        assert_eq!(evict(&mut clock), Some(2));
        assert_eq!(evict(&mut clock), Some(3));
        assert_eq!(evict(&mut clock), Some(1));
        assert_eq!(evict(&mut clock), None);
    }

    #[test]
    fn the_newest_is_never_the_victim_of_its_arrival() {
        let mut clock = clock(3);
        for round in 0..50u32 {
            for slot in 0..3 {
                clock.on_hit(SlotId(slot), 0);
            }
            let newest = SlotId(round % 3);
            clock.on_remove(newest);
            clock.on_insert(newest, 0);
            let victim = clock.victim().unwrap();
            assert_ne!(victim, newest);
            clock.on_remove(victim);
            clock.on_insert(victim, 0);
            clock.validate().unwrap();
        }
    }

    #[test]
    fn wrong_notices_are_ignored() {
        let mut clock = clock(2);
        clock.on_insert(SlotId(1), 0);
        clock.on_remove(SlotId(9));
        clock.on_hit(SlotId(9), 0);
        clock.on_insert(SlotId(9), 0);
        clock.on_remove(SlotId(1));
        clock.on_remove(SlotId(1));
        clock.validate().unwrap();
        assert!(clock.holds(SlotId(0)) && !clock.holds(SlotId(1)));
        clock.clear();
        clock.validate().unwrap();
        assert_eq!(clock.victim(), None);
    }
}

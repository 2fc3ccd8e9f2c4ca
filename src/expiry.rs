//! Deadlines: absolute milliseconds on the caller's clock, one a slot.
//!
//! Reading checks the deadline of what it reads, exactly. What nobody reads again comes up in a [wheel](crate::wheel) of ticks of a
//! millisecond: the first whole one at or after the deadline. No time is the wheel's own, so any clock will do: one that starts at 0 or
//! below, jumps, or goes back.

use crate::chunks::Chunks;
use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::slab::SlotId;
use crate::wheel::{Wheel, LAST_TICK, WHEEL_BYTES};

/// Never.
const NEVER: f64 = f64::INFINITY;

/// Bytes kept for a slot.
pub const DEADLINE_BYTES: usize = size_of::<f64>() + WHEEL_BYTES;

/// The tick of time 0, and how far ticks go both ways: where milliseconds are whole anyway.
const ORIGIN: f64 = (1u64 << 52) as f64;

/// The tick of a whole millisecond; a number there is no tick for is the nearest, and what is no number the first.
fn tick(time: f64) -> u64 {
    ((time + ORIGIN) as u64).min(2 * ORIGIN as u64)
}

/// Up to this tick everything has expired at `now`: at a time that is not a number, everything.
fn reached(now: f64) -> u64 {
    if now.is_nan() {
        return LAST_TICK;
    }
    tick(now.floor())
}

/// The tick at which something with this deadline has expired; not a number, it always has.
fn tick_of(deadline: f64) -> u64 {
    tick(deadline.ceil())
}

/// Whether something with this deadline is too old at `now`: at the deadline it is. `Infinity` never is. A deadline that is
/// not a number always is, and at a time that is not a number everything that can be: better to load than to serve what has
/// no known age.
#[inline]
pub fn is_past(deadline: f64, now: f64) -> bool {
    deadline.is_nan() || (deadline < NEVER && (now >= deadline || now.is_nan()))
}

/// A deadline as it is kept: `NEVER` is 0, which is what stands where nobody wrote.
fn kept(deadline: f64) -> u64 {
    deadline.to_bits() ^ NEVER.to_bits()
}

/// The deadline that is kept so.
fn known(kept: u64) -> f64 {
    f64::from_bits(kept ^ NEVER.to_bits())
}

/// The deadlines of all slots.
#[derive(Debug, Default)]
pub struct Expiry {
    /// See [`kept`].
    deadlines: Chunks<u64>,
    wheel: Wheel,
}

impl Expiry {
    /// Room for a slot that gets this deadline: no memory is taken before there is one that can pass.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    #[inline]
    pub fn reserve(&mut self, slot: SlotId, deadline: f64) -> Result<(), Error> {
        if deadline == NEVER {
            return Ok(());
        }
        self.wheel.reserve(slot)?;
        self.deadlines.reach(slot.index())
    }

    /// Gives a slot its deadline. One that can pass needs [room](Self::reserve).
    pub fn set(&mut self, slot: SlotId, deadline: f64) {
        let Some(held) = self.deadlines.get_mut(slot.index()) else { return };
        let before = std::mem::replace(held, kept(deadline));
        if deadline != NEVER {
            self.wheel.put(slot, tick_of(deadline));
        } else if before != 0 {
            self.wheel.remove(slot);
        }
    }

    /// Takes a slot's deadline away.
    pub fn forget(&mut self, slot: SlotId) {
        self.set(slot, NEVER);
    }

    /// Takes all deadlines away, and gives the memory back.
    pub fn clear(&mut self) {
        self.deadlines = Chunks::default();
        self.wheel.clear();
    }

    /// Whether the deadline of a slot has passed.
    #[inline]
    pub fn is_expired(&self, slot: SlotId, now: f64) -> bool {
        self.deadlines.get(slot.index()).is_some_and(|deadline| is_past(known(*deadline), now))
    }

    /// The deadline of a slot; `NEVER` where there is none.
    pub fn deadline(&self, slot: SlotId) -> f64 {
        self.deadlines.get(slot.index()).map_or(NEVER, |deadline| known(*deadline))
    }

    /// An expired slot, which the caller takes away; at most a millisecond after its deadline. Looks at no more than `budget` slots;
    /// `budget` keeps what is left.
    #[inline(never)]
    pub fn next_expired(&mut self, now: f64, budget: &mut usize) -> Option<SlotId> {
        let tick = reached(now);
        self.wheel.set_back(tick);
        while *budget > 0 {
            let Some(slot) = self.wheel.due() else {
                if self.wheel.turn(tick) {
                    continue;
                }
                return None;
            };
            *budget -= 1;
            let deadline = self.deadline(slot);
            if is_past(deadline, now) {
                return Some(slot);
            }
            self.wheel.put_off(slot, tick_of(deadline));
        }
        None
    }

    /// The time at which there is something to do for [`next_expired`](Self::next_expired): no later than the first deadline passes,
    /// to the millisecond. `Infinity` when no deadline can pass.
    pub fn next_due(&self) -> f64 {
        self.wheel.next().map_or(NEVER, |tick| tick as f64 - ORIGIN)
    }

    /// Whether there is something to do for [`next_expired`](Self::next_expired) now.
    pub fn is_due(&self, now: f64) -> bool {
        self.wheel.next().is_some_and(|tick| tick <= reached(now))
    }

    /// Whether a slot has a deadline that can pass.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn is_finite(&self, slot: SlotId) -> bool {
        self.deadlines.get(slot.index()).is_some_and(|deadline| *deadline != 0)
    }

    /// Exactly the slots whose deadline can pass are in the wheel, and it is sound.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self) -> Valid {
        for slot in self.deadlines.iter().map(|(at, _)| SlotId(at as u32)) {
            ensure(self.is_finite(slot) == self.wheel.holds(slot), "expiry: the wheel holds what can pass")?;
        }
        self.wheel.validate(|slot| tick_of(self.deadline(slot)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_at_the_deadline_itself() {
        assert!(!is_past(10.0, 9.999));
        assert!(is_past(10.0, 10.0));
        assert!(is_past(0.0, 0.0));
        assert!(!is_past(NEVER, NEVER));
        assert!(!is_past(2f64.powi(40), 1e9), "deadlines beyond 2^31 ms");
        assert!(is_past(f64::NEG_INFINITY, 0.0));
        assert!(is_past(f64::NAN, 0.0));
        assert!(is_past(1.0, f64::NAN) && !is_past(NEVER, f64::NAN));
    }

    fn with(deadlines: &[f64]) -> Expiry {
        let mut expiry = Expiry::default();
        for (slot, deadline) in deadlines.iter().enumerate() {
            expiry.reserve(SlotId(slot as u32), *deadline).unwrap();
            expiry.set(SlotId(slot as u32), *deadline);
        }
        expiry.validate().unwrap();
        expiry
    }

    /// Who has expired at `now`, by number; they are taken away.
    fn expired(expiry: &mut Expiry, now: f64) -> Vec<u32> {
        let mut found = vec![];
        while let Some(slot) = expiry.next_expired(now, &mut 1000) {
            expiry.forget(slot);
            expiry.validate().unwrap();
            found.push(slot.0);
        }
        expiry.validate().unwrap();
        found.sort_unstable();
        found
    }

    #[test]
    fn everyone_comes_up_when_due_and_not_before() {
        let mut expiry = with(&[NEVER, 5.0, 0.5, 64.0, 1e6, 1e13, 7.0]);
        assert_eq!(expired(&mut expiry, 0.0), []);
        assert_eq!(expired(&mut expiry, 0.5), [], "a fraction of a millisecond late");
        assert_eq!((expired(&mut expiry, 1.0), expired(&mut expiry, 6.9)), (vec![2], vec![1]));
        assert_eq!(expired(&mut expiry, 999_999.9), [3, 6]);
        assert_eq!((expired(&mut expiry, 1e6), expired(&mut expiry, 1e13 - 1.0)), (vec![4], vec![]));
        assert_eq!((expired(&mut expiry, 1e13), expiry.next_due()), (vec![5], NEVER));
    }

    #[test]
    fn a_clock_may_start_anywhere_stop_making_sense_and_go_back() {
        let mut expiry = with(&[10.0, -1e9, 1e300, f64::MAX, -1e300]);
        assert_eq!(expired(&mut expiry, f64::NEG_INFINITY), []);
        assert_eq!((expired(&mut expiry, -2e9), expired(&mut expiry, -1e9)), (vec![4], vec![1]));
        expiry.set(SlotId(1), 20.0);
        assert_eq!(expired(&mut expiry, 1e200), [0, 1]);
        expiry.set(SlotId(0), 100.0);
        assert_eq!((expired(&mut expiry, 99.0), expired(&mut expiry, -50.0)), (vec![], vec![]));
        assert_eq!((expired(&mut expiry, 100.0), expired(&mut expiry, 1e301)), (vec![0], vec![2]));
        assert_eq!(expired(&mut expiry, f64::NAN), [3]);
        expiry.set(SlotId(0), f64::NAN);
        assert_eq!(expired(&mut expiry, 0.0), [0]);
    }

    #[test]
    fn next_due_is_never_late_and_comes_nearer() {
        let mut expiry = with(&[1e6 + 0.5, NEVER]);
        let (mut now, mut looks) = (0.0, 0);
        while expired(&mut expiry, now).is_empty() {
            assert!(expiry.next_due() > now && expiry.next_due() <= 1e6 + 1.0);
            now = expiry.next_due();
            looks += 1;
        }
        assert!(now == 1e6 + 1.0 && looks <= 7, "{looks} looks, {now}");
    }

    #[test]
    fn nothing_that_can_pass_costs_nothing() {
        let mut expiry = with(&[NEVER; 1000]);
        let mut budget = 4;
        assert_eq!((expiry.next_expired(1e9, &mut budget), budget), (None, 4));
        assert_eq!(expiry.deadlines.iter().count(), 0, "not even memory");
        expiry.reserve(SlotId(1), 1.0).unwrap();
        expiry.set(SlotId(1), 1.0);
        expiry.clear();
        expiry.validate().unwrap();
        assert!(!expiry.is_expired(SlotId(1), 2.0) && !expiry.is_expired(SlotId(5000), 2.0));
        assert_eq!(expiry.next_due(), NEVER);
    }
}

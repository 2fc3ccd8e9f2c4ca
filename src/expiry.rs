//! Deadlines: absolute milliseconds on the caller's clock, one a slot.
//!
//! Reading checks the deadline of what it reads. What nobody reads again is found by a cursor that goes round all slots, a
//! few at a time, so no single operation pays for many.

use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::slab::SlotId;

/// Never.
const NEVER: f64 = f64::INFINITY;

/// Bytes kept for a slot.
pub const DEADLINE_BYTES: usize = size_of::<f64>();

/// Whether something with this deadline is too old at `now`: at the deadline it is. `Infinity` never is. A deadline that is
/// not a number always is, and at a time that is not a number everything that can be: better to load than to serve what has
/// no known age.
#[inline]
pub fn is_past(deadline: f64, now: f64) -> bool {
    deadline.is_nan() || (deadline < NEVER && (now >= deadline || now.is_nan()))
}

/// The deadlines of all slots.
#[derive(Debug, Default)]
pub struct Expiry {
    deadlines: Vec<f64>,
    /// How many are not `NEVER`; with none there is nothing to look for.
    finite: usize,
    cursor: usize,
}

impl Expiry {
    /// Room for so many slots.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn reserve(&mut self, slots: usize) -> Result<(), Error> {
        if slots > self.deadlines.len() {
            self.deadlines.try_reserve(slots - self.deadlines.len())?;
            self.deadlines.resize(slots, NEVER);
        }
        Ok(())
    }

    /// Gives a slot its deadline. A slot beyond what was reserved is ignored.
    pub fn set(&mut self, slot: SlotId, deadline: f64) {
        if let Some(held) = self.deadlines.get_mut(slot.index()) {
            self.finite -= usize::from(*held != NEVER);
            self.finite += usize::from(deadline != NEVER);
            *held = deadline;
        }
    }

    /// Takes a slot's deadline away.
    pub fn forget(&mut self, slot: SlotId) {
        self.set(slot, NEVER);
    }

    /// Takes all deadlines away.
    pub fn clear(&mut self) {
        self.deadlines.fill(NEVER);
        self.finite = 0;
        self.cursor = 0;
    }

    /// Whether the deadline of a slot has passed.
    #[inline]
    pub fn is_expired(&self, slot: SlotId, now: f64) -> bool {
        self.deadlines.get(slot.index()).is_some_and(|deadline| is_past(*deadline, now))
    }

    /// The deadline of a slot; `NEVER` where there is none.
    pub fn deadline(&self, slot: SlotId) -> f64 {
        self.deadlines.get(slot.index()).copied().unwrap_or(NEVER)
    }

    /// The next expired slot round the cursor, looking at no more than `budget` slots; `budget` keeps what is left.
    pub fn next_expired(&mut self, now: f64, budget: &mut usize) -> Option<SlotId> {
        while *budget > 0 && self.finite > 0 {
            *budget -= 1;
            let at = self.cursor;
            self.cursor = if at + 1 < self.deadlines.len() { at + 1 } else { 0 };
            if self.deadlines.get(at).is_some_and(|deadline| is_past(*deadline, now)) {
                return Some(SlotId(at as u32));
            }
        }
        None
    }

    /// Whether a slot has a deadline that can pass.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn is_finite(&self, slot: SlotId) -> bool {
        self.deadlines.get(slot.index()).is_some_and(|deadline| *deadline != NEVER)
    }

    /// The count of deadlines that can pass is right, and the cursor stands on a slot.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self) -> Valid {
        let finite = self.deadlines.iter().filter(|deadline| **deadline != NEVER).count();
        ensure(self.finite == finite, "expiry: count of finite deadlines")?;
        ensure(self.cursor == 0 || self.cursor < self.deadlines.len(), "expiry: cursor")
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

    #[test]
    fn the_cursor_finds_each_expired_slot_within_one_round() {
        let mut expiry = Expiry::default();
        expiry.reserve(10).unwrap();
        for slot in [2, 3, 7] {
            expiry.set(SlotId(slot), f64::from(slot));
        }
        expiry.validate().unwrap();
        let (mut budget, mut found) = (10, vec![]);
        while let Some(slot) = expiry.next_expired(5.0, &mut budget) {
            expiry.forget(slot);
            found.push(slot.0);
        }
        assert_eq!((found, budget), (vec![2, 3], 0));
        assert!(!expiry.is_expired(SlotId(7), 5.0) && expiry.is_expired(SlotId(7), 7.0));
        expiry.validate().unwrap();
    }

    #[test]
    fn nothing_finite_costs_nothing() {
        let mut expiry = Expiry::default();
        expiry.reserve(1000).unwrap();
        let mut budget = 4;
        assert_eq!(expiry.next_expired(1e9, &mut budget), None);
        assert_eq!(budget, 4);
        expiry.set(SlotId(1), 1.0);
        expiry.clear();
        expiry.validate().unwrap();
        assert!(!expiry.is_expired(SlotId(1), 2.0) && !expiry.is_expired(SlotId(5000), 2.0));
    }
}

//! Deadlines: absolute milliseconds on the caller's clock, one a slot.
//!
//! Reading checks the deadline of what it reads. What nobody reads again comes up in a [wheel](crate::wheel) of ticks of a
//! millisecond: the first whole one at or after the deadline. No time is the wheel's own, so any clock will do: one that starts at 0 or
//! below, jumps, or goes back.
//!
//! Slots lie in *blocks* of sixteen. The wheel knows blocks, each by its earliest deadline or earlier; when a block comes up its slots are
//! looked at. A deadline is four bytes, what it is beyond the block's *base* in sixteenths of a millisecond, rounded down; one that is
//! further away than that reaches, three days, is kept apart.

use crate::chunks::Chunks;
use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::slab::SlotId;
use crate::wheel::{Wheel, LAST_TICK, WHEEL_BYTES};

/// Never.
const NEVER: f64 = f64::INFINITY;

/// Slots of a block.
const BLOCK: usize = 16;

/// Bytes kept for a slot.
pub const DEADLINE_BYTES: usize = (size_of::<Block>() + WHEEL_BYTES) / BLOCK;

/// So many steps of a kept deadline are a millisecond.
const FINE: f64 = 16.0;

/// Beyond this a number has no sixteenths, and from the base no more than eight bytes tell it apart.
const FAR: f64 = (1u64 << 48) as f64;

/// In place of steps: no deadline that can pass.
const NONE: u32 = 0;

/// In place of steps: the deadline is kept apart.
const APART: u32 = u32::MAX;

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

/// The deadlines of sixteen slots.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    base: f64,
    /// One more than the steps from the base, or `NONE`, or `APART`.
    steps: [u32; BLOCK],
}

impl Block {
    /// What is kept for a slot.
    #[inline]
    fn kept(&self, slot: SlotId) -> u32 {
        self.steps.get(slot.index() % BLOCK).copied().unwrap_or(NONE)
    }

    fn set(&mut self, slot: SlotId, steps: u32) {
        if let Some(kept) = self.steps.get_mut(slot.index() % BLOCK) {
            *kept = steps;
        }
    }

    #[inline]
    fn at(&self, steps: u32) -> f64 {
        self.base + f64::from(steps - 1) / FINE
    }

    /// What is kept for this deadline, which has whole sixteenths, while the base is what it is.
    #[inline]
    fn steps_to(&self, deadline: f64) -> Option<u32> {
        steps_between(self.base, deadline)
    }

    /// Whether this deadline can be kept while the base is what it is.
    #[inline]
    fn fits(&self, deadline: f64) -> bool {
        deadline.abs() <= FAR && self.steps_to(deadline).is_some()
    }

    /// The same deadlines from the earliest of them and this one, if they are near enough.
    fn based_for(self, deadline: f64) -> Option<Self> {
        let mut other = self;
        other.base = slots_of(SlotId(0)).fold(deadline, |base, slot| match self.kept(slot) {
            NONE | APART => base,
            steps => base.min(self.at(steps)),
        });
        for slot in slots_of(SlotId(0)).filter(|slot| !matches!(self.kept(*slot), NONE | APART)) {
            other.set(slot, steps_between(other.base, self.at(self.kept(slot)))?);
        }
        Some(other)
    }

    /// The block in which this deadline can be kept. `None` when it is too far from the others, or no number of sixteenths.
    #[inline(never)]
    fn fit_for(self, deadline: f64) -> Option<Self> {
        if deadline.is_nan() || deadline.abs() > FAR {
            return None;
        }
        if self.fits(deadline) {
            return Some(self);
        }
        self.based_for(deadline).filter(|block| block.steps_to(deadline).is_some())
    }
}

/// What is kept for a deadline that lies near enough behind a base; both have whole sixteenths.
#[inline]
fn steps_between(base: f64, deadline: f64) -> Option<u32> {
    let beyond = (deadline - base) * FINE;
    (beyond >= 0.0 && beyond < f64::from(APART - 1)).then(|| beyond as u32 + 1)
}

/// A deadline as far as it is kept: no later.
#[inline]
fn rounded(deadline: f64) -> f64 {
    (deadline * FINE).floor() / FINE
}

/// The slots of a block.
fn slots_of(block: SlotId) -> impl Iterator<Item = SlotId> {
    let first = block.0 * BLOCK as u32;
    // No constant, or a loop over them would be what is in it so many times.
    (first..first + std::hint::black_box(BLOCK as u32)).map(SlotId)
}

/// Where a slot's deadline is. The wheel knows blocks by the same type as slots.
const fn block_of(slot: SlotId) -> SlotId {
    SlotId(slot.0 / BLOCK as u32)
}

/// The deadlines of all slots.
#[derive(Debug, Default)]
pub struct Expiry {
    blocks: Chunks<Block>,
    /// Deadlines too far from the others of their block, in bits.
    wide: Chunks<u64>,
    /// Exactly the blocks with a deadline that can pass.
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
        self.make_room(slot, deadline)
    }

    #[inline(never)]
    fn make_room(&mut self, slot: SlotId, deadline: f64) -> Result<(), Error> {
        let block = block_of(slot);
        self.wheel.reserve(block)?;
        self.blocks.reach(block.index())?;
        let near = rounded(deadline);
        match self.blocks.get(block.index()) {
            // Usually it fits where it is, which needs no copy of the block.
            Some(block) if block.fits(near) || block.fit_for(near).is_some() => Ok(()),
            _ => self.wide.reach(slot.index()),
        }
    }

    /// Gives a slot its deadline. One that can pass needs [room](Self::reserve).
    #[inline]
    pub fn set(&mut self, slot: SlotId, deadline: f64) {
        // A function without a ttl has no blocks.
        if !self.blocks.is_empty() {
            self.put(slot, deadline);
        }
    }

    #[inline(never)]
    fn put(&mut self, slot: SlotId, deadline: f64) {
        let number = block_of(slot);
        let Some(block) = self.blocks.get_mut(number.index()) else { return };
        let had = block.kept(slot) != NONE;
        block.set(slot, NONE);
        if deadline == NEVER {
            // One by one, and up to the first: `==` calls `memcmp`, which in wasm goes by bytes.
            if had && block.steps.iter().all(|kept| *kept == NONE) {
                self.wheel.remove(number);
            }
            return;
        }
        let near = rounded(deadline);
        let isolated = !self.wide.is_empty() && block.steps.contains(&APART);
        let Some(steps) = block.steps_to(near).filter(|_| !isolated) else {
            return self.set_anew(slot, deadline);
        };
        let is_first = block.steps.iter().all(|other| other.wrapping_sub(1) >= steps - 1);
        block.set(slot, steps);
        // Where another is as early the block is in place already.
        if is_first {
            self.wheel.put(number, tick_of(near));
        }
    }

    /// The same where the base does not suit it, or some are kept apart.
    #[cold]
    #[inline(never)]
    fn set_anew(&mut self, slot: SlotId, deadline: f64) {
        let first = self.earliest(block_of(slot));
        let Some(block) = self.blocks.get_mut(block_of(slot).index()) else { return };
        if let Some(fit) = block.fit_for(rounded(deadline)) {
            *block = fit;
            block.set(slot, fit.steps_to(rounded(deadline)).unwrap_or(APART));
        } else if let Some(wide) = self.wide.get_mut(slot.index()) {
            *wide = deadline.to_bits();
            block.set(slot, APART);
        }
        let tick = tick_of(self.deadline(slot));
        if first.is_none_or(|first| tick < first) {
            self.wheel.put(block_of(slot), tick);
        }
    }

    /// Takes a slot's deadline away.
    #[inline]
    pub fn forget(&mut self, slot: SlotId) {
        self.set(slot, NEVER);
    }

    /// Takes all deadlines away, and gives the memory back.
    pub fn clear(&mut self) {
        self.blocks = Chunks::default();
        self.wide = Chunks::default();
        self.wheel.clear();
    }

    /// Whether the deadline of a slot has passed.
    #[inline]
    pub fn is_expired(&self, slot: SlotId, now: f64) -> bool {
        // A function without a ttl has no blocks.
        !self.blocks.is_empty() && is_past(self.deadline(slot), now)
    }

    /// The deadline of a slot; `NEVER` where there is none.
    #[inline(never)]
    pub fn deadline(&self, slot: SlotId) -> f64 {
        let Some(block) = self.blocks.get(block_of(slot).index()) else { return NEVER };
        match block.kept(slot) {
            NONE => NEVER,
            APART => self.wide.get(slot.index()).map_or(NEVER, |deadline| f64::from_bits(*deadline)),
            steps => block.at(steps),
        }
    }

    /// The first tick at which something in a block has expired.
    #[inline(never)]
    fn earliest(&self, block: SlotId) -> Option<u64> {
        let finite = slots_of(block).map(|slot| self.deadline(slot)).filter(|deadline| *deadline != NEVER);
        finite.map(tick_of).min()
    }

    /// Whether nothing has expired, where that is known without a look at any block. Else [`next_expired`](Self::next_expired) tells.
    #[inline]
    pub fn is_quiet(&mut self, now: f64) -> bool {
        self.blocks.is_empty() || self.wheel.rests_until(reached(now))
    }

    /// An expired slot, which the caller takes away; at most a millisecond after its deadline. Looks at no more than `budget` blocks;
    /// `budget` keeps what is left.
    #[inline(never)]
    pub fn next_expired(&mut self, now: f64, budget: &mut usize) -> Option<SlotId> {
        let tick = reached(now);
        self.wheel.set_back(tick);
        while *budget > 0 {
            let Some(block) = self.wheel.due() else {
                if self.wheel.turn(tick) {
                    continue;
                }
                return None;
            };
            *budget -= 1;
            if let Some(slot) = slots_of(block).find(|slot| self.is_expired(*slot, now)) {
                return Some(slot);
            }
            let first = self.earliest(block)?;
            self.wheel.put_off(block, first);
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
        self.blocks.get(block_of(slot).index()).is_some_and(|block| block.kept(slot) != NONE)
    }

    /// Exactly the blocks in which a deadline can pass are in the wheel, and it is sound.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self) -> Valid {
        for (at, held) in self.blocks.iter() {
            let block = SlotId(at as u32);
            let finite = held.steps.iter().any(|steps| *steps != NONE);
            ensure(finite == self.wheel.holds(block), "expiry: the wheel holds what can pass")?;
            let mut apart = slots_of(block).filter(|slot| held.kept(*slot) == APART);
            ensure(apart.all(|slot| self.wide.get(slot.index()).is_some()), "expiry: kept nowhere")?;
        }
        self.wheel.validate(|block| self.earliest(block).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;

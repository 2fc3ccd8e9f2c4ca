//! A timer wheel: slots by the tick at which they are due.
//!
//! Hierarchical: a bucket of level 0 is one tick wide, and one of each further level as wide as all of the level below. A slot lies
//! in the lowest level in which its tick and the wheel's time are in different buckets. When time comes to a bucket its slots
//! become the *due* list; those not yet due are put in again, and then lie lower. So a slot is looked at once a level at most.
//!
//! Time may be set back. What is in the wheel stays where it is: its bucket is met too early then, never too late, and it is put in
//! again. From: Varghese, Lauck, "Hashed and Hierarchical Timing Wheels" (SOSP 1987).

use crate::chunks::Chunks;
use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::slab::SlotId;

/// Buckets of a level, as a power of two.
const BITS: u32 = 6;
const WIDTH: usize = 1 << BITS;

const LEVELS: usize = 9;

/// What is due later would wait in the last bucket and be put in again and again.
pub const LAST_TICK: u64 = (1 << (LEVELS as u32 * BITS)) - 1;
const TOP: u32 = LEVELS as u32 - 1;

/// The list of what time has come to, behind those of the buckets.
const DUE: usize = LEVELS * WIDTH;

/// In place of a slot: nobody.
const NONE: u32 = u32::MAX;

/// In place of a slot before the first of a list: the list, with this bit. There are at most 2²⁹ slots.
const LIST: u32 = 1 << 31;

/// The neighbours of a slot in its list.
#[derive(Clone, Copy, Debug)]
struct Link {
    prev: u32,
    next: u32,
}

impl Default for Link {
    fn default() -> Self {
        Self { prev: NONE, next: NONE }
    }
}

/// Bytes kept for a slot.
pub const WHEEL_BYTES: usize = size_of::<Link>();

/// The wheel. A slot beyond what was reserved is ignored.
#[derive(Debug, Default)]
pub struct Wheel {
    /// Before a slot that is in no list comes `NONE`.
    links: Chunks<Link>,
    heads: Vec<u32>,
    /// Buckets that are not empty, a bit each.
    occupied: [u64; LEVELS],
    /// All buckets that begin before it were emptied.
    time: u64,
    /// No bucket that is not empty begins before it: most steps need no look at the buckets.
    next: u64,
}

impl Wheel {
    /// Room for a slot.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn reserve(&mut self, slot: SlotId) -> Result<(), Error> {
        if self.heads.is_empty() {
            self.heads.try_reserve_exact(DUE + 1)?;
            self.heads.resize(DUE + 1, NONE);
        }
        self.links.reach(slot.index())
    }

    /// Puts a slot in, wherever it was.
    #[inline(never)]
    pub fn put(&mut self, slot: SlotId, tick: u64) {
        self.remove(slot);
        let (list, begins) = self.list_of(tick);
        self.next = self.next.min(begins);
        self.link(slot, list);
    }

    /// Puts a slot that came up too early in again. What should have come up by now comes at the next tick.
    pub fn put_off(&mut self, slot: SlotId, tick: u64) {
        self.put(slot, tick.max(self.time.saturating_add(1)));
    }

    /// Takes a slot out, if it is in.
    #[inline(never)]
    pub fn remove(&mut self, slot: SlotId) {
        let Some(link) = self.links.get_mut(slot.index()) else { return };
        let Link { prev, next } = std::mem::take(link);
        if prev == NONE {
            return;
        }
        if prev & LIST == 0 {
            self.set_next(prev, next);
        } else {
            self.set_head((prev & !LIST) as usize, next);
        }
        self.set_prev(next, prev);
    }

    /// Takes everything out. Slots need [room](Self::reserve) again.
    pub fn clear(&mut self) {
        self.links = Chunks::default();
        self.heads.fill(NONE);
        self.occupied = [0; LEVELS];
        self.next = 0;
    }

    /// It is no later than this: a clock was set back.
    pub fn set_back(&mut self, tick: u64) {
        if tick < self.time {
            (self.time, self.next) = (tick, 0);
        }
    }

    /// Whether there is nothing to do up to this tick, where that needs no look at the buckets; then it is that time.
    #[inline]
    pub fn rests_until(&mut self, tick: u64) -> bool {
        let rests = self.time <= tick && tick < self.next && self.due().is_none();
        if rests {
            self.time = tick;
        }
        rests
    }

    /// One of those that time has come to, due or not.
    pub fn due(&self) -> Option<SlotId> {
        self.head(DUE)
    }

    /// When none is due: time goes on to the next bucket, which becomes the due list. `false` when there is none up to this tick.
    #[inline(never)]
    pub fn turn(&mut self, to: u64) -> bool {
        let next = if to < self.next { None } else { self.look_ahead() };
        let Some((tick, bucket)) = next.filter(|(tick, _)| *tick <= to) else {
            self.time = self.time.max(to);
            return false;
        };
        self.time = tick;
        let first = self.head(bucket).map_or(NONE, |slot| slot.0);
        self.set_head(bucket, NONE);
        self.set_head(DUE, first);
        self.set_prev(first, LIST | DUE as u32);
        true
    }

    /// When the next slots are to be looked at, 0 for at once; the first due is due then or later.
    pub fn next(&self) -> Option<u64> {
        match self.due() {
            Some(_) => Some(0),
            None => self.next_bucket().map(|(tick, _)| tick),
        }
    }

    /// The list for a tick, and when its bucket begins.
    fn list_of(&self, tick: u64) -> (usize, u64) {
        if tick <= self.time {
            return (DUE, tick);
        }
        let level = ((self.time ^ tick).ilog2() / BITS).min(TOP);
        // Never the bucket in which time is: that would come up at once, or a round later.
        let here = self.time >> (level * BITS);
        let place = (tick >> (level * BITS)).min(here + WIDTH as u64 - 1);
        (level as usize * WIDTH + place as usize % WIDTH, place << (level * BITS))
    }

    /// The bucket that time comes to next, and when; from here on no step before that looks.
    fn look_ahead(&mut self) -> Option<(u64, usize)> {
        let next = self.next_bucket();
        self.next = next.map_or(u64::MAX, |(tick, _)| tick);
        next
    }

    /// The bucket that time comes to next, and when.
    #[inline(never)]
    fn next_bucket(&self) -> Option<(u64, usize)> {
        let levels = self.occupied.iter().enumerate().filter(|(_, occupied)| **occupied != 0);
        levels.map(|(level, occupied)| self.next_of(level, *occupied)).min()
    }

    fn next_of(&self, level: usize, occupied: u64) -> (u64, usize) {
        let shift = level as u32 * BITS;
        // The bucket in which time is was emptied; what a set-back time finds in it is due a round later or more.
        let from = (self.time >> shift) + 1;
        let place = from + u64::from(occupied.rotate_right((from % WIDTH as u64) as u32).trailing_zeros());
        (place << shift, level * WIDTH + place as usize % WIDTH)
    }

    fn link(&mut self, slot: SlotId, list: usize) {
        let first = self.head(list).map_or(NONE, |slot| slot.0);
        let Some(link) = self.links.get_mut(slot.index()) else { return };
        *link = Link { prev: LIST | list as u32, next: first };
        self.set_prev(first, slot.0);
        self.set_head(list, slot.0);
    }

    fn head(&self, list: usize) -> Option<SlotId> {
        self.heads.get(list).filter(|head| **head != NONE).map(|head| SlotId(*head))
    }

    fn set_head(&mut self, list: usize, slot: u32) {
        if let Some(head) = self.heads.get_mut(list) {
            *head = slot;
        }
        if let Some(occupied) = self.occupied.get_mut(list / WIDTH) {
            let bit = 1 << (list % WIDTH);
            *occupied = if slot == NONE { *occupied & !bit } else { *occupied | bit };
        }
    }

    fn set_next(&mut self, slot: u32, next: u32) {
        if let Some(link) = self.links.get_mut(slot as usize) {
            link.next = next;
        }
    }

    fn set_prev(&mut self, slot: u32, prev: u32) {
        if let Some(link) = self.links.get_mut(slot as usize) {
            link.prev = prev;
        }
    }

    /// Whether a slot is in.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn holds(&self, slot: SlotId) -> bool {
        self.links.get(slot.index()).is_some_and(|link| link.prev != NONE)
    }

    /// Every slot that is in is in one list, whose links agree, and no bucket comes up later than a slot in it is due.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self, tick_of: impl Fn(SlotId) -> u64) -> Valid {
        let inside = self.links.iter().filter(|(_, link)| link.prev != NONE).count();
        let mut listed = 0;
        for list in 0..self.heads.len() {
            let (level, bit) = (list / WIDTH, 1 << (list % WIDTH));
            let occupied = self.occupied.get(level).map(|occupied| occupied & bit != 0);
            ensure(occupied.is_none_or(|is| is == self.head(list).is_some()), "wheel: occupied")?;
            let mut prev = LIST | list as u32;
            let mut at = self.head(list);
            while let Some(slot) = at {
                let Some(link) = self.links.get(slot.index()) else { return Err("wheel: a link to nowhere") };
                ensure(link.prev == prev, "wheel: the link back")?;
                listed += 1;
                ensure(listed <= inside, "wheel: lists in a circle")?;
                if list != DUE {
                    let comes = self.next_of(level, bit).0;
                    ensure(comes <= tick_of(slot).max(self.time + 1), "wheel: a bucket too late")?;
                }
                prev = slot.0;
                at = (link.next != NONE).then_some(SlotId(link.next));
            }
        }
        ensure(
            self.next_bucket().is_none_or(|(tick, _)| self.next <= tick),
            "wheel: a bucket before the next",
        )?;
        ensure(listed == inside, "wheel: a slot is lost")
    }
}

#[cfg(test)]
mod tests;

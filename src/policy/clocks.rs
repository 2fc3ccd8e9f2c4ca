//! Window and main: two queues over the same slots.
//!
//! A queue is a ring of links; `front` is who came last, and the one before it the oldest. Main is a CLOCK: what was read gets another round when it
//! is the oldest, which is to call it the front: no link moves. The window is one as well, or a lazy LRU, as its [rule](Rule) is.
//! What an entry was read, and in which queue it is, is its mark, a few bits. Links and marks are with [others](Places), so a hit writes to
//! what it has just read, and who goes is one look away.

use super::{Link, Place, Places};
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::index::MARK_BITS;
use crate::slab::SlotId;

/// The most that a hand moves for one victim: no eviction goes through a large queue in which everything was read.
const LONGEST_TURN: u32 = 512;

/// What being read is worth in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Rule {
    /// It goes to the front, but only once an *age*, in which a third of the window comes: what is read again and again, or while nothing comes,
    /// stays where it is, and goes at most an age too early. Good for what is read soon again or never.
    #[default]
    Renew,
    /// It is spared for a round when it is the oldest, as in main. Good for what is popular.
    Spare,
}

/// Ages in which as many come as the window holds. One more is told apart, so nothing that is still there seems new.
const AGES: u8 = 3;
const _: () = assert!(AGES < Link::AGES && AGES < Mark::MAIN);

/// One of the two queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who is new.
    Window,
    /// Who was found worth more than another.
    Main,
}

/// A slot's mark; it says something only of what is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mark(u8);

impl Mark {
    /// Reads, up to 3. In main they spare it, and by [`Rule::Spare`] in the window as well.
    const READS: u8 = 0b11;
    /// Reads not yet counted in the sketch, and its arrival, up to 3.
    const UNCOUNTED: u8 = 0b1100;
    const UNCOUNTED_ONE: u8 = 0b100;
    /// Both numbers at their most.
    const FULL: u8 = Self::READS | Self::UNCOUNTED;
    const MAIN: u8 = 0b1_0000;

    const fn side(self) -> Side {
        if self.0 & Self::MAIN == 0 {
            Side::Window
        } else {
            Side::Main
        }
    }

    /// Both numbers up by one, where they are not at 3.
    const fn read(self) -> Self {
        // A branch would be taken one way and the other without a pattern.
        let full = self.0 & self.0 >> 1 & (1 | Self::UNCOUNTED_ONE);
        Self(self.0 + ((1 | Self::UNCOUNTED_ONE) ^ full))
    }

    /// In main, where so many reads spare it.
    const fn promoted(self, reads: u8) -> Self {
        Self(Self::MAIN | self.0 & !Self::READS | reads)
    }
}

const _: () = assert!(Mark::MAIN < 1 << MARK_BITS);

/// What there was of a slot that the sketch does not know, its arrival and reads, which it is told now.
#[inline]
pub fn take_uncounted(place: &mut impl Place) -> u32 {
    let mark = place.mark();
    if mark & Mark::UNCOUNTED == 0 {
        return 0;
    }
    place.set_mark(mark & !Mark::UNCOUNTED);
    u32::from((mark & Mark::UNCOUNTED) / Mark::UNCOUNTED_ONE)
}

#[derive(Clone, Copy, Debug)]
struct Queue {
    /// Who came last, or `Link::NOBODY`.
    front: u32,
    /// Who came first, the one before it in the ring, or `Link::NOBODY`.
    oldest: u32,
    len: u32,
}

impl Default for Queue {
    fn default() -> Self {
        Self { front: Link::NOBODY, oldest: Link::NOBODY, len: 0 }
    }
}

impl Queue {
    /// A slot that is in no ring, to the front of this one, with a mark and an age.
    #[inline(always)]
    fn link(&mut self, all: &mut impl Places, slot: SlotId, mark: Mark, age: u8) {
        let (prev, next) = if self.len == 0 { (slot.0, slot.0) } else { (self.oldest, self.front) };
        if let Some(place) = all.place_mut(slot) {
            *place.link_mut() = Link::new(prev, next, age);
            place.set_mark(mark.0);
        }
        if self.len == 0 {
            self.oldest = slot.0;
        } else {
            set_next(all, prev, slot.0);
            set_prev(all, next, slot.0);
        }
        self.front = slot.0;
        self.len += 1;
    }

    /// Out of this ring, in which it is; where it was stays written beside it.
    #[inline]
    fn unlink(&mut self, all: &mut impl Places, slot: SlotId, link: Link) {
        let (prev, next) = (link.prev(), link.next);
        self.len -= 1;
        if self.len == 0 {
            *self = Self::default();
            return;
        }
        set_next(all, prev, next);
        set_prev(all, next, prev);
        if self.oldest == slot.0 {
            self.oldest = prev;
        }
        if self.front == slot.0 {
            self.front = next;
        }
    }
}

#[inline]
fn set_next(all: &mut impl Places, slot: u32, next: u32) {
    if let Some(place) = all.place_mut(SlotId(slot)) {
        place.link_mut().next = next;
    }
}

#[inline]
fn set_prev(all: &mut impl Places, slot: u32, prev: u32) {
    if let Some(place) = all.place_mut(SlotId(slot)) {
        place.link_mut().set_prev(prev);
    }
}

/// The queues. A wrong notice (of a slot that is held when it should not be, or not when it should, or that there is not) is ignored.
#[derive(Debug, Default)]
pub struct Clocks {
    window: Queue,
    main: Queue,
    rule: Rule,
    /// Of those that come to the front of the window now.
    age: u8,
    /// How many are still to arrive in this age.
    left: u32,
}

impl Clocks {
    /// Slots held.
    pub const fn len(&self) -> u32 {
        self.window.len + self.main.len
    }

    /// Slots held in the window.
    pub const fn window_len(&self) -> u32 {
        self.window.len
    }

    /// From now on this rule holds in the window.
    pub fn obey(&mut self, rule: Rule) {
        self.rule = rule;
    }

    /// A new slot, to the front of the window; `counts`: that it came is still to be counted. `false` when it is wrong.
    #[inline]
    pub fn insert(&mut self, all: &mut impl Places, slot: SlotId, counts: bool) -> bool {
        let right = all.place(slot).is_some_and(|place| !place.is_held());
        if right {
            self.grow_older();
            let mark = Mark(if counts { Mark::UNCOUNTED_ONE } else { 0 });
            self.window.link(all, slot, mark, self.age);
        }
        right
    }

    /// One more arrives.
    #[inline]
    fn grow_older(&mut self) {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => {
                self.age = (self.age + 1) % (AGES + 1);
                self.left = self.window.len / u32::from(AGES);
            }
        }
    }

    /// A slot was read. Whether it should be [renewed](Self::renew).
    #[inline]
    pub fn read(&self, place: &mut impl Place) -> bool {
        let mark = Mark(place.mark());
        // What is read most has long been at 3: whoever writes nothing makes no line of memory dirty.
        if mark.0 & Mark::FULL != Mark::FULL {
            place.set_mark(mark.read().0);
        }
        // In one comparison, of an age with what is more than any in main and where nothing is renewed: which queue it is has no pattern.
        let never = (mark.0 | (self.rule as u8 * Mark::MAIN)) & Mark::MAIN;
        (place.link().age() ^ self.age) > never
    }

    /// A slot of the window goes to its front.
    #[inline(never)]
    pub fn renew(&mut self, all: &mut impl Places, slot: SlotId) {
        if let Some((link, mark)) = Self::in_window(all, slot) {
            self.window.unlink(all, slot, link);
            self.window.link(all, slot, mark, self.age);
        }
    }

    #[inline]
    fn in_window(all: &impl Places, slot: SlotId) -> Option<(Link, Mark)> {
        let place = all.place(slot).filter(|place| place.is_held())?;
        let mark = Mark(place.mark());
        (mark.side() == Side::Window).then(|| (place.link(), mark))
    }

    /// A slot leaves. Its mark stays, what is not counted in it too. Whether that is anything; `None` when it is wrong.
    #[inline]
    pub fn remove(&mut self, all: &mut impl Places, slot: SlotId) -> Option<bool> {
        let place = all.place_mut(slot).filter(|place| place.is_held())?;
        let (link, mark) = (std::mem::take(place.link_mut()), place.mark());
        self.queue(Mark(mark).side()).unlink(all, slot, link);
        Some(mark & Mark::UNCOUNTED != 0)
    }

    /// The oldest of the window.
    #[inline]
    pub const fn oldest_new(&self) -> Option<SlotId> {
        if self.window.len == 0 {
            return None;
        }
        Some(SlotId(self.window.oldest))
    }

    /// Who is to go from the window, if one has to.
    #[inline]
    pub fn candidate(&mut self, all: &mut impl Places) -> Option<SlotId> {
        match self.rule {
            Rule::Renew => self.oldest_new(),
            Rule::Spare => self.oldest_unread(all, Side::Window),
        }
    }

    /// The oldest of a queue that was not read: reads spare it one round in the window, and in main as many as there were. In the
    /// window it is not the newest, unless that is alone: nobody is the victim of its own arrival.
    #[inline]
    pub fn oldest_unread(&mut self, all: &mut impl Places, side: Side) -> Option<SlotId> {
        let oldest = SlotId(self.queue(side).oldest);
        match all.place(oldest)?.mark() & Mark::READS {
            0 => Some(oldest),
            _ => Some(self.turn(all, side, oldest)),
        }
    }

    #[inline(never)]
    fn turn(&mut self, all: &mut impl Places, side: Side, mut oldest: SlotId) -> SlotId {
        let turns = match side {
            Side::Window => self.window.len.saturating_sub(2).min(LONGEST_TURN),
            Side::Main => LONGEST_TURN,
        };
        for _ in 0..turns {
            let Some(place) = all.place_mut(oldest) else { break };
            let mark = place.mark();
            match (mark & Mark::READS, side) {
                (0, _) => break,
                (reads, Side::Window) => place.set_mark(mark - reads),
                (_, Side::Main) => place.set_mark(mark - 1),
            }
            let prev = place.link().prev();
            let queue = self.queue(side);
            (queue.front, queue.oldest) = (oldest.0, prev);
            oldest = SlotId(prev);
        }
        oldest
    }

    /// The oldest of the window goes to the front of main. `keeps`: that it was read spares it there.
    #[inline(never)]
    pub fn promote_oldest(&mut self, all: &mut impl Places, keeps: bool) {
        let slot = SlotId(self.window.oldest);
        if let Some((link, mark)) = Self::in_window(all, slot) {
            self.window.unlink(all, slot, link);
            let reads = if keeps { (mark.0 & Mark::READS).min(1) } else { 0 };
            self.main.link(all, slot, mark.promoted(reads), 0);
        }
    }

    /// Nothing is held any more, and no place has neighbours.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    #[inline]
    fn queue(&mut self, side: Side) -> &mut Queue {
        match side {
            Side::Window => &mut self.window,
            Side::Main => &mut self.main,
        }
    }

    /// Each queue is a ring of its own slots, of as many as it says.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self, all: &impl Places) -> Valid {
        for (side, queue) in [(Side::Window, self.window), (Side::Main, self.main)] {
            ensure((queue.front == Link::NOBODY) == (queue.len == 0), "clocks: a queue without a front")?;
            let oldest = all.place(SlotId(queue.front)).map_or(Link::NOBODY, |front| front.link().prev());
            ensure(queue.oldest == oldest, "clocks: the oldest is not before the front")?;
            let mut at = queue.front;
            for _ in 0..queue.len {
                let Some(place) = all.place(SlotId(at)) else { return Err("clocks: a link leads nowhere") };
                ensure(Mark(place.mark()).side() == side, "clocks: a slot in a queue not its own")?;
                let next = place.link().next;
                let back = all.place(SlotId(next)).map(|next| next.link().prev());
                ensure(back == Some(at), "clocks: next and prev disagree")?;
                at = next;
            }
            ensure(at == queue.front, "clocks: the ring does not close")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

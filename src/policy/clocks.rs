//! Window and main: two CLOCK queues over the same slots.
//!
//! A queue is a ring of links; `front` is who came last, and the one before it the oldest. To give the oldest another round is
//! to call it the front: no link moves. What an entry was read, and in which queue it is, is its mark, a few bits that [others](Marks)
//! keep, so a hit writes to what it has just read.

use super::Marks;
use crate::chunks::Chunks;
use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::index::MARK_BITS;
use crate::slab::{Link, SlotId};

/// Bytes kept for a slot.
pub const CLOCKS_BYTES: usize = size_of::<Link>();

/// The most that a hand moves for one victim: no eviction goes through a large queue in which everything was read.
const LONGEST_TURN: u32 = 512;

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
    /// Reads that spare it, up to 3.
    const READS: u8 = 0b11;
    /// Reads not yet counted in the sketch, up to 3.
    const UNCOUNTED: u8 = 0b1100;
    const UNCOUNTED_ONE: u8 = 0b100;
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
}

const _: () = assert!(Mark::MAIN < 1 << MARK_BITS);

/// A slot was read.
#[inline]
pub fn read(all: &mut impl Marks, slot: SlotId) {
    all.change_mark(slot, |mark| Mark(mark).read().0);
}

/// Reads of a slot that the sketch does not know, which it is told now.
#[inline]
pub fn take_uncounted(all: &mut impl Marks, slot: SlotId) -> u32 {
    let mark = all.change_mark(slot, |mark| mark & !Mark::UNCOUNTED);
    u32::from((mark & Mark::UNCOUNTED) / Mark::UNCOUNTED_ONE)
}

#[derive(Clone, Copy, Debug, Default)]
struct Queue {
    front: Option<SlotId>,
    len: u32,
}

/// The queues. A wrong notice (of a slot that is held when it should not be, or not when it should, or beyond what was
/// reserved) is ignored.
#[derive(Debug, Default)]
pub struct Clocks {
    /// Of a slot that is not held, nobody's.
    links: Chunks<Link>,
    window: Queue,
    main: Queue,
}

impl Clocks {
    /// Room for a slot.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn reserve(&mut self, slot: SlotId) -> Result<(), Error> {
        self.links.reach(slot.index())
    }

    /// Slots held.
    pub const fn len(&self) -> u32 {
        self.window.len + self.main.len
    }

    /// Slots held in the window.
    pub const fn window_len(&self) -> u32 {
        self.window.len
    }

    /// Whether a slot is held.
    #[inline]
    pub fn holds(&self, slot: SlotId) -> bool {
        self.links.get(slot.index()).is_some_and(|link| link.next != Link::NOBODY)
    }

    /// A new slot, to the front of the window. `false` when it is wrong.
    pub fn insert(&mut self, all: &mut impl Marks, slot: SlotId) -> bool {
        if self.links.get(slot.index()).is_none_or(|link| link.next != Link::NOBODY) {
            return false;
        }
        all.change_mark(slot, |_| 0);
        self.link(slot, Side::Window);
        true
    }

    /// A slot leaves.
    pub fn remove(&mut self, all: &impl Marks, slot: SlotId) {
        if self.holds(slot) {
            self.unlink(slot, Mark(all.mark(slot)).side());
            if let Some(link) = self.links.get_mut(slot.index()) {
                *link = Link::default();
            }
        }
    }

    /// The oldest of a queue that was not read: reads spare it one round in the window, and in main as many as there were. In the
    /// window it is not the newest, unless that is alone: nobody is the victim of its own arrival.
    #[inline]
    pub fn oldest_unread(&mut self, all: &mut impl Marks, side: Side) -> Option<SlotId> {
        let oldest = self.oldest(side)?;
        match all.mark(oldest) & Mark::READS {
            0 => Some(oldest),
            _ => self.turn(all, side, oldest),
        }
    }

    #[inline(never)]
    fn turn(&mut self, all: &mut impl Marks, side: Side, mut oldest: SlotId) -> Option<SlotId> {
        let turns = match side {
            Side::Window => self.window.len.saturating_sub(2).min(LONGEST_TURN),
            Side::Main => LONGEST_TURN,
        };
        for _ in 0..turns {
            let spared = all.change_mark(oldest, |mark| match (mark & Mark::READS, side) {
                (0, _) => mark,
                (reads, Side::Window) => mark - reads,
                (_, Side::Main) => mark - 1,
            });
            if spared & Mark::READS == 0 {
                break;
            }
            self.queue(side).front = Some(oldest);
            oldest = self.oldest(side)?;
        }
        Some(oldest)
    }

    /// The oldest of the window goes to the front of main, read or not.
    pub fn promote_oldest(&mut self, all: &mut impl Marks) {
        if let Some(oldest) = self.oldest(Side::Window) {
            self.promote(all, oldest);
        }
    }

    /// A slot of the window goes to the front of main, with its reads.
    pub fn promote(&mut self, all: &mut impl Marks, slot: SlotId) {
        if self.holds(slot) {
            let side = Mark(all.change_mark(slot, |mark| mark | Mark::MAIN)).side();
            self.unlink(slot, side);
            self.link(slot, Side::Main);
        }
    }

    /// Nothing is held any more. Slots need [room](Self::reserve) again.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn queue(&mut self, side: Side) -> &mut Queue {
        match side {
            Side::Window => &mut self.window,
            Side::Main => &mut self.main,
        }
    }

    fn oldest(&mut self, side: Side) -> Option<SlotId> {
        let front = self.queue(side).front?;
        Some(SlotId(self.links.get(front.index())?.prev))
    }

    /// Out of the ring it is in.
    fn unlink(&mut self, slot: SlotId, side: Side) {
        let Some(Link { prev, next }) = self.links.get(slot.index()).copied() else { return };
        if let Some(link) = self.links.get_mut(prev as usize) {
            link.next = next;
        }
        if let Some(link) = self.links.get_mut(next as usize) {
            link.prev = prev;
        }
        let queue = self.queue(side);
        queue.len -= 1;
        if queue.front == Some(slot) {
            queue.front = if queue.len == 0 { None } else { Some(SlotId(next)) };
        }
    }

    /// To the front of a ring.
    fn link(&mut self, slot: SlotId, side: Side) {
        let queue = self.queue(side);
        queue.len += 1;
        let next = queue.front.replace(slot).unwrap_or(slot).0;
        let prev = match self.links.get_mut(next as usize) {
            Some(front) if next != slot.0 => std::mem::replace(&mut front.prev, slot.0),
            _ => slot.0,
        };
        if let Some(link) = self.links.get_mut(prev as usize) {
            link.next = slot.0;
        }
        if let Some(link) = self.links.get_mut(slot.index()) {
            *link = Link { prev, next };
        }
    }

    /// Each queue is a ring of its own slots, and together they are all that is held.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self, all: &impl Marks) -> Valid {
        let held = self.links.iter().filter(|(_, link)| link.next != Link::NOBODY).count();
        ensure(held == self.len() as usize, "clocks: a held slot is in no queue")?;
        for (side, queue) in [(Side::Window, self.window), (Side::Main, self.main)] {
            let Some(mut at) = queue.front else {
                ensure(queue.len == 0, "clocks: a queue without a front")?;
                continue;
            };
            for _ in 0..queue.len {
                ensure(Mark(all.mark(at)).side() == side, "clocks: a slot in a queue not its own")?;
                let Some(link) = self.links.get(at.index()) else {
                    return Err("clocks: a link leads nowhere");
                };
                let back = self.links.get(link.next as usize).map(|next| next.prev);
                ensure(back == Some(at.0), "clocks: next and prev disagree")?;
                at = SlotId(link.next);
            }
            ensure(Some(at) == queue.front, "clocks: the ring does not close")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

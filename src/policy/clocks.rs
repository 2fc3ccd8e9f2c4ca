//! Window and main: two CLOCK queues over the same slots.
//!
//! A queue is a ring of links; `front` is who came last, and the one before it the oldest. To give the oldest another round is
//! to call it the front: no link moves. What an entry was read, and in which queue it is, is one byte, so a hit writes one byte.

use crate::chunks::Chunks;
use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::slab::{Link, SlotId};

/// Bytes kept for a slot.
pub const CLOCKS_BYTES: usize = size_of::<Link>() + size_of::<Mark>();

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

/// A slot's byte; 0 when it is not held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Mark(u8);

impl Mark {
    /// Reads that spare it, up to 3.
    const READS: u8 = 0b11;
    /// Reads not yet counted in the sketch, up to 3.
    const UNCOUNTED: u8 = 0b1100;
    const UNCOUNTED_ONE: u8 = 0b100;
    const MAIN: u8 = 0b1_0000;
    const HELD: u8 = 0b10_0000;

    const fn is_held(self) -> bool {
        self.0 & Self::HELD != 0
    }

    const fn side(self) -> Side {
        if self.0 & Self::MAIN == 0 {
            Side::Window
        } else {
            Side::Main
        }
    }

    /// Both numbers up by one, where they are not at 3, of what is held.
    const fn read(self) -> Self {
        // A branch would be taken one way and the other without a pattern.
        let full = self.0 & self.0 >> 1 & (1 | Self::UNCOUNTED_ONE);
        let held = self.0 >> Self::HELD.trailing_zeros() & 1;
        Self(self.0 + held * ((1 | Self::UNCOUNTED_ONE) ^ full))
    }
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
    links: Chunks<Link>,
    marks: Chunks<Mark>,
    window: Queue,
    main: Queue,
}

impl Clocks {
    /// Room for a slot.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn reserve(&mut self, slot: SlotId) -> Result<(), Error> {
        self.links.reach(slot.index())?;
        self.marks.reach(slot.index())
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
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn holds(&self, slot: SlotId) -> bool {
        self.mark(slot).is_held()
    }

    /// A new slot, to the front of the window. `false` when it is wrong.
    pub fn insert(&mut self, slot: SlotId) -> bool {
        let Some(mark) = self.marks.get_mut(slot.index()).filter(|mark| !mark.is_held()) else {
            return false;
        };
        *mark = Mark(Mark::HELD);
        self.link(slot, Side::Window);
        true
    }

    /// A slot was read.
    #[inline]
    pub fn read(&mut self, slot: SlotId) {
        if let Some(mark) = self.marks.get_mut(slot.index()) {
            *mark = mark.read();
        }
    }

    /// A slot leaves.
    pub fn remove(&mut self, slot: SlotId) {
        let Some(mark) = self.marks.get_mut(slot.index()).filter(|mark| mark.is_held()) else { return };
        let side = std::mem::take(mark).side();
        self.unlink(slot, side);
    }

    /// The oldest of a queue that was not read: reads spare it one round in the window, and in main as many as there were. In the
    /// window it is not the newest, unless that is alone: nobody is the victim of its own arrival.
    #[inline]
    pub fn oldest_unread(&mut self, side: Side) -> Option<SlotId> {
        let oldest = self.oldest(side)?;
        match self.marks.get(oldest.index())?.0 & Mark::READS {
            0 => Some(oldest),
            _ => self.turn(side, oldest),
        }
    }

    #[inline(never)]
    fn turn(&mut self, side: Side, mut oldest: SlotId) -> Option<SlotId> {
        let turns = match side {
            Side::Window => self.window.len.saturating_sub(2).min(LONGEST_TURN),
            Side::Main => LONGEST_TURN,
        };
        for _ in 0..turns {
            let mark = self.marks.get_mut(oldest.index())?;
            match (mark.0 & Mark::READS, side) {
                (0, _) => break,
                (reads, Side::Window) => mark.0 -= reads,
                (_, Side::Main) => mark.0 -= 1,
            }
            self.queue(side).front = Some(oldest);
            oldest = self.oldest(side)?;
        }
        Some(oldest)
    }

    /// The oldest of the window goes to the front of main, read or not.
    pub fn promote_oldest(&mut self) {
        if let Some(oldest) = self.oldest(Side::Window) {
            self.promote(oldest);
        }
    }

    /// A slot of the window goes to the front of main, with its byte.
    pub fn promote(&mut self, slot: SlotId) {
        let Some(mark) = self.marks.get_mut(slot.index()).filter(|mark| mark.is_held()) else { return };
        let side = mark.side();
        mark.0 |= Mark::MAIN;
        self.unlink(slot, side);
        self.link(slot, Side::Main);
    }

    /// Reads of a slot that the sketch does not know, which it is told now.
    #[inline]
    pub fn take_uncounted(&mut self, slot: SlotId) -> u32 {
        let Some(mark) = self.marks.get_mut(slot.index()) else { return 0 };
        let uncounted = mark.0 & Mark::UNCOUNTED;
        mark.0 -= uncounted;
        u32::from(uncounted / Mark::UNCOUNTED_ONE)
    }

    /// Nothing is held any more. Slots need [room](Self::reserve) again.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Reads of a slot that the sketch does not know.
    #[cfg(test)]
    fn uncounted(&self, slot: SlotId) -> u32 {
        u32::from((self.mark(slot).0 & Mark::UNCOUNTED) / Mark::UNCOUNTED_ONE)
    }

    #[cfg(any(test, fuzzing, debug_assertions))]
    fn mark(&self, slot: SlotId) -> Mark {
        self.marks.get(slot.index()).copied().unwrap_or_default()
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
    pub fn validate(&self) -> Valid {
        ensure(self.links.iter().count() == self.marks.iter().count(), "clocks: as many links as marks")?;
        let held = self.marks.iter().filter(|(_, mark)| mark.is_held()).count();
        ensure(held == self.len() as usize, "clocks: a held slot is in no queue")?;
        ensure(
            self.marks.iter().all(|(_, mark)| mark.is_held() || mark.0 == 0),
            "clocks: a mark without a slot",
        )?;
        for (side, queue) in [(Side::Window, self.window), (Side::Main, self.main)] {
            let Some(mut at) = queue.front else {
                ensure(queue.len == 0, "clocks: a queue without a front")?;
                continue;
            };
            for _ in 0..queue.len {
                let mark = self.mark(at);
                ensure(mark.is_held() && mark.side() == side, "clocks: a slot in a queue not its own")?;
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

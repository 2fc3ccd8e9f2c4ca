//! The rules of the two queues, for the cache and for its shadows: who moves to main, who goes.

use super::clocks::{Clocks, Side};
use super::sketch::{Sketch, MOST};
use super::Places;
use crate::slab::SlotId;

/// A candidate seen so often may win by chance: else main could stay full of keys that were popular once, all counters at their most.
const CHANCE_FROM: u32 = 6;

/// One in so many does.
const CHANCE: u32 = 128;

/// Numbers without a pattern that keys could follow by accident (xorshift32).
#[derive(Debug)]
pub struct Dice(u32);

impl Dice {
    /// Dice that fall the same way each time.
    pub const fn new() -> Self {
        Self(0x9e37_79b9)
    }

    fn roll(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// Who won against the newcomers lately. Counters only rise until they are halved, so against most of those who come next what he had then is enough,
/// and the sketch need not be asked again.
#[derive(Debug, Default)]
pub struct Winner {
    hash: u32,
    seen: u32,
    /// When that was, as [`Sketch::halvings`] says it.
    halvings: u32,
}

impl Winner {
    /// How often a key was seen, of which nothing is still to be counted; from `enough` on at least what it was some time ago.
    #[inline]
    pub fn seen(&mut self, sketch: &Sketch, hash: u32, enough: u32) -> u32 {
        if self.hash == hash && self.seen >= enough && self.halvings == sketch.halvings() {
            return self.seen;
        }
        self.keep(hash, enough, sketch.frequency(hash), sketch)
    }

    /// How often a key was seen, which is known.
    #[inline]
    pub fn keep(&mut self, hash: u32, enough: u32, seen: u32, sketch: &Sketch) -> u32 {
        // Newcomers are asked whatever it is, and do not come back.
        if enough <= MOST {
            *self = Self { hash, seen, halvings: sketch.halvings() };
        }
        seen
    }
}

/// Fewer entries are so few that one of them counts.
pub const FEW: u32 = 16;

/// A part of some entries, at least one of them. Of a few it is rounded up: nearly all of them is all, or what comes again just in time for LRU would
/// always be gone.
pub fn part(of: u32, share: f64) -> u32 {
    let exact = f64::from(of) * share;
    let whole = exact as u32;
    (whole + u32::from(of < FEW && exact > f64::from(whole))).max(1)
}

/// A new slot, to a window that should hold so many. What it holds beyond that moves on to main, two at a time: nothing else makes
/// a window smaller while it wins its contests. `counts`: that it came is counted in its contest. `false` when the slot is wrong.
#[inline]
pub fn enter(clocks: &mut Clocks, all: &mut impl Places, slot: SlotId, window: u32, counts: bool) -> bool {
    let right = clocks.insert(all, slot, counts);
    for _ in 0..2 {
        if clocks.window_len() > window + 1 {
            clocks.promote_oldest(all, true);
        }
    }
    right
}

/// Who should go. When the window holds more than it should, the oldest of the window and of main stand against each other, and who
/// was seen more often stays. `frequency` is asked for each of them, just once; whether it is one number or another does not count from `enough`
/// on, its last argument.
pub fn victim<R: Places>(
    clocks: &mut Clocks,
    all: &mut R,
    window: u32,
    dice: &mut Dice,
    mut frequency: impl FnMut(&mut R, SlotId, u32) -> u32,
) -> Option<SlotId> {
    let resident = clocks.oldest_unread(all, Side::Main);
    if resident.is_some() && clocks.window_len() <= window {
        return resident.inspect(|slot| {
            frequency(all, *slot, 0);
        });
    }
    let candidate = clocks.candidate(all);
    let (Some(candidate), Some(resident)) = (candidate, resident) else { return candidate.or(resident) };
    let new = frequency(all, candidate, MOST + 1);
    let old = frequency(all, resident, new);
    if new > old || (new >= CHANCE_FROM && dice.roll() % CHANCE == 0) {
        clocks.promote_oldest(all, false);
        Some(resident)
    } else {
        Some(candidate)
    }
}

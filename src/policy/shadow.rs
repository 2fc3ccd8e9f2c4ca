//! How large the window should be, and by which rule it goes: six small copies of the cache, each with another window, are shown a sample of the keys.
//!
//! A miniature simulation (Waldspurger et al.): the keys whose hash is below a bound, a part of all that is as small as a shadow is beside
//! the cache, come in the same order and with the same distances, scaled down. What a shadow keeps is hashes; two keys with the same are one.

use super::clocks::{Clocks, Rule};
use super::contest::{enter, part, victim, Dice, Winner, FEW};
use super::ghosts::{Ghosts, NONE};
use super::sketch::Sketch;
use super::{Link, Place, Places};
use crate::chunks::Chunks;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::index::{NAME, NOBODY};
use crate::slab::SlotId;

/// Windows tried, as shares of the capacity.
const WINDOWS: [f64; 5] = [0.01, 0.10, 0.30, 0.60, 0.95];

/// Both rules are tried in the largest of them, where they differ most.
pub const SHADOWS: usize = WINDOWS.len() + 1;

/// The other rule has to be better by so much.
const SURE: f64 = 1.01;

/// A window.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Its share of the capacity.
    pub share: f64,
    /// What being read is worth in it.
    pub rule: Rule,
}

/// The window to begin with.
pub const FIRST: Window = Window { share: 0.10, rule: Rule::Renew };

/// A shadow is so much smaller than the cache, but not smaller than `SMALL` (nor than a quarter of the cache), nor larger than `LARGE`. A quarter of a
/// few entries could not tell windows apart, since nearly all of these would be one entry: then a shadow is as large as the cache, and sees every key.
const SCALE: u32 = 32;
const SMALL: u32 = 32;
const LARGE: u32 = 1024;

/// What was seen a period ago counts so much: the shadows look back about 200 periods.
const MEMORY: f64 = 0.995;

/// How far the window moves in a period: five times the hit ratio to be won, within limits. So it creeps where windows
/// differ little, and a cache that only sees a few periods does not spend them on the way.
const EAGER: f64 = 5.0;
const STEP: f64 = 0.02;
const STRIDE: f64 = 0.20;

/// `f64::clamp` can panic, and its message would bring the printing of floats into the module, a fifth of its size.
#[allow(clippy::manual_clamp)]
fn within(value: f64, least: f64, most: f64) -> f64 {
    value.max(least).min(most)
}

/// A slot of a shadow.
#[derive(Debug, Default)]
struct Seat {
    link: Link,
    /// Who is in it, and in the bits that a name leaves free its mark.
    kept: u32,
}

impl Seat {
    const fn ghost(&self) -> SlotId {
        SlotId(self.kept & NOBODY)
    }

    fn take(&mut self, ghost: SlotId) {
        self.kept = self.kept & !NOBODY | ghost.0;
    }
}

impl Place for Seat {
    fn link(&self) -> Link {
        self.link
    }

    fn link_mut(&mut self) -> &mut Link {
        &mut self.link
    }

    fn mark(&self) -> u8 {
        (self.kept >> NAME) as u8
    }

    fn set_mark(&mut self, mark: u8) {
        self.kept = self.kept & NOBODY | u32::from(mark) << NAME;
    }
}

impl Places for Chunks<Seat> {
    type Place = Seat;

    fn place(&self, seat: SlotId) -> Option<&Seat> {
        self.get(seat.index())
    }

    fn place_mut(&mut self, seat: SlotId) -> Option<&mut Seat> {
        self.get_mut(seat.index())
    }
}

#[derive(Debug)]
struct Shadow {
    window: u32,
    clocks: Clocks,
    seats: Chunks<Seat>,
    slots: u32,
    /// The slot of who went last.
    spare: Option<SlotId>,
    hits: u32,
    score: f64,
    winner: Winner,
}

impl Shadow {
    #[inline(never)]
    fn new(size: u32, window: Window) -> Self {
        let mut clocks = Clocks::default();
        clocks.obey(window.rule);
        Self {
            window: part(size, window.share),
            clocks,
            seats: Chunks::default(),
            slots: 0,
            spare: None,
            hits: 0,
            score: 0.0,
            winner: Winner::default(),
        }
    }

    fn ghost(&self, seat: SlotId) -> SlotId {
        self.seats.place(seat).map_or(SlotId(NONE), Seat::ghost)
    }

    /// A key it has not: the seat it gets. Without memory a shadow misses what it has no room for.
    #[inline(never)]
    fn enter(&mut self, ghost: SlotId) -> Option<SlotId> {
        let seat = self.room()?;
        self.seats.place_mut(seat)?.take(ghost);
        enter(&mut self.clocks, &mut self.seats, seat, self.window, false);
        Some(seat)
    }

    /// A key it has.
    #[inline]
    fn read(&mut self, seat: SlotId) {
        let is_older = self.seats.place_mut(seat).is_some_and(|seat| self.clocks.read(seat));
        if is_older {
            self.clocks.renew(&mut self.seats, seat);
        }
        self.hits += 1;
    }

    /// A free slot.
    fn room(&mut self) -> Option<SlotId> {
        if self.spare.is_none() {
            let slot = SlotId(self.slots);
            self.seats.reach(slot.index()).ok()?;
            self.slots += 1;
            return Some(slot);
        }
        self.spare.take()
    }

    /// When it holds more than it should, one goes.
    #[inline(never)]
    fn evict(&mut self, size: u32, ghosts: &Ghosts, sketch: &Sketch, dice: &mut Dice) -> Option<SlotId> {
        if self.clocks.len() <= size {
            return None;
        }
        // Arrivals of sampled keys are in the sketch at once, reads as those of others: when the cache counted them.
        let winner = &mut self.winner;
        let frequency = |seats: &mut Chunks<Seat>, seat: SlotId, enough: u32| {
            seats.place(seat).map_or(0, |seat| winner.seen(sketch, ghosts.hash(seat.ghost()), enough))
        };
        let out = victim(&mut self.clocks, &mut self.seats, self.window, dice, frequency)?;
        self.clocks.remove(&mut self.seats, out);
        self.spare = Some(out);
        Some(self.ghost(out))
    }

    #[cfg(any(test, fuzzing, debug_assertions))]
    fn validate(&self, size: u32) -> Valid {
        self.clocks.validate(&self.seats)?;
        ensure(self.clocks.len() <= size, "shadow: larger than it should be")
    }
}

/// The shadows, and the window they led to.
#[derive(Debug)]
pub struct Shadows {
    /// One for each of `WINDOWS` and one for the other rule, from the first request on.
    all: Vec<Shadow>,
    ghosts: Ghosts,
    /// Entries of a shadow, and sampled keys of a period.
    size: u32,
    /// Hashes below it are sampled.
    bound: u32,
    seen: u32,
    /// Sampled keys, discounted as the scores are.
    requests: f64,
    window: Window,
}

impl Shadows {
    /// Shadows of a cache of so many entries, with a window to begin with. They take memory as they fill.
    pub fn new(capacity: u32, window: Window) -> Self {
        let most = if capacity < FEW { capacity } else { capacity / 4 };
        let size = (capacity / SCALE).max(SMALL).min(most).min(LARGE);
        let bound = ((u64::from(size) << 32) / u64::from(capacity.max(1))).min(u64::from(u32::MAX));
        Self {
            all: Vec::new(),
            ghosts: Ghosts::default(),
            size,
            bound: bound as u32,
            seen: 0,
            requests: 0.0,
            window,
        }
    }

    #[cfg(test)]
    pub(super) fn forget_winners(&mut self) {
        self.all.iter_mut().for_each(|shadow| shadow.winner = Winner::default());
    }

    /// The window that there should be.
    pub const fn window(&self) -> Window {
        self.window
    }

    /// Whether a key is in the sample.
    #[inline]
    pub const fn wants(&self, hash: u32) -> bool {
        hash < self.bound
    }

    /// A key of the sample was asked for.
    pub fn request(&mut self, hash: u32, sketch: &Sketch, dice: &mut Dice) {
        if self.all.is_empty() {
            if self.all.try_reserve_exact(SHADOWS).is_err() {
                return;
            }
            let size = self.size;
            let shadow = |rule| move |share: &f64| Shadow::new(size, Window { share: *share, rule });
            self.all.extend(WINDOWS.iter().map(shadow(Rule::Renew)));
            self.all.extend(WINDOWS.last().map(shadow(Rule::Spare)));
        }
        self.ask(hash, sketch, dice);
        self.seen += 1;
        if self.seen >= self.size {
            self.adapt();
        }
    }

    fn ask(&mut self, hash: u32, sketch: &Sketch, dice: &mut Dice) {
        let Self { all, ghosts, size, .. } = self;
        let Some(ghost) = ghosts.find_or_add(hash) else { return };
        let seats = ghosts.seats(ghost);
        for (number, (shadow, seat)) in all.iter_mut().zip(seats).enumerate() {
            if seat != NONE {
                shadow.read(SlotId(seat));
                continue;
            }
            let Some(seat) = shadow.enter(ghost) else { continue };
            ghosts.set_seat(ghost, number, seat.0);
            let Some(out) = shadow.evict(*size, ghosts, sketch, dice) else { continue };
            ghosts.set_seat(out, number, NONE);
            if out != ghost {
                ghosts.remove_unseated(out);
            }
        }
        // Whom a shadow held it holds.
        if seats == [NONE; SHADOWS] {
            ghosts.remove_unseated(ghost);
        }
    }

    #[inline(never)]
    fn adapt(&mut self) {
        self.requests = self.requests * MEMORY + f64::from(std::mem::take(&mut self.seen));
        for shadow in &mut self.all {
            shadow.score = shadow.score * MEMORY + f64::from(std::mem::take(&mut shadow.hits));
        }
        let scores = self.scores();
        let Window { share: current, .. } = self.window;
        let (mut best, mut target, mut here) = (-1.0, current, 0.0);
        for (score, share) in scores.iter().zip(WINDOWS) {
            if *score > best {
                (best, target) = (*score, share);
            }
        }
        // What the present window would have scored, between its neighbours.
        let tried = scores.iter().zip(WINDOWS);
        for ((low, from), (high, to)) in tried.clone().zip(tried.skip(1)) {
            if current >= from {
                let way = ((current - from) / (to - from)).min(1.0);
                here = low + way * (high - low);
            }
        }
        let step = within(EAGER * (best - here) / self.requests, STEP, STRIDE);
        self.window.share += within(target - current, -step, step);
    }

    /// The score of each window by the better rule, which holds from now on.
    fn scores(&mut self) -> [f64; WINDOWS.len()] {
        let mut scores = [0.0; WINDOWS.len()];
        for (score, shadow) in scores.iter_mut().zip(&self.all) {
            *score = shadow.score;
        }
        let ([.., renewing], Some(Shadow { score: sparing, .. })) = (&mut scores, self.all.last()) else {
            return scores;
        };
        self.window.rule = match self.window.rule {
            Rule::Renew if *sparing > *renewing * SURE => Rule::Spare,
            Rule::Spare if *renewing > *sparing * SURE => Rule::Renew,
            rule => rule,
        };
        if self.window.rule == Rule::Spare {
            *renewing = *sparing;
        }
        scores
    }

    /// Each shadow is sound, and the share is one.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self) -> Valid {
        self.all.iter().try_for_each(|shadow| shadow.validate(self.size))?;
        let held = self.ghosts.validate(|ghost, seats| {
            let mut taken = self.all.iter().zip(seats).filter(|(_, seat)| *seat != NONE);
            taken.try_fold(0, |held, (shadow, seat)| {
                let is_held = shadow.seats.place(SlotId(seat)).is_some_and(Place::is_held);
                ensure(is_held, "shadows: a ghost in no queue")?;
                ensure(shadow.ghost(SlotId(seat)) == ghost, "shadows: a ghost in a seat not its own")?;
                Ok(held + 1)
            })
        })?;
        let all: u32 = self.all.iter().map(|shadow| shadow.clocks.len()).sum();
        ensure(held == all, "shadows: as many ghosts as the queues hold")?;
        ensure(self.seen < self.size.max(1), "shadows: a period has passed")?;
        ensure(self.window.share >= 0.0 && self.window.share <= 1.0, "shadows: share of the window")
    }
}

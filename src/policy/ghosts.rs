//! Whom the shadows hold: a key that some of them have stands once, so that one look finds it in all.

use super::shadow::SHADOWS;
use crate::chunks::Chunks;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::ensure;
use crate::hash::{HashMode, KeyHash, Seed};
use crate::index::{Index, Node};
use crate::slab::SlotId;
#[cfg(any(test, fuzzing, debug_assertions))]
use std::collections::BTreeSet;

/// In place of a seat or of a ghost: none.
pub const NONE: u32 = u32::MAX;

/// A key that some of the shadows hold.
#[derive(Debug)]
struct Ghost {
    node: Node,
    /// Its slot in each shadow.
    seats: [u32; SHADOWS],
}

impl Default for Ghost {
    fn default() -> Self {
        Self { node: Node::default(), seats: [NONE; SHADOWS] }
    }
}

impl AsRef<Node> for Ghost {
    fn as_ref(&self) -> &Node {
        &self.node
    }
}

impl AsMut<Node> for Ghost {
    fn as_mut(&mut self) -> &mut Node {
        &mut self.node
    }
}

/// All of them.
#[derive(Debug)]
pub struct Ghosts {
    index: Index,
    all: Chunks<Ghost>,
    /// How many there have been at once.
    len: u32,
    /// The first that is free, or `NONE`; the first seat of each names the next.
    free: u32,
}

impl Default for Ghosts {
    fn default() -> Self {
        // The table never asks for a key's hash.
        let index = Index::new(KeyHash::new(Seed::new(0), HashMode::Zero));
        Self { index, all: Chunks::default(), len: 0, free: NONE }
    }
}

impl Ghosts {
    /// The ghost of a hash. `None` without memory.
    #[inline(never)]
    pub fn find_or_add(&mut self, hash: u32) -> Option<SlotId> {
        if let Ok(ghost) = self.index.find(&mut self.all, hash, |ghost, _| Some(ghost)) {
            return Some(ghost);
        }
        self.index.reserve().ok()?;
        let id = if self.free == NONE { self.len } else { self.free };
        self.all.reach(id as usize).ok()?;
        let ghost = self.all.get_mut(id as usize)?;
        if self.free == NONE {
            self.len += 1;
        } else {
            [self.free, ..] = ghost.seats;
        }
        *ghost = Ghost::default();
        self.index.insert_hash(&mut self.all, hash, SlotId(id));
        Some(SlotId(id))
    }

    /// A ghost that no shadow holds goes.
    #[inline(never)]
    pub fn remove_unseated(&mut self, ghost: SlotId) {
        if self.seats(ghost).iter().all(|seat| *seat == NONE) && self.index.remove(&mut self.all, ghost) {
            let next = std::mem::replace(&mut self.free, ghost.0);
            self.set_seat(ghost, 0, next);
        }
    }

    /// Its slot in each shadow, or [`NONE`].
    pub fn seats(&self, ghost: SlotId) -> [u32; SHADOWS] {
        self.all.get(ghost.index()).map_or([NONE; SHADOWS], |ghost| ghost.seats)
    }

    /// Another slot in a shadow.
    #[inline(never)]
    pub fn set_seat(&mut self, ghost: SlotId, shadow: usize, seat: u32) {
        if let Some(held) = self.all.get_mut(ghost.index()).and_then(|held| held.seats.get_mut(shadow)) {
            *held = seat;
        }
    }

    /// The hash of its key.
    pub fn hash(&self, ghost: SlotId) -> u32 {
        self.all.get(ghost.index()).map_or(0, |ghost| ghost.node.hash())
    }

    /// Each has a hash of its own, and somebody holds it. `seated` checks the seats of one and says how many hold it; the sum of these.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(
        &self,
        seated: impl Fn(SlotId, [u32; SHADOWS]) -> Result<u32, &'static str>,
    ) -> Result<u32, &'static str> {
        self.index.validate(&self.all)?;
        let (mut hashes, mut held) = (BTreeSet::new(), 0);
        for (hash, ghost) in self.index.entries(&self.all) {
            ensure(hashes.insert(hash), "shadows: two ghosts of one hash")?;
            let holders = seated(ghost, self.seats(ghost))?;
            ensure(holders > 0, "shadows: a ghost that nobody holds")?;
            held += holders;
        }
        Ok(held)
    }
}

//! Places in a list, for tests of policies without a slab.

use super::{Link, Place, Places, Resident};
use crate::slab::SlotId;

/// A place, and the hash of who is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    /// The neighbours.
    pub link: Link,
    /// The mark.
    pub mark: u8,
    /// The hash.
    pub hash: u32,
}

impl Place for Spot {
    fn link(&self) -> Link {
        self.link
    }

    fn link_mut(&mut self) -> &mut Link {
        &mut self.link
    }

    fn mark(&self) -> u8 {
        self.mark
    }

    fn set_mark(&mut self, mark: u8) {
        self.mark = mark;
    }
}

impl Resident for Spot {
    fn hash(&self) -> u32 {
        self.hash
    }
}

impl Places for Vec<Spot> {
    type Place = Spot;

    fn place(&self, slot: SlotId) -> Option<&Spot> {
        self.get(slot.index())
    }

    fn place_mut(&mut self, slot: SlotId) -> Option<&mut Spot> {
        self.get_mut(slot.index())
    }
}

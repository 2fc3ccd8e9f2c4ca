//! What the slab keeps in a slot for others: the table's node, in it the policy's mark, and beside it the neighbours in a queue.

use super::{Slab, Slot, SlotId};
use crate::index::{Node, Nodes};
use crate::policy::{Link, Place, Places, Resident};

impl AsRef<Node> for Slot {
    #[inline]
    fn as_ref(&self) -> &Node {
        &self.node
    }
}

impl AsMut<Node> for Slot {
    #[inline]
    fn as_mut(&mut self) -> &mut Node {
        &mut self.node
    }
}

impl Nodes for Slab {
    type Item = Slot;

    #[inline]
    fn item(&self, slot: SlotId) -> Option<&Slot> {
        self.slots.item(slot)
    }

    #[inline]
    fn item_mut(&mut self, slot: SlotId) -> Option<&mut Slot> {
        self.slots.item_mut(slot)
    }
}

impl Places for Slab {
    type Place = Slot;

    #[inline]
    fn place(&self, slot: SlotId) -> Option<&Slot> {
        self.slots.get(slot.index())
    }

    #[inline]
    fn place_mut(&mut self, slot: SlotId) -> Option<&mut Slot> {
        self.slots.get_mut(slot.index())
    }
}

impl Place for Slot {
    #[inline]
    fn link(&self) -> Link {
        self.link
    }

    #[inline]
    fn link_mut(&mut self) -> &mut Link {
        &mut self.link
    }

    #[inline]
    fn mark(&self) -> u8 {
        self.node.mark()
    }

    #[inline]
    fn set_mark(&mut self, mark: u8) {
        self.node.set_mark(mark);
    }
}

impl Resident for Slot {
    #[inline]
    fn hash(&self) -> u32 {
        self.node.hash()
    }
}

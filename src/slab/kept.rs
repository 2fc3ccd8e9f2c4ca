//! What the slab keeps in a slot for others: the table's node, and in it the policy's mark.

use super::{Slab, Slot, SlotId};
use crate::index::{Node, Nodes};
use crate::policy::{Marks, Residents};

impl Nodes for Slab {
    #[inline]
    fn node(&self, slot: SlotId) -> Option<&Node> {
        self.slots.get(slot.index()).map(|slot| &slot.node)
    }

    #[inline]
    fn node_mut(&mut self, slot: SlotId) -> Option<&mut Node> {
        self.slots.get_mut(slot.index()).map(|slot| &mut slot.node)
    }
}

impl Residents for Slab {
    #[inline]
    fn hash(&self, slot: SlotId) -> u32 {
        self.slots.get(slot.index()).map_or(0, |slot| slot.node.hash())
    }
}

impl Marks for Slab {
    #[inline]
    fn mark(&self, slot: SlotId) -> u8 {
        self.slots.get(slot.index()).map_or(0, |slot| slot.node.mark())
    }

    #[inline]
    fn change_mark(&mut self, slot: SlotId, with: impl FnOnce(u8) -> u8) -> u8 {
        let Some(Slot { node, .. }) = self.slots.get_mut(slot.index()) else { return 0 };
        let mark = node.mark();
        node.set_mark(with(mark));
        mark
    }
}

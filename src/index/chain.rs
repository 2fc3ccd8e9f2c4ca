//! What a chain is made of: a head for each bucket, and a node for each slot, which its owner keeps.

use crate::chunks::Chunks;
use crate::slab::SlotId;

/// Bits of a slot's name.
pub const NAME: u32 = 27;

/// In place of a slot: nobody. Every slot has a lower name, and 2²⁷ of them are more than a module of 4 GiB has memory for.
pub const NOBODY: u32 = (1 << NAME) - 1;

/// What the table knows of a slot that is in it: its hash and who comes after it in its chain; and in the bits that a name leaves free a
/// *mark*, of which it knows nothing. So who looks a key up has at hand what the slot's owner wants to note of it.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    hash: u32,
    next: u32,
}

/// The bits of a mark.
pub const MARK_BITS: u32 = u32::BITS - NAME;

impl Default for Node {
    fn default() -> Self {
        Self { hash: 0, next: NOBODY }
    }
}

impl Node {
    /// The hash a slot is in the table under.
    pub const fn hash(self) -> u32 {
        self.hash
    }

    /// The owner's mark, `MARK_BITS` of it.
    #[inline]
    pub const fn mark(self) -> u8 {
        (self.next >> NAME) as u8
    }

    /// Another mark.
    #[inline]
    pub fn set_mark(&mut self, mark: u8) {
        self.next = self.next & NOBODY | u32::from(mark) << NAME;
    }

    #[inline]
    pub(super) const fn next(self) -> u32 {
        self.next & NOBODY
    }

    #[inline]
    pub(super) fn set_next(&mut self, next: u32) {
        self.next = self.next & !NOBODY | next;
    }

    /// In the table under a hash, before this one.
    #[inline]
    pub(super) fn enter(&mut self, hash: u32, next: u32) {
        self.hash = hash;
        self.set_next(next);
    }
}

/// The first slot of a chain, the bits of its name the other way round: nobody is 0. The bits that a name leaves free say of each fifth of all
/// hashes whether the chain may have one. So who looks for a key that is nowhere seldom meets the nodes of others, each of which is a line of
/// memory. What they say of who has left stays until the chain is empty.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head(u32);

/// The fifth that a hash is in, as a bit of a head. It goes by high bits: low ones select the bucket.
#[inline]
const fn fifth(hash: u32) -> u32 {
    1 << (NAME + (((hash >> 24) * (u32::BITS - NAME)) >> 8))
}

impl Head {
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[inline]
    pub(super) const fn first(self) -> u32 {
        self.0 & NOBODY ^ NOBODY
    }

    #[inline]
    pub(super) const fn may_have(self, hash: u32) -> bool {
        self.0 & fifth(hash) != 0
    }

    /// One more, who is the first now.
    #[inline]
    pub(super) const fn with(self, slot: SlotId, hash: u32) -> Self {
        Self(self.0 & !NOBODY | fifth(hash) | slot.0 ^ NOBODY)
    }

    /// Without the first, after whom this one comes.
    #[inline]
    pub(super) const fn without_first(self, next: u32) -> Self {
        if next == NOBODY {
            return Self(0);
        }
        Self(self.0 & !NOBODY | next ^ NOBODY)
    }
}

/// Who keeps the nodes, one for each slot that is ever in the table.
pub trait Nodes {
    /// What a node lies in.
    type Item: AsRef<Node> + AsMut<Node>;

    /// What a slot's node lies in.
    fn item(&self, slot: SlotId) -> Option<&Self::Item>;

    /// The same, to be changed.
    fn item_mut(&mut self, slot: SlotId) -> Option<&mut Self::Item>;

    /// The node of a slot.
    #[inline]
    fn node(&self, slot: SlotId) -> Option<&Node> {
        self.item(slot).map(AsRef::as_ref)
    }

    /// The same, to be changed.
    #[inline]
    fn node_mut(&mut self, slot: SlotId) -> Option<&mut Node> {
        self.item_mut(slot).map(AsMut::as_mut)
    }
}

impl<T: AsRef<Node> + AsMut<Node> + Default> Nodes for Chunks<T> {
    type Item = T;

    #[inline]
    fn item(&self, slot: SlotId) -> Option<&T> {
        self.get(slot.index())
    }

    #[inline]
    fn item_mut(&mut self, slot: SlotId) -> Option<&mut T> {
        self.get_mut(slot.index())
    }
}

//! From a key to its slot: a table of chains, three buckets of four bytes for each two slots and a node of eight for each.
//!
//! A chain goes through the *nodes* of its slots, which are not here: whoever uses the table keeps them beside what else he knows of a
//! slot. The hash selects; the `meet` of the caller, who has the cells, decides.
//!
//! The table grows by linear hashing: each entry beyond two in three buckets adds one or two, which each take from one other what belongs
//! to them. So no insertion does more than walk three chains, and nothing is ever built anew because there is more of it. From: Litwin, "Linear
//! Hashing" (VLDB 1980).
//!
//! A table that is worse than random keys could make it is under attack (see [`hash`](crate::hash)). Two signs: one chain longer than
//! `LONGEST_CHAIN`, or many insertions into chains longer than `USUAL_CHAIN`. Then the table changes to SipHash and every slot
//! gets its new chain, once and for good.

use crate::chunks::Chunks;
use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::hash::{HashMode, KeyHash};
use crate::slab::SlotId;

mod chain;

use chain::Head;
pub use chain::{Node, Nodes, MARK_BITS, NAME, NOBODY};

/// How long a chain may be. There are four entries in three buckets at most before these are split, so one this long has a chance of
/// about (4/3)²⁵ / 25! / 4, or 10⁻²³.
const LONGEST_CHAIN: usize = 24;

/// What random keys meet is shorter on average: 0.8 at most, halfway from one power of two to the next.
const USUAL_CHAIN: usize = 1;

/// And so much in all beyond that, so that chance is no sign.
const SLACK: usize = 512;

/// Buckets of the smallest table.
const SMALLEST: usize = 8;

/// Buckets for so many entries.
const BUCKETS: usize = 3;
const ENTRIES: usize = 2;

/// Bytes kept for a slot. The node is its owner's.
pub const INDEX_BYTES: usize = size_of::<u32>() * BUCKETS / ENTRIES;

/// The table.
#[derive(Debug)]
pub struct Index {
    heads: Chunks<Head>,
    /// Buckets in use: what a hash says in as many bits as the largest has, or in one less where that is none.
    buckets: usize,
    /// All the bits of a hash that say a bucket.
    mask: usize,
    len: usize,
    /// By how much insertions met longer chains than usual lately.
    excess: usize,
    hasher: KeyHash,
    steps: u64,
}

impl Index {
    /// An empty table, which takes no memory yet.
    pub fn new(hasher: KeyHash) -> Self {
        Self { heads: Chunks::default(), buckets: 0, mask: 0, len: 0, excess: 0, hasher, steps: 0 }
    }

    /// The hash of a key, good until the next [`insert`](Self::insert), which may change the function.
    #[inline]
    pub fn hash(&self, key: &[u64]) -> u32 {
        self.hasher.hash(key)
    }

    /// The hash function in use.
    pub const fn mode(&self) -> HashMode {
        self.hasher.mode()
    }

    /// Entries.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no entry.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Entries looked at so far, for all purposes: what collisions and growth cost.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// What `meet` makes of the first slot with this hash of which it makes anything; where there is none, how many entries of the chain it had to look
    /// at, usually 0 or all.
    ///
    /// # Errors
    /// That number.
    #[inline(always)]
    pub fn find<N: Nodes, R>(
        &mut self,
        nodes: &mut N,
        hash: u32,
        mut meet: impl FnMut(SlotId, &mut N::Item) -> Option<R>,
    ) -> Result<R, usize> {
        let Some(head) = self.heads.get(self.bucket(hash)).filter(|head| head.may_have(hash)) else {
            return Err(0);
        };
        let mut at = head.first();
        let mut len = 0;
        // `None` only at the end of a chain: every other link leads to a node.
        while let Some(item) = nodes.item_mut(SlotId(at)) {
            len += 1;
            let node: Node = *item.as_ref();
            if node.hash() == hash {
                if let Some(met) = meet(SlotId(at), item) {
                    self.steps += len as u64;
                    return Ok(met);
                }
            }
            at = node.next();
        }
        self.steps += len as u64;
        Err(len)
    }

    /// Whether there may be an entry with this hash.
    #[inline]
    pub fn may_have(&self, hash: u32) -> bool {
        self.heads.get(self.bucket(hash)).is_some_and(|head| head.may_have(hash))
    }

    /// Makes sure that the next [`insert`](Self::insert) finds room.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    #[inline]
    pub fn reserve(&mut self) -> Result<(), Error> {
        // Nothing is split, so there is no new bucket.
        if (self.len + 1) * BUCKETS <= self.buckets * ENTRIES {
            return Ok(());
        }
        self.reserve_buckets()
    }

    #[inline(never)]
    fn reserve_buckets(&mut self) -> Result<(), Error> {
        if self.buckets == 0 {
            self.heads.reach(SMALLEST - 1)?;
            self.buckets = SMALLEST;
            self.mask = 2 * SMALLEST - 1;
        }
        self.heads.reach(self.buckets + ENTRIES - 1)
    }

    /// Adds a slot under its hash. It must not be in the table, there must be [room](Self::reserve), and the slot must have a node.
    /// `chain` is how many entries the search for it looked at; `hash_of` knows the hash of a slot's key by another function.
    pub fn insert<N: Nodes>(
        &mut self,
        nodes: &mut N,
        hash: u32,
        slot: SlotId,
        chain: usize,
        hash_of: impl Fn(&N, SlotId, KeyHash) -> u32,
    ) {
        if self.hasher.mode() != HashMode::Fx {
            return self.insert_hash(nodes, hash, slot);
        }
        self.insert_hash(nodes, hash, slot);
        self.excess = (self.excess + chain).saturating_sub(USUAL_CHAIN);
        if chain > LONGEST_CHAIN || self.excess > SLACK {
            self.escalate(nodes, hash_of);
        }
    }

    /// Another function, for good.
    #[cold]
    #[inline(never)]
    fn escalate<N: Nodes>(&mut self, nodes: &mut N, hash_of: impl Fn(&N, SlotId, KeyHash) -> u32) {
        let hasher = self.hasher.escalated();
        self.hasher = hasher;
        self.rehash(nodes, |nodes, slot| hash_of(nodes, slot, hasher));
    }

    /// Adds a slot under a hash that is all there is of its key, as [`insert`](Self::insert) does but for a change of the function.
    #[inline(never)]
    pub fn insert_hash(&mut self, nodes: &mut impl Nodes, hash: u32, slot: SlotId) {
        self.put(nodes, hash, slot);
        self.len += 1;
        let mut splits = ENTRIES;
        while self.len * BUCKETS > self.buckets * ENTRIES && splits > 0 {
            self.split(nodes);
            splits -= 1;
        }
    }

    /// Takes a slot out; its node keeps the hash. `false` when it was not there. Compiled into both callers: where slots and ghosts are as large as each
    /// other the compiler makes one function for both, and a call in wasm takes longer than in a native program.
    #[inline(always)]
    pub fn remove(&mut self, nodes: &mut impl Nodes, slot: SlotId) -> bool {
        let Some((hash, next)) = nodes.node(slot).map(|node| (node.hash(), node.next())) else {
            return false;
        };
        let bucket = self.bucket(hash);
        let Some(head) = self.heads.get_mut(bucket) else { return false };
        let mut at = head.first();
        self.steps += 1;
        if at == slot.0 {
            *head = head.without_first(next);
        } else {
            loop {
                self.steps += 1;
                let Some(node) = nodes.node_mut(SlotId(at)) else { return false };
                if node.next() == slot.0 {
                    node.set_next(next);
                    break;
                }
                at = node.next();
            }
        }
        self.len -= 1;
        true
    }

    /// Empties the table and gives its memory back. The hash function stays.
    pub fn clear(&mut self) {
        self.heads = Chunks::default();
        self.buckets = 0;
        self.mask = 0;
        self.len = 0;
        self.excess = 0;
    }

    /// Every entry is in the chain of its hash, once, and the counts are right.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self, nodes: &impl Nodes) -> Valid {
        ensure(self.buckets == 0 || self.buckets >= SMALLEST, "index: buckets")?;
        let bits = self.mask >= self.buckets && self.mask >> 1 < self.buckets;
        ensure(self.buckets == 0 || bits, "index: mask")?;
        ensure(self.len * BUCKETS <= self.buckets * ENTRIES, "index: too few buckets")?;
        let mut len = 0;
        for (bucket, head) in self.heads.iter() {
            ensure(bucket < self.buckets || head.is_empty(), "index: an entry beyond the buckets")?;
            let mut at = head.first();
            while at != NOBODY {
                let Some(node) = nodes.node(SlotId(at)) else { return Err("index: a slot without a node") };
                ensure(self.bucket(node.hash()) == bucket, "index: a slot in a chain not its own")?;
                ensure(head.may_have(node.hash()), "index: a chain that hides an entry")?;
                len += 1;
                ensure(len <= self.len, "index: chains in a circle")?;
                at = node.next();
            }
        }
        ensure(self.len == len, "index: len")
    }

    /// Every (hash, slot), in no order.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn entries(&self, nodes: &impl Nodes) -> Vec<(u32, SlotId)> {
        let mut all = vec![];
        for (_, head) in self.heads.iter() {
            let mut at = head.first();
            while let Some(node) = nodes.node(SlotId(at)) {
                all.push((node.hash(), SlotId(at)));
                at = node.next();
            }
        }
        all
    }

    #[inline]
    fn bucket(&self, hash: u32) -> usize {
        let (bucket, other) = (hash as usize & self.mask, hash as usize & self.mask >> 1);
        if bucket < self.buckets {
            bucket
        } else {
            other
        }
    }

    /// The first of a chain, which is empty now.
    fn take_first(&mut self, bucket: usize) -> u32 {
        self.heads.get_mut(bucket).map_or(NOBODY, |head| std::mem::take(head).first())
    }

    #[inline(always)]
    fn put(&mut self, nodes: &mut impl Nodes, hash: u32, slot: SlotId) {
        let bucket = self.bucket(hash);
        self.steps += 1;
        let (Some(head), Some(node)) = (self.heads.get_mut(bucket), nodes.node_mut(slot)) else { return };
        node.enter(hash, head.first());
        *head = head.with(slot, hash);
    }

    /// One bucket more: it takes what belongs to it from the one that had it.
    #[inline(never)]
    fn split(&mut self, nodes: &mut impl Nodes) {
        let new = self.buckets;
        if self.heads.get(new).is_none() {
            return;
        }
        let mut at = self.take_first(new & self.mask >> 1);
        self.buckets += 1;
        while let Some(node) = nodes.node(SlotId(at)).copied() {
            self.put(nodes, node.hash(), SlotId(at));
            at = node.next();
        }
        if self.buckets > self.mask {
            self.mask = self.mask << 1 | 1;
        }
    }

    /// Every slot into the chain of its new hash. This takes no memory.
    fn rehash<N: Nodes>(&mut self, nodes: &mut N, hash_of: impl Fn(&N, SlotId) -> u32) {
        let mut all = NOBODY;
        for bucket in 0..self.buckets {
            let mut at = self.take_first(bucket);
            while let Some(node) = nodes.node_mut(SlotId(at)) {
                let next = node.next();
                node.set_next(all);
                (all, at) = (at, next);
            }
        }
        while let Some(next) = nodes.node(SlotId(all)).map(|node| node.next()) {
            let hash = hash_of(nodes, SlotId(all));
            self.put(nodes, hash, SlotId(all));
            all = next;
        }
    }
}

#[cfg(test)]
mod tests;

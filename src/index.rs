//! From a key to its slot: an open-addressing table of (hash, slot), eight bytes an entry.
//!
//! Linear probing with backward-shift deletion, so there are no tombstones and a table does not age. It is at most half full:
//! then a search takes 1.5 steps on average when it finds and 2.5 when not, and long runs are rare enough to mean something.
//! The hash selects; the `is` of the caller, who has the cells, decides.
//!
//! A table that is worse than random keys could make it is under attack (see [`hash`](crate::hash)). Two signs: one entry
//! further from its home than `LONGEST_RUN`, or all entries together further than `MEAN_RUN` each. Then the table changes
//! to SipHash and builds itself anew, once and for good.

use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};
use crate::hash::{HashMode, KeyHash};
use crate::slab::SlotId;

/// How far from its home an entry may be. Half full, a run this long has a chance of about e^(-0.19 · 192), or 10⁻¹⁶.
const LONGEST_RUN: usize = 192;

/// How far from home entries may be on average. Half full, random keys are at 0.5 in any order of insertion.
const MEAN_RUN: usize = 1;

/// And so far in all beyond that, so that chance in a small table is no sign.
const SLACK: usize = 512;

const SMALLEST: usize = 8;

/// Bytes kept for a slot: an entry, in a table that is half full.
pub const INDEX_BYTES: usize = 2 * size_of::<Entry>();

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    slot: u32,
}

impl Entry {
    /// No slot has this number: there are at most 2²⁹.
    const EMPTY: Self = Self { hash: 0, slot: u32::MAX };

    const fn is_empty(self) -> bool {
        self.slot == Self::EMPTY.slot
    }
}

/// The table.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Entry>,
    len: usize,
    /// The distances of all entries from their homes, added up.
    displaced: usize,
    hasher: KeyHash,
    steps: u64,
}

impl Index {
    /// An empty table, which takes no memory yet.
    pub const fn new(hasher: KeyHash) -> Self {
        Self { entries: Vec::new(), len: 0, displaced: 0, hasher, steps: 0 }
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

    /// Entries looked at so far, for all purposes: what collisions cost.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The slot with this hash that `is` the one.
    #[inline]
    pub fn find(&mut self, hash: u32, mut is: impl FnMut(SlotId) -> bool) -> Option<SlotId> {
        let mut at = self.home(hash);
        loop {
            self.steps += 1;
            // `None` only in a table without memory: any other has empty places.
            let entry = *self.entries.get(at)?;
            if entry.is_empty() {
                return None;
            }
            if entry.hash == hash && is(SlotId(entry.slot)) {
                return Some(SlotId(entry.slot));
            }
            at = self.after(at);
        }
    }

    /// Makes sure that the next [`insert`](Self::insert) finds room.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn reserve(&mut self) -> Result<(), Error> {
        if (self.len + 1) * 2 > self.entries.len() {
            let capacity = (self.entries.len() * 2).max(SMALLEST);
            self.rebuild(capacity, |entry| entry.hash)?;
        }
        Ok(())
    }

    /// Adds a slot under its hash. It must not be in the table, and there must be [room](Self::reserve).
    pub fn insert<'a>(&mut self, hash: u32, slot: SlotId, key_of: impl Fn(SlotId) -> &'a [u64]) {
        let distance = self.place(Entry { hash, slot: slot.0 });
        let suspicious = distance > LONGEST_RUN || self.displaced > self.len * MEAN_RUN + SLACK;
        if suspicious && self.hasher.mode() == HashMode::Fx {
            let hasher = self.hasher.escalated();
            // Without memory for it the table stays right, only slow, and the next such insertion tries again.
            if self.rebuild(self.entries.len(), |entry| hasher.hash(key_of(SlotId(entry.slot)))).is_ok() {
                self.hasher = hasher;
            }
        }
    }

    /// Adds a slot under a hash that is all there is of its key, as [`insert`](Self::insert) does but for a change of the function.
    pub fn insert_hash(&mut self, hash: u32, slot: SlotId) {
        self.place(Entry { hash, slot: slot.0 });
    }

    /// Takes a slot out. `false` when it was not there.
    pub fn remove(&mut self, hash: u32, slot: SlotId) -> bool {
        let mut hole = self.home(hash);
        loop {
            self.steps += 1;
            match self.entries.get(hole) {
                Some(entry) if entry.slot == slot.0 => break,
                Some(entry) if !entry.is_empty() => hole = self.after(hole),
                _ => return false,
            }
        }
        self.displaced -= self.distance(self.home(hash), hole);
        self.len -= 1;
        let mut at = self.after(hole);
        while let Some(entry) = self.entries.get(at).copied().filter(|entry| !entry.is_empty()) {
            self.steps += 1;
            // An entry may fill the hole unless that lies before its home.
            let back = self.distance(hole, at);
            if self.distance(self.home(entry.hash), at) >= back {
                self.put(hole, entry);
                self.displaced -= back;
                hole = at;
            }
            at = self.after(at);
        }
        self.put(hole, Entry::EMPTY);
        true
    }

    /// Empties the table and gives its memory back. The hash function stays.
    pub fn clear(&mut self) {
        self.entries = Vec::new();
        self.len = 0;
        self.displaced = 0;
    }

    /// Every entry is reachable from its home, and the counts are right.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self) -> Valid {
        let capacity = self.entries.len();
        ensure(capacity == 0 || capacity.is_power_of_two(), "index: capacity is a power of two")?;
        ensure(self.len * 2 <= capacity, "index: at most half full")?;
        let (mut len, mut displaced) = (0, 0);
        for (at, entry) in self.entries.iter().enumerate().filter(|(_, entry)| !entry.is_empty()) {
            let home = self.home(entry.hash);
            len += 1;
            displaced += self.distance(home, at);
            let mut on_the_way = home;
            while on_the_way != at {
                let filled = self.entries.get(on_the_way).is_some_and(|entry| !entry.is_empty());
                ensure(filled, "index: a gap between an entry and its home")?;
                on_the_way = self.after(on_the_way);
            }
        }
        ensure(self.len == len, "index: len")?;
        ensure(self.displaced == displaced, "index: displaced")
    }

    /// Every (hash, slot), in no order.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn iter(&self) -> impl Iterator<Item = (u32, SlotId)> + '_ {
        self.entries.iter().filter(|entry| !entry.is_empty()).map(|entry| (entry.hash, SlotId(entry.slot)))
    }

    fn mask(&self) -> usize {
        self.entries.len().wrapping_sub(1)
    }

    fn home(&self, hash: u32) -> usize {
        hash as usize & self.mask()
    }

    fn after(&self, at: usize) -> usize {
        at.wrapping_add(1) & self.mask()
    }

    /// Steps from one place on to another, round the end.
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.mask()
    }

    fn put(&mut self, at: usize, entry: Entry) {
        if let Some(place) = self.entries.get_mut(at) {
            *place = entry;
        }
    }

    /// Puts an entry into the first empty place from its home on, and says how far that was.
    fn place(&mut self, entry: Entry) -> usize {
        let home = self.home(entry.hash);
        let mut at = home;
        self.steps += 1;
        while self.entries.get(at).is_some_and(|entry| !entry.is_empty()) {
            self.steps += 1;
            at = self.after(at);
        }
        let distance = self.distance(home, at);
        self.put(at, entry);
        self.len += 1;
        self.displaced += distance;
        distance
    }

    /// A new table of this capacity with every entry under the hash given.
    fn rebuild(&mut self, capacity: usize, hash: impl Fn(Entry) -> u32) -> Result<(), Error> {
        let mut entries = Vec::new();
        entries.try_reserve_exact(capacity)?;
        entries.resize(capacity, Entry::EMPTY);
        let old = std::mem::replace(&mut self.entries, entries);
        self.len = 0;
        self.displaced = 0;
        for entry in old.into_iter().filter(|entry| !entry.is_empty()) {
            self.place(Entry { hash: hash(entry), slot: entry.slot });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Seed;

    /// A table whose keys are one cell each, the number of the slot.
    struct Table {
        index: Index,
        keys: Vec<[u64; 1]>,
    }

    impl Table {
        fn new(mode: HashMode) -> Self {
            let keys = (0..4096).map(|n| [n]).collect();
            Self { index: Index::new(KeyHash::new(Seed::new(7), mode)), keys }
        }

        fn insert(&mut self, n: u32) {
            self.index.reserve().unwrap();
            let hash = self.index.hash(&self.keys[n as usize]);
            self.index.insert(hash, SlotId(n), |slot| &self.keys[slot.index()]);
        }

        fn find(&mut self, n: u32) -> bool {
            let hash = self.index.hash(&self.keys[n as usize]);
            self.index.find(hash, |slot| slot.0 == n) == Some(SlotId(n))
        }

        fn remove(&mut self, n: u32) -> bool {
            let hash = self.index.hash(&self.keys[n as usize]);
            self.index.remove(hash, SlotId(n))
        }
    }

    #[test]
    fn an_empty_table_finds_nothing_and_takes_no_memory() {
        let mut table = Table::new(HashMode::Ones);
        assert!(!table.find(1) && !table.remove(1) && table.index.is_empty());
        table.index.validate().unwrap();
    }

    #[test]
    fn whatever_the_hash_the_caller_decides() {
        for mode in [HashMode::Fx, HashMode::Sip, HashMode::Zero, HashMode::Ones] {
            let mut table = Table::new(mode);
            for n in 0..200 {
                table.insert(n);
            }
            for n in (0..200).step_by(3) {
                assert!(table.remove(n) && !table.remove(n));
                table.index.validate().unwrap();
            }
            for n in 0..200 {
                assert_eq!(table.find(n), n % 3 != 0);
            }
            assert_eq!((table.index.len(), table.index.mode()), (133, mode));
            table.index.clear();
            assert!(!table.find(1));
            table.index.validate().unwrap();
        }
    }

    #[test]
    fn random_keys_do_not_escalate_at_the_fullest() {
        for seed in 0..20 {
            let mut table = Table::new(HashMode::Fx);
            table.index.hasher = KeyHash::new(Seed::new(seed), HashMode::Fx);
            (0..4096).for_each(|n| table.insert(n));
            assert_eq!(table.index.mode(), HashMode::Fx);
        }
    }
}

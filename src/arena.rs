//! Where the cells of keys lie: pages of places of one size, so a key has no head of its own, and the place of one that went is taken
//! again by a key of the same length.
//!
//! A key longer than `SHARED` cells has a page for itself. A page on which there is nothing any more goes back to the allocator.

use crate::chunks::Chunks;
use crate::error::Error;
#[cfg(any(test, fuzzing, debug_assertions))]
use crate::error::{ensure, Valid};

/// Cells of a page that several keys share, as a power of two.
const BITS: u32 = 12;
const PAGE: usize = 1 << BITS;

/// The longest key, in cells, that shares a page.
const SHARED: usize = PAGE / 8;

/// No page, no place.
const NONE: u32 = u32::MAX;

/// The most pages: a name of a key has room for no more.
const PAGES: u32 = NONE >> BITS;

/// Where a key is: the page, and its first cell there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRef(u32);

impl KeyRef {
    /// No key.
    pub const NONE: Self = Self(NONE);

    #[inline]
    const fn page(self) -> u32 {
        self.0 >> BITS
    }

    #[inline]
    const fn place(self) -> u32 {
        self.0 % PAGE as u32
    }
}

/// What is on a page. Its cells are elsewhere: whoever reads keys needs nothing else.
#[derive(Debug)]
struct Page {
    /// Cells of a key.
    len: u32,
    /// Keys.
    used: u32,
    /// The first free place; in its first cell is the next.
    free: u32,
    /// The neighbours in the list of pages with room for keys of this length; of a page without memory the next such one.
    prev: u32,
    next: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { len: 0, used: 0, free: NONE, prev: NONE, next: NONE }
    }
}

impl Page {
    /// Cells of a place: a free one has something to say.
    fn stride(&self) -> usize {
        (self.len as usize).max(1)
    }

    fn is_shared(&self) -> bool {
        self.len as usize <= SHARED
    }

    /// Whether one more key fits on this page of so many cells.
    fn has_room(&self, cells: usize) -> bool {
        self.free != NONE || (self.is_shared() && cells + self.stride() <= PAGE)
    }
}

/// All keys of one index.
#[derive(Debug)]
pub struct Arena {
    /// The cells of each page, as far as they were ever used. Twelve bytes a page of 32 KiB: the only list here that moves as it grows.
    cells: Vec<Vec<u64>>,
    pages: Chunks<Page>,
    /// The first page without memory.
    spare: u32,
    /// For keys of no cell, of one, and so on: the first page with room.
    room: Vec<u32>,
}

impl Default for Arena {
    fn default() -> Self {
        Self { cells: Vec::new(), pages: Chunks::default(), spare: NONE, room: Vec::new() }
    }
}

impl Arena {
    /// The cells of a key of so many, none where there is none.
    #[inline]
    pub fn get(&self, key: KeyRef, len: u32) -> &[u64] {
        let from = key.place() as usize;
        let cells = self.cells.get(key.page() as usize).and_then(|page| page.get(from..from + len as usize));
        cells.unwrap_or_default()
    }

    /// Keeps a key.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], and nothing is kept.
    pub fn add(&mut self, key: &[u64]) -> Result<KeyRef, Error> {
        let known = self.room.get(key.len()).copied().unwrap_or(NONE);
        let id = if known == NONE { self.open(key.len())? } else { known };
        let page = self.pages.get_mut(id as usize).ok_or(Error::OutOfMemory)?;
        let cells = self.cells.get_mut(id as usize).ok_or(Error::OutOfMemory)?;
        let stride = page.stride();
        let place = if page.free == NONE { cells.len() } else { page.free as usize };
        if page.free == NONE {
            if cells.capacity() < place + stride {
                cells.try_reserve_exact(place.max(2 * stride).min(PAGE.saturating_sub(place)).max(stride))?;
            }
            cells.resize(place + stride, 0);
        }
        if let Some(cells) = cells.get_mut(place..place + stride) {
            page.free = cells.first().filter(|_| page.free != NONE).map_or(NONE, |next| *next as u32);
            cells.iter_mut().zip(key).for_each(|(cell, of_key)| *cell = *of_key);
        }
        page.used += 1;
        if page.is_shared() && !page.has_room(cells.len()) {
            self.unlink(id);
        }
        Ok(KeyRef(id << BITS | place as u32))
    }

    /// Drops a key that is kept.
    pub fn remove(&mut self, key: KeyRef) {
        let id = key.page();
        let Some(page) = self.pages.get_mut(id as usize) else { return };
        let Some(cells) = self.cells.get_mut(id as usize) else { return };
        page.used -= 1;
        if page.used == 0 {
            return self.close(id);
        }
        let had_room = page.has_room(cells.len());
        let next = std::mem::replace(&mut page.free, key.place());
        if let Some(cell) = cells.get_mut(key.place() as usize) {
            *cell = u64::from(next);
        }
        if !had_room {
            self.link(id);
        }
    }

    /// A new page for keys of so many cells.
    #[cold]
    #[inline(never)]
    fn open(&mut self, len: usize) -> Result<u32, Error> {
        let id = if self.spare == NONE { self.cells.len() as u32 } else { self.spare };
        if id >= PAGES {
            return Err(Error::OutOfMemory);
        }
        self.pages.reach(id as usize)?;
        self.cells.try_reserve(1)?;
        if len <= SHARED && len >= self.room.len() {
            self.room.try_reserve(len + 1 - self.room.len())?;
            self.room.resize(len + 1, NONE);
        }
        let page = self.pages.get_mut(id as usize).ok_or(Error::OutOfMemory)?;
        let spare = page.next;
        *page = Page { len: len as u32, ..Page::default() };
        if self.spare == NONE {
            self.cells.push(Vec::new());
        } else {
            self.spare = spare;
        }
        self.link(id);
        Ok(id)
    }

    /// Gives the memory of an empty page back.
    #[cold]
    #[inline(never)]
    fn close(&mut self, id: u32) {
        let Some(cells) = self.cells.get_mut(id as usize) else { return };
        let cells = std::mem::take(cells);
        let Some(page) = self.pages.get_mut(id as usize) else { return };
        if page.is_shared() && page.has_room(cells.len()) {
            self.unlink(id);
        }
        if let Some(page) = self.pages.get_mut(id as usize) {
            *page = Page { next: self.spare, ..Page::default() };
            self.spare = id;
        }
    }

    /// To the front of the pages of its length that have room, if it can be shared.
    fn link(&mut self, id: u32) {
        let Self { pages, room, .. } = self;
        let Some(page) = pages.get_mut(id as usize).filter(|page| page.is_shared()) else { return };
        let Some(room) = room.get_mut(page.len as usize) else { return };
        let first = std::mem::replace(room, id);
        (page.prev, page.next) = (NONE, first);
        if let Some(page) = pages.get_mut(first as usize) {
            page.prev = id;
        }
    }

    /// Out of them.
    fn unlink(&mut self, id: u32) {
        let Self { pages, room, .. } = self;
        let Some(page) = pages.get_mut(id as usize) else { return };
        let Page { len, prev, next, .. } = *page;
        (page.prev, page.next) = (NONE, NONE);
        if let Some(page) = pages.get_mut(prev as usize) {
            page.next = next;
        } else if let Some(room) = room.get_mut(len as usize) {
            *room = next;
        }
        if let Some(page) = pages.get_mut(next as usize) {
            page.prev = prev;
        }
    }

    /// Each page's places are used or free, pages with room are in the list of their length, those without memory among the spare ones,
    /// and there are so many keys.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn validate(&self, keys: usize) -> Valid {
        let (mut used, mut with_room, mut bare) = (0, 0, 0);
        for (cells, (_, page)) in self.cells.iter().zip(self.pages.iter()) {
            used += page.used as usize;
            if page.used == 0 {
                bare += 1;
                continue;
            }
            let (mut free, mut at) = (0, page.free);
            while at != NONE {
                free += 1;
                ensure(free * page.stride() <= cells.len(), "arena: free places in a circle")?;
                let Some(next) = cells.get(at as usize) else {
                    return Err("arena: a free place that is none");
                };
                at = *next as u32;
            }
            ensure((free + page.used as usize) * page.stride() == cells.len(), "arena: a place is lost")?;
            with_room += usize::from(page.is_shared() && page.has_room(cells.len()));
        }
        ensure(used == keys, "arena: as many keys as slots in use")?;
        let mut listed = 0;
        for (len, room) in self.room.iter().enumerate() {
            let (mut prev, mut at) = (NONE, *room);
            while let Some(page) = self.pages.get(at as usize).filter(|_| at != NONE) {
                let cells = self.cells.get(at as usize).map_or(0, Vec::len);
                ensure(page.prev == prev && page.len as usize == len, "arena: a page in a list not its own")?;
                ensure(page.has_room(cells), "arena: a full page among those with room")?;
                listed += 1;
                ensure(listed <= self.cells.len(), "arena: pages in a circle")?;
                (prev, at) = (at, page.next);
            }
        }
        ensure(listed >= with_room, "arena: a page with room is lost")?;
        let (mut spares, mut at) = (0, self.spare);
        while let Some(cells) = self.cells.get(at as usize) {
            spares += 1;
            ensure(cells.capacity() == 0 && spares <= bare, "arena: a spare page with memory")?;
            at = self.pages.get(at as usize).map_or(NONE, |page| page.next);
        }
        Ok(())
    }

    /// Cells there is memory for.
    #[cfg(test)]
    fn held(&self) -> usize {
        self.cells.iter().map(Vec::capacity).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Cells that only this key has.
    fn cells(key: u64, len: usize) -> Vec<u64> {
        (0..len as u64).map(|at| key << 32 | at).collect()
    }

    const LENGTHS: [usize; 9] = [0, 1, 2, 5, SHARED - 1, SHARED, SHARED + 1, PAGE, 8192];

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn keys_are_what_they_were_whatever_comes_and_goes(
            ops in prop::collection::vec((0..5u8, 0..1000usize, prop::sample::select(LENGTHS.to_vec())), 1..200),
        ) {
            let (mut arena, mut kept) = (Arena::default(), vec![]);
            for (n, (op, which, len)) in ops.into_iter().enumerate() {
                if op < 3 || kept.is_empty() {
                    let key = cells(n as u64, len);
                    kept.push((arena.add(&key).unwrap(), key));
                } else {
                    let (at, key) = kept.swap_remove(which % kept.len());
                    prop_assert_eq!(arena.get(at, key.len() as u32), key);
                    arena.remove(at);
                }
                arena.validate(kept.len()).unwrap();
                prop_assert!(kept.iter().all(|(at, key)| arena.get(*at, key.len() as u32) == key));
            }
            for (at, _) in kept.drain(..) {
                arena.remove(at);
            }
            arena.validate(0).unwrap();
            prop_assert_eq!(arena.held(), 0);
        }
    }

    #[test]
    fn places_are_used_again_and_no_page_moves_when_another_is_opened() {
        let mut arena = Arena::default();
        let keys: Vec<_> = (0..10_000).map(|n| arena.add(&cells(n, 5)).unwrap()).collect();
        let pages = arena.cells.len();
        assert_eq!(pages, 10_000usize.div_ceil(PAGE / 5));
        for (n, key) in keys.iter().enumerate() {
            assert_eq!(arena.get(*key, 5), cells(n as u64, 5));
            arena.remove(*key);
            let again = arena.add(&cells(n as u64 + 20_000, 5)).unwrap();
            assert!(again == *key && arena.cells.len() == pages);
        }
        arena.validate(10_000).unwrap();
        keys.iter().for_each(|key| arena.remove(*key));
        let other = arena.add(&cells(1, 7)).unwrap();
        assert!(
            arena.cells.len() == pages && arena.get(other, 7) == cells(1, 7),
            "an empty page is for any length"
        );
        arena.validate(1).unwrap();
    }

    #[test]
    fn few_keys_take_little() {
        let mut arena = Arena::default();
        (0..4).for_each(|n| _ = arena.add(&cells(n, 3)).unwrap());
        assert!(arena.held() <= 24, "{} cells", arena.held());
    }

    #[test]
    fn no_key() {
        let mut arena = Arena::default();
        assert!(arena.get(KeyRef::NONE, 0).is_empty() && arena.get(KeyRef::NONE, 3).is_empty());
        let empty = arena.add(&[]).unwrap();
        assert!(arena.get(empty, 0).is_empty() && empty != KeyRef::NONE);
        arena.validate(1).unwrap();
    }
}

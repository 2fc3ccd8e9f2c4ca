//! Where the cells of keys lie: pages of places of one size, so a key has no head of its own, and the place of one that went is taken
//! again by a key of the same length.
//!
//! What keys [begin with alike](alike) is there once for a page, which then has no other keys: one string of 24 units takes its 24 bytes. The
//! first cell beyond that lies with whoever keeps the key, who has it at hand then: a key with no more than this one, as a number is, has no
//! place here, and its page no memory.
//! A key longer than `SHARED` cells has a page for itself. A page on which there is nothing any more goes back to the allocator.

use crate::chunks::Chunks;
use crate::error::Error;

mod shape;
#[cfg(any(test, fuzzing, debug_assertions))]
mod validate;

pub use shape::Key;
use shape::{same, write, Shape};

/// Cells of a page that several keys share, as a power of two.
const BITS: u32 = 12;
const PAGE: usize = 1 << BITS;

/// The longest key, in cells, that shares a page.
const SHARED: usize = PAGE / 8;

/// No page, no place, no class.
const NONE: u32 = u32::MAX;

/// The most pages: a name of a key has room for no more.
const PAGES: u32 = NONE >> BITS;

/// Lists of classes; there are a few thousand classes at the very most, and a few usually.
const LISTS: usize = 32;

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

/// A key that is kept now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it is.
    pub key: KeyRef,
    /// Its first own cell, which the caller keeps; 0 where there is none.
    pub first: u64,
}

/// Keys of one shape.
#[derive(Debug)]
struct Class {
    shape: Shape,
    /// Pages with memory.
    pages: u32,
    /// The first page with room.
    room: u32,
    /// The next class of its list.
    next: u32,
}

/// The cells of a page as far as they were ever used, and all that is to know to read a key.
#[derive(Debug, Default)]
struct Cells {
    held: Vec<u64>,
    shape: Shape,
}

/// What else there is to know of a page.
#[derive(Debug)]
struct Page {
    class: u32,
    /// Keys.
    used: u32,
    /// The first free place; in its first cell is the next.
    free: u32,
    /// The neighbours in the list of pages of this class with room; of a page without memory the next such one.
    prev: u32,
    next: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { class: NONE, used: 0, free: NONE, prev: NONE, next: NONE }
    }
}

impl Page {
    /// Whether one more key fits on this page.
    fn has_room(&self, cells: &Cells) -> bool {
        let Cells { held, shape } = cells;
        self.free != NONE || (shape.is_short() && held.len() + shape.stride() <= PAGE)
    }
}

/// All keys of one index.
#[derive(Debug)]
pub struct Arena {
    /// Forty bytes a page of 32 KiB: the only list here that moves as it grows.
    cells: Vec<Cells>,
    pages: Chunks<Page>,
    /// The first page without memory.
    spare: u32,
    classes: Vec<Class>,
    /// The first class of each list.
    lists: Vec<u32>,
    /// The class that was asked for last, which most keys of a function are of.
    latest: u32,
    /// The page that a key without a place was last put on.
    placeless: u32,
}

impl Default for Arena {
    fn default() -> Self {
        Self {
            cells: Vec::new(),
            pages: Chunks::default(),
            spare: NONE,
            classes: Vec::new(),
            lists: Vec::new(),
            latest: NONE,
            placeless: NONE,
        }
    }
}

impl Arena {
    /// A key whose first own cell is this one, empty where there is none.
    #[inline]
    pub fn get<'a>(&'a self, key: KeyRef, first: &'a u64) -> Key<'a> {
        let Some(Cells { held, shape }) = self.cells.get(key.page() as usize) else { return Key::default() };
        let from = key.place() as usize;
        Key {
            head: shape.head.get(..shape.shared as usize).unwrap_or_default(),
            first: if shape.len == 0 { &[] } else { std::slice::from_ref(first) },
            rest: held.get(from..from + shape.stride()).unwrap_or_default(),
        }
    }

    /// Whether a key is this one: what `get` and `Key::is` say, for the lookup, which has no time for slices.
    #[inline]
    pub fn is(&self, held: KeyRef, first: u64, key: &[u64]) -> bool {
        let Some(Cells { held: cells, shape }) = self.cells.get(held.page() as usize) else { return false };
        let shared = shape.shared as usize;
        if key.len() != shared + shape.len as usize {
            return false;
        }
        let [call, argument] = shape.head;
        let is_alike = match (shared, key) {
            (0, _) => true,
            (1, [a, ..]) => *a == call,
            (_, [a, b, ..]) => *a == call && *b == argument,
            _ => false,
        };
        match key.get(shared..) {
            _ if !is_alike => false,
            Some([cell]) => *cell == first,
            Some([cell, rest @ ..]) => {
                let from = held.place() as usize;
                *cell == first && cells.get(from..from + rest.len()).is_some_and(|held| same(held, rest))
            }
            _ => true,
        }
    }

    /// Cells that a key has for itself.
    #[inline]
    pub fn own_cells(&self, key: KeyRef) -> usize {
        self.cells.get(key.page() as usize).map_or(0, |cells| cells.shape.len as usize)
    }

    /// Keeps a key that needs no place, if the last such one was of its shape. Where this does not, [`add_placed`](Self::add_placed) does.
    #[inline]
    pub fn add_placeless(&mut self, key: &[u64]) -> Option<Kept> {
        let (shape, first, rest) = Shape::of(key);
        let known = self.cells.get(self.placeless as usize).is_some_and(|cells| cells.shape == shape);
        if !(known && rest.is_empty()) {
            return None;
        }
        // A page on which there is nothing is closed.
        let page = self.pages.get_mut(self.placeless as usize).filter(|page| page.used > 0)?;
        page.used += 1;
        Some(Kept { key: KeyRef(self.placeless << BITS), first })
    }

    /// Keeps any key, but for its first own cell.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], and nothing is kept.
    pub fn add_placed(&mut self, key: &[u64]) -> Result<Kept, Error> {
        let (shape, first, rest) = Shape::of(key);
        Ok(Kept { key: self.place(shape, rest)?, first })
    }

    /// The place of a key.
    #[inline(never)]
    fn place(&mut self, shape: Shape, rest: &[u64]) -> Result<KeyRef, Error> {
        let class = if shape.is_short() { self.class_of(shape)? } else { NONE };
        let (room, others) =
            self.classes.get(class as usize).map_or((NONE, 0), |class| (class.room, class.pages));
        let id = if room == NONE { self.open(class, shape)? } else { room };
        let page = self.pages.get_mut(id as usize).ok_or(Error::OutOfMemory)?;
        if rest.is_empty() {
            page.used += 1;
            self.placeless = id;
            return Ok(KeyRef(id << BITS));
        }
        let cells = self.cells.get_mut(id as usize).ok_or(Error::OutOfMemory)?;
        let (held, stride) = (&mut cells.held, shape.stride());
        let place = if page.free == NONE { held.len() } else { page.free as usize };
        if page.free == NONE {
            if held.capacity() < place + stride {
                // The first page of a class grows by doubling, so a few keys take little, and one no more than it has.
                let more = if others > 0 && place == 0 { PAGE } else { place };
                held.try_reserve_exact(more.min((PAGE / stride * stride).saturating_sub(place)).max(stride))?;
            }
            held.resize(place + stride, 0);
        }
        if let Some(held) = held.get_mut(place..place + stride) {
            page.free = held.first().filter(|_| page.free != NONE).map_or(NONE, |next| *next as u32);
            write(held, rest);
        }
        page.used += 1;
        if shape.is_short() && !page.has_room(cells) {
            self.unlink(id);
        }
        Ok(KeyRef(id << BITS | place as u32))
    }

    /// Drops a key that is kept: the cells that it had for itself.
    #[inline]
    pub fn remove(&mut self, key: KeyRef) -> usize {
        let id = key.page();
        let Some(page) = self.pages.get_mut(id as usize) else { return 0 };
        let Some(cells) = self.cells.get(id as usize) else { return 0 };
        let own_cells = cells.shape.len as usize;
        page.used -= 1;
        if page.used == 0 {
            self.close(id);
        } else if cells.shape.stride() > 0 {
            self.vacate(key);
        }
        own_cells
    }

    /// The place of a key is free, and that of others is not.
    #[inline(never)]
    fn vacate(&mut self, key: KeyRef) {
        let id = key.page();
        let Some(page) = self.pages.get_mut(id as usize) else { return };
        let Some(cells) = self.cells.get_mut(id as usize) else { return };
        let had_room = page.has_room(cells);
        let next = std::mem::replace(&mut page.free, key.place());
        if let Some(cell) = cells.held.get_mut(key.place() as usize) {
            *cell = u64::from(next);
        }
        if !had_room {
            self.link(id);
        }
    }

    /// The class of a shape.
    #[inline]
    fn class_of(&mut self, shape: Shape) -> Result<u32, Error> {
        if self.classes.get(self.latest as usize).is_none_or(|class| class.shape != shape) {
            self.latest = self.listed(shape)?;
        }
        Ok(self.latest)
    }

    #[inline(never)]
    fn listed(&mut self, shape: Shape) -> Result<u32, Error> {
        let mut at = self.lists.get(shape.list()).map_or(NONE, |first| *first);
        while let Some(class) = self.classes.get(at as usize) {
            if class.shape == shape {
                return Ok(at);
            }
            at = class.next;
        }
        self.add_class(shape)
    }

    #[cold]
    #[inline(never)]
    fn add_class(&mut self, shape: Shape) -> Result<u32, Error> {
        self.classes.try_reserve(1)?;
        if self.lists.is_empty() {
            self.lists.try_reserve_exact(LISTS)?;
            self.lists.resize(LISTS, NONE);
        }
        let id = self.classes.len() as u32;
        let first = self.lists.get_mut(shape.list()).ok_or(Error::OutOfMemory)?;
        let next = std::mem::replace(first, id);
        self.classes.push(Class { shape, pages: 0, room: NONE, next });
        Ok(id)
    }

    /// A new page for keys of this class.
    #[cold]
    #[inline(never)]
    fn open(&mut self, class: u32, shape: Shape) -> Result<u32, Error> {
        let id = if self.spare == NONE { self.cells.len() as u32 } else { self.spare };
        if id >= PAGES {
            return Err(Error::OutOfMemory);
        }
        self.pages.reach(id as usize)?;
        self.cells.try_reserve(1)?;
        let page = self.pages.get_mut(id as usize).ok_or(Error::OutOfMemory)?;
        let spare = page.next;
        *page = Page { class, ..Page::default() };
        let cells = Cells { held: Vec::new(), shape };
        if self.spare == NONE {
            self.cells.push(cells);
        } else if let Some(spared) = self.cells.get_mut(id as usize) {
            *spared = cells;
            self.spare = spare;
        }
        if let Some(class) = self.classes.get_mut(class as usize) {
            class.pages += 1;
        }
        self.link(id);
        Ok(id)
    }

    /// Gives the memory of an empty page back.
    #[cold]
    #[inline(never)]
    fn close(&mut self, id: u32) {
        let Some(cells) = self.cells.get_mut(id as usize) else { return };
        let Some(page) = self.pages.get_mut(id as usize) else { return };
        let had_room = page.has_room(cells);
        *cells = Cells::default();
        if let Some(class) = self.classes.get_mut(page.class as usize) {
            class.pages -= 1;
            if had_room {
                self.unlink(id);
            }
        }
        if let Some(page) = self.pages.get_mut(id as usize) {
            *page = Page { next: self.spare, ..Page::default() };
            self.spare = id;
        }
    }

    /// To the front of the pages of its class that have room, if it has one.
    fn link(&mut self, id: u32) {
        let Self { pages, classes, .. } = self;
        let Some(page) = pages.get_mut(id as usize) else { return };
        let Some(class) = classes.get_mut(page.class as usize) else { return };
        let first = std::mem::replace(&mut class.room, id);
        (page.prev, page.next) = (NONE, first);
        if let Some(page) = pages.get_mut(first as usize) {
            page.prev = id;
        }
    }

    /// Out of them.
    fn unlink(&mut self, id: u32) {
        let Self { pages, classes, .. } = self;
        let Some(page) = pages.get_mut(id as usize) else { return };
        let Page { class, prev, next, .. } = *page;
        (page.prev, page.next) = (NONE, NONE);
        if let Some(page) = pages.get_mut(prev as usize) {
            page.next = next;
        } else if let Some(class) = classes.get_mut(class as usize) {
            class.room = next;
        }
        if let Some(page) = pages.get_mut(next as usize) {
            page.prev = prev;
        }
    }

    /// Cells there is memory for.
    #[cfg(test)]
    fn held(&self) -> usize {
        self.cells.iter().map(|cells| cells.held.capacity()).sum()
    }
}

#[cfg(test)]
mod tests;

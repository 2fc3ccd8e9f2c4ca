//! A list that grows a piece at a time: no growth moves or touches more than 1.2 MB, however long the list is.
//!
//! The first items lie in one piece, so a short list is as fast as a vector; it grows by doubling, so a short list is small. When it is a quarter
//! of what it will ever be it gets memory for all of that, and moves no more. The other items lie in chunks. A chunk is there when something in it
//! was asked for. Chunks of one kind are alike, so what one list gives back another takes whole.

use crate::error::Error;

/// Items that lie in one piece, at most, and items of a chunk, as powers of two. Few in tests, so that a short list has several chunks. Many
/// else: where half of all items are in the piece, a processor guesses wrong every second time.
const FIRST_BITS: u32 = if cfg!(any(test, fuzzing)) { 5 } else { 17 };
const BITS: u32 = if cfg!(any(test, fuzzing)) { 3 } else { 13 };
const FIRST: usize = 1 << FIRST_BITS;
const CHUNK: usize = 1 << BITS;

/// Items of the smallest first piece.
const SMALLEST: usize = 8;

/// The list. Items that nobody wrote are the default.
#[derive(Debug)]
pub struct Chunks<T> {
    first: Vec<T>,
    rest: Vec<Vec<T>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { first: Vec::new(), rest: Vec::new() }
    }
}

impl<T: Default> Chunks<T> {
    /// Of large items fewer and of small ones more: it is bytes that move.
    const FIRST: usize = match size_of::<T>() {
        0..=4 => FIRST * 2,
        5..=32 => FIRST,
        _ => FIRST / 4,
    };

    /// Makes sure that there is an item with this number.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    #[inline]
    pub fn reach(&mut self, at: usize) -> Result<(), Error> {
        match self.get(at) {
            Some(_) => Ok(()),
            None => self.grow(at),
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, at: usize) -> Result<(), Error> {
        let (items, room, size) = match at.checked_sub(Self::FIRST) {
            None => {
                let (room, size) = piece(at, Self::FIRST);
                (&mut self.first, room, size)
            }
            Some(beyond) => {
                let chunk = beyond >> BITS;
                self.rest.try_reserve((chunk + 1).saturating_sub(self.rest.len()))?;
                // One by one: what fills faster is larger, and there is one of it for each kind of item.
                while self.rest.len() <= chunk {
                    self.rest.push(Vec::new());
                }
                (self.rest.get_mut(chunk).ok_or(Error::OutOfMemory)?, CHUNK, CHUNK)
            }
        };
        items.try_reserve_exact(room - items.len())?;
        while items.len() < size {
            items.push(T::default());
        }
        Ok(())
    }

    /// Whether nothing was ever asked for.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.rest.is_empty()
    }

    /// The item with this number.
    #[inline]
    pub fn get(&self, at: usize) -> Option<&T> {
        match self.first.get(at) {
            None => self.beyond(at),
            item => item,
        }
    }

    #[inline]
    fn beyond(&self, at: usize) -> Option<&T> {
        let at = at.checked_sub(Self::FIRST)?;
        self.rest.get(at >> BITS)?.get(at % CHUNK)
    }

    /// The same, to be changed.
    #[inline]
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        if at < self.first.len() {
            self.first.get_mut(at)
        } else {
            self.beyond_mut(at)
        }
    }

    #[inline]
    fn beyond_mut(&mut self, at: usize) -> Option<&mut T> {
        let at = at.checked_sub(Self::FIRST)?;
        self.rest.get_mut(at >> BITS)?.get_mut(at % CHUNK)
    }

    /// The `N` items of the block with this number, none when they are not there. `N` is a power of two, no more than `SMALLEST`.
    #[inline]
    pub fn block<const N: usize>(&self, block: usize) -> Option<&[T; N]> {
        let at = block * N;
        match at.checked_sub(Self::FIRST) {
            None => self.first.get(at..)?.first_chunk(),
            Some(at) => self.rest.get(at >> BITS)?.get(at % CHUNK..)?.first_chunk(),
        }
    }

    /// The same, to be changed.
    #[inline]
    pub fn block_mut<const N: usize>(&mut self, block: usize) -> Option<&mut [T; N]> {
        let at = block * N;
        match at.checked_sub(Self::FIRST) {
            None => self.first.get_mut(at..)?.first_chunk_mut(),
            Some(at) => self.rest.get_mut(at >> BITS)?.get_mut(at % CHUNK..)?.first_chunk_mut(),
        }
    }

    /// Every item there is, with its number.
    #[cfg(any(test, fuzzing, debug_assertions))]
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let chunks = self.rest.iter().enumerate();
        let rest = chunks.flat_map(|(chunk, items)| (Self::FIRST + (chunk << BITS)..).zip(items));
        self.first.iter().enumerate().chain(rest)
    }
}

/// Of a first piece of at most so many items: for how many it gets memory when this one is to be in it, and how many are there then.
fn piece(at: usize, most: usize) -> (usize, usize) {
    if at < most / 4 {
        let size = ((at | (SMALLEST - 1)) + 1).next_power_of_two();
        return (size, size);
    }
    (most, (at | (CHUNK - 1)) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_reached_is_there_and_nothing_else_moves() {
        let mut list = Chunks::<u64>::default();
        assert_eq!((list.get(0), list.iter().count()), (None, 0));
        let len = FIRST + 10 * CHUNK;
        for at in 0..len {
            list.reach(at).unwrap();
            *list.get_mut(at).unwrap() = at as u64 + 1;
        }
        assert!(list.iter().all(|(at, item)| *item == at as u64 + 1 && list.get(at) == Some(item)));
        assert_eq!((list.iter().count(), list.get(len)), (len, None));
    }

    #[test]
    fn a_short_list_is_small_and_only_the_chunk_asked_for_is_there() {
        let mut list = Chunks::<u32>::default();
        list.reach(2).unwrap();
        assert_eq!(list.iter().count(), SMALLEST);
        let far = FIRST + 20 * CHUNK;
        list.reach(far + 3).unwrap();
        assert_eq!(list.iter().count(), SMALLEST + CHUNK);
        assert!(list.get(far - 1).is_none() && list.get(far).is_some() && list.get(SMALLEST).is_none());
        list.reach(SMALLEST).unwrap();
        assert_eq!(list.iter().count(), 2 * SMALLEST + CHUNK);
    }

    #[test]
    fn blocks_lie_in_one_piece() {
        let mut list = Chunks::<u64>::default();
        (0..FIRST + CHUNK).for_each(|at| list.reach(at).unwrap());
        for block in 0..(FIRST + CHUNK) / 8 {
            list.block_mut::<8>(block).unwrap()[7] = block as u64;
            assert_eq!(list.get(block * 8 + 7), Some(&(block as u64)));
            assert_eq!(list.block::<8>(block).map(|block| block[7]), Some(block as u64));
        }
        assert!(list.block::<8>((FIRST + CHUNK) / 8).is_none());
    }

    #[test]
    fn memory_that_is_not_there_is_refused() {
        let mut list = Chunks::<u64>::default();
        assert_eq!(list.reach(usize::MAX), Err(Error::OutOfMemory));
        assert!(list.get(usize::MAX).is_none() && list.get_mut(usize::MAX).is_none());
    }
}

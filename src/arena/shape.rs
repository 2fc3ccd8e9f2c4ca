//! What of a key is kept: what it begins with alike others, which a page has once, and the rest.

use super::{LISTS, SHARED};
use crate::key::{alike, ALIKE};

/// The cells of a key that is kept, in three pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Key<'a> {
    /// What it shares with others.
    pub(super) head: &'a [u64],
    /// The first of its own, or nothing.
    pub(super) first: &'a [u64],
    pub(super) rest: &'a [u64],
}

/// Whether they are the same, a cell at a time: `==` on slices calls `memcmp`, which in wasm goes by bytes.
#[inline]
pub(super) fn same(a: &[u64], b: &[u64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}

impl<'a> Key<'a> {
    /// Whether it is this one.
    #[inline]
    pub fn is(&self, key: &[u64]) -> bool {
        let Some((head, own)) = key.split_at_checked(self.head.len()) else { return false };
        own.split_at_checked(self.first.len()).is_some_and(|(first, rest)| {
            same(self.rest, rest) && same(self.first, first) && same(self.head, head)
        })
    }

    /// Its pieces, one after the other.
    pub const fn pieces(&self) -> [&'a [u64]; 3] {
        [self.head, self.first, self.rest]
    }

    /// All of its cells.
    pub fn cells(&self) -> impl Iterator<Item = &'a u64> {
        self.head.iter().chain(self.first).chain(self.rest)
    }

    /// How many these are.
    pub const fn len(&self) -> usize {
        self.head.len() + self.first.len() + self.rest.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Writes the cells of a key into its place. One by one where they are few: for so little a call, as of `memcpy`, takes longer.
#[inline]
pub(super) fn write(place: &mut [u64], cells: &[u64]) {
    match (place, cells) {
        ([to], [cell]) => *to = *cell,
        ([to, to_second], [cell, second]) => (*to, *to_second) = (*cell, *second),
        ([to, to_second, to_third], [cell, second, third]) => {
            (*to, *to_second, *to_third) = (*cell, *second, *third);
        }
        (place, cells) => place.iter_mut().zip(cells).for_each(|(to, cell)| *to = *cell),
    }
}

/// What keys begin with alike, and how many cells they have beyond that.
#[derive(Clone, Copy, Debug, Default, Eq)]
pub(super) struct Shape {
    pub(super) head: [u64; ALIKE],
    pub(super) shared: u32,
    pub(super) len: u32,
}

/// Cell by cell: of arrays as they are wasm compares the bytes, the other way round.
impl PartialEq for Shape {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let ([call, argument], [other_call, other_argument]) = (self.head, other.head);
        let is_alike = call == other_call && argument == other_argument;
        is_alike && self.shared == other.shared && self.len == other.len
    }
}

impl Shape {
    /// The shape of a key, and what it has beyond what it shares: the first of these cells, and the others.
    #[inline]
    pub(super) fn of(key: &[u64]) -> (Self, u64, &[u64]) {
        let (head, shared, own): ([u64; ALIKE], _, _) = match (alike(key), key) {
            (2, [call, argument, own @ ..]) => ([*call, *argument], 2, own),
            (1, [call, own @ ..]) => ([*call, 0], 1, own),
            _ => ([0; ALIKE], 0, key),
        };
        let shape = Self { head, shared, len: own.len() as u32 };
        match own {
            [first, rest @ ..] => (shape, *first, rest),
            [] => (shape, 0, &[]),
        }
    }

    /// Cells of a place.
    #[inline]
    pub(super) fn stride(&self) -> usize {
        (self.len as usize).saturating_sub(1)
    }

    /// Whether several keys share a page.
    pub(super) fn is_short(&self) -> bool {
        self.len as usize <= SHARED
    }

    pub(super) fn list(&self) -> usize {
        let mixed = self.head.iter().fold(u64::from(self.len), |mixed, cell| {
            (mixed ^ cell).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_right(29)
        });
        mixed as usize % LISTS
    }
}

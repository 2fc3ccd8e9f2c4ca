//! The neighbours of a slot in a queue, and beside them how long it has been there.

use crate::index::{NAME, NOBODY};

/// The neighbours of a slot in a ring of slots; and in the bits that a name leaves free its *age*.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Who comes before, and above that the age.
    prev: u32,
    /// Who comes after.
    pub next: u32,
}

impl Link {
    /// In place of a slot: nobody.
    pub const NOBODY: u32 = u32::MAX;

    /// Ages there are.
    pub const AGES: u8 = 1 << (u32::BITS - NAME);

    /// Between these, of this age.
    #[inline]
    pub const fn new(prev: u32, next: u32, age: u8) -> Self {
        Self { prev: prev | (age as u32) << NAME, next }
    }

    /// Who comes before.
    #[inline]
    pub const fn prev(self) -> u32 {
        self.prev & NOBODY
    }

    /// Another one before it.
    #[inline]
    pub fn set_prev(&mut self, prev: u32) {
        self.prev = self.prev & !NOBODY | prev;
    }

    /// The age.
    #[inline]
    pub const fn age(self) -> u8 {
        (self.prev >> NAME) as u8
    }
}

impl Default for Link {
    fn default() -> Self {
        Self { prev: Self::NOBODY, next: Self::NOBODY }
    }
}

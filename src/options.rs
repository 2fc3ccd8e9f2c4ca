//! The bounds of one index, validated once.

use crate::error::Error;

/// The highest bound on entries; of slots there are fewer (`index::NOBODY`). A slot travels as `slot << 2 | cause` in a `u32` and as `!(slot << 1 | pending)` in
/// an `i32`, so 29 bits fit both.
pub const MAX_SLOTS: u32 = 1 << 29;

/// Cells (8 bytes each) in the key buffer; a longer key is digested first.
pub const KEY_CELLS: usize = 8192;

/// The most slots one operation can report as removed, and so the most that one sweep looks at.
pub const REMOVED_MAX: usize = 4096;

/// Slots looked at for expired entries whenever an entry is stored. More than one, so what has expired goes faster than entries come.
pub const STEPS_PER_COMMIT: usize = 4;

/// Slots looked at for an expired entry before one that lives is evicted.
pub const STEPS_PER_VICTIM: usize = 32;

/// Options of one index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    max_entries: u32,
    max_bytes: u64,
}

impl Options {
    /// The bounds as JavaScript says them: `Infinity` (and entries beyond [`MAX_SLOTS`]) means no bound, or as many as there
    /// are slots; 0 means that nothing is ever stored; fractions are cut.
    ///
    /// # Errors
    /// [`Error::BadMaxEntries`], [`Error::BadMaxBytes`] when it is negative or NaN.
    pub fn new(max_entries: f64, max_bytes: f64) -> Result<Self, Error> {
        if max_entries.is_nan() || max_entries < 0.0 {
            return Err(Error::BadMaxEntries);
        }
        if max_bytes.is_nan() || max_bytes < 0.0 {
            return Err(Error::BadMaxBytes);
        }
        Ok(Self { max_entries: max_entries.min(f64::from(MAX_SLOTS)) as u32, max_bytes: max_bytes as u64 })
    }

    /// The most bytes of keys, bookkeeping and weights. Loads that run count, and may go beyond it for as long as they run.
    pub const fn max_bytes(self) -> u64 {
        self.max_bytes
    }

    /// The most resident entries. Pending ones do not count.
    pub const fn max_entries(self) -> u32 {
        self.max_entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_entries_is_validated() {
        let max = |n| Options::new(n, f64::INFINITY).map(Options::max_entries);
        assert_eq!(max(0.0), Ok(0));
        assert_eq!(max(-0.0), Ok(0));
        assert_eq!(max(2.9), Ok(2));
        assert_eq!(max(f64::INFINITY), Ok(MAX_SLOTS));
        assert_eq!(max(1e300), Ok(MAX_SLOTS));
        for bad in [-1.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(max(bad), Err(Error::BadMaxEntries));
            assert_eq!(Options::new(1.0, bad), Err(Error::BadMaxBytes));
        }
        assert_eq!(Options::new(1.0, f64::INFINITY).map(Options::max_bytes), Ok(u64::MAX));
        assert_eq!(Options::new(1.0, 1e6).map(Options::max_bytes), Ok(1_000_000));
    }
}

//! What can go wrong in the core, as values with a stable code.

use std::collections::TryReserveError;
use std::fmt;

/// An error of the core. None of them ever breaks a call: the caller of a memoized function gets its result uncached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The allocator refused.
    OutOfMemory,
    /// Every slot a [`SlotId`](crate::slab::SlotId) can name is taken.
    SlotsExhausted,
    /// `max_entries` is negative or not a number.
    BadMaxEntries,
    /// `max_bytes` is negative or not a number.
    BadMaxBytes,
}

impl Error {
    /// A name that stays the same from version to version, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfMemory => "out-of-memory",
            Self::SlotsExhausted => "slots-exhausted",
            Self::BadMaxEntries => "bad-max-entries",
            Self::BadMaxBytes => "bad-max-bytes",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfMemory => "memory is exhausted",
            Self::SlotsExhausted => "all slots of this index are taken",
            Self::BadMaxEntries => "maxEntries is negative or not a number",
            Self::BadMaxBytes => "maxBytes is negative or not a number",
        })
    }
}

impl std::error::Error for Error {}

impl From<TryReserveError> for Error {
    fn from(_: TryReserveError) -> Self {
        Self::OutOfMemory
    }
}

/// What a `validate()` answers: `Err` names the first invariant found broken.
#[cfg(any(test, fuzzing, debug_assertions))]
pub type Valid = Result<(), &'static str>;

/// One line of a `validate()`: `what` is the invariant in words.
#[cfg(any(test, fuzzing, debug_assertions))]
pub(crate) fn ensure(holds: bool, what: &'static str) -> Valid {
    if holds {
        Ok(())
    } else {
        Err(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_messages_are_stable() {
        let all = [Error::OutOfMemory, Error::SlotsExhausted, Error::BadMaxEntries];
        assert_eq!(all.map(Error::code), ["out-of-memory", "slots-exhausted", "bad-max-entries"]);
        assert!(all.iter().all(|error| !error.to_string().is_empty()));
        let refused = Vec::<u64>::new().try_reserve_exact(usize::MAX).unwrap_err();
        assert_eq!(Error::from(refused), Error::OutOfMemory);
    }
}

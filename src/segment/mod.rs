//! The segment format, version 1: many entries packed into one checksummed pair of blocks.
//!
//! A *head* holds what an index needs (digests, times, where the bytes lie), a *body* holds key and value bytes.
//! The format is described in `ARCHITECTURE.md`. This module knows no store: it turns records into bytes and bytes into
//! records; which of several records of one key counts, the stores decide. It reads bytes that it did not write: whatever they
//! are, it answers with a record whose checksum fits or with an [`Error`].

mod bytes;
mod head;
mod parts;
mod writer;

use crate::checksum::checksum;

pub use head::{decode_head, read, Head, Record};
pub use parts::assemble;
pub use writer::{Segment, SegmentWriter};

/// No head and no body is longer than this. Above 64 KiB Chromium puts a value into a file of its own, and such a write
/// is lost when the page goes away.
pub const MAX_BLOCK: usize = 60 * 1024;

/// A namespace is at most this many bytes of UTF-8.
pub const MAX_NAMESPACE: usize = 4096;

/// The version this module writes, and the only one it reads.
pub const VERSION: u16 = 1;

/// The first 16 bytes of BLAKE3 over the cells of a key.
pub type Digest = [u8; 16];

const MAGIC: u32 = 0x474D_494D;
const FIXED_LEN: usize = 24;
const RECORD_LEN: usize = 64;
const CHECKSUM_LEN: usize = 8;

/// Why bytes are not a segment, or a record does not become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Shorter or longer than it says, or than a block may be.
    Length,
    /// Not a segment at all.
    Magic,
    /// A segment of a format this code does not know: somebody else's, to be left alone.
    Version(u16),
    /// The bytes are not the ones that were written.
    Checksum,
    /// A field that no writer writes.
    Field,
    /// There is no such record.
    NoRecord,
    /// The namespace, or key and value together, are more than a segment can hold.
    TooLarge,
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Length => f.write_str("segment: wrong length"),
            Self::Magic => f.write_str("segment: not a segment"),
            Self::Version(version) => write!(f, "segment: unknown version {version}"),
            Self::Checksum => f.write_str("segment: checksum differs"),
            Self::Field => f.write_str("segment: impossible field"),
            Self::NoRecord => f.write_str("segment: no such record"),
            Self::TooLarge => f.write_str("segment: too large"),
        }
    }
}

impl std::error::Error for Error {}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key with its value.
    Whole,
    /// One part of a key with its value, cut because it fits no body.
    Part {
        /// Which part, from 0.
        part: u16,
        /// Of how many, at least 2.
        parts: u16,
        /// The lower half of the checksum over the whole key and value: parts of different writes never mix.
        whole: u32,
    },
    /// The key was deleted.
    Deleted,
    /// The whole namespace was deleted.
    Cleared,
}

impl Kind {
    fn is_tombstone(self) -> bool {
        matches!(self, Self::Deleted | Self::Cleared)
    }
}

/// The lower half of the checksum over a whole key and value that was cut into parts.
fn whole_checksum(key: &[u8], value: &[u8]) -> u32 {
    (checksum(&[key, value]) & u64::from(u32::MAX)) as u32
}

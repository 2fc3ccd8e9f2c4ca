//! The key format, version 1: what both sides of the boundary know about the cells of a key.
//!
//! A key is a sequence of cells, 8 bytes each, little-endian: a [`head`] that says what follows, then payload. JavaScript
//! writes keys; the core compares, hashes and digests them and never looks inside. `ARCHITECTURE.md` has the table.

pub mod decode;
pub mod digest;

/// A head cell: the tag in the low half, its argument in the high half.
pub const fn head(tag: u32, arg: u32) -> u64 {
    (arg as u64) << 32 | tag as u64
}

/// Tags of head cells.
pub mod tag {
    /// `undefined`.
    pub const UNDEFINED: u32 = 1;
    /// `null`.
    pub const NULL: u32 = 2;
    /// `false`.
    pub const FALSE: u32 = 3;
    /// `true`.
    pub const TRUE: u32 = 4;
    /// A number that is an int32 and not -0; arg: the int32.
    pub const INT32: u32 = 5;
    /// Any other number; payload: f64, NaN as `0x7ff8000000000000`.
    pub const FLOAT64: u32 = 6;
    /// A bigint that fits int64; payload: i64.
    pub const BIGINT64: u32 = 7;
    /// A bigint beyond int64; arg: bytes of text; payload: its hexadecimal text.
    pub const BIGINT: u32 = 8;
    /// A string of units up to 0x7f; arg: length; payload: a byte a unit.
    pub const ASCII: u32 = 9;
    /// Any other string; arg: length in units; payload: UTF-16LE.
    pub const UTF16: u32 = 10;
    /// A registered symbol; followed by its key as a string.
    pub const SYMBOL: u32 = 11;
    /// Something that goes by identity; payload: f64, its id in this process.
    pub const IDENTITY: u32 = 12;
    /// An array; arg: length; followed by items, then [`EXTRA`] if any.
    pub const ARRAY: u32 = 16;
    /// A run of holes; arg: how many.
    pub const HOLES: u32 = 17;
    /// A plain object; arg: number of properties; followed by pairs in canonical order.
    pub const OBJECT: u32 = 18;
    /// A Map; arg: size; followed by pairs.
    pub const MAP: u32 = 19;
    /// A Set; arg: size; followed by members.
    pub const SET: u32 = 20;
    /// A Date; payload: f64, its time.
    pub const DATE: u32 = 21;
    /// A RegExp; followed by source and flags.
    pub const REGEXP: u32 = 22;
    /// A boxed primitive; followed by the primitive.
    pub const BOXED: u32 = 23;
    /// An ArrayBuffer or a view; arg: kind; payload: f64 byte length, then the bytes.
    pub const BYTES: u32 = 24;
    /// URL, URLSearchParams, Headers, Temporal; arg: kind; followed by its text.
    pub const TEXT: u32 = 25;
    /// An Error; followed by class name, message, cause, errors.
    pub const ERROR: u32 = 26;
    /// A container that contains itself; arg: how many containers up.
    pub const CYCLE: u32 = 27;
    /// A container written after the argument because it lies too deep.
    pub const DEFERRED: u32 = 28;
    /// Keyed by `[mime.key]()`; followed by the class's identity and what the method returned.
    pub const KEYED: u32 = 29;
    /// An AbortSignal, whichever.
    pub const ABORT_SIGNAL: u32 = 30;
    /// Extra own properties of the value before; arg: number; followed by pairs.
    pub const EXTRA: u32 = 31;
    /// A call; arg: number of arguments; followed by them.
    pub const CALL: u32 = 32;
    /// A call with a `this`; arg: number of arguments; followed by the identity of `this` and them.
    pub const CALL_WITH_THIS: u32 = 33;
    /// A key too long to hold; payload: 32 bytes of BLAKE3, then f64, the cells of the whole key.
    pub const DIGESTED: u32 = 34;
    /// A Request; arg: 1 with a body; followed by method, URL, headers, settings, and f64 byte length and the bytes of the body.
    pub const REQUEST: u32 = 35;
}

/// The most that [`alike`] says.
pub const ALIKE: usize = 2;

/// A longer key has little to win.
const SHORT: usize = 32;

/// How many cells at its start a key is likely to have in common with the others of a function: the head of the call, and where that
/// says nothing of the value, or no more than about how long it is, the head of the first argument.
#[inline]
pub fn alike(key: &[u64]) -> usize {
    let (Some(call), true) = (key.first(), key.len() <= SHORT) else { return 0 };
    match *call as u32 {
        tag::CALL | tag::CALL_WITH_THIS => {}
        _ => return 0,
    }
    match key.get(1).map(|first| *first as u32) {
        Some(tag::FLOAT64 | tag::IDENTITY) => 2,
        // With more arguments there would be many lengths for each number of cells.
        Some(tag::ASCII | tag::UTF16) if *call == head(tag::CALL, 1) => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keys_have_alike_is_what_does_not_say_the_value() {
        let one = head(tag::CALL, 1);
        assert_eq!(alike(&[one, head(tag::ASCII, 24), 1, 2, 3]), 2);
        assert_eq!(alike(&[one, head(tag::FLOAT64, 0), 1]), 2);
        assert_eq!(alike(&[one, head(tag::INT32, 7)]), 1);
        assert_eq!(alike(&[head(tag::CALL, 2), head(tag::ASCII, 1), 1, head(tag::NULL, 0)]), 1);
        assert_eq!(alike(&[head(tag::CALL_WITH_THIS, 1), head(tag::IDENTITY, 0), 5, 6]), 2);
        assert_eq!(
            (alike(&[head(tag::CALL, 0)]), alike(&[]), alike(&[head(tag::DIGESTED, 0), 1])),
            (1, 0, 0)
        );
        assert_eq!((alike(&[one; SHORT]), alike(&[one; SHORT + 1])), (1, 0));
    }

    #[test]
    fn a_head_has_the_tag_low_and_the_argument_high() {
        assert_eq!(head(tag::CALL, 2).to_le_bytes(), [32, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(head(tag::INT32, -1i32 as u32), 0xffff_ffff_0000_0005);
    }
}

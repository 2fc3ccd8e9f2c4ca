//! What a decoded key is made of: nodes in one vector, lists linked through it.

use super::reader::{Bytes, Text};

/// A decoded key, borrowing its texts and bytes from the cells.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    pub(super) slots: Vec<Slot<'a>>,
    pub(super) call: Call<'a>,
}

#[derive(Clone, Debug)]
pub(super) enum Call<'a> {
    Args { this: Option<Id>, args: List },
    Digested { hash: Bytes<'a>, cells: u64 },
}

/// A place in [`Decoded::slots`].
pub(super) type Id = u32;
pub(super) const NONE: Id = u32::MAX;

#[derive(Clone, Debug)]
pub(super) struct Slot<'a> {
    pub(super) node: Node<'a>,
    /// What follows in the same list.
    pub(super) next: Id,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub(super) first: Id,
    pub(super) last: Id,
    pub(super) count: u32,
}

pub(super) const EMPTY: List = List { first: NONE, last: NONE, count: 0 };

#[derive(Clone, Copy, Debug)]
pub(super) enum Node<'a> {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    BigInt(i64),
    /// Hexadecimal, with a sign.
    BigText(Text<'a>),
    Str(Text<'a>),
    Symbol(Text<'a>),
    Identity(u64),
    Holes(u32),
    Cycle(u32),
    /// Waits for its container.
    Deferred,
    Signal,
    Array {
        length: u32,
        items: List,
        extra: List,
    },
    /// Names and values in turn, as in every list of properties.
    Object(List),
    Map {
        entries: List,
        extra: List,
    },
    Set {
        items: List,
        extra: List,
    },
    Date {
        time: f64,
        extra: List,
    },
    RegExp {
        source: Text<'a>,
        flags: Text<'a>,
        extra: List,
    },
    Boxed {
        inner: Id,
        extra: List,
    },
    Bytes {
        kind: BytesKind,
        bytes: Bytes<'a>,
    },
    TextLike {
        kind: &'static str,
        text: Text<'a>,
        extra: List,
    },
    /// Fields that are missing are [`NONE`].
    Error {
        name: Text<'a>,
        message: Id,
        cause: Id,
        errors: Id,
        extra: List,
    },
    /// Texts, apart from the body, which is bytes or [`NONE`].
    Request {
        method: Text<'a>,
        url: Text<'a>,
        headers: Id,
        settings: Id,
        body: Id,
        extra: List,
    },
    Keyed {
        name: Text<'a>,
        class: Option<u64>,
        inner: Id,
    },
}

/// A kind of tag 24: its name, the bytes of an element and how one reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BytesKind {
    pub(super) name: &'static str,
    pub(super) size: usize,
    pub(super) element: Element,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Element {
    Signed,
    Unsigned,
    Float,
    BigSigned,
    BigUnsigned,
}

/// The kind of bytes that nobody views.
pub(super) const ARRAY_BUFFER: u32 = 1;

pub(super) fn bytes_kind(kind: u32) -> Option<BytesKind> {
    use Element::{BigSigned, BigUnsigned, Float, Signed, Unsigned};
    let (name, size, element) = match kind {
        ARRAY_BUFFER => ("ArrayBuffer", 1, Unsigned),
        2 => ("DataView", 1, Unsigned),
        3 => ("Int8Array", 1, Signed),
        4 => ("Uint8Array", 1, Unsigned),
        5 => ("Uint8ClampedArray", 1, Unsigned),
        6 => ("Int16Array", 2, Signed),
        7 => ("Uint16Array", 2, Unsigned),
        8 => ("Int32Array", 4, Signed),
        9 => ("Uint32Array", 4, Unsigned),
        10 => ("Float16Array", 2, Float),
        11 => ("Float32Array", 4, Float),
        12 => ("Float64Array", 8, Float),
        13 => ("BigInt64Array", 8, BigSigned),
        14 => ("BigUint64Array", 8, BigUnsigned),
        15 => ("Buffer", 1, Unsigned),
        _ => return None,
    };
    Some(BytesKind { name, size, element })
}

pub(super) fn text_kind(kind: u32) -> Option<&'static str> {
    Some(match kind {
        1 => "URL",
        2 => "URLSearchParams",
        3 => "Headers",
        16 => "Temporal.Instant",
        17 => "Temporal.ZonedDateTime",
        18 => "Temporal.PlainDateTime",
        19 => "Temporal.PlainDate",
        20 => "Temporal.PlainTime",
        21 => "Temporal.PlainYearMonth",
        22 => "Temporal.PlainMonthDay",
        23 => "Temporal.Duration",
        _ => return None,
    })
}

//! A value's weight in the bits that a slot has for it.

/// A weight from here on, a gibibyte, is kept in units of four bytes, with this bit.
pub(super) const LARGE: u32 = 1 << 30;

/// The most that a value can weigh: what is said to be more counts as this.
pub const MOST_WEIGHT: u32 = (LARGE - 1) * 4;

/// A weight as a slot keeps it.
pub(super) const fn kept_as(weight: u32) -> u32 {
    if weight < LARGE {
        return weight;
    }
    let units = weight.div_ceil(4);
    LARGE | if units < LARGE { units } else { LARGE - 1 }
}

/// The weight that is kept so.
pub(super) const fn known_as(kept: u32) -> u32 {
    if kept < LARGE {
        kept
    } else {
        (kept - LARGE) * 4
    }
}

/// What a weight counts as: itself, and a gibibyte or more in steps of four bytes.
pub const fn counted_as(weight: u32) -> u32 {
    known_as(kept_as(weight))
}

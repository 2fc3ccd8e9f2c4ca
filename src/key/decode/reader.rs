//! Cells one after another, and the strings and bytes in them.

use super::{Corrupt, Result};
use crate::key::tag;

const NAN: u64 = 0x7ff8_0000_0000_0000;

pub(super) struct Reader<'a> {
    cells: &'a [u64],
    at: usize,
}

/// Payload bytes, eight a cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a> {
    cells: &'a [u64],
    pub len: usize,
}

impl<'a> Bytes<'a> {
    pub fn get(self, at: usize) -> u8 {
        let cell = self.cells.get(at / 8).copied().unwrap_or(0);
        (cell >> (at % 8 * 8)) as u8
    }

    /// The `size` bytes from `at` on, at most 8, as a little-endian number.
    pub fn number(self, at: usize, size: usize) -> u64 {
        (0..size).rev().fold(0, |number, i| number << 8 | u64::from(self.get(at + i)))
    }
}

/// A string: ASCII, a byte a unit, or UTF-16.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    bytes: Bytes<'a>,
    wide: bool,
}

impl<'a> Text<'a> {
    /// Units.
    pub fn len(self) -> usize {
        if self.wide {
            self.bytes.len / 2
        } else {
            self.bytes.len
        }
    }

    pub fn unit(self, at: usize) -> u16 {
        if self.wide {
            self.bytes.number(at * 2, 2) as u16
        } else {
            u16::from(self.bytes.get(at))
        }
    }

    pub fn units(self) -> impl Iterator<Item = u16> + 'a {
        (0..self.len()).map(move |at| self.unit(at))
    }
}

impl<'a> Reader<'a> {
    pub fn new(cells: &'a [u64]) -> Self {
        Reader { cells, at: 0 }
    }

    pub fn is_at_end(&self) -> bool {
        self.at == self.cells.len()
    }

    fn left(&self) -> usize {
        self.cells.len() - self.at
    }

    /// Bytes of the whole key.
    pub fn bytes(&self) -> usize {
        self.cells.len() * 8
    }

    pub fn cell(&mut self) -> Result<u64> {
        let cell = self.cells.get(self.at).copied().ok_or(Corrupt::Truncated)?;
        self.at += 1;
        Ok(cell)
    }

    /// A tag and its argument.
    pub fn head(&mut self) -> Result<(u32, u32)> {
        let cell = self.cell()?;
        let (tag, arg) = (cell as u32, (cell >> 32) as u32);
        if arg != 0 && has_no_argument(tag) {
            return Err(Corrupt::Argument(arg));
        }
        Ok((tag, arg))
    }

    /// The tag of the next head, 0 at the end.
    pub fn peek(&self) -> u32 {
        self.cells.get(self.at).map_or(0, |cell| *cell as u32)
    }

    /// That `count` values of at least `least` cells can follow.
    pub fn ensure(&self, count: u32, least: u64) -> Result<()> {
        if u64::from(count) * least > self.left() as u64 {
            return Err(Corrupt::Count);
        }
        Ok(())
    }

    pub fn float(&mut self) -> Result<f64> {
        self.cell().map(f64::from_bits)
    }

    /// A float that is NaN in one way only.
    pub fn canonical_float(&mut self) -> Result<f64> {
        let cell = self.cell()?;
        let value = f64::from_bits(cell);
        if value.is_nan() && cell != NAN {
            return Err(Corrupt::Number);
        }
        Ok(value)
    }

    /// A float that is not an int32.
    pub fn number(&mut self) -> Result<f64> {
        let value = self.canonical_float()?;
        if f64::from(value as i32).to_bits() == value.to_bits() {
            return Err(Corrupt::Number);
        }
        Ok(value)
    }

    /// The next `length` bytes; the padding must be zeros.
    pub fn payload(&mut self, length: u64) -> Result<Bytes<'a>> {
        let len = usize::try_from(length).map_err(|_| Corrupt::Count)?;
        let count = len.div_ceil(8);
        let cells = self.cells.get(self.at..).and_then(|rest| rest.get(..count)).ok_or(Corrupt::Count)?;
        self.at += count;
        let used = len % 8 * 8;
        if used > 0 && cells.last().is_some_and(|cell| cell >> used != 0) {
            return Err(Corrupt::Padding);
        }
        Ok(Bytes { cells, len })
    }

    /// A string with its head.
    pub fn string(&mut self) -> Result<Text<'a>> {
        let (tag, arg) = self.head()?;
        self.text(tag, arg)
    }

    /// The string that a head announces.
    pub fn text(&mut self, tag: u32, arg: u32) -> Result<Text<'a>> {
        let wide = match tag {
            tag::ASCII => false,
            tag::UTF16 => true,
            tag => return Err(Corrupt::Tag(tag)),
        };
        let bytes = self.payload(u64::from(arg) * if wide { 2 } else { 1 })?;
        let text = Text { bytes, wide };
        if text.units().any(|unit| unit > 0x7f) != wide {
            return Err(Corrupt::Text);
        }
        Ok(text)
    }

    /// The digits of a bigint beyond int64.
    pub fn bigint(&mut self, length: u32) -> Result<Text<'a>> {
        let text = Text { bytes: self.payload(u64::from(length))?, wide: false };
        let negative = text.len() > 0 && text.unit(0) == u16::from(b'-');
        let mut digits = text.units().skip(usize::from(negative));
        if !digits.all(|unit| matches!(unit as u8, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(Corrupt::Text);
        }
        let mut digits = text.units().skip(usize::from(negative)).map(|unit| unit as u8);
        let first = digits.next().unwrap_or(b'0');
        let fits = match text.len() - usize::from(negative) {
            0..=15 => true,
            16 => first < b'8' || negative && first == b'8' && digits.all(|digit| digit == b'0'),
            _ => false,
        };
        if first == b'0' || fits {
            return Err(Corrupt::Text);
        }
        Ok(text)
    }
}

fn has_no_argument(tag: u32) -> bool {
    use tag::*;
    matches!(
        tag,
        UNDEFINED
            | NULL
            | FALSE
            | TRUE
            | FLOAT64
            | BIGINT64
            | SYMBOL
            | IDENTITY
            | DATE
            | REGEXP
            | BOXED
            | ERROR
            | DEFERRED
            | ABORT_SIGNAL
            | DIGESTED
    )
}

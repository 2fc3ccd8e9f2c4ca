//! The cells of a key back into what was written, and into words: [`decode`], then [`Decoded::describe`].
//!
//! Keys may come from a damaged or foreign store: any cells give a tree or a [`Corrupt`], also where the encoder would have
//! written the same value differently. The encoder never nests deeper than [`MAX_DEPTH`] containers before it puts one off, so
//! anything deeper is corrupt and the recursion here is bounded by the format; containers put off are read from a queue. Nodes
//! lie in one vector, each made of at least one cell, so neither a length in the key nor its depth costs memory or stack.
//! `js/key/decode.js` accepts exactly the same keys.

use super::tag;

mod describe;
mod reader;
mod text;
mod tree;

use reader::Reader;
pub use tree::Decoded;
use tree::{bytes_kind, text_kind, Call, Id, List, Node, Slot, ARRAY_BUFFER, EMPTY, NONE};

/// Containers nested deeper in one unit are put off by the encoder.
const MAX_DEPTH: u32 = 64;
const MAX_DATE: f64 = 8.64e15;
/// Far beyond any key; keeps the arithmetic on lengths exact.
const MAX_DIGESTED_CELLS: f64 = (1u64 << 40) as f64;
const MAX_SAFE_INTEGER: f64 = ((1u64 << 53) - 1) as f64;

/// Why cells are not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corrupt {
    /// They end inside a value.
    Truncated,
    /// More follows the key.
    Trailing,
    /// A tag that is unknown or cannot stand where it does.
    Tag(u32),
    /// A head's argument that its tag cannot have.
    Argument(u32),
    /// A count or length with more values than there are cells.
    Count,
    /// Padding that is not zero.
    Padding,
    /// A number that nothing writes in this way.
    Number,
    /// A string, bigint or property name that nothing writes in this way.
    Text,
}

impl std::fmt::Display for Corrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Corrupt::Truncated => f.write_str("the key ends inside a value"),
            Corrupt::Trailing => f.write_str("more follows the key"),
            Corrupt::Tag(tag) => write!(f, "tag {tag} cannot stand there"),
            Corrupt::Argument(arg) => write!(f, "a head cannot have the argument {arg}"),
            Corrupt::Count => f.write_str("more values than cells"),
            Corrupt::Padding => f.write_str("padding is not zero"),
            Corrupt::Number => f.write_str("a number is not written in this way"),
            Corrupt::Text => f.write_str("a string is not written in this way"),
        }
    }
}

impl std::error::Error for Corrupt {}

type Result<T> = std::result::Result<T, Corrupt>;

/// Reads a key.
pub fn decode(cells: &[u64]) -> Result<Decoded<'_>> {
    let mut decoder =
        Decoder { reader: Reader::new(cells), slots: Vec::new(), waiting: Vec::new(), above: 0 };
    let call = decoder.key()?;
    if !decoder.reader.is_at_end() {
        return Err(Corrupt::Trailing);
    }
    Ok(Decoded { slots: decoder.slots, call })
}

struct Decoder<'a> {
    reader: Reader<'a>,
    slots: Vec<Slot<'a>>,
    /// Places of containers put off, in the order they will come, each with the number of containers around it.
    waiting: Vec<(Id, u32)>,
    /// Containers around the unit being read: the argument itself, or a container that was put off.
    above: u32,
}

impl<'a> Decoder<'a> {
    fn key(&mut self) -> Result<Call<'a>> {
        let (tag, arg) = self.reader.head()?;
        match tag {
            tag::DIGESTED => {
                let hash = self.reader.payload(32)?;
                let cells = self.reader.float()?;
                if !(cells.fract() == 0.0 && (0.0..=MAX_DIGESTED_CELLS).contains(&cells)) {
                    return Err(Corrupt::Number);
                }
                Ok(Call::Digested { hash, cells: cells as u64 })
            }
            tag::CALL | tag::CALL_WITH_THIS => {
                self.reader.ensure(arg, 1)?;
                let this = if tag == tag::CALL { None } else { Some(self.this()?) };
                let mut args = EMPTY;
                for _ in 0..arg {
                    let id = self.argument()?;
                    self.append(&mut args, id);
                }
                Ok(Call::Args { this, args })
            }
            tag => Err(Corrupt::Tag(tag)),
        }
    }

    /// One argument with the containers put off in it, which follow first in first out.
    fn argument(&mut self) -> Result<Id> {
        let root = self.value(0)?;
        let mut next = 0;
        while let Some(&(place, above)) = self.waiting.get(next) {
            self.above = above;
            let id = self.value(0)?;
            let node = self.slots.get(id as usize).map_or(Node::Undefined, |slot| slot.node);
            if let Some(slot) = self.slots.get_mut(place as usize) {
                slot.node = node;
            }
            next += 1;
        }
        self.above = 0;
        self.waiting.clear();
        Ok(root)
    }

    fn push(&mut self, node: Node<'a>) -> Result<Id> {
        let id = Id::try_from(self.slots.len()).ok().filter(|id| *id != NONE).ok_or(Corrupt::Count)?;
        self.slots.push(Slot { node, next: NONE });
        Ok(id)
    }

    fn append(&mut self, list: &mut List, id: Id) {
        match self.slots.get_mut(list.last as usize) {
            Some(slot) => slot.next = id,
            None => list.first = id,
        }
        list.last = id;
        list.count += 1;
    }

    /// A value with `depth` containers around it in this unit.
    fn value(&mut self, depth: u32) -> Result<Id> {
        let (tag, arg) = self.reader.head()?;
        let node = match tag {
            tag::UNDEFINED => Node::Undefined,
            tag::NULL => Node::Null,
            tag::FALSE | tag::TRUE => Node::Bool(tag == tag::TRUE),
            tag::INT32 => Node::Number(f64::from(arg as i32)),
            tag::FLOAT64 => Node::Number(self.reader.number()?),
            tag::BIGINT64 => Node::BigInt(self.reader.cell()? as i64),
            tag::BIGINT => Node::BigText(self.reader.bigint(arg)?),
            tag::ASCII | tag::UTF16 => Node::Str(self.reader.text(tag, arg)?),
            tag::SYMBOL => Node::Symbol(self.reader.string()?),
            tag::IDENTITY => Node::Identity(self.identity()?),
            tag::CYCLE if arg >= 1 && arg <= self.above.saturating_add(depth) => Node::Cycle(arg),
            tag::CYCLE => return Err(Corrupt::Argument(arg)),
            tag::DEFERRED if depth == MAX_DEPTH => {
                let id = self.push(Node::Deferred)?;
                self.waiting.push((id, self.above.saturating_add(depth)));
                return Ok(id);
            }
            _ if depth == MAX_DEPTH => return Err(Corrupt::Tag(tag)),
            tag::EXTRA => {
                let (extra, tag, arg) = self.extra(arg, depth + 1)?;
                self.container(tag, arg, extra, depth + 1)?
            }
            _ => self.container(tag, arg, EMPTY, depth + 1)?,
        };
        self.push(node)
    }

    /// What a container's head announces; `depth` is that of its content.
    fn container(&mut self, tag: u32, arg: u32, extra: List, depth: u32) -> Result<Node<'a>> {
        Ok(match tag {
            tag::ARRAY => Node::Array { length: arg, items: self.items(arg, depth)?, extra },
            tag::OBJECT => Node::Object(self.properties(arg, depth)?),
            tag::MAP => {
                self.reader.ensure(arg, 2)?;
                let mut entries = EMPTY;
                for _ in 0..arg {
                    for _ in 0..2 {
                        let id = self.value(depth)?;
                        self.append(&mut entries, id);
                    }
                }
                Node::Map { entries, extra }
            }
            tag::SET => {
                self.reader.ensure(arg, 1)?;
                let mut items = EMPTY;
                for _ in 0..arg {
                    let id = self.value(depth)?;
                    self.append(&mut items, id);
                }
                Node::Set { items, extra }
            }
            tag::DATE => {
                let time = self.reader.canonical_float()?;
                if !(time.is_nan() || time.fract() == 0.0 && time.abs() <= MAX_DATE) {
                    return Err(Corrupt::Number);
                }
                Node::Date { time, extra }
            }
            tag::REGEXP => {
                Node::RegExp { source: self.reader.string()?, flags: self.reader.string()?, extra }
            }
            tag::BOXED => Node::Boxed { inner: self.primitive(depth)?, extra },
            tag::BYTES => self.viewed(arg)?,
            tag::TEXT => {
                let kind = text_kind(arg).ok_or(Corrupt::Argument(arg))?;
                Node::TextLike { kind, text: self.reader.string()?, extra }
            }
            tag::ERROR => Node::Error {
                name: self.reader.string()?,
                message: self.field(depth)?,
                cause: self.field(depth)?,
                errors: self.field(depth)?,
                extra,
            },
            tag::REQUEST if arg <= 1 => Node::Request {
                method: self.reader.string()?,
                url: self.reader.string()?,
                headers: self.string()?,
                settings: self.string()?,
                body: if arg == 0 { NONE } else { self.body()? },
                extra,
            },
            tag::KEYED if arg <= 1 => {
                let name = self.reader.string()?;
                let class = if arg == 0 { None } else { Some(self.class()?) };
                Node::Keyed { name, class, inner: self.value(depth)? }
            }
            tag::REQUEST | tag::KEYED => return Err(Corrupt::Argument(arg)),
            tag::ABORT_SIGNAL => Node::Signal,
            tag => return Err(Corrupt::Tag(tag)),
        })
    }

    /// Items and runs of holes.
    fn items(&mut self, length: u32, depth: u32) -> Result<List> {
        let mut items = EMPTY;
        let mut left = length;
        while left > 0 {
            let (id, run) = if self.reader.peek() == tag::HOLES {
                let (_, run) = self.reader.head()?;
                if run < 1 || run > left {
                    return Err(Corrupt::Argument(run));
                }
                (self.push(Node::Holes(run))?, run)
            } else {
                (self.value(depth)?, 1)
            };
            self.append(&mut items, id);
            left -= run;
        }
        Ok(items)
    }

    /// Pairs of a name and a value.
    fn properties(&mut self, count: u32, depth: u32) -> Result<List> {
        self.reader.ensure(count, 2)?;
        let mut entries = EMPTY;
        for _ in 0..count {
            let name = self.value(depth)?;
            if !matches!(self.node(name), Node::Str(_) | Node::Symbol(_) | Node::Identity(_)) {
                return Err(Corrupt::Text);
            }
            self.append(&mut entries, name);
            let value = self.value(depth)?;
            self.append(&mut entries, value);
        }
        Ok(entries)
    }

    /// Properties that someone added to the builtin which follows, and the head of that.
    fn extra(&mut self, count: u32, depth: u32) -> Result<(List, u32, u32)> {
        use tag::{ARRAY, BOXED, DATE, ERROR, MAP, REGEXP, REQUEST, SET, TEXT};
        if count == 0 {
            return Err(Corrupt::Argument(0));
        }
        let extra = self.properties(count, depth)?;
        match self.reader.head()? {
            (tag @ (ARRAY | MAP | SET | DATE | REGEXP | BOXED | TEXT | ERROR | REQUEST), arg) => {
                Ok((extra, tag, arg))
            }
            (tag, _) => Err(Corrupt::Tag(tag)),
        }
    }

    fn node(&self, id: Id) -> Node<'a> {
        self.slots.get(id as usize).map_or(Node::Undefined, |slot| slot.node)
    }

    /// What the function was called on: a primitive, null or an identity.
    fn this(&mut self) -> Result<Id> {
        if self.reader.peek() == tag::NULL {
            return self.value(0);
        }
        self.primitive(MAX_DEPTH)
    }

    fn primitive(&mut self, depth: u32) -> Result<Id> {
        use Node::{BigInt, BigText, Bool, Identity, Number, Str, Symbol};
        let id = self.value(depth)?;
        match self.node(id) {
            Bool(_) | Number(_) | BigInt(_) | BigText(_) | Str(_) | Symbol(_) | Identity(_) => Ok(id),
            _ => Err(Corrupt::Tag(tag::BOXED)),
        }
    }

    /// A field of an error, or a hole where it has none.
    fn field(&mut self, depth: u32) -> Result<Id> {
        if self.reader.peek() != tag::HOLES {
            return self.value(depth);
        }
        match self.reader.head()? {
            (_, 1) => Ok(NONE),
            (_, run) => Err(Corrupt::Argument(run)),
        }
    }

    /// A string as a node of its own.
    fn string(&mut self) -> Result<Id> {
        let text = self.reader.string()?;
        self.push(Node::Str(text))
    }

    /// The body of a request.
    fn body(&mut self) -> Result<Id> {
        let bytes = self.viewed(ARRAY_BUFFER)?;
        self.push(bytes)
    }

    fn viewed(&mut self, arg: u32) -> Result<Node<'a>> {
        let kind = bytes_kind(arg).ok_or(Corrupt::Argument(arg))?;
        let length = self.reader.float()?;
        if !(0.0..=self.reader.bytes() as f64).contains(&length) || length % kind.size as f64 != 0.0 {
            return Err(Corrupt::Number);
        }
        Ok(Node::Bytes { kind, bytes: self.reader.payload(length as u64)? })
    }

    /// An identity with its head.
    fn class(&mut self) -> Result<u64> {
        match self.reader.head()? {
            (tag::IDENTITY, _) => self.identity(),
            (tag, _) => Err(Corrupt::Tag(tag)),
        }
    }

    fn identity(&mut self) -> Result<u64> {
        let id = self.reader.float()?;
        if id.fract() == 0.0 && (1.0..=MAX_SAFE_INTEGER).contains(&id) {
            Ok(id as u64)
        } else {
            Err(Corrupt::Number)
        }
    }
}

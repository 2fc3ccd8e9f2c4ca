//! The arguments of a key in words, much as JavaScript would write them:
//! `(42, "abc", {from: Date 2024-01-01T00:00:00.000Z})`. However large the key, the text stays near its limit.
//! `js/key/describe.js` gives the same text, unit by unit.

use super::reader::{Bytes, Text};
use super::tree::BytesKind;
use super::{text, Call, Decoded, Id, List, Node, NONE};

const MAX_TEXT: usize = 80;
const MAX_ROWS: usize = 32;
const MAX_LEVELS: u32 = 8;

impl<'a> Decoded<'a> {
    /// What was called: the arguments, `this` first where it counts. The value that passes `limit`, counted in UTF-16 units, is
    /// still written, short as its own limits make it.
    pub fn describe(&self, limit: usize) -> String {
        let mut writer = Writer { decoded: self, text: String::new(), units: 0, limit };
        match &self.call {
            Call::Digested { hash, cells } => {
                let size = text::size(*cells);
                writer.push(&format!("<digest {:02x}{:02x}… of {size}>", hash.get(0), hash.get(1)));
            }
            Call::Args { this, args } => {
                writer.push("(");
                if let Some(this) = this {
                    writer.push("this: ");
                    writer.value(*this, 0);
                    writer.push(if args.count > 0 { "; " } else { "" });
                }
                writer.rows(self.items(*args).map(plain), u64::from(args.count), 0);
                writer.push(")");
            }
        }
        writer.text
    }

    fn node(&self, id: Id) -> Node<'a> {
        self.slots.get(id as usize).map_or(Node::Undefined, |slot| slot.node)
    }

    fn items(&self, list: List) -> impl Iterator<Item = Id> + '_ {
        let mut next = list.first;
        std::iter::from_fn(move || {
            let slot = self.slots.get(next as usize)?;
            Some(std::mem::replace(&mut next, slot.next))
        })
    }

    /// The nodes of a list two by two.
    fn pairs(&self, list: List) -> impl Iterator<Item = (Id, Id)> + '_ {
        let mut items = self.items(list);
        std::iter::from_fn(move || items.next().zip(items.next()))
    }

    fn properties(&self, list: List) -> impl Iterator<Item = Row> + '_ {
        self.pairs(list).map(|(name, value)| (Label::Name(name), Content::Node(value)))
    }
}

/// What stands in a list: a property, an entry of a Map, an element or an argument.
type Row = (Label, Content);

enum Label {
    None,
    Name(Id),
    Field(&'static str),
    Key(Id),
}

enum Content {
    Node(Id),
    Element(String),
}

fn plain(id: Id) -> Row {
    (Label::None, Content::Node(id))
}

/// Pairs in a list of properties.
fn half(list: List) -> u64 {
    u64::from(list.count / 2)
}

struct Writer<'d, 'a> {
    decoded: &'d Decoded<'a>,
    text: String,
    /// UTF-16 units of the text.
    units: usize,
    limit: usize,
}

impl<'a> Writer<'_, 'a> {
    fn push(&mut self, text: &str) {
        self.units += text.encode_utf16().count();
        self.text.push_str(text);
    }

    fn is_full(&self) -> bool {
        self.units >= self.limit
    }

    /// A value with `level` containers around it.
    fn value(&mut self, id: Id, level: u32) {
        if self.is_full() {
            return self.push("…");
        }
        let decoded = self.decoded;
        match decoded.node(id) {
            Node::Undefined => self.push("undefined"),
            Node::Null => self.push("null"),
            Node::Bool(value) => self.push(if value { "true" } else { "false" }),
            Node::Number(value) => self.push(&text::number(value)),
            Node::BigInt(value) => self.push(&format!("{value}n")),
            Node::BigText(digits) => self.push(&bigint(digits)),
            Node::Str(text) => self.push(&quote(text)),
            Node::Symbol(name) => self.push(&format!("Symbol.for({})", quote(name))),
            Node::Identity(id) => self.push(&format!("identity #{id}")),
            Node::Holes(1) => self.push("<1 hole>"),
            Node::Holes(run) => self.push(&format!("<{run} holes>")),
            Node::Cycle(up) => self.push(&format!("<circular *{up}>")),
            Node::Deferred => self.push("deferred"),
            Node::Signal => self.push("AbortSignal"),
            Node::Array { length, items, extra } => {
                let rows = decoded.items(items).map(plain).chain(decoded.properties(extra));
                self.list("[", "]", rows, u64::from(length) + half(extra), level);
            }
            Node::Object(entries) => {
                self.list("{", "}", decoded.properties(entries), half(entries), level);
            }
            Node::Map { entries, extra } => {
                let rows = decoded.pairs(entries).map(|(key, value)| (Label::Key(key), Content::Node(value)));
                let rows = rows.chain(decoded.properties(extra));
                let open = format!("Map({}) {{", half(entries));
                self.list(&open, "}", rows, half(entries) + half(extra), level);
            }
            Node::Set { items, extra } => {
                let rows = decoded.items(items).map(plain).chain(decoded.properties(extra));
                let open = format!("Set({}) {{", items.count);
                self.list(&open, "}", rows, u64::from(items.count) + half(extra), level);
            }
            Node::Date { time, extra } => {
                self.push(&format!("Date {}", text::date(time)));
                self.extra(extra, level);
            }
            Node::RegExp { source, flags, extra } => {
                self.push(&format!("RegExp /{}/{}", raw(source), raw(flags)));
                self.extra(extra, level);
            }
            Node::Boxed { inner, extra } => {
                self.push("Object(");
                self.value(inner, level);
                self.push(")");
                self.extra(extra, level);
            }
            Node::Bytes { kind, bytes } => self.bytes(kind, bytes, level),
            Node::TextLike { kind, text, extra } => {
                self.push(&format!("{kind} {}", quote(text)));
                self.extra(extra, level);
            }
            Node::Error { name, message, cause, errors, extra } => {
                self.push(&raw(name));
                if message != NONE {
                    self.push(" ");
                    self.deeper(message, level);
                }
                let fields = [("cause", cause), ("errors", errors)];
                self.fields(fields.into_iter().filter(|(_, id)| *id != NONE), extra, level);
            }
            Node::Request { method, url, headers, settings, body, extra } => {
                self.push(&format!("Request {} {}", raw(method), quote(url)));
                let fields = [("headers", headers), ("settings", settings), ("body", body)];
                let is_there = |id| match decoded.node(id) {
                    Node::Str(text) => text.len() > 0,
                    _ => id != NONE,
                };
                self.fields(fields.into_iter().filter(|(_, id)| is_there(*id)), extra, level);
            }
            Node::Keyed { name, class, inner } => {
                self.push(&if name.len() == 0 { "(anonymous)".into() } else { raw(name) });
                if let Some(class) = class {
                    self.push(&format!(" #{class}"));
                }
                self.push(" keyed ");
                self.deeper(inner, level);
            }
        }
    }

    /// A value one level down that stands in no list.
    fn deeper(&mut self, id: Id, level: u32) {
        if level < MAX_LEVELS {
            self.value(id, level + 1);
        } else {
            self.push("…");
        }
    }

    fn list(&mut self, open: &str, close: &str, rows: impl Iterator<Item = Row>, total: u64, level: u32) {
        self.push(open);
        if level < MAX_LEVELS {
            self.rows(rows, total, level + 1);
        } else if total > 0 {
            self.push("…");
        }
        self.push(close);
    }

    fn rows(&mut self, rows: impl Iterator<Item = Row>, total: u64, level: u32) {
        let mut left = total;
        for (i, (label, content)) in rows.enumerate() {
            if i > 0 {
                self.push(", ");
            }
            if i == MAX_ROWS || self.is_full() {
                return self.push(&format!("… {left} more"));
            }
            match label {
                Label::None => {}
                Label::Name(name) => self.name(name),
                Label::Field(name) => self.push(&format!("{name}: ")),
                Label::Key(key) => {
                    self.value(key, level);
                    self.push(" => ");
                }
            }
            left = left.saturating_sub(1);
            match content {
                Content::Element(text) => self.push(&text),
                Content::Node(id) => {
                    self.value(id, level);
                    if let Node::Holes(run) = self.decoded.node(id) {
                        left = left.saturating_sub(u64::from(run) - 1);
                    }
                }
            }
        }
    }

    /// The name of a property as an object literal has it.
    fn name(&mut self, id: Id) {
        let name = match self.decoded.node(id) {
            Node::Str(name) if is_identifier(name) => raw(name),
            Node::Str(name) => quote(name),
            Node::Symbol(name) => format!("[Symbol.for({})]", quote(name)),
            Node::Identity(id) => format!("[identity #{id}]"),
            _ => return,
        };
        self.push(&name);
        self.push(": ");
    }

    fn extra(&mut self, extra: List, level: u32) {
        if extra.count > 0 {
            self.list(" {", "}", self.decoded.properties(extra), half(extra), level);
        }
    }

    /// What the object itself has by these names, then what someone added.
    fn fields(&mut self, fields: impl Iterator<Item = (&'static str, Id)> + Clone, extra: List, level: u32) {
        let total = fields.clone().count() as u64 + half(extra);
        let rows = fields.map(|(name, id)| (Label::Field(name), Content::Node(id)));
        if total > 0 {
            self.list(" {", "}", rows.chain(self.decoded.properties(extra)), total, level);
        }
    }

    fn bytes(&mut self, kind: BytesKind, bytes: Bytes<'a>, level: u32) {
        let length = bytes.len / kind.size;
        let element = |i| Content::Element(text::element(kind, bytes.number(i * kind.size, kind.size)));
        let rows = (0..length).map(|i| (Label::None, element(i)));
        self.list(&format!("{}({length}) [", kind.name), "]", rows, length as u64, level);
    }
}

fn is_identifier(name: Text<'_>) -> bool {
    let is_part =
        |unit: u16| u8::try_from(unit).is_ok_and(|u| u.is_ascii_alphanumeric() || u == b'_' || u == b'$');
    (1..=MAX_TEXT).contains(&name.len()) && !(48..=57).contains(&name.unit(0)) && name.units().all(is_part)
}

fn bigint(digits: Text<'_>) -> String {
    let ascii: String = digits.units().take(MAX_TEXT).map(|unit| char::from(unit as u8)).collect();
    let (sign, digits_shown) = ascii.strip_prefix('-').map_or(("", &*ascii), |rest| ("-", rest));
    let whole = digits.len() + 2;
    let shown: String = format!("{sign}0x{digits_shown}").chars().take(MAX_TEXT).collect();
    format!("{shown}{}n", if whole > MAX_TEXT { "…" } else { "" })
}

/// How many units of a text are shown; a pair of surrogates stays whole.
fn start(text: Text<'_>) -> usize {
    let is_high = |unit| (0xd800..0xdc00).contains(&unit);
    let is_low = |unit| (0xdc00..0xe000).contains(&unit);
    if text.len() <= MAX_TEXT {
        text.len()
    } else if is_high(text.unit(MAX_TEXT - 1)) && is_low(text.unit(MAX_TEXT)) {
        MAX_TEXT - 1
    } else {
        MAX_TEXT
    }
}

/// Quoted as JSON; a long one with its length.
fn quote(text: Text<'_>) -> String {
    let mut out = String::from('"');
    escape(text, true, &mut out);
    out.push('"');
    if text.len() > MAX_TEXT {
        out.push_str(&format!("… ({} units)", text.len()));
    }
    out
}

/// Without quotes, but with control characters and lone surrogates made visible.
fn raw(text: Text<'_>) -> String {
    let mut out = String::new();
    escape(text, false, &mut out);
    if text.len() > MAX_TEXT {
        out.push('…');
    }
    out
}

fn escape(text: Text<'_>, quoted: bool, out: &mut String) {
    for unit in char::decode_utf16(text.units().take(start(text))) {
        match unit {
            Ok(c @ ('"' | '\\')) if quoted => out.extend(['\\', c]),
            Ok('\u{8}') => out.push_str("\\b"),
            Ok('\t') => out.push_str("\\t"),
            Ok('\n') => out.push_str("\\n"),
            Ok('\u{c}') => out.push_str("\\f"),
            Ok('\r') => out.push_str("\\r"),
            Ok(c) if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            Ok(c) => out.push(c),
            Err(lone) => out.push_str(&format!("\\u{:04x}", lone.unpaired_surrogate())),
        }
    }
}

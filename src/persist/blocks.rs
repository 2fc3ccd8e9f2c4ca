//! Between JavaScript's arrays and the segment format: one crossing for many entries, either way.

use js_sys::{Array, Float64Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::bytes_of;
use crate::segment::{assemble, decode_head, read, Digest, Error, Head, Kind, Record, SegmentWriter};

/// Numbers a record to be packed takes in the table: namespace, kind, bytes of the key, bytes of the value, stored at, deadline.
const PACK_COLUMNS: usize = 6;
const KIND_ENTRY: f64 = 0.0;
const KIND_DELETED: f64 = 1.0;
const KIND_CLEARED: f64 = 2.0;

/// In place of a body's length: the head is not what was written.
const DAMAGED: f64 = -1.0;
/// In place of a body's length: another version wrote it, which may be using it.
const FOREIGN: f64 = -2.0;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Packs records into `[head, body, head, body, …]`. `digests` are 32 hex digits a record, `table` six numbers a record, `bytes`
/// the key and value bytes of all records one after another.
///
/// Never throws: when the arguments do not fit together or a record cannot be held, nothing is packed and the answer is the
/// reason, a string.
#[wasm_bindgen(js_name = segmentsPack)]
pub fn segments_pack(namespaces: Vec<String>, digests: &str, table: &[f64], bytes: &[u8]) -> JsValue {
    let segments = match pack(&namespaces, digests.as_bytes(), table, bytes) {
        Ok(writer) => writer.finish(),
        Err(error) => return error.to_string().into(),
    };
    let blocks = Array::new();
    for segment in segments {
        blocks.push(&Uint8Array::from(&segment.head[..]));
        blocks.push(&Uint8Array::from(&segment.body[..]));
    }
    blocks.into()
}

fn pack(namespaces: &[String], digests: &[u8], table: &[f64], bytes: &[u8]) -> Result<SegmentWriter, Error> {
    let mut writer = SegmentWriter::new();
    let mut rest = bytes;
    let mut take = |len: f64| -> Result<&[u8], Error> {
        let (piece, after) = rest.split_at_checked(len as usize).ok_or(Error::Length)?;
        rest = after;
        Ok(piece)
    };
    for (row, hex) in table.chunks_exact(PACK_COLUMNS).zip(digests.chunks_exact(32)) {
        let &[namespace, kind, key_len, value_len, stored_at, deadline] = row else {
            return Err(Error::Field);
        };
        let namespace = namespaces.get(namespace as usize).ok_or(Error::Field)?;
        let digest = unhex(hex).ok_or(Error::Field)?;
        let (key, value) = (take(key_len)?, take(value_len)?);
        if kind == KIND_ENTRY {
            writer.put(namespace, digest, key, value, stored_at, deadline)?;
        } else if kind == KIND_DELETED {
            writer.delete(namespace, digest, stored_at)?;
        } else if kind == KIND_CLEARED {
            writer.clear(namespace, stored_at)?;
        } else {
            return Err(Error::Field);
        }
    }
    Ok(writer)
}

/// What heads say, without their bodies. The answer is an object: `namespaces`; `bodies`, a number a head, the length of its body, or
/// [`DAMAGED`] or [`FOREIGN`]; `digests`, 32 hex digits a record, and `table`, nine numbers a record: head, namespace, kind as in the
/// format, part, parts, the checksum of the whole, bytes of key and value, stored at, deadline. Records come in the order of the writes.
#[wasm_bindgen(js_name = segmentsIndex)]
pub fn segments_index(heads: &Array) -> Object {
    let mut names: Vec<String> = Vec::new();
    let (mut bodies, mut table, mut digests) = (Vec::new(), Vec::new(), String::new());
    for (segment, head) in heads.iter().enumerate() {
        let head = match decode_head(&bytes_of(&head)) {
            Ok(head) => head,
            Err(error) => {
                bodies.push(if matches!(error, Error::Version(_)) { FOREIGN } else { DAMAGED });
                continue;
            }
        };
        bodies.push(head.body_len() as f64);
        let numbers: Vec<usize> = head.namespaces().iter().map(|name| number(&mut names, name)).collect();
        for record in head.records() {
            let namespace = numbers.get(usize::from(record.namespace)).copied().unwrap_or_default();
            let (kind, part, parts, whole) = record.kind.fields();
            let [kind, part, parts] = [kind, part, parts].map(f64::from);
            let length = f64::from(record.key_len) + f64::from(record.value_len);
            table.extend([segment as f64, namespace as f64, kind, part, parts, f64::from(whole), length]);
            table.extend([record.stored_at, record.deadline]);
            push_hex(&mut digests, &record.digest);
        }
    }
    object([
        ("namespaces", names.iter().map(JsValue::from).collect::<Array>().into()),
        ("bodies", Float64Array::from(&bodies[..]).into()),
        ("digests", digests.into()),
        ("table", Float64Array::from(&table[..]).into()),
    ])
}

/// The bytes of entries, as far as their checksums say that they are the written ones. The answer is an object: `table`, six numbers an
/// entry: segment, record (of a value in parts: of the first), block, offset in the block, bytes of the key, bytes of the value, where
/// block `i` is body `i`, or `joined[i - bodies.length]`.
#[wasm_bindgen(js_name = segmentsRead)]
pub fn segments_read(heads: &Array, bodies: &Array) -> Object {
    let mut out = Entries { first_joined: bodies.length(), ..Entries::default() };
    for (segment, (head, body)) in heads.iter().zip(bodies.iter()).enumerate() {
        if let Ok(head) = decode_head(&bytes_of(&head)) {
            out.add(segment, &head, &bytes_of(&body));
        }
    }
    object([("table", Float64Array::from(&out.table[..]).into()), ("joined", out.joined.into())])
}

fn number(names: &mut Vec<String>, name: &str) -> usize {
    // The last one is nearly always the one.
    names.iter().rposition(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

fn object<const N: usize>(properties: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        // Setting a property of a new plain object cannot fail.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object
}

#[derive(Default)]
struct Entries {
    table: Vec<f64>,
    joined: Array,
    first_joined: u32,
    /// The parts of a value so far, and where the first is. They follow each other.
    parts: Vec<(Record, Vec<u8>, Vec<u8>)>,
    began: (usize, usize),
}

impl Entries {
    fn add(&mut self, segment: usize, head: &Head, body: &[u8]) {
        for (i, record) in head.records().iter().enumerate() {
            let Ok((key, value)) = read(head, body, i) else { continue };
            match record.kind {
                Kind::Whole => self.push((segment, i), segment, record.offset, key.len(), value.len()),
                Kind::Part { part, parts, .. } => {
                    if part == 0 {
                        self.parts.clear();
                        self.began = (segment, i);
                    }
                    self.parts.push((*record, key.to_vec(), value.to_vec()));
                    if part + 1 == parts {
                        self.join();
                    }
                }
                Kind::Deleted | Kind::Cleared => {}
            }
        }
    }

    fn join(&mut self) {
        let pieces = core::mem::take(&mut self.parts);
        let views: Vec<_> =
            pieces.iter().map(|(record, key, value)| (*record, &key[..], &value[..])).collect();
        let Ok((mut whole, value)) = assemble(&views) else { return };
        let key_len = whole.len();
        whole.extend_from_slice(&value);
        let block = self.first_joined + self.joined.push(&Uint8Array::from(&whole[..])) - 1;
        self.push(self.began, block as usize, 0, key_len, value.len());
    }

    fn push(&mut self, place: (usize, usize), block: usize, offset: u32, key: usize, value: usize) {
        let numbers = [place.0, place.1, block, offset as usize, key, value];
        self.table.extend(numbers.map(|number| number as f64));
    }
}

fn push_hex(out: &mut String, digest: &Digest) {
    for byte in digest {
        for digit in [byte >> 4, byte & 15] {
            out.push(HEX.get(usize::from(digit)).map_or('0', |digit| char::from(*digit)));
        }
    }
}

fn unhex(digits: &[u8]) -> Option<Digest> {
    let mut digest = Digest::default();
    for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            *byte = *byte << 4 | char::from(*digit).to_digit(16)? as u8;
        }
    }
    Some(digest)
}

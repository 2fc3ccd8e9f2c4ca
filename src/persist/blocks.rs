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

/// In place of a record's number: all of the segment.
const ALL: f64 = -1.0;

/// Packs records into `[head, body, head, body, …]`. `digests` are 32 hex digits a record, `table` six numbers a record, `bytes`
/// the key and value bytes of all records one after another.
///
/// Never throws: when the arguments do not fit together or a record cannot be held, nothing is packed and the answer is the
/// reason, a string.
#[wasm_bindgen(js_name = segmentsPack)]
pub fn segments_pack(namespaces: Vec<String>, digests: &[u8], table: &[f64], bytes: &[u8]) -> JsValue {
    let segments = match pack(&namespaces, digests, table, bytes) {
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

/// Whether heads are whole, without their bodies. The answer is an object: `bodies`, a number a head, the length of its body, or [`DAMAGED`] or
/// [`FOREIGN`]; `namespaces`, for each head an array of those that its records name by number. The records are read where they lie.
#[wasm_bindgen(js_name = segmentsIndex)]
pub fn segments_index(heads: &Array) -> Object {
    let mut bodies = Vec::new();
    let namespaces = Array::new();
    for head in heads.iter() {
        let (body, names) = match decode_head(&bytes_of(&head)) {
            Ok(head) => (head.body_len() as f64, head.namespaces().iter().map(JsValue::from).collect()),
            Err(Error::Version(_)) => (FOREIGN, Array::new()),
            Err(_) => (DAMAGED, Array::new()),
        };
        bodies.push(body);
        namespaces.push(&names);
    }
    object([("bodies", Float64Array::from(&bodies[..]).into()), ("namespaces", namespaces.into())])
}

/// Whether the bytes of records are the written ones. The answer is an object: `bad`, two numbers each for those that are not, segment and
/// record (or [`ALL`]); `joined`, the values in parts, key and value one after the other, and `table`, three numbers for each of those:
/// segment, first record, bytes of the key. What is neither bad nor in parts lies in its body where the head says.
#[wasm_bindgen(js_name = segmentsRead)]
pub fn segments_read(heads: &Array, bodies: &Array) -> Object {
    let mut out = Checked::default();
    for (segment, (head, body)) in heads.iter().zip(bodies.iter()).enumerate() {
        match decode_head(&bytes_of(&head)) {
            Ok(head) => out.add(segment, &head, &bytes_of(&body)),
            Err(_) => out.bad.extend([segment as f64, ALL]),
        }
    }
    object([
        ("bad", Float64Array::from(&out.bad[..]).into()),
        ("joined", out.joined.into()),
        ("table", Float64Array::from(&out.table[..]).into()),
    ])
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
struct Checked {
    bad: Vec<f64>,
    table: Vec<f64>,
    joined: Array,
    /// The parts of a value so far, and where the first is. They follow each other.
    parts: Vec<(Record, Vec<u8>, Vec<u8>)>,
    began: (usize, usize),
}

impl Checked {
    fn add(&mut self, segment: usize, head: &Head, body: &[u8]) {
        for (i, record) in head.records().iter().enumerate() {
            let Ok((key, value)) = read(head, body, i) else {
                self.bad.extend([segment as f64, i as f64]);
                continue;
            };
            if let Kind::Part { part, parts, .. } = record.kind {
                if part == 0 {
                    self.parts.clear();
                    self.began = (segment, i);
                }
                self.parts.push((*record, key.to_vec(), value.to_vec()));
                if part + 1 == parts {
                    self.join();
                }
            }
        }
    }

    fn join(&mut self) {
        let pieces = core::mem::take(&mut self.parts);
        let views: Vec<_> =
            pieces.iter().map(|(record, key, value)| (*record, &key[..], &value[..])).collect();
        let Ok((mut whole, value)) = assemble(&views) else { return };
        self.table.extend([self.began.0, self.began.1, whole.len()].map(|number| number as f64));
        whole.extend_from_slice(&value);
        self.joined.push(&Uint8Array::from(&whole[..]));
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

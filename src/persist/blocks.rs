//! Between JavaScript's arrays and the segment format: one crossing for many entries, either way.

use js_sys::{Array, Float64Array, Object, Reflect, Uint32Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::bytes_of;
use crate::segment::{
    assemble, decode_head, read, survey, Digest, Error, Head, Kind, Live, Record, SegmentWriter,
};

/// Numbers a record to be packed takes in the table: namespace, kind, bytes of the key, bytes of the value, stored at, deadline.
const PACK_COLUMNS: usize = 6;
const KIND_ENTRY: f64 = 0.0;
const KIND_DELETED: f64 = 1.0;
const KIND_CLEARED: f64 = 2.0;

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

/// Reads segments, oldest first. The answer is an object:
/// `namespaces`; `digests`, 32 hex digits an entry; `table`, eight numbers an entry (namespace, block, offset and length of the key,
/// offset and length of the value, stored at, deadline), where block `i` is body `i`, or `joined[i - bodies.length]`; `dead`, the
/// segments that may be deleted; `corrupt`, how many records or segments are damaged; `foreign`, how many segments
/// are of another format.
#[wasm_bindgen(js_name = segmentsRead)]
pub fn segments_read(heads: &Array, bodies: &Array, now: f64) -> Object {
    let heads: Vec<_> = heads.iter().map(|head| decode_head(&bytes_of(&head))).collect();
    let found = survey(&heads, now);
    let foreign = heads.iter().filter(|head| matches!(head, Err(Error::Version(_)))).count();
    let damaged = heads.iter().filter(|head| head.is_err()).count() - foreign;
    let mut out = Entries::default();
    let mut bodies = Bodies::new(bodies);
    let mut corrupt = damaged + found.torn;
    for live in &found.live {
        if out.add(&heads, &mut bodies, live).is_none() {
            corrupt += 1;
        }
    }
    let answer = Object::new();
    let set = |name: &str, value: JsValue| {
        // Setting a property of a new plain object cannot fail.
        let _ = Reflect::set(&answer, &name.into(), &value);
    };
    set("namespaces", found.namespaces.iter().map(JsValue::from).collect::<Array>().into());
    set("digests", out.digests.into());
    set("table", Float64Array::from(&out.table[..]).into());
    set("joined", out.joined.into());
    set("dead", Uint32Array::from(&found.dead.iter().map(|i| *i as u32).collect::<Vec<_>>()[..]).into());
    set("corrupt", (corrupt as u32).into());
    set("foreign", (foreign as u32).into());
    answer
}

/// The bodies, of which the last one used is at hand.
struct Bodies<'a> {
    blocks: &'a Array,
    at: Option<usize>,
    bytes: Vec<u8>,
}

impl<'a> Bodies<'a> {
    fn new(blocks: &'a Array) -> Self {
        Self { blocks, at: None, bytes: Vec::new() }
    }

    fn get(&mut self, i: usize) -> &[u8] {
        if self.at != Some(i) {
            self.bytes = bytes_of(&self.blocks.get(i as u32));
            self.at = Some(i);
        }
        &self.bytes
    }
}

#[derive(Default)]
struct Entries {
    digests: String,
    table: Vec<f64>,
    joined: Array,
}

impl Entries {
    /// `None` when the bytes are damaged; then nothing was added.
    fn add(&mut self, heads: &[Result<Head, Error>], bodies: &mut Bodies<'_>, live: &Live) -> Option<()> {
        let mut pieces = Vec::with_capacity(live.places.len());
        for place in &live.places {
            let head = heads.get(place.segment)?.as_ref().ok()?;
            let record = *head.record(place.record)?;
            let (key, value) = read(head, bodies.get(place.segment), place.record).ok()?;
            if record.kind == Kind::Whole {
                self.push(live.namespace, place.segment, record.offset, &record, key.len(), value.len());
                return Some(());
            }
            pieces.push((record, key.to_vec(), value.to_vec()));
        }
        let views: Vec<_> =
            pieces.iter().map(|(record, key, value)| (*record, &key[..], &value[..])).collect();
        let (mut whole, value) = assemble(&views).ok()?;
        let key_len = whole.len();
        whole.extend_from_slice(&value);
        let block = bodies.blocks.length() + self.joined.length();
        self.joined.push(&Uint8Array::from(&whole[..]));
        let (record, _, _) = pieces.first()?;
        self.push(live.namespace, block as usize, 0, record, key_len, value.len());
        Some(())
    }

    fn push(
        &mut self,
        namespace: usize,
        block: usize,
        offset: u32,
        record: &Record,
        key: usize,
        value: usize,
    ) {
        let offset = f64::from(offset);
        let (key, value) = (key as f64, value as f64);
        let times = [record.stored_at, record.deadline];
        self.table.extend([namespace as f64, block as f64, offset, key, offset + key, value]);
        self.table.extend(times);
        push_hex(&mut self.digests, &record.digest);
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

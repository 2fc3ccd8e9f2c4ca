//! Decoding a head, and reading a record's bytes out of a body.

use super::bytes::Reader;
use super::{checksum, Digest, Error, Kind};
use super::{CHECKSUM_LEN, FIXED_LEN, MAGIC, MAX_BLOCK, MAX_NAMESPACE, RECORD_LEN, VERSION};

const DELETED: u16 = 1;
const CLEARED: u16 = 2;
const PART: u16 = 4;

/// A decoded head.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    namespaces: Vec<String>,
    records: Vec<Record>,
    body_len: usize,
}

/// One record of a head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// The digest of the key.
    pub digest: Digest,
    /// Where its bytes begin in the body: the key, then the value.
    pub offset: u32,
    /// Bytes of the key (of this part of it).
    pub key_len: u32,
    /// Bytes of the value (of this part of it).
    pub value_len: u32,
    /// Which of the head's namespaces.
    pub namespace: u16,
    /// What it is.
    pub kind: Kind,
    /// When the value was stored, in epoch milliseconds.
    pub stored_at: f64,
    /// From when on it is expired, in epoch milliseconds; infinite: never.
    pub deadline: f64,
    /// Over the fields above and the bytes in the body.
    pub checksum: u64,
}

impl Head {
    /// The namespaces its records name by number.
    #[must_use]
    pub fn namespaces(&self) -> &[String] {
        &self.namespaces
    }

    /// All records, in the order in which they were written.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Record `i`.
    #[must_use]
    pub fn record(&self, i: usize) -> Option<&Record> {
        self.records.get(i)
    }

    /// The length of the body that belongs to this head.
    #[must_use]
    pub fn body_len(&self) -> usize {
        self.body_len
    }
}

impl Kind {
    /// Flags, part, parts and whole, as they stand in a record.
    #[must_use]
    pub fn fields(self) -> (u16, u16, u16, u32) {
        match self {
            Self::Whole => (0, 0, 1, 0),
            Self::Part { part, parts, whole } => (PART, part, parts, whole),
            Self::Deleted => (DELETED, 0, 1, 0),
            Self::Cleared => (CLEARED, 0, 1, 0),
        }
    }
}

impl Record {
    /// The fields that the checksum covers, as they stand in the head.
    pub(super) fn fields(&self) -> [u8; RECORD_LEN - CHECKSUM_LEN] {
        let (flags, part, parts, whole) = self.kind.fields();
        let mut out = [0; RECORD_LEN - CHECKSUM_LEN];
        let pieces: [&[u8]; 11] = [
            &self.digest,
            &self.offset.to_le_bytes(),
            &self.key_len.to_le_bytes(),
            &self.value_len.to_le_bytes(),
            &self.namespace.to_le_bytes(),
            &flags.to_le_bytes(),
            &part.to_le_bytes(),
            &parts.to_le_bytes(),
            &whole.to_le_bytes(),
            &self.stored_at.to_le_bytes(),
            &self.deadline.to_le_bytes(),
        ];
        let mut rest = &mut out[..];
        for piece in pieces {
            let Some((place, after)) = rest.split_at_mut_checked(piece.len()) else { break };
            place.copy_from_slice(piece);
            rest = after;
        }
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        Self::decode_fields(&mut reader).ok_or(Error::Field)
    }

    fn decode_fields(reader: &mut Reader<'_>) -> Option<Self> {
        let digest = reader.array()?;
        let (offset, key_len, value_len) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (namespace, flags) = (reader.u16()?, reader.u16()?);
        let (part, parts, whole) = (reader.u16()?, reader.u16()?, reader.u32()?);
        let (stored_at, deadline) = (reader.f64()?, reader.f64()?);
        let checksum = reader.u64()?;
        let kind = match (flags, part, parts, whole) {
            (0, 0, 1, 0) => Kind::Whole,
            (DELETED, 0, 1, 0) => Kind::Deleted,
            (CLEARED, 0, 1, 0) => Kind::Cleared,
            (PART, part, parts @ 2.., whole) if part < parts => Kind::Part { part, parts, whole },
            _ => return None,
        };
        let empty = key_len == 0 && value_len == 0;
        if (kind.is_tombstone() && !empty) || (kind == Kind::Cleared && digest != Digest::default()) {
            return None;
        }
        if !stored_at.is_finite() || deadline.is_nan() {
            return None;
        }
        Some(Self { digest, offset, key_len, value_len, namespace, kind, stored_at, deadline, checksum })
    }

    /// The end of its bytes in the body.
    fn end(&self) -> u64 {
        u64::from(self.offset) + u64::from(self.key_len) + u64::from(self.value_len)
    }
}

/// Decodes and checks a head: magic, version, lengths, checksum, and every field and offset of every record.
///
/// # Errors
/// [`Error::Version`] for a format this code does not know, another [`Error`] for bytes that are not a whole head.
pub fn decode_head(bytes: &[u8]) -> Result<Head, Error> {
    let mut reader = Reader::new(bytes);
    if reader.u32().ok_or(Error::Length)? != MAGIC {
        return Err(Error::Magic);
    }
    // Another version may use other lengths and checksums, so nothing more is asked of it.
    match reader.u16().ok_or(Error::Length)? {
        VERSION => {}
        version => return Err(Error::Version(version)),
    }
    let namespace_count = usize::from(reader.u16().ok_or(Error::Length)?);
    let record_count = reader.u32().ok_or(Error::Length)? as usize;
    let head_len = reader.u32().ok_or(Error::Length)? as usize;
    let body_len = reader.u32().ok_or(Error::Length)? as usize;
    let reserved = reader.u32().ok_or(Error::Length)?;
    if head_len != bytes.len() || head_len > MAX_BLOCK || body_len > MAX_BLOCK {
        return Err(Error::Length);
    }
    let records_len = record_count.checked_mul(RECORD_LEN).ok_or(Error::Length)?;
    let names_len = head_len
        .checked_sub(FIXED_LEN + CHECKSUM_LEN)
        .and_then(|rest| rest.checked_sub(records_len))
        .ok_or(Error::Length)?;
    let covered = bytes.get(..head_len - CHECKSUM_LEN).ok_or(Error::Length)?;
    let names = reader.take(names_len).ok_or(Error::Length)?;
    let records = reader.take(records_len).ok_or(Error::Length)?;
    if reader.u64().ok_or(Error::Length)? != checksum(&[covered]) {
        return Err(Error::Checksum);
    }
    if reserved != 0 {
        return Err(Error::Field);
    }
    let namespaces = decode_namespaces(names, namespace_count)?;
    let records = decode_records(records, namespaces.len(), body_len)?;
    Ok(Head { namespaces, records, body_len })
}

fn decode_namespaces(bytes: &[u8], count: usize) -> Result<Vec<String>, Error> {
    let mut reader = Reader::new(bytes);
    let mut used = 0;
    let mut namespaces = Vec::new();
    for _ in 0..count {
        let len = usize::from(reader.u16().ok_or(Error::Length)?);
        let name = reader.take(len).ok_or(Error::Length)?;
        if len > MAX_NAMESPACE {
            return Err(Error::Field);
        }
        namespaces.push(core::str::from_utf8(name).map_err(|_| Error::Field)?.to_owned());
        used += 2 + len;
    }
    let padding = reader.take(bytes.len() - used).ok_or(Error::Length)?;
    if padding.len() >= 8 || padding.iter().any(|byte| *byte != 0) {
        return Err(Error::Field);
    }
    Ok(namespaces)
}

fn decode_records(bytes: &[u8], namespaces: usize, body_len: usize) -> Result<Vec<Record>, Error> {
    let mut records = Vec::with_capacity(bytes.len() / RECORD_LEN);
    // Records lie one behind another, so their bytes together are never more than the body.
    let mut end = 0;
    for chunk in bytes.chunks_exact(RECORD_LEN) {
        let record = Record::decode(chunk)?;
        if usize::from(record.namespace) >= namespaces || u64::from(record.offset) < end {
            return Err(Error::Field);
        }
        end = record.end();
        if end > body_len as u64 {
            return Err(Error::Field);
        }
        records.push(record);
    }
    Ok(records)
}

/// The key and value bytes of record `i` (of this part of them), when the checksum says that they are the written ones.
///
/// # Errors
/// [`Error::NoRecord`], [`Error::Length`] when the body is another's, [`Error::Checksum`] when the bytes are damaged.
pub fn read<'a>(head: &Head, body: &'a [u8], i: usize) -> Result<(&'a [u8], &'a [u8]), Error> {
    let record = head.record(i).ok_or(Error::NoRecord)?;
    if body.len() != head.body_len {
        return Err(Error::Length);
    }
    let mut reader = Reader::new(body.get(record.offset as usize..).ok_or(Error::Length)?);
    let key = reader.take(record.key_len as usize).ok_or(Error::Length)?;
    let value = reader.take(record.value_len as usize).ok_or(Error::Length)?;
    if checksum(&[&record.fields(), key, value]) != record.checksum {
        return Err(Error::Checksum);
    }
    Ok((key, value))
}

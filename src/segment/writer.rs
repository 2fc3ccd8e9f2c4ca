//! Packing records into segments.

use super::{checksum, whole_checksum, Digest, Error, Kind, Record};
use super::{CHECKSUM_LEN, FIXED_LEN, MAGIC, MAX_BLOCK, MAX_NAMESPACE, RECORD_LEN, VERSION};

/// One segment, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The head block.
    pub head: Vec<u8>,
    /// The body block.
    pub body: Vec<u8>,
}

/// Packs records into as few segments as it takes, in order. When a key comes twice, its later record wins on reading.
#[derive(Default)]
pub struct SegmentWriter {
    done: Vec<Segment>,
    open: Open,
}

/// The segment that is being filled.
#[derive(Default)]
struct Open {
    namespaces: Vec<String>,
    names_len: usize,
    records: Vec<Record>,
    body: Vec<u8>,
}

/// When a record was stored and until when it holds.
#[derive(Clone, Copy)]
struct Times {
    stored_at: f64,
    deadline: f64,
}

impl SegmentWriter {
    /// A writer with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry; one that fits no body is cut into parts.
    ///
    /// # Errors
    /// [`Error::TooLarge`] and [`Error::Field`] (a time that is not a number); then nothing was added.
    pub fn put(
        &mut self,
        namespace: &str,
        digest: Digest,
        key: &[u8],
        value: &[u8],
        stored_at: f64,
        deadline: f64,
    ) -> Result<(), Error> {
        let times = Times::new(stored_at, deadline)?;
        check_namespace(namespace)?;
        if key.len().saturating_add(value.len()) <= MAX_BLOCK {
            self.add(namespace, digest, Kind::Whole, key, value, times);
            return Ok(());
        }
        let len = key.len().checked_add(value.len()).ok_or(Error::TooLarge)?;
        let parts = u16::try_from(len.div_ceil(MAX_BLOCK)).map_err(|_| Error::TooLarge)?;
        let whole = whole_checksum(key, value);
        let (mut key, mut value) = (key, value);
        for part in 0..parts {
            let key_piece = cut(&mut key, MAX_BLOCK);
            let value_piece = cut(&mut value, MAX_BLOCK - key_piece.len());
            self.add(namespace, digest, Kind::Part { part, parts, whole }, key_piece, value_piece, times);
        }
        Ok(())
    }

    /// Adds the deletion of one key.
    ///
    /// # Errors
    /// As [`SegmentWriter::put`].
    pub fn delete(&mut self, namespace: &str, digest: Digest, at: f64) -> Result<(), Error> {
        self.tombstone(namespace, digest, Kind::Deleted, at)
    }

    /// Adds the deletion of a whole namespace.
    ///
    /// # Errors
    /// As [`SegmentWriter::put`].
    pub fn clear(&mut self, namespace: &str, at: f64) -> Result<(), Error> {
        self.tombstone(namespace, Digest::default(), Kind::Cleared, at)
    }

    /// The segments.
    #[must_use]
    pub fn finish(mut self) -> Vec<Segment> {
        self.close();
        self.done
    }

    fn tombstone(&mut self, namespace: &str, digest: Digest, kind: Kind, at: f64) -> Result<(), Error> {
        let times = Times::new(at, f64::INFINITY)?;
        check_namespace(namespace)?;
        self.add(namespace, digest, kind, &[], &[], times);
        Ok(())
    }

    /// Adds a record whose bytes fit a body.
    fn add(&mut self, namespace: &str, digest: Digest, kind: Kind, key: &[u8], value: &[u8], times: Times) {
        if !self.open.has_room(namespace, key.len() + value.len()) {
            self.close();
        }
        self.open.push(namespace, digest, kind, key, value, times);
    }

    fn close(&mut self) {
        let open = core::mem::take(&mut self.open);
        if !open.records.is_empty() {
            self.done.push(open.finish());
        }
    }
}

impl Times {
    fn new(stored_at: f64, deadline: f64) -> Result<Self, Error> {
        if stored_at.is_finite() && !deadline.is_nan() {
            Ok(Self { stored_at, deadline })
        } else {
            Err(Error::Field)
        }
    }
}

fn check_namespace(namespace: &str) -> Result<(), Error> {
    if namespace.len() > MAX_NAMESPACE {
        return Err(Error::TooLarge);
    }
    Ok(())
}

/// Takes up to `len` bytes off the front.
fn cut<'a>(bytes: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (piece, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
    *bytes = rest;
    piece
}

impl Open {
    fn namespace(&self, name: &str) -> Option<usize> {
        // The last one is nearly always the one.
        self.namespaces.iter().rposition(|known| known == name)
    }

    fn has_room(&self, namespace: &str, bytes: usize) -> bool {
        let new_name = if self.namespace(namespace).is_some() { 0 } else { 2 + namespace.len() };
        let names = (self.names_len + new_name).next_multiple_of(8);
        let head = FIXED_LEN + names + (self.records.len() + 1) * RECORD_LEN + CHECKSUM_LEN;
        head <= MAX_BLOCK && self.body.len() + bytes <= MAX_BLOCK
    }

    fn push(&mut self, name: &str, digest: Digest, kind: Kind, key: &[u8], value: &[u8], times: Times) {
        let namespace = self.namespace(name).unwrap_or_else(|| {
            self.namespaces.push(name.to_owned());
            self.names_len += 2 + name.len();
            self.namespaces.len() - 1
        });
        // The casts lose nothing: `has_room` keeps a block, and so every length and count in it, below 2^16.
        let mut record = Record {
            digest,
            offset: self.body.len() as u32,
            key_len: key.len() as u32,
            value_len: value.len() as u32,
            namespace: namespace as u16,
            kind,
            stored_at: times.stored_at,
            deadline: times.deadline,
            checksum: 0,
        };
        record.checksum = checksum(&[&record.fields(), key, value]);
        self.records.push(record);
        self.body.extend_from_slice(key);
        self.body.extend_from_slice(value);
    }

    fn finish(self) -> Segment {
        let names = self.names_len.next_multiple_of(8);
        let len = FIXED_LEN + names + self.records.len() * RECORD_LEN + CHECKSUM_LEN;
        let mut head = Vec::with_capacity(len);
        head.extend_from_slice(&MAGIC.to_le_bytes());
        head.extend_from_slice(&VERSION.to_le_bytes());
        head.extend_from_slice(&(self.namespaces.len() as u16).to_le_bytes());
        head.extend_from_slice(&(self.records.len() as u32).to_le_bytes());
        head.extend_from_slice(&(len as u32).to_le_bytes());
        head.extend_from_slice(&(self.body.len() as u32).to_le_bytes());
        head.extend_from_slice(&0u32.to_le_bytes());
        for name in &self.namespaces {
            head.extend_from_slice(&(name.len() as u16).to_le_bytes());
            head.extend_from_slice(name.as_bytes());
        }
        head.resize(FIXED_LEN + names, 0);
        for record in &self.records {
            head.extend_from_slice(&record.fields());
            head.extend_from_slice(&record.checksum.to_le_bytes());
        }
        head.extend_from_slice(&checksum(&[&head]).to_le_bytes());
        Segment { head, body: self.body }
    }
}

//! Putting a value together that was cut into parts.

use super::{whole_checksum, Error, Kind, Record};

/// The whole key and value out of all their parts, given in order as record, key bytes and value bytes.
///
/// # Errors
/// [`Error::Field`] when these are not all the parts of one write, [`Error::Checksum`] when the whole is not what was
/// written.
pub fn assemble(pieces: &[(Record, &[u8], &[u8])]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let (mut key, mut value) = (Vec::new(), Vec::new());
    let first = match pieces.first() {
        Some((Record { kind: Kind::Part { parts, whole, .. }, digest, .. }, _, _)) => {
            (*parts, *whole, *digest)
        }
        _ => return Err(Error::Field),
    };
    if usize::from(first.0) != pieces.len() {
        return Err(Error::Field);
    }
    for (i, (record, key_piece, value_piece)) in pieces.iter().enumerate() {
        match record.kind {
            Kind::Part { part, parts, whole }
                if usize::from(part) == i && (parts, whole, record.digest) == first => {}
            _ => return Err(Error::Field),
        }
        key.extend_from_slice(key_piece);
        value.extend_from_slice(value_piece);
    }
    if whole_checksum(&key, &value) != first.1 {
        return Err(Error::Checksum);
    }
    Ok((key, value))
}

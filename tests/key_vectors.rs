//! The golden keys that the JavaScript encoder wrote: their digests and what they say are the same here. `scripts/vectors-keys.mjs`
//! writes the file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use my_mimic::key::decode::decode;
use my_mimic::key::digest::digest;
use my_mimic::key::tag;
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/keys.json")).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn cells(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).map(|cell| u64::from_le_bytes(cell.try_into().unwrap())).collect()
}

/// The limit that JavaScript has by default.
const LIMIT: usize = 1000;

#[test]
fn digests_are_those_of_javascript() {
    for vector in vectors()["vectors"].as_array().unwrap() {
        let key = bytes(vector["cells"].as_str().unwrap());
        let cells = cells(&key);
        let ours = if cells[0] as u32 == tag::DIGESTED {
            key[8..24].to_vec()
        } else {
            digest(&cells)[..16].to_vec()
        };
        assert_eq!(ours, bytes(vector["digest"].as_str().unwrap()), "{}", vector["name"]);
    }
}

#[test]
fn keys_read_as_in_javascript() {
    let vectors = vectors();
    let vectors = vectors["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 80);
    for vector in vectors {
        let cells = cells(&bytes(vector["cells"].as_str().unwrap()));
        let decoded = decode(&cells).unwrap_or_else(|error| panic!("{}: {error}", vector["name"]));
        assert_eq!(decoded.describe(LIMIT), vector["text"].as_str().unwrap(), "{}", vector["name"]);
        // Extra properties may follow a value, which is whole without them.
        for end in (0..cells.len().min(100)).filter(|end| cells[*end] as u32 != tag::EXTRA) {
            assert!(decode(&cells[..end]).is_err(), "{} cut to {end} cells", vector["name"]);
        }
    }
}

#[test]
fn damaged_keys_are_corrupt_where_they_are_in_javascript() {
    for damaged in vectors()["damaged"].as_array().unwrap() {
        let cells = cells(&bytes(damaged["cells"].as_str().unwrap()));
        let text = decode(&cells).ok().map(|decoded| decoded.describe(LIMIT));
        assert_eq!(text.as_deref(), damaged["text"].as_str(), "{}", damaged["cells"]);
    }
}

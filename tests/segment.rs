//! The segment format: what is written is read, and what was not written is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use my_mimic::segment::{
    assemble, decode_head, read, Digest, Error, Head, Kind, Segment, SegmentWriter, MAX_BLOCK, MAX_NAMESPACE,
};

use twox_hash::XxHash64;

const FOREVER: f64 = f64::INFINITY;

fn digest(n: u8) -> Digest {
    [n; 16]
}

fn written(fill: impl FnOnce(&mut SegmentWriter)) -> Vec<Segment> {
    let mut writer = SegmentWriter::new();
    fill(&mut writer);
    writer.finish()
}

fn heads(segments: &[Segment]) -> Vec<Result<Head, Error>> {
    segments.iter().map(|segment| decode_head(&segment.head)).collect()
}

/// Every entry as (namespace, key, value), in the order of the writes.
fn entries(segments: &[Segment]) -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let (heads, mut found, mut parts) = (heads(segments), Vec::new(), Vec::new());
    for (segment, head) in segments.iter().zip(&heads) {
        let head = head.as_ref().unwrap();
        for (i, record) in head.records().iter().enumerate() {
            let (key, value) = read(head, &segment.body, i).unwrap();
            parts.push((*record, key, value));
            let name = head.namespaces()[usize::from(record.namespace)].clone();
            match record.kind {
                Kind::Whole => found.push((name, key.to_vec(), value.to_vec())),
                Kind::Part { part, parts: all, .. } if part + 1 < all => continue,
                Kind::Part { .. } => {
                    let (key, value) = assemble(&parts).unwrap();
                    found.push((name, key, value));
                }
                Kind::Deleted | Kind::Cleared => {}
            }
            parts.clear();
        }
    }
    found
}

#[test]
fn nothing_written_is_no_segment() {
    assert_eq!(SegmentWriter::new().finish(), vec![]);
}

#[test]
fn the_bytes_are_the_documented_ones() {
    let segments = written(|w| w.put("f\0v1", digest(7), b"keykeyke", b"value", 1.5, 2.5).unwrap());
    let [segment] = &segments[..] else { panic!("one segment") };
    assert_eq!(segment.body, b"keykeykevalue");
    let head = &segment.head;
    assert_eq!(head.len(), 24 + 8 + 64 + 8);
    assert_eq!(&head[..6], b"MIMG\x01\0");
    assert_eq!(head[6..24], [1, 0, 1, 0, 0, 0, 104, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(&head[24..32], b"\x04\0f\0v1\0\0");
    assert_eq!(head[32..48], [7; 16]);
    assert_eq!(head[48..60], [0, 0, 0, 0, 8, 0, 0, 0, 5, 0, 0, 0]);
    assert_eq!(head[60..72], [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(head[72..80], 1.5f64.to_le_bytes());
    assert_eq!(head[80..88], 2.5f64.to_le_bytes());
    let mut covered = head[32..88].to_vec();
    covered.extend_from_slice(&segment.body);
    assert_eq!(head[88..96], XxHash64::oneshot(0, &covered).to_le_bytes());
    assert_eq!(head[96..], XxHash64::oneshot(0, &head[..96]).to_le_bytes());
}

#[test]
fn many_records_come_back_in_blocks_of_at_most_60_kib() {
    let segments = written(|w| {
        for i in 0..5000u32 {
            let mut digest = [0; 16];
            digest[..4].copy_from_slice(&i.to_le_bytes());
            let value = vec![i as u8; (i % 400) as usize];
            w.put(&format!("f{}\0v", i % 7), digest, &i.to_le_bytes(), &value, f64::from(i), FOREVER)
                .unwrap();
        }
    });
    assert!(segments.iter().all(|s| s.head.len() <= MAX_BLOCK && s.body.len() <= MAX_BLOCK));
    let found = entries(&segments);
    assert_eq!(found.len(), 5000);
    for (i, (namespace, key, value)) in found.iter().enumerate() {
        assert_eq!(*namespace, format!("f{}\0v", i % 7));
        assert_eq!(*key, (i as u32).to_le_bytes());
        assert_eq!(*value, vec![i as u8; i % 400]);
    }
}

#[test]
fn empty_keys_values_and_namespaces_and_long_namespaces_are_fine() {
    let long = "é".repeat(MAX_NAMESPACE / 2);
    let segments = written(|w| {
        w.put("", digest(1), b"", b"", 0.0, FOREVER).unwrap();
        w.put(&long, digest(1), b"", b"x", -5.0, FOREVER).unwrap();
        assert_eq!(w.put(&format!("{long}x"), digest(1), b"", b"", 0.0, 1.0), Err(Error::TooLarge));
        assert_eq!(w.put("f", digest(1), b"", b"", f64::NAN, 1.0), Err(Error::Field));
        assert_eq!(w.put("f", digest(1), b"", b"", 0.0, f64::NAN), Err(Error::Field));
    });
    let found = entries(&segments);
    assert_eq!(found, [(String::new(), vec![], vec![]), (long, vec![], b"x".to_vec())]);
}

#[test]
fn a_value_and_a_key_beyond_one_body_are_cut_and_put_together() {
    for (key_len, value_len) in
        [(8, MAX_BLOCK - 8), (8, MAX_BLOCK - 7), (8, 300 * 1024), (150_000, 10), (150_000, 150_000)]
    {
        let key: Vec<u8> = (0..key_len).map(|i| (i % 251) as u8).collect();
        let value: Vec<u8> = (0..value_len).map(|i| (i % 241) as u8).collect();
        let segments = written(|w| {
            w.put("f", digest(1), b"a", b"small", 1.0, FOREVER).unwrap();
            w.put("f", digest(2), &key, &value, 1.0, FOREVER).unwrap();
            w.put("f", digest(3), b"b", b"small", 1.0, FOREVER).unwrap();
        });
        assert!(segments.iter().all(|s| s.head.len() <= MAX_BLOCK && s.body.len() <= MAX_BLOCK));
        let found = entries(&segments);
        assert_eq!(found.len(), 3);
        assert_eq!(found[1], ("f".to_owned(), key, value));
    }
}

#[test]
fn parts_of_two_writes_never_mix() {
    let (a, b) = (vec![1; 200_000], vec![2; 200_000]);
    let first = written(|w| w.put("f", digest(1), b"k", &a, 1.0, FOREVER).unwrap());
    let second = written(|w| w.put("f", digest(1), b"k", &b, 1.0, FOREVER).unwrap());
    // Whoever insists is refused by the checksum over the whole.
    let (x, y) = (heads(&first), heads(&second));
    let pieces: Vec<_> = (0..first.len())
        .map(|i| {
            let (segment, head) = if i == 1 { (&second[i], &y[i]) } else { (&first[i], &x[i]) };
            let head = head.as_ref().unwrap();
            let (key, value) = read(head, &segment.body, 0).unwrap();
            (*head.record(0).unwrap(), key, value)
        })
        .collect();
    assert_eq!(assemble(&pieces), Err(Error::Field));
    assert_eq!(assemble(&[]), Err(Error::Field));
    assert_eq!(assemble(&pieces[..1]), Err(Error::Field));
}

#[test]
fn a_head_that_is_not_one_says_why() {
    let good = written(|w| w.put("f", digest(1), b"k", b"v", 1.0, 2.0).unwrap()).remove(0);
    let change = |at: usize, to: u8| {
        let mut head = good.head.clone();
        head[at] = to;
        decode_head(&head)
    };
    assert!(decode_head(&good.head).is_ok());
    assert_eq!(decode_head(&[]), Err(Error::Length));
    assert_eq!(change(0, 0), Err(Error::Magic));
    assert_eq!(change(4, 2), Err(Error::Version(2)));
    assert_eq!(decode_head(b"MIMG\x02\0"), Err(Error::Version(2)));
    assert_eq!(change(12, 0), Err(Error::Length));
    assert_eq!(change(8, 255), Err(Error::Length));
    assert_eq!(change(25, 255), Err(Error::Checksum));
    assert_eq!(decode_head(&good.head[..good.head.len() - 1]), Err(Error::Length));
    let mut longer = good.head.clone();
    longer.push(0);
    assert_eq!(decode_head(&longer), Err(Error::Length));
}

/// Fields that no writer writes are refused even under a right checksum.
#[test]
fn impossible_fields_are_refused() {
    let good = written(|w| w.put("f", digest(1), b"k", b"v", 1.0, 2.0).unwrap()).remove(0);
    let patch = |at: usize, bytes: &[u8]| {
        let mut head = good.head.clone();
        head[at..at + bytes.len()].copy_from_slice(bytes);
        let end = head.len() - 8;
        let sum = XxHash64::oneshot(0, &head[..end]);
        head[end..].copy_from_slice(&sum.to_le_bytes());
        decode_head(&head)
    };
    assert!(patch(24, &[1]).is_ok());
    let cases: [(&str, usize, &[u8]); 13] = [
        ("reserved", 20, &[1]),
        ("padding", 31, &[1]),
        ("namespace is no UTF-8", 26, &[0xff]),
        ("offset past the body", 48, &[9]),
        ("offset and length overflow", 48, &[0xff; 12]),
        ("unknown namespace", 60, &[1]),
        ("unknown flag", 62, &[8]),
        ("two kinds at once", 62, &[3]),
        ("tombstone with bytes", 62, &[1]),
        ("part beyond parts", 62, &[4, 0, 2, 0, 2, 0]),
        ("checksum of a whole that is not cut", 68, &[1]),
        ("stored at NaN", 72, &f64::NAN.to_le_bytes()),
        ("deadline NaN", 80, &f64::NAN.to_le_bytes()),
    ];
    for (what, at, bytes) in cases {
        assert_eq!(patch(at, bytes), Err(Error::Field), "{what}");
    }
    assert_eq!(patch(24, &[9]), Err(Error::Length));
}

#[test]
fn damage_in_a_body_loses_only_the_records_it_hits() {
    let segment = written(|w| {
        for n in 0..10 {
            w.put("f", digest(n), &[n; 8], &[n; 20], 1.0, FOREVER).unwrap();
        }
    })
    .remove(0);
    let head = decode_head(&segment.head).unwrap();
    for at in 0..segment.body.len() {
        let mut body = segment.body.clone();
        body[at] ^= 1;
        for i in 0..10 {
            let expected =
                if i == at / 28 { Err(Error::Checksum) } else { Ok((&[i as u8; 8][..], &[i as u8; 20][..])) };
            assert_eq!(read(&head, &body, i), expected);
        }
    }
    assert_eq!(read(&head, &segment.body, 10), Err(Error::NoRecord));
    assert_eq!(read(&head, &segment.body[1..], 0), Err(Error::Length));
}

#[test]
fn overlapping_records_are_refused() {
    let segment = written(|w| {
        w.put("f", digest(1), b"k", b"v", 1.0, 2.0).unwrap();
        w.put("f", digest(2), b"k", b"v", 1.0, 2.0).unwrap();
    })
    .remove(0);
    let mut head = segment.head;
    head[32 + 64 + 16] = 1;
    let end = head.len() - 8;
    let sum = XxHash64::oneshot(0, &head[..end]);
    head[end..].copy_from_slice(&sum.to_le_bytes());
    assert_eq!(decode_head(&head), Err(Error::Field));
}

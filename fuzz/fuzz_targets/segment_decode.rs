//! `npm run fuzz -- segment_decode`: any bytes as a head and a body. No panic, and whatever a head says stays within
//! its limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use my_mimic::segment::{assemble, decode_head, read, MAX_BLOCK};

fuzz_target!(|data: &[u8]| {
    let Some((cut, data)) = data.split_first_chunk::<2>() else { return };
    let at = usize::from(u16::from_le_bytes(*cut)).min(data.len());
    let (head_bytes, body) = data.split_at(at);
    let mut signed = head_bytes.to_vec();
    if let Some(end) = signed.len().checked_sub(8) {
        let sum = blake3(&signed[..end]);
        signed[end..].copy_from_slice(&sum);
    }
    for bytes in [head_bytes, &signed] {
        let head = decode_head(bytes);
        if let Ok(head) = &head {
            assert!(head.records().len() * 64 < bytes.len() && head.body_len() <= MAX_BLOCK);
            let pieces: Vec<_> = (0..head.records().len())
                .filter_map(|i| read(head, body, i).ok().map(|(key, value)| (head.records()[i], key, value)))
                .collect();
            assert!(
                pieces.iter().map(|(_, key, value)| key.len() + value.len()).sum::<usize>() <= body.len()
            );
            let _ = assemble(&pieces);
        }
    }
});

fn blake3(bytes: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&::blake3::hash(bytes).as_bytes()[..8]);
    sum
}

//! What the wheel costs. What it does is in `tests/structures/wheel.rs`.

use crate::expiry::Expiry;
use crate::slab::SlotId;

/// Entries with random ttls up to an hour: those of each moment are gone when it is over, and what an entry costs in steps depends
/// on how far its ttl reaches, not on how many there are.
#[test]
fn the_steps_for_an_entry_are_constant_from_a_thousand_to_ten_million() {
    for entries in [1_000u32, 100_000, 10_000_000] {
        let mut expiry = Expiry::default();
        let deadline = |slot: u32| f64::from(slot.wrapping_mul(0x9e37_79b9) % 3_600_000);
        for slot in (0..entries).map(SlotId) {
            expiry.reserve(slot, 0.0).unwrap();
            expiry.set(slot, deadline(slot.0));
        }
        let (mut gone, mut steps) = (0, 0u64);
        for now in (0..=3600).map(|second| f64::from(second) * 1000.0) {
            loop {
                let mut budget = 1000;
                let slot = expiry.next_expired(now, &mut budget);
                steps += 1000 - budget as u64;
                let Some(slot) = slot else {
                    if budget > 0 {
                        break;
                    }
                    continue;
                };
                assert!(deadline(slot.0) <= now);
                expiry.forget(slot);
                gone += 1;
            }
        }
        assert_eq!((gone, expiry.next_due()), (entries, f64::INFINITY));
        let each = steps as f64 / f64::from(entries);
        assert!(each > 1.0 && each < 4.0, "{each} steps for each of {entries}");
    }
}

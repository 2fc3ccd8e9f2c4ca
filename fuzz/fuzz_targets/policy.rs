//! `npm run fuzz -- policy`: any notices to the eviction policy, wrong ones too. It holds what it should, its victims are held, and
//! all of its structures are sound after each notice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use my_mimic::policy::{Link, Place, Places, Policy, Spot, TinyLfu};
use my_mimic::slab::SlotId;
use std::collections::BTreeSet;

/// Slots there are; notices name slots beyond them too.
const SLOTS: u32 = 240;

fn hash(key: u32) -> u32 {
    key.wrapping_mul(0x9e37_79b9)
}

fuzz_target!(|data: &[u8]| {
    let Some((max_entries, notices)) = data.split_first_chunk::<4>() else { return };
    let mut policy = TinyLfu::new(u32::from_le_bytes(*max_entries));
    let mut held = BTreeSet::new();
    let mut all = vec![Spot::default(); SLOTS as usize];
    for notice in notices.chunks_exact(3) {
        let (slot, key) = (u32::from(notice[1]), u32::from(notice[2]));
        policy.expect(SLOTS as usize);
        match notice[0] % 8 {
            0..=2 => {
                if let Some(spot) = all.place_mut(SlotId(slot)).filter(|spot| !spot.is_held()) {
                    spot.hash = hash(key);
                }
                policy.on_insert(&mut all, SlotId(slot));
                if slot < SLOTS {
                    held.insert(slot);
                }
            }
            3 => _ = all.place_mut(SlotId(slot)).map(|spot| policy.on_hit(spot, hash(key))),
            4 => policy.renew(&mut all, SlotId(slot)),
            5 => {
                policy.on_remove(&mut all, SlotId(slot));
                held.remove(&slot);
            }
            6 => {
                let victim = policy.victim(&mut all);
                assert_eq!(victim.is_some(), !held.is_empty());
                if let Some(victim) = victim {
                    assert!(held.remove(&victim.0) && all[victim.index()].is_held());
                    policy.on_remove(&mut all, victim);
                }
            }
            _ if key == 0 => {
                all.iter_mut().for_each(|spot| spot.link = Link::default());
                policy.clear();
                held.clear();
            }
            _ => _ = all.place_mut(SlotId(slot)).map(|spot| policy.on_hit(spot, key)),
        }
        policy.validate(&all).unwrap();
        assert!((0..SLOTS).all(|slot| all[slot as usize].is_held() == held.contains(&slot)));
    }
});

//! `npm run fuzz -- policy`: any notices to the eviction policy, wrong ones too. It holds what it should, its victims are held, and
//! all of its structures are sound after each notice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use my_mimic::policy::{Marks, Policy, Residents, TinyLfu};
use my_mimic::slab::SlotId;
use std::collections::BTreeSet;

/// Whole chunks, so that the slots beyond are not reserved.
const SLOTS: u32 = 240;

fn hash(key: u32) -> u32 {
    key.wrapping_mul(0x9e37_79b9)
}

/// Marks and hashes of all slots, as a slab keeps them.
struct All([(u8, u32); 256]);

impl Marks for All {
    fn mark(&self, slot: SlotId) -> u8 {
        self.0.get(slot.index()).map_or(0, |(mark, _)| *mark)
    }

    fn change_mark(&mut self, slot: SlotId, with: impl FnOnce(u8) -> u8) -> u8 {
        let Some((mark, _)) = self.0.get_mut(slot.index()) else { return 0 };
        std::mem::replace(mark, with(*mark))
    }
}

impl Residents for All {
    fn hash(&self, slot: SlotId) -> u32 {
        self.0.get(slot.index()).map_or(0, |(_, hash)| *hash)
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((max_entries, notices)) = data.split_first_chunk::<4>() else { return };
    let mut policy = TinyLfu::new(u32::from_le_bytes(*max_entries));
    let mut held = BTreeSet::new();
    let mut all = All([(0, 0); 256]);
    for notice in notices.chunks_exact(3) {
        let (slot, key) = (u32::from(notice[1]), u32::from(notice[2]));
        (0..SLOTS).for_each(|slot| policy.reserve(SlotId(slot), SLOTS as usize).unwrap());
        match notice[0] % 8 {
            0..=2 => {
                if !held.contains(&slot) {
                    all.0[slot as usize].1 = hash(key);
                }
                policy.on_insert(&mut all, SlotId(slot));
                if slot < SLOTS {
                    held.insert(slot);
                }
            }
            3 | 4 => policy.on_hit(&mut all, SlotId(slot), hash(key)),
            5 => {
                policy.on_remove(&all, SlotId(slot));
                held.remove(&slot);
            }
            6 => {
                let victim = policy.victim(&mut all);
                assert_eq!(victim.is_some(), !held.is_empty());
                if let Some(victim) = victim {
                    assert!(held.remove(&victim.0) && policy.holds(victim));
                    policy.on_remove(&all, victim);
                }
            }
            _ if key == 0 => {
                policy.clear();
                held.clear();
            }
            _ => policy.on_hit(&mut all, SlotId(slot), key),
        }
        policy.validate(&all).unwrap();
        assert!((0..256).all(|slot| policy.holds(SlotId(slot)) == held.contains(&slot)));
    }
});

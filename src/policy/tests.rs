//! The policy beside a set of what it should hold, whatever happens to it.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Slots there are; notices name slots beyond them too.
const SLOTS: u32 = 48;

#[derive(Clone, Copy, Debug)]
enum Op {
    Insert(u32, u32),
    Hit(u32, u32),
    Renew(u32),
    Remove(u32),
    Evict,
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    let slot = || 0..SLOTS + 2;
    // Few keys, so that shadows hit, of which some are in every sample and some in none.
    let key = || prop_oneof![0..60u32, (0..60u32).prop_map(|n| n.wrapping_mul(0x9e37_79b9)), Just(u32::MAX)];
    prop_oneof![
        12 => (slot(), key()).prop_map(|(slot, key)| Op::Insert(slot, key)),
        12 => (slot(), key()).prop_map(|(slot, key)| Op::Hit(slot, key)),
        4 => slot().prop_map(Op::Renew),
        4 => slot().prop_map(Op::Remove),
        8 => Just(Op::Evict),
        1 => Just(Op::Clear),
    ]
}

fn check(max_entries: u32, ops: &[Op]) {
    let (mut policy, mut held) = (TinyLfu::new(max_entries), BTreeSet::new());
    let mut newest = None;
    let mut all = vec![Spot::default(); SLOTS as usize];
    for op in ops {
        policy.expect(SLOTS as usize);
        match *op {
            Op::Insert(slot, key) => {
                if let Some(spot) = all.get_mut(slot as usize).filter(|spot| !spot.is_held()) {
                    spot.hash = key;
                }
                policy.on_insert(&mut all, SlotId(slot));
                if slot < SLOTS && held.insert(slot) {
                    newest = Some(slot);
                }
            }
            Op::Hit(slot, key) => _ = all.place_mut(SlotId(slot)).map(|spot| policy.on_hit(spot, key)),
            Op::Renew(slot) => {
                policy.renew(&mut all, SlotId(slot));
                newest = None;
            }
            Op::Remove(slot) => {
                policy.on_remove(&mut all, SlotId(slot));
                held.remove(&slot);
            }
            Op::Evict => {
                let victim = policy.victim(&mut all);
                assert_eq!(victim.is_some(), !held.is_empty());
                if let Some(victim) = victim {
                    assert!(
                        held.len() == 1 || newest.take() != Some(victim.0),
                        "the victim of its own arrival"
                    );
                    assert!(held.remove(&victim.0), "{victim:?} is not held");
                    assert!(all[victim.index()].is_held(), "held until it is removed");
                    policy.on_remove(&mut all, victim);
                }
            }
            Op::Clear => {
                all.iter_mut().for_each(|spot| spot.link = Link::default());
                policy.clear();
                held.clear();
            }
        }
        policy.validate(&all).unwrap();
        assert_eq!(policy.held() as usize, held.len());
        assert!((0..SLOTS).all(|slot| all[slot as usize].is_held() == held.contains(&slot)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(300),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn it_holds_what_it_should(
        max_entries in prop::sample::select(vec![0, 1, 2, 3, 10, 39, 1000, 1 << 29, u32::MAX]),
        ops in prop::collection::vec(op(), 1..300),
    ) {
        check(max_entries, &ops);
    }
}

/// Keys through a cache that holds `held` of at most `max_entries`.
fn churn(max_entries: u32, held: u32, keys: u32) -> TinyLfu {
    let mut policy = TinyLfu::new(max_entries);
    let hash = |key: u32| key.wrapping_mul(0x9e37_79b9);
    let mut free: Vec<_> = (0..=held).rev().collect();
    let mut all = vec![Spot::default(); held as usize + 1];
    for key in 0..keys {
        let slot = free.pop().unwrap();
        policy.expect(held as usize + 1);
        all[slot as usize].hash = hash(key);
        policy.on_insert(&mut all, SlotId(slot));
        if free.is_empty() {
            let victim = policy.victim(&mut all).unwrap();
            policy.on_remove(&mut all, victim);
            free.push(victim.0);
        }
    }
    policy.validate(&all).unwrap();
    policy
}

#[test]
fn a_cache_bounded_by_bytes_learns_how_many_entries_fit() {
    for held in [100, 5000] {
        let policy = churn(1 << 29, held, 40_000);
        assert!(policy.capacity() >= held && policy.capacity() <= 2 * held + 2, "{}", policy.capacity());
        let policy = churn(1000, held.min(1000), 40_000);
        assert!(policy.capacity() <= 1000);
    }
}

/// Who went in a walk of hits and misses; with `forgets` the sketch is asked each time.
fn victims(capacity: u32, seed: u32, forgets: bool) -> Vec<SlotId> {
    let (mut policy, mut state, mut gone) = (TinyLfu::new(capacity), seed, vec![]);
    let (mut all, mut free) =
        (vec![Spot::default(); capacity as usize + 1], (0..=capacity).rev().collect::<Vec<_>>());
    for _ in 0..60_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let random = (state >> 8) % (4 * capacity);
        // Some come often, so that the winner is read and counted; few bits, so that others count for him as well.
        let hash = (random * random / (4 * capacity)).wrapping_mul(0x9e37_79b9) & 0xfff0_000f;
        if let Some(slot) = all.iter().position(|spot| spot.is_held() && spot.hash == hash) {
            if policy.on_hit(&mut all[slot], hash) {
                policy.renew(&mut all, SlotId(slot as u32));
            }
            continue;
        }
        let slot = free.pop().unwrap();
        policy.expect(capacity as usize);
        all[slot as usize].hash = hash;
        policy.on_insert(&mut all, SlotId(slot));
        if free.is_empty() {
            if forgets {
                policy.forget_winners();
            }
            let victim = policy.victim(&mut all).unwrap();
            policy.on_remove(&mut all, victim);
            free.push(victim.0);
            gone.push(victim);
        }
    }
    gone
}

#[test]
fn who_won_before_is_asked_for_only_where_it_counts() {
    for seed in 0..6 {
        let capacity = [10, 60, 300][seed as usize % 3];
        assert!(victims(capacity, seed, false) == victims(capacity, seed, true), "{capacity} {seed}");
    }
}

#[test]
fn who_leaves_has_been_counted_once_for_his_arrival_and_once_for_each_read() {
    let hash = |slot: u32| slot.wrapping_mul(0x9e37_79b9);
    let (mut policy, mut all) = (TinyLfu::new(1000), vec![Spot::default(); 1001]);
    for slot in 0..=1000 {
        policy.expect(1001);
        all[slot as usize].hash = hash(slot);
        policy.on_insert(&mut all, SlotId(slot));
        if slot == 100 {
            // Not half full: it would be old before it counts.
            policy.on_hit(&mut all[1], hash(1));
            policy.on_remove(&mut all, SlotId(1));
        }
    }
    assert_eq!(policy.seen(hash(1)), 0);
    // One of those that the shadows see.
    let shown = (500..=1000).find(|slot| hash(*slot) < 1 << 26).unwrap();
    assert_eq!([700, shown].map(|slot| policy.seen(hash(slot))), [0, 1], "they ask at once");
    for (slot, seen) in [(700, 3), (7, 2), (shown, 3)] {
        policy.on_hit(&mut all[slot as usize], hash(slot));
        policy.on_hit(&mut all[slot as usize], hash(slot));
        policy.on_remove(&mut all, SlotId(slot));
        policy.on_remove(&mut all, SlotId(slot));
        assert_eq!(policy.seen(hash(slot)), seen, "expired or invalidated; who came early did so uncounted");
    }
    let victim = policy.victim(&mut all).unwrap();
    policy.on_remove(&mut all, victim);
    let late = u32::from(victim.0 >= 500);
    assert_eq!(policy.seen(hash(victim.0)), late, "evicted");
    policy.validate(&all).unwrap();
}

#[test]
fn who_is_foreseen_goes() {
    let (mut policy, mut all) = (TinyLfu::new(100), vec![Spot::default(); 101]);
    let (mut free, mut right) = ((0..=100).rev().collect::<Vec<_>>(), 0);
    for key in 0..1000u32 {
        let slot = free.pop().unwrap();
        policy.expect(101);
        let foreseen = policy.foresee(&all);
        all[slot as usize].hash = key.wrapping_mul(0x9e37_79b9);
        policy.on_insert(&mut all, SlotId(slot));
        if free.is_empty() {
            let victim = policy.victim(&mut all).unwrap();
            right += u32::from(all[victim.index()].hash == foreseen);
            policy.on_remove(&mut all, victim);
            free.push(victim.0);
        }
    }
    assert!(right > 800, "{right} of 900");
}

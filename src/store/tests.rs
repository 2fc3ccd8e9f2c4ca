use super::*;
use crate::hash::{HashMode, Seed};
use crate::options::REMOVED_MAX;
use crate::slab::MOST_WEIGHT;
use crate::stats::Removals;

fn store(max_entries: f64) -> Store {
    Store::new(Options::new(max_entries, f64::INFINITY).unwrap(), KeyHash::new(Seed::new(3), HashMode::Fx))
}

fn miss(store: &mut Store, key: u64, now: f64) -> (SlotId, Generation) {
    match store.probe(&[key], now).unwrap() {
        Probe::Miss(slot, generation) => (slot, generation),
        other => panic!("{other:?}"),
    }
}

fn load(store: &mut Store, key: u64, deadline: f64) -> SlotId {
    let (slot, generation) = miss(store, key, 0.0);
    assert_eq!(store.commit(slot, generation, deadline, 0), Commit::Stored);
    store.validate().unwrap();
    slot
}

fn causes(store: &Store) -> Vec<Cause> {
    store.removed().iter().map(|removed| removed.cause).collect()
}

const NEVER: f64 = f64::INFINITY;

#[test]
fn a_miss_reserves_and_a_commit_is_good_once() {
    let mut store = store(10.0);
    let (slot, generation) = miss(&mut store, 1, 0.0);
    assert_eq!(store.probe(&[1], 0.0), Ok(Probe::Pending(slot, generation)));
    assert_eq!(store.find(&[1], 0.0), Some(Found::Pending(slot)));
    assert_eq!(store.commit(slot, generation, NEVER, 5), Commit::Stored);
    assert_eq!(store.commit(slot, generation, NEVER, 5), Commit::Moved);
    assert!(!store.abandon(slot, generation));
    assert_eq!(store.probe(&[1], 0.0), Ok(Probe::Hit(slot)));
    assert!(store.key(slot).unwrap().is(&[1]));
    store.validate().unwrap();
    let stats = store.stats();
    assert_eq!((stats.hits, stats.misses, stats.coalesced, stats.entries, stats.pending), (1, 1, 1, 1, 0));
    assert_eq!(stats.bytes, 8 + 5 + Store::<TinyLfu>::ENTRY_BYTES as u64);
}

#[test]
fn three_loads_at_once_all_commit_with_room_for_two() {
    let mut store = store(2.0);
    let tokens: Vec<_> = (0..3).map(|key| miss(&mut store, key, 0.0)).collect();
    store.validate().unwrap();
    for (slot, generation) in &tokens {
        assert_eq!(store.commit(*slot, *generation, NEVER, 0), Commit::Stored);
        store.validate().unwrap();
    }
    assert_eq!(causes(&store), [Cause::Size]);
    assert!(store.removed().iter().all(|removed| removed.slot != tokens[2].0), "not the newest");
    assert_eq!((store.stats().entries, store.stats().removals.size), (2, 1));
}

#[test]
fn nothing_is_kept_when_nothing_may_be() {
    for (max_entries, deadline) in [(0.0, NEVER), (5.0, 7.0), (5.0, 6.0), (5.0, f64::NAN)] {
        let mut store = store(max_entries);
        let (slot, generation) = miss(&mut store, 1, 7.0);
        assert_eq!(
            store.probe(&[1], 7.0),
            Ok(Probe::Pending(slot, generation)),
            "loads are shared all the same"
        );
        assert_eq!(store.commit(slot, generation, deadline, 9), Commit::Refused);
        assert_eq!(store.insert(&[1], deadline, 9), Ok(None));
        store.validate().unwrap();
        assert_eq!(store.key(slot), None, "the key is dropped");
        assert_eq!((store.stats().bytes, store.removed()), (0, [].as_slice()));
        assert_ne!(miss(&mut store, 1, 7.0), (slot, generation));
    }
}

#[test]
fn expired_is_pending_anew_in_place() {
    let mut store = store(10.0);
    let slot = load(&mut store, 1, 10.0);
    assert_eq!(store.probe(&[1], 9.0), Ok(Probe::Hit(slot)));
    assert_eq!(store.find(&[1], 10.0), None);
    let (again, generation) = miss(&mut store, 1, 10.0);
    assert_eq!(again, slot);
    store.validate().unwrap();
    assert_eq!((store.stats().removals.expired, store.stats().entries, store.stats().pending), (1, 0, 1));
    assert_eq!(store.probe(&[1], 1e9), Ok(Probe::Pending(slot, generation)), "a load outlives its ttl");
    assert!(store.abandon(slot, generation));
    store.validate().unwrap();
    assert_eq!(store.stats().bytes, 0);
}

#[test]
fn a_late_load_meets_every_way_its_key_can_go() {
    type Go = fn(&mut Store, SlotId, Generation);
    let ways: [Go; 5] = [
        |store, _, _| assert!(matches!(store.remove(&[1]), Some(Found::Pending(_)))),
        |store, slot, _| assert!(store.remove_slot(slot).is_some()),
        |store, _, _| store.clear(),
        |store, slot, generation| assert!(store.abandon(slot, generation)),
        |store, slot, _| assert_ne!(store.insert(&[1], NEVER, 0).unwrap(), Some(slot)),
    ];
    for go in ways {
        let mut store = store(10.0);
        let (slot, generation) = miss(&mut store, 1, 0.0);
        go(&mut store, slot, generation);
        store.validate().unwrap();
        for key in 10..20 {
            miss(&mut store, key, 0.0);
        }
        let before = store.stats();
        assert_eq!(store.commit(slot, generation, NEVER, 0), Commit::Moved);
        assert!(!store.abandon(slot, generation), "a late rejection does not remove what came after");
        assert_eq!(store.stats(), before);
        store.validate().unwrap();
    }
}

#[test]
fn insert_replaces_into_a_slot_of_its_own() {
    let mut store = store(1.0);
    let old = load(&mut store, 1, NEVER);
    let new = store.insert(&[1], NEVER, 3).unwrap().unwrap();
    assert_ne!(new, old);
    assert_eq!(store.removed(), [Removed { slot: old, cause: Cause::Replaced }]);
    store.validate().unwrap();
    assert_eq!(store.insert(&[1], 0.0, 3), Ok(None));
    assert_eq!(
        store.removed(),
        [Removed { slot: new, cause: Cause::Replaced }],
        "what may not be kept replaces too"
    );
    assert_eq!((store.stats().removals.replaced, store.stats().entries, store.stats().bytes), (2, 0, 0));
    store.validate().unwrap();
}

#[test]
fn the_expired_go_before_the_living() {
    let mut store = store(3.0);
    let old = load(&mut store, 1, NEVER);
    load(&mut store, 2, 5.0);
    load(&mut store, 3, 5.0);
    let (slot, generation) = miss(&mut store, 4, 5.0);
    assert_eq!(store.commit(slot, generation, NEVER, 0), Commit::Stored);
    assert_eq!(causes(&store), [Cause::Expired, Cause::Expired]);
    assert_eq!(store.probe(&[1], 5.0), Ok(Probe::Hit(old)));
    store.validate().unwrap();
}

#[test]
fn sweeping_a_few_at_every_commit_frees_all_in_time() {
    let mut store = store(f64::INFINITY);
    for key in 0..1000 {
        load(&mut store, key, 5.0);
    }
    for key in 1000..1300 {
        let (slot, generation) = miss(&mut store, key, 5.0);
        assert_eq!(store.commit(slot, generation, NEVER, 0), Commit::Stored);
        assert!(store.removed().len() <= STEPS_PER_COMMIT);
    }
    assert_eq!((store.stats().entries, store.stats().removals.expired), (300, 1000));
    store.validate().unwrap();
}

#[test]
fn a_sweep_keeps_to_its_limit_and_says_whether_there_is_more() {
    let mut store = store(f64::INFINITY);
    (0..5000).for_each(|key| {
        let (slot, generation) = miss(&mut store, key, 0.0);
        store.commit(slot, generation, 5.0, 0);
    });
    let mut sweep = |now, limit| (store.sweep(now, limit), store.removed().len());
    assert_eq!((sweep(4.9, usize::MAX), sweep(5.0, 0)), ((false, 0), (true, 0)));
    assert_eq!(sweep(5.0, 10), (true, 10));
    assert_eq!(sweep(5.0, usize::MAX), (true, REMOVED_MAX));
    assert_eq!(sweep(5.0, usize::MAX), (false, 5000 - 10 - REMOVED_MAX));
    store.validate().unwrap();
    assert_eq!((store.stats().bytes, store.next_due()), (0, NEVER));
}

#[test]
fn of_many_the_expired_is_the_victim() {
    let mut store = store(1000.0);
    for key in 0..1000 {
        load(&mut store, key, if key % 100 == 7 { 50.0 } else { 1e9 });
    }
    // More than a commit's own steps find.
    let (slot, generation) = miss(&mut store, 5000, 50.0);
    let tokens: Vec<_> = (2000..2009).map(|key| miss(&mut store, key, 50.0)).collect();
    for (slot, generation) in tokens {
        assert_eq!(store.commit(slot, generation, NEVER, 0), Commit::Stored);
        assert!(causes(&store).iter().all(|cause| *cause == Cause::Expired));
    }
    assert_eq!(store.stats().removals, Removals { expired: 10, ..Removals::default() });
    assert_eq!(store.commit(slot, generation, NEVER, 0), Commit::Stored);
    assert_eq!(store.stats().removals.size, 0);
    store.validate().unwrap();
}

#[test]
fn more_than_four_gibibytes_count_as_almost_that() {
    let mut store = store(10.0);
    let slot = load(&mut store, 1, NEVER);
    assert!(store.weigh(slot, u32::MAX));
    store.insert(&[2], NEVER, u32::MAX).unwrap();
    store.validate().unwrap();
    assert_eq!(store.stats().bytes, 2 * (8 + Store::<TinyLfu>::ENTRY_BYTES as u64 + u64::from(MOST_WEIGHT)));
    store.clear();
    assert_eq!(store.stats().bytes, 0);
}

#[test]
fn without_a_slot_nothing_is_reserved_and_the_others_stay() {
    let mut store = store(f64::INFINITY);
    let mut taken = 0;
    while store.probe(&[taken], 0.0).is_ok() {
        taken += 1;
    }
    for _ in 0..2 {
        assert_eq!(store.probe(&[taken], 0.0), Err(Error::SlotsExhausted));
        assert_eq!(store.claim(&[taken], 0.0), Err(Error::SlotsExhausted));
        assert_eq!(store.insert(&[taken], NEVER, 0), Err(Error::SlotsExhausted));
        assert_eq!((store.stats().pending, store.find(&[taken], 0.0)), (taken, None));
    }
    store.validate().unwrap();
    assert!(matches!(store.remove(&[7]), Some(Found::Pending(_))));
    load(&mut store, taken, NEVER);
    assert!(matches!(store.insert(&[taken], NEVER, 0), Err(Error::SlotsExhausted)), "a slot of its own");
    assert_eq!(store.stats().removals.replaced, 1, "what was there is gone");
    store.validate().unwrap();
}

#[test]
fn clear_counts_entries_and_not_loads() {
    let mut store = store(10.0);
    load(&mut store, 1, 5.0);
    load(&mut store, 2, NEVER);
    miss(&mut store, 3, 0.0);
    store.clear();
    store.validate().unwrap();
    let stats = store.stats();
    assert_eq!((stats.removals.invalidated, stats.entries, stats.pending, stats.bytes), (2, 0, 0, 0));
    assert_eq!(store.find(&[1], 0.0), None);
}

#[test]
fn slots_there_are_not() {
    let mut store = store(10.0);
    let (none, token) = (SlotId(u32::MAX), Generation(0));
    assert_eq!(store.commit(none, token, NEVER, 0), Commit::Moved);
    assert!(!store.abandon(none, token) && store.remove_slot(none).is_none() && store.key(none).is_none());
    let slot = load(&mut store, 1, NEVER);
    assert!(
        store.remove(&[1]).is_some() && store.remove(&[1]).is_none() && store.remove_slot(slot).is_none()
    );
    store.validate().unwrap();
}

#[test]
fn a_trim_evicts_down_to_its_bytes_or_its_limit() {
    let mut store = store(100.0);
    (1..=10).for_each(|key| _ = load(&mut store, key, NEVER));
    let each = store.bytes() / 10;
    let pending = miss(&mut store, 11, 0.0);
    assert!(store.trim(u64::MAX, 9, 0.0).is_empty());
    assert_eq!(store.trim(0, 3, 0.0).len(), 3);
    assert_eq!(causes(&store), [Cause::Size; 3]);
    assert_eq!(store.trim(each * 5, usize::MAX, 0.0).len(), 3);
    store.validate().unwrap();
    assert_eq!(store.bytes(), each * 5);
    // A load that runs stays.
    assert_eq!(store.trim(0, usize::MAX, 0.0).len(), 4);
    assert_eq!((store.bytes(), store.stats().entries), (each, 0));
    assert_eq!(store.commit(pending.0, pending.1, NEVER, 0), Commit::Stored);
    store.validate().unwrap();
}

#[test]
fn a_trim_knows_what_has_expired_since_the_latest_operation() {
    let mut store = store(100.0);
    (1..=3).for_each(|key| _ = load(&mut store, key, NEVER));
    (4..=6).for_each(|key| _ = load(&mut store, key, 5.0));
    assert_eq!(store.trim(0, 1, 5.0).len(), 1);
    assert_eq!(causes(&store), [Cause::Expired]);
    // A time that nobody knows is no reason to lose more.
    assert_eq!(store.trim(0, 3, f64::NAN).len(), 3);
    assert_eq!(causes(&store), [Cause::Expired, Cause::Expired, Cause::Size]);
    load(&mut store, 7, 5.0);
    assert_eq!(store.trim(0, 1, f64::NAN).len(), 1);
    assert_eq!(causes(&store), [Cause::Size], "at 0 it lives");
    store.validate().unwrap();
}

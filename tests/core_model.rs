//! Random operations on a store and on a naive twin, which must agree after every one of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use my_mimic::hash::{HashMode, KeyHash, Seed};
use my_mimic::options::{Options, STEPS_PER_COMMIT};
use my_mimic::slab::{Generation, SlotId};
use my_mimic::stats::{Cause, Removals, Stats};
use my_mimic::store::{Commit, Found, Probe, Store};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashMap;

const KEYS: u8 = 9;

#[derive(Clone, Debug)]
enum Op {
    Probe(u8),
    /// The token is one of all ever handed out, counted from the latest.
    Commit {
        token: usize,
        ttl: f64,
        weight: u32,
    },
    Abandon {
        token: usize,
    },
    Insert {
        key: u8,
        ttl: f64,
        weight: u32,
    },
    Claim(u8),
    Weigh {
        slot: u32,
        weight: u32,
    },
    Remove(u8),
    RemoveSlot(u32),
    Clear,
    Sweep(usize),
    /// Milliseconds, back as well: the clock can be replaced.
    Time(f64),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let ttl = || {
        prop_oneof![
            4 => Just(f64::INFINITY),
            6 => (0..8u32).prop_map(f64::from),
            2 => (0..14i32).prop_map(|power| 8f64.powi(power)),
            1 => Just(-1.0),
            1 => Just(f64::NAN),
        ]
    };
    // Most tokens are fresh, some are long dead.
    let token = || prop_oneof![4 => 0..4usize, 1 => 0..100usize];
    let key = || 0..KEYS;
    let op = prop_oneof![
        12 => key().prop_map(Op::Probe),
        10 => (token(), ttl(), 0..100u32).prop_map(|(token, ttl, weight)| Op::Commit { token, ttl, weight }),
        2 => token().prop_map(|token| Op::Abandon { token }),
        2 => (key(), ttl(), 0..100u32).prop_map(|(key, ttl, weight)| Op::Insert { key, ttl, weight }),
        2 => key().prop_map(Op::Claim),
        2 => (0..12u32, 0..1000u32).prop_map(|(slot, weight)| Op::Weigh { slot, weight }),
        2 => key().prop_map(Op::Remove),
        1 => (0..20u32).prop_map(Op::RemoveSlot),
        1 => Just(Op::Clear),
        1 => (0..8usize).prop_map(Op::Sweep),
        4 => (-1..4i32).prop_map(|by| Op::Time(f64::from(by))),
        1 => (-6..7i32).prop_map(|by| Op::Time(f64::from(by.signum()) * 8f64.powi(by.abs()))),
    ];
    vec(op, 1..200)
}

/// Cells for a key of the small key space, of several lengths.
fn cells(key: u8) -> Vec<u64> {
    vec![u64::from(key / 2); usize::from(key % 2) * 3 + 1]
}

/// What a key costs without a value.
fn cost(key: u8) -> u64 {
    (cells(key).len() * 8 + Store::<my_mimic::policy::TinyLfu>::ENTRY_BYTES) as u64
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Twin {
    Pending { slot: SlotId, generation: Generation },
    Resident { slot: SlotId, deadline: f64, weight: u32 },
}

/// The store beside what it should be. Which entry is evicted is the store's choice, so the twin follows its removed list, after
/// checking that each removal was due.
struct Pair {
    store: Store,
    max: usize,
    max_bytes: u64,
    now: f64,
    twin: HashMap<u8, Twin>,
    tokens: Vec<(u8, SlotId, Generation)>,
    stats: Stats,
}

impl Pair {
    fn new(max: usize, max_bytes: f64, mode: HashMode) -> Self {
        let options = Options::new(max as f64, max_bytes).unwrap();
        let mut pair = Self {
            store: Store::new(options, KeyHash::new(Seed::new(11), mode)),
            max,
            max_bytes: max_bytes as u64,
            now: 0.0,
            twin: HashMap::new(),
            tokens: vec![],
            stats: Stats::default(),
        };
        pair.agree();
        pair
    }

    fn token(&self, back: usize) -> Option<(u8, SlotId, Generation)> {
        self.tokens.iter().rev().nth(back).copied()
    }

    fn residents(&self) -> usize {
        self.twin.values().filter(|entry| matches!(entry, Twin::Resident { .. })).count()
    }

    fn apply(&mut self, op: &Op) {
        match *op {
            Op::Probe(key) => self.probe(key),
            Op::Commit { token, ttl, weight } => self.commit(token, self.now + ttl, weight),
            Op::Abandon { token } => self.abandon(token),
            Op::Insert { key, ttl, weight } => self.insert(key, self.now + ttl, weight),
            Op::Claim(key) => self.claim(key),
            Op::Weigh { slot, weight } => self.weigh(SlotId(slot), weight),
            Op::Remove(key) => {
                let removed = self.store.remove(&cells(key));
                self.invalidated(key, removed);
            }
            Op::RemoveSlot(slot) => {
                let removed = self.store.remove_slot(SlotId(slot));
                match self.key_in(SlotId(slot)) {
                    Some(key) => self.invalidated(key, removed),
                    None => assert_eq!(removed, None),
                }
            }
            Op::Clear => {
                self.stats.removals.invalidated += self.residents() as u64;
                self.twin.clear();
                self.store.clear();
            }
            Op::Sweep(limit) => {
                assert!(
                    self.expired().is_empty() || self.store.next_due() <= self.now,
                    "due before it is said to be"
                );
                let more = self.store.sweep(self.now, limit);
                assert_eq!(more, self.store.next_due() <= self.now);
                let removed = self.store.removed();
                let expired = removed.iter().filter(|removed| removed.cause == Cause::Expired).count();
                assert!(expired <= limit || self.bytes() > self.max_bytes);
                self.follow(None);
            }
            Op::Time(by) => self.now += by,
        }
        self.agree();
    }

    fn probe(&mut self, key: u8) {
        let probed = self.store.probe(&cells(key), self.now).unwrap();
        match self.twin.get(&key).copied() {
            Some(Twin::Pending { slot, generation }) => {
                assert_eq!(probed, Probe::Pending(slot, generation));
                self.stats.coalesced += 1;
            }
            Some(Twin::Resident { slot, deadline, .. }) if self.now < deadline => {
                assert_eq!(probed, Probe::Hit(slot));
                self.stats.hits += 1;
            }
            other => {
                let Probe::Miss(slot, generation) = probed else { panic!("{probed:?} and not a miss") };
                self.stats.misses += 1;
                if let Some(Twin::Resident { slot: was, .. }) = other {
                    assert_eq!(slot, was, "renewed in place");
                    self.stats.removals.expired += 1;
                }
                assert!(!self.tokens.contains(&(key, slot, generation)), "a token given out twice");
                self.twin.insert(key, Twin::Pending { slot, generation });
                self.tokens.push((key, slot, generation));
            }
        }
    }

    fn claim(&mut self, key: u8) {
        let (slot, generation, held) = self.store.claim(&cells(key), self.now).unwrap();
        let (mut was, mut alive) = (None, false);
        match self.twin.get(&key).copied() {
            Some(Twin::Pending { slot, .. }) => was = Some(slot),
            Some(Twin::Resident { slot, deadline, .. }) => {
                (was, alive) = (Some(slot), self.now < deadline);
                self.stats.removals.expired += u64::from(!alive);
            }
            None => {}
        }
        assert_eq!((held, was.unwrap_or(slot)), (alive, slot));
        assert!(!self.tokens.contains(&(key, slot, generation)), "a token given out twice");
        self.twin.insert(key, Twin::Pending { slot, generation });
        self.tokens.push((key, slot, generation));
    }

    fn commit(&mut self, back: usize, deadline: f64, weight: u32) {
        let Some((key, slot, generation)) = self.token(back) else { return };
        // The store learns the time from probes, finds and sweeps: from the finds of the last `agree`.
        let committed = self.store.commit(slot, generation, deadline, weight);
        if self.twin.get(&key) != Some(&Twin::Pending { slot, generation }) {
            assert_eq!(committed, Commit::Moved);
            assert!(self.store.removed().is_empty());
        } else if self.kept(key, deadline, weight) {
            assert_eq!(committed, Commit::Stored);
            self.twin.insert(key, Twin::Resident { slot, deadline, weight });
            self.follow(None);
        } else {
            assert_eq!(committed, Commit::Refused);
            assert!(self.store.removed().is_empty());
            self.twin.remove(&key);
        }
    }

    fn abandon(&mut self, back: usize) {
        let Some((key, slot, generation)) = self.token(back) else { return };
        let due = self.twin.get(&key) == Some(&Twin::Pending { slot, generation });
        assert_eq!(self.store.abandon(slot, generation), due);
        if due {
            self.twin.remove(&key);
        }
    }

    fn insert(&mut self, key: u8, deadline: f64, weight: u32) {
        let inserted = self.store.insert(&cells(key), deadline, weight).unwrap();
        assert_eq!(inserted.is_some(), self.kept(key, deadline, weight));
        let mut replaced = None;
        match self.twin.remove(&key) {
            Some(Twin::Resident { slot, .. }) => replaced = Some(slot),
            Some(Twin::Pending { slot, .. }) => assert_ne!(inserted, Some(slot)),
            None => {}
        }
        if let Some(slot) = inserted {
            assert_ne!(replaced, Some(slot));
            assert_eq!(self.key_in(slot), None, "the slot was free");
            self.twin.insert(key, Twin::Resident { slot, deadline, weight });
        }
        self.follow(replaced);
    }

    fn weigh(&mut self, slot: SlotId, weight: u32) {
        let weighed = self.store.weigh(slot, weight);
        let known = self.twin.iter_mut().find_map(|(key, entry)| match entry {
            Twin::Resident { slot: other, weight, .. } if *other == slot => Some((*key, weight)),
            _ => None,
        });
        assert_eq!(weighed, known.is_some());
        let Some((key, known)) = known else { return };
        *known = weight;
        if cost(key) + u64::from(weight) > self.max_bytes {
            assert_eq!(self.store.removed().first().map(|removed| removed.slot), Some(slot));
        }
        self.follow(None);
    }

    fn invalidated(&mut self, key: u8, removed: Option<Found>) {
        let expected = self.twin.remove(&key).map(|entry| match entry {
            Twin::Pending { slot, .. } => Found::Pending(slot),
            Twin::Resident { slot, .. } => {
                self.stats.removals.invalidated += 1;
                Found::Resident(slot)
            }
        });
        assert_eq!(removed, expected);
    }

    fn kept(&self, key: u8, deadline: f64, weight: u32) -> bool {
        self.max > 0 && self.now < deadline && cost(key) + u64::from(weight) <= self.max_bytes
    }

    fn bytes(&self) -> u64 {
        let weight = |entry: &Twin| match entry {
            Twin::Pending { .. } => 0,
            Twin::Resident { weight, .. } => u64::from(*weight),
        };
        self.twin.iter().map(|(key, entry)| cost(*key) + weight(entry)).sum()
    }

    fn expired(&self) -> Vec<u8> {
        let expired =
            |entry: &Twin| matches!(entry, Twin::Resident { deadline, .. } if self.now >= *deadline);
        self.twin.iter().filter(|(_, entry)| expired(entry)).map(|(key, _)| *key).collect()
    }

    fn key_in(&self, wanted: SlotId) -> Option<u8> {
        self.twin.iter().find_map(|(key, entry)| match entry {
            Twin::Pending { slot, .. } | Twin::Resident { slot, .. } => (*slot == wanted).then_some(*key),
        })
    }

    /// Takes the removed list over, `replaced` being due in it, and no eviction without need.
    fn follow(&mut self, mut replaced: Option<SlotId>) {
        let removed = self.store.removed().to_vec();
        assert!(removed.len() <= self.max + STEPS_PER_COMMIT + 2);
        for removed in removed {
            self.stats.count(removed.cause);
            if removed.cause == Cause::Replaced {
                assert_eq!(replaced.take(), Some(removed.slot));
                continue;
            }
            let full = self.residents() > self.max || self.bytes() > self.max_bytes;
            let key = self.key_in(removed.slot).unwrap();
            let Some(Twin::Resident { deadline, weight, .. }) = self.twin.remove(&key) else {
                panic!("{removed:?} was pending");
            };
            match removed.cause {
                Cause::Expired => assert!(self.now >= deadline),
                Cause::Size => {
                    assert!(full && self.now < deadline, "a living entry evicted without need");
                    let too_large = self.max_bytes < cost(key) + u64::from(weight);
                    let in_turn = too_large || self.expired().is_empty();
                    assert!(in_turn, "a living entry evicted before an expired one");
                }
                cause => panic!("{cause:?}"),
            }
        }
        assert_eq!(replaced, None);
    }

    fn agree(&mut self) {
        for key in 0..KEYS {
            let expected = match self.twin.get(&key) {
                Some(Twin::Pending { slot, .. }) => Some(Found::Pending(*slot)),
                Some(Twin::Resident { slot, deadline, .. }) if self.now < *deadline => {
                    Some(Found::Resident(*slot))
                }
                _ => None,
            };
            assert_eq!(self.store.find(&cells(key), self.now), expected);
        }
        for (key, entry) in &self.twin {
            let (Twin::Pending { slot, .. } | Twin::Resident { slot, .. }) = *entry;
            assert!(self.store.key(slot).unwrap().is(&cells(*key)));
        }
        let bytes = self.bytes();
        let entries = self.residents() as u64;
        let pending = self.twin.len() as u64 - entries;
        assert_eq!(self.store.stats(), Stats { entries, pending, bytes, ..self.stats });
        assert!(entries <= self.max as u64);
        #[cfg(debug_assertions)]
        self.store.validate().unwrap();
    }
}

fn run(max: usize, max_bytes: f64, mode: HashMode, ops: &[Op]) {
    let mut pair = Pair::new(max, max_bytes, mode);
    ops.iter().for_each(|op| pair.apply(op));
    pair.apply(&Op::Clear);
    assert_eq!(pair.store.stats().bytes, 0);
    // Every token ever given out is dead now, also for the slots in use again.
    (0..KEYS).for_each(|key| pair.apply(&Op::Probe(key)));
    for token in usize::from(KEYS)..pair.tokens.len() {
        pair.apply(&Op::Commit { token, ttl: f64::INFINITY, weight: 1 });
        pair.apply(&Op::Abandon { token });
    }
    assert_eq!(pair.store.stats().pending, u64::from(KEYS));
}

proptest! {
    // More with PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(300),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn store_equals_its_naive_twin(
        max in prop_oneof![0..4usize, Just(20)],
        max_bytes in prop_oneof![2 => Just(f64::INFINITY), 1 => 0.0..800.0],
        mode in prop::sample::select(vec![HashMode::Fx, HashMode::Sip, HashMode::Zero, HashMode::Ones]),
        ops in ops(),
    ) {
        run(max, max_bytes, mode, &ops);
    }
}

#[test]
fn three_loads_with_room_for_two_all_resolve() {
    let mut pair = Pair::new(2, f64::INFINITY, HashMode::Zero);
    (0..3).for_each(|key| pair.apply(&Op::Probe(key)));
    (0..3).for_each(|token| pair.apply(&Op::Commit { token, ttl: f64::INFINITY, weight: 0 }));
    assert_eq!(pair.store.stats().removals, Removals { size: 1, ..Removals::default() });
}

/// Many keys through a small store: slots, and so memory, stay few.
#[test]
fn a_hundred_thousand_keys_leave_memory_flat() {
    let options = Options::new(100.0, f64::INFINITY).unwrap();
    let mut store: Store = Store::new(options, KeyHash::new(Seed::new(5), HashMode::Fx));
    for key in 0..100_000u64 {
        let Ok(Probe::Miss(slot, generation)) = store.probe(&[32, key], key as f64) else {
            panic!("a new key is a miss");
        };
        assert!(slot.0 <= 100, "slot {slot:?} for 100 entries and one load");
        assert_eq!(store.commit(slot, generation, key as f64 + 50.0, 1), Commit::Stored);
    }
    assert!(store.stats().entries <= 100);
    assert_eq!(store.hash_mode(), HashMode::Fx);
    #[cfg(debug_assertions)]
    store.validate().unwrap();
}

//! Keys chosen to collide must cost no more than three times what random keys do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use fxhash::FxHasher64;
use my_mimic::hash::{HashMode, KeyHash, Seed};
use my_mimic::options::Options;
use my_mimic::store::{Commit, Probe, Store};
use std::collections::{BTreeMap, HashSet};
use std::hash::Hasher;

const KEYS: usize = 100_000;

/// A small deterministic generator (splitmix64).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Keys in groups of 2^pairs that collide under every seed: each of the pairs of cells has a difference in bit 63 of the
/// first, which survives the multiplication alone and is rotated onto bit 4, where the second takes it away.
fn colliding(pairs: usize) -> Vec<Vec<u64>> {
    let mut state = 1;
    let mut keys = vec![];
    while keys.len() < KEYS {
        let base: Vec<u64> = (0..34).map(|_| random(&mut state)).collect();
        keys.extend((0..1usize << pairs).map(|flips| {
            let mut key = base.clone();
            for pair in (0..pairs).filter(|pair| flips >> pair & 1 == 1) {
                key[2 * pair] ^= 1 << 63;
                key[2 * pair + 1] ^= 1 << 4;
            }
            key
        }));
    }
    keys.truncate(KEYS);
    keys
}

fn random_keys() -> Vec<Vec<u64>> {
    let mut state = 99;
    (0..KEYS).map(|_| (0..34).map(|_| random(&mut state)).collect()).collect()
}

/// Loads every key, then reads every key: what that cost, and the hash at the end.
fn cost(keys: &[Vec<u64>], seed: u64, max_entries: f64) -> (u64, HashMode) {
    let hasher = KeyHash::new(Seed::new(seed), HashMode::Fx);
    let mut store: Store = Store::new(Options::new(max_entries, f64::INFINITY).unwrap(), hasher);
    for key in keys {
        let Ok(Probe::Miss(slot, generation)) = store.probe(key, 0.0) else { panic!("not a miss") };
        assert_eq!(store.commit(slot, generation, f64::INFINITY, 0), Commit::Stored);
    }
    let hits = keys.iter().filter(|key| store.find(key, 0.0).is_some()).count();
    assert_eq!(hits as u64, store.stats().entries);
    (store.probe_steps(), store.hash_mode())
}

#[test]
fn the_keys_do_collide_in_fxhash_under_every_seed() {
    let keys = colliding(17);
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), KEYS);
    for seed in [0, 1, 0x1234_5678_9abc_def0, u64::MAX] {
        let hash = |key: &Vec<u64>| {
            let mut fx = FxHasher64::default();
            fx.write_u64(seed);
            key.iter().for_each(|cell| fx.write_u64(*cell));
            fx.finish()
        };
        let first = hash(&keys[0]);
        assert!(keys.iter().all(|key| hash(key) == first));
        let ours = KeyHash::new(Seed::new(seed), HashMode::Fx);
        assert!(
            keys.iter().all(|key| ours.hash(key) == ours.hash(&keys[0])),
            "and in ours, which is built on it"
        );
    }
}

#[test]
fn chosen_keys_cost_at_most_three_times_random_ones() {
    let mut costs = BTreeMap::new();
    // All in one group, and in groups too small for a single long run to give them away; all held, and most evicted.
    for max_entries in [f64::INFINITY, 1000.0] {
        let (honest, mode) = cost(&random_keys(), 42, max_entries);
        assert_eq!(mode, HashMode::Fx, "random keys are no attack");
        for (seed, pairs) in [17, 7, 5, 3].into_iter().enumerate() {
            let (attacked, mode) = cost(&colliding(pairs), seed as u64, max_entries);
            costs.insert((max_entries as u32, pairs), (attacked as f64 / honest as f64, mode));
        }
    }
    println!("{costs:?}");
    assert!(costs.values().all(|(times, _)| *times <= 3.0), "{costs:#?}");
}

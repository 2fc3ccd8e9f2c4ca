//! The policy must not get worse: hit ratios of small made-up traces beside LRU's.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use my_mimic::hash::{HashMode, KeyHash, Seed};
use my_mimic::options::Options;
use my_mimic::store::{Probe, Store};
use std::collections::{BTreeMap, HashMap};

/// A small deterministic generator (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Numbers from 0 on, the n-th with a weight of 1 / (n + 1)^skew.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(keys: usize, skew: f64) -> Self {
        let mut sum = 0.0;
        Self(
            (1..=keys)
                .map(|n| {
                    sum += (n as f64).powf(-skew);
                    sum
                })
                .collect(),
        )
    }

    fn next(&self, random: &mut Random) -> u64 {
        let at = random.unit() * self.0[self.0.len() - 1];
        self.0.partition_point(|sum| *sum < at) as u64
    }
}

fn ours(requests: &[u64], capacity: usize) -> f64 {
    let hasher = KeyHash::new(Seed::new(1), HashMode::Fx);
    let mut store: Store = Store::new(Options::new(capacity as f64, f64::INFINITY).unwrap(), hasher);
    for id in requests {
        if let Probe::Miss(slot, generation) = store.probe(&[*id], 0.0).unwrap() {
            store.commit(slot, generation, f64::INFINITY, 0);
        }
    }
    100.0 * store.stats().hits as f64 / requests.len() as f64
}

fn lru(requests: &[u64], capacity: usize) -> f64 {
    let (mut order, mut held, mut hits) = (BTreeMap::new(), HashMap::new(), 0);
    for (now, id) in requests.iter().enumerate() {
        if let Some(before) = held.insert(*id, now) {
            order.remove(&before);
            hits += 1;
        }
        order.insert(now, *id);
        if held.len() > capacity {
            held.remove(&order.pop_first().unwrap().1);
        }
    }
    100.0 * f64::from(hits) / requests.len() as f64
}

/// Ours must be so many points above LRU (below, when negative).
fn compare(name: &str, requests: &[u64], capacity: usize, points: f64) {
    let (ours, lru) = (ours(requests, capacity), lru(requests, capacity));
    println!("{name} at {capacity}: {ours:.2} %, LRU {lru:.2} %");
    assert!(
        ours >= lru + points,
        "{name} at {capacity}: {ours:.2} %, LRU {lru:.2} %, due {points} points more"
    );
}

#[test]
fn a_loop_larger_than_the_cache() {
    let requests: Vec<u64> = (0..100_000).map(|at| at % 1000).collect();
    // The best there is: 50 and 90 %.
    compare("loop", &requests, 500, 39.0);
    compare("loop", &requests, 900, 81.0);
}

#[test]
fn scans_through_a_popular_set() {
    let (mut random, zipf) = (Random(1), Zipf::new(5000, 0.9));
    let mut requests = vec![];
    for round in 0..40 {
        requests.extend((0..3000).map(|_| zipf.next(&mut random)));
        requests.extend((0..2000).map(|at| 1_000_000 + round * 2000 + at));
    }
    compare("scan and zipf", &requests, 200, 6.0);
    compare("scan and zipf", &requests, 1000, 8.0);
}

#[test]
fn what_is_popular_changes() {
    let (mut random, zipf) = (Random(2), Zipf::new(10_000, 0.9));
    let requests: Vec<u64> =
        (0..200_000u64).map(|at| zipf.next(&mut random) + at / 20_000 * 1_000_000).collect();
    compare("shifting zipf", &requests, 200, 7.0);
    compare("shifting zipf", &requests, 1000, 0.0);
}

#[test]
fn where_lru_is_best_ours_comes_close() {
    // There and back again: who was read last is read first.
    let requests: Vec<u64> = (0..200_000u64).map(|at| at % 2000).map(|at| at.min(1999 - at)).collect();
    compare("there and back", &requests, 500, -3.0);
    // Keys live for a while, are read three times, and never again.
    let (mut random, mut lives) = (Random(3), vec![]);
    for key in 0..60_000u64 {
        for read in 0..3 {
            lives.push((key as f64 * 3.0 + f64::from(read) * 1500.0 * random.unit(), key));
        }
    }
    lives.sort_by(|a, b| a.0.total_cmp(&b.0));
    let requests: Vec<u64> = lives.into_iter().map(|(_, key)| key).collect();
    compare("lives", &requests, 600, -2.5);
}

#[test]
fn what_is_gone_through_a_few_times_and_never_again() {
    for capacity in [40, 1000] {
        for percent in [30, 55, 70, 90] {
            let page = capacity as u64 * percent / 100;
            for times in [2, 3, 5] {
                let requests: Vec<u64> =
                    (0..200_000).map(|at| at / (page * times) * 1_000_000 + at % page).collect();
                let name = format!("pages of {percent} % {times} times");
                compare(&name, &requests, capacity, -2.0);
            }
        }
    }
}

#[test]
fn a_cache_of_a_few_entries() {
    let (mut random, zipf) = (Random(4), Zipf::new(100, 0.8));
    let popular: Vec<u64> = (0..60_000).map(|_| zipf.next(&mut random)).collect();
    for capacity in [2, 3, 4, 6, 8, 11, 12, 15, 16, 24] {
        // Pages that almost fill the cache, each gone through three times: LRU, for which this is made, hits two times of three.
        let page = (capacity * 9 / 10).max(1) as u64;
        let pages: Vec<u64> = (0..60_000).map(|at| at / (page * 3) * 1000 + at % page).collect();
        compare("pages", &pages, capacity, -0.5);
        compare("popular", &popular, capacity, 5.0);
    }
    // Each key three times, so far apart that LRU just keeps it.
    for capacity in [4, 7, 10, 13, 17, 24, 60] {
        let apart = (capacity as f64 * 0.3).round() as u64;
        let requests: Vec<u64> =
            (0..20_000).flat_map(|at| [0, 1, 2].map(|read| at + 100 - read * apart)).collect();
        compare("three of each", &requests, capacity, -13.0);
    }
}

//! What the index costs natively, in nanoseconds: a look into the bare index (hash, table and keys alone); a hit, what of it is bookkeeping (deadline,
//! counts, the policy's mark and its sample), and the same with a ttl; a miss with insertion and eviction in a full index; bare index and bookkeeping
//! *in turn*, where which key is next is known when the one before was found, so no two lookups are under way at once. Wall clock; medians of short
//! rounds side by side, so that what else the machine does touches all of them.

use my_mimic::hash::{HashMode, KeyHash, Seed};
use my_mimic::index::Index;
use my_mimic::options::Options;
use my_mimic::slab::{Slab, SlotId};
use my_mimic::store::{Probe, Store};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 301;
const CALLS: u64 = 4_000;
/// No deadline is reached here.
const LATER: f64 = 3_600_000.0;

type Any<T> = Result<T, Box<dyn Error>>;

fn main() -> Any<()> {
    println!(
        "entries,bare ns,hit ns,bookkeeping ns,with a ttl ns,miss ns,bare in turn ns,bookkeeping in turn ns"
    );
    for entries in [1_000, 10_000, 100_000, 1_000_000] {
        let mut bare = Bare::filled(entries)?;
        let mut store = filled(entries, f64::INFINITY)?;
        let mut timed = filled(entries, LATER)?;
        let mut full = filled(entries, f64::INFINITY)?;
        let order: Vec<_> =
            (0..CALLS).map(|i| key((i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) % entries)).collect();
        let mut fresh = entries;
        let mut rounds: [Vec<f64>; 7] = Default::default();
        for _ in 0..ROUNDS {
            let look = time(|| order.iter().all(|key| bare.look(key).is_some()))?;
            let hits = time(|| order.iter().all(|key| hit(&mut store, key).is_some()))?;
            let with_ttl = time(|| order.iter().all(|key| hit(&mut timed, key).is_some()))?;
            fresh += CALLS;
            let miss =
                time(|| (fresh - CALLS..fresh).all(|id| load(&mut full, &key(id), f64::INFINITY).is_some()))?;
            let look_in_turn = time(|| in_turn(&order, |key| bare.look(key)))?;
            let hit_in_turn = time(|| in_turn(&order, |key| hit(&mut store, key)))?;
            let round =
                [look, hits, hits - look, with_ttl - look, miss, look_in_turn, hit_in_turn - look_in_turn];
            for (list, ns) in rounds.iter_mut().zip(round) {
                list.push(ns);
            }
        }
        println!("{entries},{}", rounds.map(|list| format!("{:.1}", median(list))).join(","));
    }
    Ok(())
}

/// The call of a function with one integer.
fn key(id: u64) -> [u64; 2] {
    [1 << 32 | 32, id << 32 | 5]
}

fn hash() -> KeyHash {
    KeyHash::new(Seed::new(7), HashMode::Fx)
}

/// The table and its keys, and nothing else of a store.
struct Bare {
    index: Index,
    slab: Slab,
}

impl Bare {
    fn filled(entries: u64) -> Any<Self> {
        let mut bare = Self { index: Index::new(hash()), slab: Slab::default() };
        for id in 0..entries {
            bare.index.reserve()?;
            bare.slab.reserve()?;
            let (slot, _) = bare.slab.next();
            bare.slab.occupy(&key(id))?;
            let hash = bare.index.hash(&key(id));
            bare.index.insert_hash(&mut bare.slab, hash, slot);
        }
        Ok(bare)
    }

    #[inline(never)]
    fn look(&mut self, key: &[u64]) -> Option<SlotId> {
        let Self { index, slab } = self;
        let hash = index.hash(key);
        let (slots, keys) = slab.parts();
        index.find(slots, hash, |slot, held| held.has_key(keys, key).then_some(slot)).ok()
    }
}

fn filled(entries: u64, deadline: f64) -> Any<Store> {
    let mut store = Store::new(Options::new(entries as f64, f64::INFINITY)?, hash());
    (0..entries).try_for_each(|id| load(&mut store, &key(id), deadline)).ok_or("not loaded")?;
    Ok(store)
}

/// No function of its own, which would be a call more than [`Bare::look`] is.
#[inline(always)]
fn hit(store: &mut Store, key: &[u64]) -> Option<SlotId> {
    match store.probe(key, 1.0) {
        Ok(Probe::Hit(slot)) => Some(slot),
        _ => None,
    }
}

/// Whether all keys are found, each of which is known when the one before was.
fn in_turn(order: &[[u64; 2]], mut find: impl FnMut(&[u64]) -> Option<SlotId>) -> bool {
    let nothing = black_box(0);
    let mut at = 0;
    while let Some(key) = order.get(at) {
        let Some(slot) = find(key) else { return false };
        at += 1 + (slot.index() & nothing);
    }
    true
}

/// A miss, and what is loaded then.
fn load(store: &mut Store, key: &[u64], deadline: f64) -> Option<()> {
    let Ok(Probe::Miss(slot, generation)) = store.probe(key, 1.0) else { return None };
    store.commit(slot, generation, deadline, 0);
    Some(())
}

/// Nanoseconds a call of a round, in which all went as it should.
fn time(round: impl FnOnce() -> bool) -> Any<f64> {
    let start = Instant::now();
    let went = black_box(round());
    let ns = start.elapsed().as_secs_f64() * 1e9 / CALLS as f64;
    if went {
        Ok(ns)
    } else {
        Err("a call that was to hit missed, or the other way round".into())
    }
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list.get(list.len() / 2).copied().unwrap_or(f64::NAN)
}

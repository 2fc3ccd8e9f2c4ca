//! What the index costs natively: nanoseconds of wall clock, the least of several rounds, for a hit, for a look without
//! consequences (the bare index), and for miss, insertion and eviction in a full index.

use my_mimic::hash::{HashMode, KeyHash, Seed};
use my_mimic::options::Options;
use my_mimic::store::{Probe, Store};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

/// Short rounds, of which some are not disturbed.
const ROUNDS: usize = 300;
const CALLS: u64 = 4_000;

fn main() -> Result<(), Box<dyn Error>> {
    println!("entries,find ns,hit ns,miss ns");
    for entries in [100u64, 1_000, 10_000, 100_000, 1_000_000] {
        let mut store: Store = Store::new(
            Options::new(entries as f64, f64::INFINITY)?,
            KeyHash::new(Seed::new(7), HashMode::Fx),
        );
        let mut fresh = 0;
        while fresh < entries * 3 {
            load(&mut store, fresh)?;
            fresh += 1;
        }
        let resident: Vec<u64> = (0..fresh).filter(|id| store.find(&key(*id), 0.0).is_some()).collect();
        let order: Vec<u64> = (0..CALLS)
            .map(|i| resident[(i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize % resident.len()])
            .collect();
        let find = least(|| {
            order.iter().for_each(|id| _ = black_box(store.find(&key(*id), 0.0)));
            Ok(())
        })?;
        let hit = least(|| {
            order.iter().for_each(|id| _ = black_box(store.probe(&key(*id), 0.0)));
            Ok(())
        })?;
        let miss = least(|| {
            for _ in 0..CALLS {
                load(&mut store, fresh)?;
                fresh += 1;
            }
            Ok(())
        })?;
        println!("{entries},{find:.1},{hit:.1},{miss:.1}");
    }
    Ok(())
}

fn key(id: u64) -> [u64; 2] {
    [1 << 32 | 32, id << 32 | 5]
}

fn load(store: &mut Store, id: u64) -> Result<(), Box<dyn Error>> {
    if let Probe::Miss(slot, generation) = store.probe(&key(id), 0.0)? {
        store.commit(slot, generation, f64::INFINITY, 0);
    }
    Ok(())
}

/// Nanoseconds a call in the fastest round.
fn least(mut round: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round()?;
        least = least.min(start.elapsed().as_secs_f64() * 1e9 / CALLS as f64);
    }
    Ok(least)
}

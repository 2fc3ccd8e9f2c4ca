//! Replays traces through the real store: `hits <folder of traces> [part of a name]`.
//!
//! A line for each trace and capacity of the folder's `baselines.csv`: `trace,capacity,requests,hits`. A trace is
//! `NAME.u32.xz`, xz of little-endian u32 key ids. `npm run bench:hits` makes a table of it.

use my_mimic::hash::{HashMode, KeyHash, Seed};
use my_mimic::options::Options;
use my_mimic::store::{Probe, Store};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, io, thread};

type Anything = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Anything> {
    let mut args = env::args().skip(1);
    let folder = args.next().ok_or("usage: hits <folder of traces> [part of a name]")?;
    let part = args.next().unwrap_or_default();
    let folder = Path::new(&folder);
    let mut points: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for line in fs::read_to_string(folder.join("baselines.csv"))?.lines().skip(1) {
        let mut columns = line.split(',');
        if let (Some(trace), Some(capacity)) = (columns.next(), columns.next()) {
            if trace.contains(&part) {
                points.entry(trace.into()).or_default().push(capacity.parse()?);
            }
        }
    }
    for (trace, capacities) in points {
        let requests = read(&folder.join(format!("{trace}.u32.xz")))?;
        for (capacity, hits) in capacities.iter().zip(replay_all(&requests, &capacities)?) {
            println!("{trace},{capacity},{},{hits}", requests.len());
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u32>, Anything> {
    let packed = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut bytes = vec![];
    lzma_rs::xz_decompress(&mut io::Cursor::new(packed), &mut bytes)
        .map_err(|error| format!("{}: {error:?}", file.display()))?;
    Ok(bytes.chunks_exact(4).map(|id| u32::from_le_bytes([id[0], id[1], id[2], id[3]])).collect())
}

/// The hits at each capacity, several at a time.
fn replay_all(requests: &[u32], capacities: &[u32]) -> Result<Vec<u64>, Anything> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, u64)>, Anything> {
        let mut done = vec![];
        while let Some((at, capacity)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, *capacities.get(at)?)))
        {
            done.push((at, replay(requests, capacity)?));
        }
        Ok(done)
    };
    let mut hits = vec![0; capacities.len()];
    thread::scope(|scope| -> Result<(), Anything> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            for (at, count) in worker.join().map_err(|_| "a worker panicked")?? {
                hits[at] = count;
            }
        }
        Ok(())
    })?;
    Ok(hits)
}

/// Hits of a function of one integer that is called with these, in cells as `js/key.js` writes them.
fn replay(requests: &[u32], capacity: u32) -> Result<u64, Anything> {
    let hasher = KeyHash::new(Seed::new(0), HashMode::Fx);
    let mut store: Store = Store::new(Options::new(f64::from(capacity), f64::INFINITY)?, hasher);
    for id in requests {
        let key = [1 << 32 | 32, u64::from(*id) << 32 | 5];
        if let Probe::Miss(slot, generation) = store.probe(&key, 0.0)? {
            store.commit(slot, generation, f64::INFINITY, 0);
        }
    }
    Ok(store.stats().hits)
}

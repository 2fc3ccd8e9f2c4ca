//! What an index takes as it grows, counted by an allocator: no operation takes or moves more in a large index than in a small one, and
//! an entry costs so many bytes and no more.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, unsafe_code)]

use my_mimic::hash::{HashMode, KeyHash, Seed};
use my_mimic::options::Options;
use my_mimic::store::{Commit, Probe, Store};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Bytes held now, the bytes that calls to the allocator came to, and those of them that it may have had to move.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static ASKED: Cell<usize> = const { Cell::new(0) };
    static MOVED: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

fn count(held: isize, asked: usize, moved: usize) {
    // A thread that ends has no counters any more.
    let _ = HELD.try_with(|bytes| bytes.set(bytes.get() + held));
    let _ = ASKED.try_with(|bytes| bytes.set(bytes.get() + asked));
    let _ = MOVED.try_with(|bytes| bytes.set(bytes.get() + moved));
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize, layout.size(), 0);
        System.alloc(layout)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize), 0, 0);
        System.dealloc(at, layout);
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // What it holds may have to move.
        count(size as isize - layout.size() as isize, size, layout.size());
        System.realloc(at, layout, size)
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Five cells, as a call with a string of 24 units has.
fn key(n: u64) -> [u64; 5] {
    [1 << 32 | 32, 24 << 32 | 9, 0x003a_7265_7375, n, n.rotate_left(32)]
}

fn store(max_entries: f64, max_bytes: f64) -> Store {
    Store::new(Options::new(max_entries, max_bytes).unwrap(), KeyHash::new(Seed::new(5), HashMode::Fx))
}

fn load(store: &mut Store, n: u64, deadline: f64) {
    let Ok(Probe::Miss(slot, generation)) = store.probe(&key(n), 0.0) else { panic!("not a miss") };
    assert_eq!(store.commit(slot, generation, deadline, 0), Commit::Stored);
}

/// What one of these loads asks the allocator for at the most, what moves for it at the most, and the most steps it takes in the table.
fn most(
    store: &mut Store,
    range: std::ops::Range<u64>,
    deadline: impl Fn(u64) -> f64,
) -> (usize, usize, u64) {
    let (mut bytes, mut moved, mut steps) = (0, 0, 0);
    for n in range {
        let before = (ASKED.get(), MOVED.get(), store.probe_steps());
        load(store, n, deadline(n));
        bytes = bytes.max(ASKED.get() - before.0);
        moved = moved.max(MOVED.get() - before.1);
        steps = steps.max(store.probe_steps() - before.2);
    }
    (bytes, moved, steps)
}

/// The first pieces of all lists, when they get memory for the last time, which nobody touches then.
const MOST_BYTES: usize = 5 << 20;
/// What they held before.
const MOST_MOVED: usize = 5 << 18;
const MOST_STEPS: u64 = 100;

#[test]
fn no_load_takes_more_in_a_large_index_than_in_a_small_one() {
    let ttl = |n: u64| (n % 3_600_000) as f64 + 1.0;
    for (max_entries, max_bytes) in [
        (f64::INFINITY, f64::INFINITY),
        (400_000.0, f64::INFINITY),
        (200_000.0, f64::INFINITY),
        (f64::INFINITY, 3e7),
    ] {
        let mut store = store(max_entries, max_bytes);
        for range in [0..20_000, 20_000..100_000, 100_000..400_000] {
            let (bytes, moved, steps) = most(&mut store, range.clone(), ttl);
            let said = format!("{bytes} bytes, {moved} of them moved, {steps} steps in {range:?}");
            println!("{max_entries} {max_bytes}: {said}");
            assert!(bytes <= MOST_BYTES && moved <= MOST_MOVED && steps <= MOST_STEPS, "{said}");
        }
    }
}

/// A ttl that comes late finds no lists of deadlines, and does not make them for everyone who has none.
#[test]
fn the_first_deadline_in_a_large_index_takes_no_more_than_any() {
    let mut store = store(f64::INFINITY, f64::INFINITY);
    most(&mut store, 0..200_000, |_| f64::INFINITY);
    let (bytes, ..) = most(&mut store, 200_000..200_001, |_| 1e6);
    assert!(bytes <= MOST_BYTES, "{bytes} bytes");
}

#[test]
fn an_entry_takes_no_more_than_is_counted() {
    let before = HELD.get();
    let entries = 300_000;
    let mut store = store(entries as f64, f64::INFINITY);
    most(&mut store, 0..entries, |n| n as f64 + 1.0);
    let held = (HELD.get() - before) as f64 / entries as f64;
    let counted = store.bytes() as f64 / entries as f64;
    println!("{held:.1} bytes an entry, {counted:.1} counted");
    assert!(held <= counted && counted <= 24.0 + 57.0, "{held} bytes an entry, {counted} counted");
    // What goes gives its place to what comes.
    most(&mut store, entries..3 * entries, |n| n as f64 + 1.0);
    let churned = (HELD.get() - before) as f64 / entries as f64;
    assert!(churned <= held * 1.02, "{churned} bytes after a churn, {held} before");
}

/// Keys of many lengths come and go: pages of one length become pages of another.
#[test]
fn a_churn_of_keys_of_all_lengths_leaves_memory_as_it_was() {
    let mut store = store(20_000.0, f64::INFINITY);
    let mut state = 1u64;
    let mut churn = |store: &mut Store, loads: u64, longest: u64| {
        for _ in 0..loads {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let cells = vec![state; ((state >> 40) % longest + 1) as usize];
            let Ok(Probe::Miss(slot, generation)) = store.probe(&cells, 0.0) else { continue };
            assert_eq!(store.commit(slot, generation, f64::INFINITY, 0), Commit::Stored);
        }
    };
    churn(&mut store, 40_000, 90);
    let held = HELD.get();
    churn(&mut store, 100_000, 20);
    churn(&mut store, 100_000, 90);
    assert!(HELD.get() as f64 <= held as f64 * 1.1, "{} bytes after, {held} before", HELD.get());
    store.clear();
    assert!(
        (HELD.get() as f64) < held as f64 * 0.4,
        "{} bytes when nothing is held, {held} before",
        HELD.get()
    );
}

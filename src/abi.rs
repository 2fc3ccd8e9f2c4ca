//! The boundary: numbers in, numbers out. JavaScript reaches the core through these functions and sees three buffers: the
//! key (64 KiB of cells), 16 output words, and the list of removed slots. The buffers never move, but memory may grow, so
//! views of them must be made anew when it has.
//!
//! Whatever is wrong with a number (a handle that was freed, more cells than the buffer has, a slot there is not) gives the
//! failure value each function documents. None panics and none calls back into JavaScript.

use self::handles::Handles;
use crate::hash::{HashMode, KeyHash, Seed};
use crate::key::digest::{digest_pieces, LongKey};
use crate::options::{Options, KEY_CELLS, REMOVED_MAX};
use crate::slab::{Generation, SlotId};
use crate::store::{Commit, Found, Probe, Removed, Store};
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::JsValue;

mod digests;
mod handles;

pub use digests::*;

/// `probe`'s way to say that there was no room.
const NO_ROOM: i32 = i32::MIN;

/// `find`, `insert`, `remove`: nothing.
const NOTHING: i32 = -1;

/// `find`: a load runs in slot `PENDING - r`.
const PENDING: i32 = -2;

struct Core {
    key: Vec<u64>,
    out: Vec<u32>,
    removed: Vec<u32>,
    stores: Handles<Store>,
    hashers: Handles<LongKey>,
    hash: KeyHash,
}

thread_local! {
    static CORE: RefCell<Core> = RefCell::new(Core {
        key: vec![0; KEY_CELLS],
        out: vec![0; 16],
        removed: vec![0; REMOVED_MAX],
        stores: Handles::default(),
        hashers: Handles::default(),
        hash: KeyHash::new(Seed::new(0), HashMode::Fx),
    });
}

/// Runs `f` on the core; `failure` when it gives nothing.
fn with<R>(failure: R, f: impl FnOnce(&mut Core) -> Option<R>) -> R {
    let done = CORE.try_with(|core| core.try_borrow_mut().ok().and_then(|mut core| f(&mut core)));
    done.ok().flatten().unwrap_or(failure)
}

impl Core {
    /// The store and the key in the buffer. A key has at least one cell.
    fn keyed(&mut self, handle: u32, cells: u32) -> Option<(&mut Store, &[u64])> {
        let key = self.key.get(..cells as usize).filter(|key| !key.is_empty())?;
        Some((self.stores.get(handle)?, key))
    }

    fn put_out(&mut self, at: usize, word: u32) {
        if let Some(out) = self.out.get_mut(at) {
            *out = word;
        }
    }

    fn put_bytes(&mut self, bytes: &[u8]) {
        for (word, bytes) in self.out.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
    }
}

/// Copies the removed slots to where JavaScript sees them, and says how many. The bytes that the index holds now are in
/// `out[8..10]`, low word first: whoever has a bound of his own need not cross once more for them.
fn list(store: &Store, into: &mut [u32], out: &mut [u32]) -> i32 {
    let removed = store.removed();
    for (word, Removed { slot, cause }) in into.iter_mut().zip(removed) {
        *word = slot.0 << 2 | *cause as u32;
    }
    if let Some([low, high]) = out.get_mut(8..10) {
        (*low, *high) = (store.bytes() as u32, (store.bytes() >> 32) as u32);
    }
    removed.len().min(into.len()) as i32
}

/// JavaScript's number of bytes: what is no number is 0, what is more than 4 GiB is 4 GiB.
fn weight_of(bytes: f64) -> u32 {
    bytes as u32
}

/// Seeds the hash of indexes made from now on. `hash_mode` 1 is the constant 0, 2 the constant of all ones, any other the
/// real one.
#[wasm_bindgen]
pub fn boot(seed_hi: u32, seed_lo: u32, hash_mode: u32) {
    let mode = match hash_mode {
        1 => HashMode::Zero,
        2 => HashMode::Ones,
        _ => HashMode::Fx,
    };
    with((), |core| {
        core.hash = KeyHash::new(Seed::new(u64::from(seed_hi) << 32 | u64::from(seed_lo)), mode);
        Some(())
    });
}

/// Byte address of the key buffer: 8,192 cells. 0 when the core cannot be reached.
#[wasm_bindgen]
pub fn key_ptr() -> u32 {
    with(0, |core| Some(core.key.as_ptr() as usize as u32))
}

/// Byte address of the 16 output words. 0 when the core cannot be reached.
#[wasm_bindgen]
pub fn out_ptr() -> u32 {
    with(0, |core| Some(core.out.as_ptr() as usize as u32))
}

/// Byte address of the removed list, words of `slot << 2 | cause`. 0 when the core cannot be reached.
#[wasm_bindgen]
pub fn removed_ptr() -> u32 {
    with(0, |core| Some(core.removed.as_ptr() as usize as u32))
}

/// An index of at most `max_entries` entries (`Infinity`: as many as there are slots) and `max_bytes` of keys, bookkeeping and
/// weights. 0 when memory is exhausted or a bound is negative or NaN.
#[wasm_bindgen]
pub fn index_new(max_entries: f64, max_bytes: f64) -> u32 {
    with(0, |core| {
        let options = Options::new(max_entries, max_bytes).ok()?;
        core.stores.add(Store::new(options, core.hash))
    })
}

/// Another bound in bytes for an index. Nothing happens when it is negative or NaN (or for a wrong number); what is too much goes with
/// the next entry.
#[wasm_bindgen]
pub fn index_bound(handle: u32, max_bytes: f64) {
    with((), |core| core.stores.get(handle)?.bound(max_bytes).ok());
}

/// Frees an index. Its handle is not given out again for a long time.
#[wasm_bindgen]
pub fn index_free(handle: u32) {
    with((), |core| core.stores.remove(handle));
}

/// Looks the key in the buffer up. `r >= 0`: a hit in slot `r`. `i32::MIN`: no room (or a wrong number), call uncached.
/// Otherwise `x = !r`, the slot is `x >> 1`, and `x & 1` says that it is pending; else the slot is reserved for the caller,
/// and a value kept for it is too old to keep. `out[0]` is the slot's generation, when it is no hit.
#[wasm_bindgen]
pub fn probe(handle: u32, cells: u32, now: f64) -> i32 {
    with(NO_ROOM, |core| {
        let (store, key) = core.keyed(handle, cells)?;
        let (slot, generation, pending) = match store.probe(key, now).ok()? {
            Probe::Hit(slot) => return Some(slot.0 as i32),
            Probe::Pending(slot, generation) => (slot, generation, 1),
            Probe::Miss(slot, generation) => (slot, generation, 0),
        };
        core.put_out(0, generation.0);
        Some(!((slot.0 << 1 | pending) as i32))
    })
}

/// Reserves the slot of the key in the buffer for a load that the caller begins, whatever is there. `slot << 1`, plus 1 when a
/// live entry was there, whose value is the caller's to keep; `out[0]` is the slot's generation. `i32::MIN`: no room (or a wrong
/// number).
#[wasm_bindgen]
pub fn claim(handle: u32, cells: u32, now: f64) -> i32 {
    with(NO_ROOM, |core| {
        let (store, key) = core.keyed(handle, cells)?;
        let (slot, generation, held) = store.claim(key, now).ok()?;
        core.put_out(0, generation.0);
        Some((slot.0 << 1 | u32::from(held)) as i32)
    })
}

/// The slot of the key in the buffer, with no consequences: -1 nothing (or a wrong number), `-2 - slot` pending.
#[wasm_bindgen]
pub fn find(handle: u32, cells: u32, now: f64) -> i32 {
    with(NOTHING, |core| {
        let (store, key) = core.keyed(handle, cells)?;
        Some(match store.find(key, now)? {
            Found::Resident(slot) => slot.0 as i32,
            Found::Pending(slot) => PENDING - slot.0 as i32,
        })
    })
}

/// The load of a slot has a value of `weight` bytes, good until `deadline`. -1: nothing stored, because the generation moved
/// on, the deadline is past, it is too large or nothing may be kept (or a wrong number). Otherwise the number of slots in the
/// removed list, which may have this slot in it; when it is full, `sweep` has more to remove. `now` NaN is the time of the latest
/// operation.
#[wasm_bindgen]
pub fn commit(handle: u32, slot: u32, generation: u32, deadline: f64, weight: f64, now: f64) -> i32 {
    with(NOTHING, |core| {
        let store = core.stores.get(handle)?;
        store.at(now);
        match store.commit(SlotId(slot), Generation(generation), deadline, weight_of(weight)) {
            Commit::Stored => Some(list(store, &mut core.removed, &mut core.out)),
            Commit::Refused | Commit::Moved => None,
        }
    })
}

/// The value in a slot turns out to take `weight` bytes. The number of slots in the removed list, as for [`commit`]; -1 when there
/// is no entry (or a wrong number). `now` as for [`commit`].
#[wasm_bindgen]
pub fn weigh(handle: u32, slot: u32, weight: f64, now: f64) -> i32 {
    with(NOTHING, |core| {
        let store = core.stores.get(handle)?;
        store.at(now);
        store.weigh(SlotId(slot), weight_of(weight)).then(|| list(store, &mut core.removed, &mut core.out))
    })
}

/// The load of a slot failed. Nothing happens when the generation moved on.
#[wasm_bindgen]
pub fn abandon(handle: u32, slot: u32, generation: u32) {
    with((), |core| {
        core.stores.get(handle)?.abandon(SlotId(slot), Generation(generation));
        Some(())
    });
}

/// Sets an entry for the key in the buffer and returns its slot, never that of the entry it replaces. -1: not stored, because
/// the deadline is past or nothing may be kept (or no room, or a wrong number); the old entry goes all the same. `out[1]` is
/// the number of slots in the removed list.
#[wasm_bindgen]
pub fn insert(handle: u32, cells: u32, deadline: f64, weight: f64) -> i32 {
    with(NOTHING, |core| {
        core.put_out(1, 0);
        let (store, key) = core.keyed(handle, cells)?;
        let slot = store.insert(key, deadline, weight_of(weight)).ok().flatten();
        let removed = list(core.stores.get(handle)?, &mut core.removed, &mut core.out);
        core.put_out(1, removed as u32);
        Some(slot?.0 as i32)
    })
}

/// Invalidates the key in the buffer. The slot, -1 when there was nothing (or a wrong number); `out[2]` is 1 when it was
/// pending, otherwise 0.
#[wasm_bindgen]
pub fn remove(handle: u32, cells: u32) -> i32 {
    with(NOTHING, |core| {
        core.put_out(2, 0);
        let (store, key) = core.keyed(handle, cells)?;
        match store.remove(key)? {
            Found::Resident(slot) => Some(slot.0 as i32),
            Found::Pending(slot) => {
                core.put_out(2, 1);
                Some(slot.0 as i32)
            }
        }
    })
}

/// Invalidates the key in a slot, as [`remove`] does; `slot`, or -1 when it was vacant (or a wrong number).
#[wasm_bindgen]
pub fn remove_slot(handle: u32, slot: u32) -> i32 {
    with(NOTHING, |core| core.stores.get(handle)?.remove_slot(SlotId(slot)).map(|_| slot as i32))
}

/// Invalidates everything, pending slots too.
#[wasm_bindgen]
pub fn clear(handle: u32) {
    with((), |core| {
        core.stores.get(handle)?.clear();
        Some(())
    });
}

/// Frees what has expired, in at most `limit` steps (and 4,096); then evicts what a full list left over. The number of slots in the
/// removed list; `out[3]` is 1 when there is more to do at `now`. 0 for a wrong number.
#[wasm_bindgen]
pub fn sweep(handle: u32, now: f64, limit: u32) -> i32 {
    with(0, |core| {
        core.put_out(3, 0);
        let store = core.stores.get(handle)?;
        let more = store.sweep(now, limit as usize);
        let count = list(store, &mut core.removed, &mut core.out);
        core.put_out(3, u32::from(more));
        Some(count)
    })
}

/// When `sweep` has something to do: no later than the first entry expires, to the millisecond. `Infinity` when nothing can expire (or
/// for a wrong number).
#[wasm_bindgen]
pub fn next_due(handle: u32) -> f64 {
    with(f64::INFINITY, |core| Some(core.stores.get(handle)?.next_due()))
}

/// Evicts until the index holds no more than `bytes`, or `limit` entries (at most 4,096) have gone. Their number, all in the removed
/// list; 0 for a wrong number. The bytes it holds then are in `out[8..10]`, low word first. What has expired at `now` goes first; NaN is the
/// time of the latest operation.
#[wasm_bindgen]
pub fn trim(handle: u32, bytes: f64, limit: u32, now: f64) -> i32 {
    with(0, |core| {
        let store = core.stores.get(handle)?;
        store.trim(bytes as u64, limit as usize, now);
        Some(list(store, &mut core.removed, &mut core.out))
    })
}

/// The digest of the key in a slot, 16 bytes into `out[0..4]`. 0, or -1 when the slot is vacant (or a wrong number).
#[wasm_bindgen]
pub fn digest(handle: u32, slot: u32) -> i32 {
    with(-1, |core| {
        let bytes = digest_pieces(&core.stores.get(handle)?.key(SlotId(slot))?.pieces());
        core.put_bytes(bytes.get(..16)?);
        Some(0)
    })
}

/// A copy of the key in a slot, 8 bytes a cell; empty when the slot is vacant (or a wrong number), or memory is exhausted.
#[wasm_bindgen]
pub fn key_of(handle: u32, slot: u32) -> Vec<u8> {
    with(Vec::new(), |core| {
        let key = core.stores.get(handle)?.key(SlotId(slot))?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(key.len() * size_of::<u64>()).ok()?;
        for cell in key.pieces().into_iter().flatten() {
            bytes.extend_from_slice(&cell.to_le_bytes());
        }
        Some(bytes)
    })
}

/// What is in a slot, with no consequences: 0 a pending key, 1 an entry, expired or not, -1 nothing (or a wrong number). Its
/// deadline is in `out[4..6]`, the bits of an f64, low word first, and its weight in `out[6]`.
#[wasm_bindgen]
pub fn entry(handle: u32, slot: u32) -> i32 {
    with(NOTHING, |core| {
        let (found, deadline, weight) = core.stores.get(handle)?.entry(SlotId(slot))?;
        let bits = deadline.to_bits();
        core.put_out(4, bits as u32);
        core.put_out(5, (bits >> 32) as u32);
        core.put_out(6, weight);
        Some(i32::from(matches!(found, Found::Resident(_))))
    })
}

/// How many slots there are, vacant ones too; 0 for a wrong number.
#[wasm_bindgen]
pub fn slots(handle: u32) -> u32 {
    with(0, |core| Some(core.stores.get(handle)?.slots() as u32))
}

/// A snapshot of the counts; `undefined` for a wrong number.
#[wasm_bindgen]
pub fn stats(handle: u32) -> JsValue {
    let stats = with(None, |core| Some(core.stores.get(handle).map(|store| store.stats())));
    stats.and_then(|stats| serde_wasm_bindgen::to_value(&stats).ok()).unwrap_or(JsValue::UNDEFINED)
}

/// Traps in the middle of an operation, for the recovery test.
#[wasm_bindgen]
pub fn force_trap() {
    with((), |_| std::process::abort());
}

#[cfg(test)]
mod tests;

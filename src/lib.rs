//! The index of my-mimic, a memoizer for JavaScript.
//!
//! Values never enter this crate. It turns the cells of a key into a hash, finds the **slot** of the key, and knows each slot's
//! deadline, recency, weight and generation; JavaScript keeps `values[slot]`. So a hit is one crossing and a miss two:
//!
//! ```text
//! probe(key, now) ─▶ hit      the caller reads values[slot]
//!                 ─▶ pending  a load of this key runs: the caller joins it
//!                 ─▶ miss     the slot is reserved, and the caller loads;
//!                             commit(slot, generation, deadline, weight) makes it resident,
//!                             abandon(slot, generation) gives it up
//! ```
//!
//! A slot is vacant, pending or resident ([`slab::State`]), and each step out of pending or resident adds one to its
//! generation. The token (slot, generation) of a load is therefore good for one step: a value that comes after its key was
//! invalidated, replaced or cleared is refused, without anyone keeping a list of such loads.
//!
//! One structure a file, each knowing only those before it:
//!
//! - [`key`]: the format of keys and their portable [digest](key::digest);
//! - [`hash`]: seeded FxHash, and SipHash for when it is attacked;
//! - [`chunks`]: lists that grow without moving;
//! - [`arena`]: the cells of keys;
//! - [`slab`]: slots, their states and generations;
//! - [`index`]: the table from hash to slot. The hash selects, the cells decide;
//! - [`wheel`]: slots by the tick at which they are due;
//! - [`expiry`]: deadlines, and what of it nobody reads any more;
//! - [`policy`]: who goes when there are too many;
//! - [`store`]: all of these as one index, the only file that moves a slot from state to state;
//! - [`checksum`]: against accidents;
//! - [`segment`]: many records as one checksummed block, for IndexedDB and for disk;
//! - [`stats`], [`options`], [`error`]: what is counted, what is bounded, what can go wrong.
//!
//! They know no JavaScript and no clock (`now` is an argument, in milliseconds), and nothing in them panics: a panic would
//! poison the wasm instance. Above them lie [`abi`], the functions that JavaScript calls, with numbers only, and on wasm
//! `persist`, IndexedDB.
//!
//! Every structure has a `validate()`, compiled into tests, fuzzing and debug builds only, that says which of its invariants is
//! broken; `tests/core_model.rs` calls it after every operation, beside a naive twin.

pub mod abi;
pub mod arena;
pub mod checksum;
pub mod chunks;
pub mod error;
pub mod expiry;
pub mod hash;
pub mod index;
pub mod key;
pub mod options;
#[cfg(target_arch = "wasm32")]
pub mod persist;
pub mod policy;
pub mod segment;
pub mod slab;
pub mod stats;
pub mod store;
pub mod wheel;

//! What the fuzz targets of the same names check, with random bytes that a seed gives: for a toolchain without a fuzzer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![cfg(debug_assertions)]

use proptest::prelude::*;

#[path = "structures/index.rs"]
mod index;
#[path = "structures/slab.rs"]
mod slab;
#[path = "structures/wheel.rs"]
mod wheel;

proptest! {
    // More with PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(300),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn slab_equals_its_naive_twin(data in prop::collection::vec(any::<u8>(), 0..900)) {
        slab::check(&data);
    }

    #[test]
    fn slab_with_few_slots(data in prop::collection::vec((any::<u8>(), 0..6u8, 0..4u8), 0..300)) {
        slab::check(&data.into_iter().flat_map(|(a, b, c)| [a, b, c]).collect::<Vec<_>>());
    }

    #[test]
    fn index_equals_its_naive_twin(data in prop::collection::vec(any::<u8>(), 0..900)) {
        index::check(&data);
    }

    #[test]
    fn index_of_collisions(data in prop::collection::vec((any::<u8>(), 0..8u8, any::<u8>()), 0..300)) {
        index::check(&data.into_iter().flat_map(|(a, b, c)| [a, b, c]).collect::<Vec<_>>());
    }

    #[test]
    fn whatever_time_does_everyone_comes_up_in_time(data in prop::collection::vec(any::<u8>(), 0..600)) {
        wheel::check(&data);
    }
}

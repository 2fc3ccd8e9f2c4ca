use super::*;
use crate::slab::MOST_WEIGHT;
use crate::stats::Cause;

fn write(key: &[u64]) -> u32 {
    CORE.with_borrow_mut(|core| core.key[..key.len()].copy_from_slice(key));
    key.len() as u32
}

fn out(at: usize) -> u32 {
    CORE.with_borrow(|core| core.out[at])
}

fn removed(count: i32) -> Vec<u32> {
    CORE.with_borrow(|core| core.removed[..count as usize].to_vec())
}

const NEVER: f64 = f64::INFINITY;

#[test]
fn the_way_of_a_call() {
    boot(1, 2, 0);
    let index = index_new(1.0, NEVER);
    let cells = write(&[1, 2]);
    assert_eq!(find(index, cells, 0.0), NOTHING);
    assert_eq!(!probe(index, cells, 0.0), 0, "slot 0, not pending");
    let generation = out(0);
    assert_eq!((!probe(index, cells, 0.0), out(0)), (1, generation), "slot 0, pending");
    assert_eq!(find(index, cells, 0.0), PENDING);
    let superseded = generation;
    assert_eq!(claim(index, cells, 0.0), 0, "slot 0, nothing held");
    let generation = out(0);
    assert_eq!(commit(index, 0, superseded, NEVER, 1.0, 0.0), -1);
    assert_eq!(commit(index, 0, generation.wrapping_add(1), NEVER, 1.0, 0.0), -1);
    assert_eq!(commit(index, 0, generation, NEVER, 1.0, 0.0), 0);
    assert_eq!((probe(index, cells, 0.0), find(index, cells, 0.0)), (0, 0));
    assert_eq!(key_of(index, 0), [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);

    let other = write(&[3]);
    assert_eq!(!probe(index, other, 0.0) >> 1, 1);
    assert_eq!(commit(index, 1, out(0), NEVER, f64::NAN, 0.0), 1);
    assert_eq!(removed(1), [1], "slot 0 for size");
    assert_eq!(insert(index, other, NEVER, 2.0), 0);
    assert_eq!((out(1), removed(1)), (1, vec![1 << 2 | 3]), "slot 1 was replaced");
    assert_eq!((remove(index, other), out(2)), (0, 0));
    assert_eq!(!probe(index, other, 0.0) & 1, 0);
    assert_eq!((remove(index, other), out(2)), (0, 1));
    assert_eq!((remove(index, other), out(2)), (-1, 0));
    assert_eq!(insert(index, other, 5.0, 2.0), 0);
    assert_eq!((next_due(index), sweep(index, 4.0, 10), sweep(index, 5.0, 0), out(3)), (5.0, 0, 0, 1));
    assert_eq!((sweep(index, 5.0, u32::MAX), removed(1), out(3)), (1, vec![0], 0));
    assert_eq!(insert(index, other, 9.0, 2.0), 0);
    assert_eq!((claim(index, other, 5.0), find(index, other, 5.0)), (1, PENDING), "slot 0, held");
    assert_eq!((weigh(index, 0, 1.0, 0.0), weigh(index, 7, 1.0, 0.0)), (-1, -1), "pending, vacant");
    clear(index);
    index_free(index);
    assert_eq!(probe(index, other, 0.0), NO_ROOM);
    let bounded = index_new(10.0, 300.0);
    let cells = write(&[1]);
    assert_eq!(insert(bounded, cells, NEVER, 0.0), 0);
    assert_eq!(weigh(bounded, 0, 50.0, 0.0), 0);
    assert_eq!(entry(bounded, 0), 1);
    assert_eq!(out(6), 50);
    assert_eq!((weigh(bounded, 0, 1e9, 0.0), removed(1)), (1, vec![1]), "too large for the index");
}

#[test]
fn what_has_expired_since_the_lookup_goes_first() {
    let [size, expired] = [Cause::Size, Cause::Expired].map(|cause| 1 << 2 | cause as u32);
    for (now, gone) in [(f64::NAN, size), (9.0, size), (10.0, expired)] {
        let index = index_new(2.0, NEVER);
        for (key, deadline) in [(0, NEVER), (1, 10.0)] {
            insert(index, write(&[key]), deadline, 0.0);
        }
        // Between them a load of ten milliseconds.
        let slot = !probe(index, write(&[2]), 0.0) >> 1;
        assert_eq!(commit(index, slot as u32, out(0), NEVER, 0.0, now), 1);
        assert_eq!(removed(1), vec![gone], "at {now}");
    }
}

#[test]
fn wrong_numbers_get_the_failure_value() {
    let index = index_new(10.0, NEVER);
    assert_ne!(index, 0);
    assert_eq!((index_new(f64::NAN, NEVER), index_new(-1.0, NEVER), index_new(1.0, -1.0)), (0, 0, 0));
    for (handle, cells) in
        [(index, 0), (index, 8193), (index, u32::MAX), (0, 1), (index + 1, 1), (u32::MAX, 1)]
    {
        assert_eq!(probe(handle, cells, 0.0), NO_ROOM);
        assert_eq!(find(handle, cells, 0.0), NOTHING);
        assert_eq!(claim(handle, cells, 0.0), NO_ROOM);
        assert_eq!(insert(handle, cells, NEVER, 0.0), NOTHING);
        assert_eq!(remove(handle, cells), NOTHING);
    }
    for (handle, slot) in [(index, 0), (index, u32::MAX), (0, 0), (u32::MAX, 0)] {
        assert_eq!(commit(handle, slot, 0, NEVER, 0.0, 0.0), -1);
        abandon(handle, slot, 0);
        assert_eq!((digest(handle, slot), key_of(handle, slot)), (-1, vec![]));
    }
    assert_eq!((sweep(0, 0.0, 1), next_due(0), key_digest(8193), hasher_finish(0, 1)), (0, NEVER, -1, 0));
    clear(0);
    index_free(0);
    hasher_free(77);
    hasher_mark(77);
    hasher_rollback(77);
    hasher_absorb(77, 1);
    let whole = write(&vec![9; KEY_CELLS]);
    assert_eq!(!probe(index, whole, 0.0), 0, "a key may fill the buffer");
}

#[test]
fn a_constant_hash_gives_the_same_answers() {
    for mode in [0, 1, 2] {
        boot(0, 0, mode);
        let index = index_new(NEVER, NEVER);
        for key in 0..100 {
            assert_eq!(insert(index, write(&[key]), NEVER, 0.0), key as i32);
        }
        for key in 0..100 {
            assert_eq!(probe(index, write(&[key]), 0.0), key as i32);
        }
        assert_eq!(find(index, write(&[100]), 0.0), NOTHING);
    }
}

#[test]
fn digests_reach_the_output_words() {
    let index = index_new(10.0, NEVER);
    let cells = write(&[7, 8]);
    let bytes = crate::key::digest::digest(&[7, 8]);
    let word = |at: usize| u32::from_le_bytes(bytes[4 * at..4 * at + 4].try_into().unwrap());
    assert_eq!(key_digest(cells), 0);
    assert!((0..8).all(|at| out(at) == word(at)));
    CORE.with_borrow_mut(|core| core.out.fill(0));
    assert_eq!(insert(index, cells, NEVER, 0.0), 0);
    assert_eq!(digest(index, 0), 0);
    assert!((0..4).all(|at| out(at) == word(at)) && out(4) == 0);
}

#[test]
fn bytes_have_a_checksum_at_any_length() {
    write(&[0x0807_0605_0403_0201, 0xff0b_0a09]);
    for len in 0..12 {
        let bytes: Vec<u8> = (1..=len).collect();
        let expected = crate::checksum::checksum(&[&bytes]);
        assert_eq!(bytes_checksum(u32::from(len)), 0);
        assert_eq!(u64::from(out(1)) << 32 | u64::from(out(0)), expected, "{len} bytes");
    }
    assert_eq!((bytes_checksum(65_536), bytes_checksum(65_537)), (0, -1));
}

#[test]
fn what_is_in_a_slot() {
    let deadline = || f64::from_bits(u64::from(out(5)) << 32 | u64::from(out(4)));
    let index = index_new(10.0, NEVER);
    assert_eq!((entry(index, 0), slots(index)), (-1, 0));
    assert_eq!(insert(index, write(&[1]), 1234.5, 0.0), 0);
    assert_eq!((entry(index, 0), deadline()), (1, 1234.5));
    let cells = write(&[2]);
    assert_eq!(!probe(index, cells, 2000.0), 1 << 1);
    assert_eq!((entry(index, 1), deadline(), slots(index)), (0, NEVER, 2));
    assert_eq!((entry(index, 0), find(index, write(&[1]), 2000.0)), (1, NOTHING), "expired, and still there");
    assert_eq!(remove_slot(index, 0), 0);
    assert_eq!((entry(index, 0), slots(index)), (-1, 2));
    for (handle, slot) in [(index, 2), (index, u32::MAX), (0, 0), (u32::MAX, 1)] {
        assert_eq!(entry(handle, slot), -1);
    }
    assert_eq!((slots(0), slots(u32::MAX)), (0, 0));
}

#[test]
fn a_trim_says_what_is_held() {
    let index = index_new(10.0, NEVER);
    for cell in 1..=4 {
        let probed = probe(index, write(&[cell]), 0.0);
        let generation = CORE.with_borrow(|core| core.out[0]);
        assert_eq!(commit(index, (!probed >> 1) as u32, generation, NEVER, 5e9, 0.0), 0);
    }
    let held = || CORE.with_borrow(|core| u64::from(core.out[9]) << 32 | u64::from(core.out[8]));
    assert_eq!((trim(index, NEVER, 4, 0.0), held() / u64::from(MOST_WEIGHT)), (0, 4));
    let each = held() / 4;
    assert_eq!((trim(index, each as f64 * 3.0, 9, 0.0), held()), (1, each * 3));
    assert_eq!((trim(index, f64::NAN, 1, f64::NAN), held()), (1, each * 2));
    assert_eq!((trim(0, 0.0, 9, 0.0), trim(u32::MAX, 0.0, 9, 0.0)), (0, 0));
}

#[test]
fn a_long_key_becomes_six_cells() {
    let hasher = hasher_new();
    hasher_absorb(hasher, write(&[1, 2, 3]));
    hasher_mark(hasher);
    hasher_absorb(hasher, write(&[99]));
    hasher_rollback(hasher);
    assert_eq!(hasher_finish(hasher, write(&[4])), 6);
    let mut straight = LongKey::default();
    straight.absorb(&[1, 2, 3, 4]);
    CORE.with_borrow(|core| assert_eq!(core.key[..6], straight.finish()));
    hasher_free(hasher);
    assert_eq!(hasher_finish(hasher, 1), 0);
}

#[test]
fn a_core_in_use_is_an_error_and_no_panic() {
    let index = index_new(10.0, NEVER);
    CORE.with_borrow_mut(|_| {
        assert_eq!((probe(index, 1, 0.0), index_new(1.0, NEVER), key_ptr()), (NO_ROOM, 0, 0));
    });
    assert!(key_ptr() != 0 && out_ptr() != 0 && removed_ptr() != 0);
}

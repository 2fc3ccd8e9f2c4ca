use super::*;
use crate::key::{alike, head, tag};
use proptest::prelude::*;

/// Cells that only this key has; of many keys the first two are those of a call with one string.
fn cells(key: u64, len: usize) -> Vec<u64> {
    let mut cells: Vec<_> = (0..len as u64).map(|at| key << 32 | at).collect();
    if key % 3 > 0 && len > 2 {
        cells[0] = head(tag::CALL, 1);
        cells[1] = head(tag::ASCII, 8 * (len as u32 - 2) - key as u32 % 2);
    }
    cells
}

/// As the slab does it.
fn add(arena: &mut Arena, key: &[u64]) -> Result<Kept, Error> {
    arena.add_placeless(key).map_or_else(|| arena.add_placed(key), Ok)
}

/// All cells of a key that is kept.
fn held(arena: &Arena, Kept { key, first }: Kept) -> Vec<u64> {
    arena.get(key, &first).cells().copied().collect()
}

/// Whether a key that is kept is this one; both ways of asking say the same.
fn is(arena: &Arena, held: Kept, key: &[u64]) -> bool {
    let is = arena.get(held.key, &held.first).is(key);
    assert_eq!(arena.is(held.key, held.first, key), is);
    is
}

const LENGTHS: [usize; 10] = [0, 1, 2, 3, 5, SHARED - 1, SHARED, SHARED + 1, PAGE, 8192];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_are_what_they_were_whatever_comes_and_goes(
        ops in prop::collection::vec((0..5u8, 0..1000usize, prop::sample::select(LENGTHS.to_vec())), 1..200),
    ) {
        let (mut arena, mut kept) = (Arena::default(), vec![]);
        for (n, (op, which, len)) in ops.into_iter().enumerate() {
            if op < 3 || kept.is_empty() {
                let key = cells(n as u64, len);
                kept.push((add(&mut arena, &key).unwrap(), key));
            } else {
                let (at, key) = kept.swap_remove(which % kept.len());
                prop_assert_eq!(held(&arena, at), key);
                arena.remove(at.key);
            }
            arena.validate(kept.len()).unwrap();
            prop_assert!(kept.iter().all(|(at, key)| is(&arena, *at, key) && held(&arena, *at) == *key));
            prop_assert!(kept.iter().all(|(at, key)| arena.own_cells(at.key) + alike(key) == key.len()));
        }
        for (at, _) in kept.drain(..) {
            arena.remove(at.key);
        }
        arena.validate(0).unwrap();
        prop_assert_eq!(arena.held(), 0);
    }
}

#[test]
fn places_are_used_again_and_no_page_moves_when_another_is_opened() {
    let mut arena = Arena::default();
    let cells = |n: usize, len| cells(3 * n as u64, len);
    let keys: Vec<_> = (0..10_000).map(|n| add(&mut arena, &cells(n, 5)).unwrap()).collect();
    let pages = arena.cells.len();
    assert_eq!(pages, 10_000usize.div_ceil(PAGE / 4));
    for (n, key) in keys.iter().enumerate() {
        assert_eq!(held(&arena, *key), cells(n, 5));
        arena.remove(key.key);
        let again = add(&mut arena, &cells(n + 20_000, 5)).unwrap();
        assert!(again.key == key.key && arena.cells.len() == pages);
    }
    arena.validate(10_000).unwrap();
    keys.iter().for_each(|key| _ = arena.remove(key.key));
    let other = add(&mut arena, &cells(1, 7)).unwrap();
    assert!(
        arena.cells.len() == pages && held(&arena, other) == cells(1, 7),
        "an empty page is for any length"
    );
    arena.validate(1).unwrap();
}

#[test]
fn keys_take_what_they_have_whatever_their_length() {
    for len in (2..200).chain((200..=8192).step_by(29)).chain(LENGTHS) {
        let mut arena = Arena::default();
        let (mut counted, mut keys) = (0, 0);
        for more in [1, 2, 5, 40] {
            for key in keys..keys + more {
                // The first of its own cells lies with whoever keeps it.
                let kept = add(&mut arena, &cells(3 * key, len)).unwrap();
                counted += arena.own_cells(kept.key).saturating_sub(1);
            }
            keys += more;
            let most = if keys == 1 || len > SHARED { counted } else { 2 * counted };
            assert!(
                (counted..=most).contains(&arena.held()),
                "{keys} of {len}: {} for {counted}",
                arena.held()
            );
        }
    }
}

#[test]
fn no_key() {
    let mut arena = Arena::default();
    assert!(arena.get(KeyRef::NONE, &0).is_empty() && arena.own_cells(KeyRef::NONE) == 0);
    let empty = add(&mut arena, &[]).unwrap();
    assert!(is(&arena, empty, &[]) && !is(&arena, empty, &[0]) && empty.key != KeyRef::NONE);
    assert!(!arena.is(KeyRef::NONE, 0, &[]));
    arena.validate(1).unwrap();
}

#[test]
fn keys_that_begin_alike_take_what_they_have_beyond_that() {
    let mut arena = Arena::default();
    let key = |n: u64, units| [head(tag::CALL, 1), head(tag::ASCII, units), n, n, n];
    for n in 0..10_000 {
        for units in [23, 24] {
            let at = add(&mut arena, &key(n, units)).unwrap();
            assert!(is(&arena, at, &key(n, units)));
            let others = [&key(n, 47 - units)[..], &key(n + 1, units), &key(n, units)[..4], &[]];
            assert!(others.iter().all(|other| !is(&arena, at, other)));
        }
    }
    arena.validate(20_000).unwrap();
    assert!(arena.held() <= 2 * 10_000usize.div_ceil(PAGE / 2) * PAGE, "{} cells", arena.held());
}

#[test]
fn a_key_with_one_cell_of_its_own_takes_none() {
    let mut arena = Arena::default();
    let key = |n: u32| [head(tag::CALL, 1), head(tag::INT32, n)];
    let keys: Vec<_> = (0..10_000).map(|n| add(&mut arena, &key(n)).unwrap()).collect();
    assert_eq!((arena.held(), arena.cells.len()), (0, 1));
    for (n, at) in (0..).zip(&keys) {
        assert!(is(&arena, *at, &key(n)));
        let others = [&key(n + 1)[..], &key(n)[..1], &[], &[key(n)[0], key(n)[1], 0]];
        assert!(others.iter().all(|other| !is(&arena, *at, other)));
    }
    arena.validate(10_000).unwrap();
    keys.iter().for_each(|kept| assert_eq!(arena.remove(kept.key), 1));
    arena.validate(0).unwrap();
}

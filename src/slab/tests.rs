use super::weight::LARGE;
use super::*;

fn occupy(slab: &mut Slab, key: u64) -> SlotId {
    slab.reserve().unwrap();
    let (next, load) = slab.next();
    assert_eq!(slab.occupy(&[key]), Ok(()));
    assert!(slab.is_pending(next, load));
    next
}

#[test]
fn every_load_has_a_generation_of_its_own() {
    let mut slab = Slab::default();
    slab.reserve().unwrap();
    let slot = occupy(&mut slab, 1);
    assert!(slab.is_pending(slot, Generation(0)));
    assert!(slab.settle(slot, 9) && !slab.is_pending(slot, slab.generation(slot)));
    assert!(!slab.settle(slot, 9), "a resident slot cannot settle again");
    assert!(slab.renew(slot) && slab.is_pending(slot, Generation(1)));
    assert!(
        slab.renew(slot) && slab.is_pending(slot, Generation(2)) && !slab.is_pending(slot, Generation(1))
    );
    assert!(slab.key(slot).is(&[1]));
    assert!(slab.free(slot).is_some());
    assert!(slab.free(slot).is_none(), "a vacant slot cannot be freed again");
    assert!(!slab.renew(slot) && slab.key(slot).is_empty());
    assert!(!slab.is_pending(slot, slab.generation(slot)));
    slab.validate().unwrap();
    assert_eq!(occupy(&mut slab, 2), slot);
    assert!(slab.is_pending(slot, Generation(3)) && !slab.is_pending(slot, Generation(0)));
    slab.validate().unwrap();
}

#[test]
fn clear_outdates_every_token_and_reuses_low_slots_first() {
    let mut slab = Slab::default();
    let slots: Vec<SlotId> = (0..5).map(|n| occupy(&mut slab, n)).collect();
    assert!(slab.settle(slots[3], 0));
    slab.clear();
    slab.validate().unwrap();
    assert_eq!((slab.pending(), slab.resident(), slab.len()), (0, 0, 5));
    for slot in &slots {
        assert_eq!(occupy(&mut slab, 7), *slot);
        assert!(!slab.is_pending(*slot, Generation(0)));
    }
    slab.validate().unwrap();
}

#[test]
fn clear_passes_over_vacant_slots() {
    let mut slab = Slab::default();
    let slots: Vec<SlotId> = (0..3).map(|n| occupy(&mut slab, n)).collect();
    assert!(slab.free(slots[1]).is_some());
    slab.clear();
    slab.validate().unwrap();
    assert_eq!(
        (occupy(&mut slab, 9), occupy(&mut slab, 9), occupy(&mut slab, 9)),
        (slots[0], slots[2], slots[1])
    );
}

#[test]
fn generation_wraps() {
    let mut slab = Slab { generation: Generation(PENDING - 1), ..Slab::default() };
    let slots = [1, 2].map(|key| occupy(&mut slab, key));
    assert!(slab.is_pending(slots[0], Generation(PENDING - 1)) && slab.is_pending(slots[1], Generation(0)));
    slab.validate().unwrap();
}

#[test]
fn what_weighs_too_much_is_resident_all_the_same() {
    let mut slab = Slab::default();
    let slot = occupy(&mut slab, 1);
    assert!(slab.settle(slot, u32::MAX));
    assert_eq!(slab.state(slot), Some(State::Resident { key: slab.key(slot), weight: MOST_WEIGHT }));
    assert_eq!((slab.weigh(slot, u32::MAX), slab.weigh(slot, 7)), (Some(MOST_WEIGHT), Some(MOST_WEIGHT)));
    slab.validate().unwrap();
}

#[test]
fn no_such_slot() {
    let mut slab = Slab::default();
    let none = SlotId(u32::MAX);
    assert!(slab.state(none).is_none() && slab.key(none).is_empty() && slab.is_empty());
    assert!(!slab.settle(none, 0) && !slab.renew(none) && slab.free(none).is_none());
}

#[test]
fn a_weight_of_a_gibibyte_or_more_counts_to_four_bytes() {
    for weight in [0, 1, LARGE - 1, LARGE, LARGE + 4, 3_000_000_000, MOST_WEIGHT] {
        assert_eq!(counted_as(weight), weight);
    }
    assert_eq!([LARGE + 1, MOST_WEIGHT - 3].map(counted_as), [LARGE + 4, MOST_WEIGHT]);
}

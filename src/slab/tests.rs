use super::*;

fn occupy(slab: &mut Slab, key: u64) -> SlotId {
    let next = slab.reserve().unwrap();
    assert_eq!(slab.occupy(&[key]), Ok(next));
    next
}

#[test]
fn every_step_out_moves_the_generation_on() {
    let mut slab = Slab::default();
    slab.reserve().unwrap();
    let slot = occupy(&mut slab, 1);
    assert!(slab.is_pending(slot, Generation(0)));
    assert!(slab.settle(slot, 9));
    assert_eq!(slab.generation(slot), Generation(1));
    assert!(!slab.settle(slot, 9), "a resident slot cannot settle again");
    assert!(slab.renew(slot));
    assert!(slab.is_pending(slot, Generation(2)));
    assert_eq!(slab.key(slot), [1]);
    assert!(slab.free(slot));
    assert!(!slab.free(slot), "a vacant slot cannot be freed again");
    assert!(!slab.renew(slot));
    assert_eq!((slab.generation(slot), slab.key(slot)), (Generation(3), [].as_slice()));
    slab.validate().unwrap();
    assert_eq!(occupy(&mut slab, 2), slot);
    assert!(slab.is_pending(slot, Generation(3)));
    assert!(!slab.is_pending(slot, Generation(0)));
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
    assert!(slab.free(slots[1]));
    let before = slab.generation(slots[1]);
    slab.clear();
    assert_eq!(slab.generation(slots[1]), before);
    slab.validate().unwrap();
}

#[test]
fn generation_wraps() {
    let mut slab = Slab::default();
    let slot = occupy(&mut slab, 1);
    slab.slots.get_mut(0).unwrap().generation = Generation(u32::MAX);
    assert!(slab.free(slot));
    assert_eq!(slab.generation(slot), Generation(0));
}

#[test]
fn what_weighs_too_much_is_resident_all_the_same() {
    let mut slab = Slab::default();
    let slot = occupy(&mut slab, 1);
    assert!(slab.settle(slot, u32::MAX));
    assert_eq!(slab.state(slot), Some(State::Resident { key: &[1], weight: MOST_WEIGHT }));
    assert_eq!((slab.weigh(slot, u32::MAX), slab.weigh(slot, 7)), (Some(MOST_WEIGHT), Some(MOST_WEIGHT)));
    slab.validate().unwrap();
}

#[test]
fn no_such_slot() {
    let mut slab = Slab::default();
    let none = SlotId(u32::MAX);
    assert!(slab.state(none).is_none() && slab.key(none).is_empty() && slab.is_empty());
    assert!(!slab.settle(none, 0) && !slab.renew(none) && !slab.free(none));
}

use super::*;

#[test]
fn past_at_the_deadline_itself() {
    assert!(!is_past(10.0, 9.999));
    assert!(is_past(10.0, 10.0));
    assert!(is_past(0.0, 0.0));
    assert!(!is_past(NEVER, NEVER));
    assert!(!is_past(2f64.powi(40), 1e9), "deadlines beyond 2^31 ms");
    assert!(is_past(f64::NEG_INFINITY, 0.0));
    assert!(is_past(f64::NAN, 0.0));
    assert!(is_past(1.0, f64::NAN) && !is_past(NEVER, f64::NAN));
}

fn with(deadlines: &[f64]) -> Expiry {
    let mut expiry = Expiry::default();
    for (slot, deadline) in deadlines.iter().enumerate() {
        expiry.reserve(SlotId(slot as u32), *deadline).unwrap();
        expiry.set(SlotId(slot as u32), *deadline);
    }
    expiry.validate().unwrap();
    expiry
}

/// Who has expired at `now`, by number; they are taken away.
fn expired(expiry: &mut Expiry, now: f64) -> Vec<u32> {
    let mut found = vec![];
    while let Some(slot) = expiry.next_expired(now, &mut 1000) {
        expiry.forget(slot);
        expiry.validate().unwrap();
        found.push(slot.0);
    }
    expiry.validate().unwrap();
    found.sort_unstable();
    found
}

#[test]
fn everyone_comes_up_when_due_and_not_before() {
    let mut expiry = with(&[NEVER, 5.0, 0.5, 64.0, 1e6, 1e13, 7.0]);
    assert_eq!(expired(&mut expiry, 0.0), []);
    assert_eq!(expired(&mut expiry, 0.5), [], "a fraction of a millisecond late");
    assert_eq!((expired(&mut expiry, 1.0), expired(&mut expiry, 6.9)), (vec![2], vec![1]));
    assert_eq!(expired(&mut expiry, 999_999.9), [3, 6]);
    assert_eq!((expired(&mut expiry, 1e6), expired(&mut expiry, 1e13 - 1.0)), (vec![4], vec![]));
    assert_eq!((expired(&mut expiry, 1e13), expiry.next_due()), (vec![5], NEVER));
}

#[test]
fn a_clock_may_start_anywhere_stop_making_sense_and_go_back() {
    let mut expiry = with(&[10.0, -1e9, 1e300, f64::MAX, -1e300]);
    assert_eq!(expired(&mut expiry, f64::NEG_INFINITY), []);
    assert_eq!((expired(&mut expiry, -2e9), expired(&mut expiry, -1e9)), (vec![4], vec![1]));
    expiry.set(SlotId(1), 20.0);
    assert_eq!(expired(&mut expiry, 1e200), [0, 1]);
    expiry.set(SlotId(0), 100.0);
    assert_eq!((expired(&mut expiry, 99.0), expired(&mut expiry, -50.0)), (vec![], vec![]));
    assert_eq!((expired(&mut expiry, 100.0), expired(&mut expiry, 1e301)), (vec![0], vec![2]));
    assert_eq!(expired(&mut expiry, f64::NAN), [3]);
    expiry.set(SlotId(0), f64::NAN);
    assert_eq!(expired(&mut expiry, 0.0), [0]);
}

#[test]
fn next_due_is_never_late_and_comes_nearer() {
    let mut expiry = with(&[1e6 + 0.5, NEVER]);
    let (mut now, mut looks) = (0.0, 0);
    while expired(&mut expiry, now).is_empty() {
        assert!(expiry.next_due() > now && expiry.next_due() <= 1e6 + 1.0);
        now = expiry.next_due();
        looks += 1;
    }
    assert!(now == 1e6 + 1.0 && looks <= 7, "{looks} looks, {now}");
}

#[test]
fn nothing_that_can_pass_costs_nothing() {
    let mut expiry = with(&[NEVER; 1000]);
    let mut budget = 4;
    assert_eq!((expiry.next_expired(1e9, &mut budget), budget), (None, 4));
    assert_eq!(expiry.blocks.iter().count(), 0, "not even memory");
    expiry.reserve(SlotId(1), 1.0).unwrap();
    expiry.set(SlotId(1), 1.0);
    expiry.clear();
    expiry.validate().unwrap();
    assert!(!expiry.is_expired(SlotId(1), 2.0) && !expiry.is_expired(SlotId(5000), 2.0));
    assert_eq!(expiry.next_due(), NEVER);
}

/// The earliest deadline that is kept so, and what a block makes of these.
fn block_of(deadlines: &[f64]) -> (Expiry, Vec<f64>) {
    let expiry = with(deadlines);
    let kept = (0..deadlines.len() as u32).map(|slot| expiry.deadline(SlotId(slot))).collect();
    (expiry, kept)
}

#[test]
fn what_lies_within_days_takes_four_bytes() {
    let hour = 3_600_000.0;
    let deadlines = [5.0, 4.0, 60.0 * hour, 0.0625, -10.0 * hour, NEVER, 6.5, 7.0];
    let (mut expiry, kept) = block_of(&deadlines);
    assert_eq!(kept, deadlines);
    assert_eq!(expiry.wide.iter().count(), 0);
    // The first of a block that became empty begins anew, wherever that is.
    (0..8).for_each(|slot| expiry.forget(SlotId(slot)));
    assert_eq!(expiry.next_due(), NEVER);
    for slot in (0..8).map(SlotId) {
        expiry.reserve(slot, 1e12 + 1.5).unwrap();
        expiry.set(slot, 1e12 + 1.5);
        expiry.validate().unwrap();
    }
    assert_eq!((expiry.deadline(SlotId(7)), expiry.wide.iter().count()), (1e12 + 1.5, 0));
}

#[test]
fn what_does_not_lie_near_the_others_is_kept_apart() {
    let deadlines = [1.0, 1e10, f64::NAN, 1e300, -1e300, f64::NEG_INFINITY, 2.0, NEVER];
    let (mut expiry, kept) = block_of(&deadlines);
    assert!(kept.iter().zip(deadlines).all(|(kept, given)| kept.to_bits() == given.to_bits()), "{kept:?}");
    assert!(expiry.wide.iter().count() > 0);
    assert_eq!(expired(&mut expiry, 1.5), [0, 2, 4, 5]);
    // Now that the first has gone the one beyond it would be near enough: it stays where it is.
    assert_eq!((expiry.deadline(SlotId(1)), expired(&mut expiry, 1e10)), (1e10, vec![1, 6]));
}

#[test]
fn a_deadline_is_kept_to_a_sixteenth_of_a_millisecond_and_never_later() {
    for deadline in [0.01, 77.123_456, -0.01, 1e9 + 0.99] {
        let (_, kept) = block_of(&[deadline, 77.0]);
        assert!(
            kept[0] <= deadline && kept[0] > deadline - 0.0625 && kept[0] * 16.0 % 1.0 == 0.0,
            "{kept:?}"
        );
    }
}

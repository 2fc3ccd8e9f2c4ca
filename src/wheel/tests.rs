//! The wheel beside a list of ticks, and what it costs.

use super::*;
use crate::expiry::Expiry;
use proptest::prelude::*;

const SLOTS: usize = 12;

#[derive(Clone, Copy, Debug)]
enum Op {
    Put(u32, u64),
    Remove(u32),
    /// So much further, all that comes up being looked at.
    On(u64),
    Back(u64),
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    let slot = || 0..SLOTS as u32 + 2;
    // Near, far, and just at a bucket's border.
    let ticks = || {
        prop_oneof![
            4 => 0..200u64,
            3 => (0..54u32, 0..3u64).prop_map(|(power, by)| (1 << power) + by),
            1 => (0..54u32).prop_map(|power| (1 << power) - 1),
        ]
    };
    prop_oneof![
        10 => (slot(), ticks()).prop_map(|(slot, ticks)| Op::Put(slot, ticks)),
        2 => slot().prop_map(Op::Remove),
        8 => ticks().prop_map(Op::On),
        2 => ticks().prop_map(Op::Back),
        1 => Just(Op::Clear),
    ]
}

fn check(start: u64, ops: &[Op]) {
    let mut wheel = Wheel::default();
    wheel.reserve(SLOTS).unwrap();
    let (mut now, mut ticks) = (start, vec![None; SLOTS]);
    for op in ops {
        match *op {
            Op::Put(slot, after) => {
                let due = (now + after).min(LAST_TICK);
                wheel.put(SlotId(slot), due);
                if let Some(tick) = ticks.get_mut(slot as usize) {
                    *tick = Some(due);
                }
            }
            Op::Remove(slot) => {
                wheel.remove(SlotId(slot));
                if let Some(tick) = ticks.get_mut(slot as usize) {
                    *tick = None;
                }
            }
            Op::Clear => {
                wheel.clear();
                ticks.fill(None);
            }
            Op::On(by) => now = (now + by).min(LAST_TICK),
            Op::Back(by) => now = now.saturating_sub(by),
        }
        if let Op::On(_) | Op::Back(_) = op {
            wheel.set_back(now);
            let mut steps = 0;
            loop {
                if let Some(slot) = wheel.due() {
                    let tick = ticks[slot.index()].expect("nobody comes up who is not in");
                    steps += 1;
                    if tick > now {
                        wheel.put_off(slot, tick);
                    } else {
                        wheel.remove(slot);
                        ticks[slot.index()] = None;
                    }
                } else if !wheel.turn(now) {
                    break;
                }
            }
            assert!(steps <= SLOTS * (LEVELS + 1), "each slot comes up once a level at most: {steps}");
            assert!(ticks.iter().flatten().all(|tick| *tick > now), "nobody is late");
        }
        let first = ticks.iter().flatten().min();
        assert_eq!(wheel.next().is_some(), first.is_some());
        assert!(wheel.next().is_none_or(|next| Some(&next) <= first.max(Some(&now))));
        wheel.validate(|slot| ticks[slot.index()].unwrap()).unwrap();
        assert!((0..SLOTS).all(|slot| wheel.holds(SlotId(slot as u32)) == ticks[slot].is_some()));
    }
}

proptest! {
    // More with PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(500),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_time_does_everyone_comes_up_in_time(
        start in prop_oneof![Just(0), 0..1u64 << 54, (0..54u32).prop_map(|power| 1 << power)],
        ops in prop::collection::vec(op(), 1..120),
    ) {
        check(start, &ops);
    }
}

/// Entries with random ttls up to an hour: those of each moment are gone when it is over, and what an entry costs in steps depends
/// on how far its ttl reaches, not on how many there are.
#[test]
fn the_steps_for_an_entry_are_constant_from_a_thousand_to_ten_million() {
    for entries in [1_000u32, 100_000, 10_000_000] {
        let mut expiry = Expiry::default();
        expiry.reserve(entries as usize, 0.0).unwrap();
        let deadline = |slot: u32| f64::from(slot.wrapping_mul(0x9e37_79b9) % 3_600_000);
        (0..entries).for_each(|slot| expiry.set(SlotId(slot), deadline(slot)));
        let (mut gone, mut steps) = (0, 0u64);
        for now in (0..=3600).map(|second| f64::from(second) * 1000.0) {
            loop {
                let mut budget = 1000;
                let slot = expiry.next_expired(now, &mut budget);
                steps += 1000 - budget as u64;
                let Some(slot) = slot else {
                    if budget > 0 {
                        break;
                    }
                    continue;
                };
                assert!(deadline(slot.0) <= now);
                expiry.forget(slot);
                gone += 1;
            }
        }
        assert_eq!((gone, expiry.next_due()), (entries, f64::INFINITY));
        let each = steps as f64 / f64::from(entries);
        assert!(each > 1.0 && each < 4.0, "{each} steps for each of {entries}");
    }
}

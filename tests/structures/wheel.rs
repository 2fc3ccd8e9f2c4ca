//! Any ticks, and a time that goes anywhere: nobody comes up who is not in, nobody is late, and everyone comes up once a level at most.

use my_mimic::slab::SlotId;
use my_mimic::wheel::{Wheel, LAST_TICK};

/// A first chunk's, so that the others are beyond what is reserved.
const SLOTS: usize = 8;
const LEVELS: usize = 9;

pub fn check(data: &[u8]) {
    let mut wheel = Wheel::default();
    (0..SLOTS as u32).for_each(|slot| wheel.reserve(SlotId(slot)).unwrap());
    let (mut now, mut ticks) = (0u64, [None; SLOTS]);
    for step in data.chunks_exact(4) {
        let slot = usize::from(step[1] % (SLOTS as u8 + 2));
        // Near, far, and just at a bucket's border.
        let by = u64::from(step[2]) + (1u64 << (step[3] % 55)).saturating_sub(u64::from(step[3] / 55));
        match step[0] % 16 {
            0..=6 => {
                let tick = now.saturating_add(by).min(LAST_TICK);
                wheel.put(SlotId(slot as u32), tick);
                ticks.iter_mut().skip(slot).take(1).for_each(|held| *held = Some(tick));
            }
            7 | 8 => {
                wheel.remove(SlotId(slot as u32));
                ticks.iter_mut().skip(slot).take(1).for_each(|held| *held = None);
            }
            9 if step[1] < 32 => {
                wheel.clear();
                (0..SLOTS as u32).for_each(|slot| wheel.reserve(SlotId(slot)).unwrap());
                ticks.fill(None);
            }
            9..=13 => now = now.saturating_add(by).min(LAST_TICK),
            _ => now = now.saturating_sub(by),
        }
        if step[0] % 16 > 8 {
            go_to(&mut wheel, now, &mut ticks);
        }
        let first = ticks.iter().flatten().min();
        assert_eq!(wheel.next().is_some(), first.is_some());
        assert!(wheel.next().is_none_or(|next| Some(&next) <= first.max(Some(&now))));
        wheel.validate(|slot| ticks[slot.index()].unwrap_or_default()).unwrap();
        assert!((0..SLOTS).all(|slot| wheel.holds(SlotId(slot as u32)) == ticks[slot].is_some()));
    }
}

fn go_to(wheel: &mut Wheel, now: u64, ticks: &mut [Option<u64>]) {
    wheel.set_back(now);
    let mut steps = 0;
    loop {
        let Some(slot) = wheel.due() else {
            if wheel.turn(now) {
                continue;
            }
            break;
        };
        steps += 1;
        let tick = ticks[slot.index()].expect("nobody comes up who is not in");
        if tick > now {
            wheel.put_off(slot, tick);
        } else {
            wheel.remove(slot);
            ticks[slot.index()] = None;
        }
    }
    assert!(steps <= SLOTS * (LEVELS + 1), "{steps} steps");
    assert!(ticks.iter().flatten().all(|tick| *tick > now), "somebody is late");
}

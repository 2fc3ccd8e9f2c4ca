//! Any steps with any tokens, beside a list of what each slot is.

use my_mimic::key::alike;
use my_mimic::slab::{counted_as, Generation, Slab, SlotId, State};

/// What a slot in use was given: its key, and when it is resident its weight.
type Held = (u64, Option<u32>);

pub fn check(data: &[u8]) {
    let mut slab = Slab::default();
    // The generation of a slot's latest load, and its key and weight as long as it has them.
    let mut twin: Vec<(u32, Option<Held>)> = vec![];
    let mut loads = 0..;
    for (at, step) in data.chunks_exact(3).enumerate() {
        let (slot, weight) = (u32::from(step[1]), u32::from(step[2]).wrapping_sub(1));
        let known = twin.get(slot as usize).copied();
        let (mut generation, held) = known.unwrap_or((0, None));
        let mut next = None;
        match step[0] % 8 {
            0..=2 => {
                slab.reserve().unwrap();
                let (id, load) = slab.next();
                let key = vec![at as u64; at % 3];
                slab.occupy(&key).unwrap();
                assert_eq!((load, key.len() - alike(&key)), (slab.generation(id), slab.own_cells(id)));
                if id.index() == twin.len() {
                    assert!(twin.iter().all(|(_, held)| held.is_some()), "a free slot is used first");
                    twin.push((0, None));
                }
                assert_eq!(twin[id.index()].1, None, "a slot in use was given out");
                twin[id.index()] = (loads.next().unwrap(), Some((at as u64, None)));
            }
            3 | 4 => {
                let due = matches!(held, Some((_, None)));
                assert_eq!(slab.settle(SlotId(slot), weight), due);
                next = due.then(|| held.map(|(key, _)| (key, Some(counted_as(weight)))));
            }
            5 => {
                assert_eq!(slab.renew(SlotId(slot)), held.is_some());
                next = held.map(|(key, _)| Some((key, None)));
                generation = held.map_or(generation, |_| loads.next().unwrap());
            }
            6 => {
                assert_eq!(slab.free(SlotId(slot)).is_some(), held.is_some());
                next = held.map(|_| None);
            }
            _ if step[2] == 0 => {
                slab.clear();
                twin.iter_mut().for_each(|(_, held)| *held = None);
            }
            _ => {
                let known = held.and_then(|(_, weight)| weight);
                assert_eq!(slab.weigh(SlotId(slot), weight), known);
                if let (Some(_), Some((_, Some(held)))) =
                    (known, twin.get_mut(slot as usize).and_then(|(_, held)| held.as_mut()))
                {
                    *held = counted_as(weight);
                }
            }
        }
        if let Some(held) = next {
            twin[slot as usize] = (generation, held);
        }
        slab.validate().unwrap();
        assert_eq!(slab.len(), twin.len());
        for (slot, (generation, held)) in twin.iter().enumerate() {
            let slot = SlotId(slot as u32);
            let key = held.map_or(vec![], |(key, _)| vec![key; key as usize % 3]);
            let held_key = slab.key(slot);
            assert!(held_key.is(&key));
            let state = match held {
                None => State::Vacant,
                Some((_, None)) => State::Pending { key: held_key },
                Some((_, Some(weight))) => State::Resident { key: held_key, weight: *weight },
            };
            assert_eq!(slab.state(slot), Some(state));
            assert_eq!(slab.is_pending(slot, Generation(*generation)), matches!(held, Some((_, None))));
        }
    }
}

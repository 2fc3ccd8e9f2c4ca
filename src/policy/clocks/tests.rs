use super::super::Spot;
use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};

#[derive(Clone, Copy, Debug)]
enum Op {
    Insert(u32, bool),
    Read(u32),
    Renew(u32),
    Remove(u32),
    Promote(bool),
    Obey(bool),
    Candidate,
    Oldest,
    Counted(u32),
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    // Beyond 15 there is no slot.
    let slot = || 0..18u32;
    prop_oneof![
        6 => (slot(), any::<bool>()).prop_map(|(slot, counts)| Op::Insert(slot, counts)),
        8 => slot().prop_map(Op::Read),
        4 => slot().prop_map(Op::Renew),
        2 => slot().prop_map(Op::Remove),
        3 => any::<bool>().prop_map(Op::Promote),
        1 => any::<bool>().prop_map(Op::Obey),
        3 => Just(Op::Candidate),
        3 => Just(Op::Oldest),
        1 => slot().prop_map(Op::Counted),
        1 => Just(Op::Clear),
    ]
}

#[derive(Clone, Copy, Debug)]
struct Held {
    slot: u32,
    reads: u8,
    uncounted: u32,
    age: u32,
}

/// Window and main, the newest first.
#[derive(Debug, Default)]
struct Twin {
    queues: [VecDeque<Held>; 2],
    spares: bool,
    age: u32,
    left: usize,
}

impl Twin {
    fn find(&self, slot: u32) -> Option<(usize, usize)> {
        (0..2).find_map(|q| Some((q, self.queues[q].iter().position(|held| held.slot == slot)?)))
    }

    fn apply(&mut self, op: Op, slots: u32) -> Option<u32> {
        match op {
            Op::Insert(slot, counts) if slot < slots && self.find(slot).is_none() => {
                if self.left == 0 {
                    (self.age, self.left) = ((self.age + 1) % 4, self.queues[0].len() / 3 + 1);
                }
                self.left -= 1;
                let held = Held { slot, reads: 0, uncounted: u32::from(counts), age: self.age };
                self.queues[0].push_front(held);
            }
            Op::Read(slot) => {
                let (q, at) = self.find(slot)?;
                let age = self.age;
                let held = &mut self.queues[q][at];
                (held.reads, held.uncounted) = ((held.reads + 1).min(3), (held.uncounted + 1).min(3));
                return Some(u32::from(!self.spares && q == 0 && held.age != age));
            }
            Op::Renew(slot) => {
                let (q, at) = self.find(slot)?;
                if q == 0 {
                    let held = self.queues[0].remove(at)?;
                    self.queues[0].push_front(Held { age: self.age, ..held });
                }
            }
            Op::Remove(slot) => {
                let (q, at) = self.find(slot)?;
                return self.queues[q].remove(at).map(|held| u32::from(held.uncounted > 0));
            }
            Op::Promote(keeps) => {
                let held = self.queues[0].pop_back()?;
                let reads = u8::from(keeps && held.reads > 0);
                self.queues[1].push_front(Held { reads, ..held });
            }
            Op::Obey(spares) => self.spares = spares,
            Op::Candidate => {
                let queue = &mut self.queues[0];
                let turns = if self.spares { queue.len().saturating_sub(2) } else { 0 };
                for _ in 0..turns {
                    if queue.back()?.reads == 0 {
                        break;
                    }
                    queue.rotate_right(1);
                    queue[0].reads = 0;
                }
                return queue.back().map(|held| held.slot);
            }
            Op::Oldest => {
                let queue = &mut self.queues[1];
                while queue.back()?.reads > 0 {
                    queue.rotate_right(1);
                    queue[0].reads -= 1;
                }
                return queue.back().map(|held| held.slot);
            }
            Op::Counted(slot) => {
                let (q, at) = self.find(slot)?;
                self.queues[q][at].uncounted = 0;
            }
            Op::Clear => *self = Self::default(),
            Op::Insert(..) => {}
        }
        None
    }
}

type All = Vec<Spot>;

fn apply(clocks: &mut Clocks, all: &mut All, op: Op) -> Option<u32> {
    match op {
        Op::Insert(slot, counts) => _ = clocks.insert(all, SlotId(slot), counts),
        // Who is not held is not read.
        Op::Read(slot) => {
            let spot = all.get_mut(slot as usize).filter(|spot| spot.is_held())?;
            return Some(u32::from(clocks.read(spot)));
        }
        Op::Renew(slot) => clocks.renew(all, SlotId(slot)),
        Op::Remove(slot) => return clocks.remove(all, SlotId(slot)).map(u32::from),
        Op::Promote(keeps) => clocks.promote_oldest(all, keeps),
        Op::Obey(spares) => clocks.obey(if spares { Rule::Spare } else { Rule::Renew }),
        Op::Candidate => return clocks.candidate(all).map(|slot| slot.0),
        Op::Oldest => return clocks.oldest_unread(all, Side::Main).map(|slot| slot.0),
        Op::Counted(slot) => _ = all.place_mut(SlotId(slot)).map(take_uncounted),
        Op::Clear => {
            all.iter_mut().for_each(|spot| spot.link = Link::default());
            clocks.clear();
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(300),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_queues_equal_their_naive_twin(ops in prop::collection::vec(op(), 1..200)) {
        let (mut clocks, mut all, mut twin) = (Clocks::default(), vec![Spot::default(); 16], Twin::default());
        for op in ops {
            prop_assert_eq!(apply(&mut clocks, &mut all, op), twin.apply(op, 16), "{:?}", op);
            clocks.validate(&all).unwrap();
            let lens = twin.queues.each_ref().map(|queue| queue.len() as u32);
            prop_assert_eq!([clocks.window_len(), clocks.len()], [lens[0], lens[0] + lens[1]]);
            for (slot, spot) in (0..).zip(&all) {
                let held = twin.find(slot).map(|(q, at)| twin.queues[q][at]);
                prop_assert_eq!(spot.is_held(), held.is_some());
                if let Some(held) = held {
                    let mark = spot.mark;
                    prop_assert_eq!(u32::from((mark & Mark::UNCOUNTED) / Mark::UNCOUNTED_ONE), held.uncounted);
                    prop_assert_eq!(mark & Mark::READS, held.reads);
                }
            }
        }
    }
}

#[test]
fn a_turn_ends_also_when_everything_was_read() {
    let (mut clocks, mut all) = (Clocks::default(), vec![Spot::default(); 2000]);
    for slot in (0..2000).map(SlotId) {
        clocks.insert(&mut all, slot, false);
        clocks.read(&mut all[slot.index()]);
        clocks.promote_oldest(&mut all, true);
    }
    let slot = clocks.oldest_unread(&mut all, Side::Main).unwrap();
    assert_eq!(slot, SlotId(LONGEST_TURN));
    clocks.validate(&all).unwrap();
}

#[test]
fn who_goes_from_the_window_was_used_no_later_than_an_age_after_the_one_whose_turn_it_was() {
    let size = 300;
    let (mut clocks, mut all) = (Clocks::default(), vec![Spot::default(); 20 * size]);
    // When each was last used, in arrivals.
    let mut used = BTreeMap::new();
    let mut renewals = 0;
    for slot in 0..all.len() {
        clocks.insert(&mut all, SlotId(slot as u32), false);
        used.insert(slot, slot);
        // What came a while ago is read, often several times; what came long ago once in a while.
        for back in [size / 2, size / 2, size / 3, size - 20 - slot % 50] {
            let Some(read) = slot.checked_sub(back).filter(|read| all[*read].is_held()) else { continue };
            used.insert(read, slot);
            if clocks.read(&mut all[read]) {
                renewals += 1;
                clocks.renew(&mut all, SlotId(read as u32));
            }
        }
        if clocks.window_len() as usize > size {
            let out = clocks.candidate(&mut all).unwrap();
            clocks.remove(&mut all, out);
            let first = *used.values().min().unwrap();
            let late = used.remove(&out.index()).unwrap() - first;
            assert!(late <= size / usize::from(AGES) + 1, "{late} arrivals after the first");
        }
        clocks.validate(&all).unwrap();
    }
    assert!(renewals < 2 * all.len(), "{renewals} of {} reads", 4 * all.len());
}

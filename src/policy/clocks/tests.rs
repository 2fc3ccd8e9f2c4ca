use super::super::Spot;
use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

#[derive(Clone, Copy, Debug)]
enum Op {
    Insert(u32, bool),
    Read(u32),
    Remove(u32),
    PromoteOldest,
    Promote(u32),
    Oldest(bool),
    Counted(u32),
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    // Beyond 15 there is no slot.
    let slot = || 0..18u32;
    prop_oneof![
        6 => (slot(), any::<bool>()).prop_map(|(slot, counts)| Op::Insert(slot, counts)),
        8 => slot().prop_map(Op::Read),
        2 => slot().prop_map(Op::Remove),
        2 => Just(Op::PromoteOldest),
        2 => slot().prop_map(Op::Promote),
        4 => any::<bool>().prop_map(Op::Oldest),
        1 => slot().prop_map(Op::Counted),
        1 => Just(Op::Clear),
    ]
}

/// Slots with reads and uncounted reads, the newest first.
#[derive(Debug, Default)]
struct Twin {
    queues: [VecDeque<(u32, u8, u32)>; 2],
}

impl Twin {
    fn find(&mut self, slot: u32) -> Option<(usize, usize)> {
        (0..2).find_map(|q| Some((q, self.queues[q].iter().position(|held| held.0 == slot)?)))
    }

    fn apply(&mut self, op: Op, slots: u32) -> Option<u32> {
        match op {
            Op::Insert(slot, counts) if slot < slots && self.find(slot).is_none() => {
                self.queues[0].push_front((slot, 0, u32::from(counts)));
            }
            Op::Read(slot) => {
                if let Some((q, at)) = self.find(slot) {
                    let held = &mut self.queues[q][at];
                    (held.1, held.2) = ((held.1 + 1).min(3), (held.2 + 1).min(3));
                }
            }
            Op::Remove(slot) => {
                let (q, at) = self.find(slot)?;
                return self.queues[q].remove(at).map(|held| u32::from(held.2 > 0));
            }
            Op::PromoteOldest => {
                if let Some(held) = self.queues[0].pop_back() {
                    self.queues[1].push_front(held);
                }
            }
            Op::Promote(slot) => {
                if let Some((q, at)) = self.find(slot) {
                    let held = self.queues[q].remove(at).unwrap();
                    self.queues[1].push_front(held);
                }
            }
            Op::Oldest(main) => {
                let queue = &mut self.queues[usize::from(main)];
                let turns = if main { usize::MAX } else { queue.len().saturating_sub(2) };
                for _ in 0..turns {
                    let Some(held) = queue.back().copied().filter(|held| held.1 > 0) else { break };
                    queue.rotate_right(1);
                    queue[0].1 = if main { held.1 - 1 } else { 0 };
                }
                return queue.back().map(|held| held.0);
            }
            Op::Counted(slot) => {
                if let Some((q, at)) = self.find(slot) {
                    self.queues[q][at].2 = 0;
                }
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
        Op::Read(slot) => _ = all.place_mut(SlotId(slot)).map(read),
        Op::Remove(slot) => return clocks.remove(all, SlotId(slot)).map(u32::from),
        Op::PromoteOldest => clocks.promote_oldest(all),
        Op::Promote(slot) => clocks.promote(all, SlotId(slot)),
        Op::Oldest(main) => {
            let side = if main { Side::Main } else { Side::Window };
            return clocks.oldest_unread(all, side).map(|slot| slot.0);
        }
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
                let held = twin.find(slot).map(|(q, at)| twin.queues[q][at].2);
                prop_assert_eq!(spot.is_held(), held.is_some());
                if let Some(uncounted) = held {
                    let mark = spot.mark;
                    prop_assert_eq!(u32::from((mark & Mark::UNCOUNTED) / Mark::UNCOUNTED_ONE), uncounted);
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
        read(&mut all[slot.index()]);
        clocks.promote_oldest(&mut all);
    }
    let slot = clocks.oldest_unread(&mut all, Side::Main).unwrap();
    assert_eq!(slot, SlotId(LONGEST_TURN));
    clocks.validate(&all).unwrap();
}

use super::*;
use crate::hash::Seed;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A table whose keys are one cell each, the number of the slot.
struct Table {
    index: Index,
    keys: Keys,
}

struct Keys(Vec<(Node, [u64; 1])>);

impl AsRef<Node> for (Node, [u64; 1]) {
    fn as_ref(&self) -> &Node {
        &self.0
    }
}

impl AsMut<Node> for (Node, [u64; 1]) {
    fn as_mut(&mut self) -> &mut Node {
        &mut self.0
    }
}

impl Nodes for Keys {
    type Item = (Node, [u64; 1]);

    fn item(&self, slot: SlotId) -> Option<&Self::Item> {
        self.0.get(slot.index())
    }

    fn item_mut(&mut self, slot: SlotId) -> Option<&mut Self::Item> {
        self.0.get_mut(slot.index())
    }
}

impl Table {
    fn new(mode: HashMode) -> Self {
        let keys = (0..4096).map(|n| (Node::default(), [n])).collect();
        Self { index: Index::new(KeyHash::new(Seed::new(7), mode)), keys: Keys(keys) }
    }

    fn insert(&mut self, n: u32) {
        self.index.reserve().unwrap();
        let hash = self.index.hash(&[u64::from(n)]);
        let chain = self.index.find(&mut self.keys, hash, |_, _| None::<()>).unwrap_err();
        self.index.insert(&mut self.keys, hash, SlotId(n), chain, |keys, slot, hasher| {
            hasher.hash(&keys.0[slot.index()].1)
        });
    }

    fn find(&mut self, n: u32) -> bool {
        let hash = self.index.hash(&[u64::from(n)]);
        self.index.find(&mut self.keys, hash, |slot, _| (slot.0 == n).then_some(slot)) == Ok(SlotId(n))
    }

    fn remove(&mut self, n: u32) -> bool {
        self.index.remove(&mut self.keys, SlotId(n))
    }

    fn validate(&self) {
        self.index.validate(&self.keys).unwrap();
    }
}

#[test]
fn an_empty_table_finds_nothing_and_takes_no_memory() {
    let mut table = Table::new(HashMode::Ones);
    assert!(!table.find(1) && !table.remove(1) && table.index.is_empty());
    assert_eq!(table.index.heads.iter().count(), 0);
    table.validate();
}

#[test]
fn whatever_the_hash_the_caller_decides() {
    for mode in [HashMode::Fx, HashMode::Sip, HashMode::Zero, HashMode::Ones] {
        let mut table = Table::new(mode);
        for n in 0..200 {
            table.insert(n);
            table.validate();
        }
        for n in (0..200).step_by(3) {
            assert!(table.remove(n) && !table.remove(n));
            table.validate();
        }
        for n in 0..200 {
            assert_eq!(table.find(n), n % 3 != 0);
        }
        assert_eq!((table.index.len(), table.index.mode()), (133, mode));
        table.index.clear();
        assert!(!table.find(1));
        table.validate();
    }
}

#[test]
fn random_keys_do_not_escalate_at_any_size() {
    for seed in 0..20 {
        let mut table = Table::new(HashMode::Fx);
        table.index.hasher = KeyHash::new(Seed::new(seed), HashMode::Fx);
        (0..4096).for_each(|n| table.insert(n));
        assert_eq!(table.index.mode(), HashMode::Fx);
        assert!(table.index.excess < SLACK / 8, "{}", table.index.excess);
    }
}

/// The head of a chain tells, also when many have come and gone.
#[test]
fn who_looks_for_a_key_that_is_nowhere_seldom_meets_others() {
    let mut table = Table::new(HashMode::Fx);
    (0..3000).for_each(|n| table.insert(n));
    for n in 0..40_960 {
        assert!(table.remove(n % 4096));
        table.insert((n + 3000) % 4096);
    }
    table.validate();
    let before = table.index.steps();
    let nowhere = 100_000..200_000;
    assert!(nowhere.clone().all(|n| !table.find(n)));
    let met = (table.index.steps() - before) as f64 / nowhere.len() as f64;
    assert!(met < 0.3, "{met} entries a search");
}

/// What one insertion costs does not depend on how many there are: no step of growth goes through the table.
#[test]
fn no_insertion_takes_more_steps_in_a_larger_table() {
    let mut table = Table::new(HashMode::Fx);
    let most = |table: &mut Table, range: std::ops::Range<u32>| {
        let steps = range.map(|n| {
            let before = table.index.steps();
            table.insert(n);
            table.index.steps() - before
        });
        steps.max()
    };
    let (small, large) = (most(&mut table, 0..256), most(&mut table, 256..4096));
    assert!(small <= Some(24) && large <= Some(24), "{small:?} {large:?}");
}

#[test]
fn an_attack_changes_the_hash_and_nobody_is_lost_in_any_phase_of_growth() {
    for before in 0..40 {
        let mut table = Table::new(HashMode::Fx);
        (0..before).for_each(|n| table.insert(n));
        // As if all had one hash.
        for n in before..before + 30 {
            table.index.reserve().unwrap();
            let chain = table.index.find(&mut table.keys, 77, |_, _| None::<()>).unwrap_err();
            table.index.insert(&mut table.keys, 77, SlotId(n), chain, |keys, slot, hasher| {
                hasher.hash(&keys.0[slot.index()].1)
            });
            table.validate();
        }
        assert_eq!(table.index.mode(), HashMode::Sip);
        let known = before + LONGEST_CHAIN as u32;
        assert!((0..known).all(|n| table.find(n)), "after {before}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Every size from none to several doublings, with removals on the way.
    #[test]
    fn it_equals_a_map_in_every_phase_of_growth(ops in prop::collection::vec((0..10u8, 0..150u32), 1..500)) {
        let mut table = Table::new(HashMode::Fx);
        let mut twin = BTreeMap::new();
        for (op, n) in ops {
            if op < 7 {
                if twin.insert(n, ()).is_none() {
                    table.insert(n);
                }
            } else {
                prop_assert_eq!(table.remove(n), twin.remove(&n).is_some());
            }
            table.validate();
            prop_assert_eq!(table.index.len(), twin.len());
        }
        prop_assert!((0..150).all(|n| table.find(n) == twin.contains_key(&n)));
        let mut all: Vec<_> = table.index.entries(&table.keys).iter().map(|(_, slot)| slot.0).collect();
        all.sort_unstable();
        prop_assert_eq!(all, twin.into_keys().collect::<Vec<_>>());
    }
}

#[test]
fn a_mark_stays_whatever_the_table_does() {
    let mut table = Table::new(HashMode::Fx);
    let marked = |n: u32| (n % (1 << MARK_BITS)) as u8;
    for n in 0..3000 {
        table.insert(n);
        table.keys.0[n as usize].0.set_mark(marked(n));
    }
    (0..3000).step_by(3).for_each(|n| assert!(table.remove(n)));
    table.index.rehash(&mut table.keys, |keys, slot| keys.0[slot.index()].0.hash());
    table.validate();
    for n in (0..3000).filter(|n| n % 3 > 0) {
        let node = table.keys.0[n as usize].0;
        assert!(table.find(n) && node.mark() == marked(n), "{node:?}");
    }
}

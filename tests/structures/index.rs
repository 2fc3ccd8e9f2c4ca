//! Any slots under few hashes, beside a map: every one is found, and no other.

use my_mimic::hash::{HashMode, KeyHash, Seed};
use my_mimic::index::{Index, Node, Nodes};
use my_mimic::slab::SlotId;
use std::collections::BTreeMap;

/// A node for every slot that a byte can say.
#[derive(Clone, Copy, Default)]
struct Key(Node);

struct Keys([Key; 256]);

impl AsRef<Node> for Key {
    fn as_ref(&self) -> &Node {
        &self.0
    }
}

impl AsMut<Node> for Key {
    fn as_mut(&mut self) -> &mut Node {
        &mut self.0
    }
}

impl Nodes for Keys {
    type Item = Key;

    fn item(&self, slot: SlotId) -> Option<&Key> {
        self.0.get(slot.index())
    }

    fn item_mut(&mut self, slot: SlotId) -> Option<&mut Key> {
        self.0.get_mut(slot.index())
    }
}

pub fn check(data: &[u8]) {
    let mut index = Index::new(KeyHash::new(Seed::new(3), HashMode::Fx));
    let mut keys = Keys([Key::default(); 256]);
    let mut twin = BTreeMap::new();
    for step in data.chunks_exact(3) {
        // Few hashes, at the table's start and its end, and some that differ in high bits alone.
        let hash = match step[1] % 4 {
            0 => u32::from(step[1] / 4),
            1 => u32::MAX - u32::from(step[1] / 4),
            2 => u32::from(step[1]) << 24,
            _ => u32::from(step[1]).wrapping_mul(0x9e37_79b9),
        };
        let slot = u32::from(step[2]);
        match step[0] % 8 {
            0..=4 => {
                if let std::collections::btree_map::Entry::Vacant(place) = twin.entry(slot) {
                    index.reserve().unwrap();
                    index.insert_hash(&mut keys, hash, SlotId(slot));
                    place.insert(hash);
                }
            }
            5 | 6 => {
                let known = twin.remove(&slot);
                assert_eq!(index.remove(&mut keys, SlotId(slot)), known.is_some());
            }
            _ if step[2] == 0 => {
                index.clear();
                twin.clear();
            }
            _ => index.reserve().unwrap(),
        }
        index.validate(&keys).unwrap();
        assert_eq!(index.len(), twin.len());
        for (slot, hash) in &twin {
            assert_eq!(
                index.find(&mut keys, *hash, |found, _| (found.0 == *slot).then_some(found)),
                Ok(SlotId(*slot))
            );
        }
        let known = twin.get(&slot) == Some(&hash);
        assert_eq!(index.find(&mut keys, hash, |found, _| (found.0 == slot).then_some(())).is_ok(), known);
    }
}

//! Which of many segments' records count, and which segments nobody needs any more.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Digest, Error, Head, Kind, Record};

/// A record: which segment, and which of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number of the segment in the list that was surveyed.
    pub segment: usize,
    /// The number of the record in its head.
    pub record: usize,
}

/// An entry that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Its namespace, as a number into [`Survey::namespaces`].
    pub namespace: usize,
    /// Its one record, or all its parts in order.
    pub places: Vec<Place>,
}

/// What a list of segments comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Every namespace named in any head.
    pub namespaces: Vec<String>,
    /// The entries that count, oldest write first.
    pub live: Vec<Live>,
    /// Segments that may be deleted, all in one transaction: damaged, or with nothing alive in them.
    pub dead: Vec<usize>,
    /// Entries lost because one of their parts is gone.
    pub torn: usize,
}

type Key = (usize, Digest);

/// The newest write of a key so far.
struct Newest {
    /// Counts records over all segments.
    order: usize,
    record: Record,
    place: Place,
    /// All parts found, when it was cut into parts.
    parts: BTreeMap<u16, Place>,
}

/// Surveys segments, oldest first. A later record of a key wins over an earlier one, also when it is a deletion or is
/// expired at `now` (epoch milliseconds): an older value never comes back from behind a newer one.
#[must_use]
pub fn survey(heads: &[Result<Head, Error>], now: f64) -> Survey {
    let mut found = Found::default();
    for (segment, head) in heads.iter().enumerate() {
        if let Ok(head) = head {
            found.add(segment, head);
        }
    }
    let (live, torn) = found.live(now);
    let dead = found.dead(heads, &live);
    Survey { namespaces: found.namespaces, live, dead, torn }
}

#[derive(Default)]
struct Found {
    namespaces: Vec<String>,
    numbers: HashMap<String, usize>,
    newest: HashMap<Key, Newest>,
    /// The last deletion of each namespace: its order and segment.
    cleared: HashMap<usize, (usize, usize)>,
    order: usize,
}

impl Found {
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.namespaces.len();
        self.namespaces.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    fn add(&mut self, segment: usize, head: &Head) {
        let numbers: Vec<usize> = head.namespaces().iter().map(|name| self.number(name)).collect();
        for (i, record) in head.records().iter().enumerate() {
            let Some(namespace) = numbers.get(usize::from(record.namespace)) else { continue };
            self.order += 1;
            if record.kind == Kind::Cleared {
                self.cleared.insert(*namespace, (self.order, segment));
            } else {
                self.add_record((*namespace, record.digest), *record, Place { segment, record: i });
            }
        }
    }

    fn add_record(&mut self, key: Key, record: Record, place: Place) {
        let part = match record.kind {
            Kind::Part { part, .. } => Some(part),
            _ => None,
        };
        if let (Some(part), Some(known)) = (part, self.newest.get_mut(&key)) {
            if same_write(&known.record, &record) {
                known.parts.entry(part).or_insert(place);
                return;
            }
        }
        let parts = part.map(|part| (part, place)).into_iter().collect();
        self.newest.insert(key, Newest { order: self.order, record, place, parts });
    }

    /// Whether this is the last word on its key: no deletion of the namespace came after it.
    fn counts(&self, namespace: usize, newest: &Newest) -> bool {
        self.cleared.get(&namespace).is_none_or(|(order, _)| *order < newest.order)
    }

    fn live(&self, now: f64) -> (Vec<Live>, usize) {
        let mut torn = 0;
        let mut live = Vec::new();
        for ((namespace, _), newest) in &self.newest {
            if newest.record.deadline <= now || !self.counts(*namespace, newest) {
                continue;
            }
            let places = match newest.record.kind {
                Kind::Whole => vec![newest.place],
                Kind::Part { parts, .. } if newest.parts.len() == usize::from(parts) => {
                    newest.parts.values().copied().collect()
                }
                Kind::Part { .. } => {
                    torn += 1;
                    continue;
                }
                Kind::Deleted | Kind::Cleared => continue,
            };
            live.push((newest.order, Live { namespace: *namespace, places }));
        }
        live.sort_unstable_by_key(|(order, _)| *order);
        (live.into_iter().map(|(_, entry)| entry).collect(), torn)
    }

    /// Damaged segments, and those with neither a live record nor a record that hides an older one in a segment that stays.
    /// One pass is enough, because a record only hides older ones.
    fn dead(&self, heads: &[Result<Head, Error>], live: &[Live]) -> Vec<usize> {
        let alive: HashSet<usize> =
            live.iter().flat_map(|entry| &entry.places).map(|place| place.segment).collect();
        let mut dead = Vec::new();
        let mut kept_keys: HashSet<Key> = HashSet::new();
        let mut kept_namespaces: HashSet<usize> = HashSet::new();
        for (segment, head) in heads.iter().enumerate() {
            let head = match head {
                Ok(head) => head,
                // A newer version of this code may be using it.
                Err(Error::Version(_)) => continue,
                Err(_) => {
                    dead.push(segment);
                    continue;
                }
            };
            let records: Vec<(Key, &Record)> = head
                .records()
                .iter()
                .filter_map(|record| Some((self.key_of(head, record)?, record)))
                .collect();
            let hides = |(key, record): &(Key, &Record)| match record.kind {
                Kind::Cleared => {
                    kept_namespaces.contains(&key.0)
                        && self.cleared.get(&key.0).is_some_and(|(_, last)| *last == segment)
                }
                _ => {
                    kept_keys.contains(key)
                        && self.newest.get(key).is_some_and(|newest| newest.place.segment == segment)
                }
            };
            if !alive.contains(&segment) && !records.iter().any(hides) {
                dead.push(segment);
                continue;
            }
            for (key, record) in records {
                if record.kind != Kind::Cleared {
                    kept_keys.insert(key);
                    kept_namespaces.insert(key.0);
                }
            }
        }
        dead
    }

    fn key_of(&self, head: &Head, record: &Record) -> Option<Key> {
        let name = head.namespaces().get(usize::from(record.namespace))?;
        Some((*self.numbers.get(name)?, record.digest))
    }
}

/// Whether two records are parts of one write.
fn same_write(a: &Record, b: &Record) -> bool {
    match (a.kind, b.kind) {
        (Kind::Part { parts, whole, .. }, Kind::Part { parts: other_parts, whole: other_whole, .. }) => {
            (parts, whole) == (other_parts, other_whole)
                && a.stored_at.to_bits() == b.stored_at.to_bits()
                && a.deadline.to_bits() == b.deadline.to_bits()
        }
        _ => false,
    }
}

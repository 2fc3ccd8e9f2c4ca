//! What an index counts.

use serde::Serialize;

/// Why an entry left. The numbers are part of the boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cause {
    /// Its deadline passed.
    Expired = 0,
    /// It was evicted to keep to a bound.
    Size = 1,
    /// The user removed it.
    Invalidated = 2,
    /// The user set another value for its key.
    Replaced = 3,
}

/// Entries removed, by cause. A pending slot that goes is no entry and is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Removals {
    /// Deadline passed.
    pub expired: u64,
    /// Evicted to keep to a bound.
    pub size: u64,
    /// Removed by the user, `clear` included.
    pub invalidated: u64,
    /// Overwritten by the user.
    pub replaced: u64,
}

/// A snapshot of one index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Probes that found a live entry.
    pub hits: u64,
    /// Probes that found nothing (or something expired).
    pub misses: u64,
    /// Probes that found a load of their key running.
    pub coalesced: u64,
    /// Resident entries now.
    pub entries: u64,
    /// Loads running now.
    pub pending: u64,
    /// Bytes now: the keys, the weights given, and the bookkeeping of each slot in use.
    pub bytes: u64,
    /// Entries that have left.
    pub removals: Removals,
}

impl Stats {
    /// Counts one entry that left.
    pub fn count(&mut self, cause: Cause) {
        let counter = match cause {
            Cause::Expired => &mut self.removals.expired,
            Cause::Size => &mut self.removals.size,
            Cause::Invalidated => &mut self.removals.invalidated,
            Cause::Replaced => &mut self.removals.replaced,
        };
        *counter += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_counter() {
        let mut stats = Stats::default();
        for (times, cause) in
            [Cause::Expired, Cause::Size, Cause::Invalidated, Cause::Replaced].iter().enumerate()
        {
            assert_eq!(*cause as usize, times);
            (0..=times).for_each(|_| stats.count(*cause));
        }
        assert_eq!(stats.removals, Removals { expired: 1, size: 2, invalidated: 3, replaced: 4 });
    }
}

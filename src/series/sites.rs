//! The live values and the raw samples of every site by snapshot.
//!
//! In: the tables of snapshots. Out: a series for each site.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::site::{NameArena, SiteKey, SiteTable, Values};

/// What a site has in a snapshot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct LiveNow {
    values: Values,
    /// Raw samples.
    samples: i128,
}

/// What a site has by snapshot. Keeps only the changes, as variable-length numbers: how many snapshots after the one
/// before, and by how much objects, bytes and raw samples changed.
#[derive(Debug, Clone, Default)]
pub struct LiveSeries(Rc<Vec<u8>>);

impl LiveSeries {
    /// The live values in each of the first `snapshots` snapshots.
    pub fn values(&self, snapshots: usize) -> impl Iterator<Item = Values> {
        self.states(snapshots).map(|now| now.values)
    }

    /// The live raw samples in each of the first `snapshots` snapshots.
    pub fn samples(&self, snapshots: usize) -> impl Iterator<Item = i128> {
        self.states(snapshots).map(|now| now.samples)
    }

    fn states(&self, snapshots: usize) -> impl Iterator<Item = LiveNow> {
        let mut packed = self.0.iter();
        let mut wait = take(&mut packed);
        let mut now = LiveNow::default();
        (0..snapshots).map(move |_| {
            wait = wait.map(|wait| wait - 1);
            if wait == Some(0) {
                for number in [&mut now.values.objects, &mut now.values.space, &mut now.samples] {
                    *number = number.wrapping_add(signed(take(&mut packed).unwrap_or(0)));
                }
                wait = take(&mut packed);
            }
            now
        })
    }
}

/// Appends a number: seven bits a byte, lowest first; the eighth bit is set if more bytes follow.
fn put(packed: &mut Vec<u8>, mut number: u128) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            return packed.push(low);
        }
        packed.push(low | 0x80);
    }
}

fn take<'b>(packed: &mut impl Iterator<Item = &'b u8>) -> Option<u128> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = *packed.next()?;
        number |= u128::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

/// Zigzag encoding: small numbers of either sign become small.
fn unsigned(number: i128) -> u128 {
    ((number << 1) ^ (number >> 127)).cast_unsigned()
}

fn signed(number: u128) -> i128 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// A site and what it had so far.
#[derive(Debug, Default)]
struct TrackedSite {
    series: LiveSeries,
    /// Snapshot of its last change, counted from 1; 0 before the first.
    changed: usize,
    /// What it has since then.
    now: LiveNow,
    /// Last snapshot that had it, counted from 1.
    seen: usize,
}

impl TrackedSite {
    /// Adds what it has in a snapshot, counted from 1.
    fn add(&mut self, snapshot: usize, now: LiveNow) {
        if now == self.now {
            return;
        }
        let packed = Rc::make_mut(&mut self.series.0);
        put(packed, (snapshot - self.changed) as u128);
        let numbers = |of: LiveNow| [of.values.objects, of.values.space, of.samples];
        for (now, before) in numbers(now).into_iter().zip(numbers(self.now)) {
            put(packed, unsigned(now.wrapping_sub(before)));
        }
        (self.changed, self.now) = (snapshot, now);
    }
}

/// What all sites have by snapshot. A value that does not change takes no memory, and one that does takes few
/// bytes, so a thousand snapshots of a service take little more memory than its sites.
pub struct SiteSeries<'p> {
    names: &'p NameArena,
    totals: Vec<Values>,
    sites: IndexMap<SiteKey<'p>, TrackedSite, foldhash::fast::RandomState>,
}

impl<'p> SiteSeries<'p> {
    /// A series without snapshots. `names` keeps the names of its sites.
    pub fn new(names: &'p NameArena) -> Self {
        SiteSeries { names, totals: Vec::new(), sites: IndexMap::default() }
    }

    /// Forgets all snapshots, but keeps the names of their sites.
    pub fn restart(&mut self) {
        self.totals.clear();
        self.sites.values_mut().for_each(|site| *site = TrackedSite::default());
    }

    /// Adds the next snapshot.
    pub fn add(&mut self, table: &SiteTable<'_>) {
        self.totals.push(table.total());
        let snapshot = self.totals.len();
        let samples = table.live_samples();
        for site in table.allocating() {
            let (Some(key), Some(values)) = (table.key(site), table.flat(site)) else { continue };
            let index = match self.sites.get_index_of(&key) {
                Some(known) => known,
                None => self.sites.insert_full(key.copy_into(self.names), TrackedSite::default()).0,
            };
            self.sites[index].add(snapshot, LiveNow { values, samples: samples[site].into() });
            self.sites[index].seen = snapshot;
        }
        // Sites without live values now.
        for site in self.sites.values_mut().filter(|site| site.seen < snapshot) {
            site.add(snapshot, LiveNow::default());
        }
    }

    /// Number of snapshots.
    pub fn len(&self) -> usize {
        self.totals.len()
    }

    /// The sums over all sites, by snapshot.
    pub fn totals(&self) -> &[Values] {
        &self.totals
    }

    /// What a site has, by snapshot.
    pub fn live(&self, key: &SiteKey<'_>) -> LiveSeries {
        self.sites.get(key).map(|site| site.series.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_comes_back() {
        let live = |objects, space, samples| LiveNow { values: Values { objects, space }, samples };
        let series = [
            live(0, 0, 0),
            live(0, 0, 0),
            live(1, -64, 1),
            live(1, -64, 1),
            live(1, -64, 2),
            live(127, 1 << 40, 0),
            live(i128::MAX, i128::MIN, i128::MAX),
            live(i128::MIN, i128::MAX, 5),
            live(0, 0, 0),
            live(0, 1, 0),
        ];
        let mut site = TrackedSite::default();
        for (at, now) in series.into_iter().enumerate() {
            site.add(at + 1, now);
        }
        assert_eq!(site.series.states(series.len()).collect::<Vec<_>>(), series);
        // After the last change nothing changes.
        assert_eq!(site.series.states(20).last(), series.last().copied());
        assert_eq!(LiveSeries::default().states(3).collect::<Vec<_>>(), [live(0, 0, 0); 3]);
    }

    #[test]
    fn little_is_kept_of_a_change() {
        let mut site = TrackedSite::default();
        for at in 0..1000i128 {
            // A sample or two of 64 bytes more or less.
            let samples = at % 3;
            let values = Values { objects: 8192 * samples, space: 524_320 * samples };
            site.add(usize::try_from(at).unwrap_or(0) + 1, LiveNow { values, samples });
        }
        assert!(site.series.0.len() <= 9 * 1000, "{}", site.series.0.len());
    }
}

//! The live values of every site by snapshot.
//!
//! In: the tables of snapshots. Out: a series for each site.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::site::{Names, SiteKey, SiteTable, Values};

/// The live values of a site by snapshot. Keeps only the changes, as variable-length numbers: how many snapshots after
/// the one before, and by how much objects and bytes changed.
#[derive(Debug, Clone, Default)]
pub struct ValueSeries(Rc<Vec<u8>>);

impl ValueSeries {
    /// The values in each of the first `snapshots` snapshots.
    pub fn values(&self, snapshots: usize) -> impl Iterator<Item = Values> {
        let mut packed = self.0.iter();
        let mut wait = take(&mut packed);
        let mut now = Values::default();
        (0..snapshots).map(move |_| {
            wait = wait.map(|wait| wait - 1);
            if wait == Some(0) {
                let mut change = || signed(take(&mut packed).unwrap_or(0));
                now.objects = now.objects.wrapping_add(change());
                now.space = now.space.wrapping_add(change());
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

/// A site and its values so far.
#[derive(Debug, Default)]
struct TrackedSite {
    series: ValueSeries,
    /// Snapshot of its last change, counted from 1; 0 before the first.
    changed: usize,
    /// Its values since then.
    now: Values,
    /// Last snapshot that had it, counted from 1.
    seen: usize,
}

impl TrackedSite {
    /// Adds its values in a snapshot, counted from 1.
    fn add(&mut self, snapshot: usize, values: Values) {
        if values == self.now {
            return;
        }
        let packed = Rc::make_mut(&mut self.series.0);
        put(packed, (snapshot - self.changed) as u128);
        put(packed, unsigned(values.objects.wrapping_sub(self.now.objects)));
        put(packed, unsigned(values.space.wrapping_sub(self.now.space)));
        (self.changed, self.now) = (snapshot, values);
    }
}

/// The live values of all sites by snapshot. A value that does not change takes no memory, and one that does takes few
/// bytes, so a thousand snapshots of a service take little more memory than its sites.
pub struct SiteSeries<'p> {
    names: &'p Names,
    totals: Vec<Values>,
    sites: IndexMap<SiteKey<'p>, TrackedSite, foldhash::fast::RandomState>,
}

impl<'p> SiteSeries<'p> {
    /// A series without snapshots. `names` keeps the names of its sites.
    pub fn new(names: &'p Names) -> Self {
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
        for site in table.allocating() {
            let (Some(key), Some(values)) = (table.key(site), table.flat(site)) else { continue };
            let index = match self.sites.get_index_of(&key) {
                Some(known) => known,
                None => self.sites.insert_full(key.kept(self.names), TrackedSite::default()).0,
            };
            self.sites[index].add(snapshot, values);
            self.sites[index].seen = snapshot;
        }
        // Sites without live values now.
        for site in self.sites.values_mut().filter(|site| site.seen < snapshot) {
            site.add(snapshot, Values::default());
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

    /// The live values of a site, by snapshot.
    pub fn values(&self, key: &SiteKey<'_>) -> ValueSeries {
        self.sites.get(key).map(|site| site.series.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_comes_back() {
        let values = |objects, space| Values { objects, space };
        let series = [
            values(0, 0),
            values(0, 0),
            values(1, -64),
            values(1, -64),
            values(127, 1 << 40),
            values(i128::MAX, i128::MIN),
            values(i128::MIN, i128::MAX),
            values(0, 0),
            values(0, 1),
        ];
        let mut site = TrackedSite::default();
        for (at, values) in series.into_iter().enumerate() {
            site.add(at + 1, values);
        }
        assert_eq!(site.series.values(series.len()).collect::<Vec<_>>(), series);
        // After the last change nothing changes.
        assert_eq!(site.series.values(20).last(), series.last().copied());
        assert_eq!(ValueSeries::default().values(3).collect::<Vec<_>>(), [values(0, 0); 3]);
    }

    #[test]
    fn little_is_kept_of_a_change() {
        let mut site = TrackedSite::default();
        for at in 0..1000i128 {
            // A sample or two of 64 bytes more or less.
            site.add(
                usize::try_from(at).unwrap_or(0) + 1,
                Values { objects: 8192 * (at % 3), space: 524_320 * (at % 3) },
            );
        }
        assert!(site.series.0.len() <= 8 * 1000, "{}", site.series.0.len());
    }
}

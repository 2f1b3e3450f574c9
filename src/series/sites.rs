//! The live values of every site, snapshot by snapshot. In: the tables of snapshots. Out: a series for each site.

use indexmap::IndexMap;

use crate::site::{Names, SiteKey, SiteTable, Values};

/// The sites of snapshots that were seen one after the other. What does not change costs nothing, so that a
/// thousand snapshots of a service take little more memory than its sites.
pub struct SiteSeries<'p> {
    names: &'p Names,
    snapshots: usize,
    totals: Vec<Values>,
    /// By site, each change: the snapshot and the values from it on.
    sites: IndexMap<SiteKey<'p>, Vec<(usize, Values)>, foldhash::fast::RandomState>,
    /// By site: the last snapshot that had it, and one more.
    seen: Vec<usize>,
}

impl<'p> SiteSeries<'p> {
    /// No snapshot yet. `names`: where the names of the sites will live.
    pub fn new(names: &'p Names) -> Self {
        SiteSeries { names, snapshots: 0, totals: Vec::new(), sites: IndexMap::default(), seen: Vec::new() }
    }

    /// Adds the next snapshot.
    pub fn add(&mut self, table: &SiteTable<'_>) {
        let at = self.snapshots;
        self.snapshots += 1;
        self.totals.push(table.total());
        for site in table.allocating() {
            let (Some(key), Some(values)) = (table.key(site), table.flat(site)) else { continue };
            let index = match self.sites.get_index_of(&key) {
                Some(known) => known,
                None => {
                    self.seen.push(0);
                    self.sites.insert_full(key.kept(self.names), Vec::new()).0
                }
            };
            self.seen[index] = self.snapshots;
            let changes = &mut self.sites[index];
            if changes.last().is_none_or(|&(_, last)| last != values) {
                changes.push((at, values));
            }
        }
        // What is no longer alive.
        for (changes, seen) in self.sites.values_mut().zip(&self.seen) {
            if *seen == at && changes.last().is_some_and(|&(_, last)| last != Values::default()) {
                changes.push((at, Values::default()));
            }
        }
    }

    /// How many snapshots there are.
    pub fn len(&self) -> usize {
        self.snapshots
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.snapshots == 0
    }

    /// The live values of all sites, by snapshot.
    pub fn totals(&self) -> &[Values] {
        &self.totals
    }

    /// The live values of a site, by snapshot.
    pub fn of(&self, key: &SiteKey<'_>) -> Vec<Values> {
        let mut changes = self.sites.get(key).map_or(&[][..], Vec::as_slice).iter().peekable();
        let mut now = Values::default();
        let values = (0..self.snapshots).map(|at| {
            if let Some(&(_, values)) = changes.next_if(|&&(from, _)| from <= at) {
                now = values;
            }
            now
        });
        values.collect()
    }
}

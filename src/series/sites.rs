//! The live values of every site, snapshot by snapshot. In: the tables of snapshots. Out: a series for each site.

use indexmap::IndexMap;

use crate::site::{Names, SiteKey, SiteTable, Values};

/// The values of a site, snapshot by snapshot. Only the changes are kept: each with the snapshot it is from.
#[derive(Debug, Clone, Default)]
pub struct Steps(Vec<(usize, Values)>);

impl Steps {
    /// Those of so many snapshots.
    pub fn values(&self, snapshots: usize) -> impl Iterator<Item = Values> {
        let mut changes = self.0.iter().peekable();
        let mut now = Values::default();
        (0..snapshots).map(move |at| {
            if let Some(&(_, values)) = changes.next_if(|&&(from, _)| from <= at) {
                now = values;
            }
            now
        })
    }
}

/// The sites of snapshots that were seen one after the other. What does not change costs nothing, so that a
/// thousand snapshots of a service take little more memory than its sites.
pub struct SiteSeries<'p> {
    names: &'p Names,
    snapshots: usize,
    totals: Vec<Values>,
    sites: IndexMap<SiteKey<'p>, Steps, foldhash::fast::RandomState>,
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
                    self.sites.insert_full(key.kept(self.names), Steps::default()).0
                }
            };
            self.seen[index] = self.snapshots;
            let Steps(changes) = &mut self.sites[index];
            if changes.last().is_none_or(|&(_, last)| last != values) {
                changes.push((at, values));
            }
        }
        // What is no longer alive.
        for (Steps(changes), seen) in self.sites.values_mut().zip(&self.seen) {
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

    /// The live values of a site.
    pub fn steps(&self, key: &SiteKey<'_>) -> Steps {
        self.sites.get(key).cloned().unwrap_or_default()
    }
}

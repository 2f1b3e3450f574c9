//! Which of several profiles has how much of each site, as of the pods of a service.

use indexmap::IndexMap;

use super::key::SiteKey;
use super::name_arena::NameArena;
use super::table::SiteTable;
use super::values::Values;

/// What several profiles have of a site together, and what the one has that has most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SiteShare {
    /// Sum of the live values.
    pub total: Values,
    /// Sum of the live raw samples.
    pub total_samples: u64,
    /// The most bytes that a profile has, or the most objects if bytes are not counted.
    pub most: Values,
    /// Live raw samples of that profile.
    pub most_samples: u64,
    /// That profile, counted from 0.
    pub holder: usize,
}

/// The shares of all sites.
#[derive(Debug, Default)]
pub struct SiteShares<'p> {
    sites: IndexMap<SiteKey<'p>, SiteShare, foldhash::fast::RandomState>,
    inputs: Vec<String>,
}

impl<'p> SiteShares<'p> {
    /// Adds a profile, which users know as `input`. `names` keeps the names of its sites.
    pub fn add(&mut self, input: String, table: &SiteTable<'_>, names: &'p NameArena) {
        let holder = self.inputs.len();
        self.inputs.push(input);
        let samples = table.live_samples();
        for site in table.allocating() {
            let (Some(key), Some(values)) = (table.key(site), table.flat(site)) else { continue };
            let index = match self.sites.get_index_of(&key) {
                Some(known) => known,
                None => self.sites.insert_full(key.copy_into(names), SiteShare::default()).0,
            };
            let share = &mut self.sites[index];
            share.total += values;
            share.total_samples = share.total_samples.saturating_add(samples[site]);
            if (values.space, values.objects) > (share.most.space, share.most.objects) {
                (share.most, share.most_samples, share.holder) = (values, samples[site], holder);
            }
        }
    }

    /// The profiles, as users know them.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// All sites, in the order they were first seen in.
    pub fn iter(&self) -> impl Iterator<Item = (&SiteKey<'p>, &SiteShare)> {
        self.sites.iter()
    }
}

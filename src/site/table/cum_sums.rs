//! Cumulative values by site.

use std::collections::BTreeMap;

use super::cells::Sum64;
use crate::site::values::Values;

/// Cumulative values by site: what was allocated at the site or in anything it called, once per sample.
#[derive(Debug, Default)]
pub(super) struct CumSums {
    by_site: Vec<CumSum>,
    /// By site: what did not fit into 64 bits.
    overflow: BTreeMap<u32, Values>,
    /// Number of samples so far.
    samples: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct CumSum {
    sum: Sum64,
    /// Number of the last sample that was added, from 1: a recursive function counts a sample once.
    last_sample: u64,
}

impl CumSums {
    /// Begins the next sample.
    pub(super) fn next_sample(&mut self) {
        self.samples += 1;
    }

    /// Adds the values of the current sample to a site on its stack.
    #[inline(always)]
    pub(super) fn add(&mut self, site: u32, values: Sum64) {
        if site as usize >= self.by_site.len() {
            self.by_site.resize(site as usize + 1, CumSum::default());
        }
        let CumSum { sum, last_sample } = &mut self.by_site[site as usize];
        if *last_sample == self.samples {
            return;
        }
        *last_sample = self.samples;
        if !sum.add(values) {
            *self.overflow.entry(site).or_default() += sum.values();
            *sum = values;
        }
    }

    /// The sum of a site; 0 if none was counted.
    pub(super) fn get(&self, site: usize) -> Values {
        let sum = self.by_site.get(site).map(|site| site.sum.values()).unwrap_or_default();
        if self.overflow.is_empty() {
            return sum;
        }
        let overflow = u32::try_from(site).ok().and_then(|site| self.overflow.get(&site));
        sum + overflow.copied().unwrap_or_default()
    }

    /// Moves each site's sum to its new index, and adds up those that meet there.
    pub(super) fn rekey(&mut self, new_index: &[u32]) {
        let old = std::mem::take(self);
        for (site, &new) in (0..old.by_site.len()).zip(new_index) {
            self.next_sample();
            self.add(new, old.by_site[site].sum);
        }
        #[allow(clippy::iter_over_hash_type, reason = "sums do not depend on the order")]
        for (site, values) in old.overflow {
            *self.overflow.entry(new_index[site as usize]).or_default() += values;
        }
    }
}

//! Allocation since the start of two processes: how much of its growth may be more work.
//!
//! A benchmark runs as many iterations as fit in its time, so a site that allocates more may only have run more often.

use super::judge::Gate;
use super::{Doubt, Violation};
use crate::site::Rate;

/// Fewer samples on either side do not show by what factor a site grew.
const MIN_RATIO_SAMPLES: u64 = 20;

/// Smallest factor that all sites grew by at which the work may be what grew.
const MIN_WORK_RATIO: f64 = 1.05;

impl Gate<'_, '_, '_> {
    /// Drops the violations that more work explains, and returns why the totals say nothing of them.
    ///
    /// A site without allocation in the base was not there whatever the work, unless both are of one build.
    pub(super) fn drop_work(&self, violations: &mut Vec<Violation>) -> Option<Doubt> {
        let is_of_runs = self.deltas.is_allocation() && !self.evidence.process_relation().is_same();
        let is_of_runs = is_of_runs && !self.deltas.is_by_work();
        if !is_of_runs || self.rules.ignore_evidence {
            return None;
        }
        let is_same_build = self.deltas.base.buckets().is_of_same_build(self.deltas.current.buckets());
        let ratio = self.work_ratio();
        if !is_same_build && ratio.is_none_or(|ratio| ratio < MIN_WORK_RATIO) {
            return None;
        }
        let before = violations.len();
        violations.retain(|violation| {
            let is_new = violation.site.is_some_and(|site| self.change(site).base_of(violation.metric) == 0);
            is_new && !is_same_build
        });
        (violations.len() < before).then_some(Doubt::WorkMayDiffer { ratio, is_same_build })
    }

    /// The smallest factor by which a site of both sides grew; `None` without enough samples of any.
    fn work_ratio(&self) -> Option<f64> {
        let metric = self.deltas.ranking_metric();
        let is_exact = self.evidence.rate().is_some_and(Rate::is_exact);
        let ratio = |site: usize| {
            let change = self.change(site);
            let counted = if is_exact {
                [change.base, change.current].map(|values| u64::try_from(values.objects).unwrap_or(0))
            } else {
                self.evidence.live_samples(site)
            };
            change.ratio(metric).filter(|_| counted.iter().all(|&samples| samples >= MIN_RATIO_SAMPLES))
        };
        (0..self.deltas.sites.len()).filter_map(ratio).reduce(f64::min)
    }
}

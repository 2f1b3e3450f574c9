//! What single sites suggest: each finding names the most grown of the sites it holds for.

use super::{Finding, FindingInputs, GrownSite, WholeVerdict, origin};
use crate::diff::{Attribution, Change, Metric};
use crate::evidence::{GrowthKind, Significance};
use crate::series::Trend;
use crate::site::Rate;

/// Smallest growth of a site that is reported, bytes.
const MIN_SITE_GROWTH_BYTES: i128 = 64 << 10;
/// Smallest share of all growth that is reported, percent.
const MIN_SHARE_PERCENT: i128 = 5;
/// Largest mean size of a small object, bytes.
const SMALL_OBJECT_BYTES: i128 = 64;
/// Fewer objects are not many.
const MIN_SMALL_OBJECTS: i128 = 10_000;

/// The most grown of the sites that a finding holds for, and how many these are.
#[derive(Default)]
struct MostGrown {
    /// Index in the sites, and growth.
    site: Option<(usize, i128)>,
    count: usize,
}

impl MostGrown {
    /// Counts another site. `wins_tie`: whether it wins against another one that grew as much.
    fn offer(&mut self, site: usize, growth: i128, wins_tie: impl Fn(usize) -> bool) {
        self.count += 1;
        if self.site.is_none_or(|(most, most_growth)| growth > most_growth || growth == most_growth && wins_tie(most)) {
            self.site = Some((site, growth));
        }
    }
}

impl FindingInputs<'_, '_, '_> {
    pub(super) fn add_site_findings(&self, are_goroutines_known: bool, found: &mut Vec<Finding>) {
        let (deltas, evidence) = (self.deltas, self.evidence);
        let metric = deltas.ranking_metric();
        let is_same = self.is_same_process();
        let [mut noise, mut piling, mut larger, mut small, mut confirmed, mut warm_up] =
            std::array::from_fn::<_, 6, _>(|_| MostGrown::default());
        let (mut descriptors, mut is_all_noise, mut all_growth) = (None, true, 0);
        for (at, site) in deltas.sites.iter().enumerate() {
            let change = self.change(at);
            let growth = metric.of(change.delta());
            if growth <= 0 {
                continue;
            }
            all_growth += growth;
            // Sites have no order that means anything, so the smaller key wins.
            let wins_tie = |other: usize| deltas.key(site) < deltas.key(&deltas.sites[other]);
            match evidence.significance(at) {
                Significance::Grew => {}
                Significance::Noise => {
                    let [base_samples, current_samples] = evidence.live_samples(at);
                    if current_samples > base_samples {
                        noise.offer(at, growth, wins_tie);
                    }
                    continue;
                }
                _ => {
                    is_all_noise = false;
                    continue;
                }
            }
            is_all_noise = false;
            confirmed.offer(at, growth, wins_tie);
            if deltas.key(site).name() == "runtime.malg" {
                descriptors = Some(at);
            }
            match self.trends.map(|trends| trends[at]) {
                Some(Trend::WarmUp) => {
                    warm_up.offer(at, growth, wins_tie);
                    continue;
                }
                Some(Trend::OneStep | Trend::Fluctuating | Trend::Steady) => continue,
                _ => {}
            }
            let delta = change.delta();
            if deltas.counts(Metric::Space) && delta.space < MIN_SITE_GROWTH_BYTES {
                continue;
            }
            let kind = evidence.growth_kind(at, &change).filter(|_| delta.space > 0);
            let [born, died] = evidence.born_and_died(at);
            if kind == Some(GrowthKind::LargerObjects) {
                larger.offer(at, growth, wins_tie);
            } else if is_same && died.saturating_mul(2) <= born {
                piling.offer(at, growth, wins_tie);
            }
            let are_small = delta.space > 0 && delta.space <= SMALL_OBJECT_BYTES * delta.objects;
            if delta.objects >= MIN_SMALL_OBJECTS && are_small {
                small.offer(at, growth, wins_tie);
            }
        }
        // With two profiles, a report says what it means if only the whole grew.
        let has_whole_grown =
            || self.trends.is_none() && self.whole_heap().is_some_and(|whole| whole.verdict == WholeVerdict::Grew);
        if let Some((site, _)) = noise.site
            && is_all_noise
            && !has_whole_grown()
            && evidence.rate().is_some_and(|rate| !rate.is_exact())
        {
            found.push(Finding::Noise(self.grown_site(site, noise.count)));
        }
        let of_confirmed = [
            (piling, Finding::PilingUp as fn(GrownSite) -> Finding),
            (larger, Finding::Larger),
            (small, Finding::ManySmall),
            (warm_up, |site| Finding::WarmUp(Some(site))),
        ];
        for (most, finding) in of_confirmed {
            let site = most.site.filter(|(_, growth)| 100 * growth >= MIN_SHARE_PERCENT * all_growth);
            found.extend(site.map(|(site, _)| finding(self.grown_site(site, most.count))));
        }
        if let Some(site) = descriptors.filter(|_| !are_goroutines_known) {
            found.push(Finding::GoroutineObjects(self.grown_site(site, 1)));
        }
        if let Some((site, _)) = confirmed.site {
            let delta = &deltas.sites[site];
            let owner = origin(deltas, delta, metric).owner.map(|owner| owner.function);
            found.push(Finding::Retainer { site: deltas.key(delta).name().into_owned(), owner });
        }
    }

    fn change(&self, site: usize) -> Change {
        self.deltas.change(&self.deltas.sites[site], Attribution::Flat)
    }

    /// `count`: the number of sites that the finding holds for.
    fn grown_site(&self, site: usize, count: usize) -> GrownSite {
        GrownSite {
            site: self.deltas.key(&self.deltas.sites[site]).name().into_owned(),
            change: self.change(site),
            samples: self.evidence.live_samples(site),
            turnover: self.evidence.born_and_died(site),
            is_exact: self.evidence.rate().is_some_and(Rate::is_exact),
            others: count.saturating_sub(1),
            trend: self.trends.map(|trends| trends[site]),
        }
    }
}

//! What single sites suggest: each finding names the most grown of the sites it holds for.

use super::map_tables::table_bytes;
use super::{Finding, FindingInputs, GrownSite, LibraryPattern, Origin, WholeVerdict, origin};
use crate::diff::{Attribution, Change, Metric};
use crate::evidence::{GrowthKind, Significance};
use crate::series::{Assessment, Shape, Trend};
use crate::site::{Name, Rate, is_standard};

/// Smallest growth of a site that is reported, bytes.
const MIN_SITE_GROWTH_BYTES: i128 = 64 << 10;
/// Fewer net new samples may be a few large objects that happen to be live.
const MIN_PILING_SAMPLES: f64 = 3.0;
/// Smallest share of all growth that is reported, percent.
const MIN_SHARE_PERCENT: i128 = 5;
/// Largest mean size of a small object, bytes.
const SMALL_OBJECT_BYTES: i128 = 64;
/// Fewer objects are not many.
const MIN_SMALL_OBJECTS: i128 = 10_000;

/// The most grown of the sites that a finding holds for, and how many these are.
#[derive(Clone, Copy, Default)]
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
    pub(super) fn add_site_findings(&self, found: &mut Vec<Finding>) {
        let (deltas, evidence) = (self.deltas, self.evidence);
        let metric = deltas.ranking_metric();
        let is_same = self.is_same_process();
        let [mut noise, mut piling, mut tables, mut larger, mut small, mut confirmed, mut warm_up] =
            [MostGrown::default(); 7];
        let [mut clients, mut piling_clients] = [MostGrown::default(); 2];
        let (mut is_all_noise, mut all_growth) = (true, 0);
        for (at, site) in deltas.sites.iter().enumerate() {
            let change = self.change(at);
            let growth = metric.of(change.delta());
            if growth <= 0 {
                continue;
            }
            all_growth += growth;
            // What the runtime keeps for itself is not the program's doing, and goroutines have a finding of their own.
            if site.runtime_class.is_some() {
                is_all_noise &= evidence.significance(at) == Significance::Noise;
                continue;
            }
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
            if self.accepted.contains(&at) {
                continue;
            }
            confirmed.offer(at, growth, wins_tie);
            if self.pattern(at) == Some(LibraryPattern::HttpClient) {
                clients.offer(at, growth, wins_tie);
            }
            match self.trends.map(|trends| trends[at]) {
                Some(Trend::WarmUp | Trend::Levelled) => {
                    warm_up.offer(at, growth, wins_tie);
                    continue;
                }
                Some(Trend::OneStep | Trend::Fluctuating | Trend::Steady) => continue,
                Some(trend) if trend.may_go_on() && self.has_heap_stopped() => continue,
                _ => {}
            }
            let delta = change.delta();
            if deltas.counts(Metric::Space) && delta.space < MIN_SITE_GROWTH_BYTES {
                continue;
            }
            let kind = evidence.growth_kind(at, &change).filter(|_| delta.space > 0);
            let [born, died] = evidence.born_and_died(at);
            let are_small = delta.space > 0 && delta.space <= SMALL_OBJECT_BYTES * delta.objects;
            if kind == Some(GrowthKind::LargerObjects) {
                larger.offer(at, growth, wins_tie);
            } else if is_same && died.saturating_mul(2) <= born && evidence.net_samples(at) >= MIN_PILING_SAMPLES {
                piling.offer(at, growth, wins_tie);
                if self.pattern(at) == Some(LibraryPattern::HttpClient) {
                    piling_clients.offer(at, growth, wins_tie);
                }
            } else if table_bytes(evidence, at).is_some() {
                tables.offer(at, growth, wins_tie);
            } else if delta.objects >= MIN_SMALL_OBJECTS && are_small {
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
        let piling = self.rather(piling, piling_clients);
        let of_confirmed = [
            (piling, Finding::PilingUp as fn(GrownSite) -> Finding),
            (tables, Finding::MapTables),
            (larger, Finding::Larger),
            (small, Finding::ManySmall),
            (warm_up, |site| Finding::WarmUp(Some(site))),
        ];
        for (most, finding) in of_confirmed {
            let site = most.site.filter(|(_, growth)| 100 * growth >= MIN_SHARE_PERCENT * all_growth);
            found.extend(site.map(|(site, _)| finding(self.grown_site(site, most.count))));
        }
        if let Some((site, growth)) = self.rather(confirmed, clients).site
            && (growth >= MIN_SITE_GROWTH_BYTES || metric != Metric::Space)
        {
            let is_known = [piling, tables].iter().any(|most| most.site.is_some_and(|(most, _)| most == site));
            found.push(Finding::Retainer { site: self.grown_site(site, 1), is_known });
        }
    }

    /// Whether the whole live heap is known not to keep growing.
    fn has_heap_stopped(&self) -> bool {
        let course = self.assessment.and_then(Assessment::exact_course);
        course.is_some_and(|course| !matches!(course.shape, Shape::Growing | Shape::Grew))
    }

    /// The site that says more: where both ends of connections are in one program, the client's ends them.
    fn rather(&self, most: MostGrown, clients: MostGrown) -> MostGrown {
        let Some(((site, growth), (_, of_clients))) = most.site.zip(clients.site) else { return most };
        let is_server = self.pattern(site) == Some(LibraryPattern::HttpServer);
        if is_server && 4 * of_clients >= growth { MostGrown { count: most.count, ..clients } } else { most }
    }

    /// What a site or its owner is known for.
    fn pattern(&self, site: usize) -> Option<LibraryPattern> {
        self.grown_site(site, 1).pattern
    }

    fn change(&self, site: usize) -> Change {
        self.deltas.change(&self.deltas.sites[site], Attribution::Flat)
    }

    /// `count`: the number of sites that the finding holds for.
    fn grown_site(&self, site: usize, count: usize) -> GrownSite {
        let (delta, key) = (&self.deltas.sites[site], self.deltas.key(&self.deltas.sites[site]));
        let Origin { line, owner, .. } = origin(self.deltas, delta, self.deltas.ranking_metric());
        let function = owner.as_ref().map(|owner| owner.function.as_bytes()).map(Name::new);
        let package = function.or(line.and_then(|line| line.function())).and_then(Name::package);
        let is_library = package.is_some_and(is_standard);
        let name = key.name().into_owned();
        let has_other_owners = owner.as_ref().is_some_and(|owner| !owner.has_nearly_all);
        let owner = owner.map(|owner| owner.function);
        let known = owner.as_deref().and_then(LibraryPattern::of);
        GrownSite {
            pattern: known.or_else(|| LibraryPattern::of(&name)),
            is_library,
            has_other_owners,
            table_bytes: table_bytes(self.evidence, site),
            site: name,
            owner,
            change: self.change(site),
            samples: self.evidence.live_samples(site),
            turnover: self.evidence.born_and_died(site),
            is_exact: self.evidence.rate().is_some_and(Rate::is_exact),
            others: count.saturating_sub(1),
            trend: self.trends.map(|trends| trends[site]),
        }
    }
}

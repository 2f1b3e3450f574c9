//! Selects the sites that a report lists, and their order.

use std::cmp::{Ordering, Reverse};

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::runtime_growth::is_folded;
use crate::diff::{Attribution, Deltas, Metric};
use crate::evidence::{Evidence, Significance};
use crate::rank::Ranking;
use crate::site::Values;

/// Sites that are listed as they grew most in the metric that the list is not ordered by.
const MAX_OF_OTHER_METRIC: usize = 3;
/// Growth that is left out where chance plays no part, parts of all growth in the same metric.
const NEGLIGIBLE_PART: i128 = 200;
/// Sites on one screen where none grew by more than sampling noise.
const MAX_NOISE: usize = 3;
/// Sites on one screen, however little of all growth the last ones are.
const MAX_SMALL: usize = 10;
/// Smallest share of the growth of all listed sites that a further one is, percent.
const MIN_FURTHER_PERCENT: i128 = 5;

/// Indexes in [`Deltas::sites`] of the sites that are shown. A site's position in this set is its index in
/// [`Report::sites`](super::Report::sites).
pub(super) type ShownSites = IndexSet<usize, RandomState>;

/// The sites that a report shows, and their order.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Metric that orders the list of sites; `None` for a report without a list. It also decides which line and which
    /// owner of a site grew most.
    pub sort: Option<Metric>,
    /// Only sites that grew, and of these those within sampling noise only if none grew by more.
    pub only_grown: bool,
    /// Only sites whose growth is confirmed.
    pub only_confirmed: bool,
    /// Whether the list is ordered by how sure growth is, and then by how much it is.
    pub by_certainty: bool,
    /// Whether the runtime's own memory is summed up by class instead of being listed with the program's sites.
    pub folds_runtime: bool,
    /// Largest number of sites.
    pub top: Option<usize>,
    /// Whether the list is to fit on a screen, so that of many small sites, and of noise, only the first are listed.
    pub fits_screen: bool,
    /// Sample type that is counted instead of live objects and bytes.
    pub sample_type: Option<String>,
}

impl Selection {
    /// How many sites of each metric must be ranked: `None` for all, as a confirmed site may rank anywhere.
    pub fn rank_depth(&self) -> Option<usize> {
        self.top.filter(|_| !self.only_confirmed || self.by_certainty)
    }
}

/// The sum of some sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SiteSum {
    /// Number of sites.
    pub sites: usize,
    /// Their delta, flat.
    pub delta: Values,
}

/// The list of a report's sites.
#[derive(Debug, Clone)]
pub struct List {
    /// The metric that orders it.
    pub metric: Metric,
    /// Indexes in [`Report::sites`](super::Report::sites), in order.
    pub sites: Vec<usize>,
    /// Whether no site is known to have grown by more than sampling noise, and those listed did not.
    pub is_noise: bool,
    /// The sites of the list that are not shown.
    pub omitted: SiteSum,
    /// The sites that grew within sampling noise and are not listed.
    pub noise: SiteSum,
    /// All sites that shrank in the metric.
    pub shrank: SiteSum,
    /// The site that shrank most, if it shrank by as much as any grew: an index in
    /// [`Report::sites`](super::Report::sites).
    pub most_shrunk: Option<usize>,
    /// Share of all growth that the sites shown are, percent; `None` where they are noise, or did not grow in the metric.
    pub explained_percent: Option<u32>,
}

/// How sure the growth of a site is, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    Confirmed,
    /// Suspected, or of unknown significance.
    Possible,
    Noise,
    Shrank,
}

impl Tier {
    pub(super) fn of(significance: Significance) -> Self {
        match significance {
            Significance::Grew => Tier::Confirmed,
            Significance::Suspect | Significance::Unknown => Tier::Possible,
            Significance::Noise => Tier::Noise,
            Significance::Shrank => Tier::Shrank,
        }
    }
}

/// Makes the list of a report. The sites that it shows are added to `shown`.
pub(super) fn list(
    ranking: &Ranking<'_, '_, '_>,
    evidence: &Evidence,
    metric: Metric,
    selection: &Selection,
    shown: &mut ShownSites,
) -> List {
    let sites = Sites { deltas: ranking.deltas(), evidence, metric, folds_runtime: selection.folds_runtime };
    let Members { listed, all, is_noise, noise } = match selection.by_certainty {
        true => sites.by_certainty(ranking, selection),
        false => sites.by_growth(ranking, selection),
    };
    let mut omitted = all;
    let mut growth = 0;
    for &site in &listed {
        let delta = sites.flat(site);
        omitted.sites -= 1;
        omitted.delta = omitted.delta - delta;
        growth += metric.of(delta).max(0);
    }
    let (shrank, most_shrunk, total) = sites.shrank_and_grown();
    List {
        metric,
        sites: listed.into_iter().map(|site| shown.insert_full(site).0).collect(),
        is_noise,
        omitted,
        noise,
        shrank,
        most_shrunk: most_shrunk.map(|site| shown.insert_full(site).0),
        explained_percent: u32::try_from(100 * growth / total.max(1)).ok().filter(|_| !is_noise && growth > 0),
    }
}

/// The sites of a list.
struct Members {
    /// Those that are shown, in order.
    listed: Vec<usize>,
    /// The sum of all, shown or not.
    all: SiteSum,
    is_noise: bool,
    /// Those that are left out as noise.
    noise: SiteSum,
}

struct Sites<'a, 't, 'p> {
    deltas: &'a Deltas<'t, 'p>,
    evidence: &'a Evidence,
    metric: Metric,
    folds_runtime: bool,
}

impl Sites<'_, '_, '_> {
    /// By growth alone.
    fn by_growth(&self, ranking: &Ranking<'_, '_, '_>, selection: &Selection) -> Members {
        let belongs = |&site: &usize| {
            !self.is_folded(site)
                && (!selection.only_grown || self.delta(site) > 0)
                && (!selection.only_confirmed || self.evidence.is_significant(site))
        };
        let ranked = ranking.by(self.metric).iter().copied().filter(belongs);
        let listed = ranked.take(selection.top.unwrap_or(usize::MAX)).collect();
        let all = self.sum((0..self.deltas.sites.len()).filter(belongs));
        Members { listed, all, is_noise: false, noise: SiteSum::default() }
    }

    /// By how sure growth is, and then by growth.
    fn by_certainty(&self, ranking: &Ranking<'_, '_, '_>, selection: &Selection) -> Members {
        let is_in = |&site: &usize| {
            !self.is_folded(site)
                && (!selection.only_grown || self.grew(site))
                && (!selection.only_confirmed || self.evidence.is_significant(site))
        };
        let members: Vec<_> = (0..self.deltas.sites.len()).filter(is_in).collect();
        let is_sure = |&site: &usize| self.tier(site) <= Tier::Possible;
        let top = selection.top.unwrap_or(usize::MAX);
        if !selection.only_grown {
            let all = self.sum(members.iter().copied());
            return Members { listed: self.first(members, top), all, is_noise: false, noise: SiteSum::default() };
        }
        let (sure, noise): (Vec<_>, Vec<_>) = members.into_iter().partition(is_sure);
        let grew = |&site: &usize| self.delta(site) > 0;
        if sure.is_empty() {
            let most = |metric| ranking.by(metric).iter().copied().filter(is_in);
            let listed = match selection.fits_screen {
                true => self.most_of_both(most(self.metric), most(self.other_metric()), top.min(MAX_NOISE)),
                false => most(self.metric).filter(grew).take(top).collect(),
            };
            let rest = noise.into_iter().filter(|site| grew(site) && !listed.contains(site));
            let (all, noise) = (self.sum(listed.iter().copied()), self.sum(rest));
            return Members { listed, all, is_noise: true, noise };
        }
        let (all, noise) = (self.sum(sure.iter().copied()), self.sum(noise.into_iter().filter(grew)));
        let sure = self.not_negligible(sure);
        let mut by_other = sure.clone();
        let mut listed = self.first(sure, top);
        if selection.fits_screen {
            self.cut_small(&mut listed, self.metric.of(all.delta));
        }
        if listed.len() < all.sites && self.deltas.counts(self.other_metric()) {
            let delta = |site: usize| self.deltas.sites[site].change.delta_of(self.other_metric());
            by_other.sort_by_key(|&site| Reverse(delta(site)));
            let grown = by_other.into_iter().filter(|&site| delta(site) > 0);
            self.add_most(&mut listed, grown);
        }
        Members { listed, all, is_noise: false, noise }
    }

    /// Sites whose growth is counted are all certain to have grown, most of them by next to nothing.
    fn not_negligible(&self, sites: Vec<usize>) -> Vec<usize> {
        let is_weighed = self.evidence.rate().is_some_and(|rate| !rate.is_exact());
        let total = |metric: Metric| sites.iter().map(|&site| metric.of(self.delta_of(site)).max(0)).sum::<i128>();
        let base = self.deltas.total().base;
        // Growth that is next to nothing as a whole has no part that matters.
        let is_any = |&(metric, total): &(Metric, i128)| 100 * total >= metric.of(base);
        let totals = [Metric::Space, Metric::Objects].map(|metric| (metric, total(metric)));
        let totals: Vec<_> = totals.into_iter().filter(is_any).collect();
        let matters = |&site: &usize| {
            let delta = self.delta_of(site);
            totals.iter().any(|&(metric, total)| metric.of(delta) > 0 && NEGLIGIBLE_PART * metric.of(delta) >= total)
        };
        if is_weighed || !sites.iter().any(matters) { sites } else { sites.iter().copied().filter(matters).collect() }
    }

    fn is_folded(&self, site: usize) -> bool {
        self.folds_runtime && is_folded(self.deltas, self.evidence, site)
    }

    fn delta_of(&self, site: usize) -> Values {
        self.deltas.sites[site].change.delta()
    }

    /// The `count` sites most grown in the metric of the list, the last of which makes room for the one most grown in the
    /// other metric if that is not among them.
    fn most_of_both(
        &self,
        sites: impl Iterator<Item = usize>,
        by_other: impl Iterator<Item = usize>,
        count: usize,
    ) -> Vec<usize> {
        let mut listed: Vec<_> = sites.filter(|&site| self.delta(site) > 0).take(count).collect();
        let other = by_other.take(1).find(|site| self.growth(*site).1 > 0 && !listed.contains(site));
        if let Some(other) = other.filter(|_| count > 0) {
            listed.truncate(count - 1);
            listed.push(other);
        }
        listed
    }

    /// Drops the last of many sites where they are a small part of `growth`, which is of all.
    fn cut_small(&self, listed: &mut Vec<usize>, growth: i128) {
        let is_large = |&site: &usize| 100 * self.delta(site) >= MIN_FURTHER_PERCENT * growth;
        let large = listed.iter().skip(MAX_SMALL).take_while(|site| is_large(site)).count();
        listed.truncate(MAX_SMALL + large);
    }

    /// Adds the first of other sites, unless they are listed.
    fn add_most(&self, listed: &mut Vec<usize>, others: impl Iterator<Item = usize>) {
        for site in others.take(MAX_OF_OTHER_METRIC) {
            if !listed.contains(&site) {
                listed.push(site);
            }
        }
    }

    /// The first of some sites, in order.
    fn first(&self, mut sites: Vec<usize>, top: usize) -> Vec<usize> {
        if top == 0 {
            return Vec::new();
        }
        if top < sites.len() {
            sites.select_nth_unstable_by(top - 1, |&a, &b| self.compare(a, b));
            sites.truncate(top);
        }
        sites.sort_unstable_by(|&a, &b| self.compare(a, b));
        sites
    }

    /// Compares two sites: the surest growth first, then the greatest. No two are equal.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        let order = |site: usize| (self.tier(site), Reverse(self.growth(site)));
        let key = |site: usize| self.deltas.key(&self.deltas.sites[site]);
        order(a).cmp(&order(b)).then_with(|| key(a).cmp(&key(b)))
    }

    fn tier(&self, site: usize) -> Tier {
        // What the runtime keeps for itself is not the program's doing.
        let is_exempt = self.deltas.sites[site].is_exempt();
        if is_exempt { Tier::Noise } else { Tier::of(self.evidence.significance(site)) }
    }

    fn other_metric(&self) -> Metric {
        match self.metric {
            Metric::Space => Metric::Objects,
            Metric::Objects => Metric::Space,
        }
    }

    fn delta(&self, site: usize) -> i128 {
        self.deltas.sites[site].change.delta_of(self.metric)
    }

    /// Growth in the metric of the list, and in the other one.
    fn growth(&self, site: usize) -> (i128, i128) {
        (self.delta(site), self.deltas.sites[site].change.delta_of(self.other_metric()))
    }

    fn grew(&self, site: usize) -> bool {
        let (by_metric, by_other) = self.growth(site);
        by_metric > 0 || by_other > 0
    }

    /// Flat growth, since cumulative values of several sites overlap and have no sum.
    fn flat(&self, site: usize) -> Values {
        self.deltas.change(&self.deltas.sites[site], Attribution::Flat).delta()
    }

    fn sum(&self, sites: impl Iterator<Item = usize>) -> SiteSum {
        sites.fold(SiteSum::default(), |sum, site| SiteSum { sites: sum.sites + 1, delta: sum.delta + self.flat(site) })
    }

    /// All sites that shrank, the one that shrank most if it shrank by as much as any grew, and the sum of all growth, the
    /// runtime's included.
    fn shrank_and_grown(&self) -> (SiteSum, Option<usize>, i128) {
        let mut shrank = SiteSum::default();
        let total = (0..self.deltas.sites.len()).map(|site| self.metric.of(self.flat(site)).max(0)).sum();
        let (mut least, mut most, mut most_shrunk) = (0, 0, None);
        for at in (0..self.deltas.sites.len()).filter(|&site| !self.is_folded(site)) {
            let (delta, flat) = (self.delta(at), self.flat(at));
            most = most.max(delta);
            if delta < 0 {
                shrank.sites += 1;
                shrank.delta += flat;
            }
            let is_first = |known: usize| self.compare(at, known).is_lt();
            if delta < least || delta < 0 && delta == least && most_shrunk.is_some_and(is_first) {
                (least, most_shrunk) = (delta, Some(at));
            }
        }
        (shrank, most_shrunk.filter(|_| -least >= most), total)
    }
}

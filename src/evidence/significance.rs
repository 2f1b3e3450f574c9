//! The statistical class of every site. In: births and deaths by site. Out: [`Classes`].

use super::families::{significant, suspects, testable};
use super::tester::{MAX_P, Tester};
use super::turnover::{BucketTurnover, Turnover};
use super::weights::SideWeights;
use crate::site::Rate;

/// Level of the family of all sites: the probability that any site is called significant if none grew.
pub(super) const SIGNIFICANCE_ALPHA: f64 = 0.05;
/// Level of the family of all sites for the gate. Of programs in which nothing grew and everything was counted, sampled
/// anew 2,300 times at each of 4, 64 and 512 KiB with all that may have been replaced replaced, at most 0.8 % failed with
/// it, and of 1,150 pairs of two runs each as many; with 0.03 up to 1.0 %. Of leaks of twelve samples and more it finds as
/// many; 0.01 loses some.
pub const GATE_ALPHA: f64 = 0.02;
/// False discovery rate of suspects.
const SUSPECT_FDR: f64 = 0.1;
/// Every p-value that a class depends on is one that [`Tester`] reports.
const _: () = assert!(SIGNIFICANCE_ALPHA <= MAX_P && GATE_ALPHA <= MAX_P && SUSPECT_FDR <= MAX_P);

/// What the statistics say of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Significance {
    /// Grew: true of all such sites of the comparison with 95 % confidence.
    Grew,
    /// May well have grown: nine of ten such sites did.
    Suspect,
    /// No more than chance does.
    Noise,
    /// Shrank, with the same confidence as [`Significance::Grew`].
    Shrank,
    /// Unknown: object sizes or the sampling rate are missing, or rates differ.
    Unknown,
}

impl Significance {
    /// Whether a site may well have grown, though that is not confirmed.
    pub fn is_suspicion(self) -> bool {
        matches!(self, Significance::Suspect)
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Significance::Grew => "grew",
            Significance::Suspect => "suspect",
            Significance::Noise => "noise",
            Significance::Shrank => "shrank",
            Significance::Unknown => "unknown",
        }
    }
}

/// The classes of all sites.
#[derive(Debug)]
pub(super) struct Classes {
    /// Level at which each site was tested for growth, before any was significant.
    pub(super) level: f64,
    /// Level at which the next site would be significant, after those that are.
    pub(super) next_level: f64,
    /// Level at which the gate tests each site, before any is significant.
    pub(super) gate_level: f64,
    /// By site.
    pub(super) significance: Vec<Significance>,
    /// By site: whether it grew at [`GATE_ALPHA`].
    pub(super) gate: Vec<bool>,
}

impl Classes {
    /// Classes of `count` sites of which nothing is known.
    pub(super) fn unknown(count: usize) -> Self {
        Classes {
            level: SIGNIFICANCE_ALPHA,
            next_level: SIGNIFICANCE_ALPHA,
            gate_level: GATE_ALPHA,
            significance: vec![Significance::Unknown; count],
            gate: vec![false; count],
        }
    }

    /// Tests each site for growth and for shrinkage.
    ///
    /// `is_exempt`: by site, whether it is the runtime's own affair. Such sites are a family of their own, so that they do
    /// not cost the program's sites significance, and the gate ignores them.
    pub(super) fn new(turnover: &Turnover, rate: Rate, weights: SideWeights, is_exempt: &[bool]) -> Self {
        let mut classes = Classes::of_family(turnover, rate, weights, |site| !is_exempt[site]);
        if is_exempt.contains(&true) {
            let exempt = Classes::of_family(turnover, rate, weights, |site| is_exempt[site]);
            for site in (0..is_exempt.len()).filter(|&site| is_exempt[site]) {
                classes.significance[site] = exempt.significance[site];
            }
        }
        classes
    }

    /// Tests the sites of a family. All others are noise, unless they are unknown.
    fn of_family(turnover: &Turnover, rate: Rate, weights: SideWeights, is_member: impl Fn(usize) -> bool) -> Self {
        let weights = weights.relative();
        let mut tester = Tester::new(rate, weights);
        let mut min_p = min_attainable_p(turnover, &mut tester, &is_member);
        let grown = GrownSites::new(turnover, &mut tester, &min_p);
        // Shrinkage is growth with the sides exchanged, whose samples may have other weights.
        if weights.mirrored() != weights {
            tester = Tester::new(rate, weights.mirrored());
            min_p = min_attainable_p(turnover, &mut tester, &is_member);
        }
        let shrank = shrank(turnover, &mut tester, &min_p);
        let significance = (0..turnover.live.len()).map(|site| match () {
            () if turnover.live[site].has_unknown => Significance::Unknown,
            () if grown.significant[site] => Significance::Grew,
            () if shrank[site] => Significance::Shrank,
            () if grown.suspect[site] => Significance::Suspect,
            () => Significance::Noise,
        });
        let significance = significance.collect();
        let GrownSites { level, next_level, gate_level, gate, .. } = grown;
        Classes { level, next_level, gate_level, significance, gate }
    }
}

/// By site: the smallest p-value that as many samples can give; 1 for those that are not members of the family.
fn min_attainable_p(turnover: &Turnover, tester: &mut Tester, is_member: impl Fn(usize) -> bool) -> Vec<f64> {
    let min_p = |site| if is_member(site) { tester.min_attainable_p(turnover.known_of(site)) } else { 1.0 };
    (0..turnover.live.len()).map(min_p).collect()
}

/// The sites that grew, by three criteria.
struct GrownSites {
    /// As in [`Classes`].
    level: f64,
    /// As in [`Classes`].
    next_level: f64,
    /// As in [`Classes`].
    gate_level: f64,
    significant: Vec<bool>,
    suspect: Vec<bool>,
    gate: Vec<bool>,
}

impl GrownSites {
    fn new(turnover: &Turnover, tester: &mut Tester, min_p: &[f64]) -> Self {
        let (family, gate_family) = (testable(min_p, SIGNIFICANCE_ALPHA), testable(min_p, GATE_ALPHA));
        let max_level = family.level.max(gate_family.level);
        // Sites that no family can select keep p = 1.
        let p_value = |(site, &min_p): (usize, &f64)| match min_p <= max_level {
            true => tester.p_value(turnover.known_of(site)),
            false => 1.0,
        };
        let p_values: Vec<_> = min_p.iter().enumerate().map(p_value).collect();
        let significant_sites = significant(&p_values, &family);
        let found = significant_sites.iter().filter(|&&is_significant| is_significant).count();
        GrownSites {
            level: family.level,
            // Holm's.
            next_level: SIGNIFICANCE_ALPHA / family.sites.len().saturating_sub(found).max(1) as f64,
            gate_level: gate_family.level,
            significant: significant_sites,
            suspect: suspects(&p_values, &family, SUSPECT_FDR),
            gate: significant(&p_values, &gate_family),
        }
    }
}

/// By site: whether it shrank.
fn shrank(turnover: &Turnover, tester: &mut Tester, min_p: &[f64]) -> Vec<bool> {
    let family = testable(min_p, SIGNIFICANCE_ALPHA);
    let mut p_values = vec![1.0; min_p.len()];
    for &site in &family.sites {
        let mirrored: Vec<_> = turnover.known_of(site).iter().map(BucketTurnover::mirrored).collect();
        p_values[site] = tester.p_value(&mirrored);
    }
    significant(&p_values, &family)
}

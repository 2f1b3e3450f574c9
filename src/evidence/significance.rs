//! The statistical class of every site. In: births and deaths by site. Out: [`Classes`].

use super::families::{Test, confirmed, suspects, testable};
use super::tester::{MAX_P, Tester};
use super::turnover::{BucketTurnover, Turnover};
use super::weights::SideWeights;
use crate::site::Rate;

/// Level of the family of all sites for display: the probability that any site is called significant if none grew.
pub(super) const DISPLAY_ALPHA: f64 = 0.05;
/// Level of the family of all sites for the gate. Of 2,014 real pairs of one process in which nothing grew, 0.8 % failed
/// by the object count with it, and 1.4 % with 0.05; of 227 leaks of twelve samples and more, all were found.
pub const GATE_ALPHA: f64 = 0.03;
/// False discovery rate of suspects.
const SUSPECT_FDR: f64 = 0.1;
/// Every p-value that a class depends on is one that [`Tester`] reports.
const _: () = assert!(DISPLAY_ALPHA <= MAX_P && GATE_ALPHA <= MAX_P && SUSPECT_FDR <= MAX_P);

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
    /// Level at which each site was tested for growth.
    pub(super) level: f64,
    /// By site.
    pub(super) significance: Vec<Significance>,
    /// By site: whether it grew at [`GATE_ALPHA`].
    pub(super) gate: Vec<bool>,
}

impl Classes {
    /// Classes of `count` sites of which nothing is known.
    pub(super) fn unknown(count: usize) -> Self {
        Classes { level: DISPLAY_ALPHA, significance: vec![Significance::Unknown; count], gate: vec![false; count] }
    }

    /// Tests each site for growth and for shrinkage.
    pub(super) fn new(turnover: &Turnover, rate: Rate, weights: SideWeights) -> Self {
        let weights = weights.relative();
        let mut tester = Tester::new(rate, weights);
        let mut tests = untested(turnover, &mut tester);
        let growth = Growth::new(turnover, &mut tester, tests.clone());
        // Shrinkage is growth with the sides exchanged, whose samples may have other weights.
        if weights.mirrored() != weights {
            tester = Tester::new(rate, weights.mirrored());
            tests = untested(turnover, &mut tester);
        }
        let shrank = shrank(turnover, &mut tester, tests);
        let significance = (0..turnover.live.len()).map(|site| match () {
            () if turnover.live[site].has_unknown => Significance::Unknown,
            () if growth.display[site] => Significance::Grew,
            () if shrank[site] => Significance::Shrank,
            () if growth.suspect[site] => Significance::Suspect,
            () => Significance::Noise,
        });
        Classes { level: growth.level, significance: significance.collect(), gate: growth.gate }
    }
}

/// By site: a test of which only the smallest attainable p-value is known.
fn untested(turnover: &Turnover, tester: &mut Tester) -> Vec<Test> {
    let min_attainable_p = |site: usize| tester.min_attainable_p(turnover.known_of(site));
    (0..turnover.live.len()).map(min_attainable_p).map(|min_attainable_p| Test { p: 1.0, min_attainable_p }).collect()
}

/// The sites that grew, by three criteria.
struct Growth {
    /// Level of each site in the family for display.
    level: f64,
    display: Vec<bool>,
    suspect: Vec<bool>,
    gate: Vec<bool>,
}

impl Growth {
    fn new(turnover: &Turnover, tester: &mut Tester, mut tests: Vec<Test>) -> Self {
        let (display_family, gate_family) = (testable(&tests, DISPLAY_ALPHA), testable(&tests, GATE_ALPHA));
        let max_level = display_family.level.max(gate_family.level);
        for (site, test) in tests.iter_mut().enumerate().filter(|(_, test)| test.min_attainable_p <= max_level) {
            test.p = tester.p_value(turnover.known_of(site));
        }
        Growth {
            level: display_family.level,
            display: confirmed(&tests, &display_family),
            suspect: suspects(&tests, &display_family, SUSPECT_FDR),
            gate: confirmed(&tests, &gate_family),
        }
    }
}

/// By site: whether it shrank.
fn shrank(turnover: &Turnover, tester: &mut Tester, mut tests: Vec<Test>) -> Vec<bool> {
    let family = testable(&tests, DISPLAY_ALPHA);
    for &site in &family.sites {
        let mirrored: Vec<_> = turnover.known_of(site).iter().map(BucketTurnover::mirrored).collect();
        tests[site].p = tester.p_value(&mirrored);
    }
    confirmed(&tests, &family)
}

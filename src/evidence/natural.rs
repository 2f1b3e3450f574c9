//! Natural variation: by how much a site differs from run to run though nothing changed.
//!
//! In: the moments of every site over the runs of both builds. Out: for each site whether it varies by more than
//! sampling makes it, and then the bounds of its growth by that variation.
//!
//! The variance of a site over runs is that of sampling, which is known, and a natural part. With few runs a variance
//! that is estimated is worth little: by t of two degrees of freedom a leak of 4 samples a run against none is not
//! significant (p = .04), though 12 samples against none are (p = .0002). So the estimate counts only where the runs
//! contradict sampling: by the index of dispersion, `Σ (x - mean)² / v` over the runs of both builds, `v` the variance
//! by sampling, which is χ² with `runs - 2` degrees of freedom where nothing varies by itself. Beyond its upper
//! [`DISPERSION_ALPHA`] the site varies, and Welch's interval holds where it is wider: variance `Σ w² n s²` of the
//! weighted sums, `s²` no less than `v`, and degrees of freedom by Welch and Satterthwaite.
//!
//! Simulated (`tests/suite/simulation_runs.rs`).

use std::f64::consts::LN_2;

use super::bounds::Interval;
use super::moments::{Moments, RunMoments};
use super::student;
use super::tail::{Gamma, Tail};
use crate::diff::Metric;

/// Runs of each side from which on natural variation is measured.
pub const MIN_RUNS: usize = 3;

/// Probability that a site whose runs vary by sampling alone is taken for one that varies by itself.
const DISPERSION_ALPHA: f64 = 0.02;

/// The natural variation of a site, or of the whole heap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteVariation {
    /// Growth, objects and bytes.
    growth: [f64; 2],
    /// Variance of it.
    variance: [f64; 2],
    /// Degrees of freedom of that; infinite where it is known.
    freedom: [f64; 2],
}

/// The natural variation of all sites that vary by themselves.
#[derive(Debug)]
pub(super) struct NaturalVariation {
    /// By site, and at the end of all together; `None` for those that vary by no more than sampling.
    sites: Vec<Option<SiteVariation>>,
}

impl NaturalVariation {
    /// `sides`: the moments of the runs of each build, with what a run counts for in the growth, negative for the base.
    pub(super) fn new(sides: &[(f64, &RunMoments)]) -> Self {
        let count = sides.iter().map(|(_, side)| side.sites.len()).min().unwrap_or(0);
        let of_site = |site: usize| {
            let sides = || sides.iter().map(|&(weight, side)| (weight, side.runs, side.sites[site]));
            varies(sides()).then(|| SiteVariation::new(sides()))
        };
        NaturalVariation { sites: (0..count).map(of_site).collect() }
    }

    /// Of a site; `None` if it varies by no more than sampling.
    pub(super) fn of(&self, site: usize) -> Option<&SiteVariation> {
        self.sites.get(site).filter(|_| site + 1 < self.sites.len())?.as_ref()
    }

    /// Of all sites together.
    pub(super) fn of_total(&self) -> Option<&SiteVariation> {
        self.sites.last()?.as_ref()
    }
}

/// Whether runs differ by more than sampling makes them, by their bytes.
fn varies(sides: impl Iterator<Item = (f64, usize, Moments)>) -> bool {
    let space = index(Metric::Space);
    let (mut dispersion, mut freedom) = (0.0, 0.0);
    for (_, runs, moments) in sides {
        if moments.sampling[space] > 0.0 {
            dispersion += moments.squares[space] / moments.sampling[space];
            freedom += runs as f64 - 1.0;
        } else if moments.squares[space] > 0.0 {
            return true;
        }
    }
    let tail = |ln: f64| Gamma::new(freedom / 2.0).ln_tail(Tail::Upper, ln).0;
    dispersion > freedom && tail(libm::log(dispersion) - LN_2) < libm::log(DISPERSION_ALPHA)
}

impl SiteVariation {
    fn new(sides: impl Iterator<Item = (f64, usize, Moments)>) -> Self {
        let (mut growth, mut variance, mut doubt) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        for (weight, runs, moments) in sides {
            let runs = runs as f64;
            for metric in [0, 1] {
                let measured = moments.squares[metric] / (runs - 1.0);
                let part = weight * weight * runs * measured.max(moments.sampling[metric]);
                growth[metric] += weight * runs * moments.mean[metric];
                variance[metric] += part;
                // The variance by sampling is known.
                if measured > moments.sampling[metric] {
                    doubt[metric] += part * part / (runs - 1.0);
                }
            }
        }
        let freedom = [0, 1].map(|metric| variance[metric] * variance[metric] / doubt[metric]);
        SiteVariation { growth, variance, freedom: freedom.map(|found| if found < 1e6 { found } else { 1e6 }) }
    }

    /// The probability of such growth in bytes by natural variation.
    pub fn p_value(&self) -> f64 {
        let (growth, variance) = (self.growth[index(Metric::Space)], self.variance[index(Metric::Space)]);
        student::upper_tail(growth / variance.sqrt(), self.freedom[index(Metric::Space)])
    }

    /// By how much growth may differ from its estimate, with probability `alpha` on either side, in objects or bytes.
    pub fn half_width(&self, alpha: f64, metric: Metric) -> f64 {
        let metric = index(metric);
        student::upper_quantile(alpha, self.freedom[metric]) * self.variance[metric].sqrt()
    }

    /// The bounds of growth, no narrower than they are by sampling.
    pub(super) fn widen(&self, sampled: Interval, alpha: f64, metric: Metric) -> Interval {
        let half = self.half_width(alpha, metric);
        let Interval { estimate, low, high } = sampled;
        Interval { estimate, low: low.min(estimate - half), high: high.max(estimate + half) }
    }
}

/// The index of a metric in pairs of objects and bytes.
fn index(metric: Metric) -> usize {
    match metric {
        Metric::Objects => 0,
        Metric::Space => 1,
    }
}

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
//! The level is a compromise, by simulation (lower bounds above 0 though nothing grew, nominally 2.5 %; and a leak of 6
//! samples a run found that varies by 15 %):
//!
//! ```text
//!                                       by sampling alone   level .1    .05    .02
//! 3 runs, natural variance 3 x sampling            17.3 %        4.9    5.8    7.4
//! 3 runs, natural variance 10 x sampling           28.4 %        2.5    2.7    3.1
//! 5 runs, natural variance 3 x sampling            16.5 %        2.5    3.2    4.0
//! 3 runs, the leak                                 98.9 %       86.3   92.0   96.5
//! ```
//!
//! A variance shrunk towards that of sampling by a weight of 2 to 4 degrees of freedom lowered the worst error from 7.4 to
//! 5.7 %, and the power of a leak of 3 samples a run from 53 to 44 %: not worth it. Where both profiles of a side are of
//! one process each, what a process grew by varies, not what it has. Whole heaps likewise.

use std::f64::consts::LN_2;

use super::bounds::Interval;
use super::moments::{Moments, RunMoments};
use super::tail::{Gamma, Tail};
use super::{normal, student};
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

    /// Growth beyond what is allowed that the lower bound shows nine times in ten, in objects or bytes.
    pub fn detectable(&self, alpha: f64, metric: Metric) -> f64 {
        self.half_width(alpha, metric) + normal::upper_quantile(0.1) * self.variance[index(metric)].sqrt()
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

#[cfg(test)]
mod tests {
    use super::super::bounds::growth_interval;
    use super::super::turnover::BucketTurnover;
    use super::super::weights::SideWeights;
    use super::*;
    use crate::site::Rate;

    const RATE: i64 = 64 << 10;
    const ALPHA: f64 = 0.025;

    /// A generator that always gives the same numbers (SplitMix64).
    struct Random(u64);

    impl Random {
        fn uniform(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = self.0;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((word ^ (word >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        }

        fn normal(&mut self) -> f64 {
            (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
        }

        fn poisson(&mut self, mean: f64) -> u64 {
            let (end, mut product, mut count) = (libm::exp(-mean), self.uniform(), 0);
            while product > end {
                product *= self.uniform();
                count += 1;
            }
            count
        }

        /// The samples of runs that expect `mean` of them, which itself has a relative deviation of `natural`.
        fn runs(&mut self, runs: usize, mean: f64, natural: f64) -> Vec<u64> {
            let one = |_| {
                let expected = mean * (1.0 + natural * self.normal()).max(0.0);
                self.poisson(expected)
            };
            (0..runs).map(one).collect()
        }
    }

    fn moments(samples: &[u64]) -> RunMoments {
        let run = |&born: &u64| vec![(0, BucketTurnover { size: 64, born, ..BucketTurnover::default() })];
        RunMoments::new(Rate::new(RATE), 1, samples.iter().map(run))
    }

    fn variation(base: &[u64], current: &[u64]) -> Option<SiteVariation> {
        let [base, current] = [base, current].map(moments);
        NaturalVariation::new(&[(1.0, &current), (-1.0, &base)]).of(0).copied()
    }

    /// The lower bound of the growth in bytes, by sampling and by natural variation.
    fn low(base: &[u64], current: &[u64]) -> [f64; 2] {
        let [died, born] = [base, current].map(|runs| runs.iter().sum());
        let moved = [BucketTurnover { size: 64, born, died, is_usual: false }];
        let sampled = growth_interval(&moved, Rate::new(RATE), SideWeights::SUM, ALPHA, Metric::Space);
        let natural = variation(base, current).map(|found| found.widen(sampled, ALPHA, Metric::Space));
        [sampled.low, natural.unwrap_or(sampled).low]
    }

    #[test]
    fn runs_that_sampling_explains_do_not_vary() {
        assert_eq!(variation(&[9, 12, 10], &[8, 14, 11]), None);
        assert_eq!(variation(&[0, 0, 0], &[4, 3, 6]), None);
        assert!(variation(&[9, 42, 10], &[8, 14, 31]).is_some());
        let [sampled, natural] = low(&[0, 0, 0], &[4, 3, 6]);
        assert!(sampled == natural && sampled > 0.0);
    }

    #[test]
    fn what_varies_is_held_to_that() {
        // By sampling alone it grew; one run of three makes most of it.
        let [sampled, natural] = low(&[20, 31, 12], &[25, 90, 17]);
        assert!(sampled > 0.0 && natural < 0.0, "{sampled} {natural}");
        // It grew in all runs.
        let [_, natural] = low(&[20, 31, 12], &[220, 290, 190]);
        assert!(natural > 0.0, "{natural}");
        let found = variation(&[20, 31, 12], &[220, 290, 190]);
        assert!(found.is_some_and(|found| found.p_value() < 0.01 && found.half_width(ALPHA, Metric::Objects) > 0.0));
    }

    #[test]
    fn counted_objects_vary_by_themselves() {
        let counted = |samples: &[u64]| {
            let run = |&born: &u64| vec![(0, BucketTurnover { size: 64, born, ..BucketTurnover::default() })];
            RunMoments::new(Rate::new(1), 1, samples.iter().map(run))
        };
        let of = |base: &[u64], current: &[u64]| {
            NaturalVariation::new(&[(1.0, &counted(current)), (-1.0, &counted(base))]).of(0).copied()
        };
        assert_eq!(of(&[5, 5, 5], &[9, 9, 9]), None);
        let found = of(&[0, 0, 0], &[90, 100, 110]).map(|found| found.p_value());
        // t = 17.3 of two degrees of freedom.
        assert!(found.is_some_and(|p| (p / 0.001_658 - 1.0).abs() < 0.01), "{found:?}");
    }

    #[test]
    fn a_sum_and_a_mean_agree() {
        let [base, current] = [[20, 31, 12, 4], [60, 25, 190, 80]].map(|runs| moments(&runs));
        let [sum, mean] = [1.0, 0.25].map(|weight| {
            let found = NaturalVariation::new(&[(weight, &current), (-weight, &base)]).of(0).copied();
            found.map(|found| (found.p_value(), found.half_width(ALPHA, Metric::Space) / weight))
        });
        let (sum, mean) = (sum.unwrap_or_default(), mean.unwrap_or_default());
        assert!((sum.0 / mean.0 - 1.0).abs() < 1e-9 && (sum.1 / mean.1 - 1.0).abs() < 1e-9);
    }

    /// Of 100 comparisons in which nothing grew: how often the lower bound is above 0, by sampling and by both.
    fn false_growth(runs: usize, mean: f64, natural: f64, random: &mut Random) -> [f64; 2] {
        const TRIALS: u32 = 600;
        let mut found = [0; 2];
        for _ in 0..TRIALS {
            let [base, current] = [(); 2].map(|()| random.runs(runs, mean, natural));
            let low = low(&base, &current);
            found[0] += u32::from(low[0] > 0.0);
            found[1] += u32::from(low[1] > 0.0);
        }
        found.map(|count| 100.0 * f64::from(count) / f64::from(TRIALS))
    }

    #[test]
    fn natural_variation_hardly_ever_looks_like_growth() {
        let random = &mut Random(19);
        // The share of natural variance to that of sampling is the third number squared, times the second.
        for (runs, mean, natural, by_sampling, most) in [
            (3, 6.0, 0.0, 1.0, 4.0),
            (5, 20.0, 0.0, 1.0, 4.0),
            (3, 20.0, 0.22, 5.0, 8.0),
            (3, 20.0, 0.39, 12.0, 9.0),
            (3, 100.0, 0.32, 20.0, 5.0),
            (5, 20.0, 0.39, 12.0, 6.0),
            (5, 100.0, 0.32, 20.0, 4.0),
        ] {
            let found = false_growth(runs, mean, natural, random);
            assert!(found[0] >= by_sampling && found[1] <= most, "{runs} {mean} {natural}: {found:?}");
        }
    }

    #[test]
    fn a_leak_is_found_though_it_varies() {
        let random = &mut Random(7);
        for (runs, mean, least) in [(3, 6.0, 85.0), (3, 15.0, 90.0), (5, 6.0, 94.0), (5, 15.0, 98.0)] {
            let trials = 1000;
            let found = (0..trials).filter(|_| low(&vec![0; runs], &random.runs(runs, mean, 0.15))[1] > 0.0).count();
            let percent = 100.0 * found as f64 / f64::from(trials);
            assert!(percent >= least, "{runs} {mean}: {percent}");
        }
    }
}

//! Mean and variance of every site over the runs of a side. In: the births and deaths of each run. Out: [`RunMoments`].

use super::turnover::BucketTurnover;
use crate::site::Rate;

/// What the runs of a side have of one site, or of all together: objects and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Moments {
    /// Mean of the runs.
    pub(super) mean: [f64; 2],
    /// Sum of the squared deviations from the mean.
    pub(super) squares: [f64; 2],
    /// Mean over the runs of the variance that sampling alone makes.
    pub(super) sampling: [f64; 2],
}

/// The moments of all sites.
#[derive(Debug)]
pub(super) struct RunMoments {
    pub(super) runs: usize,
    /// By site, and at the end those of all sites together.
    pub(super) sites: Vec<Moments>,
}

impl RunMoments {
    /// `runs`: the buckets of each run by their sites, of which there are `sites`; those of site `sites` count in all
    /// together only. What was born counts, less what died.
    pub(super) fn new(rate: Rate, sites: usize, runs: impl Iterator<Item = Vec<(usize, BucketTurnover)>>) -> Self {
        let mut moments = RunMoments { runs: 0, sites: vec![Moments::default(); sites + 1] };
        for run in runs {
            moments.add(rate, &run);
        }
        moments
    }

    /// Adds a run (Welford 1962).
    fn add(&mut self, rate: Rate, run: &[(usize, BucketTurnover)]) {
        let all = self.sites.len() - 1;
        let mut found = vec![[[0.0; 2]; 2]; self.sites.len()];
        for &(site, bucket) in run {
            let objects = rate.objects_per_sample(bucket.size);
            let (born, died) = (bucket.born as f64, bucket.died as f64);
            for (metric, weight) in [objects, objects * bucket.size as f64].into_iter().enumerate() {
                for at in [all, site].into_iter().take(if site == all { 1 } else { 2 }) {
                    found[at][metric][0] += weight * (born - died);
                    found[at][metric][1] += weight * weight * rate.unseen(bucket.size) * (born + died);
                }
            }
        }
        self.runs += 1;
        let runs = self.runs as f64;
        for (moments, found) in self.sites.iter_mut().zip(found) {
            for (metric, [value, variance]) in found.into_iter().enumerate() {
                let before = value - moments.mean[metric];
                moments.mean[metric] += before / runs;
                moments.squares[metric] += before * (value - moments.mean[metric]);
                moments.sampling[metric] += (variance - moments.sampling[metric]) / runs;
            }
        }
    }
}

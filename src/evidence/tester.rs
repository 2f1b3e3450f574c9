//! Tests many sites against one pair of profiles.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::p_value::p_value_up_to;
use super::turnover::BucketTurnover;
use super::weights::SideWeights;
use crate::site::Rate;

/// Largest p-value that a [`Tester`] reports; no family of tests distinguishes larger ones from 1.
pub(super) const MAX_P: f64 = 0.1;

/// Tests sites one after the other and remembers the results, since most sites have few samples of one size.
#[derive(Debug)]
pub struct Tester {
    rate: Rate,
    weights: SideWeights,
    known: HashMap<BucketTurnover, f64, RandomState>,
}

impl Tester {
    /// A tester for profiles of this rate.
    pub fn new(rate: Rate, weights: SideWeights) -> Self {
        Tester { rate, weights, known: HashMap::default() }
    }

    /// The p-value of a site's growth, but 1 for p-values above [`MAX_P`].
    pub fn p_value(&mut self, buckets: &[BucketTurnover]) -> f64 {
        let (rate, weights) = (self.rate, self.weights);
        let p_value = |buckets: &[BucketTurnover]| p_value_up_to(MAX_P, buckets, rate, weights);
        match sum_of_one_size(buckets) {
            Some(sum) => *self.known.entry(sum).or_insert_with(|| p_value(&[sum])),
            None => p_value(buckets),
        }
    }

    /// The p-value if all samples had been born: down to 1e-8, no other outcome of as many samples has a smaller one.
    /// (Below, a few large objects can have one, since one death seen leaves less room for unseen deaths.)
    pub fn min_attainable_p(&mut self, buckets: &[BucketTurnover]) -> f64 {
        match sum_of_one_size(buckets) {
            Some(sum) => self.p_value(&[sum.all_born()]),
            None => self.p_value(&buckets.iter().map(BucketTurnover::all_born).collect::<Vec<_>>()),
        }
    }
}

/// The sum of the buckets, if all are of one size.
fn sum_of_one_size(buckets: &[BucketTurnover]) -> Option<BucketTurnover> {
    let (first, rest) = buckets.split_first()?;
    rest.iter().try_fold(*first, |sum, bucket| {
        let born = sum.born.saturating_add(bucket.born);
        let died = sum.died.saturating_add(bucket.died);
        let is_alike = bucket.size == sum.size && bucket.is_usual == sum.is_usual;
        is_alike.then_some(BucketTurnover { born, died, ..sum })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::p_value::p_value;
    use crate::evidence::turnover::turnover;

    const RATE: i64 = 512 << 10;

    #[test]
    fn a_tester_remembers_what_it_would_find() {
        let (rate, weights) = (Rate::new(RATE), SideWeights::SUM);
        let mut tester = Tester::new(rate, weights);
        for buckets in [&[(64, 7, 1)][..], &[(64, 3, 1), (64, 4, 0)], &[(64, 7, 1)], &[(64, 3, 1), (48, 4, 0)], &[]] {
            let buckets = turnover(buckets);
            let all_born: Vec<_> = buckets.iter().map(BucketTurnover::all_born).collect();
            let (p, min_p) = (p_value(&buckets, rate, weights), p_value(&all_born, rate, weights));
            assert!((tester.p_value(&buckets) / p - 1.0).abs() < 1e-6, "{buckets:?}");
            assert!((tester.min_attainable_p(&buckets) / min_p - 1.0).abs() < 1e-6, "{buckets:?}");
        }
        assert_eq!(tester.known.len(), 2);
        let chance = turnover(&[(64, 3, 1)]);
        assert!(p_value(&chance, rate, weights) > MAX_P && tester.p_value(&chance) == 1.0);
    }
}

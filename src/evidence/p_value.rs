//! How likely a growth is by chance. In: what was born and what died in the buckets of a site, in raw
//! samples. Out: the level at which the lower bound of its growth in bytes is 0.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::evidence::families::Test;
use crate::evidence::interval::{BucketTurnover, SideWeights, Sums, Unit};
use crate::site::Rate;

/// The least p-value that is told from 0; also that of any growth that is not sampled, but counted.
pub const LEAST_P: f64 = 1e-26;
/// The greatest p-value that a [`Tester`] tells from 1: no family takes notice of greater ones.
pub const GREATEST_P: f64 = 0.1;

/// The level, from [`LEAST_P`] to 0.5, at which the lower bound of the growth in bytes is 0; 1 if it is not
/// above 0 at any.
///
/// Bytes, because raw samples are proportional to them; of objects, the smallest would drown the others.
/// Levels hold for objects up to the size of the rate. Of a few larger ones (2 to 12 times) nearly all are
/// sampled, and one that was missed looks like one that is new: where 30 of six times the rate were replaced,
/// p is below 0.005 in 7 % of the cases. A gate asks for more than one sample.
#[cfg(test)]
pub(super) fn p_value(moved: &[BucketTurnover], rate: Rate) -> f64 {
    p_value_per(moved, rate, SideWeights::SUM)
}

/// Likewise of sides whose samples count for less.
pub fn p_value_per(moved: &[BucketTurnover], rate: Rate, per: SideWeights) -> f64 {
    p_value_up_to(0.5, moved, rate, per)
}

/// Likewise, and 1 for what is above `greatest`.
fn p_value_up_to(greatest: f64, moved: &[BucketTurnover], rate: Rate, per: SideWeights) -> f64 {
    let sums = Sums::new(moved, rate, per.relative(), Unit::Bytes);
    if sums.estimate() <= 0.0 {
        return 1.0;
    }
    match sums.low_of_births() {
        Some(low) => level(&low, greatest),
        None => level(&|depth| sums.low(depth), greatest),
    }
}

/// The level at which a bound is 0. `low`: its sign at the level `e^-depth`.
fn level(low: &dyn Fn(f64) -> f64, greatest: f64) -> f64 {
    // A bound is nearly linear in √(-ln alpha).
    let low = |root: f64| low(root * root);
    let [first, last] = [greatest, LEAST_P].map(|p| (-libm::log(p)).sqrt());
    let at_first = low(first);
    if at_first <= 0.0 {
        return 1.0;
    }
    let at_last = low(last);
    if at_last > 0.0 {
        return LEAST_P;
    }
    let root = crossing(low, (first, at_first), (last, at_last));
    libm::exp(-root * root)
}

/// The p-value if all that moved had been born: none is smaller for as many samples, down to 1e-8. (Below,
/// a few large objects can have one, since one death seen leaves less room for deaths unseen.)
#[cfg(test)]
pub(super) fn least_p_value(moved: &[BucketTurnover], rate: Rate) -> f64 {
    p_value(&moved.iter().map(all_born).collect::<Vec<_>>(), rate)
}

fn all_born(bucket: &BucketTurnover) -> BucketTurnover {
    BucketTurnover { size: bucket.size, born: bucket.born.saturating_add(bucket.died), died: 0 }
}

/// Where a falling function passes 0, by Chandrupatla's method (1997): inverse quadratic interpolation, or
/// bisection where the function is not smooth enough. It may jump.
fn crossing(function: impl Fn(f64) -> f64, above: (f64, f64), below: (f64, f64)) -> f64 {
    const TOLERANCE: f64 = 1e-8;
    let (mut a, mut b) = (below, above);
    let mut share = 0.5;
    // Bisection alone would need 30.
    for _ in 0..100 {
        let x = a.0 + share * (b.0 - a.0);
        let new = (x, function(x));
        let c;
        if (new.1 > 0.0) == (a.1 > 0.0) {
            c = a;
        } else {
            c = b;
            b = a;
        }
        a = new;
        let nearest = TOLERANCE / (b.0 - a.0).abs();
        if nearest > 0.5 {
            break;
        }
        let xi = (a.0 - b.0) / (c.0 - b.0);
        let phi = (a.1 - b.1) / (c.1 - b.1);
        let is_smooth = phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi;
        share = 0.5;
        if is_smooth {
            let first = a.1 / (b.1 - a.1) * c.1 / (b.1 - c.1);
            let second = (c.0 - a.0) / (b.0 - a.0) * a.1 / (c.1 - a.1) * b.1 / (c.1 - b.1);
            share = first + second;
        }
        share = share.clamp(nearest, 1.0 - nearest);
    }
    if a.1.abs() < b.1.abs() { a.0 } else { b.0 }
}

/// Tests sites one after the other, and remembers what it saw: most sites have few samples of one size. What is above
/// [`GREATEST_P`] is 1.
#[derive(Debug)]
pub struct Tester {
    rate: Rate,
    per: SideWeights,
    known: HashMap<BucketTurnover, f64, RandomState>,
}

impl Tester {
    /// For profiles of this rate.
    pub fn new(rate: Rate) -> Self {
        Tester::of(rate, SideWeights::SUM)
    }

    /// For profiles of this rate, whose samples count for less.
    pub fn of(rate: Rate, per: SideWeights) -> Self {
        Tester { rate, per, known: HashMap::default() }
    }

    /// Both p-values of a site.
    pub fn test(&mut self, moved: &[BucketTurnover]) -> Test {
        Test { p: self.p_value(moved), least: self.least_p_value(moved) }
    }

    /// As [`p_value`].
    pub fn p_value(&mut self, moved: &[BucketTurnover]) -> f64 {
        let (rate, per) = (self.rate, self.per);
        let p_value = |moved: &[BucketTurnover]| p_value_up_to(GREATEST_P, moved, rate, per);
        match of_one_size(moved) {
            Some(sum) => *self.known.entry(sum).or_insert_with(|| p_value(&[sum])),
            None => p_value(moved),
        }
    }

    /// As [`least_p_value`].
    pub fn least_p_value(&mut self, moved: &[BucketTurnover]) -> f64 {
        match of_one_size(moved) {
            Some(sum) => self.p_value(&[all_born(&sum)]),
            None => self.p_value(&moved.iter().map(all_born).collect::<Vec<_>>()),
        }
    }
}

/// All buckets as one, if they are of one size.
fn of_one_size(moved: &[BucketTurnover]) -> Option<BucketTurnover> {
    let (first, rest) = moved.split_first()?;
    rest.iter().try_fold(*first, |sum, bucket| {
        let born = sum.born.saturating_add(bucket.born);
        let died = sum.died.saturating_add(bucket.died);
        (bucket.size == sum.size).then_some(BucketTurnover { size: sum.size, born, died })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: i64 = 512 << 10;

    fn moved(buckets: &[(u64, u64, u64)]) -> Vec<BucketTurnover> {
        buckets.iter().map(|&(size, born, died)| BucketTurnover { size, born, died }).collect()
    }

    /// With 40 steps of bisection over `ln alpha`, as it is defined.
    fn by_bisection(moved: &[BucketTurnover], rate: Rate) -> f64 {
        let sums = Sums::new(moved, rate, SideWeights::SUM, Unit::Bytes);
        let (mut less, mut more) = (libm::log(LEAST_P), libm::log(0.5));
        if sums.low(-more) <= 0.0 {
            return 1.0;
        }
        for _ in 0..40 {
            let middle = 0.5 * (less + more);
            *(if sums.low(-middle) > 0.0 { &mut more } else { &mut less }) = middle;
        }
        libm::exp(more)
    }

    /// `P[Binomial(born + died, 1/2) >= born]`, which ignores sizes.
    fn binomial(moved: &[BucketTurnover]) -> f64 {
        let born: u64 = moved.iter().map(|bucket| bucket.born).sum();
        let all = born + moved.iter().map(|bucket| bucket.died).sum::<u64>();
        let ways = |k: u64| (0..k).map(|i| (all - i) as f64 / (i + 1) as f64).product::<f64>();
        (born..=all).map(ways).sum::<f64>() / (all as f64).exp2()
    }

    #[test]
    fn known_p_values() {
        type Case<'a> = (&'a [(u64, u64, u64)], f64, f64);
        let cases: [Case<'_>; 7] = [
            (&[(64, 7, 0)], 0.00647945, 0.0078125),
            (&[(64, 10, 0)], 0.000869305, 0.000976562),
            (&[(64, 20, 5)], 0.00178922, 0.00203866),
            (&[(160, 12, 0), (24, 3, 1)], 0.000236104, 0.000259399),
            (&[(262144, 10, 2)], 0.00318177, 0.0192871),
            (&[(4194304, 1, 0)], 0.000335463, 0.5),
            (&[(512, 0, 8), (1024, 17, 0)], 0.0480146, 0.0538761),
        ];
        for (buckets, p, by_count) in cases {
            let buckets = moved(buckets);
            let found = p_value(&buckets, Rate::new(RATE));
            assert!((found / p - 1.0).abs() < 3e-6, "{buckets:?}: {found} {p}");
            assert!((binomial(&buckets) / by_count - 1.0).abs() < 3e-6, "{buckets:?}");
        }
    }

    #[test]
    fn as_by_bisection() {
        let rate = Rate::new(RATE);
        for size in [16, 4096, 300_000, 1 << 20, 5 << 20, 30 << 20, 1 << 30] {
            for (born, died) in [(1, 0), (2, 0), (3, 1), (9, 0), (9, 8), (60, 0), (70, 20), (400, 300), (1, 1)] {
                for other in [(64, 0, 0), (64, 2, 1), (1 << 21, 1, 0)] {
                    let buckets = moved(&[(size, born, died), other]);
                    let (found, known) = (p_value(&buckets, rate), by_bisection(&buckets, rate));
                    assert!((found / known - 1.0).abs() < 1e-6, "{buckets:?}: {found} {known}");
                    assert!(found < 1e-8 || least_p_value(&buckets, rate) <= found * (1.0 + 1e-6), "{buckets:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_counted_is_certain() {
        assert_eq!(p_value(&moved(&[(64, 2, 1)]), Rate::new(1)), LEAST_P);
        assert_eq!(p_value(&moved(&[(64, 1, 1)]), Rate::new(1)), 1.0);
        assert_eq!(p_value(&moved(&[(1 << 40, 1, 0)]), Rate::new(RATE)), LEAST_P);
        assert_eq!(p_value(&[], Rate::new(RATE)), 1.0);
    }

    #[test]
    fn a_tester_remembers_what_it_would_find() {
        let mut tester = Tester::new(Rate::new(RATE));
        for buckets in [&[(64, 7, 1)][..], &[(64, 3, 1), (64, 4, 0)], &[(64, 7, 1)], &[(64, 3, 1), (48, 4, 0)], &[]] {
            let buckets = moved(buckets);
            let (p, least) = (p_value(&buckets, tester.rate), least_p_value(&buckets, tester.rate));
            let found = tester.test(&buckets);
            assert!((found.p / p - 1.0).abs() < 1e-6 && (found.least / least - 1.0).abs() < 1e-6, "{buckets:?}");
        }
        assert_eq!(tester.known.len(), 2);
        let chance = moved(&[(64, 3, 1)]);
        assert!(p_value(&chance, tester.rate) > GREATEST_P && tester.p_value(&chance) == 1.0);
    }
}

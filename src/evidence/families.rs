//! Multiple testing: which sites are significant when many are tested at once, and at what level.

/// The test of one site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// Probability of such a growth by chance.
    pub p: f64,
    /// Smallest `p` that as many samples can give.
    pub min_attainable_p: f64,
}

/// The sites with enough samples to be significant, by Tarone (1990): the others cost no level.
#[derive(Debug, Clone, PartialEq)]
pub struct Testable {
    /// Level of the family: the probability that any of its significant sites did not grow.
    pub alpha: f64,
    /// Bonferroni-Tarone divisor; at least 1.
    pub divisor: usize,
    /// Level of one site: `alpha / divisor`.
    pub level: f64,
    /// Indexes of the sites whose smallest p-value is at most the level.
    pub sites: Vec<usize>,
}

/// Selects the sites that can be significant in a family of level `alpha`.
///
/// The divisor is the smallest `k` such that at most `k` sites can reach `alpha / k`.
pub fn testable(tests: &[Test], alpha: f64) -> Testable {
    // Few sites can reach even the level of the family.
    let mut attainable: Vec<_> = tests.iter().map(|test| test.min_attainable_p).filter(|&p| p <= alpha).collect();
    attainable.sort_unstable_by(f64::total_cmp);
    let level = |divisor: usize| alpha / divisor as f64;
    let reaching = |divisor: usize| attainable.partition_point(|&p| p <= level(divisor));
    // The greater the divisor, the fewer sites reach the level.
    let (mut divisor, mut enough) = (1, attainable.len().max(1));
    while divisor < enough {
        let middle = divisor.midpoint(enough);
        if reaching(middle) <= middle { enough = middle } else { divisor = middle + 1 }
    }
    let level = level(divisor);
    let sites = (0..tests.len()).filter(|&site| tests[site].min_attainable_p <= level).collect();
    Testable { alpha, divisor, level, sites }
}

/// By site: whether it is significant. With probability `alpha` at most, any that is did not grow.
///
/// Holm (1979).
pub fn confirmed(tests: &[Test], testable: &Testable) -> Vec<bool> {
    let order = by_p(tests, &testable.sites);
    let hold = |rank: usize| tests[order[rank]].p <= testable.alpha / (order.len() - rank) as f64;
    let count = (0..order.len()).take_while(|&rank| hold(rank)).count();
    chosen(tests.len(), &order[..count])
}

/// By site: whether it is suspect. A share of at most `q` of those that are did not grow.
///
/// Benjamini & Hochberg (1995).
pub fn suspects(tests: &[Test], testable: &Testable, q: f64) -> Vec<bool> {
    let order = by_p(tests, &testable.sites);
    let holds = |rank: usize| tests[order[rank]].p <= q * (rank + 1) as f64 / order.len() as f64;
    let count = (0..order.len()).rev().find(|&rank| holds(rank)).map_or(0, |rank| rank + 1);
    chosen(tests.len(), &order[..count])
}

/// The sites, by ascending p-value.
fn by_p(tests: &[Test], sites: &[usize]) -> Vec<usize> {
    let mut sites = sites.to_vec();
    sites.sort_unstable_by(|&a, &b| tests[a].p.total_cmp(&tests[b].p).then(a.cmp(&b)));
    sites
}

fn chosen(len: usize, sites: &[usize]) -> Vec<bool> {
    let mut chosen = vec![false; len];
    sites.iter().for_each(|&site| chosen[site] = true);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive_testable(tests: &[Test], alpha: f64) -> (usize, Vec<usize>) {
        let mut k = 1;
        loop {
            let reach: Vec<_> =
                (0..tests.len()).filter(|&site| tests[site].min_attainable_p <= alpha / k as f64).collect();
            if reach.len() <= k {
                return (k, reach);
            }
            k += 1;
        }
    }

    /// Holm's procedure step by step: repeatedly the most significant of the remaining sites.
    fn naive_confirmed(tests: &[Test], alpha: f64) -> Vec<bool> {
        let (_, mut left) = naive_testable(tests, alpha);
        let mut found = vec![false; tests.len()];
        while let Some(best) = left.iter().copied().min_by(|&a, &b| tests[a].p.total_cmp(&tests[b].p)) {
            if tests[best].p > alpha / left.len() as f64 {
                break;
            }
            found[best] = true;
            left.retain(|&site| site != best);
        }
        found
    }

    /// By adjusted p-values.
    fn naive_suspects(tests: &[Test], alpha: f64, q: f64) -> Vec<bool> {
        let (_, testable) = naive_testable(tests, alpha);
        let no_greater = |p: f64| testable.iter().filter(|&&site| tests[site].p <= p).count() as f64;
        let accepted = |p: f64| p <= q * no_greater(p) / testable.len() as f64;
        let limit = testable.iter().map(|&site| tests[site].p).filter(|&p| accepted(p)).fold(-1.0, f64::max);
        (0..tests.len()).map(|site| testable.contains(&site) && tests[site].p <= limit).collect()
    }

    #[test]
    fn as_naively_written() {
        let mut state = 1u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut confirmed_at_all = 0;
        for _ in 0..3000 {
            let len = random(40);
            let tests: Vec<_> = (0..len)
                .map(|_| {
                    // Coarse, to get ties.
                    let least = 0.5f64.powi(i32::try_from(random(14)).unwrap_or(0));
                    Test { min_attainable_p: least, p: (least * (1 << random(5)) as f64).min(1.0) }
                })
                .collect();
            let found = testable(&tests, 0.05);
            assert_eq!((found.divisor, found.sites.clone()), naive_testable(&tests, 0.05), "{tests:?}");
            assert_eq!(found.level, 0.05 / found.divisor as f64);
            assert_eq!(confirmed(&tests, &found), naive_confirmed(&tests, 0.05), "{tests:?}");
            assert_eq!(suspects(&tests, &found, 0.1), naive_suspects(&tests, 0.05, 0.1), "{tests:?}");
            confirmed_at_all += usize::from(confirmed(&tests, &found).contains(&true));
        }
        assert!(confirmed_at_all > 500, "{confirmed_at_all}");
    }

    #[test]
    fn sites_that_cannot_be_significant_cost_nothing() {
        let mut tests = vec![Test { p: 0.5, min_attainable_p: 0.5 }; 300];
        tests[7] = Test { p: 0.04, min_attainable_p: 0.01 };
        let found = testable(&tests, 0.05);
        assert_eq!(found, Testable { alpha: 0.05, divisor: 1, level: 0.05, sites: vec![7] });
        assert_eq!(confirmed(&tests, &found).iter().position(|&holds| holds), Some(7));
        let none = testable(&[], 0.05);
        assert!(confirmed(&[], &none).is_empty() && suspects(&[], &none, 0.1).is_empty());
    }
}

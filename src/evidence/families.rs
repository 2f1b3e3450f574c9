//! Multiple testing: which sites are significant when many are tested at once, and at what level.

/// The sites with enough samples to be significant, by Tarone (1990): the others are not counted in the correction.
#[derive(Debug, Clone, PartialEq)]
pub struct Testable {
    /// Level of the family: the probability that any of its significant sites did not grow.
    pub alpha: f64,
    /// Bonferroni-Tarone divisor; at least 1.
    pub divisor: usize,
    /// Level of one site: `alpha / divisor`.
    pub level: f64,
    /// Positions in the list of p-values: the sites whose smallest p-value is at most the level.
    pub sites: Vec<usize>,
}

/// Selects the sites that can be significant in a family of level `alpha`. `min_attainable_p`: by site, the smallest
/// p-value that as many samples can give.
///
/// The divisor is the smallest `k` such that at most `k` sites can reach `alpha / k`.
pub fn testable(min_attainable_p: &[f64], alpha: f64) -> Testable {
    // Few sites can reach even the level of the family.
    let mut attainable: Vec<_> = min_attainable_p.iter().copied().filter(|&p| p <= alpha).collect();
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
    let sites = (0..min_attainable_p.len()).filter(|&site| min_attainable_p[site] <= level).collect();
    Testable { alpha, divisor, level, sites }
}

/// By site: whether it is significant. The probability that any site so marked did not grow is at most the family's
/// `alpha`.
///
/// Holm (1979).
pub fn significant(p_values: &[f64], testable: &Testable) -> Vec<bool> {
    let order = by_p(p_values, &testable.sites);
    let hold = |rank: usize| p_values[order[rank]] <= testable.alpha / (order.len() - rank) as f64;
    let count = (0..order.len()).take_while(|&rank| hold(rank)).count();
    chosen(p_values.len(), &order[..count])
}

/// By site: whether it is suspect. On average at most a share `q` of the sites so marked did not grow.
///
/// Benjamini & Hochberg (1995).
pub fn suspects(p_values: &[f64], testable: &Testable, q: f64) -> Vec<bool> {
    let order = by_p(p_values, &testable.sites);
    let holds = |rank: usize| p_values[order[rank]] <= q * (rank + 1) as f64 / order.len() as f64;
    let count = (0..order.len()).rev().find(|&rank| holds(rank)).map_or(0, |rank| rank + 1);
    chosen(p_values.len(), &order[..count])
}

/// The sites, by ascending p-value.
fn by_p(p_values: &[f64], sites: &[usize]) -> Vec<usize> {
    let mut sites = sites.to_vec();
    sites.sort_unstable_by(|&a, &b| p_values[a].total_cmp(&p_values[b]).then(a.cmp(&b)));
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

    fn naive_testable(min_attainable_p: &[f64], alpha: f64) -> (usize, Vec<usize>) {
        let mut k = 1;
        loop {
            let reach: Vec<_> =
                (0..min_attainable_p.len()).filter(|&site| min_attainable_p[site] <= alpha / k as f64).collect();
            if reach.len() <= k {
                return (k, reach);
            }
            k += 1;
        }
    }

    /// Holm's procedure step by step: repeatedly the most significant of the remaining sites.
    fn naive_significant(p_values: &[f64], mut left: Vec<usize>, alpha: f64) -> Vec<bool> {
        let mut found = vec![false; p_values.len()];
        while let Some(best) = left.iter().copied().min_by(|&a, &b| p_values[a].total_cmp(&p_values[b])) {
            if p_values[best] > alpha / left.len() as f64 {
                break;
            }
            found[best] = true;
            left.retain(|&site| site != best);
        }
        found
    }

    /// By adjusted p-values.
    fn naive_suspects(p_values: &[f64], testable: &[usize], q: f64) -> Vec<bool> {
        let no_greater = |p: f64| testable.iter().filter(|&&site| p_values[site] <= p).count() as f64;
        let accepted = |p: f64| p <= q * no_greater(p) / testable.len() as f64;
        let limit = testable.iter().map(|&site| p_values[site]).filter(|&p| accepted(p)).fold(-1.0, f64::max);
        (0..p_values.len()).map(|site| testable.contains(&site) && p_values[site] <= limit).collect()
    }

    #[test]
    fn as_naively_written() {
        let mut state = 1u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut significant_at_all = 0;
        for _ in 0..3000 {
            let len = random(40);
            // Coarse, to get ties.
            let least: Vec<_> = (0..len).map(|_| 0.5f64.powi(i32::try_from(random(14)).unwrap_or(0))).collect();
            let p: Vec<_> = least.iter().map(|least| (least * (1 << random(5)) as f64).min(1.0)).collect();
            let (divisor, sites) = naive_testable(&least, 0.05);
            let found = testable(&least, 0.05);
            assert_eq!(found, Testable { alpha: 0.05, divisor, level: 0.05 / divisor as f64, sites: sites.clone() });
            assert_eq!(suspects(&p, &found, 0.1), naive_suspects(&p, &sites, 0.1), "{least:?} {p:?}");
            assert_eq!(significant(&p, &found), naive_significant(&p, sites, 0.05), "{least:?} {p:?}");
            significant_at_all += usize::from(significant(&p, &found).contains(&true));
        }
        assert!(significant_at_all > 500, "{significant_at_all}");
    }

    #[test]
    fn sites_that_cannot_be_significant_cost_nothing() {
        let (mut p, mut least) = (vec![0.5; 300], vec![0.5; 300]);
        (p[7], least[7]) = (0.04, 0.01);
        let found = testable(&least, 0.05);
        assert_eq!(found, Testable { alpha: 0.05, divisor: 1, level: 0.05, sites: vec![7] });
        assert_eq!(significant(&p, &found).iter().position(|&holds| holds), Some(7));
        let none = testable(&[], 0.05);
        assert!(significant(&[], &none).is_empty() && suspects(&[], &none, 0.1).is_empty());
    }
}

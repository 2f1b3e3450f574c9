//! The evidence of a comparison, by site and for all sites together.

use super::bounds::{Interval, growth_interval};
use super::counted::CountedGrowth;
use super::detectable::{detectable_growth, min_significant_growth};
use super::growth_kind::{Amount, GrowthKind, TurnoverAmounts, growth_kind_by_turnover, growth_kind_by_values};
use super::limit_power::LimitPower;
use super::natural::SiteVariation;
use super::p_value::p_value;
use super::process::ProcessRelation;
use super::runs::Runs;
use super::significance::{Classes, GATE_ALPHA, SIGNIFICANCE_ALPHA, Significance};
use super::turnover::{BucketTurnover, Turnover};
use super::weights::SideWeights;
use crate::diff::{Change, Deltas, Metric, SiteDelta};
use crate::site::Rate;

/// Probability that an interval fails on one side: intervals have a confidence of 95 %.
pub const INTERVAL_ALPHA: f64 = 0.025;

/// The evidence of a comparison. Sites have their indexes in [`Deltas::sites`].
#[derive(Debug)]
pub struct Evidence {
    rate: Option<Rate>,
    weights: SideWeights,
    /// Weights of growth in objects, which differ where sides are normalized.
    object_weights: SideWeights,
    turnover: Turnover,
    /// What holds memory, which is counted: then samples only say how many objects there are.
    counted: Option<CountedGrowth>,
    classes: Classes,
    runs: Option<Runs>,
}

impl Evidence {
    /// Weighs all sites of a comparison.
    pub fn new(deltas: &Deltas<'_, '_>) -> Self {
        let (rate, weights) = (common_rate(deltas), SideWeights::from_deltas(deltas, Metric::Space));
        let runs = Runs::of_sides(deltas, rate, weights);
        Self::from_turnover(rate, weights, Turnover::new(deltas), deltas).with_runs(runs)
    }

    /// Weighs by how much each site of a comparison grew in excess of its growth in `usual`, such as the same comparison
    /// of an earlier build.
    pub fn excess_over(deltas: &Deltas<'_, '_>, usual: &Deltas<'_, '_>) -> Self {
        let by_key = deltas.by_key();
        let here = |site: usize| by_key.get(&usual.key(&usual.sites[site])).copied();
        let weights = SideWeights::from_deltas(deltas, Metric::Space);
        let beside = weights.beside(SideWeights::from_deltas(usual, Metric::Space));
        let rate = common_rate(deltas).filter(|_| common_rate(deltas) == common_rate(usual) && beside.is_some());
        let weights = beside.unwrap_or(weights);
        let turnover = Turnover::new(deltas).excess_over(&Turnover::new(usual), weights.usual == 1.0, here);
        let runs = if deltas.has_paired_runs { Runs::of_pairs(deltas, usual, rate, weights, here) } else { None };
        Self::from_turnover(rate, weights, turnover, deltas).with_runs(runs)
    }

    fn from_turnover(rate: Option<Rate>, weights: SideWeights, turnover: Turnover, deltas: &Deltas<'_, '_>) -> Self {
        let counted = CountedGrowth::new(deltas);
        let classes = match (&counted, rate) {
            (Some(counted), _) => counted.classes(),
            (None, Some(rate)) => Classes::new(&turnover, rate, weights, &is_exempt(deltas)),
            (None, None) => Classes::unknown(turnover.live.len()),
        };
        let object_weights = SideWeights { usual: weights.usual, ..SideWeights::from_deltas(deltas, Metric::Objects) };
        Evidence { rate, weights, object_weights, turnover, counted, classes, runs: None }
    }

    /// The evidence beside what runs say: a site that grew no more than it varies from run to run is noise.
    fn with_runs(mut self, runs: Option<Runs>) -> Self {
        let classes = &mut self.classes;
        for (site, class) in classes.significance.iter_mut().enumerate() {
            let Some(variation) = runs.as_ref().and_then(|runs| runs.variation(site)) else { continue };
            let p_value = variation.p_value();
            classes.gate[site] &= p_value <= GATE_ALPHA;
            let is_shown = match class {
                Significance::Grew | Significance::Suspect => p_value <= SIGNIFICANCE_ALPHA,
                Significance::Shrank => 1.0 - p_value <= SIGNIFICANCE_ALPHA,
                Significance::Noise | Significance::Unknown => true,
            };
            if !is_shown {
                *class = Significance::Noise;
            }
        }
        Evidence { runs, ..self }
    }

    /// The runs of both builds; `None` if there is only one of each.
    pub fn runs(&self) -> Option<&Runs> {
        self.runs.as_ref()
    }

    /// The natural variation of a site, where it is measured and exceeds the noise of sampling.
    pub fn variation(&self, site: usize) -> Option<&SiteVariation> {
        self.runs.as_ref()?.variation(site)
    }

    /// The sampling rate; `None` if it is unknown or differs between the sides.
    pub fn rate(&self) -> Option<Rate> {
        self.rate
    }

    /// Whether both profiles are of one process.
    pub fn process_relation(&self) -> ProcessRelation {
        self.turnover.process_relation
    }

    /// Raw samples taken in one process between the two profiles, in buckets that live in both; 0 if unknown.
    pub fn samples_taken_between(&self) -> u64 {
        self.turnover.taken_between
    }

    /// The class of a site.
    pub fn significance(&self, site: usize) -> Significance {
        self.classes.significance[site]
    }

    /// Whether a site grew significantly.
    pub fn is_significant(&self, site: usize) -> bool {
        self.significance(site) == Significance::Grew
    }

    /// Whether a site grew significantly enough to fail a build.
    pub fn is_gate_significant(&self, site: usize) -> bool {
        self.classes.gate[site]
    }

    /// Whether it is unknown if a site grew.
    pub fn is_unknown(&self, site: usize) -> bool {
        self.significance(site) == Significance::Unknown
    }

    /// Live raw samples of a site, in the base and in the current profile.
    pub fn live_samples(&self, site: usize) -> [u64; 2] {
        self.turnover.live[site].by_side
    }

    /// Births and deaths in each bucket of a site.
    pub fn turnover(&self, site: usize) -> &[BucketTurnover] {
        self.turnover.of(site)
    }

    /// Raw samples of a site that were born, and that died: at most. Their difference is exact.
    pub fn born_and_died(&self, site: usize) -> [u64; 2] {
        let add = |sum: [u64; 2], bucket: &BucketTurnover| {
            [sum[0].saturating_add(bucket.born), sum[1].saturating_add(bucket.died)]
        };
        self.turnover(site).iter().fold([0; 2], add)
    }

    /// Net new raw samples of a site: births − deaths, the deaths rescaled to as many profiles as the current side has.
    pub fn net_samples(&self, site: usize) -> f64 {
        let weight = self.weights.died / self.weights.born;
        let net =
            |bucket: &BucketTurnover| (bucket.born as f64 - bucket.died as f64 * weight) * self.weights.of(bucket);
        self.turnover(site).iter().map(net).sum()
    }

    /// The probability of such a growth of a site by chance; `None` if unknown.
    pub fn p_value(&self, site: usize) -> Option<f64> {
        let rate = self.rate_at(site)?;
        let sampled = match &self.counted {
            Some(counted) => counted.p_value(site),
            None => p_value(self.turnover(site), rate, self.weights),
        };
        Some(self.variation(site).map_or(sampled, |variation| sampled.max(variation.p_value())))
    }

    /// The growth of a site, with bounds of 95 % confidence; `None` if unknown.
    pub fn growth_interval(&self, site: usize, metric: Metric) -> Option<Interval> {
        let rate = self.rate_at(site)?;
        let sampled = match &self.counted {
            Some(counted) => counted.interval(site, metric),
            None => self.interval(self.turnover(site), rate, metric),
        };
        Some(self.variation(site).map_or(sampled, |variation| variation.widen(sampled, INTERVAL_ALPHA, metric)))
    }

    /// Whether a site grew by more objects or by larger ones: by turnover in one process, by the values of both sides
    /// otherwise. `None` if unknown.
    pub fn growth_kind(&self, site: usize, change: &Change) -> Option<GrowthKind> {
        let rate = self.rate_at(site)?;
        let (base, current) = (Amount::from(change.base), Amount::from(change.current));
        Some(if self.process_relation().is_same() {
            growth_kind_by_turnover(base, current, &self.turnover_amounts(site, rate))
        } else {
            growth_kind_by_values(base, current)
        })
    }

    /// Whether about as many objects of a site died as were born, and these are larger; `None` if unknown.
    pub fn are_replaced_by_larger(&self, site: usize) -> Option<bool> {
        self.rate_at(site).map(|rate| self.turnover_amounts(site, rate).are_replaced_by_larger())
    }

    /// Standard deviation of a site's growth in bytes if it were by chance whether each object is allocated.
    pub fn deviation_by_chance(&self, site: usize) -> f64 {
        let Some(rate) = self.rate_at(site) else { return 0.0 };
        let SideWeights { born, died, .. } = self.weights;
        let variance = |bucket: &BucketTurnover| {
            let samples = bucket.born as f64 * born * born + bucket.died as f64 * died * died;
            samples * rate.objects_per_sample(bucket.size) * (bucket.size as f64) * (bucket.size as f64)
        };
        self.turnover(site).iter().map(variance).sum::<f64>().sqrt()
    }

    fn turnover_amounts(&self, site: usize, rate: Rate) -> TurnoverAmounts {
        if let Some(counted) = &self.counted {
            return counted.turnover_amounts(site);
        }
        let (mut born, mut died) = (Amount::default(), Amount::default());
        for bucket in self.turnover(site) {
            let objects = rate.objects_per_sample(bucket.size);
            for (sum, count) in [(&mut born, bucket.born), (&mut died, bucket.died)] {
                sum.objects += objects * count as f64;
                sum.bytes += objects * bucket.size as f64 * count as f64;
            }
        }
        let min_object_growth = self.interval(self.turnover(site), rate, Metric::Objects).low;
        TurnoverAmounts { born, died, min_object_growth }
    }

    /// The probability of such a growth of all sites together by chance; `None` if unknown.
    pub fn total_p_value(&self) -> Option<f64> {
        let rate = self.rate_everywhere()?;
        let sampled = match &self.counted {
            Some(counted) => counted.total_p_value(),
            None => p_value(&self.turnover.by_size(), rate, self.weights),
        };
        Some(self.total_variation().map_or(sampled, |variation| sampled.max(variation.p_value())))
    }

    /// The growth of all sites together, with bounds of 95 % confidence; `None` if unknown, or if nothing is alive.
    pub fn total_growth_interval(&self, metric: Metric) -> Option<Interval> {
        let rate = self.rate_everywhere().filter(|_| self.turnover.smallest.is_some())?;
        let sampled = match &self.counted {
            Some(counted) => counted.total_interval(metric),
            None => self.interval(&self.turnover.by_size(), rate, metric),
        };
        Some(self.total_variation().map_or(sampled, |variation| variation.widen(sampled, INTERVAL_ALPHA, metric)))
    }

    fn total_variation(&self) -> Option<&SiteVariation> {
        self.runs.as_ref()?.total_variation()
    }

    /// The growth, in bytes, of a site without deaths that is found significant with probability 90 %; `None` if no growth
    /// can be. `rate`: if given, of another sampling than this one.
    pub fn detectable_site_growth(&self, rate: Option<Rate>) -> Option<f64> {
        let rate = rate.or(self.rate).filter(|_| self.is_any_known())?;
        Some(detectable_growth(rate, self.weights, self.classes.level, 0.0))
    }

    /// The growth, in bytes, below which no site is significant unless objects are larger than that; `None` if unknown.
    pub fn never_significant_below(&self) -> Option<f64> {
        let rate = self.rate.filter(|_| self.is_any_known())?;
        Some(min_significant_growth(rate, self.weights, self.classes.next_level))
    }

    /// What limits on growth can miss; `None` if the sampling rate is unknown.
    pub fn limit_power(&self) -> Option<LimitPower> {
        Some(LimitPower::new(self.rate?, self.weights, self.classes.gate_level))
    }

    /// Raw samples of all sites that died.
    pub fn total_deaths(&self) -> f64 {
        self.turnover.by_size().iter().map(|bucket| bucket.died as f64).sum()
    }

    /// Upper bound of the growth, in bytes, of a site of which no sample was seen; `None` if the sampling rate is unknown.
    pub fn unseen_growth(&self) -> Option<f64> {
        let rate = self.rate?;
        let sample = if rate.is_exact() { 0.0 } else { rate.bytes() * self.weights.born };
        Some(-libm::log(INTERVAL_ALPHA) * sample)
    }

    fn interval(&self, buckets: &[BucketTurnover], rate: Rate, metric: Metric) -> Interval {
        let weights = if metric == Metric::Space { self.weights } else { self.object_weights };
        growth_interval(buckets, rate, weights, INTERVAL_ALPHA, metric)
    }

    /// Whether the growth of any site is known, or there is no site.
    fn is_any_known(&self) -> bool {
        let classes = &self.classes.significance;
        classes.is_empty() || classes.iter().any(|&class| class != Significance::Unknown)
    }

    /// The rate, if the growth of a site is known.
    fn rate_at(&self, site: usize) -> Option<Rate> {
        self.rate.filter(|_| !self.is_unknown(site))
    }

    /// The rate, if the growth of every site is known.
    fn rate_everywhere(&self) -> Option<Rate> {
        let is_unknown =
            self.turnover.has_unknown_elsewhere || self.classes.significance.contains(&Significance::Unknown);
        self.rate.filter(|_| !is_unknown)
    }
}

/// By site: whether its memory is the runtime's own affair.
fn is_exempt(deltas: &Deltas<'_, '_>) -> Vec<bool> {
    deltas.sites.iter().map(SiteDelta::is_exempt).collect()
}

/// The sampling rate of both sides; `None` if they differ. A side without a profile has none.
fn common_rate(deltas: &Deltas<'_, '_>) -> Option<Rate> {
    let (base, current) = (deltas.base.buckets().rate(), deltas.current.buckets().rate());
    if base == current { base } else { None }
}

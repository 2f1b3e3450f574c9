//! The evidence of every site. In: [`Deltas`]. Out: [`Evidence`], which judges nothing.

use super::class::{Amount, GrowthKind, TurnoverAmounts, growth_kind_by_levels, growth_kind_by_turnover};
use super::detect::detectable_growth_per;
use super::families::{Test, confirmed, suspects, testable};
use super::interval::{BucketTurnover, Interval, SideWeights, Unit, growth_per};
use super::p_value::{GREATEST_P, Tester, p_value_per};
use super::process::Process;
use super::turnover::Turnover;
use crate::diff::{Change, Deltas};
use crate::site::Rate;
use crate::threads::at_once_if_many;

/// The probability with which anything at all is confirmed where nothing grew.
pub const ALPHA: f64 = 0.05;
/// The same for what fails a build. Of 2,014 real pairs of one process in which nothing grew, 0.8 % failed by
/// the object count with it, and 1.4 % with [`ALPHA`]; of 227 leaks of twelve samples and more all were found.
pub const STRICT_ALPHA: f64 = 0.03;
/// The share of suspects that may not have grown.
const SUSPECT_SHARE: f64 = 0.1;
/// Whoever is confirmed or suspect has a p-value that is told.
const _: () = assert!(ALPHA <= GREATEST_P && STRICT_ALPHA <= GREATEST_P && SUSPECT_SHARE <= GREATEST_P);
/// Intervals hold with 95 %.
const ONE_SIDE: f64 = 0.025;

/// What the samples say of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Significance {
    /// It grew: of all sites of the comparison, this holds with 95 %.
    Grew,
    /// It may well have grown: so did nine of ten such sites.
    Suspect,
    /// Nothing that chance does not do.
    Noise,
    /// It shrank, as sure as [`Significance::Grew`].
    Shrank,
    /// Nobody can tell: object sizes or the sampling rate are missing, or there are two rates.
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

/// The evidence of a comparison.
#[derive(Debug)]
pub struct Evidence {
    rate: Option<Rate>,
    per: SideWeights,
    moves: Turnover,
    /// The level of each of the sites that can be significant.
    level: f64,
    /// By site, as in [`Deltas::sites`].
    verdicts: Vec<Significance>,
    /// Likewise, with [`STRICT_ALPHA`].
    sure: Vec<bool>,
}

impl Evidence {
    /// Weighs all sites of a comparison.
    pub fn new(deltas: &Deltas<'_, '_>) -> Self {
        Self::of(rate(deltas), per(deltas), Turnover::new(deltas))
    }

    /// Weighs by how much a comparison grows more than another one, whose growth is usual: the same in an
    /// earlier build, say.
    pub fn beyond(deltas: &Deltas<'_, '_>, usual: &Deltas<'_, '_>) -> Self {
        let here = deltas.by_key();
        let at = |site: usize| here.get(&usual.key(&usual.sites[site])).copied();
        // Turnover of both are added, so that they must be worth the same.
        let is_alike = rate(deltas) == rate(usual) && per(deltas) == per(usual).mirrored();
        let rate = if is_alike { rate(deltas) } else { None };
        Self::of(rate, per(deltas), Turnover::new(deltas).beyond(&Turnover::new(usual), at))
    }

    fn of(rate: Option<Rate>, per: SideWeights, moves: Turnover) -> Self {
        let count = moves.counts.len();
        let Some(known) = rate else {
            let verdicts = vec![Significance::Unknown; count];
            return Evidence { rate, per, level: ALPHA, verdicts, sure: vec![false; count], moves };
        };
        let weights = per.relative();
        let moved = |site: usize| if moves.counts[site].unknown { &[] } else { moves.of(site) };
        let tests = |tester: &mut Tester, per: SideWeights| -> Vec<Test> {
            let least = |site: usize| match moved(site) {
                moved if per == SideWeights::SUM && is_too_little(moved, known) => 1.0,
                moved => tester.least_p_value(moved),
            };
            (0..count).map(least).map(|least| Test { p: 1.0, least }).collect()
        };
        let mut tester = Tester::of(known, weights);
        let growths = tests(&mut tester, weights);
        let (usual, strict) = (testable(&growths, ALPHA), testable(&growths, STRICT_ALPHA));
        let shrunk = {
            let per = weights.mirrored();
            let mut tester = Tester::of(known, per);
            // As many samples can show more on one side than on the other.
            let mut tests = if per == weights { growths.clone() } else { tests(&mut tester, per) };
            let able = testable(&tests, ALPHA);
            for &site in &able.sites {
                let mirrored =
                    |bucket: &BucketTurnover| BucketTurnover { born: bucket.died, died: bucket.born, ..*bucket };
                tests[site].p = tester.p_value(&moved(site).iter().map(mirrored).collect::<Vec<_>>());
            }
            confirmed(&tests, &able)
        };
        let (grown, suspect, sure) = {
            let mut tests = growths.clone();
            // Of the others no p-value is small enough to matter.
            let also = strict.sites.iter().filter(|&&site| growths[site].least > usual.level);
            for &site in usual.sites.iter().chain(also) {
                let all_born = moved(site).iter().all(|bucket| bucket.died == 0);
                tests[site].p = if all_born { tests[site].least } else { tester.p_value(moved(site)) };
            }
            (confirmed(&tests, &usual), suspects(&tests, &usual, SUSPECT_SHARE), confirmed(&tests, &strict))
        };
        let verdicts = (0..count).map(|site| match () {
            () if moves.counts[site].unknown => Significance::Unknown,
            () if grown[site] => Significance::Grew,
            () if shrunk[site] => Significance::Shrank,
            () if suspect[site] => Significance::Suspect,
            () => Significance::Noise,
        });
        Evidence { rate, per, level: usual.level, verdicts: verdicts.collect(), sure, moves }
    }

    /// What it comes to at a site, by its index in [`Deltas::sites`].
    pub fn verdict(&self, site: usize) -> Significance {
        self.verdicts[site]
    }

    /// How likely such a growth of a site is by chance; `None` where it is unknown.
    pub fn p_value(&self, site: usize) -> Option<f64> {
        let rate = self.rate.filter(|_| self.verdicts[site] != Significance::Unknown)?;
        Some(p_value_per(self.moves.of(site), rate, self.per))
    }

    /// Whether the growth of a site is confirmed.
    pub fn is_confirmed(&self, site: usize) -> bool {
        self.verdicts[site] == Significance::Grew
    }

    /// Whether it is sure enough to fail a build.
    pub fn is_sure(&self, site: usize) -> bool {
        self.sure[site]
    }

    /// Whether nobody can tell whether a site grew.
    pub fn is_unknown(&self, site: usize) -> bool {
        self.verdicts[site] == Significance::Unknown
    }

    /// How likely such a growth of all sites together is by chance; `None` where it is unknown.
    pub fn total_p_value(&self) -> Option<f64> {
        let known = !self.verdicts.contains(&Significance::Unknown);
        self.rate.filter(|_| known).map(|rate| p_value_per(self.moves.all(), rate, self.per))
    }

    /// The growth of all sites together, as [`Evidence::growth`].
    pub fn total_growth(&self, unit: Unit) -> Option<Interval> {
        let known = !self.verdicts.contains(&Significance::Unknown);
        self.rate.filter(|_| known).map(|rate| growth_per(self.moves.all(), rate, self.per, ONE_SIDE, unit))
    }

    /// By how many bytes all sites together must grow to be sure, nine times in ten.
    pub fn detectable_total(&self) -> Option<f64> {
        let deaths = self.moves.all().iter().map(|bucket| bucket.died as f64).sum();
        Some(detectable_growth_per(self.rate?, self.per, STRICT_ALPHA, deaths))
    }

    /// The raw live samples of a site, in the earlier and in the later profile.
    pub fn samples(&self, site: usize) -> [u64; 2] {
        self.moves.counts[site].live
    }

    /// What was born and what died in each bucket of a site.
    pub fn buckets(&self, site: usize) -> &[BucketTurnover] {
        self.moves.of(site)
    }

    /// The samples of a site that are new, at most, and those that are gone; their difference is exact.
    pub fn moved(&self, site: usize) -> [u64; 2] {
        let add = |sum: [u64; 2], bucket: &BucketTurnover| {
            [sum[0].saturating_add(bucket.born), sum[1].saturating_add(bucket.died)]
        };
        self.moves.of(site).iter().fold([0; 2], add)
    }

    /// The samples that were taken in one process between the two profiles, at least: of what lives in both. 0
    /// where nobody knows.
    pub fn taken(&self) -> u64 {
        self.moves.taken
    }

    /// How often was sampled; `None` where that is not known, or not the same on both sides.
    pub fn rate(&self) -> Option<Rate> {
        self.rate
    }

    /// Whether both profiles are of one process.
    pub fn process(&self) -> Process {
        self.moves.process
    }

    /// The growth of a site, with the bounds it lies between with 95 %; `None` where it is unknown.
    pub fn growth(&self, site: usize, unit: Unit) -> Option<Interval> {
        let rate = self.rate.filter(|_| self.verdicts[site] != Significance::Unknown)?;
        Some(growth_per(self.moves.of(site), rate, self.per, ONE_SIDE, unit))
    }

    /// The samples that a site has more than it had; where the sides differ in size, than as many profiles of
    /// the earlier side as the later one has would have had.
    pub fn net_samples(&self, site: usize) -> f64 {
        let died = self.per.died / self.per.born;
        let net = |bucket: &BucketTurnover| bucket.born as f64 - bucket.died as f64 * died;
        self.moves.of(site).iter().map(net).sum()
    }

    /// Whether a site grew by more objects or by larger ones: by turnover in one process, and by levels otherwise.
    pub fn growth_kind(&self, site: usize, change: &Change) -> Option<GrowthKind> {
        let rate = self.rate.filter(|_| self.verdicts[site] != Significance::Unknown)?;
        let (base, current) = (Amount::from(change.base), Amount::from(change.current));
        if self.moves.process == Process::Different {
            return Some(growth_kind_by_levels(base, current));
        }
        let (mut born, mut died) = (Amount::default(), Amount::default());
        for bucket in self.moves.of(site) {
            let objects = rate.objects_per_sample(bucket.size);
            for (sum, count) in [(&mut born, bucket.born), (&mut died, bucket.died)] {
                sum.objects += objects * count as f64;
                sum.bytes += objects * bucket.size as f64 * count as f64;
            }
        }
        let objects_low = growth_per(self.moves.of(site), rate, self.per, ONE_SIDE, Unit::Objects).low;
        Some(growth_kind_by_turnover(base, current, &TurnoverAmounts { born, died, objects_low }))
    }

    /// By how many bytes a site that has nothing to lose must grow to be confirmed, nine times in ten; `None`
    /// where nothing can be. `rate`: of another sampling than this one.
    pub fn detectable(&self, rate: Option<Rate>) -> Option<f64> {
        /// What sites are tested at where there are as many as a program usually has.
        const USUAL_LEVEL: f64 = 0.005;
        let rate = rate.or(self.rate)?;
        let sample = rate.bytes() * self.per.born;
        let samples = detectable_growth_per(rate, self.per, self.level.min(USUAL_LEVEL), 0.0) / sample;
        Some(samples.ceil() * sample)
    }
}

/// How often was sampled, if that is the same on both sides. One without a profile has none of its own.
fn rate(deltas: &Deltas<'_, '_>) -> Option<Rate> {
    let (base, current) = (deltas.base.buckets().rate(), deltas.current.buckets().rate());
    if base == current { base } else { None }
}

/// What a sample of either side counts for.
fn per(deltas: &Deltas<'_, '_>) -> SideWeights {
    let [base, current] = [deltas.base, deltas.current].map(|side| side.per_profile().unwrap_or(1));
    SideWeights::profile(base, current)
}

/// Whether so few small objects moved that no level of the family could be reached: three births, and no
/// death, have a p-value of 1/8, and as objects are smaller than a quarter of the rate, hardly any less.
fn is_too_little(moved: &[BucketTurnover], rate: Rate) -> bool {
    let samples = moved.iter().fold(0u64, |sum, bucket| sum.saturating_add(bucket.born).saturating_add(bucket.died));
    samples <= 3 && moved.iter().all(|bucket| bucket.size as f64 * 4.0 <= rate.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::p_value::p_value;

    #[test]
    fn too_little_could_never_be_significant() {
        let rate = Rate::new(512 << 10);
        for (size, born) in [(8, 3), (64, 3), (131_072, 3), (131_072, 2)] {
            let moved = [BucketTurnover { size, born, died: 0 }];
            assert!(is_too_little(&moved, rate) && p_value(&moved, rate) > ALPHA, "{size} {born}");
        }
        let of_two =
            [BucketTurnover { size: 131_072, born: 2, died: 0 }, BucketTurnover { size: 16, born: 1, died: 0 }];
        assert!(is_too_little(&of_two, rate) && p_value(&of_two, rate) > ALPHA);
        assert!(!is_too_little(&[BucketTurnover { size: 64, born: 4, died: 0 }], rate));
        assert!(!is_too_little(&[BucketTurnover { size: 1 << 20, born: 1, died: 0 }], rate));
        assert!(is_too_little(&[], rate));
    }
}

//! The runs of both builds: how many there are, whether they are independent, and by how much they vary.

use super::moments::RunMoments;
use super::natural::{MIN_RUNS, NaturalVariation, SiteVariation};
use super::process::{ProcessRelation, process_relation};
use super::turnover::{DeltaIndexes, add_moved};
use super::weights::SideWeights;
use crate::diff::Deltas;
use crate::site::{Buckets, Rate, SiteTable};

/// More runs than this are compared only with the next one, as all pairs would take too long.
const MAX_COMPARED_RUNS: usize = 24;

/// What is known of the variation between runs.
#[derive(Debug)]
enum Variation {
    Measured(NaturalVariation),
    /// Why it is not measured.
    Unknown(NoVariation),
}

/// Why natural variation is not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoVariation {
    /// A side has fewer than three runs.
    TooFewRuns,
    /// Two profiles are of one process, so that they are not two runs.
    OneProcess {
        /// Whether they are on the base.
        is_base: bool,
        /// Their numbers among the profiles of that side, from 0.
        runs: [usize; 2],
    },
    /// The two profiles of a pair are of two processes, so that they are not of one run.
    TwoProcesses {
        /// Whether the pair is of the base.
        is_base: bool,
        /// Its number among the pairs of that build, from 0.
        run: usize,
    },
    /// Some profiles of both sides are of one process each, and others are not.
    HalfPaired,
    /// The sampling rate is unknown, or not the same everywhere.
    NoRate,
}

/// The runs of both builds.
#[derive(Debug)]
pub struct Runs {
    /// Number of runs of the base, and of the current build.
    pub counts: [usize; 2],
    /// Whether each run is a pair of profiles, whose growth counts.
    pub are_pairs: bool,
    variation: Variation,
}

impl Runs {
    /// The runs of two sides, each profile of which is one; `None` if both are one profile.
    pub(super) fn of_sides(deltas: &Deltas<'_, '_>, rate: Option<Rate>, weights: SideWeights) -> Option<Self> {
        let sides = [deltas.base, deltas.current].map(SiteTable::runs);
        let counts = sides.map(<[Buckets]>::len);
        if counts == [1, 1] {
            return None;
        }
        let measure = || {
            independent(sides[0], true)?;
            independent(sides[1], false)?;
            let rate = enough(counts, rate)?;
            let count = deltas.sites.len();
            let indexes = [DeltaIndexes::new(deltas, |site| site.base), DeltaIndexes::new(deltas, |site| site.current)];
            Ok(match partners(sides)? {
                // Of one process each: what a run grew by varies less than what it has.
                Some(partners) => {
                    let pairs = sides[0].iter().zip(partners.iter().map(|&at| &sides[1][at]));
                    let grown = growth(rate, count, pairs, &indexes, Some);
                    NaturalVariation::new(&[(weights.born, &grown)])
                }
                None => {
                    let live = |at: usize| {
                        let runs = sides[at].iter().map(|run| live(run, &indexes[at]));
                        RunMoments::new(rate, count, runs)
                    };
                    NaturalVariation::new(&[(weights.born, &live(1)), (-weights.died, &live(0))])
                }
            })
        };
        Some(Runs { counts, are_pairs: false, variation: Variation::of(measure()) })
    }

    /// The runs of two builds, each of which is a pair of profiles; `None` if there is one of each. `here` maps the sites
    /// of `usual`, the base's, to those of `deltas`.
    pub(super) fn of_pairs(
        deltas: &Deltas<'_, '_>,
        usual: &Deltas<'_, '_>,
        rate: Option<Rate>,
        weights: SideWeights,
        here: impl Fn(usize) -> Option<usize>,
    ) -> Option<Self> {
        let counts = [usual, deltas].map(|build| build.base.runs().len());
        if counts == [1, 1] {
            return None;
        }
        let measure = || {
            for (build, is_base) in [(usual, true), (deltas, false)] {
                let [first, second] = [build.base, build.current].map(SiteTable::runs);
                independent(first, is_base)?;
                independent(second, is_base)?;
                let mut pairs = first.iter().zip(second);
                if let Some(run) = pairs.position(|(a, b)| process_relation(a, b) == ProcessRelation::Different) {
                    return Err(NoVariation::TwoProcesses { is_base, run });
                }
            }
            let rate = enough(counts, rate)?;
            let count = deltas.sites.len();
            let of = |build: &Deltas<'_, '_>, here: &dyn Fn(usize) -> Option<usize>| {
                let indexes =
                    [DeltaIndexes::new(build, |site| site.base), DeltaIndexes::new(build, |site| site.current)];
                growth(rate, count, build.base.runs().iter().zip(build.current.runs()), &indexes, here)
            };
            let (base, current) = (of(usual, &here), of(deltas, &Some));
            Ok(NaturalVariation::new(&[(weights.born, &current), (-weights.born * weights.usual, &base)]))
        };
        Some(Runs { counts, are_pairs: true, variation: Variation::of(measure()) })
    }

    /// Why natural variation is not measured; `None` if it is.
    pub fn no_variation(&self) -> Option<NoVariation> {
        match self.variation {
            Variation::Measured(_) => None,
            Variation::Unknown(reason) => Some(reason),
        }
    }

    /// The natural variation of a site; `None` if it is not measured, or no more than that of sampling.
    pub fn variation(&self, site: usize) -> Option<&SiteVariation> {
        self.measured()?.of(site)
    }

    /// The natural variation of the whole heap, likewise.
    pub fn total_variation(&self) -> Option<&SiteVariation> {
        self.measured()?.of_total()
    }

    fn measured(&self) -> Option<&NaturalVariation> {
        match &self.variation {
            Variation::Measured(variation) => Some(variation),
            Variation::Unknown(_) => None,
        }
    }
}

impl Variation {
    fn of(measured: Result<NaturalVariation, NoVariation>) -> Self {
        measured.map_or_else(Variation::Unknown, Variation::Measured)
    }
}

/// The rate, if it is known and there are enough runs.
fn enough(counts: [usize; 2], rate: Option<Rate>) -> Result<Rate, NoVariation> {
    match counts.iter().all(|&count| count >= MIN_RUNS) {
        true => rate.ok_or(NoVariation::NoRate),
        false => Err(NoVariation::TooFewRuns),
    }
}

/// Fails if two profiles of a side are of one process.
fn independent(runs: &[Buckets], is_base: bool) -> Result<(), NoVariation> {
    let far = if runs.len() > MAX_COMPARED_RUNS { 1 } else { runs.len() };
    for (at, run) in runs.iter().enumerate() {
        let others = runs.iter().enumerate().skip(at + 1).take(far);
        if let Some((other, _)) = others.clone().find(|(_, other)| are_of_one_process(run, other)) {
            return Err(NoVariation::OneProcess { is_base, runs: [at, other] });
        }
    }
    Ok(())
}

fn are_of_one_process(one: &Buckets, other: &Buckets) -> bool {
    process_relation(one, other).is_same() || process_relation(other, one).is_same()
}

/// For each base profile the current one of the same process; `None` if there are none. Fails if only some have one.
fn partners([base, current]: [&[Buckets]; 2]) -> Result<Option<Vec<usize>>, NoVariation> {
    let is_far = base.len().max(current.len()) > MAX_COMPARED_RUNS;
    let partner = |(at, run): (usize, &Buckets)| {
        let is_candidate = |other: usize| !is_far || other == at;
        let others = current.iter().enumerate().filter(|&(other, _)| is_candidate(other));
        others.clone().find(|(_, other)| process_relation(run, other).is_same()).map(|(other, _)| other)
    };
    let found: Vec<_> = base.iter().enumerate().filter_map(partner).collect();
    match (found.len() == base.len() && base.len() == current.len(), found.is_empty()) {
        (true, _) => Ok(Some(found)),
        (false, true) => Ok(None),
        (false, false) => Err(NoVariation::HalfPaired),
    }
}

/// What a profile has, by site.
fn live(run: &Buckets, indexes: &DeltaIndexes) -> Vec<(usize, super::BucketTurnover)> {
    let mut moved = Vec::new();
    add_moved(&Buckets::default(), run, false, [indexes, indexes], &mut moved);
    moved
}

/// The moments of the growth of runs. `here`: maps the sites to those that are counted; any other counts in the whole
/// heap alone.
fn growth<'b>(
    rate: Rate,
    count: usize,
    pairs: impl Iterator<Item = (&'b Buckets, &'b Buckets)>,
    [in_base, in_current]: &[DeltaIndexes; 2],
    here: impl Fn(usize) -> Option<usize>,
) -> RunMoments {
    let runs = pairs.map(|(base, current)| {
        let mut moved = Vec::new();
        let is_same = process_relation(base, current).may_be_same();
        add_moved(base, current, is_same, [in_base, in_current], &mut moved);
        moved.into_iter().map(|(site, bucket)| (here(site).unwrap_or(count), bucket)).collect()
    });
    RunMoments::new(rate, count, runs)
}

//! Finds what the numbers of a comparison suggest. In: the comparison, its evidence, and what accompanies it.
//! Out: [`Finding`]s, the most important first. Proves nothing.

use super::function_counts::MIN_GROWTH_COUNT;
use super::{Comparability, Finding, FunctionCounts, MemoryGrowth, Note, Request, WhichSide};
use crate::diff::{Deltas, Metric, SiteDelta};
use crate::evidence::Evidence;
use crate::goroutines::GoroutineCourse;
use crate::order::sorted;
use crate::profile::MemStats;
use crate::series::{Assessment, HeapPattern, MemoryPart, Shape, Trend, UnknownCause, assess};
use crate::site::RuntimeClass;

/// Fewer samples taken between the two profiles do not suggest churn.
const MIN_CHURN_SAMPLES: u64 = 64;
/// Churn allocates at least this many times the bytes that the heap grows by.
const MIN_CHURN_RATIO: i128 = 20;
/// Smallest growth of the live heap that should show in the profiles, bytes.
const MIN_UNSEEN_GROWTH_BYTES: i128 = 1 << 20;
/// A resident set may exceed what Go obtained by this much, or by a quarter: code and libraries, bytes.
const MAX_OUTSIDE_BYTES: u64 = 64 << 20;

/// All that findings are derived from.
pub struct FindingInputs<'a, 't, 'p> {
    /// The comparison.
    pub deltas: &'a Deltas<'t, 'p>,
    /// Its evidence.
    pub evidence: &'a Evidence,
    /// Its notes.
    pub notes: &'a [Note],
    /// What the user asked for.
    pub request: &'a Request,
    /// Trend of each site, indexed as [`Deltas::sites`]; `None` with two profiles only.
    pub trends: Option<&'a [Trend]>,
    /// What a series of the runtime's own numbers suggests.
    pub assessment: Option<&'a Assessment>,
    /// The runtime's own numbers, base and current, of a side that is one profile and has them.
    pub mem_stats: [Option<&'a MemStats>; 2],
    /// Sites whose growth was accepted, indexes in [`Deltas::sites`]: there is nothing to find there.
    pub accepted: &'a [usize],
    /// Whether usual growth was subtracted.
    pub is_beyond_usual: bool,
    /// How the number of goroutines developed, if it is known.
    pub goroutines: Option<&'a GoroutineCourse>,
    /// How the number of leaked goroutines developed, if it is known.
    pub leaked: Option<&'a GoroutineCourse>,
    /// Functions that made more threads.
    pub threads: &'a [FunctionCounts],
}

impl<'a, 't, 'p> FindingInputs<'a, 't, 'p> {
    /// A comparison of two profiles without anything that accompanies it.
    pub fn new(deltas: &'a Deltas<'t, 'p>, evidence: &'a Evidence, notes: &'a [Note], request: &'a Request) -> Self {
        FindingInputs {
            deltas,
            evidence,
            notes,
            request,
            trends: None,
            assessment: None,
            mem_stats: [None; 2],
            accepted: &[],
            is_beyond_usual: false,
            goroutines: None,
            leaked: None,
            threads: &[],
        }
    }
}

/// The findings of a comparison, the most important first.
pub fn findings(inputs: FindingInputs<'_, '_, '_>) -> Vec<Finding> {
    let mut found = comparability_findings(inputs.notes);
    let is_comparable = found.is_empty();
    let are_goroutines_known = inputs.goroutines.is_some_and(GoroutineCourse::grew);
    found.extend(inputs.leaked.cloned().map(Finding::Leaked));
    let stack_inuse = inputs.mem_stats[1].and_then(|stats| stats.stack_inuse);
    let grown = inputs.goroutines.filter(|course| course.grew()).cloned();
    found.extend(grown.map(|course| Finding::Goroutines(course.with_stacks(stack_inuse))));
    // Sites of another column, or of sides that cannot be compared, suggest nothing. Roots name what holds memory by
    // themselves: there is no container to look for.
    let deltas = inputs.deltas;
    let are_live_sites = !deltas.is_allocation() && !deltas.are_references();
    if is_comparable && inputs.request.sample_type.is_none() && are_live_sites {
        inputs.add_site_findings(&mut found);
        found.extend(inputs.goroutine_objects().filter(|_| !are_goroutines_known));
        found.extend(inputs.churn());
    }
    found.extend((!inputs.threads.is_empty()).then(|| Finding::Threads(inputs.threads.to_vec())));
    let of_both_sides = match (inputs.assessment, inputs.mem_stats) {
        (None, [Some(base), Some(current)]) => Some(assess(&[base.clone(), current.clone()])),
        (None, [None, Some(current)]) => Some(assess(std::slice::from_ref(current))),
        _ => None,
    };
    if let Some(assessment) = inputs.assessment.or(of_both_sides.as_ref()) {
        inputs.add_runtime_findings(assessment, &mut found);
        if is_comparable {
            found.extend(inputs.memory_growth(assessment));
            found.extend(inputs.unseen_growth(assessment));
        }
    }
    let used = inputs.mem_stats[1].and_then(|stats| stats.max_rss.zip(stats.sys));
    let outside = used.filter(|&(max_rss, sys)| max_rss.saturating_sub(sys) > MAX_OUTSIDE_BYTES.max(sys / 4));
    let is_known = |found: &Finding| matches!(found, Finding::Memory(growth) if growth.part == MemoryPart::OutsideGo);
    let outside = outside.filter(|_| !found.iter().any(is_known));
    found.extend(outside.map(|(max_rss, sys)| Finding::Outside { max_rss, sys }));
    let profiler = inputs.notes.iter().find_map(|note| match *note {
        Note::ProfilerGrew { objects, space, percent } => Some(Finding::Profiler { objects, space, percent }),
        _ => None,
    });
    found.extend(profiler);
    sorted(found, |a, b| a.rank().cmp(&b.rank()))
}

/// Findings that repeat notes, because they have a page to read on.
fn comparability_findings(notes: &[Note]) -> Vec<Finding> {
    let mut found = Vec::new();
    // Two notes have findings of their own.
    let has_own = |note: &Note| matches!(note, Note::NoCollectionBetween | Note::NegativeValues { .. });
    let is_unlike = |note: &&Note| note.comparability() != Comparability::Comparable && !has_own(note);
    let codes: Vec<_> = notes.iter().filter(is_unlike).map(Note::code).collect();
    if !codes.is_empty() {
        found.push(Finding::NotComparable(codes));
    }
    if notes.contains(&Note::NoCollectionBetween) {
        found.push(Finding::Stale(Some(Note::NoCollectionBetween.code())));
    }
    let mut negative = [0; 2];
    for note in notes {
        if let Note::NegativeValues { side, samples } = note {
            negative[usize::from(*side == WhichSide::Current)] = *samples;
        }
    }
    if negative != [0; 2] {
        found.push(Finding::Negative(negative));
    }
    found
}

impl FindingInputs<'_, '_, '_> {
    pub(super) fn is_same_process(&self) -> bool {
        self.evidence.process_relation().is_same()
    }

    /// The runtime has more descriptors of goroutines.
    fn goroutine_objects(&self) -> Option<Finding> {
        let grew = |(at, site): (usize, &SiteDelta)| {
            site.runtime_class == Some(RuntimeClass::Goroutines) && self.evidence.is_significant(at)
        };
        let change = self.deltas.runtime_memory(RuntimeClass::Goroutines);
        let delta = change.delta().objects;
        let is_enough = delta >= MIN_GROWTH_COUNT && 10 * delta >= change.base.objects;
        let found = is_enough && self.deltas.sites.iter().enumerate().any(grew);
        found.then_some(Finding::GoroutineObjects { change, are_given: self.goroutines.is_some() })
    }

    /// Much was allocated at stacks that live on both sides, and next to nothing of it stayed.
    fn churn(&self) -> Option<Finding> {
        let (taken, rate) = (self.evidence.samples_taken_between(), self.evidence.rate()?);
        // A sample stands for at least as many bytes as the period.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let allocated = (taken as f64 * rate.bytes()) as u64;
        let exact = self.whole_heap().filter(|whole| whole.basis.is_exact()).and_then(|whole| whole.space);
        let growth = exact.map_or(self.deltas.total().delta().space, |space| space.delta);
        let is_churn =
            !rate.is_exact() && taken >= MIN_CHURN_SAMPLES && MIN_CHURN_RATIO * growth <= i128::from(allocated);
        (is_churn && self.deltas.counts(Metric::Space)).then_some(Finding::Churn { allocated, growth })
    }

    /// What the runtime's own numbers suggest.
    fn add_runtime_findings(&self, assessment: &Assessment, found: &mut Vec<Finding>) {
        let is_same = self.is_same_process();
        for pattern in &assessment.patterns {
            let finding = match pattern {
                // Profiles of them are exact, and say more.
                HeapPattern::GoroutineLeak if self.goroutines.is_none() => {
                    assessment.goroutines.map(Finding::GoroutineCount)
                }
                HeapPattern::Fragmentation => assessment.held.map(Finding::Fragmentation),
                HeapPattern::RetainedIdle => assessment.held.map(Finding::Idle),
                HeapPattern::Decelerating | HeapPattern::Levelled => Some(Finding::WarmUp(None)),
                HeapPattern::Unknown(UnknownCause::NoCollection) if is_same => Some(Finding::Stale(None)),
                _ => None,
            };
            // What is known of a site or a function says more.
            found.extend(finding.filter(|finding| !found.iter().any(|known| known.code() == finding.code())));
        }
    }

    /// Growth of the live heap by the runtime's own numbers that no site shows.
    fn unseen_growth(&self, assessment: &Assessment) -> Option<Finding> {
        let (source, course) = (assessment.source?, assessment.course.as_ref()?);
        let rate = self.evidence.rate().filter(|rate| !rate.is_exact())?;
        let growth = course.growth();
        let is_large = growth >= MIN_UNSEEN_GROWTH_BYTES && 10 * growth >= i128::from(course.first);
        let is_seen = 2 * self.deltas.total().delta().space >= growth
            || (0..self.deltas.sites.len()).any(|site| self.evidence.is_significant(site));
        let is_down = matches!(course.shape, Shape::Flat | Shape::Fluctuating);
        // What would be seen nine times in ten is not too coarse a sampling.
        let is_coarse = self.evidence.detectable_site_growth(Some(rate)).is_some_and(|least| least > growth as f64);
        (is_large && is_coarse && !is_seen && !is_down)
            .then(|| Finding::Unseen { ends: [course.first, course.last], is_exact: source.is_exact() })
    }

    /// Growth of the process's memory in a part that is not the heap.
    fn memory_growth(&self, assessment: &Assessment) -> Option<Finding> {
        let parts = assessment.parts.as_ref()?;
        let part = assessment.patterns.iter().find_map(|pattern| match pattern {
            HeapPattern::StacksGrew => Some(MemoryPart::Stacks),
            HeapPattern::OutsideGo => Some(MemoryPart::OutsideGo),
            HeapPattern::ProfilerBuckets => Some(MemoryPart::Profiler),
            _ => None,
        })?;
        let [first, last] = parts.of(part);
        Some(Finding::Memory(MemoryGrowth {
            part,
            ends: [first?, last?],
            whole: parts.growth()?,
            measure: parts.measure?,
            heap: self.deltas.total().delta().space,
            goroutines: assessment.goroutines,
            are_goroutines_given: self.goroutines.is_some(),
        }))
    }
}

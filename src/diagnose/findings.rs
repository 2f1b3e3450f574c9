//! Finds what the numbers of a comparison suggest. In: the comparison, its evidence, and what accompanies it.
//! Out: [`Finding`]s, the most important first. Proves nothing.

use super::{Comparability, Finding, FunctionCounts, Note, Request, WhichSide};
use crate::diff::{Deltas, Metric};
use crate::evidence::Evidence;
use crate::goroutines::GoroutineCourse;
use crate::order::sorted;
use crate::profile::MemStats;
use crate::series::{Assessment, HeapPattern, Trend, UnknownCause, assess};

/// Fewer samples taken between the two profiles do not suggest churn.
const MIN_CHURN_SAMPLES: u64 = 64;
/// Churn allocates at least this many times the bytes that the heap grows by.
const MIN_CHURN_RATIO: i128 = 20;
/// A resident set may exceed what Go obtained by this much, or by a quarter: code and libraries, bytes.
const MAX_OUTSIDE_BYTES: u64 = 64 << 20;
/// Smallest growth of goroutine stacks that is reported, bytes.
const MIN_STACK_GROWTH_BYTES: i128 = 16 << 20;

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
    let are_goroutines_known = inputs.goroutines.is_some();
    found.extend(inputs.leaked.cloned().map(Finding::Leaked));
    let stack_inuse = inputs.mem_stats[1].and_then(|stats| stats.stack_inuse);
    let grown = inputs.goroutines.filter(|course| course.grew()).cloned();
    found.extend(grown.map(|course| Finding::Goroutines(course.with_stacks(stack_inuse))));
    // Sites of another column, or of sides that cannot be compared, suggest nothing.
    if is_comparable && inputs.request.sample_type.is_none() {
        inputs.add_site_findings(are_goroutines_known, &mut found);
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
    }
    let used = inputs.mem_stats[1].and_then(|stats| stats.max_rss.zip(stats.sys));
    let outside = used.filter(|&(max_rss, sys)| max_rss.saturating_sub(sys) > MAX_OUTSIDE_BYTES.max(sys / 4));
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

    /// Much was allocated at stacks that live on both sides, and next to nothing of it stayed.
    fn churn(&self) -> Option<Finding> {
        let (taken, rate) = (self.evidence.samples_taken_between(), self.evidence.rate()?);
        // A sample stands for at least as many bytes as the period.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let allocated = (taken as f64 * rate.bytes()) as u64;
        let growth = self.deltas.total().delta().space;
        let is_churn =
            !rate.is_exact() && taken >= MIN_CHURN_SAMPLES && MIN_CHURN_RATIO * growth <= i128::from(allocated);
        (is_churn && self.deltas.counts(Metric::Space)).then_some(Finding::Churn { allocated, growth })
    }

    /// What the runtime's own numbers suggest.
    fn add_runtime_findings(&self, assessment: &Assessment, found: &mut Vec<Finding>) {
        let is_same = self.is_same_process();
        for pattern in &assessment.patterns {
            let finding = match pattern {
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
        let heap = self.deltas.total().delta().space;
        let stacks =
            assessment.stacks.filter(|ends| is_same && ends.delta() >= MIN_STACK_GROWTH_BYTES && ends.delta() > heap);
        found.extend(stacks.map(Finding::Stacks));
    }
}

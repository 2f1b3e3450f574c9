//! Whether the heap as a whole grew, and by how much. In: the evidence of all sites together, and the runtime's own
//! numbers of both sides. Out: [`WholeHeap`].

use super::{FindingInputs, Note};
use crate::diff::Metric;
use crate::evidence::{GrowthKind, Interval, ProcessRelation, growth_kind_by_values};
use crate::series::{Course, LiveHeapSource, Shape, assess};
use crate::site::{FilterKind, Values};

/// What is known of the growth of the heap as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeHeap {
    /// Whether it grew.
    pub verdict: WholeVerdict,
    /// What that rests on.
    pub basis: WholeBasis,
    /// Growth in bytes; `None` if they are not counted.
    pub space: Option<WholeGrowth>,
    /// Growth in objects; `None` if they are not counted.
    pub objects: Option<WholeGrowth>,
    /// What is meant by the whole.
    pub subject: WholeSubject,
    /// Whether usual growth was subtracted.
    pub is_beyond_usual: bool,
    /// Whether it grew, but no single site significantly.
    pub is_spread: bool,
    /// The runtime's own number at both ends, bytes, if it would be exact but for the profiles, which contradict it.
    pub contradicted: Option<[i128; 2]>,
}

/// Whether the heap as a whole grew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WholeVerdict {
    Grew,
    Shrank,
    /// It may have done either, or hardly changed.
    NoChange,
}

impl WholeVerdict {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            WholeVerdict::Grew => "grew",
            WholeVerdict::Shrank => "shrank",
            WholeVerdict::NoChange => "no_change",
        }
    }
}

/// What a verdict on the whole heap rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WholeBasis {
    /// The samples of the profiles, which leave an interval.
    Samples,
    /// Profiles in which everything was counted.
    Count,
    /// The runtime's own number. Unless it is exact, it only says about how much, and adds to samples that cannot tell.
    Runtime(LiveHeapSource),
}

impl WholeBasis {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            WholeBasis::Samples => "samples",
            WholeBasis::Count => "count",
            WholeBasis::Runtime(source) => source.name(),
        }
    }

    /// Whether the growth is a number rather than an estimate.
    pub fn is_exact(self) -> bool {
        match self {
            WholeBasis::Samples => false,
            WholeBasis::Count => true,
            WholeBasis::Runtime(source) => source.is_exact(),
        }
    }
}

/// What is meant by the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WholeSubject {
    /// The live heap.
    Heap,
    /// All that was allocated since the program started, whether it is alive or not.
    Allocation,
    /// What the filters leave of it.
    Filtered,
    /// The sum of the sample type that was asked for.
    SampleType,
}

/// The growth of the whole, objects or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeGrowth {
    /// Growth; negative if it shrank.
    pub delta: i128,
    /// Bounds of 95 % confidence, the lower one first; `None` if there is nothing that chance plays a part in, or where
    /// only about how much is known.
    pub bounds: Option<[i128; 2]>,
    /// The values of both ends, where they are not the profiles' own.
    pub ends: Option<[i128; 2]>,
}

impl WholeGrowth {
    fn sampled(delta: i128, interval: Interval) -> Self {
        // Rounded outwards, as the bounds of sites.
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        let bounds = [interval.low.floor(), interval.high.ceil()].map(|number| number as i128);
        WholeGrowth { delta, bounds: Some(bounds), ends: None }
    }

    fn between(course: &Course) -> Self {
        let ends = [course.first, course.last].map(i128::from);
        WholeGrowth { delta: course.growth(), bounds: None, ends: Some(ends) }
    }

    /// The direction of it that its bounds leave.
    pub fn verdict(&self) -> WholeVerdict {
        let [low, high] = self.bounds.unwrap_or([self.delta; 2]);
        match () {
            () if low > 0 => WholeVerdict::Grew,
            () if high < 0 => WholeVerdict::Shrank,
            () => WholeVerdict::NoChange,
        }
    }
}

impl WholeHeap {
    /// Bytes or objects at both ends, if the runtime counted them.
    pub fn counted(&self, metric: Metric) -> Option<[i128; 2]> {
        let growth = if metric == Metric::Space { self.space } else { self.objects };
        growth?.ends.filter(|_| self.basis.is_exact())
    }

    /// Whether the runtime counted that it grew by more objects rather than larger ones.
    pub fn has_more_objects(&self) -> bool {
        let [Some(space), Some(objects)] = [Metric::Space, Metric::Objects].map(|metric| self.counted(metric)) else {
            return false;
        };
        let [base, current] = [0, 1].map(|side| Values { space: space[side], objects: objects[side] });
        let kind = growth_kind_by_values(base.into(), current.into());
        current.space > base.space && kind == GrowthKind::MoreObjects
    }

    /// The better one of what profiles say and what the runtime's own numbers do.
    fn or_better(self, runtime: WholeHeap, tolerance: i128) -> Self {
        let is_exact = runtime.basis.is_exact();
        match () {
            // Everything was counted.
            () if self.basis.is_exact() => self,
            // A total that the profiles contradict has garbage in it.
            () if !self.may_be(&runtime, tolerance) => {
                let ends = runtime.space.and_then(|space| space.ends).filter(|_| is_exact);
                WholeHeap { contradicted: ends, ..self }
            }
            () if is_exact => runtime,
            // One that is not exact never overrules profiles that can tell, and only says that it grew.
            () if self.verdict == WholeVerdict::NoChange && runtime.verdict == WholeVerdict::Grew => runtime,
            () => self,
        }
    }

    /// Whether another growth in bytes is within the bounds of this one, or no more than `tolerance` outside.
    fn may_be(&self, other: &WholeHeap, tolerance: i128) -> bool {
        let (Some(this), Some(other)) = (self.space, other.space) else { return true };
        let [low, high] = this.bounds.unwrap_or([this.delta; 2]);
        (low - tolerance..=high + tolerance).contains(&other.delta)
    }
}

impl FindingInputs<'_, '_, '_> {
    /// What is known of the growth of the heap as a whole. `None` if nothing is: the sides cannot be compared, or chance
    /// plays a part that is not known.
    pub fn whole_heap(&self) -> Option<WholeHeap> {
        if self.notes.iter().any(Note::is_incomparable) {
            return None;
        }
        match (self.by_profiles(), self.by_runtime()) {
            (Some(sampled), Some((runtime, tolerance))) => Some(sampled.or_better(runtime, tolerance)),
            // What is not exact may say that it grew, not that it did not.
            (sampled, runtime) => sampled.or(runtime
                .map(|(whole, _)| whole)
                .filter(|whole| whole.basis.is_exact() || whole.verdict == WholeVerdict::Grew)),
        }
    }

    /// By the profiles.
    fn by_profiles(&self) -> Option<WholeHeap> {
        let varies = self.evidence.runs().is_some_and(|runs| runs.total_variation().is_some());
        let is_counted = self.evidence.rate()?.is_exact() && !varies;
        let growth = |metric: Metric| {
            let interval = self.evidence.total_growth_interval(metric).filter(|_| self.deltas.counts(metric))?;
            let delta = self.deltas.total().delta_of(metric);
            Some(match is_counted {
                true => WholeGrowth { delta, bounds: None, ends: None },
                false => WholeGrowth::sampled(delta, interval),
            })
        };
        let (space, objects) = (growth(Metric::Space), growth(Metric::Objects));
        let basis = if is_counted { WholeBasis::Count } else { WholeBasis::Samples };
        Some(self.whole(space.or(objects)?.verdict(), basis, [space, objects]))
    }

    /// By the runtime's own numbers, if they are of this whole: of one process, and of all that it has. Also the growth
    /// in bytes that is none.
    fn by_runtime(&self) -> Option<(WholeHeap, i128)> {
        let [Some(base), Some(current)] = self.mem_stats else { return None };
        let may_be_one = self.evidence.process_relation() != ProcessRelation::Different;
        if !may_be_one || self.is_beyond_usual || self.subject() != WholeSubject::Heap {
            return None;
        }
        let assessment = assess(&[base.clone(), current.clone()]);
        let (source, course) = (assessment.source?, assessment.course.as_ref()?);
        let verdict = match course.shape {
            Shape::Flat if -course.growth() > i128::from(course.tolerance) => WholeVerdict::Shrank,
            Shape::Flat => WholeVerdict::NoChange,
            _ => WholeVerdict::Grew,
        };
        let growth = [Some(course), course.objects.as_deref()].map(|course| course.map(WholeGrowth::between));
        Some((self.whole(verdict, WholeBasis::Runtime(source), growth), course.tolerance.into()))
    }

    /// `growth`: in bytes, and in objects.
    fn whole(&self, verdict: WholeVerdict, basis: WholeBasis, growth: [Option<WholeGrowth>; 2]) -> WholeHeap {
        let [space, objects] = growth;
        let mut sites = 0..self.deltas.sites.len();
        let is_weighed = sites.clone().any(|site| !self.evidence.is_unknown(site));
        let is_found = sites.any(|site| self.evidence.is_significant(site));
        let is_spread = verdict == WholeVerdict::Grew && basis != WholeBasis::Count && is_weighed && !is_found;
        WholeHeap {
            verdict,
            basis,
            space,
            objects,
            subject: self.subject(),
            is_beyond_usual: self.is_beyond_usual,
            is_spread,
            contradicted: None,
        }
    }

    fn subject(&self) -> WholeSubject {
        let is_filter = |(filter, _): &(FilterKind, String)| *filter != FilterKind::TrimPath;
        match () {
            () if self.request.sample_type.is_some() => WholeSubject::SampleType,
            () if self.request.filters.iter().any(is_filter) => WholeSubject::Filtered,
            () if self.deltas.is_allocation() => WholeSubject::Allocation,
            () => WholeSubject::Heap,
        }
    }
}

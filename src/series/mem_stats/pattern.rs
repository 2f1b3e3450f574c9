//! The verdict: what the shape of the live heap, memory that is held and goroutines suggest.

use super::{Endpoints, UnknownCause};
use crate::series::{Course, Shape};

/// Smallest growth of the number of goroutines that counts.
const MIN_GOROUTINE_GROWTH: i128 = 10;
/// Smallest such growth, percent of the first number.
const MIN_GOROUTINE_GROWTH_PERCENT: i128 = 10;
/// Smallest growth of the number of goroutines in each half of the series.
const MIN_GOROUTINE_GROWTH_OF_HALF: u64 = 5;

/// What a series suggests; the most serious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeapPattern {
    /// The live heap keeps growing, in number of objects.
    Leak,
    /// The live heap keeps growing, as its objects get larger.
    Bloat,
    /// The live heap keeps growing; whether in number or size of its objects is not known.
    Grows,
    /// The number of goroutines keeps growing.
    GoroutineLeak,
    /// Stacks of goroutines make up most of the growth.
    StacksGrew,
    /// Memory outside Go makes up most of the growth.
    OutsideGo,
    /// The heap profiler's own table makes up most of the growth.
    ProfilerBuckets,
    /// The live heap grew; whether it keeps growing is not known.
    Grew,
    /// Memory is held in spans of which only parts are in use.
    Fragmentation,
    /// Spans without objects are held, as they are returned to the system late.
    RetainedIdle,
    /// Whether the live heap grew is not known.
    Unknown(UnknownCause),
    /// The live heap rose by too little to count, in too few snapshots to tell slow growth from none.
    Undecided,
    /// The live heap grew, but is levelling off: a warm-up.
    Decelerating,
    /// The live heap grew, but hardly at the end.
    Levelled,
    /// The live heap goes up and down.
    Fluctuating,
    /// The live heap grew once.
    OneStep,
    /// The live heap did not grow.
    NoGrowth,
}

impl HeapPattern {
    /// Its name in JSON.
    pub fn code(self) -> &'static str {
        match self {
            HeapPattern::Leak => "leak",
            HeapPattern::Bloat => "bloat",
            HeapPattern::Grows => "grows",
            HeapPattern::GoroutineLeak => "goroutine_leak",
            HeapPattern::StacksGrew => "stacks_grew",
            HeapPattern::OutsideGo => "outside_go",
            HeapPattern::ProfilerBuckets => "profiler_buckets",
            HeapPattern::Grew => "grew",
            HeapPattern::Fragmentation => "fragmentation",
            HeapPattern::RetainedIdle => "retained_idle",
            HeapPattern::Unknown(_) => "unknown",
            HeapPattern::Undecided => "undecided",
            HeapPattern::Decelerating => "decelerating",
            HeapPattern::Levelled => "levelled",
            HeapPattern::Fluctuating => "fluctuating",
            HeapPattern::OneStep => "one_step",
            HeapPattern::NoGrowth => "no_growth",
        }
    }

    /// Whether it leaves open if memory is held for nothing.
    pub fn hides_held_memory(&self) -> bool {
        match self {
            HeapPattern::Unknown(cause) => *cause != UnknownCause::OneSnapshot && !cause.is_of_next_gc(),
            pattern => *pattern == HeapPattern::Grew,
        }
    }

    /// The pattern of the live heap.
    pub(super) fn of_live_heap(course: &Course) -> Self {
        match course.shape {
            Shape::Growing => match course.more_objects {
                Some(true) => HeapPattern::Leak,
                Some(false) => HeapPattern::Bloat,
                None => HeapPattern::Grows,
            },
            Shape::Grew => HeapPattern::Grew,
            Shape::Decelerating => HeapPattern::Decelerating,
            Shape::Levelled => HeapPattern::Levelled,
            Shape::Fluctuating => HeapPattern::Fluctuating,
            Shape::OneStep => HeapPattern::OneStep,
            Shape::Flat if course.is_undecided() => HeapPattern::Undecided,
            Shape::Flat => HeapPattern::NoGrowth,
        }
    }
}

/// Whether the number of goroutines grew enough to count. It is exact at any time.
pub(super) fn goroutines_grew(goroutines: Endpoints) -> bool {
    let (growth, first) = (goroutines.delta(), i128::from(goroutines.first));
    growth >= MIN_GOROUTINE_GROWTH && 100 * growth >= MIN_GOROUTINE_GROWTH_PERCENT * first
}

/// Whether the number of goroutines grew in both halves. `middle`: their number at the end of the first half.
pub(super) fn goroutines_grew_in_both_halves(goroutines: Endpoints, middle: u64) -> bool {
    let halves = [(goroutines.first, middle), (middle, goroutines.last)];
    halves.into_iter().all(|(from, to)| to >= from.saturating_add(MIN_GOROUTINE_GROWTH_OF_HALF))
}

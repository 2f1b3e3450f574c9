//! What `runtime.MemStats` of one process suggest.
//!
//! Which number measures the live heap, and whether exactly ([`LiveHeapSource`]), how it developed ([`Course`]), which
//! parts the process's memory has ([`MemoryParts`]), and what that, held memory and goroutines suggest
//! ([`HeapPattern`]). The rules on the live heap and their thresholds were measured on series of known truth: programs
//! that leak, that fill a cache, that hold memory after a burst, that do none of this.

mod garbage;
mod held;
mod live_heap;
mod next_gc;
mod note;
mod parts;
mod pattern;
mod source;

pub use held::HeldMemory;
pub use live_heap::is_of_later_process;
pub use note::{Endpoints, MemStatsNote};
pub use parts::{MemoryMeasure, MemoryPart, MemoryParts};
pub use pattern::HeapPattern;
pub use source::{LiveHeapSource, UnknownCause};

use super::shape::{Course, Shape};
use super::window::{JudgedBy, first_counted};
use crate::profile::MemStats;

/// What a series suggests, and the figures it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// What it suggests, the most serious first; at least one.
    pub patterns: Vec<HeapPattern>,
    /// Number of snapshots at the start that do not count.
    pub left_out: usize,
    /// Time from the last collection before the first snapshot to the one before the last snapshot, seconds; `None`
    /// where unknown.
    pub span_seconds: Option<f64>,
    /// The same from the first snapshot that counts.
    pub counted_seconds: Option<f64>,
    /// The number that measures the live heap, if it can be followed.
    pub source: Option<LiveHeapSource>,
    /// How the live heap developed.
    pub course: Option<Course>,
    /// HeapObjects.
    pub objects: Option<Endpoints>,
    /// Memory held at the end.
    pub held: Option<HeldMemory>,
    /// Number of goroutines.
    pub goroutines: Option<Endpoints>,
    /// StackInuse, bytes.
    pub stacks: Option<Endpoints>,
    /// The parts of the process's memory, between the snapshots that count: what the verdicts on them rest on.
    pub parts: Option<MemoryParts>,
    /// The parts since the first snapshot, or if most growth was before the second, since that.
    pub amounts: Option<MemoryParts>,
    /// The snapshot that `amounts` begins with, counted from 0.
    pub amounts_from: usize,
    /// Whether HeapAlloc, HeapObjects and HeapInuse are level, though they have garbage in them.
    pub looks_flat: bool,
    /// What the user should know about it.
    pub notes: Vec<MemStatsNote>,
}

/// Assesses snapshots of one process, in time order.
pub fn assess(snapshots: &[MemStats]) -> Assessment {
    let left_out = first_counted(snapshots.len(), JudgedBy::RuntimeNumbers);
    let counted = &snapshots[left_out..];
    let endpoints = |field: fn(&MemStats) -> Option<u64>| {
        let (first, last) = (counted.first()?, counted.last()?);
        Some(Endpoints { first: field(first)?, last: field(last)? })
    };
    let mut found = Assessment {
        patterns: Vec::new(),
        left_out,
        span_seconds: seconds(snapshots),
        counted_seconds: seconds(counted),
        source: None,
        course: None,
        objects: endpoints(|stats| stats.heap_objects),
        held: counted.last().and_then(HeldMemory::new),
        goroutines: endpoints(|stats| stats.goroutines),
        stacks: endpoints(|stats| stats.stack_inuse),
        parts: None,
        amounts: None,
        amounts_from: left_out,
        looks_flat: live_heap::looks_flat(counted),
        notes: Vec::new(),
    };
    if left_out > 0 {
        found.notes.push(MemStatsNote::FirstLeftOut);
    }
    match live_heap::measure(snapshots, counted, &mut found.notes) {
        Ok((source, course)) => {
            (found.source, found.course) = (Some(source), course);
            found.assess_live_heap();
        }
        Err(cause) => {
            found.patterns.push(HeapPattern::Unknown(cause));
            // The last snapshot is enough to see what is held.
            if cause == UnknownCause::OneSnapshot || cause.is_of_next_gc() {
                found.assess_held();
            }
        }
    }
    found.split_memory(snapshots, counted);
    let is_in_order = !matches!(found.patterns[..], [HeapPattern::Unknown(UnknownCause::CountersFell(_))]);
    if is_in_order {
        found.assess_goroutines(counted);
        found.patterns.extend(found.parts.iter().flat_map(MemoryParts::patterns));
    }
    found.patterns.sort();
    found
}

/// Time from the last collection before the first of some snapshots to the one before the last of them.
fn seconds(snapshots: &[MemStats]) -> Option<f64> {
    let [first, last] = [snapshots.first()?.last_gc?, snapshots.last()?.last_gc?];
    let nanos = last.checked_sub(first).filter(|&nanos| nanos > 0)?;
    #[allow(clippy::cast_precision_loss, reason = "a time for people")]
    Some(nanos as f64 / 1e9)
}

impl Assessment {
    /// The course of the live heap, if it is known exactly.
    pub fn exact_course(&self) -> Option<&Course> {
        self.course.as_ref().filter(|_| self.source.is_some_and(LiveHeapSource::is_exact))
    }

    /// How far the live heap can be trusted: exact, approximate or none.
    pub fn trust(&self) -> &'static str {
        match self.source {
            Some(source) if source.is_exact() => "exact",
            Some(_) => "approximate",
            None => "none",
        }
    }

    /// Whether nothing can be compared: one snapshot, or several processes.
    pub fn is_one_point(&self) -> bool {
        let is_of_these =
            |cause: &UnknownCause| matches!(cause, UnknownCause::OneSnapshot | UnknownCause::CountersFell(_));
        self.patterns.iter().any(|pattern| matches!(pattern, HeapPattern::Unknown(cause) if is_of_these(cause)))
    }

    /// Whether the number of goroutines is known, and tells whether it keeps growing.
    pub fn are_goroutines_clear(&self) -> bool {
        let is_unclear = |note: &MemStatsNote| match note {
            MemStatsNote::GoroutinesGrew(_) => true,
            MemStatsNote::Missing(names) => names.contains(&"NumGoroutine"),
            _ => false,
        };
        self.goroutines.is_some() && !self.notes.iter().any(is_unclear)
    }

    /// Splits the memory of `all` snapshots and of those that count into parts.
    fn split_memory(&mut self, all: &[MemStats], counted: &[MemStats]) {
        let between = |snapshots: &[MemStats]| {
            let ends = [snapshots.first()?, snapshots.last()?];
            Some(MemoryParts::new(ends, self.source))
        };
        (self.parts, self.amounts) = (between(counted), between(counted));
        let start = all.get(..=self.left_out).and_then(between);
        let (Some(parts), Some(since_first)) = (self.parts, between(all)) else { return };
        // A program that was starting obtains most of its memory before the second snapshot.
        let is_start = match (start.and_then(|start| start.growth()), since_first.growth()) {
            (Some(start), Some(growth)) => 2 * start > growth,
            _ => true,
        };
        let most = |parts: &MemoryParts| parts.largest_growth().map(|(part, _)| part);
        let is_alike = since_first.measure == parts.measure
            && since_first.unknown().eq(parts.unknown())
            && most(&since_first) == most(&parts);
        if !is_start && is_alike {
            (self.amounts, self.amounts_from) = (Some(since_first), 0);
        }
    }

    fn assess_live_heap(&mut self) {
        let Some(course) = &self.course else { return };
        let pattern = HeapPattern::of_live_heap(course);
        self.patterns.push(pattern);
        if pattern == HeapPattern::Grows && self.source == Some(LiveHeapSource::HeapAlloc) {
            self.notes.push(MemStatsNote::Missing(vec!["HeapObjects"]));
        }
        // A heap that grows needs what it holds.
        if !matches!(course.shape, Shape::Growing | Shape::Grew) {
            self.assess_held();
        }
    }

    fn assess_held(&mut self) {
        match self.held {
            Some(held) => self.patterns.extend(held.pattern()),
            None => self.notes.push(MemStatsNote::Missing(vec!["HeapSys", "HeapReleased", "NextGC"])),
        }
    }

    fn assess_goroutines(&mut self, counted: &[MemStats]) {
        let Some(goroutines) = self.goroutines.filter(|&goroutines| pattern::goroutines_grew(goroutines)) else {
            return;
        };
        let intervals = counted.len() - 1;
        let Some(middle) = counted.get(intervals / 2).and_then(|stats| stats.goroutines) else {
            self.notes.push(MemStatsNote::Missing(vec!["NumGoroutine"]));
            return;
        };
        if pattern::goroutines_grew_in_both_halves(goroutines, middle) {
            self.patterns.push(HeapPattern::GoroutineLeak);
        } else if intervals == 1 {
            self.notes.push(MemStatsNote::GoroutinesGrew(goroutines));
        }
    }
}

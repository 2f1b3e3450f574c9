//! The parts of the memory that a process has, and which of them grew.
//!
//! In: the first and the last snapshot that count. What the sources do not say stays unknown; nothing is guessed.

use super::{HeapPattern, LiveHeapSource};
use crate::profile::MemStats;

/// Growth up to this many bytes does not count.
const MIN_GROWTH_BYTES: u64 = 16 << 20;
/// Growth up to this part of all memory at the start does not count: a tenth.
const MIN_GROWTH_DIVISOR: u64 = 10;

/// A part of the memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryPart {
    /// The live heap; with the garbage in it, where that cannot be told apart (HeapAlloc).
    Objects,
    /// The rest of HeapInuse.
    Headroom,
    /// HeapIdle − HeapReleased.
    Idle,
    /// Stacks of goroutines and threads.
    Stacks,
    /// The heap profiler's table of stacks.
    Profiler,
    /// GCSys, MSpanSys, MCacheSys and OtherSys.
    Runtime,
    /// Memory that Go's runtime does not know of: cgo, mmap, the binary.
    OutsideGo,
}

impl MemoryPart {
    /// All parts, in the order in which they are shown.
    pub const ALL: [MemoryPart; 7] = [
        MemoryPart::Objects,
        MemoryPart::Headroom,
        MemoryPart::Idle,
        MemoryPart::Stacks,
        MemoryPart::Profiler,
        MemoryPart::Runtime,
        MemoryPart::OutsideGo,
    ];

    /// The verdict if it grew; `None` for the heap, which has verdicts of its own, and for the runtime's own memory,
    /// which follows the heap.
    fn pattern(self) -> Option<HeapPattern> {
        match self {
            MemoryPart::Stacks => Some(HeapPattern::StacksGrew),
            MemoryPart::Profiler => Some(HeapPattern::ProfilerBuckets),
            MemoryPart::OutsideGo => Some(HeapPattern::OutsideGo),
            MemoryPart::Objects | MemoryPart::Headroom | MemoryPart::Idle | MemoryPart::Runtime => None,
        }
    }
}

/// What is taken for all memory of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryMeasure {
    /// The resident set.
    Rss,
    /// The largest resident set so far, which never falls.
    MaxRss,
    /// Sys − HeapReleased: what Go obtained and did not return. What is outside Go is not in it.
    Sys,
}

impl MemoryMeasure {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            MemoryMeasure::Rss => "rss",
            MemoryMeasure::MaxRss => "max_rss",
            MemoryMeasure::Sys => "sys",
        }
    }
}

/// A number of bytes in the first and in the last snapshot that count.
pub type KnownBytes = [Option<u64>; 2];

/// The memory of a process and its parts, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryParts {
    /// What is taken for all memory.
    pub measure: Option<MemoryMeasure>,
    /// All memory.
    pub whole: KnownBytes,
    /// Whether the objects are the live heap alone, without garbage.
    pub is_live_known: bool,
    objects: KnownBytes,
    headroom: KnownBytes,
    idle: KnownBytes,
    stacks: KnownBytes,
    profiler: KnownBytes,
    runtime: KnownBytes,
    outside_go: KnownBytes,
}

impl MemoryParts {
    /// `live`: the number that measures the live heap.
    pub(super) fn new(ends: [&MemStats; 2], live: Option<LiveHeapSource>) -> Self {
        let both = |of: fn(&MemStats) -> Option<u64>| ends.map(of);
        let (rss, max_rss, go) = (both(|stats| stats.rss), both(|stats| stats.max_rss), both(held_by_go));
        let measure = if growth(rss).is_some() {
            Some(MemoryMeasure::Rss)
        } else if growth(max_rss).is_some() && covers(max_rss, go) {
            Some(MemoryMeasure::MaxRss)
        } else {
            growth(go).map(|_| MemoryMeasure::Sys)
        };
        let whole = match measure {
            Some(MemoryMeasure::Rss) => rss,
            Some(MemoryMeasure::MaxRss) => max_rss,
            Some(MemoryMeasure::Sys) => go,
            None => [None; 2],
        };
        let outside_go = match measure {
            Some(MemoryMeasure::Rss) => outside_resident(rss, ends),
            // The peak of the resident set may have been the heap's. Sys keeps the heap's peak as well.
            Some(MemoryMeasure::MaxRss) => both(|stats| Some(stats.max_rss?.saturating_sub(stats.sys?))),
            Some(MemoryMeasure::Sys) | None => [None; 2],
        };
        let heap_live = both(|stats| stats.heap_live);
        let objects = match growth(heap_live) {
            Some(_) => heap_live,
            None => both(|stats| stats.heap_alloc),
        };
        let in_use = both(|stats| stats.heap_inuse);
        MemoryParts {
            measure,
            whole,
            is_live_known: growth(heap_live).is_some() || live == Some(LiveHeapSource::HeapAlloc),
            objects,
            headroom: [0, 1].map(|at| Some(in_use[at]?.saturating_sub(objects[at]?))),
            idle: both(|stats| Some(stats.heap_idle?.saturating_sub(stats.heap_released?))),
            stacks: both(|stats| stats.stack_sys.or(stats.stack_inuse)),
            profiler: both(|stats| stats.buck_hash_sys),
            runtime: both(|stats| {
                let own = [stats.gc_sys?, stats.mspan_sys?, stats.mcache_sys?, stats.other_sys?];
                Some(own.into_iter().fold(0, u64::saturating_add))
            }),
            outside_go,
        }
    }

    /// The parts at the time of one snapshot, which is both ends.
    pub fn of_one(stats: &MemStats, live: Option<LiveHeapSource>) -> Self {
        MemoryParts::new([stats, stats], live)
    }

    /// The bytes of a part.
    pub fn of(&self, part: MemoryPart) -> KnownBytes {
        match part {
            MemoryPart::Objects => self.objects,
            MemoryPart::Headroom => self.headroom,
            MemoryPart::Idle => self.idle,
            MemoryPart::Stacks => self.stacks,
            MemoryPart::Profiler => self.profiler,
            MemoryPart::Runtime => self.runtime,
            MemoryPart::OutsideGo => self.outside_go,
        }
    }

    /// By how much a part grew.
    pub fn growth_of(&self, part: MemoryPart) -> Option<i128> {
        growth(self.of(part))
    }

    /// By how much all memory grew.
    pub fn growth(&self) -> Option<i128> {
        growth(self.whole)
    }

    /// By how much HeapInuse grew.
    pub fn growth_in_use(&self) -> Option<i128> {
        Some(growth(self.objects)? + growth(self.headroom)?)
    }

    /// Whether all memory grew by enough to count.
    pub fn grew(&self) -> bool {
        self.growth().is_some_and(|growth| self.counts(growth))
    }

    /// The part that grew most.
    pub fn largest_growth(&self) -> Option<(MemoryPart, i128)> {
        let grown = MemoryPart::ALL.into_iter().filter_map(|part| Some((part, self.growth_of(part)?)));
        // Of two the first, as the order of parts is fixed.
        grown.filter(|&(_, growth)| growth > 0).rev().max_by_key(|&(_, growth)| growth)
    }

    /// The parts whose size is not known at one of the ends.
    pub fn unknown(&self) -> impl Iterator<Item = MemoryPart> {
        MemoryPart::ALL.into_iter().filter(|&part| self.growth_of(part).is_none())
    }

    /// Whether it can be told if the part with this verdict grew.
    pub fn can_tell(&self, pattern: HeapPattern) -> bool {
        let is_known = |part: MemoryPart| part.pattern() == Some(pattern) && self.growth_of(part).is_some();
        // A high-water mark hides what grows below it.
        let is_hidden = pattern == HeapPattern::OutsideGo && self.measure != Some(MemoryMeasure::Rss);
        !is_hidden && self.growth().is_some() && MemoryPart::ALL.into_iter().any(is_known)
    }

    /// The verdicts on parts that grew by enough to count, and by at least half of all growth.
    pub(super) fn patterns(&self) -> impl Iterator<Item = HeapPattern> {
        let whole = self.growth();
        MemoryPart::ALL.into_iter().filter_map(move |part| {
            let growth = self.growth_of(part)?;
            part.pattern().filter(|_| self.counts(growth) && whole.is_some_and(|whole| 2 * growth >= whole))
        })
    }

    fn counts(&self, growth: i128) -> bool {
        let threshold = |whole: u64| MIN_GROWTH_BYTES.max(whole / MIN_GROWTH_DIVISOR);
        self.whole[0].is_some_and(|whole| growth > threshold(whole).into())
    }
}

/// Sys − HeapReleased, or Sys if what was released is not known.
fn held_by_go(stats: &MemStats) -> Option<u64> {
    Some(stats.sys?.saturating_sub(stats.heap_released.unwrap_or(0)))
}

/// RSS − (Sys − HeapReleased). Not known if that is negative at either end: parts of what Go holds are not resident, and
/// hide any amount outside Go.
fn outside_resident(rss: KnownBytes, ends: [&MemStats; 2]) -> KnownBytes {
    let held = ends.map(|stats| stats.heap_released.and_then(|_| held_by_go(stats)));
    match (rss, held) {
        ([Some(first), Some(last)], [Some(held_first), Some(held_last)])
            if first >= held_first && last >= held_last =>
        {
            [Some(first - held_first), Some(last - held_last)]
        }
        _ => [None; 2],
    }
}

/// Whether a high-water mark may stand for all memory: it is not below what Go has at the end, and grew by no less, as
/// one from an earlier peak would.
fn covers(max_rss: KnownBytes, go: KnownBytes) -> bool {
    go[1].is_none_or(|go| max_rss[1].is_some_and(|most| most >= go))
        && growth(go).is_none_or(|go| growth(max_rss) >= Some(go))
}

fn growth([first, last]: KnownBytes) -> Option<i128> {
    Some(i128::from(last?) - i128::from(first?))
}

//! What the numbers of a comparison suggest: a code that has a page of its own, and the figures behind it.

use serde_json::{Value, json};

use super::{FindingCode, LibraryPattern, saturating_i64};
use crate::diff::Change;
use crate::goroutines::{GoroutineCourse, GroupGrowth, Pattern, Waits};
use crate::series::{Endpoints, HeldMemory, MemoryMeasure, MemoryPart, Trend};

/// The most grown of the sites that a finding holds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrownSite {
    pub site: String,
    /// The owner that it allocates for, if that is another function.
    pub owner: Option<String>,
    /// Whether a good part of its growth is for others.
    pub has_other_owners: bool,
    /// Whether none of the program's own code is on its stacks, only Go's library.
    pub is_library: bool,
    /// What it or its owner is known for.
    pub pattern: Option<LibraryPattern>,
    /// Size of the objects it grew by, bytes, if nearly all have one that tables of maps have.
    pub table_bytes: Option<u64>,
    /// Its flat values on both sides.
    pub change: Change,
    /// Its raw live samples: base, current.
    pub samples: [u64; 2],
    /// Raw samples born and died between the two; both are upper bounds, their difference is exact.
    pub turnover: [u64; 2],
    /// Whether every object was sampled.
    pub is_exact: bool,
    /// Number of other sites that the finding holds for.
    pub others: usize,
    /// Its trend; `None` with two profiles only.
    pub trend: Option<Trend>,
}

/// Number of threads of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionCounts {
    pub function: String,
    /// Number in the base.
    pub base: i128,
    /// Number in the current side.
    pub current: i128,
}

impl FunctionCounts {
    /// Growth of the number.
    pub fn delta(&self) -> i128 {
        self.current - self.base
    }
}

/// Growth of a process's memory that is not on the heap, by the runtime's own numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryGrowth {
    /// The part that grew most.
    pub part: MemoryPart,
    /// Its bytes, in the first and in the last snapshot.
    pub ends: [u64; 2],
    /// Growth of all memory, bytes.
    pub whole: i128,
    /// What was taken for all memory.
    pub measure: MemoryMeasure,
    /// Growth of the live heap by the profiles, bytes.
    pub heap: i128,
    /// Number of goroutines.
    pub goroutines: Option<Endpoints>,
    /// Whether goroutine profiles were given.
    pub are_goroutines_given: bool,
}

impl MemoryGrowth {
    /// Whether the heap hardly grew, next to that.
    pub fn is_heap_flat(&self) -> bool {
        10 * self.heap <= self.whole
    }
}

/// A finding: what the numbers suggest, and never more than that.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// No growth exceeds sampling noise; the site that grew most.
    Noise(GrownSite),
    /// No garbage was collected between the two; the code of the note that says so, if any.
    Stale(Option<&'static str>),
    /// At most half as many samples died as were born at a confirmed site.
    PilingUp(GrownSite),
    /// Nearly everything allocated between the two was freed.
    Churn {
        /// Lower bound of the bytes allocated in between.
        allocated: u64,
        /// Growth of the live heap, bytes.
        growth: i128,
    },
    /// The objects of a confirmed site got larger.
    Larger(GrownSite),
    /// A confirmed site grew by many small objects.
    ManySmall(GrownSite),
    /// A confirmed site grew by objects of one size, one that tables of maps have.
    MapTables(GrownSite),
    /// There are more goroutines, as a whole or of a group.
    Goroutines(GoroutineCourse),
    /// Goroutines that nothing can wake any more, or none of them.
    Leaked(GoroutineCourse),
    /// The runtime's own descriptors of goroutines grew.
    GoroutineObjects {
        /// All of them, on both sides.
        change: Change,
        /// Whether goroutine profiles were given, which then show no such growth.
        are_given: bool,
    },
    /// The number of all goroutines grew; no goroutine profiles are known.
    GoroutineCount(Endpoints),
    /// The runtime keeps memory without objects in it.
    Idle(HeldMemory),
    /// The resident set was larger than all memory that Go obtained.
    Outside {
        /// MaxRSS, bytes.
        max_rss: u64,
        /// Sys, bytes.
        sys: u64,
    },
    /// The memory of the process grew, most of it in a part that is not the heap.
    Memory(MemoryGrowth),
    /// Functions that made more threads, the most grown first; at least one.
    Threads(Vec<FunctionCounts>),
    /// Space between objects.
    Fragmentation(HeldMemory),
    /// The confirmed site that grew most allocates; who keeps the objects is unknown.
    Retainer {
        site: GrownSite,
        /// Whether another finding names the same site.
        is_known: bool,
    },
    /// The live heap grew by the runtime's own numbers, and no site of the profiles did.
    Unseen {
        /// The live heap, first and last, bytes.
        ends: [u64; 2],
        /// Whether these numbers are exact, rather than estimated by NextGC.
        is_exact: bool,
    },
    /// The sides should not be compared; codes of the notes that say why.
    NotComparable(Vec<&'static str>),
    /// Samples below 0: base, current.
    Negative([u64; 2]),
    /// Growth levels off at a site; `None` for the heap as a whole.
    WarmUp(Option<GrownSite>),
    /// The profiler itself grew.
    Profiler {
        /// Growth in objects.
        objects: i64,
        /// Growth in bytes.
        space: i64,
        /// Share of all growth, percent.
        percent: u8,
    },
}

impl Finding {
    /// Its code.
    pub fn code(&self) -> FindingCode {
        self.code_and_rank().0
    }

    /// Rank of importance: the smaller, the more important.
    pub(super) fn rank(&self) -> u8 {
        self.code_and_rank().1
    }

    fn code_and_rank(&self) -> (FindingCode, u8) {
        match self {
            Finding::NotComparable(_) => (FindingCode::NotComparable, 0),
            Finding::Negative(_) => (FindingCode::Negative, 1),
            Finding::Stale(_) => (FindingCode::Stale, 2),
            Finding::Leaked(_) | Finding::Goroutines(_) => (FindingCode::Goroutines, 3),
            Finding::PilingUp(_) => (FindingCode::PilingUp, 4),
            Finding::MapTables(_) => (FindingCode::Sizes, 4),
            Finding::GoroutineObjects { .. } | Finding::GoroutineCount(_) => (FindingCode::Goroutines, 5),
            Finding::WarmUp(_) => (FindingCode::WarmUp, 6),
            Finding::Larger(_) => (FindingCode::Sizes, 7),
            Finding::ManySmall(_) => (FindingCode::Sizes, 8),
            Finding::Memory(growth) if growth.part == MemoryPart::Profiler => (FindingCode::Profiler, 9),
            Finding::Threads(_) | Finding::Outside { .. } | Finding::Memory(_) => (FindingCode::Outside, 9),
            Finding::Fragmentation(_) => (FindingCode::Fragmentation, 10),
            Finding::Idle(_) => (FindingCode::Idle, 11),
            Finding::Churn { .. } => (FindingCode::Churn, 12),
            Finding::Unseen { .. } => (FindingCode::Noise, 3),
            Finding::Noise(_) => (FindingCode::Noise, 13),
            Finding::Profiler { .. } => (FindingCode::Profiler, 14),
            Finding::Retainer { .. } => (FindingCode::Retainer, 15),
        }
    }

    /// Whether it tells people something that the rows and the notes do not.
    pub fn is_news(&self) -> bool {
        match self {
            Finding::Stale(note) => note.is_none(),
            // Where the function that allocates is the program's own, it may well keep it, too.
            Finding::Retainer { site, is_known } => !is_known && (site.owner.is_some() || site.is_library),
            Finding::NotComparable(_) | Finding::Profiler { .. } => false,
            _ => true,
        }
    }

    /// The figures behind it, a JSON object.
    pub fn data(&self) -> Value {
        match self {
            Finding::Noise(site) | Finding::PilingUp(site) => site_data(site),
            Finding::GoroutineObjects { change, .. } => {
                let delta = change.delta();
                json!({
                    "inuse_objects_delta": saturating_i64(delta.objects),
                    "inuse_space_delta": saturating_i64(delta.space),
                })
            }
            Finding::MapTables(site) => with(site_data(site), "kind", "map_tables"),
            Finding::Larger(site) => with(site_data(site), "kind", "larger_objects"),
            Finding::ManySmall(site) => with(site_data(site), "kind", "many_small"),
            Finding::Stale(note) => json!({ "notes": note.as_slice() }),
            Finding::Churn { allocated, growth } => {
                json!({ "allocated_bytes": allocated, "inuse_space_delta": saturating_i64(*growth) })
            }
            Finding::Goroutines(course) | Finding::Leaked(course) => goroutine_data(course),
            Finding::GoroutineCount(ends) => json!({ "first": ends.first, "last": ends.last }),
            Finding::Idle(held) | Finding::Fragmentation(held) => json!({
                "held_bytes": held.held,
                "heap_alloc": held.alloc,
                "next_gc": held.next_gc,
                "idle_bytes": held.idle,
                "between_bytes": held.between,
            }),
            Finding::Outside { max_rss, sys } => json!({ "kind": "rss", "max_rss": max_rss, "sys": sys }),
            Finding::Memory(growth) => json!({
                "kind": match growth.part {
                    MemoryPart::Stacks => "stacks",
                    MemoryPart::Profiler => "profiler_buckets",
                    _ => "outside_go",
                },
                "first": growth.ends[0],
                "last": growth.ends[1],
                "memory_delta": saturating_i64(growth.whole),
                "measure": growth.measure.name(),
                "inuse_space_delta": saturating_i64(growth.heap),
                "goroutines_first": growth.goroutines.map(|ends| ends.first),
                "goroutines_last": growth.goroutines.map(|ends| ends.last),
            }),
            Finding::Threads(functions) => json!({ "kind": "threads", "functions": counts(functions) }),
            Finding::Retainer { site, .. } => json!({ "site": site.site, "owner": site.owner }),
            Finding::Unseen { ends: [first, last], is_exact } => {
                json!({ "kind": "unseen", "first": first, "last": last, "exact": is_exact })
            }
            Finding::NotComparable(notes) => json!({ "notes": notes }),
            Finding::Negative([base, current]) => json!({ "base_samples": base, "current_samples": current }),
            Finding::WarmUp(site) => site.as_ref().map_or_else(|| json!({ "site": null }), site_data),
            Finding::Profiler { objects, space, percent } => {
                json!({ "inuse_objects": objects, "inuse_space": space, "percent": percent })
            }
        }
    }
}

fn site_data(site: &GrownSite) -> Value {
    let delta = site.change.delta();
    json!({
        "site": site.site,
        "owner": site.owner,
        "map_table_bytes": site.table_bytes,
        "inuse_objects_delta": saturating_i64(delta.objects),
        "inuse_space_delta": saturating_i64(delta.space),
        "samples_base": site.samples[0],
        "samples_current": site.samples[1],
        "samples_born": site.turnover[0],
        "samples_died": site.turnover[1],
        "other_sites": site.others,
    })
}

/// The figures of a course: all of them by profile, and of each group both ends and what of the heap goes with it.
pub fn goroutine_data(course: &GoroutineCourse) -> Value {
    let numbers = |counts: &[i128]| counts.iter().copied().map(saturating_i64).collect::<Vec<_>>();
    let one = |found: &GroupGrowth| {
        let heap = found.heap.as_ref();
        json!({
            "function": found.group.owner,
            "entry": found.group.entry,
            "waits": found.group.waits.map(Waits::name),
            "pattern": found.group.pattern.map(Pattern::name),
            "base": saturating_i64(found.base()),
            "current": saturating_i64(found.current()),
            "counts": numbers(&found.counts),
            "inuse_objects_delta": heap.map(|heap| saturating_i64(heap.below.objects)),
            "inuse_space_delta": heap.map(|heap| saturating_i64(heap.below.space)),
            "started_inuse_objects": heap.map(|heap| saturating_i64(heap.started.objects)),
            "started_inuse_space": heap.map(|heap| saturating_i64(heap.started.space)),
            "tickers_inuse_space_delta": heap.map(|heap| saturating_i64(heap.tickers.space)),
            "timers_inuse_space_delta": heap.map(|heap| saturating_i64(heap.timers.space)),
        })
    };
    json!({
        "kind": course.thing.sample_type(),
        "counts": numbers(&course.totals),
        "shape": course.shape.name(),
        "marked_leaked": saturating_i64(course.marked_leaked),
        "mean_stack_bytes": course.mean_stack_bytes,
        "functions": course.groups.iter().map(one).collect::<Vec<_>>(),
    })
}

fn with(mut data: Value, key: &str, value: &str) -> Value {
    data[key] = value.into();
    data
}

fn counts(functions: &[FunctionCounts]) -> Vec<Value> {
    let one = |counts: &FunctionCounts| {
        json!({
            "function": counts.function,
            "base": saturating_i64(counts.base),
            "current": saturating_i64(counts.current),
            "inuse_objects_delta": null,
            "inuse_space_delta": null,
        })
    };
    functions.iter().map(one).collect()
}

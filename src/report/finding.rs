//! What numbers suggest: a code that has a page of its own, and the figures behind it. Knows no sentence.

use serde_json::{Value, json};

use crate::diff::Change;
use crate::series::{Endpoints, HeldMemory, Trend};
use crate::site::Values;

/// What kind of finding it is. The numbers are part of the JSON contract, and are never used for anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Growth that chance does, too.
    Noise,
    /// No garbage collection in between.
    Stale,
    /// More objects come than go.
    PilingUp,
    /// Much is allocated, and little stays.
    Churn,
    /// Many small objects, or few that get larger.
    Sizes,
    /// Goroutines that wait, and what they hold.
    Goroutines,
    /// Memory that the runtime keeps without objects in it.
    Idle,
    /// Memory that is not on Go's heap.
    Outside,
    /// Space between objects.
    Fragmentation,
    /// Who allocates is not who keeps.
    Retainer,
    /// Two sides that should not be compared.
    NotComparable,
    /// Values below 0.
    Negative,
    /// Growth that slows down.
    WarmUp,
    /// What the profiler allocates itself.
    Profiler,
}

impl Code {
    /// All of them, H001 first.
    pub const ALL: [Code; 14] = [
        Code::Noise,
        Code::Stale,
        Code::PilingUp,
        Code::Churn,
        Code::Sizes,
        Code::Goroutines,
        Code::Idle,
        Code::Outside,
        Code::Fragmentation,
        Code::Retainer,
        Code::NotComparable,
        Code::Negative,
        Code::WarmUp,
        Code::Profiler,
    ];

    /// What scripts and people know it by.
    pub fn id(self) -> &'static str {
        match self {
            Code::Noise => "H001",
            Code::Stale => "H002",
            Code::PilingUp => "H003",
            Code::Churn => "H004",
            Code::Sizes => "H005",
            Code::Goroutines => "H006",
            Code::Idle => "H007",
            Code::Outside => "H008",
            Code::Fragmentation => "H009",
            Code::Retainer => "H010",
            Code::NotComparable => "H011",
            Code::Negative => "H012",
            Code::WarmUp => "H013",
            Code::Profiler => "H014",
        }
    }

    /// It in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Code::Noise => "sampling noise",
            Code::Stale => "stale profile",
            Code::PilingUp => "piling up",
            Code::Churn => "churn",
            Code::Sizes => "size of objects",
            Code::Goroutines => "goroutines",
            Code::Idle => "idle memory",
            Code::Outside => "outside the heap",
            Code::Fragmentation => "fragmentation",
            Code::Retainer => "allocator, not retainer",
            Code::NotComparable => "not comparable",
            Code::Negative => "negative values",
            Code::WarmUp => "warm-up",
            Code::Profiler => "the profiler itself",
        }
    }
}

/// A site that stands for a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteGrew {
    /// What to call it.
    pub site: String,
    /// What it allocates itself.
    pub change: Change,
    /// Its raw live samples on both sides.
    pub samples: [u64; 2],
    /// The samples that are new, at most, and those that are gone.
    pub moved: [u64; 2],
    /// Whether each object is a sample.
    pub is_exact: bool,
    /// How many other sites there are of which the same is true.
    pub others: usize,
    /// How it developed; `None` of two profiles.
    pub trend: Option<Trend>,
}

/// Goroutines or threads of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The function.
    pub function: String,
    /// How many there were.
    pub base: i128,
    /// How many there are.
    pub current: i128,
    /// By how much grew what is allocated in it and in what it calls; `None` where that is not known.
    pub heap: Option<Values>,
}

impl Waiting {
    /// How many more there are.
    pub fn delta(&self) -> i128 {
        self.current - self.base
    }
}

/// What numbers suggest.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// The site that grew most, of which chance does as much as of all others.
    Noise(SiteGrew),
    /// Nothing was collected; with the code of the note that says so, if there is one.
    Stale(Option<&'static str>),
    /// The confirmed site that grew most of those at which at most half as much died as was born.
    PilingUp(SiteGrew),
    /// Bytes that were allocated in between, at least, and by how much the live heap grew.
    Churn {
        /// Of what lives on both sides.
        allocated: u64,
        /// The growth of all.
        growth: i128,
    },
    /// The confirmed site that grew most of those whose objects got larger.
    Larger(SiteGrew),
    /// The confirmed site that grew most of those whose new objects are small.
    ManySmall(SiteGrew),
    /// Functions with more goroutines, the most first; one at least.
    Goroutines(Vec<Waiting>),
    /// The runtime's own objects for goroutines.
    GoroutineObjects(SiteGrew),
    /// The number of all goroutines, where it is all that is known.
    GoroutineCount(Endpoints),
    /// The runtime keeps memory without objects in it.
    Idle(HeldMemory),
    /// The resident set was that much larger than all that Go obtained.
    Outside {
        /// MaxRSS.
        max_rss: u64,
        /// Sys.
        sys: u64,
    },
    /// Stacks grew.
    Stacks(Endpoints),
    /// Functions that made more threads; one at least.
    Threads(Vec<Waiting>),
    /// Space between objects.
    Fragmentation(HeldMemory),
    /// The confirmed site that grew most, and whose code it allocates for, if that is another function.
    Retainer {
        /// What allocates.
        site: String,
        /// What asked for it.
        owner: Option<String>,
    },
    /// Codes of the notes that say why.
    NotComparable(Vec<&'static str>),
    /// So many samples of the base and of the current side.
    Negative([u64; 2]),
    /// The site that grew most of those that grow less and less; `None` for the heap as a whole.
    WarmUp(Option<SiteGrew>),
    /// What the profiler grew by.
    Profiler {
        /// Objects.
        objects: i64,
        /// Bytes.
        space: i64,
        /// Of all that grew.
        percent: u8,
    },
}

impl Finding {
    /// What kind it is.
    pub fn code(&self) -> Code {
        match self {
            Finding::Noise(_) => Code::Noise,
            Finding::Stale(_) => Code::Stale,
            Finding::PilingUp(_) => Code::PilingUp,
            Finding::Churn { .. } => Code::Churn,
            Finding::Larger(_) | Finding::ManySmall(_) => Code::Sizes,
            Finding::Goroutines(_) | Finding::GoroutineObjects(_) | Finding::GoroutineCount(_) => Code::Goroutines,
            Finding::Idle(_) => Code::Idle,
            Finding::Outside { .. } | Finding::Stacks(_) | Finding::Threads(_) => Code::Outside,
            Finding::Fragmentation(_) => Code::Fragmentation,
            Finding::Retainer { .. } => Code::Retainer,
            Finding::NotComparable(_) => Code::NotComparable,
            Finding::Negative(_) => Code::Negative,
            Finding::WarmUp(_) => Code::WarmUp,
            Finding::Profiler { .. } => Code::Profiler,
        }
    }

    /// Whether people should read it beside the rows and the notes: not if they say the same already.
    pub fn is_news(&self) -> bool {
        match self {
            Finding::Stale(note) => note.is_none(),
            Finding::Retainer { owner, .. } => owner.is_some(),
            Finding::NotComparable(_) | Finding::Negative(_) | Finding::Profiler { .. } => false,
            _ => true,
        }
    }

    /// The figures it rests on, a JSON object.
    pub fn data(&self) -> Value {
        match self {
            Finding::Noise(site) | Finding::PilingUp(site) | Finding::GoroutineObjects(site) => grew(site),
            Finding::Larger(site) => with(grew(site), "kind", "larger_objects"),
            Finding::ManySmall(site) => with(grew(site), "kind", "many_small"),
            Finding::Stale(note) => json!({ "notes": note.as_slice() }),
            Finding::Churn { allocated, growth } => {
                json!({ "allocated_bytes": allocated, "inuse_space_delta": shown(*growth) })
            }
            Finding::Goroutines(functions) => json!({ "functions": all(functions) }),
            Finding::GoroutineCount(ends) => json!({ "first": ends.first, "last": ends.last }),
            Finding::Idle(held) | Finding::Fragmentation(held) => json!({
                "held_bytes": held.held,
                "heap_alloc": held.alloc,
                "next_gc": held.next_gc,
                "idle_bytes": held.idle,
                "between_bytes": held.between,
            }),
            Finding::Outside { max_rss, sys } => json!({ "kind": "rss", "max_rss": max_rss, "sys": sys }),
            Finding::Stacks(ends) => json!({ "kind": "stacks", "first": ends.first, "last": ends.last }),
            Finding::Threads(functions) => json!({ "kind": "threads", "functions": all(functions) }),
            Finding::Retainer { site, owner } => json!({ "site": site, "owner": owner }),
            Finding::NotComparable(notes) => json!({ "notes": notes }),
            Finding::Negative([base, current]) => json!({ "base_samples": base, "current_samples": current }),
            Finding::WarmUp(site) => site.as_ref().map_or_else(|| json!({ "site": null }), grew),
            Finding::Profiler { objects, space, percent } => {
                json!({ "inuse_objects": objects, "inuse_space": space, "percent": percent })
            }
        }
    }
}

fn grew(site: &SiteGrew) -> Value {
    let delta = site.change.delta();
    json!({
        "site": site.site,
        "inuse_objects_delta": shown(delta.objects),
        "inuse_space_delta": shown(delta.space),
        "samples_base": site.samples[0],
        "samples_current": site.samples[1],
        "samples_born": site.moved[0],
        "samples_died": site.moved[1],
        "other_sites": site.others,
    })
}

fn with(mut data: Value, key: &str, value: &str) -> Value {
    data[key] = value.into();
    data
}

fn all(functions: &[Waiting]) -> Vec<Value> {
    let one = |waiting: &Waiting| {
        json!({
            "function": waiting.function,
            "base": shown(waiting.base),
            "current": shown(waiting.current),
            "inuse_objects_delta": waiting.heap.map(|heap| shown(heap.objects)),
            "inuse_space_delta": waiting.heap.map(|heap| shown(heap.space)),
        })
    };
    functions.iter().map(one).collect()
}

/// As far as 64 bits show.
fn shown(value: i128) -> i64 {
    i64::try_from(value.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or_default()
}

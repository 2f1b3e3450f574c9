//! Tells which allocation sites of a program really grew between two heap profiles.
//!
//! The pipeline, a module for each stage. `cli::diff::run` goes through it: `cli/steps/side.rs` does decode and site,
//! `cli/steps/compare.rs` diff, `cli/steps/comparison_report.rs` all from evidence to report.
//!
//! ```text
//! bytes ─decode─▶ Profile ─site─▶ SiteTable ┐
//! bytes ─decode─▶ Profile ─site─▶ SiteTable ┴─diff─▶ Deltas ─evidence─▶ Evidence
//!
//! Deltas ────────────────────────────rank─────▶ Ranking ──────────────┐
//! Evidence ───────────────────────────────────────────────────────────┤
//! Deltas, Evidence, sides, MemStats ─diagnose─▶ notes and findings ───┼─report─▶ Report ─render─▶ text, page
//! Deltas, Evidence, rules ───────────gate─────▶ GateResult, of checks ┤
//! Deltas ────────────────────────────stacks───▶ StackComparison ──────┘
//!
//! bytes ─decode─▶ Profile ×N ─goroutines─▶ Census ×N ─▶ GoroutineCourse ─diagnose─▶ findings, ─gate─▶ GateResult
//!
//! bytes ─decode─▶ MemStats of N snapshots ─series─▶ Assessment ─report─▶ MemStatsReport ─render─▶ text
//! ```
//!
//! `heapdiff` is a program: [`cli::main`] runs it, and nothing else is meant for other crates.
//!
//! # Words
//!
//! Those of pprof and `profile.proto`: profile, sample, stack (leaf first), location, line, function, mapping, value type.
//!
//! - *base* and *current*: the earlier and the later side of a comparison, each one or more profiles.
//!   *delta* = current − base; *growth*: a positive delta. A site grows by more objects or by larger ones: its *kind* of
//!   growth.
//! - *site*: an allocation site at a granularity, such as a line or a function. *flat*: the site is the leaf of the stack.
//!   *cum*: it is anywhere on the stack, counted once per sample. An index called `site` is one in a `SiteTable` in
//!   `site`, in `Deltas::sites` in the stages that judge both sides, and in `Report::sites` in `render`.
//! - *owner*: the first frame from the leaf that is in the program's own code.
//! - *group* of goroutines: those with the same owner, the same *entry* (the outermost function that is not the
//!   runtime's: what `go` started) and the same *wait*. A *census* counts the groups of one profile. *leaked*: a goroutine
//!   that nothing can wake any more, by Go 1.27's `goroutineleak` profile.
//! - *bucket*: all objects of one size that were allocated on one stack; what Go's profiler samples and counts.
//! - *run*: one process of a build, with one profile, or with two that are a *pair*. A site has *natural variation* where
//!   runs of a build differ by more than sampling makes them.
//! - *born* and *died*: samples of a bucket that are alive only on the current side, or only on the base side. What was
//!   allocated in between bounds both; their difference is known exactly. *turnover*: both.
//! - *significant*: growth that chance alone would hardly produce: with 95 % confidence, every site called so grew.
//!   Users read *confirmed*. The gate asks for 98 %.
//! - *settled*: a third profile, taken later than the current one; growth that is gone by then does not count.
//! - *period*: mean bytes between two samples, Go's `MemProfileRate`. *rate*: the type `Rate`, which holds a period, so
//!   a larger rate means fewer samples (as in `MemProfileRate`).
//! - *note*: what limits the comparison. *finding*: what its numbers suggest, with a page of `heapdiff explain`.

mod byte_size;
pub mod cli;
mod decode;
mod diagnose;
mod diff;
mod evidence;
mod gate;
mod goroutines;
mod index;
mod input;
mod matching;
mod order;
mod paths;
mod profile;
mod proto;
mod rank;
mod render;
mod report;
mod series;
mod site;
mod stacks;
mod threads;

/// What tests, benches and fuzz targets use; no interface for others.
#[doc(hidden)]
pub mod internals {
    pub mod cli {
        pub use crate::cli::{check_budget, check_config};
    }
    pub mod decode {
        pub use crate::decode::{
            DecodeErrorKind, decode, decode_bench_output, decode_counting, decode_keeping_dead, decode_mem_stats,
            may_count,
        };
    }
    pub mod diagnose {
        pub use crate::diagnose::{FindingInputs, Request, findings, notes};
    }
    pub mod diff {
        pub use crate::diff::{Attribution, Change, Deltas, Metric, diff};
    }
    pub mod evidence {
        pub use crate::evidence::{
            BucketTurnover, Evidence, GATE_ALPHA, LimitPower, SideWeights, Significance, Tester, detectable_growth,
            growth_interval, significant, testable,
        };
    }
    pub mod gate {
        pub use crate::gate::{Comparison, CountedHeap, Rules, judge};
    }
    pub mod goroutines {
        pub use crate::goroutines::{Census, GoroutineCourse, StartedHeap};
    }
    pub mod input {
        pub use crate::input::{Limit, inflate};
    }
    pub mod profile {
        pub use crate::profile::{CountedThing, Invalid, Line, MemStats, Profile, SampleType, ValueType};
    }
    pub mod rank {
        pub use crate::rank::rank;
    }
    pub mod render {
        pub use crate::render::{
            Bytes, Export, Exported, FlamePage, Format, Look, SCHEMA, export, flame, render, report_page, sanitize,
        };
    }
    pub mod report {
        pub use crate::report::{Conclusions, Selection, ShownMetric, SideInfo, StackGraph, report};
    }
    pub mod series {
        pub use crate::series::{
            Course, HeapPattern, LiveHeapSource, MemStatsNote, MemoryMeasure, MemoryPart, Shape, SiteHistory,
            SnapshotTimes, SnapshotWindow, Spacing, Trend, UnknownCause, assess, trend,
        };
    }
    pub mod site {
        pub use crate::site::{
            Filter, Granularity, Name, NameArena, Own, Rate, Site, SiteKey, SiteTable, SiteTableBuilder, Values,
            compile_regex, unify_line_keys,
        };
    }
    pub mod stacks {
        pub use crate::stacks::{CallTree, StackComparison};
    }
}

//! What the user should know of the comparability or the meaning of a comparison, as codes with data.

use serde_json::{Value, json};

use super::mixed_field::MixedField;
use super::severity::{Comparability, Severity};
use super::{Outlier, WhichSide, WorkNote, saturating_i64};
use crate::diff::Metric;

/// Why growth cannot be distinguished from sampling noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoEvidence {
    /// The profiles do not state their sampling period.
    NoPeriod,
    /// Samples do not state the size of their objects.
    NoSizes,
}

/// A note on a comparison. Codes and data keys are part of the JSON contract.
///
/// To add a note, edit three files: this one, the one that decides it (`notes.rs` or `comparability.rs`), and
/// `render/messages/notes.rs` for its sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// The base was taken after the current profile.
    TimeReversed {
        /// Time of the base, nanoseconds since 1970.
        base: i64,
        /// Time of the current side, nanoseconds since 1970.
        current: i64,
        /// Whether both are of one process: then what grew seems to have shrunk.
        same_process: bool,
        /// The build whose pair it is; `None` where there are no pairs.
        pair: Option<WhichSide>,
    },
    /// Both sides are the same profile.
    SameProfile,
    /// The source of a function that fails a check is not in the checkout.
    SourceNotFound {
        function: String,
        /// Its file, as the profile has it.
        file: String,
        /// What of that path is not of the checkout, which has the rest; `None` if it has no such file.
        root: Option<String>,
    },
    /// The sampling periods differ.
    PeriodDiffers {
        /// Sampling period of the base, bytes.
        base: i64,
        /// Sampling period of the current side, bytes.
        current: i64,
    },
    /// The profiles are of different programs.
    ProgramDiffers {
        /// Base name of the base's executable.
        base: String,
        /// Base name of the current side's executable.
        current: String,
    },
    /// No garbage was collected between the two profiles, so they show the same heap.
    NoCollectionBetween,
    /// Growth cannot be distinguished from noise.
    NoEvidence {
        /// What is missing.
        reason: NoEvidence,
    },
    /// A metric that one side or both do not count.
    MetricMissing {
        metric: Metric,
        /// The only side that has it, if any.
        only: Option<WhichSide>,
    },
    /// All memory is allocated at one address of code without symbols.
    OneAddress,
    /// No site grew.
    NoGrowth,
    /// A filter matched no live sample on either side.
    FilterMatchedNothing {
        /// The option, without dashes.
        filter: &'static str,
        /// What was typed.
        pattern: String,
    },
    /// A pattern of the program's own code matched no function on a live stack of either side.
    OwnMatchedNothing { pattern: String },
    /// A rename that the user said matched nothing of the base, of the current side, or of both.
    RenameMatchedNothing { rename: String, lacks: [bool; 2] },
    /// Some functions that only one side has were not compared, as there were too many.
    MatchingLimited,
    /// A budget or an allowance names a function as the base does; it holds for the current side's name, too.
    RuleFollowed {
        /// The base's name.
        old: String,
        /// The current side's name.
        new: String,
    },
    /// A profile has values below 0.
    NegativeValues {
        side: WhichSide,
        /// Number of samples below 0.
        samples: u64,
    },
    /// A profile's own `drop_frames` or `keep_frames` does not parse.
    DropFramesIgnored {
        side: WhichSide,
        /// What is wrong with it.
        error: String,
    },
    /// Numbers are divided by the number of profiles of their side.
    PerProfile {
        /// Number of profiles of the base.
        base: u32,
        /// Number of profiles of the current side.
        current: u32,
    },
    /// How the work of both sides was compared.
    Work(WorkNote),
    /// One of the current profiles has most of a site that grew.
    Outlier(Outlier),
    /// The sides are sums of different numbers of profiles.
    CountDiffers {
        /// Number of profiles of the base.
        base: usize,
        /// Number of profiles of the current side.
        current: usize,
    },
    /// A file was left out.
    SkippedUnreadable {
        side: WhichSide,
        path: String,
        /// What is wrong with it.
        error: String,
    },
    /// Profiles are on one side more than once.
    RepeatedInput {
        side: WhichSide,
        /// The inputs that repeat an earlier one.
        inputs: Vec<String>,
    },
    /// The profiles of one side differ in a field that they should share.
    MixedSide {
        side: WhichSide,
        what: MixedField,
        /// The values found.
        values: Vec<String>,
    },
    /// The profiles are of different builds of a program.
    BuildDiffers {
        /// Build id of the base.
        base: String,
        /// Build id of the current side.
        current: String,
    },
    /// The profiles have different columns.
    SampleTypesDiffer {
        /// Columns of the base, as `type/unit`.
        base: Vec<String>,
        /// Columns of the current side, as `type/unit`.
        current: Vec<String>,
    },
    /// The programs are in different languages.
    ProducerDiffers {
        /// Language of the base.
        base: &'static str,
        /// Language of the current side.
        current: &'static str,
    },
    /// A heap profile was recorded over some time.
    RecordedOverTime {
        side: WhichSide,
        /// The time, nanoseconds.
        duration_nanos: i64,
    },
    /// A profile was exported for some time, and shows whole heaps rather than a difference.
    Merged {
        side: WhichSide,
        /// The time, nanoseconds.
        duration_nanos: i64,
    },
    /// The profiler was off when the profile was taken.
    ProfilerOff {
        side: WhichSide,
        /// Live bytes by the runtime's own numbers, `HeapAlloc`; `None` without them.
        heap_alloc: Option<u64>,
        /// Number of samples.
        samples: u64,
    },
    /// Nothing proves that these files are complete.
    EndUnproven { side: WhichSide, inputs: Vec<String> },
    /// The certificates of the servers of these inputs were not verified.
    CertificateUnverified { side: WhichSide, inputs: Vec<String> },
    /// Sites are addresses, as the profiles have no symbols.
    NoSymbols {
        /// Whether an address may mean the same on both sides.
        match_addresses: bool,
    },
    /// The profiles mean what was allocated, so that is compared.
    AllocationCompared,
    /// One profile, which is a difference, is shown by what was freed and what was allocated.
    Difference {
        /// The time between its two heaps, nanoseconds; 0 if unknown.
        duration_nanos: i64,
    },
    /// A profile is a difference that pprof saved.
    SavedDifference { side: WhichSide },
    /// A profile of Go lacks columns that the runtime writes: another tool exported it.
    Exported { side: WhichSide },
    /// The profiles are goref's: they show what holds memory.
    Holders,
    /// The roots of stacks are missing.
    StacksCut {
        side: WhichSide,
        /// Number of stacks.
        stacks: u64,
    },
    /// Part of the growth is the profiler's own.
    ProfilerGrew {
        /// Growth in objects, saturated to 64 bits.
        objects: i64,
        /// Growth in bytes, saturated to 64 bits.
        space: i64,
        /// Share of all growth, percent: of objects or of bytes, whichever is more.
        percent: u8,
    },
}

impl Note {
    /// The code in JSON.
    pub fn code(&self) -> &'static str {
        self.code_and_severity().0
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        self.code_and_severity().1
    }

    fn code_and_severity(&self) -> (&'static str, Severity) {
        use Severity::{Info, Warning};
        match self {
            Note::TimeReversed { .. } => ("time_reversed", Warning),
            Note::SameProfile => ("same_profile", Warning),
            Note::PeriodDiffers { .. } => ("period_differs", Warning),
            Note::ProgramDiffers { .. } => ("program_differs", Warning),
            Note::NoCollectionBetween => ("no_collection_between", Warning),
            Note::NoEvidence { .. } => ("no_evidence", Info),
            Note::MetricMissing { only: None, .. } => ("metric_missing", Info),
            Note::MetricMissing { .. } => ("metric_missing", Warning),
            Note::OneAddress => ("one_address", Warning),
            Note::NoGrowth => ("no_growth", Info),
            Note::FilterMatchedNothing { .. } => ("filter_matched_nothing", Warning),
            Note::OwnMatchedNothing { .. } => ("own_matched_nothing", Warning),
            Note::RenameMatchedNothing { .. } => ("rename_matched_nothing", Warning),
            Note::MatchingLimited => ("matching_limited", Warning),
            Note::RuleFollowed { .. } => ("rule_followed", Info),
            Note::NegativeValues { .. } => ("negative_values", Warning),
            Note::DropFramesIgnored { .. } => ("drop_frames_ignored", Warning),
            Note::PerProfile { .. } => ("per_profile", Info),
            Note::Work(note) => (note.code(), note.severity()),
            Note::Outlier(_) => ("outlier", Warning),
            Note::CountDiffers { .. } => ("count_differs", Warning),
            Note::SkippedUnreadable { .. } => ("skipped_unreadable", Warning),
            Note::RepeatedInput { .. } => ("repeated_input", Warning),
            Note::MixedSide { .. } => ("mixed_side", Warning),
            Note::BuildDiffers { .. } => ("build_differs", Info),
            Note::SampleTypesDiffer { .. } => ("sample_types_differ", Info),
            Note::ProducerDiffers { .. } => ("producer_differs", Warning),
            Note::RecordedOverTime { .. } => ("recorded_over_time", Warning),
            Note::Merged { .. } => ("merged", Info),
            Note::ProfilerOff { .. } => ("profiler_off", Warning),
            Note::EndUnproven { .. } => ("end_unproven", Info),
            Note::CertificateUnverified { .. } => ("certificate_unverified", Warning),
            Note::NoSymbols { .. } => ("no_symbols", Warning),
            Note::AllocationCompared => ("allocation_compared", Info),
            Note::Difference { .. } => ("difference", Info),
            Note::SavedDifference { .. } => ("saved_difference", Warning),
            Note::Exported { .. } => ("exported", Info),
            Note::Holders => ("holders", Info),
            Note::StacksCut { .. } => ("stacks_cut", Warning),
            Note::ProfilerGrew { .. } => ("profiler_grew", Warning),
            Note::SourceNotFound { .. } => ("source_not_found", Info),
        }
    }

    /// What it means for the comparison of the two sides.
    pub fn comparability(&self) -> Comparability {
        match self {
            Note::TimeReversed { same_process: true, .. }
            | Note::SameProfile
            | Note::NoCollectionBetween
            | Note::NegativeValues { .. }
            | Note::Work(WorkNote::OperationsUnchecked { .. })
            | Note::SavedDifference { .. }
            | Note::RepeatedInput { .. }
            | Note::ProfilerOff { .. }
            | Note::NoSymbols { match_addresses: false } => Comparability::Incomparable,
            Note::TimeReversed { .. }
            | Note::ProgramDiffers { .. }
            | Note::PeriodDiffers { .. }
            | Note::ProducerDiffers { .. } => Comparability::Doubtful,
            _ => Comparability::Comparable,
        }
    }

    /// Whether both sides are profiles of one process, the later one as the base.
    pub fn is_wrong_order(&self) -> bool {
        matches!(self, Note::TimeReversed { same_process: true, pair: None, .. })
    }

    /// Whether growth between the two sides means nothing at all.
    pub fn is_incomparable(&self) -> bool {
        self.comparability() == Comparability::Incomparable
    }

    /// Whether a settled profile with this note does not show what is still there.
    pub fn is_unfit_for_settled(&self) -> bool {
        self.is_incomparable() || matches!(self, Note::ProgramDiffers { .. })
    }

    /// The values behind it, a JSON object.
    pub fn data(&self) -> Value {
        match self {
            Note::TimeReversed { base, current, same_process, pair } => {
                let pair = pair.map(WhichSide::name);
                json!({"base_time_nanos": base, "current_time_nanos": current, "same_process": same_process, "pair": pair})
            }
            Note::PeriodDiffers { base, current } => {
                json!({"base_period_bytes": base, "current_period_bytes": current})
            }
            Note::ProgramDiffers { base, current } => json!({"base_program": base, "current_program": current}),
            Note::FilterMatchedNothing { filter, pattern } => json!({"filter": filter, "pattern": pattern}),
            Note::OwnMatchedNothing { pattern } => json!({"pattern": pattern}),
            Note::SourceNotFound { function, file, .. } => json!({"function": function, "file": file}),
            Note::RenameMatchedNothing { rename, .. } => json!({"rename": rename}),
            Note::RuleFollowed { old, new } => json!({"base_function": old, "current_function": new}),
            Note::NegativeValues { side, samples } => json!({"side": side.name(), "samples": samples}),
            Note::DropFramesIgnored { side, error } => json!({"side": side.name(), "error": error}),
            Note::MetricMissing { metric, only } => {
                json!({"metric": metric.name(), "only": only.map(WhichSide::name)})
            }
            Note::NoEvidence { reason } => json!({"missing": match reason {
                NoEvidence::NoPeriod => "period",
                NoEvidence::NoSizes => "bytes",
            }}),
            Note::SameProfile
            | Note::NoCollectionBetween
            | Note::OneAddress
            | Note::NoGrowth
            | Note::AllocationCompared
            | Note::Holders
            | Note::MatchingLimited => json!({}),
            Note::ProfilerOff { side, heap_alloc, samples } => {
                json!({"side": side.name(), "heap_alloc": heap_alloc, "samples": samples})
            }
            Note::EndUnproven { side, inputs }
            | Note::CertificateUnverified { side, inputs }
            | Note::RepeatedInput { side, inputs } => json!({"side": side.name(), "inputs": inputs}),
            Note::NoSymbols { match_addresses } => json!({"addresses_match": match_addresses}),
            Note::Difference { duration_nanos } => json!({"duration_nanos": duration_nanos}),
            Note::CountDiffers { base, current } => json!({"base_profiles": base, "current_profiles": current}),
            Note::PerProfile { base, current } => json!({"base_profiles": base, "current_profiles": current}),
            Note::Work(note) => note.data(),
            Note::Outlier(Outlier { site, input, held, total, profiles }) => json!({
                "site": site,
                "input": input,
                "profiles": profiles,
                "inuse_space": saturating_i64(held.space),
                "inuse_objects": saturating_i64(held.objects),
                "inuse_space_of_all": saturating_i64(total.space),
                "inuse_objects_of_all": saturating_i64(total.objects),
            }),
            Note::SkippedUnreadable { side, path, error } => {
                json!({"side": side.name(), "path": path, "error": error})
            }
            Note::MixedSide { side, what, values } => {
                json!({"side": side.name(), "field": what.name(), "values": values})
            }
            Note::BuildDiffers { base, current } => json!({"base_build_id": base, "current_build_id": current}),
            Note::SampleTypesDiffer { base, current } => {
                json!({"base_sample_types": base, "current_sample_types": current})
            }
            Note::ProducerDiffers { base, current } => json!({"base_producer": base, "current_producer": current}),
            Note::RecordedOverTime { side, duration_nanos, .. } | Note::Merged { side, duration_nanos } => {
                json!({"side": side.name(), "duration_nanos": duration_nanos})
            }
            Note::SavedDifference { side } | Note::Exported { side } => json!({"side": side.name()}),
            Note::StacksCut { side, stacks } => json!({"side": side.name(), "stacks": stacks}),
            Note::ProfilerGrew { objects, space, percent } => {
                json!({"inuse_objects": objects, "inuse_space": space, "percent": percent})
            }
        }
    }
}

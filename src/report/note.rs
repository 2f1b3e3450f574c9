//! What the user should know about the comparability or the meaning of a report, as data.

use serde_json::{Value, json};

use crate::diff::Metric;

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// The numbers may not mean what they seem to.
    Warning,
}

impl Severity {
    /// `info` or `warning`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
        }
    }
}

/// Which of the two inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The earlier one.
    Base,
    /// The later one.
    Current,
}

impl Which {
    /// `base` or `current`.
    pub fn name(self) -> &'static str {
        match self {
            Which::Base => "base",
            Which::Current => "current",
        }
    }
}

/// Why growth cannot be told from noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoEvidence {
    /// The profiles do not say how often was sampled.
    NoPeriod,
    /// Samples do not say how large their objects are.
    NoSizes,
}

/// In what the profiles of one side differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mixed {
    /// Mean bytes between samples.
    Period,
    /// The executable.
    Program,
    /// Its build id.
    Build,
    /// The columns.
    SampleTypes,
    /// The language of the program.
    Producer,
}

impl Mixed {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Mixed::Period => "period_bytes",
            Mixed::Program => "program",
            Mixed::Build => "build_id",
            Mixed::SampleTypes => "sample_types",
            Mixed::Producer => "producer",
        }
    }
}

/// A note. Codes and data keys are part of the JSON contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The base was taken after the current profile.
    TimeReversed {
        /// Nanoseconds since 1970.
        base: i64,
        /// Likewise.
        current: i64,
        /// Whether both are of one process, so that what grew would seem to have shrunk.
        same_process: bool,
    },
    /// Both sides are the same profile.
    SameProfile,
    /// The sampling rates differ.
    PeriodDiffers {
        /// Bytes between samples.
        base: i64,
        /// Likewise.
        current: i64,
    },
    /// The profiles are of different programs.
    ProgramDiffers {
        /// Base name of the executable.
        base: String,
        /// Likewise.
        current: String,
    },
    /// No garbage collection between the two, so that nothing can have changed.
    NoCollectionBetween,
    /// Growth cannot be told from noise.
    NoEvidence {
        /// Why.
        reason: NoEvidence,
    },
    /// A metric that one side or both do not count.
    MetricMissing {
        /// The metric.
        metric: Metric,
        /// The side that has it, if one does.
        only: Option<Which>,
    },
    /// All memory is allocated at one address of code without symbols.
    OneAddress,
    /// No site grew.
    NoGrowth,
    /// A filter matched no live sample on either side.
    FilterMatchedNothing {
        /// The option, without dashes.
        filter: &'static str,
        /// What was asked for.
        pattern: String,
    },
    /// A pattern of the program's own code matched no function on a live stack of either side.
    OwnMatchedNothing {
        /// The pattern.
        pattern: String,
    },
    /// A profile has values below 0.
    NegativeValues {
        /// The side.
        side: Which,
        /// How many samples have one.
        samples: u64,
    },
    /// A profile's own `drop_frames` does not parse.
    DropFramesIgnored {
        /// The side.
        side: Which,
        /// What is wrong with it.
        error: String,
    },
    /// Numbers are divided by the number of profiles of their side.
    PerProfile {
        /// Profiles.
        base: u32,
        /// Likewise.
        current: u32,
    },
    /// Sums of more profiles on one side than on the other.
    CountDiffers {
        /// Profiles.
        base: usize,
        /// Likewise.
        current: usize,
    },
    /// A file was left out.
    SkippedUnreadable {
        /// The side.
        side: Which,
        /// The file.
        path: String,
        /// Why.
        error: String,
    },
    /// Profiles are on one side more than once.
    RepeatedInput {
        /// The side.
        side: Which,
        /// Those that were there already.
        inputs: Vec<String>,
    },
    /// The profiles of a side differ in what those of one side should have in common.
    MixedSide {
        /// The side.
        side: Which,
        /// In what.
        what: Mixed,
        /// What there is.
        values: Vec<String>,
    },
    /// The profiles are of different builds of a program.
    BuildDiffers {
        /// Build id.
        base: String,
        /// Likewise.
        current: String,
    },
    /// The profiles have different columns.
    SampleTypesDiffer {
        /// As `type/unit`.
        base: Vec<String>,
        /// Likewise.
        current: Vec<String>,
    },
    /// The programs are in different languages.
    ProducerDiffers {
        /// The language.
        base: &'static str,
        /// Likewise.
        current: &'static str,
    },
    /// A heap profile was recorded over some time.
    RecordedOverTime {
        /// The side.
        side: Which,
        /// For how long.
        duration_nanos: i64,
        /// Whether it is one of Go, whose runtime has nothing like it but a difference.
        is_go: bool,
    },
    /// A profile is a difference that pprof saved.
    SavedDifference {
        /// The side.
        side: Which,
    },
    /// A profile of Go lacks columns that the runtime writes.
    Exported {
        /// The side.
        side: Which,
    },
    /// The roots of stacks are missing.
    StacksCut {
        /// The side.
        side: Which,
        /// How many.
        stacks: u64,
    },
    /// Part of the growth is the profiler's.
    ProfilerGrew {
        /// Its growth in objects, as far as 64 bits show.
        objects: i64,
        /// In bytes, likewise.
        space: i64,
        /// Its share of what grew, in percent, of objects or of bytes, whichever is more.
        percent: u8,
    },
}

impl Note {
    /// The code that scripts know it by.
    pub fn code(&self) -> &'static str {
        match self {
            Note::TimeReversed { .. } => "time_reversed",
            Note::SameProfile => "same_profile",
            Note::PeriodDiffers { .. } => "period_differs",
            Note::ProgramDiffers { .. } => "program_differs",
            Note::NoCollectionBetween => "no_collection_between",
            Note::NoEvidence { .. } => "no_evidence",
            Note::MetricMissing { .. } => "metric_missing",
            Note::OneAddress => "one_address",
            Note::NoGrowth => "no_growth",
            Note::FilterMatchedNothing { .. } => "filter_matched_nothing",
            Note::OwnMatchedNothing { .. } => "own_matched_nothing",
            Note::NegativeValues { .. } => "negative_values",
            Note::DropFramesIgnored { .. } => "drop_frames_ignored",
            Note::PerProfile { .. } => "per_profile",
            Note::CountDiffers { .. } => "count_differs",
            Note::SkippedUnreadable { .. } => "skipped_unreadable",
            Note::RepeatedInput { .. } => "repeated_input",
            Note::MixedSide { .. } => "mixed_side",
            Note::BuildDiffers { .. } => "build_differs",
            Note::SampleTypesDiffer { .. } => "sample_types_differ",
            Note::ProducerDiffers { .. } => "producer_differs",
            Note::RecordedOverTime { .. } => "recorded_over_time",
            Note::SavedDifference { .. } => "saved_difference",
            Note::Exported { .. } => "exported",
            Note::StacksCut { .. } => "stacks_cut",
            Note::ProfilerGrew { .. } => "profiler_grew",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            Note::NoGrowth
            | Note::NoEvidence { .. }
            | Note::PerProfile { .. }
            | Note::BuildDiffers { .. }
            | Note::SampleTypesDiffer { .. }
            | Note::Exported { .. }
            | Note::MetricMissing { only: None, .. } => Severity::Info,
            _ => Severity::Warning,
        }
    }

    /// Whether growth between the two means nothing at all.
    pub fn is_incomparable(&self) -> bool {
        matches!(
            self,
            Note::TimeReversed { same_process: true, .. }
                | Note::SameProfile
                | Note::NoCollectionBetween
                | Note::NegativeValues { .. }
                | Note::SavedDifference { .. }
                | Note::RepeatedInput { .. }
                | Note::RecordedOverTime { is_go: true, .. }
        )
    }

    /// The values it rests on, a JSON object.
    pub fn data(&self) -> Value {
        match self {
            Note::TimeReversed { base, current, same_process } => {
                json!({"base_time_nanos": base, "current_time_nanos": current, "same_process": same_process})
            }
            Note::PeriodDiffers { base, current } => {
                json!({"base_period_bytes": base, "current_period_bytes": current})
            }
            Note::ProgramDiffers { base, current } => json!({"base_program": base, "current_program": current}),
            Note::FilterMatchedNothing { filter, pattern } => json!({"filter": filter, "pattern": pattern}),
            Note::OwnMatchedNothing { pattern } => json!({"pattern": pattern}),
            Note::NegativeValues { side, samples } => json!({"side": side.name(), "samples": samples}),
            Note::DropFramesIgnored { side, error } => json!({"side": side.name(), "error": error}),
            Note::MetricMissing { metric, only } => {
                json!({"metric": metric.name(), "only": only.map(Which::name)})
            }
            Note::NoEvidence { reason } => json!({"missing": match reason {
                NoEvidence::NoPeriod => "period",
                NoEvidence::NoSizes => "bytes",
            }}),
            Note::SameProfile | Note::NoCollectionBetween | Note::OneAddress | Note::NoGrowth => json!({}),
            Note::CountDiffers { base, current } => json!({"base_profiles": base, "current_profiles": current}),
            Note::PerProfile { base, current } => json!({"base_profiles": base, "current_profiles": current}),
            Note::SkippedUnreadable { side, path, error } => {
                json!({"side": side.name(), "path": path, "error": error})
            }
            Note::RepeatedInput { side, inputs } => json!({"side": side.name(), "inputs": inputs}),
            Note::MixedSide { side, what, values } => {
                json!({"side": side.name(), "field": what.name(), "values": values})
            }
            Note::BuildDiffers { base, current } => json!({"base_build_id": base, "current_build_id": current}),
            Note::SampleTypesDiffer { base, current } => {
                json!({"base_sample_types": base, "current_sample_types": current})
            }
            Note::ProducerDiffers { base, current } => json!({"base_producer": base, "current_producer": current}),
            Note::RecordedOverTime { side, duration_nanos, .. } => {
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

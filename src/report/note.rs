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
    /// No site grew.
    NoGrowth,
    /// A filter matched no live sample on either side.
    FilterMatchedNothing {
        /// The option, without dashes.
        filter: &'static str,
        /// What was asked for.
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
            Note::NoGrowth => "no_growth",
            Note::FilterMatchedNothing { .. } => "filter_matched_nothing",
            Note::NegativeValues { .. } => "negative_values",
            Note::DropFramesIgnored { .. } => "drop_frames_ignored",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            Note::NoGrowth | Note::NoEvidence { .. } | Note::MetricMissing { only: None, .. } => Severity::Info,
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
        )
    }

    /// What it says, in a sentence.
    pub fn message(&self) -> String {
        match self {
            Note::TimeReversed { .. } => {
                "the base was taken after the current profile: are the two swapped?".to_owned()
            }
            Note::SameProfile => "base and current are the same profile".to_owned(),
            Note::PeriodDiffers { base, current } => format!(
                "the sampling rates differ ({base} and {current} bytes): small deltas are noise of the coarser one"
            ),
            Note::ProgramDiffers { base, current } => {
                format!("the profiles are of different programs: {base} and {current}")
            }
            Note::NoCollectionBetween => "both are of the same garbage collection, so nothing can have changed: \
                                          fetch profiles with ?gc=1"
                .to_owned(),
            Note::NoEvidence { reason: NoEvidence::NoPeriod } => {
                "the profiles do not say how often was sampled, so growth cannot be told from noise".to_owned()
            }
            Note::NoEvidence { reason: NoEvidence::NoSizes } => {
                "not all samples can be counted (no label bytes, or values that do not fit it), so growth there cannot be told from noise"
                    .to_owned()
            }
            Note::MetricMissing { metric, only: None } => {
                format!("the profiles do not count {}, so only the other metric is compared", metric.name())
            }
            Note::MetricMissing { metric, only: Some(side) } => format!(
                "only the {} profile counts {}, so only the other metric is compared",
                side.name(),
                metric.name()
            ),
            Note::NoGrowth => "nothing grew".to_owned(),
            Note::FilterMatchedNothing { filter, pattern } => {
                format!("--{filter} {pattern} matched nothing that is alive on either side")
            }
            Note::NegativeValues { side, samples } => format!(
                "the {} profile has values below 0 (samples: {samples}): it is a difference already, not a heap",
                side.name()
            ),
            Note::DropFramesIgnored { side, error } => format!(
                "the {} profile's drop_frames or keep_frames is no regular expression, so no frame was dropped: {}",
                side.name(),
                error.lines().last().unwrap_or_default().trim_start_matches("error: ")
            ),
        }
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
            Note::NegativeValues { side, samples } => json!({"side": side.name(), "samples": samples}),
            Note::DropFramesIgnored { side, error } => json!({"side": side.name(), "error": error}),
            Note::MetricMissing { metric, only } => {
                json!({"metric": metric.name(), "only": only.map(Which::name)})
            }
            Note::NoEvidence { reason } => json!({"missing": match reason {
                NoEvidence::NoPeriod => "period",
                NoEvidence::NoSizes => "bytes",
            }}),
            Note::SameProfile | Note::NoCollectionBetween | Note::NoGrowth => json!({}),
        }
    }
}

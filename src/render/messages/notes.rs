//! The sentences of notes on a comparison.

use super::super::text::sanitize;
use super::super::times::duration;
use super::super::units::{Bytes, grouped, value};
use crate::diff::Metric;
use crate::report::{MixedField, NoEvidence, Note, Outlier, Severity, WorkNote};

/// Ends of sentences on one side or on both.
pub(super) const CUT_STACKS: &str =
    "may be cut at 32 frames (Go before 1.23): owners, filters and cumulative values may miss callers";
pub(super) const MISCOUNTED: &str = "written by a Go version that miscounts";
pub(super) const EXPORTED: &str = "no alloc columns, which Go always writes: another tool exported it, and may have summed \
                                   several profiles or set the period itself";

/// Which of several profiles has most of a site.
pub(super) fn outlier_sentence(outlier: &Outlier) -> String {
    let Outlier { site, input, held, total, profiles } = outlier;
    let metric = if total.space > 0 { Metric::Space } else { Metric::Objects };
    let [held, total] = [held, total].map(|values| value(metric, metric.of(*values), Bytes::Iec));
    format!("{} has {held} of the {total} that {profiles} profiles have at {}", sanitize(input), sanitize(site))
}

/// The sentence of a note.
pub fn note_message(note: &Note) -> String {
    match note {
        Note::TimeReversed { pair: Some(side), .. } => format!(
            "the first profile of --{}-pair was taken after the second: are the two swapped?",
            side.name()
        ),
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
        Note::NoCollectionBetween => "the profiles are identical, sample by sample: no garbage was collected in between, or \
                                      nothing that was sampled changed; fetch them with ?gc=1 to be sure"
            .to_owned(),
        Note::NoEvidence { reason: NoEvidence::NoPeriod } => {
            "the profiles do not give a sampling rate, so growth cannot be distinguished from noise".to_owned()
        }
        Note::NoEvidence { reason: NoEvidence::NoSizes } => {
            "not all samples can be counted (no label bytes, or values that do not match it), so growth there cannot be \
             distinguished from noise"
                .to_owned()
        }
        Note::OneAddress => "nearly all memory is allocated at one address, probably an allocator linked into the program: --cum \
                             shows the callers"
            .to_owned(),
        Note::NoGrowth => "nothing grew".to_owned(),
        Note::SourceNotFound { function, file, root } => {
            let how = match root {
                Some(root) => format!("--trim-path={root} makes it relative"),
                None => "--trim-path ROOT makes paths below ROOT relative".to_owned(),
            };
            format!("no source of {function} in this checkout, the profile has it as {file}: {how}")
        }
        Note::FilterMatchedNothing { filter, pattern } => {
            format!("--{filter} {pattern} matched nothing")
        }
        Note::OwnMatchedNothing { pattern } => {
            format!("own code {pattern} matched nothing")
        }
        Note::RenameMatchedNothing { rename, lacks } => {
            let which = match lacks {
                [_, false] => "the base has no such function or package",
                [false, true] => "the later build has no function or package of the new name",
                [true, true] => "neither build has such a function or package",
            };
            format!("the rename {rename} matched nothing: {which}, or no sample of it")
        }
        Note::MatchingLimited => "not all functions that are on one side only were compared (too many, or input too \
                                  large to read again): renamed ones may be shown as new"
            .to_owned(),
        Note::RuleFollowed { old, new } => format!(
            "the allowance for {old} is applied to {new}, its new name: update the file"
        ),
        Note::MetricMissing { metric, only: None } => {
            format!("the profiles do not count {}, so only the other metric is compared", metric.name())
        }
        Note::MetricMissing { metric, only: Some(side) } => format!(
            "only the {} profile counts {}, so only the other metric is compared",
            side.name(),
            metric.name()
        ),
        Note::NegativeValues { side, samples } => format!(
            "the {} profile has values below 0 (samples: {samples}): it is a difference of two profiles, or {MISCOUNTED}",
            side.name()
        ),
        Note::DropFramesIgnored { side, error } => format!(
            "the {} profile's drop_frames or keep_frames is not a valid regular expression, so no frame was dropped: {}",
            side.name(),
            error.lines().last().unwrap_or_default().trim_start_matches("error: ")
        ),
        Note::PerProfile { base, current } => format!(
            "numbers are per profile: the base is divided by {base}, the current side by {current}"
        ),
        Note::Work(note) => work_note(note),
        Note::Outlier(outlier) => format!("{}, so the mean describes none of them", outlier_sentence(outlier)),
        Note::CountDiffers { base, current } => format!(
            "the sides are sums of {base} and {current} profiles: --per-profile compares the mean of each"
        ),
        Note::SkippedUnreadable { side, path, error } => format!("skipped on the {} side: {path}: {error}", side.name()),
        Note::RepeatedInput { side, inputs } => format!(
            "the same profile is on the {} side more than once, and is counted each time: {}",
            side.name(),
            few(inputs)
        ),
        Note::MixedSide { side, what, values } => {
            let (side, values) = (side.name(), few(values));
            match what {
                MixedField::Period => format!(
                    "the {side} profiles have different sampling rates (every {values} bytes), so growth cannot be distinguished from noise"
                ),
                MixedField::Program => format!("the {side} profiles are of different programs: {values}"),
                MixedField::Build => format!("the {side} profiles are of different builds: {values}"),
                MixedField::SampleTypes => format!("the {side} profiles do not all have the same columns: {values}"),
                MixedField::Producer => format!("the {side} programs are in different languages: {values}"),
            }
        }
        Note::BuildDiffers { base, current } => {
            format!("the profiles are of different builds: {} and {}", short(base), short(current))
        }
        Note::SampleTypesDiffer { base, current } => format!(
            "the profiles do not have the same columns ({}; {}): only what is alive is compared",
            base.join(", "),
            current.join(", ")
        ),
        Note::ProducerDiffers { base, current } => {
            format!("the programs are in different languages (base: {base}, current: {current})")
        }
        Note::RecordedOverTime { side, duration_nanos } => format!(
            "the {} profile was recorded over {}, so it may not be a heap at one moment",
            side.name(),
            duration(*duration_nanos as f64 / 1e9)
        ),
        Note::Merged { side, duration_nanos } => format!(
            "the {} profile is an export of {}: whole heaps of one moment, or merged into a sum or a mean, not a difference",
            side.name(),
            duration(*duration_nanos as f64 / 1e9)
        ),
        Note::ProfilerOff { side, heap_alloc, samples } => {
            let shown = if *samples == 0 { "is empty" } else { "has only what was sampled before" };
            let held = heap_alloc.map_or_else(String::new, |bytes| {
                format!(", while HeapAlloc is {}", value(Metric::Space, bytes.into(), Bytes::Iec))
            });
            format!("profiling was off in the {} program (MemProfileRate 0): its profile {shown}{held}", side.name())
        }
        Note::EndUnproven { side, inputs } => format!(
            "the {} profile may be incomplete: it is not compressed, so it has no checksum: {}",
            side.name(),
            few(inputs)
        ),
        Note::CertificateUnverified { side, inputs } => format!(
            "the {} profile may be anybody's: --insecure accepts any certificate: {}",
            side.name(),
            few(inputs)
        ),
        Note::NoSymbols { match_addresses: true } => "the profiles have no symbols, so they are compared by address, which is comparable \
                                                      only within one build"
            .to_owned(),
        Note::NoSymbols { match_addresses: false } => "the profiles have no symbols and are of two processes or builds, \
                                                       so their addresses are not matched: take them as protobuf, \
                                                       without debug=1, or from a program with symbols"
            .to_owned(),
        Note::AllocationCompared => "the profiles count what was allocated since the program started, alive or not (default_sample_type, \
                                     as of go test -memprofile and /debug/pprof/allocs), which also grows with the \
                                     work done, such as b.N of a benchmark (--bench divides by it); --sample-type inuse \
                                     compares what is alive"
            .to_owned(),
        Note::Difference { duration_nanos } => format!(
            "the profile is a difference of two heaps, {} apart: base is what was freed in between, current what was \
             allocated",
            duration(*duration_nanos as f64 / 1e9)
        ),
        Note::SavedDifference { side } => format!(
            "the {} profile is a difference that pprof saved (label pprof::base), not a heap",
            side.name()
        ),
        Note::Holders => "each object counts once, for the first root that goref finds it through; another root may hold \
                          it too (heapdiff explain retainers)"
            .to_owned(),
        Note::Exported { side } => format!(
            "the {} profile has {EXPORTED}",
            side.name()
        ),
        Note::StacksCut { side, stacks } => format!(
            "{stacks} of the {} profile's stacks {CUT_STACKS}",
            side.name()
        ),
        Note::ProfilerGrew { percent, .. } => format!(
            "{percent} % of the growth was allocated by the profiler itself (runtime/pprof and its callees)"
        ),
    }
}

fn work_note(note: &WorkNote) -> String {
    match note {
        WorkNote::PerOperation { base, current } => format!(
            "numbers are those of one operation, what the benchmark allocated outside of its loop included: the base's are \
             divided by {}, the current side's by {}",
            grouped((*base).into()),
            grouped((*current).into())
        ),
        WorkNote::OperationsEstimated { side, count, listed } => format!(
            "the operations of the {} profile are estimated: about {}, by what one allocates (B/op); the benchmark lists {}, which \
             leaves out the shorter runs of a -benchtime in seconds; -benchtime 200x on both sides makes it exact",
            side.name(),
            grouped((*count).into()),
            grouped((*listed).into())
        ),
        WorkNote::OperationsUnchecked { side, listed } => format!(
            "the {} profile may have more than the {} operations that the benchmark lists, as with a -benchtime in seconds, and \
             nothing tells how many: run both with the same -benchtime 200x, or with -benchmem and more samples",
            side.name(),
            grouped((*listed).into())
        ),
        WorkNote::Normalized { objects, space } => format!(
            "the current side is scaled to the base's totals (bytes by {space:.3}, objects by {objects:.3}): growth is of a \
             share, not of an amount"
        ),
    }
}

/// A note's sentence with its severity in front.
pub(in crate::render) fn labelled(severity: Severity, message: &str) -> String {
    let label = match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
    };
    format!("{label}: {}", sanitize(message))
}

/// The first few values, and the number of the others.
pub(super) fn few(values: &[String]) -> String {
    const SHOWN: usize = 3;
    let first: Vec<_> = values.iter().take(SHOWN).map(|value| short(value)).collect();
    match values.len() {
        0..=SHOWN => first.join(", "),
        all => format!("{} and {} more", first.join(", "), all - SHOWN),
    }
}

/// The first digits of a build id; other values in full.
fn short(value: &str) -> &str {
    const DIGITS: usize = 12;
    let is_id = value.len() > 2 * DIGITS && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { &value[..DIGITS] } else { value }
}

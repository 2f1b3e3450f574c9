//! The notes as people read them: those that the first lines do not say, and one line for what holds for both sides.

use super::super::times::duration;
use super::header::origin;
use super::headline::is_caution;
use super::notes::{CUT_STACKS, EXPORTED, MISCOUNTED, few, note_message};
use crate::report::WhichSide::{Base, Current};
use crate::report::{MixedField, Note, Report, Severity};

/// A note in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) struct NoteLine {
    pub(in crate::render) severity: Severity,
    /// Its code, as in JSON.
    pub(in crate::render) code: &'static str,
    /// A sentence without a full stop.
    pub(in crate::render) message: String,
}

/// The notes that the first lines do not say. `verbose`: with the build ids, too.
pub(in crate::render) fn note_lines(report: &Report, verbose: bool) -> Vec<NoteLine> {
    let has_headline = report.headline.is_some();
    let is_origin_said = origin(report).is_some() && !verbose;
    let is_said = |note: &&Note| match note {
        Note::BuildDiffers { .. } => is_origin_said,
        note => has_headline && (is_caution(note) || **note == Note::NoGrowth),
    };
    let mut lines = Vec::new();
    let mut rest: Vec<_> = report.notes.iter().filter(|note| !is_said(note)).collect();
    while !rest.is_empty() {
        let note = rest.remove(0);
        let of_both = rest.iter().enumerate().find_map(|(at, other)| Some((at, both_sides(note, other)?)));
        let message = match of_both {
            Some((at, message)) => {
                rest.remove(at);
                message
            }
            None => note_message(note),
        };
        lines.push(NoteLine { severity: note.severity(), code: note.code(), message });
    }
    lines
}

/// The sentence on two notes that say the same of both sides.
fn both_sides(base: &Note, current: &Note) -> Option<String> {
    let time = |nanos: &i64| duration(*nanos as f64 / 1e9);
    Some(match (base, current) {
        (Note::StacksCut { side: Base, stacks }, Note::StacksCut { side: Current, stacks: others }) => {
            format!("{stacks} of the base's and {others} of the current profile's stacks {CUT_STACKS}")
        }
        (Note::NegativeValues { side: Base, samples }, Note::NegativeValues { side: Current, samples: others }) => {
            format!(
                "both profiles have values below 0 (samples: {samples} and {others}): they are differences of two \
             profiles, or {MISCOUNTED}"
            )
        }
        (Note::Exported { side: Base }, Note::Exported { side: Current }) => format!("both profiles have {EXPORTED}"),
        (Note::SavedDifference { side: Base }, Note::SavedDifference { side: Current }) => {
            "both profiles are differences that pprof saved (label pprof::base), not heaps".to_owned()
        }
        (Note::EndUnproven { side: Base, inputs }, Note::EndUnproven { side: Current, inputs: others }) => {
            let all: Vec<_> = inputs.iter().chain(others).cloned().collect();
            format!("both profiles may be incomplete: they are not compressed, so they have no checksum: {}", few(&all))
        }
        (Note::Merged { side: Base, duration_nanos }, Note::Merged { side: Current, duration_nanos: other }) => {
            let (base, current) = (time(duration_nanos), time(other));
            let span = if base == current { base } else { format!("{base} and {current}") };
            format!(
                "both profiles are exports of {span}: whole heaps of one moment, or merged into a sum or a mean, not \
                 differences"
            )
        }
        (
            Note::MixedSide { side: Base, what: MixedField::Build, values },
            Note::MixedSide { side: Current, what: MixedField::Build, values: others },
        ) => format!(
            "the profiles of each side are of different builds (base: {}; current: {})",
            few(values),
            few(others)
        ),
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::gate::Status;
    use crate::render::sample;

    #[test]
    fn what_holds_for_both_sides_is_said_once() {
        let mut report = sample::report(Status::Pass);
        report.notes = vec![
            Note::StacksCut { side: Base, stacks: 2 },
            Note::Exported { side: Current },
            Note::StacksCut { side: Current, stacks: 3 },
        ];
        let messages: Vec<_> = note_lines(&report, false).into_iter().map(|line| line.message).collect();
        assert_eq!(messages.len(), 2);
        assert_eq!(
            messages[0],
            "2 of the base's and 3 of the current profile's stacks may be cut at 32 frames (Go before 1.23): owners, \
             filters and cumulative values may miss callers"
        );
        assert!(messages[1].starts_with("the current profile has no alloc columns"), "{messages:?}");
    }
}

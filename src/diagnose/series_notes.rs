//! Decides what should be said of a series of profiles, besides what was seen as it was read.

use super::SeriesNote;
use crate::series::{Assessment, Course, HeapPattern, Shape, SnapshotWindow, Trend};

/// Fewer snapshots cannot distinguish a leak from a warm-up.
const MIN_SNAPSHOTS: usize = 4;
/// Fewer snapshots of the whole heap cannot distinguish growth from a single step.
const MIN_STEP_SNAPSHOTS: usize = 5;

/// All that the notes on a series are derived from.
pub struct SeriesInputs<'a> {
    /// Names of the sites most likely to keep growing, the best first; none if a site is known to.
    pub candidates: &'a [String],
    /// Number of snapshots.
    pub snapshots: usize,
    /// The snapshots that growth is measured between.
    pub window: SnapshotWindow,
    /// Trend of each site.
    pub trends: &'a [Trend],
    /// What the runtime's own numbers suggest, if they are known.
    pub assessment: Option<&'a Assessment>,
    /// The course of the whole live heap, if it is known exactly.
    pub course: Option<&'a Course>,
}

/// The notes, in the order they are shown in.
pub fn series_notes(inputs: &SeriesInputs<'_>) -> Vec<SeriesNote> {
    let mut notes = Vec::new();
    notes.extend(inputs.no_totals());
    notes.extend(inputs.too_few());
    match (inputs.course.map(|course| course.shape), inputs.candidates) {
        (Some(Shape::Growing) | None, [_, ..]) => {
            let heap_grows = inputs.course.is_some();
            notes.push(SeriesNote::NoSiteStandsOut { candidates: inputs.candidates.to_vec(), heap_grows });
        }
        (None, []) if inputs.has(Trend::goes_on) => notes.push(SeriesNote::SamplesAlone),
        _ => {}
    }
    notes
}

impl SeriesInputs<'_> {
    fn has(&self, is_wanted: fn(Trend) -> bool) -> bool {
        self.trends.iter().copied().any(is_wanted)
    }

    /// What decides on sites must be exact.
    fn no_totals(&self) -> Option<SeriesNote> {
        let assessment = self.assessment.filter(|assessment| assessment.exact_course().is_none())?;
        let why = assessment.patterns.iter().find_map(|pattern| match pattern {
            HeapPattern::Unknown(why) => Some(*why),
            _ => None,
        });
        Some(SeriesNote::NoTotals { why })
    }

    fn too_few(&self) -> Option<SeriesNote> {
        let of_heap = self.course.map_or(self.snapshots, |course| course.snapshots);
        // What has too few of them: the heap as a whole, or the sites.
        let snapshots = if self.window.is_short() { self.snapshots } else { of_heap };
        let shows_steps = of_heap >= MIN_STEP_SNAPSHOTS && !self.window.is_short();
        let grew = self.has(Trend::goes_on) || self.has(Trend::may_go_on);
        (snapshots < MIN_SNAPSHOTS || grew && !shows_steps).then_some(SeriesNote::TooFew { snapshots })
    }
}

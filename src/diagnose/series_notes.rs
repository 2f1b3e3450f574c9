//! Decides what should be said of a series of profiles, besides what was seen as it was read.

use super::SeriesNote;
use crate::diff::{Attribution, Deltas, Metric};
use crate::series::{Assessment, Course, HeapPattern, Shape, SnapshotWindow, Trend};

/// Fewer snapshots cannot distinguish a leak from a warm-up.
const MIN_SNAPSHOTS: usize = 4;
/// Fewer snapshots of the whole heap cannot distinguish growth from a single step.
const MIN_STEP_SNAPSHOTS: usize = 5;

/// All that the notes on a series are derived from.
pub struct SeriesInputs<'a, 't, 'p> {
    /// The comparison of the first with the last snapshot of the window.
    pub deltas: &'a Deltas<'t, 'p>,
    /// Its sites, as indexes in [`Deltas::sites`], most grown in `metric` first.
    pub ranked: &'a [usize],
    /// The metric that ranks sites.
    pub metric: Metric,
    /// Number of snapshots.
    pub snapshots: usize,
    /// The snapshots that growth is measured between.
    pub window: SnapshotWindow,
    /// Trend of each site, indexed as [`Deltas::sites`].
    pub trends: &'a [Trend],
    /// What the runtime's own numbers suggest, if they are known.
    pub assessment: Option<&'a Assessment>,
    /// The course of the whole live heap, if it is known exactly.
    pub course: Option<&'a Course>,
}

/// The notes, in the order they are shown in.
pub fn series_notes(inputs: &SeriesInputs<'_, '_, '_>) -> Vec<SeriesNote> {
    let mut notes = Vec::new();
    notes.extend(inputs.no_totals());
    notes.extend(inputs.too_few());
    match (inputs.course.map(|course| course.shape), inputs.has(Trend::Leak)) {
        (Some(Shape::Growing), false) => notes.extend(inputs.best_guess()),
        (None, true) => notes.push(SeriesNote::SamplesAlone),
        _ => {}
    }
    notes
}

impl SeriesInputs<'_, '_, '_> {
    fn has(&self, trend: Trend) -> bool {
        self.trends.contains(&trend)
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
        let (snapshots, shows_steps) = match self.course {
            Some(course) => (course.snapshots, course.snapshots >= MIN_STEP_SNAPSHOTS),
            None => (self.snapshots, self.window.intervals() + 1 >= MIN_STEP_SNAPSHOTS),
        };
        let grew = self.has(Trend::Leak) || self.has(Trend::Grew);
        (snapshots < MIN_SNAPSHOTS || grew && !shows_steps).then_some(SeriesNote::TooFew { snapshots })
    }

    /// The site that grew most, for when no site grew significantly.
    fn best_guess(&self) -> Option<SeriesNote> {
        let growth =
            |site: usize| self.deltas.change(&self.deltas.sites[site], Attribution::Flat).delta_of(self.metric);
        let site = self.ranked.iter().copied().max_by_key(|&site| growth(site)).filter(|&site| growth(site) > 0)?;
        let guess = self.deltas.key(&self.deltas.sites[site]).name().into_owned();
        Some(SeriesNote::NoSiteStandsOut { guess })
    }
}

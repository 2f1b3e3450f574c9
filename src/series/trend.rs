//! Whether a site keeps growing: the shape of its series.
//!
//! Sampling errors of a site are large and persist from snapshot to snapshot, so no trend test on its estimates holds
//! its level. Births and deaths between two snapshots decide whether the site grew at all; its series only shows
//! whether that growth slowed down.

use super::shape::{Course, MIN_STEP_INTERVALS, Shape};
use super::window::{MIN_SNAPSHOTS_TO_DROP_FIRST, SnapshotWindow};
use crate::evidence::Significance;

/// How a site developed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trend {
    /// It keeps growing.
    Leak,
    /// It grew; whether it keeps growing is not known.
    Grew,
    /// It grew, but is levelling off.
    WarmUp,
    /// It grew once.
    OneStep,
    /// It went up and down.
    Fluctuating,
    /// Whether it grew is not known: object sizes or the sampling rate are missing.
    Unknown,
    /// It did not grow significantly.
    Steady,
}

impl Trend {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Trend::Leak => "leak",
            Trend::Grew => "grew_unclear",
            Trend::WarmUp => "warm_up",
            Trend::OneStep => "one_step",
            Trend::Fluctuating => "fluctuating",
            Trend::Unknown => "unknown",
            Trend::Steady => "steady",
        }
    }
}

/// What decides the trend of a site.
#[derive(Debug, Clone, Copy)]
pub struct SiteHistory<'a> {
    /// Its live bytes by snapshot, or its objects if bytes are not counted.
    pub values: &'a [i128],
    /// Significance of its growth over the window.
    pub verdict: Significance,
    /// Probability of its growth over the second half by chance; `None` if unknown.
    pub p_later: Option<f64>,
    /// Growth up to this is none, however significant; bytes or objects.
    pub negligible: i128,
}

/// Growth of a site up to this many bytes is none. Samples never show so little; where every object is counted, one
/// more connection would be growth.
const NEGLIGIBLE_BYTES: i128 = 16 << 10;

/// The bytes up to which growth of a site is none. `process`: how the whole live heap developed, if known exactly. If
/// it did not grow, its tolerance is that of each site.
pub fn negligible(process: Option<&Course>) -> i128 {
    match process {
        Some(course) if course.shape == Shape::Flat => NEGLIGIBLE_BYTES.max(course.tolerance.into()),
        _ => NEGLIGIBLE_BYTES,
    }
}

/// Greatest p-value at which growth in the second half counts.
const MAX_P_OF_SECOND_HALF: f64 = 0.2;

/// The trend of a site. `process`: how the whole live heap developed, if known exactly. It decides then whether growth
/// continues, and the site only whether it takes part.
pub fn trend(site: SiteHistory<'_>, window: SnapshotWindow, process: Option<Shape>) -> Trend {
    let grew = match (site.verdict, process) {
        (Significance::Unknown, _) => return Trend::Unknown,
        // Something certainly keeps growing, and nine of ten suspects did.
        (verdict, Some(Shape::Growing)) if verdict.is_suspicion() => true,
        (verdict, _) => verdict == Significance::Grew,
    };
    let ends = [window.first, window.last].map(|at| site.values.get(at).copied().unwrap_or(0));
    match process {
        _ if !grew || ends[1] - ends[0] <= site.negligible => Trend::Steady,
        Some(Shape::Growing) => Trend::Leak,
        Some(Shape::Decelerating | Shape::Levelled) => Trend::WarmUp,
        Some(Shape::Fluctuating) => Trend::Fluctuating,
        Some(Shape::OneStep) => Trend::OneStep,
        // Other sites shrank instead.
        Some(Shape::Flat) => Trend::Grew,
        Some(Shape::Grew) | None => own_trend(site, window),
    }
}

/// The trend of a site that grew, from its own values.
fn own_trend(site: SiteHistory<'_>, window: SnapshotWindow) -> Trend {
    let SnapshotWindow { first, middle, last } = window;
    let (Some(early), Some(late)) = (site.values.get(first..=middle), site.values.get(middle..=last)) else {
        return Trend::Grew;
    };
    // In three snapshots a warm-up looks like a leak.
    if last < MIN_SNAPSHOTS_TO_DROP_FIRST - 1 {
        return Trend::Grew;
    }
    let growth = |part: &[i128]| part.last().zip(part.first()).map_or(0, |(end, start)| end - start);
    let intervals = |part: &[i128]| part.len() as i128 - 1;
    if 2 * growth(late) * intervals(early) < growth(early) * intervals(late) {
        return Trend::WarmUp;
    }
    let total = growth(early) + growth(late);
    let counted = &site.values[first..=last];
    let step = (1..counted.len()).max_by_key(|&at| counted[at] - counted[at - 1]).unwrap_or(1);
    let (before, after) = counted.split_at(step);
    let most = |part: &[i128]| part.iter().copied().max().unwrap_or(0);
    let least = |part: &[i128]| part.iter().copied().min().unwrap_or(0);
    let is_high = 10 * (after[0] - before[step - 1]) >= 7 * total;
    // Not a step if it comes down again.
    if is_high && 2 * (least(after) - most(before)) >= total {
        // In fewer intervals a leak can look the same.
        return if window.intervals() < MIN_STEP_INTERVALS { Trend::Grew } else { Trend::OneStep };
    }
    if 4 * (least(&late[1..]) - least(early)) < total {
        return Trend::Fluctuating;
    }
    match site.p_later {
        Some(p) if p <= MAX_P_OF_SECOND_HALF => Trend::Leak,
        _ => Trend::Grew,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn of(values: &[i128], p_later: f64) -> Trend {
        let window = SnapshotWindow::of(values.len()).unwrap_or(SnapshotWindow { first: 0, middle: 0, last: 0 });
        trend(SiteHistory { values, verdict: Significance::Grew, p_later: Some(p_later), negligible: 0 }, window, None)
    }

    #[test]
    fn each_shape_of_growth() {
        assert_eq!(of(&[0, 10, 20, 30, 40, 50, 60, 70, 80], 0.01), Trend::Leak);
        assert_eq!(of(&[0, 10, 20, 30, 40, 50, 60, 70, 80], 0.2), Trend::Leak);
        assert_eq!(of(&[0, 10, 20, 30, 40, 50, 60, 70, 80], 0.21), Trend::Grew);
        assert_eq!(of(&[0, 10, 40, 60, 70, 75, 78, 80, 81], 0.01), Trend::WarmUp);
        assert_eq!(of(&[0, 10, 10, 10, 10, 10, 50, 50, 50], 0.01), Trend::OneStep);
        assert_eq!(of(&[0, 10, 60, 10, 35, 10, 60, 12, 60], 0.01), Trend::Fluctuating);
        // Too few to tell a step, and one fewer to tell anything.
        assert_eq!(of(&[0, 10, 10, 50], 0.01), Trend::Grew);
        assert_eq!(of(&[0, 10, 10, 50, 50], 0.01), Trend::Grew);
        assert_eq!(of(&[0, 10, 30, 50], 0.01), Trend::Leak);
        assert_eq!(of(&[0, 10, 50], 0.01), Trend::Grew);
    }

    #[test]
    fn exact_totals_decide() {
        let window = SnapshotWindow { first: 1, middle: 4, last: 8 };
        let rising = [0, 10, 20, 30, 40, 50, 60, 70, 80];
        let with = |verdict, shape| {
            trend(SiteHistory { values: &rising, verdict, p_later: Some(0.01), negligible: 69 }, window, Some(shape))
        };
        for (shape, expected) in [
            (Shape::Growing, Trend::Leak),
            (Shape::Decelerating, Trend::WarmUp),
            (Shape::Levelled, Trend::WarmUp),
            (Shape::Fluctuating, Trend::Fluctuating),
            (Shape::OneStep, Trend::OneStep),
            (Shape::Flat, Trend::Grew),
            (Shape::Grew, Trend::Leak),
        ] {
            assert_eq!(with(Significance::Grew, shape), expected);
            let of_a_suspect = if shape == Shape::Growing { Trend::Leak } else { Trend::Steady };
            assert_eq!(with(Significance::Suspect, shape), of_a_suspect);
            assert_eq!(with(Significance::Noise, shape), Trend::Steady);
            assert_eq!(with(Significance::Unknown, shape), Trend::Unknown);
        }
    }

    #[test]
    fn a_little_is_none() {
        let window = SnapshotWindow { first: 0, middle: 1, last: 3 };
        let by = |growth: i128, process: Option<&Course>| {
            let values = [5, 5 + growth / 2, 5 + growth, 5 + growth];
            let site = SiteHistory {
                values: &values,
                verdict: Significance::Grew,
                p_later: Some(0.0),
                negligible: negligible(process),
            };
            trend(site, window, process.map(|course| course.shape))
        };
        assert_eq!([by(16 << 10, None), by((16 << 10) + 2, None)], [Trend::Steady, Trend::Leak]);
        let [flat, growing] = [[300 << 20; 4], [300 << 20, 310 << 20, 320 << 20, 330 << 20]];
        let [flat, growing] = [Course::of(&flat).unwrap(), Course::of(&growing).unwrap()];
        // A percent of 300 MiB.
        assert_eq!([by(3 << 20, Some(&flat)), by((3 << 20) + 2, Some(&flat))], [Trend::Steady, Trend::Grew]);
        assert_eq!([by(16 << 10, Some(&growing)), by(17 << 10, Some(&growing))], [Trend::Steady, Trend::Leak]);
    }
}

//! Whether the growth of a site goes on: the shape of its series.
//!
//! What chance does to the estimates of one site is large and lasts from snapshot to snapshot, so that no test of
//! a trend in them holds its level. That a site grew at all is told by what was born and died between two
//! snapshots; its series only says whether that growth slowed down.

use super::shape::{Course, Shape};
use crate::evidence::Significance;

/// How a site developed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trend {
    /// It grows, and goes on.
    Leak,
    /// It grew; whether it goes on cannot be told.
    Unclear,
    /// It grew less and less.
    WarmUp,
    /// It grew once.
    OneStep,
    /// It went up and down.
    Fluctuating,
    /// Nobody can tell whether it grew: object sizes or the sampling rate are missing.
    Unknown,
    /// It did not grow, as far as can be told.
    Steady,
}

impl Trend {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Trend::Leak => "leak",
            Trend::Unclear => "grew_unclear",
            Trend::WarmUp => "warm_up",
            Trend::OneStep => "one_step",
            Trend::Fluctuating => "fluctuating",
            Trend::Unknown => "unknown",
            Trend::Steady => "steady",
        }
    }
}

/// The snapshots between which growth is told, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first that counts: the program was still starting in the one before.
    pub first: usize,
    /// The end of the first half.
    pub middle: usize,
    /// The last one.
    pub last: usize,
}

/// So few snapshots are needed to drop the first one.
const ENOUGH_TO_DROP: usize = 4;

impl Window {
    /// Of so many snapshots of one process; `None` of fewer than three, which have no halves.
    pub fn of(snapshots: usize) -> Option<Self> {
        let last = snapshots.checked_sub(1).filter(|&last| last >= 2)?;
        let first = usize::from(snapshots >= ENOUGH_TO_DROP);
        Some(Window { first, middle: usize::midpoint(first, last), last })
    }

    /// How many intervals between snapshots it has.
    pub fn intervals(&self) -> usize {
        self.last - self.first
    }
}

/// What is known of a site.
#[derive(Debug, Clone, Copy)]
pub struct SiteCourse<'a> {
    /// Its live bytes, or objects where bytes are not counted, by snapshot.
    pub values: &'a [i128],
    /// What the samples say of its growth over the window.
    pub verdict: Significance,
    /// How likely the growth of the second half is by chance; `None` where that is unknown.
    pub p_later: Option<f64>,
    /// Growth up to it is none, however sure.
    pub negligible: i128,
}

/// So many bytes more at a site are no growth. Samples never show so little; where every object is counted, a
/// connection more would be growth.
const NEGLIGIBLE: i128 = 16 << 10;

/// Up to how many bytes the growth of a site is none. `process`: how the whole live heap developed, where that is
/// known exactly; as long as it does not grow, its sites may by as much as is none for it.
pub fn negligible(process: Option<&Course>) -> i128 {
    match process {
        Some(course) if course.shape == Shape::Flat => NEGLIGIBLE.max(course.tolerance.into()),
        _ => NEGLIGIBLE,
    }
}

/// In so many intervals a single step does not look like a leak.
const HAVE_STEPS: usize = 4;
/// In the second half it grew if that is no more likely by chance.
const PERSISTS: f64 = 0.2;

/// The trend of a site. `process`: how the whole live heap developed, where that is known exactly; then it says
/// whether growth goes on, and the profile only where.
pub fn trend(site: SiteCourse<'_>, window: Window, process: Option<Shape>) -> Trend {
    let grew = match (site.verdict, process) {
        (Significance::Unknown, _) => return Trend::Unknown,
        // That something grows on is sure then, and nine of ten suspects did.
        (Significance::Suspect, Some(Shape::Growing)) => true,
        (verdict, _) => verdict == Significance::Grew,
    };
    let ends = [window.first, window.last].map(|at| site.values.get(at).copied().unwrap_or(0));
    match process {
        _ if !grew || ends[1] - ends[0] <= site.negligible => Trend::Steady,
        Some(Shape::Growing) => Trend::Leak,
        Some(Shape::Decelerating) => Trend::WarmUp,
        Some(Shape::Fluctuating) => Trend::Fluctuating,
        Some(Shape::OneStep) => Trend::OneStep,
        // Others shrank for it.
        Some(Shape::Flat) => Trend::Unclear,
        Some(Shape::Grew) | None => by_itself(site, window),
    }
}

/// The trend of a site that grew, from its own series.
fn by_itself(site: SiteCourse<'_>, window: Window) -> Trend {
    let Window { first, middle, last } = window;
    let (Some(early), Some(late)) = (site.values.get(first..=middle), site.values.get(middle..=last)) else {
        return Trend::Unclear;
    };
    // Three snapshots of a warm-up look like a leak.
    if last < ENOUGH_TO_DROP - 1 {
        return Trend::Unclear;
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
    // What comes down again was no step.
    if is_high && 2 * (least(after) - most(before)) >= total {
        // A leak can look so, too, in so few.
        return if window.intervals() < HAVE_STEPS { Trend::Unclear } else { Trend::OneStep };
    }
    if 4 * (least(&late[1..]) - least(early)) < total {
        return Trend::Fluctuating;
    }
    match site.p_later {
        Some(p) if p <= PERSISTS => Trend::Leak,
        _ => Trend::Unclear,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn of(values: &[i128], p_later: f64) -> Trend {
        let window = Window::of(values.len()).unwrap_or(Window { first: 0, middle: 0, last: 0 });
        trend(SiteCourse { values, verdict: Significance::Grew, p_later: Some(p_later), negligible: 0 }, window, None)
    }

    #[test]
    fn the_first_of_many_snapshots_does_not_count() {
        assert_eq!(Window::of(2), None);
        assert_eq!(Window::of(3), Some(Window { first: 0, middle: 1, last: 2 }));
        assert_eq!(Window::of(4), Some(Window { first: 1, middle: 2, last: 3 }));
        assert_eq!(Window::of(9), Some(Window { first: 1, middle: 4, last: 8 }));
        assert_eq!(Window::of(20), Some(Window { first: 1, middle: 10, last: 19 }));
    }

    #[test]
    fn each_shape_of_growth() {
        assert_eq!(of(&[0, 10, 20, 30, 40, 50, 60, 70, 80], 0.01), Trend::Leak);
        assert_eq!(of(&[0, 10, 20, 30, 40, 50, 60, 70, 80], 0.2), Trend::Leak);
        assert_eq!(of(&[0, 10, 20, 30, 40, 50, 60, 70, 80], 0.21), Trend::Unclear);
        assert_eq!(of(&[0, 10, 40, 60, 70, 75, 78, 80, 81], 0.01), Trend::WarmUp);
        assert_eq!(of(&[0, 10, 10, 10, 10, 10, 50, 50, 50], 0.01), Trend::OneStep);
        assert_eq!(of(&[0, 10, 60, 10, 35, 10, 60, 12, 60], 0.01), Trend::Fluctuating);
        // Too few to tell a step, and one fewer to tell anything.
        assert_eq!(of(&[0, 10, 10, 50], 0.01), Trend::Unclear);
        assert_eq!(of(&[0, 10, 10, 50, 50], 0.01), Trend::Unclear);
        assert_eq!(of(&[0, 10, 30, 50], 0.01), Trend::Leak);
        assert_eq!(of(&[0, 10, 50], 0.01), Trend::Unclear);
    }

    #[test]
    fn exact_totals_decide() {
        let window = Window { first: 1, middle: 4, last: 8 };
        let rising = [0, 10, 20, 30, 40, 50, 60, 70, 80];
        let with = |verdict, shape| {
            trend(SiteCourse { values: &rising, verdict, p_later: Some(0.01), negligible: 69 }, window, Some(shape))
        };
        for (shape, expected) in [
            (Shape::Growing, Trend::Leak),
            (Shape::Decelerating, Trend::WarmUp),
            (Shape::Fluctuating, Trend::Fluctuating),
            (Shape::OneStep, Trend::OneStep),
            (Shape::Flat, Trend::Unclear),
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
        let window = Window { first: 0, middle: 1, last: 3 };
        let by = |growth: i128, process: Option<&Course>| {
            let values = [5, 5 + growth / 2, 5 + growth, 5 + growth];
            let site = SiteCourse {
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
        assert_eq!([by(3 << 20, Some(&flat)), by((3 << 20) + 2, Some(&flat))], [Trend::Steady, Trend::Unclear]);
        assert_eq!([by(16 << 10, Some(&growing)), by(17 << 10, Some(&growing))], [Trend::Steady, Trend::Leak]);
    }
}

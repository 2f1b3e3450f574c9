//! Whether a site keeps growing.
//!
//! Sampling errors of a site are large and persist from snapshot to snapshot, so no trend test on its estimates holds
//! its level. Births and deaths between two snapshots decide whether the site grew at all; whether it grows on must be
//! supported by its own course. The heap as a whole promotes no site: where it is known to grow, growth of a site needs
//! less support; where it is known to have stopped, no site is a leak.

use super::shape::{Course, Shape};
use super::site_course::{SiteHistory, own_trend};
use super::trend::Trend;
use super::window::{SnapshotTimes, SnapshotWindow};
use crate::evidence::Significance;

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

/// The trend of a site. `process`: how the whole live heap developed, if known exactly.
pub fn trend(site: SiteHistory<'_>, times: &SnapshotTimes, window: SnapshotWindow, process: Option<Shape>) -> Trend {
    let heap_grows = process == Some(Shape::Growing);
    let grew = match site.verdict {
        Significance::Unknown => return Trend::Unknown,
        // Something certainly keeps growing, and nine of ten suspects did.
        verdict if heap_grows && verdict.is_suspicion() => true,
        verdict => verdict == Significance::Grew,
    };
    let ends = [window.first, window.last].map(|at| site.values.get(at).copied().unwrap_or(0));
    if !grew || ends[1] - ends[0] <= site.negligible {
        return Trend::Steady;
    }
    let own = own_trend(site, times, window, heap_grows);
    let heap_stopped = process.is_some_and(|shape| shape != Shape::Growing);
    if heap_stopped && own.goes_on() { Trend::Grew } else { own }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::diff::Metric;
    use crate::evidence::{BucketTurnover, SideWeights, growth_interval};
    use crate::series::Spacing;
    use crate::site::Rate;

    const RATE: i64 = 512 << 10;

    /// The p-value of the growth by some samples of one size.
    fn p_value(size: u64, born: i128) -> f64 {
        let bucket = BucketTurnover { size, born: u64::try_from(born).unwrap_or(0), died: 0, is_usual: false };
        let grew =
            |alpha: f64| growth_interval(&[bucket], Rate::new(RATE), SideWeights::SUM, alpha, Metric::Space).low > 0.0;
        let (mut no, mut yes) = (1e-9, 1.0);
        for _ in 0..60 {
            let between = f64::sqrt(no * yes);
            if grew(between.min(0.5)) { yes = between } else { no = between }
        }
        yes
    }

    /// A site of objects of one size that gets more samples from snapshot to snapshot, by evenly spread times.
    fn of(size: u64, increments: &[i128], verdict: Significance, process: Option<Shape>) -> Trend {
        let samples: Vec<_> =
            [0].iter().chain(increments).scan(0, |sum, more| Some(*sum + more).inspect(|now| *sum = *now)).collect();
        let bytes = i128::from(size.max(1 << 19));
        let values: Vec<_> = samples.iter().map(|samples| samples * bytes).collect();
        let times = SnapshotTimes::new(samples.iter().map(|_| 0));
        let window = SnapshotWindow::of(&times).unwrap();
        let history = SiteHistory {
            values: &values,
            samples: &samples,
            verdict,
            p_later: Some(p_value(size, samples[window.last] - samples[window.middle])),
            is_replaced_by_larger: false,
            negligible: 0,
        };
        trend(history, &times, window, process)
    }

    /// The trends of a site that grew where the whole heap grows, where it levels off, and where nothing is known of it.
    fn trends(size: u64, increments: &[i128]) -> [Trend; 3] {
        [Some(Shape::Growing), Some(Shape::Decelerating), None]
            .map(|process| of(size, increments, Significance::Grew, process))
    }

    #[test]
    fn p_values_of_the_vectors() {
        for (size, born, p) in
            [(64, 14, 6.07e-5), (64, 8, 0.00331), (64, 4, 0.0495), (64, 1, 0.413), (4 << 20, 1, 0.000_335)]
        {
            assert!((p_value(size, born) / p - 1.0).abs() < 0.01, "{size} {born}: {}", p_value(size, born));
        }
    }

    #[test]
    fn a_site_is_judged_by_its_own_course() {
        use Trend::{Grew, GrewLarge, Leak, Levelled, OneStep, WarmUp};
        assert_eq!(trends(64, &[1, 2, 2, 2, 2, 2, 2, 2]), [Leak, Grew, Leak]);
        assert_eq!(trends(64, &[0, 1, 1, 1, 1, 1, 1, 1]), [Leak, Grew, Leak]);
        assert_eq!(trends(64, &[0, 4, 1, 3, 3, 0, 2, 0]), [Leak, Grew, Grew]);
        // One sample of five in the later half, p = 0.413: without exact totals too few to tell.
        assert_eq!(trends(64, &[0, 2, 1, 1, 1, 0, 0, 0]), [Leak, Grew, Grew]);
        assert_eq!(trends(64, &[0, 6, 6, 6, 0, 0, 0, 0]), [WarmUp; 3]);
        assert_eq!(trends(64, &[0, 75, 33, 2, 14, 3, 2, 6]), [WarmUp; 3]);
        assert_eq!(trends(64, &[0, 5, 5, 5, 5, 5, 0, 0]), [Levelled; 3]);
        assert_eq!(trends(64, &[0, 0, 9, 1, 0, 0, 0, 2]), [WarmUp; 3]);
        assert_eq!(trends(64, &[0, 0, 0, 0, 0, 0, 0, 12]), [OneStep; 3]);
        assert_eq!(trends(64, &[0, 0, 0, 0, 0, 0, 0, 7]), [Grew; 3]);
        assert_eq!(trends(4 << 20, &[0, 0, 0, 0, 0, 0, 0, 1]), [GrewLarge; 3]);
        // There, gone, and there again.
        assert_eq!(trends(4 << 20, &[0, 0, 1, -1, 1, 0, -1, 1]), [Trend::Fluctuating; 3]);
        // Large objects that grow on: only if the whole heap does.
        assert_eq!(trends(4 << 20, &[0, 0, 1, 0, 0, 1, 0, 0])[2], GrewLarge);
    }

    #[test]
    fn what_is_not_confirmed_needs_a_heap_that_grows() {
        let increments = [1, 2, 2, 2, 2, 2, 2, 2];
        for (shape, of_a_suspect) in [
            (None, Trend::Steady),
            (Some(Shape::Growing), Trend::Leak),
            (Some(Shape::Decelerating), Trend::Steady),
            (Some(Shape::Flat), Trend::Steady),
            (Some(Shape::Grew), Trend::Steady),
        ] {
            assert_eq!(of(64, &increments, Significance::Suspect, shape), of_a_suspect);
            assert_eq!(of(64, &increments, Significance::Noise, shape), Trend::Steady);
            assert_eq!(of(64, &increments, Significance::Unknown, shape), Trend::Unknown);
        }
        // A suspect that has levelled off is no leak because of others.
        assert_eq!(of(64, &[0, 6, 6, 6, 0, 0, 0, 0], Significance::Suspect, Some(Shape::Growing)), Trend::WarmUp);
    }

    #[test]
    fn few_snapshots_have_no_course() {
        for increments in [&[4, 4][..], &[4, 4, 4]] {
            // A heap that is known to grow decides in two intervals, but not with what p = 0.05 leaves open.
            assert_eq!(trends(64, increments), [Trend::Leak, Trend::Grew, Trend::Grew]);
        }
        assert_eq!(trends(64, &[4, 4, 3]), [Trend::Grew; 3]);
        assert_eq!(trends(64, &[4, 4, 4, 4]), [Trend::Leak, Trend::Grew, Trend::Leak]);
    }

    #[test]
    fn what_comes_down_again_goes_up_and_down() {
        assert_eq!(trends(64, &[0, 12, -12, 1, 12, -12, 12, -1]), [Trend::Fluctuating; 3]);
        assert_eq!(trends(64, &[0, 20, 8, -26, 24, -20, 13, 13]), [Trend::Fluctuating; 3]);
        // Slower in the second half, but as it fell: not levelling off.
        assert_eq!(trends(64, &[0, 12, 0, 0, 20, 12, -20, -12]), [Trend::Fluctuating; 3]);
        // In five snapshots a step at the last looks like a rise from a low point.
        assert_eq!(trends(64, &[0, 0, 0, 12]), [Trend::Grew; 3]);
        // Fewer samples do so by chance.
        assert_eq!(trends(64, &[0, 6, -6, 1, 6, -6, 6, -1]), [Trend::Grew; 3]);
    }

    #[test]
    fn larger_objects_in_place_of_others_are_no_leak() {
        let times = SnapshotTimes::new([0; 9].into_iter());
        let window = SnapshotWindow::of(&times).unwrap();
        let with = |values: [i128; 9], p_later, process| {
            let samples = values.map(|value| value / 100);
            let history = SiteHistory {
                values: &values,
                samples: &samples,
                verdict: Significance::Grew,
                p_later: Some(p_later),
                is_replaced_by_larger: true,
                negligible: 0,
            };
            trend(history, &times, window, process)
        };
        let rising = [0, 100, 200, 300, 400, 500, 600, 700, 800];
        assert_eq!(with(rising, 0.01, Some(Shape::Growing)), Trend::Bloat);
        assert_eq!(with(rising, 0.06, Some(Shape::Growing)), Trend::GrewLarge);
        assert_eq!(with(rising, 0.01, Some(Shape::Levelled)), Trend::GrewLarge);
        assert_eq!(with(rising, 0.01, None), Trend::GrewLarge);
        let slow = [0, 100, 300, 500, 600, 650, 700, 710, 720];
        assert_eq!(with(slow, 0.01, Some(Shape::Growing)), Trend::GrewLarge);
        let step = [0, 100, 110, 120, 130, 780, 790, 795, 800];
        assert_eq!(with(step, 0.01, Some(Shape::Growing)), Trend::GrewLarge);
    }

    #[test]
    fn times_decide_on_the_pace() {
        // 20 samples in the first 70 seconds, 9 in the last 10: by number that is a warm-up.
        let samples = [0, 0, 4, 8, 12, 16, 20, 23, 29];
        let values = samples.map(|samples| samples << 19);
        let of = |nanos: [i64; 9]| {
            let times = SnapshotTimes::new(nanos.into_iter());
            let window = SnapshotWindow::of(&times).unwrap();
            let history = SiteHistory {
                values: &values,
                samples: &samples,
                verdict: Significance::Grew,
                p_later: Some(0.001),
                is_replaced_by_larger: false,
                negligible: 0,
            };
            trend(history, &times, window, None)
        };
        let levels = [1, 10, 20, 30, 40, 50, 60, 300, 500];
        assert_eq!([of([0; 9]), of(levels)], [Trend::Leak, Trend::WarmUp]);
    }

    #[test]
    fn a_little_is_none() {
        let by = |growth: i128, process: Option<&Course>| {
            let values = [5, 5, 5 + growth / 2, 5 + growth * 3 / 4, 5 + growth];
            let samples = values;
            let times = SnapshotTimes::new([0; 5].into_iter());
            let history = SiteHistory {
                values: &values,
                samples: &samples,
                verdict: Significance::Grew,
                p_later: Some(0.0),
                is_replaced_by_larger: false,
                negligible: negligible(process),
            };
            trend(history, &times, SnapshotWindow::of(&times).unwrap(), process.map(|course| course.shape))
        };
        assert_eq!([by(16 << 10, None), by((16 << 10) + 4, None)], [Trend::Steady, Trend::Leak]);
        let [flat, growing] = [[300 << 20; 4], [300 << 20, 310 << 20, 320 << 20, 330 << 20]];
        let [flat, growing] = [&flat, &growing].map(|values| Course::of(values, &Spacing::even(values.len())).unwrap());
        // A percent of 300 MiB.
        assert_eq!([by(3 << 20, Some(&flat)), by((3 << 20) + 4, Some(&flat))], [Trend::Steady, Trend::Grew]);
        assert_eq!([by(16 << 10, Some(&growing)), by(17 << 10, Some(&growing))], [Trend::Steady, Trend::Leak]);
    }
}

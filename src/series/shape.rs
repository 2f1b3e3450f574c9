//! How an exact number of bytes developed over the snapshots of a process.

use super::spacing::Spacing;

/// Growth up to this many bytes is none.
const TOLERANCE_BYTES: u64 = 1 << 20;
/// Growth up to this share of the first value is none, percent.
const TOLERANCE_PERCENT: u64 = 1;
/// As many values in random order rise with a probability of 1 in 720.
const MIN_RISING: usize = 6;
/// Intervals between snapshots that growth needs to have a shape. In two intervals every warm-up that was tried looked
/// like a leak.
const MIN_SHAPE_INTERVALS: usize = 3;
/// Intervals between snapshots that a single step needs to be distinguished from a leak, and a level end from noise.
const MIN_STEP_INTERVALS: usize = 4;

/// How a number developed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It did not grow, within the tolerance.
    Flat,
    /// It grew less than half as fast in the second half as in the first.
    Decelerating,
    /// It went up and down: the lowest value of the second half is hardly above that of the first.
    Fluctuating,
    /// It grew in one step.
    OneStep,
    /// It grew, but hardly in the last intervals.
    Levelled,
    /// It kept growing.
    Growing,
    /// It grew, and its shape is not known: in too few snapshots a warm-up looks the same, and so it does in estimates.
    Grew,
}

impl Shape {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Flat => "flat",
            Shape::Decelerating => "decelerating",
            Shape::Fluctuating => "fluctuating",
            Shape::OneStep => "one_step",
            Shape::Levelled => "levelled",
            Shape::Growing => "growing",
            Shape::Grew => "grew",
        }
    }
}

/// How a number of bytes developed: its shape, and the figures that the shape rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Value in the first snapshot.
    pub first: u64,
    /// Value at the end of the first half.
    pub middle: u64,
    /// Value in the last snapshot.
    pub last: u64,
    /// Number of snapshots.
    pub snapshots: usize,
    /// Number of intervals between snapshots in the first and in the second half.
    pub halves: [u64; 2],
    /// The milliseconds that each half takes, if the snapshots are unevenly spread.
    pub uneven_halves: Option<[u64; 2]>,
    /// Lowest value of the first half, its end included, and of the second half.
    pub least: [u64; 2],
    /// The snapshot, counted from 0, after which the largest increment comes, and that increment.
    pub largest_step: (usize, i128),
    /// Growth up to this is none.
    pub tolerance: u64,
    /// Whether each value is larger than the one before, of enough of them that this is hardly chance.
    pub always_rises: bool,
    /// Its shape, by these values and by the number of objects, if known.
    pub shape: Shape,
    /// The shape of these values alone.
    pub own_shape: Shape,
    /// The course of the number of objects, if known.
    pub objects: Option<Box<Course>>,
    /// Whether it grows as there are more objects, rather than larger ones. `None` unless it keeps growing and the
    /// number of objects is known.
    pub more_objects: Option<bool>,
}

impl Course {
    /// The course of `values`, bytes; `None` of fewer than two.
    pub fn of(values: &[u64], spacing: &Spacing) -> Option<Self> {
        let mut course = Course::figures(values, spacing)?;
        course.shape = match course.growth() {
            growth if growth <= i128::from(course.tolerance) => Shape::Flat,
            _ => course.shape_of_growth(values, spacing, false),
        };
        course.own_shape = course.shape;
        Some(course)
    }

    /// The figures of `values`, without a shape; `None` of fewer than two.
    pub(super) fn figures(values: &[u64], spacing: &Spacing) -> Option<Self> {
        let (&[first, ..], &[.., last]) = (values, values) else { return None };
        let intervals = values.len() - 1;
        if intervals == 0 {
            return None;
        }
        let half = spacing.middle();
        let (early, late) = values.split_at(half + 1);
        let least = |values: &[u64]| values.iter().copied().min().unwrap_or(last);
        let steps = values.windows(2).map(|pair| i128::from(pair[1]) - i128::from(pair[0]));
        // The first of equal steps.
        let largest_step =
            steps.enumerate().fold((0, i128::MIN), |most, step| if step.1 > most.1 { step } else { most });
        Some(Course {
            first,
            middle: values[half],
            last,
            snapshots: values.len(),
            halves: [half as u64, (intervals - half) as u64],
            uneven_halves: spacing.uneven_halves(),
            least: [least(early), least(late)],
            largest_step,
            tolerance: TOLERANCE_BYTES.max(first / 100 * TOLERANCE_PERCENT),
            always_rises: values.len() >= MIN_RISING && values.is_sorted_by(|a, b| a < b),
            shape: Shape::Flat,
            own_shape: Shape::Flat,
            objects: None,
            more_objects: None,
        })
    }

    /// Whether it grew, by too little to count, but as a slow leak would: by more than a hundredth, or in each interval and
    /// by more than a thousandth.
    pub fn hardly_grew(&self) -> bool {
        let is_more_than = |part| self.growth() > i128::from(self.first) / part;
        self.shape == Shape::Flat && (is_more_than(100) || self.always_rises && is_more_than(1000))
    }

    /// last − first.
    pub fn growth(&self) -> i128 {
        i128::from(self.last) - i128::from(self.first)
    }

    /// Whether too few values rise by too little to count as growth, so that nothing says that they did not grow: it takes
    /// more of them to tell slow growth from none.
    pub fn is_undecided(&self) -> bool {
        self.shape == Shape::Flat && self.snapshots <= MIN_SHAPE_INTERVALS && is_rise(self.first.into(), self.growth())
    }

    /// The growth of each half.
    pub fn growth_of_halves(&self) -> [i128; 2] {
        let [first, middle, last] = [self.first, self.middle, self.last].map(i128::from);
        [middle - first, last - middle]
    }

    /// The growth of each half, per snapshot; `None` of two snapshots, which have no halves.
    pub fn growth_per_snapshot(&self) -> Option<[i128; 2]> {
        let [early, late] = self.growth_of_halves();
        let [early_intervals, late_intervals] = self.halves.map(i128::from);
        (early_intervals > 0).then(|| [early / early_intervals, late / late_intervals])
    }

    /// What it would have grown by in the whole time at the pace of each half; `None` of two snapshots.
    pub fn growth_at_pace_of_halves(&self) -> Option<[f64; 2]> {
        let [early, late] = self.uneven_halves.unwrap_or(self.halves).map(|time| time as f64);
        let growth = self.growth_of_halves().map(|growth| growth as f64);
        (early > 0.0).then(|| [growth[0] * (early + late) / early, growth[1] * (early + late) / late])
    }

    /// The snapshot, counted from 0, after which a course with a level end hardly grew.
    pub fn level_from(&self) -> usize {
        let intervals = self.snapshots - 1;
        intervals - level_intervals(intervals)
    }

    /// The shape of values that grew, in whole numbers. `level_end`: whether growth may end early. Bytes grow in
    /// stairs (logs, pools), whose last level says nothing.
    pub(super) fn shape_of_growth(&self, values: &[u64], spacing: &Spacing, level_end: bool) -> Shape {
        let (growth, intervals) = (self.growth(), values.len() - 1);
        if intervals < MIN_SHAPE_INTERVALS {
            return Shape::Grew;
        }
        let [early, late] = self.growth_of_halves();
        let half = spacing.middle();
        let [early_time, late_time] = [spacing.between(0, half), spacing.between(half, intervals)];
        // The second half grew less than half as fast as the first.
        if 2 * late * early_time < early * late_time {
            return Shape::Decelerating;
        }
        // The lowest values grew by less than a quarter of the growth.
        if 4 * (i128::from(self.least[1]) - i128::from(self.least[0])) < growth {
            return Shape::Fluctuating;
        }
        if intervals < MIN_STEP_INTERVALS {
            return Shape::Growing;
        }
        if let Some(step) = self.as_one_step(spacing) {
            return step;
        }
        let level = self.level_from();
        let before = i128::from(values[level]) - i128::from(self.first);
        let after = i128::from(self.last) - i128::from(values[level]);
        let [time_before, time_after] = [spacing.between(0, level), spacing.between(level, intervals)];
        // The end grew less than a quarter as fast as what came before, or than a tenth if the end is a single interval.
        let quotient = if intervals - level >= 2 { 4 } else { 10 };
        if level_end && quotient * after * time_before < before * time_after {
            return Shape::Levelled;
        }
        Shape::Growing
    }

    /// The shape of growth of which at least 70 % came in one interval: one step, unless that interval is more than half of
    /// the time, in which it may have come bit by bit. `None` of other growth.
    pub(super) fn as_one_step(&self, spacing: &Spacing) -> Option<Shape> {
        let (at, step) = self.largest_step;
        let is_long = 2 * spacing.between(at, at + 1) > spacing.between(0, self.snapshots - 1);
        let shape = if is_long { Shape::Grew } else { Shape::OneStep };
        (10 * step >= 7 * self.growth()).then_some(shape)
    }
}

/// Whether exact values that grew by this much from the first one rise: a level heap moves a little.
pub fn is_rise(first: i128, growth: i128) -> bool {
    100 * growth > i128::from(TOLERANCE_PERCENT) * first
}

/// The number of intervals at the end that must be level.
pub(super) fn level_intervals(intervals: usize) -> usize {
    ((intervals + 2) / 4).max(1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn shape(mib: &[u64]) -> Shape {
        Course::of(&mib.iter().map(|value| value * MIB).collect::<Vec<_>>(), &Spacing::even(mib.len())).unwrap().shape
    }

    #[test]
    fn each_shape() {
        for (mib, expected) in [
            (&[10, 11][..], Shape::Flat),
            (&[10, 12], Shape::Grew),
            (&[20, 10], Shape::Flat),
            (&[10, 12, 14], Shape::Grew),
            (&[10, 12, 14, 16], Shape::Growing),
            (&[10, 20, 25, 26, 26], Shape::Decelerating),
            (&[10, 30, 10, 30, 11, 32], Shape::Fluctuating),
            (&[10, 10, 10, 20, 20], Shape::OneStep),
            // Four snapshots cannot tell.
            (&[10, 10, 20, 20], Shape::Growing),
            (&[10, 12, 14, 16, 18, 20], Shape::Growing),
            // A staircase is growth.
            (&[10, 10, 15, 15, 20, 20], Shape::Growing),
        ] {
            assert_eq!(shape(mib), expected, "{mib:?}");
        }
    }

    #[test]
    fn limits_are_where_the_rules_put_them() {
        // Exactly a mebibyte is not growth; nor is exactly a percent.
        let grew =
            |first: u64, by: u64| Course::of(&[first, first + by], &Spacing::even(2)).unwrap().shape == Shape::Grew;
        assert_eq!([grew(0, MIB), grew(0, MIB + 1)], [false, true]);
        assert_eq!([grew(1000 * MIB, 10 * MIB), grew(1000 * MIB, 10 * MIB + 1)], [false, true]);
        // Half as fast is not less than half as fast: +20 in 2 intervals, then +10 in 2.
        assert_eq!([shape(&[10, 20, 30, 35, 40]), shape(&[10, 20, 30, 34, 39])], [Shape::Growing, Shape::Decelerating]);
        // A quarter of the growth of 40, and one less.
        let unsteady = |least| shape(&[10, 25, 30, least, 35, 50]);
        assert_eq!([unsteady(20), unsteady(19)], [Shape::Growing, Shape::Fluctuating]);
        // 7 of 10.
        assert_eq!([shape(&[0, 1, 2, 9, 10]), shape(&[0, 1, 3, 9, 10])], [Shape::OneStep, Shape::Growing]);
    }

    /// The same, of snapshots at these seconds.
    fn shape_at(seconds: &[i64], mib: &[u64]) -> Shape {
        let spacing = Spacing::new(seconds.iter().map(|second| (second + 1) * 1_000_000_000));
        Course::of(&mib.iter().map(|value| value * MIB).collect::<Vec<_>>(), &spacing).unwrap().shape
    }

    #[test]
    fn growth_is_judged_by_its_time() {
        // A leak of a mebibyte a second, looked at ever more often; by number a warm-up.
        let seconds = [0, 1, 7, 12, 16, 19, 21, 22, 23];
        let leak = [10, 11, 17, 22, 26, 29, 31, 32, 33];
        assert_eq!([shape(&leak), shape_at(&seconds, &leak)], [Shape::Decelerating, Shape::Growing]);
        // A cache that fills, looked at ever less often; by number a leak.
        let seconds = [0, 2, 5, 9, 16, 30, 60];
        let cache = [10, 17, 27, 37, 50, 64, 75];
        assert_eq!([shape(&cache), shape_at(&seconds, &cache)], [Shape::Growing, Shape::Decelerating]);
        // Most of the growth in one interval: a step, unless that is most of the time.
        let steps = [10, 10, 11, 31, 32];
        assert_eq!(shape_at(&[0, 10, 40, 60, 80], &steps), Shape::OneStep);
        assert_eq!(shape_at(&[0, 10, 20, 60, 70], &steps), Shape::Grew);
    }

    #[test]
    fn few_values_that_rise_a_little_are_undecided() {
        let is_undecided = |values: &[u64]| Course::of(values, &Spacing::even(values.len())).unwrap().is_undecided();
        assert!(is_undecided(&[1000, 1011]) && is_undecided(&[1000, 900, 1011]));
        // Level within a percent, fewer, enough of them, and growth that counts.
        for values in [&[1000, 1010][..], &[1000, 900], &[1000, 1010, 1020, 1030], &[MIB, 5 * MIB, 9 * MIB]] {
            assert!(!is_undecided(values), "{values:?}");
        }
    }

    #[test]
    fn one_value_has_no_course() {
        assert_eq!(Course::of(&[], &Spacing::even(0)), None);
        assert_eq!(Course::of(&[5], &Spacing::even(1)), None);
        let course = Course::of(&[0, u64::MAX], &Spacing::even(2)).unwrap();
        assert_eq!((course.growth(), course.largest_step), (i128::from(u64::MAX), (0, i128::from(u64::MAX))));
    }
}

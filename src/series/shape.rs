//! How an exact number of bytes developed over the snapshots of a process.

/// Growth up to this many bytes is none.
const TOLERANCE_BYTES: u64 = 1 << 20;
/// Growth up to this share of the first value is none, percent.
const TOLERANCE_PERCENT: u64 = 1;
/// Intervals between snapshots that growth needs to have a shape. In two intervals every warm-up that was tried looked
/// like a leak.
const MIN_SHAPE_INTERVALS: usize = 3;
/// Intervals between snapshots that a single step needs to be distinguished from a leak, and a level end from noise.
pub(super) const MIN_STEP_INTERVALS: usize = 4;
/// Growth by more bytes than this for each new object is growth of the objects, not of their number.
const MAX_BYTES_PER_NEW_OBJECT: i128 = 64 << 10;

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
    /// Lowest value of the first half, its end included, and of the second half.
    pub least: [u64; 2],
    /// The snapshot, counted from 0, after which the largest increment comes, and that increment.
    pub largest_step: (usize, i128),
    /// Growth up to this is none.
    pub tolerance: u64,
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
    pub fn of(values: &[u64]) -> Option<Self> {
        let mut course = Course::figures(values)?;
        course.shape = match course.growth() {
            growth if growth <= i128::from(course.tolerance) => Shape::Flat,
            _ => course.course(values, false),
        };
        course.own_shape = course.shape;
        Some(course)
    }

    /// The course of a heap of `bytes` in a number of `objects`, by snapshot; `None` of fewer than two.
    ///
    /// A container that doubles is a large step of the bytes, but a handful of objects: whether bytes keep growing is
    /// judged by the objects, if these explain the bytes.
    pub fn of_heap(bytes: &[u64], objects: &[u64]) -> Option<Self> {
        let mut course = Course::of(bytes)?;
        let Some(mut counts) = Course::figures(objects).filter(|_| objects.len() == bytes.len()) else {
            return Some(course);
        };
        if counts.growth() > 0 {
            counts.own_shape = counts.course(objects, true);
            counts.shape = counts.own_shape;
        }
        if !matches!(course.shape, Shape::Flat | Shape::Grew) {
            (course.shape, course.more_objects) = course.joint_shape(&counts, is_even(bytes));
        }
        course.objects = Some(Box::new(counts));
        Some(course)
    }

    fn figures(values: &[u64]) -> Option<Self> {
        let (&[first, ..], &[.., last]) = (values, values) else { return None };
        let intervals = values.len() - 1;
        if intervals == 0 {
            return None;
        }
        let half = intervals / 2;
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
            least: [least(early), least(late)],
            largest_step,
            tolerance: TOLERANCE_BYTES.max(first / 100 * TOLERANCE_PERCENT),
            shape: Shape::Flat,
            own_shape: Shape::Flat,
            objects: None,
            more_objects: None,
        })
    }

    /// last − first.
    pub fn growth(&self) -> i128 {
        i128::from(self.last) - i128::from(self.first)
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

    /// Whether this growth of the number of objects explains so many bytes more: they need not be larger than others.
    pub fn growth_explains(&self, bytes: i128) -> bool {
        !are_larger(bytes, self.growth())
    }

    /// The snapshot, counted from 0, after which a course with a level end hardly grew.
    pub fn level_from(&self) -> usize {
        let intervals = self.snapshots - 1;
        intervals - level_intervals(intervals)
    }

    /// The shape of values that grew, in whole numbers. `level_end`: whether growth may end early. Bytes grow in
    /// stairs (logs, pools), whose last level says nothing.
    fn course(&self, values: &[u64], level_end: bool) -> Shape {
        let (growth, intervals) = (self.growth(), values.len() - 1);
        if intervals < MIN_SHAPE_INTERVALS {
            return Shape::Grew;
        }
        let [early, late] = self.growth_of_halves();
        let [early_intervals, late_intervals] = self.halves.map(i128::from);
        // Per snapshot, the second half grew less than half as much as the first.
        if 2 * late * early_intervals < early * late_intervals {
            return Shape::Decelerating;
        }
        // The lowest values grew by less than a quarter of the growth.
        if 4 * (i128::from(self.least[1]) - i128::from(self.least[0])) < growth {
            return Shape::Fluctuating;
        }
        if intervals < MIN_STEP_INTERVALS {
            return Shape::Growing;
        }
        // One step is at least 70 % of the growth.
        if 10 * self.largest_step.1 >= 7 * growth {
            return Shape::OneStep;
        }
        let level = self.level_from();
        let before = i128::from(values[level]) - i128::from(self.first);
        let after = i128::from(self.last) - i128::from(values[level]);
        let (intervals_before, intervals_after) = (level as i128, (intervals - level) as i128);
        // Per snapshot, the end grew less than a quarter as much as what came before, or than a tenth if the end is a
        // single interval.
        let quotient = if intervals_after >= 2 { 4 } else { 10 };
        if level_end && quotient * after * intervals_before < before * intervals_after {
            return Shape::Levelled;
        }
        Shape::Growing
    }

    /// The shape of bytes that grew, by their own shape and that of the number of `objects`; and, if they keep growing,
    /// whether there are more objects. `is_even`: whether the bytes grow about as much in every interval.
    fn joint_shape(&self, objects: &Course, is_even: bool) -> (Shape, Option<bool>) {
        let [leak, bloat] = [true, false].map(|more_objects| (Shape::Growing, Some(more_objects)));
        let are_larger_later = are_larger(self.growth_of_halves()[1], objects.growth_of_halves()[1]);
        match (self.own_shape, objects.own_shape) {
            (Shape::Growing, _) if are_larger(self.growth(), objects.growth()) => bloat,
            (of_bytes, _) if are_larger(self.growth(), objects.growth()) => (of_bytes, None),
            (_, Shape::Growing) => leak,
            // Objects stopped, bytes did not.
            (Shape::Growing, _) if are_larger_later => bloat,
            // Few, large objects: their number is lost in noise, and their bytes are a line.
            (Shape::Growing, of_objects) if is_even || of_objects == Shape::Fluctuating => leak,
            (_, of_objects) => (of_objects, None),
        }
    }
}

/// Whether so few objects more do not explain so many bytes more.
fn are_larger(bytes: i128, objects: i128) -> bool {
    objects <= 0 || bytes > MAX_BYTES_PER_NEW_OBJECT * objects
}

/// Whether every increment is at least half of the mean one.
fn is_even(values: &[u64]) -> bool {
    let (Some(&first), Some(&last)) = (values.first(), values.last()) else { return false };
    let growth = i128::from(last) - i128::from(first);
    let intervals = values.len() as i128 - 1;
    let is_enough = |pair: &[u64]| 2 * intervals * (i128::from(pair[1]) - i128::from(pair[0])) >= growth;
    growth > 0 && values.windows(2).all(is_enough)
}

/// The number of intervals at the end that must be level.
fn level_intervals(intervals: usize) -> usize {
    ((intervals + 2) / 4).max(1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn shape(mib: &[u64]) -> Shape {
        Course::of(&mib.iter().map(|value| value * MIB).collect::<Vec<_>>()).unwrap().shape
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
        let grew = |first: u64, by: u64| Course::of(&[first, first + by]).unwrap().shape == Shape::Grew;
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

    /// The shape and whether objects get more, of bytes in MiB and a number of objects. Of six or more the first does
    /// not count.
    fn heap(mib: &[f64], objects: &[u64]) -> (Shape, Option<bool>) {
        let bytes: Vec<_> = mib.iter().map(|mib| (mib * MIB as f64) as u64).collect();
        let from = usize::from(bytes.len() >= 6);
        let course = Course::of_heap(&bytes[from..], &objects[from..]).unwrap();
        (course.shape, course.more_objects)
    }

    const LEAK: (Shape, Option<bool>) = (Shape::Growing, Some(true));
    const BLOAT: (Shape, Option<bool>) = (Shape::Growing, Some(false));

    #[test]
    fn objects_tell_a_leak_from_a_container_that_doubles() {
        // A linear leak into a map, which by bytes alone is a warm-up.
        let bytes = [3.088, 4.238, 5.577, 6.485, 9.085, 9.046, 9.932, 10.94, 11.91];
        let objects = [27_570, 57_800, 87_850, 118_100, 148_100, 178_000, 208_000, 238_500, 269_200];
        assert_eq!(heap(&bytes, &objects), LEAK);
        assert_eq!(
            Course::of(&bytes[1..].iter().map(|mib| (mib * MIB as f64) as u64).collect::<Vec<_>>()).unwrap().shape,
            Shape::Decelerating
        );
        // Warm-ups, one that fills and one that stops.
        let bytes = [2.3, 10.3, 18.3, 21.6, 21.6, 21.6, 21.6, 21.6, 21.6];
        let objects = [8900, 103_200, 199_000, 239_500, 239_500, 239_600, 239_600, 239_600, 239_600];
        assert_eq!(heap(&bytes, &objects), (Shape::Decelerating, None));
        let bytes = [8.1, 8.9, 9.7, 10.5, 11.3, 12.1, 12.1, 12.1, 12.1];
        let objects = [46_900, 56_400, 65_700, 75_000, 84_900, 94_700, 94_900, 95_000, 95_500];
        assert_eq!(heap(&bytes, &objects), (Shape::Decelerating, None));
        // Bloat that comes in stairs.
        let bytes = [23.2, 25.1, 28.6, 35.7, 35.7, 35.7, 49.7, 49.7, 49.7];
        assert_eq!(heap(&bytes, &[6172, 6607, 6613, 6621, 6629, 6634, 6634, 6642, 6648]), BLOAT);
        // Few, large objects.
        let bytes = [9.2, 10.9, 12.5, 14.2, 15.8, 17.5, 19.1];
        assert_eq!(heap(&bytes, &[127_500, 127_700, 127_700, 127_900, 128_000, 128_050, 128_200]), LEAK);
        assert_eq!(heap(&[10.0, 10.0, 10.0, 20.0, 20.5], &[1000, 1000, 1000, 81_000, 82_000]), (Shape::OneStep, None));
        let up_and_down = heap(&[10.0, 30.0, 10.0, 30.0, 11.0, 32.0], &[1000, 90_000, 1000, 90_000, 2000, 95_000]);
        assert_eq!(up_and_down, (Shape::Fluctuating, None));
        assert_eq!(heap(&[10.0, 12.0, 14.0, 16.0], &[1000, 2000, 3000, 4000]), LEAK);
        assert_eq!(heap(&[10.0, 12.0, 14.0], &[1000, 2000, 3000]), (Shape::Grew, None));
        for objects in [[1000, 2000, 3000], [3000, 2000, 1000], [0, 0, 0]] {
            assert_eq!(heap(&[10.0, 10.5, 10.9], &objects), (Shape::Flat, None));
        }
    }

    #[test]
    fn growth_that_ends_before_the_last_snapshots_has_levelled_off() {
        // Nine counted snapshots: the last two of eight intervals must be level, below a quarter of what came before.
        let bytes: Vec<_> = (0..9).map(|at| (10 + 2 * at) as f64).collect();
        let levels = |end: [u64; 2]| {
            let objects = [1000, 21_000, 41_000, 61_000, 81_000, 101_000, 121_000, 121_000 + end[0], 121_000 + end[1]];
            // Uneven bytes, so that they do not decide.
            let mut uneven = bytes.clone();
            uneven[1] = 10.1;
            let bytes: Vec<_> = uneven.iter().map(|mib| (mib * MIB as f64) as u64).collect();
            let course = Course::of_heap(&bytes, &objects).unwrap();
            (course.shape, course.objects.unwrap().level_from())
        };
        assert_eq!(levels([4000, 9999]), (Shape::Levelled, 6));
        assert_eq!(levels([4000, 10_000]).0, Shape::Growing);
        // A single interval must be level to a tenth: five snapshots.
        let one = |end: u64| {
            let objects = [1000, 31_000, 61_000, 91_000, 91_000 + end];
            Course::of_heap(&[10, 10, 15, 16, 18].map(|mib| mib * MIB), &objects).unwrap().shape
        };
        assert_eq!([one(2999), one(3000)], [Shape::Levelled, Shape::Growing]);
        // Bytes grow in stairs, whose level end says nothing.
        assert_eq!(shape(&[10, 14, 18, 22, 26, 30, 34, 34, 34]), Shape::Growing);
    }

    #[test]
    fn objects_that_stop_while_bytes_do_not_get_larger() {
        let objects = [1000, 51_000, 101_000, 101_000, 101_000];
        assert_eq!(heap(&[10.0, 12.0, 14.0, 16.0, 18.0], &objects), BLOAT);
        // 64 KiB for each new object may still be a leak.
        let with =
            |new: u64| heap(&[10.0, 12.0, 14.0, 16.0, 18.0], &[1000, 1000 + new / 4, 1000 + new / 2, 1000, 1000 + new]);
        assert_eq!([with(127), with(128)], [BLOAT, LEAK]);
    }

    #[test]
    fn one_value_has_no_course() {
        assert_eq!(Course::of(&[]), None);
        assert_eq!(Course::of(&[5]), None);
        let course = Course::of(&[0, u64::MAX]).unwrap();
        assert_eq!((course.growth(), course.largest_step), (i128::from(u64::MAX), (0, i128::from(u64::MAX))));
    }
}

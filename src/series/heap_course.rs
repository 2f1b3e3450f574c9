//! The course of a heap by its bytes and its number of objects.
//!
//! A container that doubles is a large step of the bytes, but a handful of objects: whether bytes keep growing is judged
//! by the objects, if these explain the bytes.

use super::shape::{Course, Shape};
use super::spacing::Spacing;

/// Growth by more bytes than this for each new object is growth of the objects, not of their number.
const MAX_BYTES_PER_NEW_OBJECT: i128 = 64 << 10;

impl Course {
    /// The course of a heap of `bytes` in a number of `objects`, by snapshot; `None` of fewer than two.
    pub fn of_heap(bytes: &[u64], objects: &[u64], spacing: &Spacing) -> Option<Self> {
        let mut course = Course::of(bytes, spacing)?;
        let Some(mut counts) = Course::figures(objects, spacing).filter(|_| objects.len() == bytes.len()) else {
            return Some(course);
        };
        if counts.growth() > 0 {
            counts.own_shape = counts.shape_of_growth(objects, spacing, true);
            counts.shape = counts.own_shape;
        }
        if !matches!(course.shape, Shape::Flat | Shape::Grew) {
            (course.shape, course.more_objects) = course.joint_shape(&counts, is_even(bytes, spacing));
        }
        course.objects = Some(Box::new(counts));
        Some(course)
    }

    /// Whether this growth of the number of objects explains that number of bytes more: they need not be larger than others.
    pub fn growth_explains(&self, bytes: i128) -> bool {
        !are_larger(bytes, self.growth())
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

/// Whether this few objects do not explain the growth in bytes.
fn are_larger(bytes: i128, objects: i128) -> bool {
    objects <= 0 || bytes > MAX_BYTES_PER_NEW_OBJECT * objects
}

/// Whether it grew in every interval at least half as fast as on the whole.
fn is_even(values: &[u64], spacing: &Spacing) -> bool {
    let (Some(&first), Some(&last)) = (values.first(), values.last()) else { return false };
    let growth = i128::from(last) - i128::from(first);
    let time = spacing.between(0, values.len() - 1);
    let is_enough = |(at, pair): (usize, &[u64])| {
        2 * time * (i128::from(pair[1]) - i128::from(pair[0])) >= growth * spacing.between(at, at + 1)
    };
    growth > 0 && values.windows(2).enumerate().all(is_enough)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// Bytes of thousandths of a MiB. Of six or more snapshots the first does not count.
    fn bytes(thousandths: &[u64]) -> Vec<u64> {
        let from = usize::from(thousandths.len() >= 6);
        thousandths[from..].iter().map(|size| size * MIB / 1000).collect()
    }

    /// The shape, and whether there are more objects, of thousandths of a MiB in a number of objects.
    fn heap(thousandths: &[u64], objects: &[u64]) -> (Shape, Option<bool>) {
        let bytes = bytes(thousandths);
        let course =
            Course::of_heap(&bytes, &objects[objects.len() - bytes.len()..], &Spacing::even(bytes.len())).unwrap();
        (course.shape, course.more_objects)
    }

    const LEAK: (Shape, Option<bool>) = (Shape::Growing, Some(true));
    const BLOAT: (Shape, Option<bool>) = (Shape::Growing, Some(false));

    #[test]
    fn objects_tell_a_leak_from_a_container_that_doubles() {
        // A linear leak into a map, which by bytes alone is a warm-up.
        let sizes = [3088, 4238, 5577, 6485, 9085, 9046, 9932, 10_940, 11_910];
        let objects = [27_570, 57_800, 87_850, 118_100, 148_100, 178_000, 208_000, 238_500, 269_200];
        assert_eq!(heap(&sizes, &objects), LEAK);
        assert_eq!(Course::of(&bytes(&sizes), &Spacing::even(sizes.len() - 1)).unwrap().shape, Shape::Decelerating);
        // Warm-ups, one that fills and one that stops.
        let sizes = [2300, 10_300, 18_300, 21_600, 21_600, 21_600, 21_600, 21_600, 21_600];
        let objects = [8900, 103_200, 199_000, 239_500, 239_500, 239_600, 239_600, 239_600, 239_600];
        assert_eq!(heap(&sizes, &objects), (Shape::Decelerating, None));
        let sizes = [8100, 8900, 9700, 10_500, 11_300, 12_100, 12_100, 12_100, 12_100];
        let objects = [46_900, 56_400, 65_700, 75_000, 84_900, 94_700, 94_900, 95_000, 95_500];
        assert_eq!(heap(&sizes, &objects), (Shape::Decelerating, None));
        // Bloat that comes in stairs.
        let sizes = [23_200, 25_100, 28_600, 35_700, 35_700, 35_700, 49_700, 49_700, 49_700];
        assert_eq!(heap(&sizes, &[6172, 6607, 6613, 6621, 6629, 6634, 6634, 6642, 6648]), BLOAT);
        // Few, large objects.
        let sizes = [9200, 10_900, 12_500, 14_200, 15_800, 17_500, 19_100];
        assert_eq!(heap(&sizes, &[127_500, 127_700, 127_700, 127_900, 128_000, 128_050, 128_200]), LEAK);
        assert_eq!(
            heap(&[10_000, 10_000, 10_000, 20_000, 20_500], &[1000, 1000, 1000, 81_000, 82_000]),
            (Shape::OneStep, None)
        );
        let up_and_down =
            heap(&[10_000, 30_000, 10_000, 30_000, 11_000, 32_000], &[1000, 90_000, 1000, 90_000, 2000, 95_000]);
        assert_eq!(up_and_down, (Shape::Fluctuating, None));
        assert_eq!(heap(&[10_000, 12_000, 14_000, 16_000], &[1000, 2000, 3000, 4000]), LEAK);
        assert_eq!(heap(&[10_000, 12_000, 14_000], &[1000, 2000, 3000]), (Shape::Grew, None));
        for objects in [[1000, 2000, 3000], [3000, 2000, 1000], [0, 0, 0]] {
            assert_eq!(heap(&[10_000, 10_500, 10_900], &objects), (Shape::Flat, None));
        }
    }

    #[test]
    fn growth_that_ends_before_the_last_snapshots_has_levelled_off() {
        // Nine counted snapshots: the last two of eight intervals must be level, below a quarter of what came before.
        let levels = |end: [u64; 2]| {
            // Uneven bytes, so that they do not decide.
            let sizes = [0, 10_000, 10_100, 14_000, 16_000, 18_000, 20_000, 22_000, 24_000, 26_000];
            let objects = [1000, 21_000, 41_000, 61_000, 81_000, 101_000, 121_000, 121_000 + end[0], 121_000 + end[1]];
            let course = Course::of_heap(&bytes(&sizes), &objects, &Spacing::even(objects.len())).unwrap();
            (course.shape, course.objects.unwrap().level_from())
        };
        assert_eq!(levels([4000, 9999]), (Shape::Levelled, 6));
        assert_eq!(levels([4000, 10_000]).0, Shape::Growing);
        // A single interval must be level to a tenth: five snapshots.
        let one = |end: u64| {
            let objects = [1000, 31_000, 61_000, 91_000, 91_000 + end];
            Course::of_heap(&[10, 10, 15, 16, 18].map(|mib| mib * MIB), &objects, &Spacing::even(5)).unwrap().shape
        };
        assert_eq!([one(2999), one(3000)], [Shape::Levelled, Shape::Growing]);
        // Bytes grow in stairs, whose level end says nothing.
        let stairs = [10, 14, 18, 22, 26, 30, 34, 34, 34].map(|mib| mib * MIB);
        assert_eq!(Course::of(&stairs, &Spacing::even(stairs.len())).unwrap().shape, Shape::Growing);
    }

    #[test]
    fn objects_that_stop_while_bytes_do_not_get_larger() {
        let objects = [1000, 51_000, 101_000, 101_000, 101_000];
        assert_eq!(heap(&[10_000, 12_000, 14_000, 16_000, 18_000], &objects), BLOAT);
        // 64 KiB for each new object may still be a leak.
        let with = |new: u64| {
            heap(&[10_000, 12_000, 14_000, 16_000, 18_000], &[1000, 1000 + new / 4, 1000 + new / 2, 1000, 1000 + new])
        };
        assert_eq!([with(127), with(128)], [BLOAT, LEAK]);
    }
}

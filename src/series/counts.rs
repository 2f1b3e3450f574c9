//! The course of a number of things that are counted one by one, such as goroutines.

use super::shape::{Course, Shape};
use super::spacing::Spacing;
use super::trend::Trend;

/// Growth by fewer is none, nor is growth by less than a tenth.
const MIN_GROWTH_COUNT: u64 = 10;

impl Course {
    /// The course of exact counts; `None` of fewer than two.
    pub fn of_counts(counts: &[u64], spacing: &Spacing) -> Option<Self> {
        let mut course = Course::figures(counts, spacing)?;
        course.tolerance = MIN_GROWTH_COUNT.max(course.first.div_ceil(10)) - 1;
        if course.growth() > i128::from(course.tolerance) {
            course.shape = course.shape_of_growth(counts, spacing, true);
            // Exact numbers show a single step in any number of intervals.
            if course.shape == Shape::Growing {
                course.shape = course.as_one_step(spacing).unwrap_or(Shape::Growing);
            }
        }
        course.own_shape = course.shape;
        Some(course)
    }
}

/// The trend of a site whose things were counted, by its numbers over the window.
pub fn count_trend(numbers: &[i128], spacing: &Spacing) -> Trend {
    let counts: Vec<_> = numbers.iter().map(|&number| u64::try_from(number).unwrap_or_default()).collect();
    match Course::of_counts(&counts, spacing).map(|course| course.shape) {
        Some(Shape::Growing) => Trend::Leak,
        Some(Shape::Grew) => Trend::Grew,
        Some(Shape::Decelerating | Shape::Levelled) => Trend::WarmUp,
        Some(Shape::OneStep) => Trend::OneStep,
        Some(Shape::Fluctuating) => Trend::Fluctuating,
        Some(Shape::Flat) | None => Trend::Steady,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn ten_and_a_tenth_are_growth() {
        let shape = |counts: &[u64]| Course::of_counts(counts, &Spacing::even(counts.len())).unwrap().shape;
        assert_eq!([shape(&[0, 9]), shape(&[0, 10])], [Shape::Flat, Shape::Grew]);
        assert_eq!([shape(&[1001, 1101]), shape(&[1001, 1102])], [Shape::Flat, Shape::Grew]);
        assert_eq!(shape(&[274, 396, 519, 641, 764, 886, 1009, 1132, 1254]), Shape::Growing);
        assert_eq!(shape(&[40, 900, 900, 900, 900, 900]), Shape::Decelerating);
        assert_eq!(Course::of_counts(&[3], &Spacing::even(1)), None);
    }

    #[test]
    fn each_site_has_its_own_trend() {
        for (numbers, trend) in [
            (&[274, 396, 519, 641, 764, 886][..], Trend::Leak),
            (&[40, 900, 900, 900, 900, 900], Trend::WarmUp),
            (&[40, 40, 40, 900, 900], Trend::OneStep),
            (&[4, 90, 4, 90, 5, 91], Trend::Fluctuating),
            (&[40, 60, 80, 100], Trend::Leak),
            (&[40, 40, 80, 80], Trend::OneStep),
            (&[40, 45, 49], Trend::Steady),
            (&[40, 60, 80], Trend::Grew),
        ] {
            assert_eq!(count_trend(numbers, &Spacing::even(numbers.len())), trend, "{numbers:?}");
        }
    }
}

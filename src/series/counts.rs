//! The course of a number of things that are counted one by one, such as goroutines.

use super::shape::Course;

/// Growth by fewer is none, nor is growth by less than a tenth.
const MIN_GROWTH_COUNT: u64 = 10;

impl Course {
    /// The course of exact counts; `None` of fewer than two.
    pub fn of_counts(counts: &[u64]) -> Option<Self> {
        let mut course = Course::figures(counts)?;
        course.tolerance = MIN_GROWTH_COUNT.max(course.first.div_ceil(10)) - 1;
        if course.growth() > i128::from(course.tolerance) {
            course.shape = course.shape_of_growth(counts, true);
        }
        course.own_shape = course.shape;
        Some(course)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::series::Shape;

    #[test]
    fn ten_and_a_tenth_are_growth() {
        let shape = |counts: &[u64]| Course::of_counts(counts).unwrap().shape;
        assert_eq!([shape(&[0, 9]), shape(&[0, 10])], [Shape::Flat, Shape::Grew]);
        assert_eq!([shape(&[1001, 1101]), shape(&[1001, 1102])], [Shape::Flat, Shape::Grew]);
        assert_eq!(shape(&[274, 396, 519, 641, 764, 886, 1009, 1132, 1254]), Shape::Growing);
        assert_eq!(shape(&[40, 900, 900, 900, 900, 900]), Shape::Decelerating);
        assert_eq!(Course::of_counts(&[3]), None);
    }
}

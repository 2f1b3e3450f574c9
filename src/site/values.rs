//! Objects and bytes, wide enough for any sum of 64-bit columns.

use std::ops::{Add, AddAssign, Sub};

/// A number of each metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Values {
    /// `inuse_objects`.
    pub objects: i128,
    /// `inuse_space`, in bytes.
    pub space: i128,
}

impl Values {
    /// Widens the values of a sample.
    pub fn widen(objects: i64, space: i64) -> Self {
        Values { objects: objects.into(), space: space.into() }
    }

    /// Divides both numbers, rounding half away from zero.
    pub(super) fn divided(self, by: u64) -> Values {
        if by <= 1 {
            return self;
        }
        let by = i128::from(by);
        let share = |value: i128| (value + value.signum() * (by / 2)) / by;
        Values { objects: share(self.objects), space: share(self.space) }
    }
}

impl Add for Values {
    type Output = Values;

    fn add(self, other: Values) -> Values {
        Values { objects: self.objects + other.objects, space: self.space + other.space }
    }
}

impl AddAssign for Values {
    fn add_assign(&mut self, other: Values) {
        *self = *self + other;
    }
}

impl Sub for Values {
    type Output = Values;

    fn sub(self, other: Values) -> Values {
        Values { objects: self.objects - other.objects, space: self.space - other.space }
    }
}

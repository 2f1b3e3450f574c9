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

/// [`Values`] in three quarters of their memory, for lists as long as a profile: each number has 96 bits, which hold the
/// sum of 2³² samples.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PackedValues([[u8; 12]; 2]);

impl PackedValues {
    pub(crate) fn get(self) -> Values {
        let [objects, space] = self.0.map(|low| {
            let mut bytes = [0; 16];
            bytes[4..].copy_from_slice(&low);
            // Brings the sign to where it belongs.
            i128::from_le_bytes(bytes) >> 32
        });
        Values { objects, space }
    }
}

impl From<Values> for PackedValues {
    fn from(values: Values) -> Self {
        PackedValues([values.objects, values.space].map(|value| {
            let mut low = [0; 12];
            low.copy_from_slice(&value.clamp(-(1 << 95), (1 << 95) - 1).to_le_bytes()[..12]);
            low
        }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_values_are_the_same() {
        let all = i128::from(i64::MAX) << 32;
        for (objects, space) in [(0, 1), (-1, i64::MIN.into()), (all, -all), (1 << 94, (1 << 95) - 1)] {
            let values = Values { objects, space };
            assert_eq!(PackedValues::from(values).get(), values);
        }
        assert_eq!(size_of::<PackedValues>(), 24);
    }
}

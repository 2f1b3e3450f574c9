//! Whether a site grew by more objects or by larger ones. In: what lived at both ends, and what was born and died
//! in between. Out: a [`GrowthKind`].

use crate::site::Values;

/// Objects, and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Amount {
    /// Number of objects.
    pub objects: f64,
    /// Their total size, bytes.
    pub bytes: f64,
}

impl Amount {
    fn mean_size(self) -> f64 {
        self.bytes / self.objects
    }
}

impl From<Values> for Amount {
    fn from(values: Values) -> Self {
        Amount { objects: values.objects as f64, bytes: values.space as f64 }
    }
}

/// What was born and what died at a site of one process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnoverAmounts {
    /// Objects of the current side that the base did not have.
    pub born: Amount,
    /// Objects of the base that are gone.
    pub died: Amount,
    /// Lower bound of the growth in objects.
    pub min_object_growth: f64,
}

impl TurnoverAmounts {
    /// Whether about as many objects died as were born, and these are larger.
    pub fn are_replaced_by_larger(&self) -> bool {
        self.are_larger() && self.replaced() > 0.5
    }

    /// Objects that died for each that was born. Not a number if nothing moved.
    fn replaced(&self) -> f64 {
        self.died.objects / self.born.objects
    }

    /// False if nothing was born, or nothing died.
    fn are_larger(&self) -> bool {
        self.born.mean_size() / self.died.mean_size() > 1.2
    }
}

/// What the growth of a site consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrowthKind {
    /// More objects: something is retained.
    MoreObjects,
    /// Larger objects in place of others: something is swelling.
    LargerObjects,
}

impl GrowthKind {
    /// Name in the JSON field `growth`, which is decided by the values of both sides.
    pub fn name(self) -> &'static str {
        match self {
            GrowthKind::MoreObjects => "objects",
            GrowthKind::LargerObjects => "size",
        }
    }

    /// Name in the JSON field `evidence.class`, which is decided by turnover where that is known.
    pub fn class_name(self) -> &'static str {
        match self {
            GrowthKind::MoreObjects => "leak",
            GrowthKind::LargerObjects => "bloat",
        }
    }
}

/// Compares the values of both sides: bytes are objects times their mean size, and the factor that grew more decides.
///
/// Mean sizes carry little noise: the size of every bucket is exact.
pub fn growth_kind_by_values(base: Amount, current: Amount) -> GrowthKind {
    if base.objects <= 0.0 || base.bytes <= 0.0 {
        return GrowthKind::MoreObjects;
    }
    let count = current.objects / base.objects;
    let size = current.bytes / base.bytes / count;
    if current.objects <= 0.0 || size > count { GrowthKind::LargerObjects } else { GrowthKind::MoreObjects }
}

/// Compares what was born with what died, in one process: objects got larger if larger ones took the place of others.
pub fn growth_kind_by_turnover(base: Amount, current: Amount, turnover: &TurnoverAmounts) -> GrowthKind {
    let may_be_as_many =
        || turnover.min_object_growth <= 0.0 && growth_kind_by_values(base, current) == GrowthKind::LargerObjects;
    let are_larger =
        turnover.are_replaced_by_larger() || turnover.are_larger() && turnover.replaced() > 0.3 && may_be_as_many();
    if base.objects > 0.0 && are_larger { GrowthKind::LargerObjects } else { GrowthKind::MoreObjects }
}

#[cfg(test)]
mod tests {
    use super::GrowthKind::{LargerObjects, MoreObjects};
    use super::*;

    fn amount(objects: f64, size: f64) -> Amount {
        Amount { objects, bytes: objects * size }
    }

    fn of_one_process(born: Amount, died: Amount, min_object_growth: f64) -> GrowthKind {
        let base = amount(100.0, 64.0);
        let bytes = base.bytes + born.bytes - died.bytes;
        let current = Amount { objects: base.objects + born.objects - died.objects, bytes };
        growth_kind_by_turnover(base, current, &TurnoverAmounts { born, died, min_object_growth })
    }

    #[test]
    fn more_objects_are_more_objects() {
        assert_eq!(of_one_process(amount(50.0, 64.0), amount(0.0, 0.0), 30.0), MoreObjects);
        assert_eq!(of_one_process(amount(50.0, 64.0), amount(40.0, 64.0), 0.0), MoreObjects);
        assert_eq!(of_one_process(amount(90.0, 128.0), amount(20.0, 64.0), 0.0), MoreObjects);
    }

    #[test]
    fn larger_objects_for_as_many_are_larger() {
        assert_eq!(of_one_process(amount(100.0, 128.0), amount(100.0, 64.0), 0.0), LargerObjects);
        assert_eq!(of_one_process(amount(100.0, 75.0), amount(100.0, 64.0), 0.0), MoreObjects);
    }

    #[test]
    fn fewer_deaths_need_a_count_that_may_have_stayed() {
        let (born, died) = (amount(50.0, 512.0), amount(20.0, 64.0));
        assert_eq!(of_one_process(born, died, 0.0), LargerObjects);
        assert_eq!(of_one_process(born, died, 1.0), MoreObjects);
    }

    #[test]
    fn two_processes_compare_sizes_with_counts() {
        assert_eq!(growth_kind_by_values(amount(100.0, 64.0), amount(110.0, 128.0)), LargerObjects);
        assert_eq!(growth_kind_by_values(amount(100.0, 64.0), amount(300.0, 128.0)), MoreObjects);
        assert_eq!(growth_kind_by_values(amount(100.0, 64.0), amount(200.0, 64.0)), MoreObjects);
        assert_eq!(growth_kind_by_values(amount(0.0, 0.0), amount(1.0, 4096.0)), MoreObjects);
    }
}

//! Whether a site grew by more objects or by larger ones.

use crate::diff::Change;
use crate::site::Values;

/// Objects and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Amount {
    /// Number of objects.
    pub objects: f64,
    /// Their bytes.
    pub bytes: f64,
}

impl Amount {
    fn from_values(values: Values) -> Self {
        Amount { objects: values.objects as f64, bytes: values.space as f64 }
    }

    fn mean_size(self) -> f64 {
        self.bytes / self.objects
    }
}

/// The estimates from which the growth of a site is classified.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteGrowth {
    /// Live in the base.
    pub base: Amount,
    /// Live in the current side.
    pub current: Amount,
    /// Births and deaths in between; `None` for two processes, where they are unknown.
    pub turnover: Option<TurnoverAmounts>,
}

/// Births and deaths in one process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnoverAmounts {
    /// Objects born since the base.
    pub born: Amount,
    /// Objects of the base that died.
    pub died: Amount,
    /// Lower bound of the growth in objects.
    pub min_object_growth: f64,
}

/// How a site grew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrowthClass {
    /// More objects.
    Leak,
    /// Larger objects in place of others.
    Bloat,
}

impl GrowthClass {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            GrowthClass::Leak => "leak",
            GrowthClass::Bloat => "bloat",
        }
    }
}

/// Classifies the growth of a site.
///
/// Mean sizes carry little noise: the size of every bucket is exact.
pub fn class(site: &SiteGrowth) -> GrowthClass {
    let is_bloat = site.base.objects > 0.0
        && match &site.turnover {
            None => site.size_grew_more_than_count(),
            Some(turnover) => turnover.replaces_by_larger(site),
        };
    if is_bloat { GrowthClass::Bloat } else { GrowthClass::Leak }
}

/// Classifies a growth of which only the values of both sides are known.
pub fn class_of_levels(change: &Change) -> GrowthClass {
    class(&SiteGrowth::from_change(change, None))
}

impl SiteGrowth {
    /// The growth of a site with these values.
    pub(super) fn from_change(change: &Change, turnover: Option<TurnoverAmounts>) -> Self {
        let [base, current] = [change.base, change.current].map(Amount::from_values);
        SiteGrowth { base, current, turnover }
    }

    fn size_grew_more_than_count(&self) -> bool {
        self.current.mean_size() / self.base.mean_size() > self.current.objects / self.base.objects
    }
}

impl TurnoverAmounts {
    fn replaces_by_larger(&self, site: &SiteGrowth) -> bool {
        let replaced = self.died.objects / self.born.objects;
        // NaN, and so no bloat, if nothing was born or nothing died.
        if self.born.mean_size() / self.died.mean_size() > 1.2 {
            let may_be_as_many = site.size_grew_more_than_count() && self.min_object_growth <= 0.0;
            replaced > 0.5 || replaced > 0.3 && may_be_as_many
        } else {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GrowthClass::{Bloat, Leak};
    use super::*;

    fn amount(objects: f64, size: f64) -> Amount {
        Amount { objects, bytes: objects * size }
    }

    fn of_one_process(born: Amount, died: Amount, min_object_growth: f64) -> GrowthClass {
        let (base, turnover) = (amount(100.0, 64.0), TurnoverAmounts { born, died, min_object_growth });
        let bytes = base.bytes + born.bytes - died.bytes;
        let current = Amount { objects: base.objects + born.objects - died.objects, bytes };
        class(&SiteGrowth { base, current, turnover: Some(turnover) })
    }

    #[test]
    fn more_objects_leak() {
        assert_eq!(of_one_process(amount(50.0, 64.0), amount(0.0, 0.0), 30.0), Leak);
        assert_eq!(of_one_process(amount(50.0, 64.0), amount(40.0, 64.0), 0.0), Leak);
        assert_eq!(of_one_process(amount(90.0, 128.0), amount(20.0, 64.0), 0.0), Leak);
    }

    #[test]
    fn larger_objects_for_as_many_are_bloat() {
        assert_eq!(of_one_process(amount(100.0, 128.0), amount(100.0, 64.0), 0.0), Bloat);
        assert_eq!(of_one_process(amount(100.0, 75.0), amount(100.0, 64.0), 0.0), Leak);
    }

    #[test]
    fn fewer_deaths_need_a_count_that_may_have_stayed() {
        let (born, died) = (amount(50.0, 512.0), amount(20.0, 64.0));
        assert_eq!(of_one_process(born, died, 0.0), Bloat);
        assert_eq!(of_one_process(born, died, 1.0), Leak);
    }

    #[test]
    fn two_processes_compare_sizes_with_counts() {
        let class = |base, current| class(&SiteGrowth { base, current, turnover: None });
        assert_eq!(class(amount(100.0, 64.0), amount(110.0, 128.0)), Bloat);
        assert_eq!(class(amount(100.0, 64.0), amount(300.0, 128.0)), Leak);
        assert_eq!(class(amount(100.0, 64.0), amount(200.0, 64.0)), Leak);
        assert_eq!(class(amount(0.0, 0.0), amount(1.0, 4096.0)), Leak);
    }
}

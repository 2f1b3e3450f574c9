//! Whether a site grew by more objects or by bigger ones. In: its estimates at both ends, and what moved
//! between them. Out: a [`GrowthClass`].

/// Objects, and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Amount {
    /// How many.
    pub objects: f64,
    /// Their bytes.
    pub bytes: f64,
}

impl Amount {
    fn mean_size(self) -> f64 {
        self.bytes / self.objects
    }
}

/// How a site grew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteGrowth {
    /// What lived before.
    pub base: Amount,
    /// What lives now.
    pub current: Amount,
    /// What moved in between; `None` of two processes, where nobody knows.
    pub moves: Option<TurnoverAmounts>,
}

/// What was born and what died in one process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnoverAmounts {
    /// What is new.
    pub born: Amount,
    /// What is gone.
    pub died: Amount,
    /// The lower bound of the growth in objects.
    pub objects_low: f64,
}

/// What the growth of a site consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrowthClass {
    /// More objects.
    Leak,
    /// Bigger objects in place of others.
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
        && match &site.moves {
            None => site.swells_more_than_it_multiplies(),
            Some(moves) => moves.swap_for_bigger(site),
        };
    if is_bloat { GrowthClass::Bloat } else { GrowthClass::Leak }
}

impl SiteGrowth {
    fn swells_more_than_it_multiplies(&self) -> bool {
        // No logarithms: s2/s1 > N2/N1.
        self.current.mean_size() / self.base.mean_size() > self.current.objects / self.base.objects
    }
}

impl TurnoverAmounts {
    fn swap_for_bigger(&self, site: &SiteGrowth) -> bool {
        let replaced = self.died.objects / self.born.objects;
        // Not a number if nothing was born, or nothing died: no bloat.
        if self.born.mean_size() / self.died.mean_size() > 1.2 {
            let may_be_as_many = site.swells_more_than_it_multiplies() && self.objects_low <= 0.0;
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

    fn of_one_process(born: Amount, died: Amount, objects_low: f64) -> GrowthClass {
        let (base, moves) = (amount(100.0, 64.0), TurnoverAmounts { born, died, objects_low });
        let bytes = base.bytes + born.bytes - died.bytes;
        let current = Amount { objects: base.objects + born.objects - died.objects, bytes };
        class(&SiteGrowth { base, current, moves: Some(moves) })
    }

    #[test]
    fn more_objects_leak() {
        assert_eq!(of_one_process(amount(50.0, 64.0), amount(0.0, 0.0), 30.0), Leak);
        assert_eq!(of_one_process(amount(50.0, 64.0), amount(40.0, 64.0), 0.0), Leak);
        assert_eq!(of_one_process(amount(90.0, 128.0), amount(20.0, 64.0), 0.0), Leak);
    }

    #[test]
    fn bigger_objects_for_as_many_are_bloat() {
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
        let class = |base, current| class(&SiteGrowth { base, current, moves: None });
        assert_eq!(class(amount(100.0, 64.0), amount(110.0, 128.0)), Bloat);
        assert_eq!(class(amount(100.0, 64.0), amount(300.0, 128.0)), Leak);
        assert_eq!(class(amount(100.0, 64.0), amount(200.0, 64.0)), Leak);
        assert_eq!(class(amount(0.0, 0.0), amount(1.0, 4096.0)), Leak);
    }
}

//! The values of one site, or of all, on both sides.

use std::ops::AddAssign;

use crate::site::{RuntimeClass, Values};

/// The two metrics of a live heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// `inuse_space`: live bytes.
    Space,
    /// `inuse_objects`: live objects.
    Objects,
}

impl Metric {
    /// Its name in profiles and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Space => "inuse_space",
            Metric::Objects => "inuse_objects",
        }
    }

    /// Its name in profiles where what was allocated is counted.
    pub fn allocated_name(self) -> &'static str {
        match self {
            Metric::Space => "alloc_space",
            Metric::Objects => "alloc_objects",
        }
    }

    /// The number of this metric.
    #[inline]
    pub fn of(self, values: Values) -> i128 {
        match self {
            Metric::Space => values.space,
            Metric::Objects => values.objects,
        }
    }
}

/// The samples that count for a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribution {
    /// Flat: those the site allocates itself.
    Flat,
    /// Cumulative: also those that anything it calls allocates.
    Cum,
}

/// A site, with its values on both sides; what it grew by is `change.delta()`.
#[derive(Debug, Clone, Copy)]
pub struct SiteDelta {
    /// Index of the site in the base's table; `None` if that side does not have it.
    pub base: Option<usize>,
    /// Index of the site in the current side's table; `None` if that side does not have it.
    pub current: Option<usize>,
    /// Values by the attribution of the comparison; 0 on a side that does not have the site.
    pub change: Change,
    /// The class of its memory, if that is the runtime's own on both sides.
    pub runtime_class: Option<RuntimeClass>,
}

impl SiteDelta {
    /// Whether its growth is the runtime's own affair, and no rule holds for it.
    pub fn is_exempt(&self) -> bool {
        self.runtime_class.is_some_and(RuntimeClass::is_exempt)
    }
}

/// The values of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Change {
    /// Values of the base.
    pub base: Values,
    /// Values of the current side.
    pub current: Values,
}

impl AddAssign for Change {
    fn add_assign(&mut self, other: Change) {
        self.base += other.base;
        self.current += other.current;
    }
}

impl Change {
    /// `current − base`.
    #[inline]
    pub fn delta(&self) -> Values {
        self.current - self.base
    }

    /// The base's value of `metric`.
    pub fn base_of(&self, metric: Metric) -> i128 {
        metric.of(self.base)
    }

    /// The current side's value of `metric`.
    pub fn current_of(&self, metric: Metric) -> i128 {
        metric.of(self.current)
    }

    /// `current − base` of `metric`.
    #[inline]
    pub fn delta_of(&self, metric: Metric) -> i128 {
        metric.of(self.delta())
    }

    /// Replaces the values of `metric` by those of the base and of the current side.
    pub fn set(&mut self, metric: Metric, [base, current]: [i128; 2]) {
        for (values, number) in [(&mut self.base, base), (&mut self.current, current)] {
            match metric {
                Metric::Space => values.space = number,
                Metric::Objects => values.objects = number,
            }
        }
    }

    /// `current / base` of `metric`; `None` if the base is 0 or below, as in a difference of profiles.
    pub fn ratio(&self, metric: Metric) -> Option<f64> {
        let (base, current) = (self.base_of(metric), self.current_of(metric));
        (base > 0).then(|| current as f64 / base as f64)
    }
}

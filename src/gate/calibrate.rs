//! Natural variation: how much profiles of runs differ in which nothing changed.
//!
//! In: comparisons of such profiles. Out: [`Variation`], and the [`Limits`] that none of them exceeds.

use super::{Comparison, Limit, Limits};
use crate::diff::{Attribution, Metric};
use crate::evidence::Unit;

/// What was found in comparisons that should show nothing.
#[derive(Debug, Clone, Default)]
pub struct Variation {
    /// How many comparisons there were.
    pub comparisons: usize,
    /// Sites whose growth was confirmed, over all of them.
    pub confirmed: usize,
    /// The greatest growth of a site in objects, and its name.
    pub site_objects: Greatest,
    /// In bytes.
    pub site_space: Greatest,
    /// The greatest growth of the heap in objects, in percent.
    pub total_objects: f64,
    /// In bytes.
    pub total_space: f64,
    /// What a site must grow by to be seen: objects and bytes.
    visible: [f64; 2],
    /// What the heap must grow by to be seen, in percent, of objects and bytes.
    visible_total: [f64; 2],
    /// The smallest mean size of a site's objects.
    smallest: f64,
}

/// The greatest growth of any site.
#[derive(Debug, Clone, Default)]
pub struct Greatest {
    /// How much.
    pub delta: i128,
    /// The site.
    pub site: String,
}

impl Greatest {
    fn note(&mut self, delta: i128, site: impl Fn() -> String) {
        if delta > self.delta {
            *self = Greatest { delta, site: site() };
        }
    }
}

impl Variation {
    /// Adds a comparison.
    pub fn note(&mut self, seen: Comparison<'_, '_, '_>) {
        self.comparisons += 1;
        for (at, site) in seen.deltas.sites.iter().enumerate() {
            let delta = seen.deltas.change(site, Attribution::Flat).delta();
            let name = || seen.deltas.key(site).name().into_owned();
            self.confirmed += usize::from(seen.evidence.is_gate_significant(at));
            self.site_objects.note(delta.objects, name);
            self.site_space.note(delta.space, name);
            let high = |unit: Unit| seen.evidence.growth(at, unit).map_or(0.0, |growth| growth.high);
            let current = seen.deltas.change(site, Attribution::Flat).current;
            if current.objects > 0 {
                let object = current.space as f64 / current.objects as f64;
                self.smallest = if self.smallest == 0.0 { object } else { self.smallest.min(object) };
            }
            self.visible = [self.visible[0].max(high(Unit::Objects)), self.visible[1].max(high(Unit::Bytes))];
        }
        let total = seen.deltas.total();
        let percent = |metric: Metric| total.ratio(metric).map_or(0.0, |ratio| (ratio - 1.0) * 100.0);
        self.total_objects = self.total_objects.max(percent(Metric::Objects));
        self.total_space = self.total_space.max(percent(Metric::Space));
        let object = total.current.space.max(1) as f64 / total.current.objects.max(1) as f64;
        let site = seen.evidence.detectable_site_growth(None).unwrap_or(0.0);
        self.visible = [self.visible[0].max(site / self.smallest.max(1.0)), self.visible[1].max(site)];
        let heap = seen.evidence.detectable_total_growth().unwrap_or(0.0);
        let percent = |visible: f64, base: i128| visible / base.max(1) as f64 * 100.0;
        let found = [percent(heap / object, total.base.objects), percent(heap, total.base.space)];
        self.visible_total = [self.visible_total[0].max(found[0]), self.visible_total[1].max(found[1])];
    }

    /// Limits that hold in all of the comparisons with a quarter to spare, and that such profiles can show.
    pub fn limits(&self) -> Limits {
        let absolute = |found: i128, visible: f64| Some(Limit::Absolute(round_up((found as f64 * 1.25).max(visible))));
        let percent = |found: f64, visible: f64| {
            let percent = (found * 1.25).max(visible).max(0.5);
            Some(Limit::Percent((percent * 2.0).ceil() / 2.0))
        };
        Limits {
            site_objects: absolute(self.site_objects.delta.max(1), self.visible[0]),
            site_space: absolute(self.site_space.delta.max(1024), self.visible[1]),
            total_objects: percent(self.total_objects, self.visible_total[0]),
            total_space: percent(self.total_space, self.visible_total[1]),
        }
    }
}

/// To two digits.
#[allow(clippy::cast_possible_truncation, reason = "far below")]
fn round_up(number: f64) -> i128 {
    let unit = 10i128.pow((number.max(10.0) as i128).ilog10() - 1) as f64;
    ((number / unit).ceil() * unit).round() as i128
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn two_digits_upwards() {
        let found = [0.0, 1.0, 9.5, 10.0, 99.1, 101.0, 123_456.0, 6_291_456.0].map(round_up);
        assert_eq!(found, [0, 1, 10, 10, 100, 110, 130_000, 6_300_000]);
    }
}

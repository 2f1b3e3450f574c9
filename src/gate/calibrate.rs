//! Natural variation: how much profiles of runs differ in which nothing changed.
//!
//! In: comparisons of such profiles. Out: [`Variation`], and the [`Limits`] that none of them exceeds.

use super::{Comparison, Limit, Limits};
use crate::diff::{Attribution, Metric};

/// Limits are this much above the greatest variation found.
const HEADROOM: f64 = 1.25;
/// Smallest limit on the bytes of a site is `HEADROOM` times this.
const MIN_SITE_BYTES: i128 = 1024;
/// Smallest limit on the whole heap, percent.
const MIN_TOTAL_PERCENT: f64 = 0.5;

/// What comparisons show in which nothing should have changed.
#[derive(Debug, Clone, Default)]
pub struct Variation {
    /// Number of comparisons.
    pub comparisons: usize,
    /// Sites whose growth is significant, over all comparisons.
    pub significant_sites: usize,
    /// Greatest growth of a site in objects.
    pub site_objects: Greatest,
    /// Greatest growth of a site in bytes.
    pub site_space: Greatest,
    /// Greatest growth of the heap in objects, percent.
    pub total_objects: f64,
    /// Greatest growth of the heap in bytes, percent.
    pub total_space: f64,
    /// Growth of a site that is seen for certain: objects and bytes.
    detectable: [f64; 2],
    /// Growth of the heap that is seen for certain, percent of its objects and bytes.
    detectable_total_percent: [f64; 2],
    /// Smallest mean object size of any site, bytes; 0 before the first.
    smallest_object: f64,
}

/// The greatest growth of any site.
#[derive(Debug, Clone, Default)]
pub struct Greatest {
    /// Objects or bytes.
    pub delta: i128,
    /// Name of the site; empty if none grew.
    pub site: String,
}

impl Greatest {
    fn add(&mut self, delta: i128, site: impl Fn() -> String) {
        if delta > self.delta {
            *self = Greatest { delta, site: site() };
        }
    }
}

impl Variation {
    /// Adds a comparison.
    pub fn add(&mut self, comparison: Comparison<'_, '_, '_>) {
        self.comparisons += 1;
        for (at, site) in comparison.deltas.sites.iter().enumerate() {
            // No limit holds for the others.
            if !site.is_exempt() {
                self.add_site(comparison, at);
            }
        }
        let (evidence, total) = (comparison.evidence, comparison.deltas.total());
        let percent = |metric: Metric| total.ratio(metric).map_or(0.0, |ratio| (ratio - 1.0) * 100.0);
        self.total_objects = self.total_objects.max(percent(Metric::Objects));
        self.total_space = self.total_space.max(percent(Metric::Space));
        let new_site = evidence.gate_detectable_site_growth().unwrap_or(0.0);
        raise(&mut self.detectable, [new_site / self.smallest_object.max(1.0), new_site]);
        let object = total.current.space.max(1) as f64 / total.current.objects.max(1) as f64;
        let heap = evidence.detectable_total_growth().unwrap_or(0.0);
        let percent = |detectable: f64, base: i128| detectable / base.max(1) as f64 * 100.0;
        let percents = [percent(heap / object, total.base.objects), percent(heap, total.base.space)];
        raise(&mut self.detectable_total_percent, percents);
    }

    fn add_site(&mut self, comparison: Comparison<'_, '_, '_>, index: usize) {
        let site = &comparison.deltas.sites[index];
        let change = comparison.deltas.change(site, Attribution::Flat);
        let name = || comparison.deltas.key(site).name().into_owned();
        self.significant_sites += usize::from(comparison.evidence.is_gate_significant(index));
        self.site_objects.add(change.delta().objects, name);
        self.site_space.add(change.delta().space, name);
        if change.current.objects > 0 {
            let object = change.current.space as f64 / change.current.objects as f64;
            self.smallest_object = if self.smallest_object == 0.0 { object } else { self.smallest_object.min(object) };
        }
        let upper_bound =
            |metric: Metric| comparison.evidence.growth_interval(index, metric).map_or(0.0, |growth| growth.high);
        raise(&mut self.detectable, [upper_bound(Metric::Objects), upper_bound(Metric::Space)]);
    }

    /// Limits that all of the comparisons keep, with a quarter to spare, and that such profiles can show.
    pub fn limits(&self) -> Limits {
        let absolute =
            |found: i128, detectable: f64| Some(Limit::Absolute(round_up((found as f64 * HEADROOM).max(detectable))));
        let percent = |found: f64, detectable: f64| {
            let percent = (found * HEADROOM).max(detectable).max(MIN_TOTAL_PERCENT);
            Some(Limit::Percent((percent * 2.0).ceil() / 2.0))
        };
        let ([objects, bytes], [total_objects, total_bytes]) = (self.detectable, self.detectable_total_percent);
        Limits {
            site_objects: absolute(self.site_objects.delta.max(1), objects),
            site_space: absolute(self.site_space.delta.max(MIN_SITE_BYTES), bytes),
            total_objects: percent(self.total_objects, total_objects),
            total_space: percent(self.total_space, total_bytes),
        }
    }
}

/// Raises each number to at least its counterpart.
fn raise(numbers: &mut [f64; 2], least: [f64; 2]) {
    *numbers = [numbers[0].max(least[0]), numbers[1].max(least[1])];
}

/// Rounds up to two significant digits.
#[allow(clippy::cast_possible_truncation, reason = "far below the range of i128")]
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

//! What a side has in all, by which work is measured.

use crate::profile::Profile;
use crate::site::Values;

/// What a side has, whatever the filters leave.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WorkTotals {
    pub(super) all: Values,
    /// What goroutines of the program allocated, as benchmarks do; without the program's own start.
    pub(super) in_goroutines: Values,
    /// Whether a benchmark allocated any of it.
    pub(super) has_benchmark: bool,
}

impl WorkTotals {
    /// Adds a profile.
    pub(crate) fn add(&mut self, profile: &Profile) {
        profile.samples().for_each(|sample| {
            let values = Values::widen(sample.objects, sample.space);
            self.all += values;
            let outermost = sample.stack.iter().rev().find_map(|&id| {
                let lines = profile.line_range(id);
                profile.lines()[lines.start as usize..lines.end as usize].last()
            });
            let name = outermost.map(|line| profile.string(profile.function(line.function).name));
            self.has_benchmark |= name.is_some_and(|name| name.starts_with(b"testing.(*B)."));
            if name.is_some_and(|name| !name.starts_with(b"runtime.")) {
                self.in_goroutines += values;
            }
        });
    }
}

//! Chooses the lines of sites that matter to people.

use super::{SiteLine, SiteRow};
use crate::diff::{Change, Metric};

/// Lines of a site that are shown, and of all sites together.
const MAX_LINES: usize = 6;
const MAX_LINES_OF_ALL: usize = 10;
/// Smallest share of a site's growth that a shown line is, and of the greatest growth that a site with lines has, percent.
const MIN_LINE_PERCENT: i128 = 5;
/// Share of a site's growth at which a line alone stands for it, percent.
const NEARLY_ALL_PERCENT: i128 = 95;

/// Chooses the lines to show of the sites at these indexes, the first sites first.
pub(super) fn show_lines(rows: &mut [SiteRow], sites: impl Iterator<Item = usize>, metric: Metric) {
    let delta = |change: Change| change.delta_of(metric);
    let sites: Vec<_> = sites.collect();
    let most = sites.iter().map(|&site| delta(rows[site].flat)).max().unwrap_or(0);
    let mut left = MAX_LINES_OF_ALL;
    for site in sites {
        let row = &mut rows[site];
        if 100 * delta(row.flat) < MIN_LINE_PERCENT * most {
            continue;
        }
        let growth = delta(row.flat);
        let matters = |line: &&SiteLine| growth > 0 && 100 * delta(line.change) >= MIN_LINE_PERCENT * growth;
        let count = row.lines.iter().take_while(matters).count().min(MAX_LINES).min(left);
        let is_alone = count == 1 && 100 * delta(row.lines[0].change) >= NEARLY_ALL_PERCENT * growth;
        row.shown_lines = if is_alone { 0 } else { count };
        left -= row.shown_lines;
    }
}

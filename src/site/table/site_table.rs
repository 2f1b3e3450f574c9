//! The read-only table of a side's sites.

use std::collections::BTreeMap;
use std::ops::Range;
use std::slice;

use super::cells::{Cell, FlatCell};
use super::cum_sums::CumSums;
use super::lines::{CodeLine, OffsetLine};
use super::site_index::SiteIndex;
use super::stacks::{StackEntry, StackTable};
use super::start_lines::StartLineCoverage;
use crate::index::{NONE, index};
use crate::order::group_starts;
use crate::profile::MetricsPresent;
use crate::site::buckets::Buckets;
use crate::site::go::{Name, RuntimeClass};
use crate::site::key::{Granularity, SiteKey};
use crate::site::observed::Observed;
use crate::site::scale::Scale;
use crate::site::values::Values;

/// An allocation site on one side.
#[derive(Debug, Clone, Copy)]
pub struct Site<'p> {
    /// What distinguishes it from other sites.
    pub key: SiteKey<'p>,
    /// What was allocated at the site itself; `None` if it only calls.
    pub flat: Option<Values>,
    /// What was allocated at the site or in anything it called, once per sample.
    pub cum: Values,
}

/// What one side of a comparison has, by site. The module has a picture of it.
#[derive(Debug)]
pub struct SiteTable<'p> {
    pub(super) index: SiteIndex<'p>,
    pub(super) counted: MetricsPresent,
    /// Sorted by site, line and owner.
    pub(super) cells: Vec<Cell>,
    /// By site, and one at the end: its first cell.
    pub(super) cells_start: Vec<u32>,
    /// Lines sorted by site; empty where a line is a site.
    pub(super) lines_by_site: Vec<u32>,
    pub(super) cum: CumSums,
    pub(super) stacks: StackTable,
    pub(super) buckets: Buckets,
    /// The buckets of each profile, with the same sites; empty unless they were kept.
    pub(super) runs: Vec<Buckets>,
    pub(super) total: Values,
    /// What values are multiplied by.
    pub(super) scale: Scale,
    pub(super) observed: Observed,
    pub(super) start_lines: StartLineCoverage,
    /// The lines of owners that are the runtime or a profiler.
    pub(super) runtime_lines: BTreeMap<u32, RuntimeClass>,
}

impl<'p> SiteTable<'p> {
    /// What a site is.
    pub fn granularity(&self) -> Granularity {
        self.index.granularity
    }

    /// The metrics that all of its profiles have; both without any profile.
    pub fn counted(&self) -> MetricsPresent {
        self.counted
    }

    /// All sites, including those that only call.
    pub fn sites(&self) -> impl Iterator<Item = Site<'p>> {
        let site = |at| Some(Site { key: self.key(at)?, flat: self.flat(at), cum: self.cum(at) });
        self.indexes().filter_map(site)
    }

    /// The indexes of all sites.
    pub fn indexes(&self) -> Range<usize> {
        0..self.index.len()
    }

    /// The key of the site with an index.
    pub fn key(&self, index: usize) -> Option<SiteKey<'p>> {
        self.index.key(index)
    }

    /// The index of the site with a key.
    pub fn index_of(&self, key: &SiteKey<'p>) -> Option<usize> {
        self.index.index_of(key)
    }

    /// Returns a function that maps the index of a site to that of the same site in `other`.
    pub fn match_sites(&self, other: &SiteTable<'p>) -> impl Fn(usize) -> Option<usize> + use<> {
        let found = self.index.match_sites(&other.index);
        move |site| found.get(site).filter(|&&found| found != NONE).map(|&found| found as usize)
    }

    /// The indexes of the sites that allocate themselves.
    pub fn allocating(&self) -> impl Iterator<Item = usize> {
        self.indexes().filter(|&site| self.allocates(site))
    }

    /// Whether the site with an index allocates itself.
    pub fn allocates(&self, site: usize) -> bool {
        !self.cells_of(site).is_empty()
    }

    /// What the site with an index allocates itself; `None` if it only calls.
    pub fn flat(&self, site: usize) -> Option<Values> {
        let sum = self.cells_of(site).iter().map(|cell| cell.sum.values()).reduce(|sum, values| sum + values);
        sum.map(|sum| self.scaled(sum))
    }

    /// What the site with an index and everything it calls allocate; 0 if that was not counted.
    pub fn cum(&self, site: usize) -> Values {
        self.scaled(self.cum.get(site))
    }

    /// The flat values of the site with an index, by line and owner. Their sum is that of the site, also where each is
    /// divided by the number of profiles.
    pub fn cells(&self, site: usize) -> impl Iterator<Item = FlatCell> {
        let known = |line: u32| (line != NONE).then_some(line);
        let mut sum = Values::default();
        self.cells_of(site).iter().map(move |cell| {
            let before = self.scaled(sum);
            sum += cell.sum.values();
            let values = self.scaled(sum) - before;
            FlatCell { line: cell.line, owner: known(cell.owner), allocator: known(cell.allocator), values }
        })
    }

    /// The class of the memory of the site with an index, if all of it is the runtime's own. Of several classes it is
    /// goroutines if that is one of them, for which rules hold, and other memory if not.
    pub fn runtime_class(&self, site: usize) -> Option<RuntimeClass> {
        if self.runtime_lines.is_empty() {
            return None;
        }
        let mut classes = self.cells_of(site).iter().map(|cell| self.class_of_cell(cell));
        let first = classes.next()??;
        classes.try_fold(first, |known, class| Some(known.with(class?)))
    }

    /// What the runtime has of a class.
    pub fn runtime_memory(&self, class: RuntimeClass) -> Values {
        let cells = self.cells.iter().filter(|cell| self.class_of_cell(cell) == Some(class));
        self.scaled(cells.fold(Values::default(), |sum, cell| sum + cell.sum.values()))
    }

    fn class_of_cell(&self, cell: &Cell) -> Option<RuntimeClass> {
        self.runtime_lines.get(if cell.owner == NONE { &cell.line } else { &cell.owner }).copied()
    }

    fn cells_of(&self, site: usize) -> &[Cell] {
        match self.cells_start.get(site..site + 2) {
            Some(&[start, end]) => &self.cells[start as usize..end as usize],
            _ => &[],
        }
    }

    /// The line with an index, one that a cell or a stack of this table has.
    pub fn line(&self, index: u32) -> CodeLine<'p> {
        self.index.lines.get(index as usize)
    }

    /// The lines of the site with an index, including those that only call.
    pub fn lines_of(&self, site: usize) -> impl Iterator<Item = CodeLine<'p>> {
        let site_of = |line: u32| self.index.site_of(line) as usize;
        let start = self.lines_by_site.partition_point(|&line| site_of(line) < site);
        let lines = self.lines_by_site[start..].iter().copied().take_while(move |&line| site_of(line) == site);
        let itself = if self.granularity() == Granularity::Lines { u32::try_from(site).ok() } else { None };
        lines.chain(itself).map(|line| self.line(line))
    }

    /// The lines of functions that initialise a package's variables, if the function's first line is known.
    pub fn initializer_lines(&self) -> Vec<OffsetLine<'p>> {
        self.index.lines.initializer_lines()
    }

    /// The lines of the functions that `wanted` accepts, if the function's first line is known.
    pub fn lines_of_functions(&self, wanted: impl Fn(Name<'p>) -> bool) -> Vec<OffsetLine<'p>> {
        self.index.lines.lines_of_functions(wanted)
    }

    /// The sum of all flat values. Where values are scaled, the scaled sum, not the sum of rounded values.
    pub fn total(&self) -> Values {
        self.scaled(self.total)
    }

    /// Whether a profile is a protobuf of Go 1.19 or older, which do not say where functions start.
    pub fn is_of_old_go(&self) -> bool {
        self.start_lines.some_old_go
    }

    /// What of the total Go's profiler allocated for itself.
    pub fn profiler(&self) -> Values {
        self.scaled(self.observed.profiler)
    }

    /// What values are multiplied by.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Sets what values are multiplied by.
    pub fn set_scale(&mut self, scale: Scale) {
        self.scale = scale;
    }

    /// The sum of all flat values, not multiplied.
    pub fn sum(&self) -> Values {
        self.total
    }

    fn scaled(&self, sum: Values) -> Values {
        self.scale.apply(sum)
    }

    /// The distinct live stacks, in order of appearance; none unless they were kept.
    pub fn stacks(&self) -> impl Iterator<Item = StackEntry<'_>> {
        self.stacks.iter().map(|stack| StackEntry { values: self.scaled(stack.values), ..stack })
    }

    /// Number of stacks dropped because the stack table was full.
    pub fn dropped_stacks(&self) -> u64 {
        self.stacks.dropped
    }

    /// All lines of code, by the indexes in [`StackEntry::lines`].
    pub fn lines(&self) -> impl ExactSizeIterator<Item = CodeLine<'p>> {
        (0..self.index.lines.len()).map(|line| self.index.lines.get(line))
    }

    /// The sampled buckets.
    pub fn buckets(&self) -> &Buckets {
        &self.buckets
    }

    /// The sampled buckets of each profile; all as one if they were not kept.
    pub fn runs(&self) -> &[Buckets] {
        if self.runs.is_empty() { slice::from_ref(&self.buckets) } else { &self.runs }
    }

    /// The live raw samples of each site, by index.
    pub fn live_samples(&self) -> Vec<u64> {
        let mut samples = vec![0u64; self.index.len()];
        for bucket in self.buckets.list() {
            if let Some(sum) = samples.get_mut(bucket.site as usize) {
                *sum = sum.saturating_add(bucket.live.into());
            }
        }
        samples
    }

    /// The sampled buckets, without the table.
    pub fn into_buckets(self) -> Buckets {
        self.buckets
    }

    /// What was noticed while samples were added up.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }

    /// Finds the cells and the lines of each site.
    pub(super) fn group_by_site(&mut self) {
        self.cells_start = group_starts(self.index.len(), self.cells.iter().map(|cell| cell.site));
        let site_of_line = &self.index.site_of_line;
        self.lines_by_site = (0..index(site_of_line.len())).collect();
        self.lines_by_site.sort_by_key(|&line| site_of_line[line as usize]);
    }
}

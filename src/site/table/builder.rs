//! Adds up the samples of profiles by site in one pass: flat, cumulative, by line and by owner.

use std::collections::BTreeMap;

use super::cells::{self, Cell, Sum64};
use super::cum_sums::CumSums;
use super::frame_lines::FrameLines;
use super::lines::Interner;
use super::site_index::SiteIndex;
use super::site_table::SiteTable;
use super::stack_owners::{FrameId, StackOwner};
use super::stacks::{MAX_DEPTH, StackTable};
use super::start_lines::StartLineCoverage;
use crate::index::{NONE, index};
use crate::profile::{InputFormat, LocationId, MetricsPresent, Profile, Sample};
use crate::site::buckets::Buckets;
use crate::site::filter::{Filter, FilterKind, FilterPass};
use crate::site::go::{ALL_BUT_STANDARD, Own, RuntimeClass};
use crate::site::key::Granularity;
use crate::site::name_arena::NameArena;
use crate::site::observed::Observed;
use crate::site::quality::ProfileQuality;
use crate::site::renames::Renames;
use crate::site::scale::Scale;
use crate::site::values::Values;
use crate::site::visible_stacks::VisibleStacks;

/// Differences of estimates, each rounded down, may be off by a byte for each that was added.
const MAX_ROUNDING_BYTES: i64 = 64;

/// Adds up the profiles of one side.
pub struct SiteTableBuilder<'p, 'f> {
    filter: &'f Filter,
    /// Holds the names of the table.
    arena: &'p NameArena,
    own: &'f Own,
    renames: Option<&'f Renames>,
    flat_only: bool,
    keeps_stacks: bool,
    keeps_runs: bool,
    per_profile: bool,
    index: SiteIndex<'p>,
    counted: MetricsPresent,
    cells: Vec<Cell>,
    /// Number of cells after the last merge.
    merged_cells: usize,
    cum: CumSums,
    stacks: StackTable,
    buckets: Buckets,
    runs: Vec<Buckets>,
    total: Values,
    observed: Observed,
    start_lines: StartLineCoverage,
    /// The lines of owners that are the runtime or a profiler.
    runtime_lines: BTreeMap<u32, RuntimeClass>,
}

impl<'p, 'f> SiteTableBuilder<'p, 'f> {
    /// An empty table whose names will live in `arena`.
    pub fn new(granularity: Granularity, filter: &'f Filter, arena: &'p NameArena) -> Self {
        SiteTableBuilder {
            filter,
            arena,
            own: &ALL_BUT_STANDARD,
            renames: None,
            flat_only: false,
            keeps_stacks: false,
            keeps_runs: false,
            per_profile: false,
            index: SiteIndex::new(granularity),
            counted: MetricsPresent::BOTH,
            cells: Vec::new(),
            merged_cells: 0,
            cum: CumSums::default(),
            stacks: StackTable::default(),
            buckets: Buckets::default(),
            runs: Vec::new(),
            total: Values::default(),
            observed: Observed::default(),
            start_lines: StartLineCoverage::default(),
            runtime_lines: BTreeMap::new(),
        }
    }

    /// Sets which packages are the program's own code; by default all but Go's standard library.
    pub fn own(mut self, own: &'f Own) -> Self {
        self.own = own;
        self
    }

    /// Sets the names by which functions count instead of their own.
    pub fn renames(mut self, renames: &'f Renames) -> Self {
        self.renames = Some(renames).filter(|renames| !renames.is_empty());
        self
    }

    /// Counts flat values only, which looks at the leaf of a stack and not at all of it. Cumulative values are 0.
    pub fn flat_only(mut self) -> Self {
        self.flat_only = true;
        self
    }

    /// Keeps the distinct stacks, as [`SiteTable::stacks`].
    pub fn keep_stacks(mut self) -> Self {
        self.keeps_stacks = true;
        self
    }

    /// Keeps the buckets of each profile, as [`SiteTable::runs`].
    pub fn keep_runs(mut self) -> Self {
        self.keeps_runs = true;
        self
    }

    /// Divides the values of the table by the number of profiles.
    pub fn per_profile(mut self) -> Self {
        self.per_profile = true;
        self
    }

    /// The live values of all profiles so far.
    pub fn total(&self) -> Values {
        self.total
    }

    /// What was noticed so far.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }

    /// Makes room for the stacks of a file of this size: those of small files get little.
    pub fn note_file(&mut self, bytes: u64) {
        self.stacks.note_file(bytes);
    }

    /// Adds the samples of a profile.
    pub fn add(&mut self, profile: &Profile) {
        self.add_samples(profile, profile.samples().count(), |add| profile.samples().for_each(add));
    }

    /// Adds the samples of a profile, and frees them on the way.
    pub fn absorb(&mut self, mut profile: Profile) {
        let samples = profile.take_samples();
        self.add_samples(&profile, samples.count(), |add| samples.drain(add));
    }

    fn add_samples(&mut self, profile: &Profile, count: usize, samples: impl FnOnce(&mut dyn FnMut(&Sample<'_>))) {
        self.counted = self.counted.and(profile.counted());
        self.observed.is_allocation = profile.header().is_allocation;
        self.start_lines.note(profile);
        if self.index.granularity == Granularity::Owner && profile.header().format == InputFormat::Goref {
            self.index.granularity = Granularity::Roots;
        }
        let (mut stacks, error) = VisibleStacks::new(profile);
        if let Some(error) = error {
            self.observed.bad_drop_frames.get_or_insert(error.to_string());
        }
        let mut filter = FilterPass::new(self.filter, profile, self.renames, &mut stacks);
        let trim = &self.filter.trim_path;
        let mut frames = FrameLines::new(profile, &stacks, trim, self.renames, self.own, self.arena);
        let mut quality = ProfileQuality::new(profile);
        let mut bucket_reader = self.buckets.start(profile);
        self.cells.reserve_exact(count);
        self.buckets.list.reserve_exact(count);
        let (first_cell, first_bucket) = (self.cells.len(), self.buckets.list.len());
        let (mut filtered, mut runtime_frames) = (Vec::new(), Interner::default());
        samples(&mut |sample| {
            let bucket = bucket_reader.bucket(profile, sample);
            let beyond = sample
                .allocated_space
                .is_some_and(|allocated| sample.space.saturating_sub(allocated) > MAX_ROUNDING_BYTES);
            self.observed.live_beyond_allocated += u64::from(beyond);
            let Some(stack) = filter.pass(stacks.visible(sample.stack), sample.block_size) else {
                // It has no site, but still tells processes apart.
                filtered.push(bucket);
                return;
            };
            quality.note_sample(sample);
            self.observed.negative_samples += u64::from(sample.objects < 0 || sample.space < 0);
            let values = Sum64 { objects: sample.objects, space: sample.space };
            self.total += values.values();
            let owner = frames.owner(stack);
            let [line_frame, owner_frame, allocator_frame] =
                frames.frames_of_cell(stack, owner, self.index.granularity);
            if let StackOwner::Runtime(_, class) = owner {
                runtime_frames.insert(if owner_frame == NONE { line_frame } else { owner_frame }, class);
            }
            let (line, owner_line, allocator) = (line_frame, owner_frame, allocator_frame);
            self.cells.push(Cell { site: NONE, line, owner: owner_line, allocator, sum: values });
            self.buckets.list.push(bucket);
            if !self.flat_only {
                self.count_callers(&mut frames, stack, line_frame, values);
            }
            if self.keeps_stacks {
                self.keep_stack(&mut frames, stack, owner.frame(), values.values());
            }
        });
        frames.look_up_marked(&mut self.index);
        for (cell, bucket) in self.cells[first_cell..].iter_mut().zip(&mut self.buckets.list[first_bucket..]) {
            let line = frames.line(cell.line, &mut self.index);
            let others = [cell.owner, cell.allocator];
            let others = others.map(|at| if at == NONE { NONE } else { frames.line(at, &mut self.index) });
            *cell = Cell::new(self.index.site_of(line), line, others, cell.sum);
            bucket.site = cell.site;
        }
        for (&frame, &class) in &runtime_frames {
            self.runtime_lines.insert(frames.line(frame, &mut self.index), class);
        }
        self.buckets.list.append(&mut filtered);
        if self.keeps_runs {
            self.runs.push(Buckets::of_one(profile, self.buckets.list[first_bucket..].to_vec()));
        }
        quality.finish(&mut self.observed);
        // Of many profiles, only the memory of what they do not have in common.
        if self.cells.len() > 2 * self.merged_cells {
            self.merge();
        }
        let mut hits = filter.hits();
        hits.note(FilterKind::TrimPath, self.filter.trim_path.matches_any(profile));
        self.observed.filter_hits.add(hits);
        self.observed.own_hits.resize(frames.own_hits().len(), false);
        self.observed.own_hits.iter_mut().zip(frames.own_hits()).for_each(|(known, &hit)| *known |= hit);
    }

    /// Adds a sample to the cumulative values of all sites on its stack, and of the site it belongs to, whose name need
    /// not be on the stack. `line`: the frame of its cell.
    fn count_callers(&mut self, frames: &mut FrameLines<'_, 'p>, stack: &[LocationId], line: FrameId, values: Sum64) {
        self.cum.next_sample();
        for &id in stack {
            for frame in frames.frames(id) {
                let line = frames.line(frame, &mut self.index);
                self.cum.add(self.index.site_of(line), values);
            }
        }
        let line = frames.line(line, &mut self.index);
        self.cum.add(self.index.site_of(line), values);
    }

    /// Adds a sample to its stack.
    fn keep_stack(
        &mut self,
        frames: &mut FrameLines<'_, 'p>,
        stack: &[LocationId],
        owner_frame: FrameId,
        values: Values,
    ) {
        let lines = &mut self.stacks.next;
        let mut owner = NONE;
        lines.clear();
        for &id in stack {
            if lines.len() >= MAX_DEPTH {
                break;
            }
            for frame in frames.frames(id) {
                if owner == NONE && frame == owner_frame {
                    owner = index(lines.len());
                }
                lines.push(frames.line(frame, &mut self.index));
            }
        }
        if stack.is_empty() {
            lines.push(frames.line(frames.no_stack(), &mut self.index));
        }
        self.stacks.add_next(owner, values);
    }

    /// Adds up the cells, and the buckets, that belong together.
    fn merge(&mut self) {
        cells::merge(&mut self.cells);
        self.buckets.merge();
        self.merged_cells = self.cells.len();
    }

    /// The table of all profiles added.
    pub fn finish(mut self) -> SiteTable<'p> {
        self.merge();
        let mut table = SiteTable {
            index: self.index,
            counted: self.counted,
            cells: self.cells,
            cells_start: Vec::new(),
            lines_by_site: Vec::new(),
            cum: self.cum,
            stacks: self.stacks,
            scale: match self.per_profile {
                true => Scale::PerProfile(self.buckets.profiles().max(1)),
                false => Scale::Sum,
            },
            buckets: self.buckets,
            runs: self.runs,
            total: self.total,
            observed: self.observed,
            start_lines: self.start_lines,
            runtime_lines: self.runtime_lines,
        };
        table.group_by_site();
        table
    }
}

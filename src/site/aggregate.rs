//! Adds the samples of profiles up by site: flat, cumulative, by line and by owner, in one pass.
//!
//! A large profile has millions of frames on its stacks, and each costs a look at what its line is and
//! an addition to its site. Both stand in small arrays of their own; a name is hashed once for its function.

use std::collections::HashMap;

use super::apply_filter::FilterPass;
use super::bucket::Buckets;
use super::chain::{Chains, DEEPEST};
use super::filter::{Filter, FilterKind};
use super::frames::{Frame, Frames};
use super::lines::{Code, LineKey, Lines, index};
use super::own::{ALL, Own};
use super::quality::ProfileQuality;
use super::stack::Stacks;
use super::{FirstLines, Granularity, Interner, LineAnchor, Names, Observed, SiteKey, SiteTable, Values};
use crate::order::group;
use crate::profile::{Counted, LocationId, Profile, Sample};

/// Adds up the profiles of one side.
pub struct Aggregator<'p, 'f> {
    filter: &'f Filter,
    pub(super) names: &'p Names,
    own: &'f Own,
    pub(super) granularity: Granularity,
    pub(super) lines: Lines<'p>,
    sites: Interner<SiteKey<'p>, ()>,
    site_of_line: Vec<u32>,
    /// Whether only what sites allocate themselves is counted.
    flat_only: bool,
    /// Whether stacks are kept.
    keeps_stacks: bool,
    chains: Chains,
    counted: MetricsPresent,
    per_profile: bool,
    /// By site: cumulative values, and the last sample that counted, from 1: a recursive one counts once.
    sums: Vec<(Sum, u64)>,
    samples: u64,
    parts: Vec<Part>,
    /// So many of them were merged.
    merged: usize,
    buckets: Buckets,
    /// Cumulative sums that left 64 bits, to be added.
    carried: HashMap<u32, Values>,
    total: Values,
    observed: Observed,
    first_lines: FirstLines,
}

/// What was allocated at a line for an owner: a sample's share, or that of several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Index of the line.
    pub(super) line: u32,
    /// That of the owner's line, or [`NONE`].
    pub(super) owner: u32,
    pub(super) sum: Sum,
}

pub(super) const NONE: u32 = u32::MAX;

/// A sum that mostly stays within 64 bits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    objects: i64,
    space: i64,
}

impl Sum {
    /// Adds to the sum; not if it would leave 64 bits.
    #[inline(always)]
    pub(super) fn add(&mut self, objects: i64, space: i64) -> bool {
        let sums = self.objects.checked_add(objects).zip(self.space.checked_add(space));
        (self.objects, self.space) = sums.unwrap_or((self.objects, self.space));
        sums.is_some()
    }

    pub(super) fn values(&self) -> Values {
        Values { objects: self.objects.into(), space: self.space.into() }
    }
}

impl<'p, 'f> Aggregator<'p, 'f> {
    /// Nothing yet. `names`: where the names of the table will live.
    pub fn new(granularity: Granularity, filter: &'f Filter, names: &'p Names) -> Self {
        Aggregator {
            filter,
            names,
            own: &ALL,
            granularity,
            lines: Lines::default(),
            sites: Interner::default(),
            site_of_line: Vec::new(),
            flat_only: false,
            keeps_stacks: false,
            chains: Chains::default(),
            counted: MetricsPresent::BOTH,
            per_profile: false,
            sums: Vec::new(),
            samples: 0,
            parts: Vec::new(),
            merged: 0,
            buckets: Buckets::default(),
            carried: HashMap::new(),
            total: Values::default(),
            observed: Observed::default(),
            first_lines: FirstLines::default(),
        }
    }

    /// Takes for the program's own code what this says; without it, all but Go's library.
    pub fn own(mut self, own: &'f Own) -> Self {
        self.own = own;
        self
    }

    /// Counts only what sites allocate themselves, which takes a look at the leaf of a stack and not at
    /// the whole. Cumulative values are 0 then.
    pub fn flat_only(mut self) -> Self {
        self.flat_only = true;
        self
    }

    /// Keeps the stacks, too: the table has them as [`SiteTable::chains`].
    pub fn keep_stacks(mut self) -> Self {
        self.keeps_stacks = true;
        self
    }

    /// Divides the values of the table by how many profiles were added.
    pub fn per_profile(mut self) -> Self {
        self.per_profile = true;
        self
    }

    /// The live values of all that was added so far.
    pub fn total(&self) -> Values {
        self.total
    }

    /// Adds the samples of a profile.
    pub fn add(&mut self, profile: &Profile) {
        self.add_samples(profile, profile.samples().count(), |add| profile.samples().for_each(add));
    }

    /// Likewise, and gives back the memory of the samples on the way.
    pub fn absorb(&mut self, mut profile: Profile) {
        let samples = profile.take_samples();
        self.add_samples(&profile, samples.count(), |add| samples.drain(add));
    }

    fn add_samples(&mut self, profile: &Profile, count: usize, samples: impl FnOnce(&mut dyn FnMut(&Sample<'_>))) {
        self.counted = self.counted.and(profile.counted());
        let (mut stacks, error) = Stacks::new(profile);
        if let Some(error) = error {
            self.observed.bad_drop_frames.get_or_insert(error.to_string());
        }
        self.first_lines.note(profile);
        let mut sieve = FilterPass::new(self.filter, profile, &mut stacks);
        let mut frames = Frames::new(profile, &stacks, &self.filter.trim_path, self.own);
        let own_lines = frames.own_lines(&stacks);
        let mut watch = ProfileQuality::new(profile);
        let first_part = self.parts.len();
        let first_bucket = self.buckets.list.len();
        let mut sampling = self.buckets.start(profile);
        let mut filtered = Vec::new();
        self.parts.reserve_exact(count);
        self.buckets.list.reserve_exact(count);
        if self.keeps_stacks {
            // All that is alive is on stacks.
            self.lines.reserve(profile.functions().len(), stacks.all_lines().len());
            self.chains.reserve(count);
        }
        samples(&mut |sample| {
            let bucket = sampling.bucket(profile, sample);
            let Some(stack) = sieve.pass(stacks.visible(sample.stack), sample.block_size) else {
                // Of no site, and yet of the process.
                filtered.push(bucket);
                return;
            };
            watch.sample(sample);
            self.samples += 1;
            if sample.objects < 0 || sample.space < 0 {
                self.observed.negative_samples += 1;
            }
            self.total += Values { objects: sample.objects.into(), space: sample.space.into() };
            let leaf = stack.first().map_or_else(|| frames.no_stack(), |&id| frames.innermost(id, stacks.lines(id)));
            let owner = stack.iter().map(|id| own_lines[id.index()]).find(|&owner| owner != NONE);
            // A leaf in own code is its own owner.
            let (line, owner) = match self.granularity {
                Granularity::Owner => (owner.unwrap_or(leaf), NONE),
                _ => (leaf, owner.filter(|&owner| owner != leaf).unwrap_or(NONE)),
            };
            for frame in [line, owner].into_iter().filter(|&frame| frame != NONE) {
                frames.mark(frame);
            }
            // Frames for the time being, and lines below.
            self.parts.push(Part { line, owner, sum: Sum { objects: sample.objects, space: sample.space } });
            self.buckets.list.push(bucket);
            if !self.flat_only {
                self.count_callers(&mut frames, &stacks, stack, sample);
            }
            if self.keeps_stacks {
                self.keep(&mut frames, &stacks, stack, &own_lines, sample);
            }
        });
        drop(own_lines);
        watch.finish(&mut self.observed);
        frames.look_up_marked(self);
        for at in first_part..self.parts.len() {
            let Part { line, owner, sum } = self.parts[at];
            let line = frames.line(line, self);
            let owner = if owner == NONE { NONE } else { frames.line(owner, self) };
            self.parts[at] = Part { line, owner: if owner == line { NONE } else { owner }, sum };
            self.buckets.list[first_bucket + at - first_part].site = self.site_of(line);
        }
        self.buckets.list.append(&mut filtered);
        // Of many profiles, the memory of what they have in common.
        if self.parts.len() > 2 * self.merged {
            self.merge();
            self.buckets.merge();
        }
        let mut hits = sieve.hits();
        hits.note(FilterKind::TrimPath, self.filter.trim_path.matches_any(profile));
        self.observed.filter_hits.add(hits);
        self.observed.own_hits.resize(frames.own_hits.len(), false);
        self.observed.own_hits.iter_mut().zip(&frames.own_hits).for_each(|(known, &hit)| *known |= hit);
    }

    /// Sorts the parts by site and adds up those of the same line and owner.
    fn merge(&mut self) {
        merge(&mut self.parts, self.lines.len(), &self.site_of_line);
        self.merged = self.parts.len();
    }

    /// The table of all that was added.
    pub fn finish(mut self) -> SiteTable<'p> {
        self.merge();
        self.buckets.merge();
        let mut table = SiteTable {
            granularity: self.granularity,
            counted: self.counted,
            lines: self.lines,
            sites: self.sites,
            sums: self.sums.into_iter().map(|(sum, _)| sum).collect(),
            carried: self.carried,
            parts: self.parts,
            first_cell: Vec::new(),
            lines_by_site: Vec::new(),
            site_of_line: self.site_of_line,
            per_profile: self.per_profile.then(|| self.buckets.profiles().max(1)),
            buckets: self.buckets,
            chains: self.chains,
            total: self.total,
            observed: self.observed,
            first_lines: self.first_lines,
        };
        table.lay_out();
        table
    }

    /// Adds a sample to the cumulative values of all its frames.
    fn count_callers(
        &mut self,
        frames: &mut Frames<'_>,
        stacks: &Stacks<'_>,
        stack: &[LocationId],
        sample: &Sample<'_>,
    ) {
        let mut last = None;
        for &id in stack {
            // A function that calls itself counts once anyway.
            if last.replace(id) == Some(id) {
                continue;
            }
            let lines = stacks.lines(id);
            let innermost = frames.innermost(id, lines.clone());
            for frame in std::iter::once(innermost).chain(lines.skip(1)) {
                let line = frames.line(frame, self);
                self.count_cum(line, sample);
            }
        }
        if stack.is_empty() {
            let line = frames.line(frames.no_stack(), self);
            self.count_cum(line, sample);
        }
    }

    /// Adds a sample to its stack.
    fn keep(
        &mut self,
        frames: &mut Frames<'_>,
        stacks: &Stacks<'_>,
        stack: &[LocationId],
        own_lines: &[Frame],
        sample: &Sample<'_>,
    ) {
        let mut owner = NONE;
        self.chains.next.clear();
        for &id in stack {
            if self.chains.next.len() >= DEEPEST {
                break;
            }
            let lines = stacks.lines(id);
            let innermost = frames.innermost(id, lines.clone());
            for frame in std::iter::once(innermost).chain(lines.skip(1)) {
                if owner == NONE && frame == own_lines[id.index()] {
                    owner = index(self.chains.next.len());
                }
                let line = frames.line(frame, self);
                self.chains.next.push(line);
            }
        }
        if stack.is_empty() {
            let line = frames.line(frames.no_stack(), self);
            self.chains.next.push(line);
        }
        self.chains.add(owner, Values { objects: sample.objects.into(), space: sample.space.into() });
    }

    #[inline(always)]
    fn site_of(&self, line: u32) -> u32 {
        match self.granularity {
            Granularity::Lines => line,
            _ => self.site_of_line[line as usize],
        }
    }

    #[inline(always)]
    fn count_cum(&mut self, line: u32, sample: &Sample<'_>) {
        let site = self.site_of(line);
        let (sum, counted) = &mut self.sums[site as usize];
        if *counted == self.samples {
            return;
        }
        *counted = self.samples;
        if !sum.add(sample.objects, sample.space) {
            *self.carried.entry(site).or_default() += sum.values();
            *sum = Sum { objects: sample.objects, space: sample.space };
        }
    }

    /// A line of code, and through it its site. `file`: the index of the file.
    pub(super) fn line(&mut self, key: LineKey, file: u32, line: i64) -> u32 {
        let (at, new) = self.lines.intern(key, file, line);
        if new {
            let site = match self.granularity {
                Granularity::Lines => at,
                granularity => {
                    let line = self.lines.get(at as usize);
                    index(self.sites.insert_full(site_key(granularity, line.key, line.file), ()).0)
                }
            };
            if self.granularity != Granularity::Lines {
                self.site_of_line.push(site);
            }
            if !self.flat_only && site as usize == self.sums.len() {
                self.sums.push(<(Sum, u64)>::default());
            }
        }
        at
    }

    /// The line of code that has no lines: of code without a symbol, or of no code.
    pub(super) fn whole(&mut self, code: Code<'_>) -> u32 {
        let (code, file) = (self.lines.code(code, self.names), self.lines.file(b"", self.names));
        self.line(LineKey::new(code, LineAnchor::Unknown, file), file, 0)
    }
}

/// Sorts parts by site and adds up those of the same line and owner. `site_of_line`: none where a line is a site.
pub(super) fn merge(parts: &mut Vec<Part>, lines: usize, site_of_line: &[u32]) {
    let site_of = |line: u32| site_of_line.get(line as usize).copied().unwrap_or(line);
    if !parts.is_sorted_by_key(|part| (site_of(part.line), part.line, part.owner)) {
        // There are no more sites than lines.
        counting_sort_by(parts, lines, |part| site_of(part.line));
        let of_a_site = parts.chunk_by_mut(|a, b| site_of(a.line) == site_of(b.line)).filter(|parts| parts.len() > 1);
        of_a_site.for_each(|parts| parts.sort_unstable_by_key(|part| (part.line, part.owner)));
    }
    // What would leave 64 bits stays in two parts.
    parts.dedup_by(|part, sum| {
        (part.line, part.owner) == (sum.line, sum.owner) && sum.sum.add(part.sum.objects, part.sum.space)
    });
}

/// The site that a line of a file belongs to.
pub fn site_key<'p>(granularity: Granularity, line: SiteKey<'p>, file: &'p [u8]) -> SiteKey<'p> {
    match (granularity, line) {
        (Granularity::Functions | Granularity::Owner, SiteKey::Line(name, _)) => SiteKey::Function(name),
        (Granularity::Files, SiteKey::Line(..)) => SiteKey::File(file),
        (Granularity::Packages, SiteKey::Line(name, _)) => {
            name.package().map_or(SiteKey::Binary(b""), SiteKey::Package)
        }
        (Granularity::Files | Granularity::Packages, SiteKey::Address { binary, .. }) => SiteKey::Binary(binary),
        _ => line,
    }
}

//! Adds the samples of profiles up by site: flat, cumulative, by line and by owner, in one pass.
//!
//! A large profile has millions of frames on its stacks, and each costs a look at what its line is and
//! an addition to its site. Both stand in small arrays of their own; names are hashed once for each
//! distinct frame.

use std::collections::HashMap;

use super::filter::{Filter, Sieve};
use super::key::base_name;
use super::lines::{Code, LineKey, Lines, index};
use super::stack::Stacks;
use super::{Granularity, Interner, Name, Observed, Place, SiteKey, SiteTable, Values, is_standard};
use crate::profile::{Function, Line, LocationId, Profile, Sample, Samples, StrId};

/// Adds up the profiles of one side.
pub struct Aggregator<'p, 'f> {
    filter: &'f Filter,
    granularity: Granularity,
    lines: Lines<'p>,
    sites: Interner<SiteKey<'p>, ()>,
    site_of_line: Vec<u32>,
    /// Whether only what sites allocate themselves is counted.
    flat_only: bool,
    /// By site: cumulative values, and the last sample that counted, from 1: a recursive one counts once.
    sums: Vec<(Sum, u64)>,
    samples: u64,
    /// By site, line and owner's line.
    cells: Interner<CellKey, Sum>,
    /// Sums that left 64 bits.
    carried: Carried,
    total: Values,
    observed: Observed,
}

/// Indexes of a site, a line and the owner's line, or [`NONE`].
pub(super) type CellKey = (u32, u32, u32);

pub(super) const NONE: u32 = u32::MAX;

/// A sum that mostly stays within 64 bits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    objects: i64,
    space: i64,
}

impl Sum {
    /// Adds to the sum, and gives what it was, to be kept elsewhere, if it would leave 64 bits.
    #[inline(always)]
    fn add(&mut self, objects: i64, space: i64) -> Option<Values> {
        let sums = self.objects.checked_add(objects).zip(self.space.checked_add(space));
        let carried = if sums.is_none() { Some(self.values()) } else { None };
        (self.objects, self.space) = sums.unwrap_or((objects, space));
        carried
    }

    pub(super) fn values(&self) -> Values {
        Values { objects: self.objects.into(), space: self.space.into() }
    }
}

/// Parts of sums that left 64 bits, to be added.
#[derive(Debug, Default)]
pub(super) struct Carried {
    pub(super) sites: HashMap<u32, Values>,
    pub(super) cells: HashMap<CellKey, Values>,
}

/// A line by its index, and whether it is the program's own code, neither Go's library nor of another
/// language. In 32 bits, so that those of a large profile fit into a cache.
#[derive(Clone, Copy, PartialEq, Eq)]
struct LineRef(u32);

impl LineRef {
    const OWN: u32 = 1 << 31;
    /// One that was not looked up.
    const UNKNOWN: LineRef = LineRef(u32::MAX);

    fn new(index: u32, own: bool) -> Self {
        LineRef(if own { index | Self::OWN } else { index })
    }

    fn index(self) -> u32 {
        self.0 & !Self::OWN
    }

    fn is_own(self) -> bool {
        self.0 & Self::OWN != 0
    }
}

impl<'p, 'f> Aggregator<'p, 'f> {
    /// Nothing yet.
    pub fn new(granularity: Granularity, filter: &'f Filter) -> Self {
        Aggregator {
            filter,
            granularity,
            lines: Lines::default(),
            sites: Interner::default(),
            site_of_line: Vec::new(),
            flat_only: false,
            sums: Vec::new(),
            samples: 0,
            cells: Interner::default(),
            carried: Carried::default(),
            total: Values::default(),
            observed: Observed::default(),
        }
    }

    /// Counts only what sites allocate themselves, which takes a look at the leaf of a stack and not at
    /// the whole. Cumulative values are 0 then.
    pub fn flat_only(mut self) -> Self {
        self.flat_only = true;
        self
    }

    /// Adds the samples of `profile`.
    pub fn add(&mut self, profile: &'p Profile) {
        self.add_samples(profile, profile.samples());
    }

    /// Adds samples that were taken out of `profile`.
    pub fn add_samples(&mut self, profile: &'p Profile, samples: &Samples) {
        let (stacks, error) = Stacks::new(profile);
        if let Some(error) = error {
            self.observed.bad_drop_frames.get_or_insert(error.to_string());
        }
        let mut sieve = Sieve::new(self.filter, profile, &stacks);
        let mut frames = Frames::new(profile, self);
        for sample in samples.iter() {
            let stack = stacks.visible(sample.stack);
            if !sieve.passes(stack) {
                continue;
            }
            self.samples += 1;
            if sample.objects < 0 || sample.space < 0 {
                self.observed.negative_samples += 1;
            }
            self.total += Values { objects: sample.objects.into(), space: sample.space.into() };
            let (leaf, owner) = if self.flat_only {
                frames.ends(&stacks, stack, self)
            } else {
                self.count_callers(&mut frames, &stacks, stack, &sample)
            };
            self.count_flat(leaf, owner, &sample);
        }
        self.observed.filter_hits.focus |= sieve.hits.focus;
        self.observed.filter_hits.ignore |= sieve.hits.ignore;
    }

    /// The table of all that was added.
    pub fn finish(mut self) -> SiteTable<'p> {
        self.cells.sort_unstable_keys();
        let count = match self.granularity {
            Granularity::Lines => self.lines.len(),
            _ => self.sites.len(),
        };
        let mut first_cell = vec![0; count + 1];
        self.cells.keys().for_each(|&(site, ..)| first_cell[site as usize + 1] += 1);
        let mut sum = 0;
        first_cell.iter_mut().for_each(|count| {
            sum += *count;
            *count = sum;
        });
        let mut lines_by_site: Vec<_> = (0..index(self.site_of_line.len())).collect();
        lines_by_site.sort_by_key(|&line| self.site_of_line[line as usize]);
        SiteTable {
            granularity: self.granularity,
            lines: self.lines,
            sites: self.sites,
            sums: self.sums.into_iter().map(|(sum, _)| sum).collect(),
            carried: self.carried,
            cells: self.cells.into_boxed_slice(),
            first_cell,
            lines_by_site,
            site_of_line: self.site_of_line,
            total: self.total,
            observed: self.observed,
        }
    }

    /// Adds a sample to the cumulative values of all its frames; gives the leaf and the owner.
    fn count_callers(
        &mut self,
        frames: &mut Frames<'p>,
        stacks: &Stacks<'p>,
        stack: &[LocationId],
        sample: &Sample<'_>,
    ) -> (LineRef, Option<LineRef>) {
        let (mut leaf, mut owner) = (None, None);
        let mut frame = |line: LineRef, table: &mut Self| {
            leaf.get_or_insert(line);
            if line.is_own() {
                owner.get_or_insert(line);
            }
            table.count_cum(line, sample);
        };
        for &id in stack {
            let lines = stacks.lines(id);
            if lines.is_empty() {
                frame(frames.address(id, self), self);
            }
            for at in lines {
                frame(frames.line(at, self), self);
            }
        }
        let leaf = leaf.unwrap_or_else(|| {
            let line = self.whole(Code::NoStack);
            self.count_cum(line, sample);
            line
        });
        (leaf, owner)
    }

    fn count_flat(&mut self, leaf: LineRef, owner: Option<LineRef>, sample: &Sample<'_>) {
        let (at, owner) = match self.granularity {
            Granularity::Owner => (owner.unwrap_or(leaf), NONE),
            // A leaf in own code is its own owner.
            _ => (leaf, owner.filter(|&owner| owner != leaf).map_or(NONE, LineRef::index)),
        };
        let key = (self.site_of(at), at.index(), owner);
        if let Some(carried) = self.cells.entry(key).or_default().add(sample.objects, sample.space) {
            *self.carried.cells.entry(key).or_default() += carried;
        }
    }

    #[inline(always)]
    fn site_of(&self, line: LineRef) -> u32 {
        match self.granularity {
            Granularity::Lines => line.index(),
            _ => self.site_of_line[line.index() as usize],
        }
    }

    #[inline(always)]
    fn count_cum(&mut self, line: LineRef, sample: &Sample<'_>) {
        let site = self.site_of(line);
        let (sum, counted) = &mut self.sums[site as usize];
        if *counted == self.samples {
            return;
        }
        *counted = self.samples;
        if let Some(carried) = sum.add(sample.objects, sample.space) {
            *self.carried.sites.entry(site).or_default() += carried;
        }
    }

    /// A line of code, and through it its site. `file`: the index of the file.
    fn line(&mut self, key: LineKey, file: u32, line: i64, own: bool) -> LineRef {
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
        LineRef::new(at, own)
    }

    /// The line of code that has no lines: of code without a symbol, or of no code.
    fn whole(&mut self, code: Code<'p>) -> LineRef {
        let (code, file) = (self.lines.code(code), self.lines.file(b""));
        self.line(LineKey::new(code, Place::Unknown, file), file, 0, false)
    }
}

/// The site that a line belongs to.
fn site_key<'p>(granularity: Granularity, line: SiteKey<'p>, file: &'p [u8]) -> SiteKey<'p> {
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

/// What the frames of one profile are, looked up once each.
struct Frames<'p> {
    profile: &'p Profile,
    is_go: bool,
    functions: Vec<FunctionRef>,
    /// By index in [`Profile::lines`].
    of_line: Vec<LineRef>,
    of_address: HashMap<LocationId, LineRef>,
}

/// A function of a profile: the indexes of its name and its file, and whether it is the program's own.
#[derive(Clone, Copy)]
struct FunctionRef {
    code: u32,
    file: u32,
    own: bool,
}

impl<'p> Frames<'p> {
    fn new(profile: &'p Profile, table: &mut Aggregator<'p, '_>) -> Self {
        let all = profile.functions();
        // Only Go's names tell a library from the program's own code.
        let is_go = all.iter().any(|function| profile.string(function.filename).ends_with(b".go"));
        table.lines.reserve(all.len(), profile.lines().len());
        let mut last_file = (StrId::default(), table.lines.file(b""));
        // All at once, in the order in which their names stand in memory; most are in the file of the one before.
        let function = |function: &Function| {
            let name = Name::new(profile.string(function.name));
            if last_file.0 != function.filename {
                last_file = (function.filename, table.lines.file(profile.string(function.filename)));
            }
            FunctionRef {
                code: table.lines.code(Code::Function(name)),
                file: last_file.1,
                own: is_go && name.package().is_some_and(|package| !is_standard(package)),
            }
        };
        let functions = all.iter().map(function).collect();
        let of_line = vec![LineRef::UNKNOWN; profile.lines().len()];
        Frames { profile, is_go, functions, of_line, of_address: HashMap::new() }
    }

    #[inline(always)]
    fn line(&mut self, at: u32, table: &mut Aggregator<'p, '_>) -> LineRef {
        let known = self.of_line[at as usize];
        if known != LineRef::UNKNOWN {
            return known;
        }
        let line = self.symbol(at, table);
        self.of_line[at as usize] = line;
        line
    }

    /// The leaf of a visible stack, and its owner; frames that are neither are not looked up.
    fn ends(
        &mut self,
        stacks: &Stacks<'p>,
        stack: &[LocationId],
        table: &mut Aggregator<'p, '_>,
    ) -> (LineRef, Option<LineRef>) {
        let Some((&id, callers)) = stack.split_first() else { return (table.whole(Code::NoStack), None) };
        let mut lines = stacks.lines(id);
        let leaf = match lines.next() {
            Some(at) => self.line(at, table),
            None => self.address(id, table),
        };
        if leaf.is_own() || !self.is_go {
            return (leaf, Some(leaf).filter(|leaf| leaf.is_own()));
        }
        let own = |&at: &u32| self.functions[self.profile.lines()[at as usize].function.index()].own;
        let owner = lines.find(own).or_else(|| callers.iter().find_map(|&id| stacks.lines(id).find(own)));
        (leaf, owner.map(|at| self.line(at, table)))
    }

    fn address(&mut self, id: LocationId, table: &mut Aggregator<'p, '_>) -> LineRef {
        let profile = self.profile;
        *self.of_address.entry(id).or_insert_with(|| table.whole(address(profile, id)))
    }

    #[inline(never)]
    fn symbol(&self, at: u32, table: &mut Aggregator<'p, '_>) -> LineRef {
        let Line { function, line } = self.profile.lines()[at as usize];
        let FunctionRef { code, file, own } = self.functions[function.index()];
        let name = |function: &Function| self.profile.string(function.filename);
        let function = self.profile.function(function);
        let place = match (function.start_line, line) {
            (0, line) => Place::Absolute { file: name(function), line },
            (_, 0) => Place::Unknown,
            (start, line) => match line.checked_sub(start) {
                Some(offset) if table.granularity == Granularity::Files => {
                    Place::InFile { file: name(function), offset }
                }
                Some(offset) => Place::Offset(offset),
                None => Place::Unknown,
            },
        };
        table.line(LineKey::new(code, place, file), file, line, own)
    }
}

fn address(profile: &Profile, id: LocationId) -> Code<'_> {
    let location = profile.location(id);
    match location.mapping {
        Some(mapping) => {
            let mapping = profile.mapping(mapping);
            let offset = location.address.wrapping_sub(mapping.memory_start).wrapping_add(mapping.file_offset);
            Code::Address { binary: base_name(profile.string(mapping.filename)), offset }
        }
        None => Code::Address { binary: b"", offset: location.address },
    }
}

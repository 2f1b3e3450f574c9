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
use super::{Cell, Granularity, Interner, Name, Observed, Place, SiteKey, SiteTable, Values, is_standard};
use crate::profile::{Function, Line, LocationId, Profile, StrId};

const NONE: u32 = u32::MAX;

/// Adds up the profiles of one side.
pub struct Aggregator<'p, 'f> {
    filter: &'f Filter,
    granularity: Granularity,
    lines: Lines<'p>,
    sites: Interner<SiteKey<'p>, ()>,
    site_of_line: Vec<u32>,
    /// By site.
    sums: Vec<Sum>,
    /// Sums that left 64 bits, by site.
    carried: HashMap<u32, Values>,
    samples: u64,
    /// By site, line and owner's line.
    cells: Interner<(u32, u32, u32), Values>,
    total: Values,
    observed: Observed,
}

/// The cumulative values of a site.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    /// The last sample that counted, from 1: a recursive one counts once.
    sample: u64,
    objects: i64,
    space: i64,
}

impl Sum {
    pub(super) fn values(&self) -> Values {
        Values { objects: self.objects.into(), space: self.space.into() }
    }
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
            sums: Vec::new(),
            carried: HashMap::new(),
            samples: 0,
            cells: Interner::default(),
            total: Values::default(),
            observed: Observed::default(),
        }
    }

    /// Adds the samples of `profile`.
    pub fn add(&mut self, profile: &'p Profile) {
        let (stacks, error) = Stacks::new(profile);
        if let Some(error) = error {
            self.observed.bad_drop_frames.get_or_insert(error.to_string());
        }
        let mut sieve = Sieve::new(self.filter, profile, &stacks);
        let mut frames = Frames::new(profile, self);
        for sample in profile.samples() {
            let stack = stacks.visible(sample.stack);
            if !sieve.passes(stack) {
                continue;
            }
            self.samples += 1;
            if sample.objects < 0 || sample.space < 0 {
                self.observed.negative_samples += 1;
            }
            self.total += Values { objects: sample.objects.into(), space: sample.space.into() };
            let (mut leaf, mut owner) = (None, None);
            let mut frame = |line: LineRef, table: &mut Self| {
                leaf.get_or_insert(line);
                if line.is_own() {
                    owner.get_or_insert(line);
                }
                table.count_cum(line, sample.objects, sample.space);
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
                self.count_cum(line, sample.objects, sample.space);
                line
            });
            self.count_flat(leaf, owner, Values { objects: sample.objects.into(), space: sample.space.into() });
        }
        self.observed.filter_hits.focus |= sieve.hits.focus;
        self.observed.filter_hits.ignore |= sieve.hits.ignore;
    }

    /// The table of all that was added.
    pub fn finish(self) -> SiteTable<'p> {
        let owner = |owner: u32| (owner != NONE).then_some(owner);
        let cells = self.cells.iter();
        let mut cells: Vec<_> =
            cells.map(|(&(site, line, by), &values)| Cell { site, line, owner: owner(by), values }).collect();
        cells.sort_unstable_by_key(|cell| (cell.site, cell.line, cell.owner));
        let mut first_cell = vec![0; self.sums.len() + 1];
        cells.iter().for_each(|cell| first_cell[cell.site as usize + 1] += 1);
        let mut sum = 0;
        first_cell.iter_mut().for_each(|count| {
            sum += *count;
            *count = sum;
        });
        let mut lines_by_site: Vec<_> = (0..index(self.lines.len())).collect();
        lines_by_site.sort_by_key(|&line| self.site_of_line[line as usize]);
        SiteTable {
            granularity: self.granularity,
            lines: self.lines,
            sites: self.sites,
            sums: self.sums,
            carried: self.carried,
            cells,
            first_cell,
            lines_by_site,
            site_of_line: self.site_of_line,
            total: self.total,
            observed: self.observed,
        }
    }

    fn count_flat(&mut self, leaf: LineRef, owner: Option<LineRef>, values: Values) {
        let (at, owner) = match self.granularity {
            Granularity::Owner => (owner.unwrap_or(leaf), NONE),
            // A leaf in own code is its own owner.
            _ => (leaf, owner.filter(|&owner| owner != leaf).map_or(NONE, LineRef::index)),
        };
        let key = (self.site_of(at), at.index(), owner);
        *self.cells.entry(key).or_default() += values;
    }

    #[inline(always)]
    fn site_of(&self, line: LineRef) -> u32 {
        match self.granularity {
            Granularity::Lines => line.index(),
            _ => self.site_of_line[line.index() as usize],
        }
    }

    #[inline(always)]
    fn count_cum(&mut self, line: LineRef, objects: i64, space: i64) {
        let site = self.site_of(line);
        let sum = &mut self.sums[site as usize];
        if sum.sample == self.samples {
            return;
        }
        sum.sample = self.samples;
        match (sum.objects.checked_add(objects), sum.space.checked_add(space)) {
            (Some(objects), Some(space)) => (sum.objects, sum.space) = (objects, space),
            _ => {
                *self.carried.entry(site).or_default() += sum.values();
                (sum.objects, sum.space) = (objects, space);
            }
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
            self.site_of_line.push(site);
            if site as usize == self.sums.len() {
                self.sums.push(Sum::default());
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
        Frames { profile, functions, of_line, of_address: HashMap::new() }
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

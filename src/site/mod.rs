//! Which frames of a stack make a site, and what each site costs.
//!
//! In: profiles of one side. Out: a [`SiteTable`]. Knows one side only; both are compared in `diff`.

mod aggregate;
mod allocator;
mod apply_filter;
mod bucket;
mod chain;
mod filter;
mod frames;
mod go;
mod key;
mod lines;
mod names;
mod own;
mod quality;
mod rekey;
mod sizes;
mod stack;
mod trim;

use std::ops::{Add, AddAssign, Sub};

pub use aggregate::{Aggregator, site_key};
use std::collections::HashMap;

use crate::profile::Counted;
use aggregate::{Part, Sum};
pub use bucket::{Bucket, Buckets, Rate};
pub use chain::Chain;
use chain::Chains;
pub use filter::{Filter, FilterHits, FilterKind, pattern};
pub use go::{Name, import_path, is_standard};
pub use key::{Granularity, LineAnchor, SiteKey};
use lines::{Lines, NOWHERE, index, look_up};
pub use names::Names;
pub use own::Own;
use rekey::FirstLines;
pub use rekey::align;
pub use sizes::Sizes;
pub use trim::TrimPath;

/// A number of each metric. Sums of 64-bit columns, so wider than they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Values {
    /// `inuse_objects`.
    pub objects: i128,
    /// `inuse_space`, in bytes.
    pub space: i128,
}

impl Add for Values {
    type Output = Values;

    fn add(self, other: Values) -> Values {
        Values { objects: self.objects + other.objects, space: self.space + other.space }
    }
}

impl AddAssign for Values {
    fn add_assign(&mut self, other: Values) {
        *self = *self + other;
    }
}

impl Values {
    /// A share of the values, rounded to the nearest number, and from the middle away from 0.
    fn divided(self, by: u32) -> Values {
        if by <= 1 {
            return self;
        }
        let by = i128::from(by);
        let share = |value: i128| (value + value.signum() * (by / 2)) / by;
        Values { objects: share(self.objects), space: share(self.space) }
    }
}

impl Sub for Values {
    type Output = Values;

    fn sub(self, other: Values) -> Values {
        Values { objects: self.objects - other.objects, space: self.space - other.space }
    }
}

/// A line of code that stands on a live stack.
#[derive(Debug, Clone, Copy)]
pub struct CodeLine<'p> {
    /// What tells it from other lines; at the granularity `lines` also the key of its site.
    pub key: SiteKey<'p>,
    /// Its file, as the profile has it; of instantiations and builds, the first seen.
    pub file: &'p [u8],
    /// Its number; 0 when unknown.
    pub line: i64,
}

impl<'p> CodeLine<'p> {
    /// The function it is in; `None` for code without a symbol.
    pub fn function(&self) -> Option<Name<'p>> {
        match self.key {
            SiteKey::Line(name, _) => Some(name),
            _ => None,
        }
    }
}

/// What one side has at a site.
#[derive(Debug, Clone, Copy)]
pub struct Site<'p> {
    /// What tells it from other sites.
    pub key: SiteKey<'p>,
    /// What was allocated at the site itself; `None` if it only calls.
    pub flat: Option<Values>,
    /// What was allocated at the site or in anything it called, once per sample.
    pub cum: Values,
}

/// A part of a site's flat values: those of one line, and of one owner that caused them.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// Index of the line in the table.
    pub line: u32,
    /// Index of the owner's line, where the owner is another function than the site's.
    pub owner: Option<u32>,
    /// What it costs.
    pub values: Values,
}

/// What was seen on the way that the user should know.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// Which filters matched anything that is alive.
    pub filter_hits: FilterHits,
    /// By pattern of [`Own`], whether it matched the package of a function on a live stack.
    pub own_hits: Vec<bool>,
    /// What is wrong with a profile's `drop_frames` or `keep_frames`; they were not applied then.
    pub bad_drop_frames: Option<String>,
    /// Samples below 0 in a metric, as only a difference of profiles has them.
    pub negative_samples: u64,
    /// Profiles of Go programs.
    pub of_go: u64,
    /// Profiles of programs in other languages.
    pub of_others: u64,
    /// Stacks whose root was cut off, as it seems.
    pub cut_stacks: u64,
    /// What the profiler allocated itself, in the sum of all profiles.
    profiler: Values,
}

/// What one side of a comparison has, by site. Sites and lines have indexes, in order of appearance.
#[derive(Debug)]
pub struct SiteTable<'p> {
    granularity: Granularity,
    counted: Counted,
    lines: Lines<'p>,
    /// The keys of the sites; none where a line is a site.
    sites: Interner<SiteKey<'p>, ()>,
    /// By site: cumulative values; none if they were not counted.
    sums: Vec<Sum>,
    /// What of the cumulative sums of some sites did not fit.
    carried: HashMap<u32, Values>,
    /// Sorted by site.
    parts: Vec<Part>,
    /// By site, and one behind the last: where its parts start.
    first_cell: Vec<u32>,
    /// By line; empty where a line is a site.
    site_of_line: Vec<u32>,
    /// Indexes of the lines, sorted by site; likewise.
    lines_by_site: Vec<u32>,
    buckets: Buckets,
    /// The stacks; none unless they are wanted.
    chains: Chains,
    /// What values are divided by, if they are.
    per_profile: Option<u32>,
    total: Values,
    observed: Observed,
    first_lines: FirstLines,
}

/// Entries by key, in order of first appearance, so that no hash decides an order. SipHash would take
/// a fifth of a large run; foldhash is seeded by the process, too.
type Interner<K, V> = indexmap::IndexMap<K, V, foldhash::fast::RandomState>;

impl<'p> SiteTable<'p> {
    /// What a site is here.
    pub fn granularity(&self) -> Granularity {
        self.granularity
    }

    /// The metrics that all of its profiles have; both without any profile.
    pub fn counted(&self) -> Counted {
        self.counted
    }

    /// All sites, those that only call included.
    pub fn sites(&self) -> impl Iterator<Item = Site<'p>> {
        self.indexes().filter_map(|site| self.site(site))
    }

    /// The site with an index.
    pub fn site(&self, index: usize) -> Option<Site<'p>> {
        Some(Site { key: self.key(index)?, flat: self.flat(index), cum: self.cum(index) })
    }

    /// The key of the site with an index.
    pub fn key(&self, index: usize) -> Option<SiteKey<'p>> {
        match self.granularity {
            Granularity::Lines => (index < self.lines.len()).then(|| self.lines.get(index).key),
            _ => self.sites.get_index(index).map(|(&key, ())| key),
        }
    }

    /// The index of the site with a key.
    pub fn index_of(&self, key: &SiteKey<'p>) -> Option<usize> {
        match self.granularity {
            Granularity::Lines => self.lines.index_of(key),
            _ => self.sites.get_index_of(key),
        }
    }

    /// The index in `other` of each site; in a large table names are compared once and not for each line.
    pub fn indexes_in(&self, other: &SiteTable<'p>) -> impl Fn(usize) -> Option<usize> + use<> {
        let found = match self.granularity {
            Granularity::Lines => {
                let codes = self.lines.codes_in(&other.lines);
                look_up(self.lines.len(), |line| self.lines.find_in(line, &other.lines, &codes).map(index))
            }
            _ => look_up(self.sites.len(), |site| {
                self.sites.get_index(site).and_then(|(key, ())| other.sites.get_index_of(key)).map(index)
            }),
        };
        move |site| found.get(site).filter(|&&found| found != NOWHERE).map(|&found| found as usize)
    }

    /// The indexes of the sites that allocate themselves.
    pub fn allocating(&self) -> impl Iterator<Item = usize> {
        self.indexes().filter(|&site| self.allocates(site))
    }

    /// The indexes of all sites.
    pub fn indexes(&self) -> std::ops::Range<usize> {
        0..self.first_cell.len() - 1
    }

    /// Whether the site with an index allocates itself.
    pub fn allocates(&self, site: usize) -> bool {
        !self.cell_range(site).is_empty()
    }

    /// What the site with an index allocates itself; `None` if it only calls.
    pub fn flat(&self, site: usize) -> Option<Values> {
        self.parts(site)
            .iter()
            .map(|part| part.sum.values())
            .reduce(|sum, values| sum + values)
            .map(|sum| sum.divided(self.per()))
    }

    /// What the site with an index and all that it calls allocate; 0 if that was not counted.
    pub fn cum(&self, site: usize) -> Values {
        let sum = self.sums.get(site).map(Sum::values).unwrap_or_default();
        if self.carried.is_empty() {
            return sum.divided(self.per());
        }
        let carried = u32::try_from(site).ok().and_then(|site| self.carried.get(&site));
        (sum + carried.copied().unwrap_or_default()).divided(self.per())
    }

    /// The parts of the flat values of the site with an index.
    pub fn cells(&self, site: usize) -> impl Iterator<Item = Cell> {
        let cell = move |part: &Part| Cell {
            line: part.line,
            owner: (part.owner != aggregate::NONE).then_some(part.owner),
            values: part.sum.values().divided(self.per()),
        };
        self.parts(site).iter().map(cell)
    }

    fn parts(&self, site: usize) -> &[Part] {
        &self.parts[self.cell_range(site)]
    }

    fn cell_range(&self, site: usize) -> std::ops::Range<usize> {
        match (self.first_cell.get(site), self.first_cell.get(site + 1)) {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// The lines of the functions that initialise a package's variables: the function, the offset in it,
    /// the line.
    pub fn initializer_lines(&self) -> Vec<(Name<'p>, i64, i64)> {
        self.lines.initializer_lines()
    }

    /// Likewise of the functions that are wanted, as far as their first line is known.
    pub fn lines_of_functions(&self, wanted: impl Fn(Name<'p>) -> bool) -> Vec<(Name<'p>, i64, i64)> {
        self.lines.lines_of(wanted)
    }

    /// The lines of the site with an index, those that only call included.
    pub fn lines_of(&self, site: usize) -> impl Iterator<Item = CodeLine<'p>> {
        let of = |line: u32| self.site_of_line[line as usize] as usize;
        let start = self.lines_by_site.partition_point(|&line| of(line) < site);
        let lines = self.lines_by_site[start..].iter().copied().take_while(move |&line| of(line) == site);
        // Where a line is a site, it is its own.
        let own = if self.granularity == Granularity::Lines { u32::try_from(site).ok() } else { None };
        lines.chain(own).map(|line| self.line(line))
    }

    /// The line with an index, one that a [`Cell`] of this table has.
    pub fn line(&self, index: u32) -> CodeLine<'p> {
        self.lines.get(index as usize)
    }

    /// The sum of all flat values; of values by profile, the share of the sum, and not the sum of rounded shares.
    pub fn total(&self) -> Values {
        self.total.divided(self.per())
    }

    /// What of the total is Go's own profiler's, which allocates for what it writes.
    pub fn profiler(&self) -> Values {
        self.observed.profiler.divided(self.per())
    }

    /// How many profiles the values are divided by; `None` for sums.
    pub fn per_profile(&self) -> Option<u32> {
        self.per_profile
    }

    /// The same; 1 for sums.
    fn per(&self) -> u32 {
        self.per_profile.unwrap_or(1)
    }

    /// The distinct stacks that are alive, in order of appearance; none unless they were kept.
    pub fn chains(&self) -> impl Iterator<Item = Chain<'_>> {
        self.chains.iter().map(|chain| Chain { values: chain.values.divided(self.per()), ..chain })
    }

    /// How many stacks are missing there, as they would take more memory than any profile needs.
    pub fn chains_left_out(&self) -> u64 {
        self.chains.left_out
    }

    /// The lines of code on stacks, by the indexes that [`Chain::lines`] has.
    pub fn chain_lines(&self) -> impl ExactSizeIterator<Item = CodeLine<'p>> {
        (0..self.lines.len()).map(|line| self.lines.get(line))
    }

    /// What was sampled, and nothing else.
    pub fn into_buckets(self) -> Buckets {
        self.buckets
    }

    /// What was sampled.
    pub fn buckets(&self) -> &Buckets {
        &self.buckets
    }

    /// What was seen on the way.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }
}

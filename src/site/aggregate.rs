//! Adds the samples of profiles up by site: flat, cumulative, by line and by owner, in one pass.
//!
//! A large profile has millions of frames on its stacks, and each costs a look at what its line is and
//! an addition to its site. Both stand in small arrays of their own; a name is hashed once for its function.

use std::collections::HashMap;

use super::filter::{Filter, Sieve};
use super::frames::{Frames, LineRef};
use super::lines::{Code, LineKey, Lines, index};
use super::stack::Stacks;
use super::{Granularity, Interner, Observed, Place, SiteKey, SiteTable, Values};
use crate::profile::{LocationId, Profile, Sample, Samples};

/// Adds up the profiles of one side.
pub struct Aggregator<'p, 'f> {
    filter: &'f Filter,
    pub(super) granularity: Granularity,
    pub(super) lines: Lines<'p>,
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
    pub(super) fn line(&mut self, key: LineKey, file: u32, line: i64, own: bool) -> LineRef {
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
    pub(super) fn whole(&mut self, code: Code<'p>) -> LineRef {
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

//! Which frames of a stack make a site, and what each site costs.
//!
//! In: profiles of one side. Out: a [`SiteTable`]. Knows one side only; both are compared in `diff`.

mod aggregate;
mod filter;
mod go;
mod key;
mod stack;

use std::ops::{Add, AddAssign, Sub};

pub use aggregate::Aggregator;
pub use filter::{Filter, FilterHits};
pub use go::{Name, import_path, is_standard};
pub use key::{Granularity, Place, SiteKey};

/// A number of each metric. Sums of 64-bit columns, so wider than they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// A part of a site's flat values: those of one line, and of one owner that caused them. A line that
/// only calls has one of 0.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// Index of the site in the table.
    pub site: u32,
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
    /// Which filters matched a live sample.
    pub filter_hits: FilterHits,
    /// What is wrong with a profile's `drop_frames` or `keep_frames`; they were not applied then.
    pub bad_drop_frames: Option<String>,
    /// Samples below 0 in a metric, as only a difference of profiles has them.
    pub negative_samples: u64,
}

/// What one side of a comparison has, by site.
#[derive(Debug)]
pub struct SiteTable<'p> {
    granularity: Granularity,
    sites: Vec<Site<'p>>,
    lines: Vec<CodeLine<'p>>,
    /// Sorted by site.
    cells: Vec<Cell>,
    total: Values,
    observed: Observed,
}

impl<'p> SiteTable<'p> {
    /// What a site is here.
    pub fn granularity(&self) -> Granularity {
        self.granularity
    }

    /// All sites, those that only call included.
    pub fn sites(&self) -> &[Site<'p>] {
        &self.sites
    }

    /// The parts of a site's flat values, with its index in [`SiteTable::sites`].
    pub fn cells(&self, site: usize) -> &[Cell] {
        let start = self.cells.partition_point(|cell| (cell.site as usize) < site);
        let end = self.cells.partition_point(|cell| cell.site as usize <= site);
        &self.cells[start..end]
    }

    /// All lines of code on live stacks.
    pub fn lines(&self) -> &[CodeLine<'p>] {
        &self.lines
    }

    /// The line that a [`Cell`] names.
    pub fn line(&self, index: u32) -> &CodeLine<'p> {
        &self.lines[index as usize]
    }

    /// The sum of all flat values.
    pub fn total(&self) -> Values {
        self.total
    }

    /// What was seen on the way.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }
}

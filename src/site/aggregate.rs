//! Adds the samples of profiles up by site: flat, cumulative, by line and by owner, in one pass.
//!
//! Frames become lines of code and those become sites through vectors, so that a sample costs no
//! hashing of names; a name is hashed once per distinct frame.

use std::collections::HashMap;
use std::hash::Hash;

use super::filter::{Filter, Sieve};
use super::key::base_name;
use super::stack::{Frame, Stacks};
use super::{Cell, CodeLine, Granularity, Name, Observed, Place, Site, SiteKey, SiteTable, Values, is_standard};
use crate::profile::{LocationId, Profile};

const NONE: u32 = u32::MAX;

/// Adds up the profiles of one side.
pub struct Aggregator<'p, 'f> {
    filter: &'f Filter,
    granularity: Granularity,
    lines: Interner<SiteKey<'p>, Line<'p>>,
    sites: Interner<SiteKey<'p>, Site<'p>>,
    /// By site: the last sample that counted for its cumulative values.
    counted: Vec<u64>,
    samples: u64,
    cells: Interner<(u32, u32, u32), Values>,
    total: Values,
    observed: Observed,
}

#[derive(Clone, Copy)]
struct Line<'p> {
    code: CodeLine<'p>,
    /// Whether it is the program's own, neither Go's library nor of another language.
    own: bool,
    /// The site it belongs to.
    site: u32,
}

impl<'p, 'f> Aggregator<'p, 'f> {
    /// Nothing yet.
    pub fn new(granularity: Granularity, filter: &'f Filter) -> Self {
        Aggregator {
            filter,
            granularity,
            lines: Interner::default(),
            sites: Interner::default(),
            counted: Vec::new(),
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
        let mut frames = Frames::new(profile);
        for sample in profile.samples() {
            let stack = stacks.visible(sample.stack);
            if !sieve.passes(stack) {
                continue;
            }
            self.samples += 1;
            if sample.objects < 0 || sample.space < 0 {
                self.observed.negative_samples += 1;
            }
            let values = Values { objects: sample.objects.into(), space: sample.space.into() };
            self.total += values;
            let mut leaf = None;
            let mut owner = None;
            for frame in stacks.frames(stack) {
                let line = frames.line(frame, self);
                leaf = leaf.or(Some(line));
                if owner.is_none() && self.lines.entries[line as usize].own {
                    owner = Some(line);
                }
                self.count_cum(line, values);
            }
            let leaf = leaf.unwrap_or_else(|| {
                let line = self.line(SiteKey::NoStack, b"", 0, false);
                self.count_cum(line, values);
                line
            });
            self.count_flat(leaf, owner, values);
        }
        self.observed.filter_hits.focus |= sieve.hits.focus;
        self.observed.filter_hits.ignore |= sieve.hits.ignore;
    }

    /// The table of all that was added.
    pub fn finish(self) -> SiteTable<'p> {
        let mut cells: Vec<_> = self
            .cells
            .keys
            .iter()
            .zip(&self.cells.entries)
            .map(|(&(site, line, owner), &values)| Cell { site, line, owner: (owner != NONE).then_some(owner), values })
            .collect();
        cells.sort_by_key(|cell| cell.site);
        SiteTable {
            granularity: self.granularity,
            sites: self.sites.entries,
            lines: self.lines.entries.into_iter().map(|line| line.code).collect(),
            cells,
            total: self.total,
            observed: self.observed,
        }
    }

    fn count_flat(&mut self, leaf: u32, owner: Option<u32>, values: Values) {
        let (line, owner) = match self.granularity {
            Granularity::Owner => (owner.unwrap_or(leaf), NONE),
            // A leaf in own code is its own owner.
            _ => (leaf, owner.filter(|&owner| owner != leaf).unwrap_or(NONE)),
        };
        let site = self.lines.entries[line as usize].site;
        let flat = &mut self.sites.entries[site as usize].flat;
        *flat = Some(flat.unwrap_or_default() + values);
        let cell = self.cells.intern((site, line, owner), Values::default);
        self.cells.entries[cell as usize] += values;
    }

    fn count_cum(&mut self, line: u32, values: Values) {
        let site = self.lines.entries[line as usize].site as usize;
        if self.counted[site] != self.samples {
            self.counted[site] = self.samples;
            self.sites.entries[site].cum += values;
        }
    }

    /// The index of a line of code, and through it of its site.
    fn line(&mut self, key: SiteKey<'p>, file: &'p [u8], number: i64, own: bool) -> u32 {
        let site_key = site_key(self.granularity, key, file);
        let (sites, counted) = (&mut self.sites, &mut self.counted);
        let line = self.lines.intern(key, || {
            let site = sites.intern(site_key, || Site { key: site_key, flat: None, cum: Values::default() });
            counted.resize(sites.entries.len(), 0);
            Line { code: CodeLine { key, file, line: number }, own, site }
        });
        // Also a line that only calls is one of its site's.
        self.cells.intern((self.lines.entries[line as usize].site, line, NONE), Values::default);
        line
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

/// The lines that the frames of one profile are, looked up once each.
struct Frames<'p> {
    profile: &'p Profile,
    is_go: bool,
    of_line: Vec<u32>,
    of_address: HashMap<LocationId, u32>,
}

impl<'p> Frames<'p> {
    fn new(profile: &'p Profile) -> Self {
        // Only Go's names tell a library from the program's own code.
        let is_go = profile.functions().iter().any(|function| profile.string(function.filename).ends_with(b".go"));
        Frames { profile, is_go, of_line: vec![NONE; profile.lines().len()], of_address: HashMap::new() }
    }

    fn line(&mut self, frame: Frame, table: &mut Aggregator<'p, '_>) -> u32 {
        match frame {
            Frame::Line(at) => {
                let known = self.of_line[at as usize];
                if known != NONE {
                    return known;
                }
                let line = self.symbol(at, table);
                self.of_line[at as usize] = line;
                line
            }
            Frame::Address(id) => {
                let profile = self.profile;
                *self.of_address.entry(id).or_insert_with(|| table.line(address(profile, id), b"", 0, false))
            }
        }
    }

    fn symbol(&self, at: u32, table: &mut Aggregator<'p, '_>) -> u32 {
        let profile = self.profile;
        let line = profile.lines()[at as usize];
        let function = profile.function(line.function);
        let file = profile.string(function.filename);
        let name = Name::new(profile.string(function.name));
        let place = match (function.start_line, line.line) {
            (0, number) => Place::Absolute { file, line: number },
            (_, 0) => Place::Unknown,
            (start, number) => number.checked_sub(start).map_or(Place::Unknown, Place::Offset),
        };
        let own = self.is_go && name.package().is_some_and(|package| !is_standard(package));
        table.line(SiteKey::Line(name, place), file, line.line, own)
    }
}

fn address(profile: &Profile, id: LocationId) -> SiteKey<'_> {
    let location = profile.location(id);
    match location.mapping {
        Some(mapping) => {
            let mapping = profile.mapping(mapping);
            let offset = location.address.wrapping_sub(mapping.memory_start).wrapping_add(mapping.file_offset);
            SiteKey::Address { binary: base_name(profile.string(mapping.filename)), offset }
        }
        None => SiteKey::Address { binary: b"", offset: location.address },
    }
}

/// Entries by key, indexed in order of first appearance, so that no hash decides an order.
struct Interner<K, V> {
    index: HashMap<K, u32>,
    keys: Vec<K>,
    entries: Vec<V>,
}

impl<K, V> Default for Interner<K, V> {
    fn default() -> Self {
        Interner { index: HashMap::new(), keys: Vec::new(), entries: Vec::new() }
    }
}

impl<K: Copy + Eq + Hash, V> Interner<K, V> {
    /// The index of `key`, whose entry `make` makes at its first appearance.
    ///
    /// There are never 2³² of anything here: a profile has fewer lines than that.
    fn intern(&mut self, key: K, make: impl FnOnce() -> V) -> u32 {
        let (keys, entries) = (&mut self.keys, &mut self.entries);
        *self.index.entry(key).or_insert_with(|| {
            keys.push(key);
            entries.push(make());
            u32::try_from(entries.len() - 1).unwrap_or(NONE)
        })
    }
}

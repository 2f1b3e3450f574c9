//! Which site each line belongs to, at one granularity.

use super::lines::{CodeLine, Interner, LineKey, LineTable, Symbol};
use crate::index::{NONE, index};
use crate::site::key::{Granularity, LineAnchor, SiteKey, site_key};
use crate::site::name_arena::NameArena;

/// The lines and the sites of one side.
#[derive(Debug)]
pub(super) struct SiteIndex<'p> {
    pub(super) granularity: Granularity,
    pub(super) lines: LineTable<'p>,
    /// The keys of the sites; empty where a line is a site.
    sites: Interner<SiteKey<'p>, ()>,
    /// Empty where a line is a site.
    pub(super) site_of_line: Vec<u32>,
}

impl<'p> SiteIndex<'p> {
    pub(super) fn new(granularity: Granularity) -> Self {
        SiteIndex { granularity, lines: LineTable::default(), sites: Interner::default(), site_of_line: Vec::new() }
    }

    /// Interns a line and its site. `file`: index of the line's file.
    pub(super) fn line(&mut self, key: LineKey, file: u32, line: i64) -> u32 {
        let (at, is_new) = self.lines.line(key, file, line);
        if is_new && self.granularity != Granularity::Lines {
            let CodeLine { key, file, .. } = self.lines.get(at as usize);
            let site = self.sites.insert_full(site_key(self.granularity, key, file), ()).0;
            self.site_of_line.push(index(site));
        }
        at
    }

    /// Interns code without lines: without a symbol, or no code at all.
    pub(super) fn line_without_number(&mut self, symbol: Symbol<'_>, arena: &'p NameArena) -> u32 {
        let (symbol, file) = (self.lines.symbol(symbol, arena), self.lines.file(b"", arena));
        self.line(LineKey::new(symbol, LineAnchor::Unknown, file), file, 0)
    }

    /// Number of sites.
    pub(super) fn len(&self) -> usize {
        match self.granularity {
            Granularity::Lines => self.lines.len(),
            _ => self.sites.len(),
        }
    }

    #[inline(always)]
    pub(super) fn site_of(&self, line: u32) -> u32 {
        match self.granularity {
            Granularity::Lines => line,
            _ => self.site_of_line[line as usize],
        }
    }

    pub(super) fn key(&self, site: usize) -> Option<SiteKey<'p>> {
        match self.granularity {
            Granularity::Lines => (site < self.lines.len()).then(|| self.lines.get(site).key),
            _ => self.sites.get_index(site).map(|(&key, ())| key),
        }
    }

    pub(super) fn index_of(&self, key: &SiteKey<'p>) -> Option<usize> {
        match self.granularity {
            Granularity::Lines => self.lines.index_of(key),
            _ => self.sites.get_index_of(key),
        }
    }

    /// By site: its index in `other`, or [`NONE`].
    pub(super) fn match_sites(&self, other: &SiteIndex<'p>) -> Vec<u32> {
        match self.granularity {
            Granularity::Lines => self.lines.match_lines(&other.lines),
            _ => self.sites.keys().map(|key| other.sites.get_index_of(key).map_or(NONE, index)).collect(),
        }
    }

    /// Keys lines by file and line number. Returns each line's new index; unless lines are sites, these stay.
    pub(super) fn rekey_by_file_line(&mut self) -> Vec<u32> {
        let new_index = self.lines.rekey_by_file_line();
        if self.granularity != Granularity::Lines {
            let old = std::mem::replace(&mut self.site_of_line, vec![0; self.lines.len()]);
            new_index.iter().zip(old).for_each(|(&line, site)| self.site_of_line[line as usize] = site);
        }
        new_index
    }
}

//! Keys that meet although one profile knows less than another: a text has no first lines of functions.

use std::collections::HashMap;

use super::aggregate::{NONE, Sum, merge};
use super::lines::index;
use super::{Granularity, SiteTable, Values};
use crate::order::{counting_sort_by, group_starts};
use crate::profile::Profile;

/// Which profiles know the first lines of their functions.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FirstLines {
    /// There is one that does.
    known: bool,
    /// There is one that does not, of any function.
    missing: bool,
}

impl FirstLines {
    /// Takes note of a profile.
    pub(super) fn note(&mut self, profile: &Profile) {
        let known = profile.functions().iter().any(|function| function.start_line != 0);
        self.known |= known;
        self.missing |= !known && !profile.functions().is_empty();
    }
}

/// Keys the lines of all tables by function, file and number, if some of their profiles know no first lines to
/// count from and others do: otherwise no line of the ones would meet one of the others.
pub fn align(tables: &mut [&mut SiteTable<'_>]) {
    let known = tables.iter().any(|table| table.first_lines.known);
    let missing = tables.iter().any(|table| table.first_lines.missing);
    if known && missing {
        tables.iter_mut().for_each(|table| table.forget_first_lines());
    }
}

impl SiteTable<'_> {
    fn forget_first_lines(&mut self) {
        let moved = self.lines.forget_offsets();
        let now = |line: u32| if line == NONE { NONE } else { moved[line as usize] };
        for part in &mut self.parts {
            let (line, owner) = (now(part.line), now(part.owner));
            (part.line, part.owner) = (line, if owner == line { NONE } else { owner });
        }
        if self.granularity == Granularity::Lines {
            for bucket in &mut self.buckets.list {
                bucket.site = now(bucket.site);
            }
            self.buckets.merge();
            self.move_sums(&moved);
        } else {
            let sites = std::mem::take(&mut self.site_of_line);
            self.site_of_line = vec![0; self.lines.len()];
            moved.iter().zip(sites).for_each(|(&line, site)| self.site_of_line[line as usize] = site);
        }
        merge(&mut self.parts, self.lines.len(), &self.site_of_line);
        self.chains.rekey(&moved);
        self.lay_out();
    }

    /// Adds up the cumulative values of lines that are one now.
    fn move_sums(&mut self, moved: &[u32]) {
        let (sums, carried) = (std::mem::take(&mut self.sums), std::mem::take(&mut self.carried));
        if sums.is_empty() {
            return;
        }
        let mut all: HashMap<u32, Values> = HashMap::new();
        self.sums = vec![Sum::default(); self.lines.len()];
        for (&line, sum) in moved.iter().zip(sums) {
            let values = sum.values();
            let fits = i64::try_from(values.objects).ok().zip(i64::try_from(values.space).ok());
            if !fits.is_some_and(|(objects, space)| self.sums[line as usize].add(objects, space)) {
                *all.entry(line).or_default() += values;
            }
        }
        carried.iter().for_each(|(&line, &values)| *all.entry(moved[line as usize]).or_default() += values);
        self.carried = all;
    }

    fn site_of(&self, line: u32) -> u32 {
        match self.granularity {
            Granularity::Lines => line,
            _ => self.site_of_line[line as usize],
        }
    }

    /// Finds where the parts and the lines of each site start.
    pub(super) fn lay_out(&mut self) {
        let count = match self.granularity {
            Granularity::Lines => self.lines.len(),
            _ => self.sites.len(),
        };
        self.first_cell = group_starts(count, self.parts.iter().map(|part| self.site_of(part.line)));
        self.lines_by_site = (0..index(self.site_of_line.len())).collect();
        let site_of = |line: u32| self.site_of_line[line as usize];
        counting_sort_by(&mut self.lines_by_site, count, |&line| site_of(line));
        let of_a_site = self.lines_by_site.chunk_by_mut(|&a, &b| site_of(a) == site_of(b));
        of_a_site.for_each(<[u32]>::sort_unstable);
    }
}

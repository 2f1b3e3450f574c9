//! What the user asked for, as far as it may turn out to be of no effect.

use super::Note;
use crate::site::{FilterHits, FilterKind, SiteTable};

/// What was asked for, to tell of it if it matched nothing.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// `--sample-type`.
    pub sample_type: Option<String>,
    /// The filters, and what was typed for each.
    pub filters: Vec<(FilterKind, String)>,
    /// Patterns of the program's own code.
    pub own: Vec<String>,
}

impl Asked {
    /// A note on each that matched nothing in any of these tables.
    pub fn unmatched<'t>(&self, tables: impl IntoIterator<Item = &'t SiteTable<'t>>) -> Vec<Note> {
        let mut hits = FilterHits::default();
        let mut own: Vec<_> = self.own.iter().map(|pattern| (pattern, false)).collect();
        for table in tables {
            let observed = table.observed();
            hits.add(observed.filter_hits);
            own.iter_mut().zip(&observed.own_hits).for_each(|((_, known), hit)| *known |= hit);
        }
        let filters = self.filters.iter().filter(|(filter, _)| !hits.has(*filter));
        let filters = filters
            .map(|(filter, pattern)| Note::FilterMatchedNothing { filter: filter.name(), pattern: pattern.clone() });
        let own = own.into_iter().filter(|(_, hit)| !hit);
        filters.chain(own.map(|(pattern, _)| Note::OwnMatchedNothing { pattern: pattern.clone() })).collect()
    }
}

//! What the user asked for, kept to note what turned out to match nothing.

use std::path::PathBuf;

use super::Note;
use crate::site::{FilterHits, FilterKind, SiteTable};

/// The options that may turn out to match nothing, as they were typed.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The only column that is compared, if `--sample-type` names one.
    pub sample_type: Option<String>,
    /// Whether the profiles decide what is compared, alive or allocated.
    pub is_sample_type_default: bool,
    /// The filters, each with the pattern that was typed.
    pub filters: Vec<(FilterKind, String)>,
    /// Patterns of the program's own code.
    pub own: Vec<String>,
    /// The heapdiff.toml that was read; `None` if none was.
    pub config: Option<PathBuf>,
    /// The options on connections that were typed, as words of another command.
    pub connection: Vec<String>,
}

impl Request {
    /// A note on each pattern that matched nothing in any of the tables.
    pub fn unmatched<'t>(&self, tables: impl IntoIterator<Item = &'t SiteTable<'t>>) -> Vec<Note> {
        let mut hits = FilterHits::default();
        let mut own: Vec<_> = self.own.iter().map(|pattern| (pattern, false)).collect();
        for table in tables {
            let observed = table.observed();
            hits.add(observed.filter_hits);
            own.iter_mut().zip(&observed.own_hits).for_each(|((_, is_matched), hit)| *is_matched |= hit);
        }
        let filters = self.filters.iter().filter(|(filter, _)| !hits.has(*filter));
        let filters = filters
            .map(|(filter, pattern)| Note::FilterMatchedNothing { filter: filter.name(), pattern: pattern.clone() });
        let own = own.into_iter().filter(|(_, is_matched)| !is_matched);
        filters.chain(own.map(|(pattern, _)| Note::OwnMatchedNothing { pattern: pattern.clone() })).collect()
    }
}

//! Compact JSON: columns instead of objects, and each text once.

use std::borrow::Cow;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::super::text::sanitize;
use crate::diff::Metric;
use crate::report::ShownMetric;

/// A column for each metric; empty if the metric is not shown.
pub(super) struct Both<C> {
    space: Option<C>,
    objects: Option<C>,
}

impl<C> Both<C> {
    pub(super) fn of(metrics: &[ShownMetric], column: impl Fn(Metric) -> C) -> Self {
        let shown = |metric| metrics.iter().any(|column| column.metric == metric);
        let column = |metric| shown(metric).then(|| column(metric));
        Both { space: column(Metric::Space), objects: column(Metric::Objects) }
    }
}

impl<C: Serialize> Serialize for Both<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut both = serializer.serialize_struct("Both", 2)?;
        for (name, column) in [("space", &self.space), ("objects", &self.objects)] {
            match column {
                Some(column) => both.serialize_field(name, column)?,
                None => both.serialize_field(name, &[(); 0])?,
            }
        }
        both.end()
    }
}

/// Distinct texts, by index.
#[derive(Default)]
pub(super) struct Texts(IndexMap<String, (), RandomState>);

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.keys())
    }
}

impl Texts {
    /// The index of a text from a file, which is sanitized first.
    pub(super) fn index<'t>(&mut self, text: impl Into<Cow<'t, str>>) -> usize {
        let text = text.into();
        // Most texts need no change.
        let text = if is_plain(text.as_bytes()) { text } else { Cow::Owned(sanitize(&text)) };
        match self.0.raw_entry_mut_v1().from_key(&*text) {
            RawEntryMut::Occupied(known) => known.index(),
            RawEntryMut::Vacant(new) => {
                let at = new.index();
                new.insert(text.into_owned(), ());
                at
            }
        }
    }
}

/// Whether all bytes are printable ASCII.
fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| (b' '..0x7f).contains(byte))
}

/// The name of a metric in the data.
pub(super) fn key(metric: Metric) -> &'static str {
    match metric {
        Metric::Space => "space",
        Metric::Objects => "objects",
    }
}

/// `file:line`, or the file alone if the line is unknown.
pub(super) fn place(file: &str, line: Option<i64>) -> String {
    match line.filter(|&line| line != 0 && !file.is_empty()) {
        Some(line) => format!("{file}:{line}"),
        None => file.to_owned(),
    }
}

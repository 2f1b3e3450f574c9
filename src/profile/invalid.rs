//! Errors in the content of a profile.

use thiserror::Error;

/// A field that refers to a string of the string table. Indexes count from 0 in the file's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Referrer {
    /// The table or field, such as `function`.
    pub table: &'static str,
    /// The entry of that table; `None` for a field of the profile itself.
    pub index: Option<u64>,
    /// The field of the entry, such as `name`.
    pub field: &'static str,
}

impl std::fmt::Display for Referrer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.index {
            Some(index) => write!(f, "{}[{index}].{}", self.table, self.field),
            None if self.table.is_empty() => write!(f, "{}", self.field),
            None => write!(f, "{}.{}", self.table, self.field),
        }
    }
}

/// An error in the content of a profile: it contradicts itself, or is not a heap profile's.
///
/// `sample[3]` is the fourth sample of the file; ids are those of the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Invalid {
    /// No column at all.
    #[error("the profile has no sample_type; a heap profile names its columns (inuse_objects, inuse_space)")]
    NoSampleTypes,
    /// Columns, but none for live objects or bytes.
    #[error(
        "not a heap profile: its sample types are {}; expected inuse_objects/count and inuse_space/bytes (--sample-type NAME compares any of them)",
        found.join(", ")
    )]
    NotAHeapProfile {
        /// Its columns, as `type/unit`.
        found: Vec<String>,
    },
    /// No column with the requested name.
    #[error("the profile has no sample type {wanted}; it has {}", found.join(", "))]
    NoSuchSampleType {
        /// The requested name.
        wanted: String,
        /// Its columns, as `type/unit`.
        found: Vec<String>,
    },
    /// A sample with too many or too few values.
    #[error("sample[{sample}] has {found} values, expected {expected}: one for each sample type")]
    ValueCount {
        /// Index of the sample.
        sample: u64,
        /// Number of its values.
        found: usize,
        /// Number of columns.
        expected: usize,
    },
    /// No string table.
    #[error("the profile has no string_table, so nothing in it has a name")]
    NoStrings,
    /// The string table must start with the empty string.
    #[error("string_table[0] is {found:?}, expected the empty string")]
    FirstString {
        /// The string found.
        found: String,
    },
    /// A string index below 0.
    #[error("{by} is string {index}; indexes of strings start at 0")]
    NegativeString {
        /// The index.
        index: i64,
        /// The field that has it.
        by: Referrer,
    },
    /// A string index beyond the end of the table.
    #[error("{by} is string {index}, but string_table has {len} entries")]
    StringIndex {
        /// The index.
        index: u64,
        /// Entries of the table.
        len: usize,
        /// The field that has the index.
        by: Referrer,
    },
    /// Ids start at 1; 0 means "none".
    #[error("{table}[{index}] has id 0; ids start at 1")]
    ZeroId {
        /// The table.
        table: &'static str,
        /// The entry.
        index: u64,
    },
    /// Two entries of a table with the same id.
    #[error("{table}[{index}] has id {id}, which an earlier {table} has already")]
    DuplicateId {
        /// The table.
        table: &'static str,
        /// The second entry.
        index: u64,
        /// The id of both.
        id: u64,
    },
    /// A stack with a location that is not in the file.
    #[error("sample[{sample}] has location id {id}, which is not in the location table")]
    UnknownLocation {
        /// The first sample with it.
        sample: u64,
        /// The id.
        id: u64,
    },
    /// A line of a function that is not in the file.
    #[error("line[{line}] of location id {location} has function id {id}, which is not in the function table")]
    UnknownFunction {
        /// Id of the location.
        location: u64,
        /// Index of the line in it.
        line: usize,
        /// The id.
        id: u64,
    },
    /// A second value of a field that a profile has once.
    #[error("{field} occurs twice: two profiles were concatenated; give each its own file")]
    Concatenated {
        /// The field.
        field: &'static str,
    },
    /// Samples were dropped as dead by the wrong columns: the profile must be read again.
    #[error(
        "its live columns are not where producers put them, so it must be read twice: give it as a file, not as a pipe"
    )]
    LiveColumns,
    /// More entries than any profile has.
    #[error("more than {most} {table} entries: no heap profile has that many")]
    TooMany {
        /// The table.
        table: &'static str,
        /// The limit.
        most: usize,
    },
    /// Too many ids that are scattered over 64 bits, which need a lot of memory.
    #[error("more than {most} ids of {table} entries that neither count from 1 nor come near it")]
    Sparse {
        /// The table.
        table: &'static str,
        /// The limit.
        most: usize,
    },
    /// A string table of more than 4 GiB.
    #[error("the strings take more than 4 GiB")]
    StringsTooLong,
}

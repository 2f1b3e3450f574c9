//! Errors in the content of a profile.

use thiserror::Error;

/// What to do if leaked goroutines were wanted and all are there.
fn leaked_hint(wanted: &str, found: &[String]) -> &'static str {
    match (wanted, found) {
        ("goroutineleak", [only]) if only == "goroutine/count" => {
            " (with debug=2 the profile has all goroutines: fetch it without debug, or with debug=1)"
        }
        _ => "",
    }
}

/// What a profile is instead of a heap profile.
fn not_a_heap_profile(found: &[String]) -> String {
    let article = match found {
        [only] => match only.as_str() {
            "goroutine/count" => "a goroutine",
            "goroutineleak/count" => "a goroutineleak",
            "threadcreate/count" => "a threadcreate",
            _ => "",
        },
        _ => "",
    };
    match article {
        "" => format!(
            "not a heap profile: its sample types are {}; expected inuse_objects/count and inuse_space/bytes \
             (--sample-type NAME compares any of them)",
            found.join(", ")
        ),
        kind => format!("{kind} profile, not a heap profile; of what capture takes, give heap_*.pb.gz"),
    }
}

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
#[allow(missing_docs, reason = "the messages describe the variants")]
pub enum Invalid {
    #[error("the profile has no sample_type; a heap profile names its columns (inuse_objects, inuse_space)")]
    NoSampleTypes,
    #[error("{}", not_a_heap_profile(found))]
    NotAHeapProfile { found: Vec<String> },
    #[error("the profile has no sample type {wanted}; it has {}{}", found.join(", "), leaked_hint(wanted, found))]
    NoSuchSampleType { wanted: String, found: Vec<String> },
    #[error("sample[{sample}] has {found} values, expected {expected}: one for each sample type")]
    ValueCount { sample: u64, found: usize, expected: usize },
    #[error("the profile has no string_table, so nothing in it has a name")]
    NoStrings,
    #[error("string_table[0] is {found:?}, expected the empty string")]
    FirstString { found: String },
    #[error("{by} is string {index}; string indexes start at 0")]
    NegativeString { index: i64, by: Referrer },
    #[error("{by} is string {index}, but string_table has {len} entries")]
    StringIndex { index: u64, len: usize, by: Referrer },
    #[error("{table}[{index}] has id 0; ids start at 1")]
    ZeroId { table: &'static str, index: u64 },
    #[error("{table}[{index}] has id {id}, which an earlier {table} already has")]
    DuplicateId { table: &'static str, index: u64, id: u64 },
    #[error("sample[{sample}] has location id {id}, which is not in the location table")]
    UnknownLocation { sample: u64, id: u64 },
    #[error("line[{line}] of location id {location} has function id {id}, which is not in the function table")]
    UnknownFunction { location: u64, line: usize, id: u64 },
    #[error("{field} occurs twice: two profiles were concatenated; give each its own file")]
    Concatenated { field: &'static str },
    /// Samples were dropped as dead by the wrong columns. The names of the columns come after the samples, so the builder
    /// assumes that the live ones are where Go and pprof put them, drops samples that are 0 there, and checks this in
    /// `finish`. If it was wrong, the file is opened again and decoded by `decode_keeping_dead`.
    #[error(
        "its live columns are not where producers put them, so it must be read twice: give it as a file, not as a pipe"
    )]
    LiveColumnsElsewhere,
    #[error("more than {most} {table} entries: no heap profile has that many")]
    TooMany { table: &'static str, most: usize },
    #[error("more than {most} ids of {table} entries that neither count from 1 nor come near it")]
    Sparse { table: &'static str, most: usize },
    #[error("the strings take more than 4 GiB")]
    StringsTooLong,
}

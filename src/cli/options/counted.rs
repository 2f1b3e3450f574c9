//! Recognises profiles that count goroutines, which are compared by that count without an option.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::decode::{decode_with_counts, may_count};
use crate::input::{self, Limit};
use crate::profile::CountedThing;

/// Bytes in which a heap profile shows that it is one.
const HEAD_BYTES: u64 = 4 << 10;

/// What is compared: the sample type that was typed, or that of profiles of goroutines.
pub(crate) fn sample_type(typed: Option<String>, sides: &[Vec<PathBuf>; 2]) -> Option<String> {
    let first = sides.iter().filter_map(|paths| paths.first()).find(|path| path.is_file());
    typed.or_else(|| counted(first?))
}

/// The sample type of a file that counts goroutines. What cannot be opened a second time is not looked at.
pub(crate) fn counted(path: &Path) -> Option<String> {
    let open = || input::inflate(input::open(path).ok()?, Limit::default()).ok();
    if !path.is_file() {
        return None;
    }
    let (reader, ..) = open()?;
    let mut head = Vec::new();
    reader.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    if !may_count(&head) {
        return None;
    }
    let (reader, _, proof) = open()?;
    let profile = decode_with_counts(reader, || proof.has_checksum()).ok()?;
    profile.header().counted_thing().map(|thing| thing.sample_type().to_owned())
}

/// Whether a sample type counts goroutines.
pub(crate) fn is_counted(sample_type: Option<&str>) -> bool {
    CountedThing::ALL.into_iter().any(|thing| sample_type == Some(thing.sample_type()))
}

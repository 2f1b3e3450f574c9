//! Recognises profiles that count goroutines, which are compared by that count without an option.

use std::io::Read;
use std::path::Path;

use crate::decode::{decode_counting, may_count};
use crate::input::{self, Compression, Limit, Proof};
use crate::profile::{CountedThing, SampleType};

/// Bytes in which a heap profile shows that it is one.
const HEAD_BYTES: u64 = 4 << 10;

/// What the first of some files counts, if that is goroutines and none of the others is a heap profile: among those it is one
/// that does not belong there.
pub(crate) fn counted_by_first(paths: &[&Path]) -> Option<CountedThing> {
    let (first, others) = paths.split_first()?;
    let thing = counted(first)?;
    (!others.iter().any(|path| is_heap(path))).then_some(thing)
}

/// What a file counts, if that is goroutines. A URL, which is not read before its time, says so by its name.
pub(crate) fn counted(path: &Path) -> Option<CountedThing> {
    if let Some(name) = input::profile_name(path) {
        return CountedThing::ALL.into_iter().find(|thing| thing.sample_type() == name);
    }
    if !may_count(&head(path)?) {
        return None;
    }
    let (reader, _, proof) = opened(path)?;
    let profile = decode_counting(reader, &SampleType::Goroutines, false, || proof.has_checksum()).ok()?;
    profile.header().counted_thing()
}

fn is_heap(path: &Path) -> bool {
    let is_heap = || {
        let (reader, _, proof) = opened(path)?;
        decode_counting(reader, &SampleType::Live, true, || proof.has_checksum()).ok()
    };
    head(path).is_some_and(|head| !may_count(&head)) && is_heap().is_some()
}

/// The beginning of a file. What cannot be opened a second time is not looked at.
fn head(path: &Path) -> Option<Vec<u8>> {
    if !path.is_file() {
        return None;
    }
    let mut head = Vec::new();
    opened(path)?.0.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    Some(head)
}

fn opened(path: &Path) -> Option<(impl Read, Compression, Proof)> {
    input::inflate(input::open(path).ok()?, Limit::default()).ok()
}

//! Recognises profiles that count goroutines, which are compared by that count without an option.

use std::io::Read;
use std::path::Path;

use crate::decode::{decode_counting, may_count};
use crate::input::{self, Limit};
use crate::profile::{CountedThing, SampleType};

/// Bytes in which a heap profile shows that it is one.
const HEAD_BYTES: u64 = 4 << 10;

/// What a file counts, if that is goroutines. What cannot be opened a second time is not looked at.
pub(crate) fn counted(path: &Path) -> Option<CountedThing> {
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
    let profile = decode_counting(reader, &SampleType::Goroutines, false, || proof.has_checksum()).ok()?;
    profile.header().counted_thing()
}

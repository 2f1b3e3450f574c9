//! Which frames are an allocator's own, where no symbol tells.
//!
//! In: the mappings of a profile. Out: its locations in a library of an allocator. Knows no allocator that is linked
//! into the program.

use crate::profile::{Mapping, Profile};

/// The libraries whose frames stand between the program and what takes the samples, by the start of their names.
const LIBRARIES: [&[u8]; 2] = [b"libjemalloc", b"libtcmalloc"];

/// By location, whether it is in a library of an allocator; `None` if none is.
pub(super) fn in_allocator(profile: &Profile) -> Option<Vec<bool>> {
    let is_library = |mapping: &Mapping| {
        let name = super::key::base_name(profile.string(mapping.filename));
        LIBRARIES.iter().any(|library| name.starts_with(library))
    };
    let libraries: Vec<_> = profile.mappings().iter().map(|mapping| mapping.as_ref().is_some_and(is_library)).collect();
    // Most profiles have none.
    if !libraries.contains(&true) {
        return None;
    }
    let is_in_one = |id| profile.location(id).mapping.is_some_and(|mapping| libraries[mapping.index()]);
    profile.location_ids().any(is_in_one).then(|| profile.location_ids().map(is_in_one).collect())
}

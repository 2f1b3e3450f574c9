//! Which frames are an allocator's own, where no symbol tells.
//!
//! In: the mappings of a profile. Out: its locations in a library of an allocator. Knows no allocator that is linked
//! into the program.

use crate::profile::Profile;

/// The libraries whose frames stand between the program and what takes the samples, by the start of their names.
const LIBRARIES: [&[u8]; 2] = [b"libjemalloc", b"libtcmalloc"];

/// By location, whether it is in a library of an allocator; `None` if none is.
pub(super) fn in_allocator(profile: &Profile) -> Option<Vec<bool>> {
    // Most locations are in the mapping of the last.
    let mut last = (None, false);
    let mut is_allocator = |id| {
        let mapping = profile.location(id).mapping;
        if mapping != last.0 {
            let file =
                mapping.and_then(|id| profile.mapping(id)).map_or(&b""[..], |mapping| profile.string(mapping.filename));
            let name = super::key::base_name(file);
            last = (mapping, LIBRARIES.iter().any(|library| name.starts_with(library)));
        }
        last.1
    };
    profile.location_ids().any(&mut is_allocator).then(|| profile.location_ids().map(is_allocator).collect())
}

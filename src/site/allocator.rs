//! Locations in the library of an allocator, by the name of the mapped file. An allocator linked into the program is not
//! recognised.

use crate::paths::base_name_of_bytes;
use crate::profile::{Mapping, Profile};

/// Prefixes of the names of allocators' libraries.
const LIBRARIES: [&[u8]; 2] = [b"libjemalloc", b"libtcmalloc"];

/// By location: whether it is in the library of an allocator; `None` if none is.
pub(super) fn in_allocator(profile: &Profile) -> Option<Vec<bool>> {
    let is_library = |mapping: &Mapping| {
        let name = base_name_of_bytes(profile.string(mapping.filename));
        LIBRARIES.iter().any(|library| name.starts_with(library))
    };
    let libraries: Vec<_> = profile.mappings().iter().map(|mapping| mapping.as_ref().is_some_and(is_library)).collect();
    if !libraries.contains(&true) {
        return None;
    }
    let is_in_library = |id| profile.location(id).mapping.is_some_and(|mapping| libraries[mapping.index()]);
    profile.location_ids().any(is_in_library).then(|| profile.location_ids().map(is_in_library).collect())
}

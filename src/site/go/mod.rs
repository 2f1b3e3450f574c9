//! The rules for Go's names: functions, packages, the standard library, and patterns of them.

mod folded;
mod name;
mod own;
mod pattern;
mod standard;

pub(crate) use folded::{is_closure, loose_name, loose_path, name_tail, split_name};
pub(crate) use name::is_go_program;
pub(super) use name::package_of;
pub use name::{Name, import_path};
pub(super) use own::ALL_BUT_STANDARD;
pub use own::Own;
pub(crate) use pattern::wildcard_matches;
pub use standard::is_standard;

//! The rules for Go's names: functions, packages, the standard library, and patterns of them.

mod name;
mod own;
mod pattern;
mod runtime_frames;
mod standard;

pub(crate) use name::is_go_program;
pub use name::{Name, import_path};
pub(super) use own::ALL_BUT_STANDARD;
pub use own::Own;
pub(crate) use pattern::wildcard_matches;
pub use runtime_frames::is_runtime_package;
pub use standard::is_standard;

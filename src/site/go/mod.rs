//! The rules for Go's names: functions, packages, the standard library, and patterns of them.

mod folded;
mod function_role;
mod name;
mod own;
mod pattern;
mod runtime_class;
mod standard;

pub(crate) use folded::{is_closure, loose_name, loose_path, name_tail, split_name};
pub(super) use function_role::is_profiler;
pub use function_role::{FunctionRole, OwnerName};
pub(crate) use name::is_go_program;
pub use name::{Name, import_path};
pub(crate) use own::ALL_BUT_STANDARD;
pub use own::Own;
pub(crate) use pattern::wildcard_matches;
pub use runtime_class::RuntimeClass;
pub(super) use runtime_class::is_runtime;
pub use standard::is_standard;

//! Adds up a side's samples by allocation site.
//!
//! In: the profiles of one side. Out: a [`SiteTable`]. Knows nothing of the other side; `diff` compares the two.
//!
//! ```text
//! Profile ─visible_stacks─▶ frames that count ─filter─▶ samples that count ─table─▶ SiteTable
//!                                                                            ├─ go: whose code a function is
//!                                                                            └─ key: what makes a site
//! ```

mod allocator;
mod bucket;
mod bucket_reader;
mod buckets;
mod filter;
mod go;
mod go_regex;
mod key;
mod name_arena;
mod observed;
mod quality;
mod rate;
mod renames;
mod scale;
mod shares;
mod site_id;
mod slice_set;
mod table;
mod values;
mod visible_stacks;

pub use bucket::Bucket;
pub use buckets::Buckets;
pub use filter::{BlockSizes, Filter, FilterHits, FilterKind, TrimPath};
pub(crate) use go::{
    ALL_BUT_STANDARD, is_closure, is_go_program, loose_name, loose_path, name_tail, split_name, wildcard_matches,
};
pub use go::{FunctionRole, Name, Own, OwnerName, RuntimeClass, import_path, is_standard};
pub use go_regex::compile_regex;
pub use key::{Granularity, LineAnchor, SiteKey};
pub(crate) use key::{owner_key, site_key};
pub use name_arena::NameArena;
pub use observed::Observed;
pub use rate::Rate;
pub use renames::Renames;
pub use scale::{Factors, Scale};
pub use shares::{SiteShare, SiteShares};
pub(crate) use slice_set::SliceSet;
pub use table::{CodeLine, OffsetLine, Site, SiteTable, SiteTableBuilder, unify_line_keys};
pub(crate) use values::PackedValues;
pub use values::Values;

//! One side of a comparison, by site: the table and its builder.
//!
//! [`SiteTableBuilder`] adds profiles, `finish` gives the read-only [`SiteTable`]. All parts refer to each other by
//! 32-bit indexes, in order of appearance:
//!
//! ```text
//! SiteTable
//! ├─ index: SiteIndex
//! │    lines: LineTable   line ─▶ (function or address, file, offset), file and number shown
//! │    site_of_line       line ─▶ site        empty at granularity `lines`, where a line is a site
//! │    sites              site ─▶ SiteKey     empty at granularity `lines`
//! │
//! ├─ lines_by_site        lines grouped by site
//! ├─ cells                flat values, sorted by (site, line, owner):
//! │
//! │      cell     0        1        2        3        4
//! │      site     0        0        1        3        3          site 2 only calls
//! │      line     5        8        2        7        7
//! │      owner    -        9        -        -        4          line of the owner, if another function; at the
//! │                                                             granularity `owner`, the allocator's line instead
//! │
//! ├─ cells_start          site ─▶ its first cell, one more at the end:   0 2 3 3 5
//! ├─ cum                  site ─▶ cumulative values, if counted
//! ├─ stacks: StackTable   distinct stacks, each a list of lines, leaf first, with its values; if kept
//! └─ buckets              (stack, object size) ─▶ raw sample counts and the site, sorted by stack and size
//! ```

mod builder;
mod cells;
mod cum_sums;
mod frame_lines;
mod lines;
mod site_index;
mod site_table;
mod stack_owners;
mod stacks;
mod start_lines;
mod unify;

pub use builder::SiteTableBuilder;
pub use lines::{CodeLine, OffsetLine};
pub use site_table::{Site, SiteTable};
pub use unify::unify_line_keys;

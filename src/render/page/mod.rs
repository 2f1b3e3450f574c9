//! Pages for a browser: one file each, which loads nothing else and runs only its own scripts.
//!
//! Names come from profiles, and are not trusted: in markup they are escaped, in the data they cannot end the element
//! around them, the scripts set them as text only, and a policy in the page forbids all other scripts.

mod code;
mod columns;
mod data;
mod flame;
mod flame_page;
mod graph;
mod report;
mod shell;
mod sites;
mod svg;

pub use flame::write as flame;
pub use flame_page::FlamePage;
pub use report::{diff as report_page, trend as trend_page};

//! The command line: flags, files, the terminal and exit codes are known here and nowhere else.
//!
//! [`command`] alone knows all commands. A command is one file or folder with its arguments, its plan and its run; it
//! uses [`options`] (what can be typed, and what it becomes) and [`steps`] (what commands do), which know no command.

mod calibrate;
#[cfg(feature = "fetch")]
mod capture;
mod check;
mod command;
mod diff;
mod exit;
mod explain;
mod flame;
mod list;
mod memstats;
mod options;
mod peek;
mod report;
mod stacks;
mod steps;
mod top;
mod trend;
#[cfg(feature = "fetch")]
mod watch;

pub use command::main;

/// For fuzz targets.
#[doc(hidden)]
pub use check::{check_budget, check_config};

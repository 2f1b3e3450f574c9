//! The command line: flags, files, the terminal and exit codes are known here and nowhere else.

mod args;
mod beside;
mod budget;
mod calls;
#[cfg(feature = "fetch")]
mod capture;
mod check;
#[cfg(feature = "fetch")]
mod clock;
mod config;
mod date;
mod document;
mod exit;
mod export;
mod filters;
mod mem_stats;
mod plan;
mod progress;
mod run;
mod series;
mod side;
mod source;
mod trend;
#[cfg(feature = "fetch")]
mod watch;

use std::ffi::OsString;
use std::io::{self, Write};

pub use args::Cli;
pub use beside::BesideArgs;
#[cfg(feature = "fetch")]
pub use capture::{CaptureArgs, TakeArgs};
pub use config::Inconclusive;
pub use exit::Exit;
#[cfg(feature = "fetch")]
pub use watch::WatchArgs;

use crate::render::sanitize;

/// Runs the program with these arguments, the program's name first, and tells how it ends.
pub fn main(args: impl Iterator<Item = OsString>) -> Exit {
    let cli = match args::parse(args.collect()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a closed pipe is not ours.
            let _ = error.print();
            return if error.use_stderr() { Exit::NoAnswer } else { Exit::Success };
        }
    };
    run::run(cli).unwrap_or_else(|error| {
        // What a file contains is text on a terminal, and nothing else.
        let text: Vec<_> = format!("{error:#}").lines().map(sanitize).collect();
        let _ = writeln!(io::stderr(), "error: {}", text.join("\n"));
        Exit::NoAnswer
    })
}

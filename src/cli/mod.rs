//! The command line: flags, files, the terminal and exit codes are known here and nowhere else.

mod args;
mod exit;
mod plan;
mod run;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;

pub use args::Cli;
pub use exit::Exit;

/// Runs the program with these arguments, the program's name first, and tells how it ends.
pub fn main(args: impl Iterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a closed pipe is not ours.
            let _ = error.print();
            return if error.use_stderr() { Exit::NoAnswer } else { Exit::Success };
        }
    };
    run::run(cli).unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "error: {error:#}");
        Exit::NoAnswer
    })
}

//! The `heapdiff` program: see the library for what it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    heapdiff::cli::main(std::env::args_os())
}

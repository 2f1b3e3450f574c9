//! The commands: the only place that knows them all.

mod commands;
mod dispatch;
mod folder;
mod pprof_flags;
mod typed;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::cli::check;
use crate::cli::exit::Exit;
use crate::cli::steps::print_line;
use crate::render::sanitize;

/// Runs the program with these arguments, the program's name first, and returns its exit code.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<_> = args.collect();
    let typed = match typed::parse(args.clone()) {
        Ok(typed) => typed,
        Err(error) => {
            if error.use_stderr() && args.get(1).is_some_and(|command| command == "check") {
                check::report_usage_error(&args[2..], usage_error(&error.to_string()));
            }
            return exit_of(&error).into();
        }
    };
    let exit = dispatch::run(typed).unwrap_or_else(|error| {
        if let Some(error) = error.downcast_ref::<clap::Error>() {
            return exit_of(error);
        }
        // Text from a file must not control the terminal.
        let text: Vec<_> = format!("{error:#}").lines().map(sanitize).collect();
        print_line(&format!("error: {}", text.join("\n")));
        Exit::NoAnswer
    });
    exit.into()
}

/// A usage error without the usage.
fn usage_error(text: &str) -> &str {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    text.split("\n\n").next().unwrap_or(text)
}

/// Prints an error on what was typed; help and version come as errors, too. If nobody reads them, that is not an error.
fn exit_of(error: &clap::Error) -> Exit {
    let _ = error.print();
    if error.use_stderr() { Exit::NoAnswer } else { Exit::Success }
}

//! The commands: the only place that knows them all.

mod commands;
mod dispatch;
mod folder;
mod pprof_flags;
mod typed;
mod unknown_option;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Error;
use clap::CommandFactory;

use self::commands::Cli;
use crate::cli::check;
use crate::cli::exit::Exit;
use crate::cli::options::TypedOptions;
use crate::cli::steps::{SeveralLines, print_line};
use crate::input::url;
use crate::render::sanitize;

/// Runs the program with these arguments, the program's name first, and returns its exit code.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<_> = args.collect();
    let typed = match typed::parse(args.clone()) {
        Ok(typed) => typed,
        Err(error) => return finish_parsing(&error, &args).into(),
    };
    let exit = dispatch::run(typed).unwrap_or_else(|error| {
        if let Some(error) = error.downcast_ref::<clap::Error>() {
            return finish_parsing(error, &args);
        }
        print_line(&format!("error: {}", error_text(&error, &args)));
        Exit::NoAnswer
    });
    exit.into()
}

/// Prints why the arguments are not run: help, the version, or what is wrong with them.
fn finish_parsing(error: &clap::Error, args: &[OsString]) -> Exit {
    if !error.use_stderr() {
        // Help and version come as errors, too. If nobody reads them to the end, that is not one.
        return match error.print().and_then(|()| io::stdout().flush()) {
            Err(failed) if failed.kind() != io::ErrorKind::BrokenPipe => {
                print_line(&format!("error: standard output: {failed}"));
                Exit::NoAnswer
            }
            _ => Exit::Success,
        };
    }
    let text = error.to_string();
    let shown = harmless(text.clone(), args);
    let known = Cli::command();
    let typed = TypedOptions::new(args.get(1..).unwrap_or_default(), &known);
    // Options may come before it; then a file of that name is meant, as in a diff.
    if typed.first.is_some_and(|(at, word)| word == "check" && (at == 0 || typed::is_no_file("check"))) {
        check::report_usage_error(&typed, usage_error(&shown));
    }
    // Coloured only as it is: without anything that was replaced.
    let _ = if shown == text { error.print() } else { write!(io::stderr(), "{shown}") };
    Exit::NoAnswer
}

/// The text of an error, in one line: it may repeat text from a file, which must not control the terminal nor the log of a
/// CI job. Only what has lines of its own keeps them.
fn error_text(error: &Error, args: &[OsString]) -> String {
    let of_cause = |cause: &(dyn std::error::Error + 'static)| {
        let text = without_secrets(cause.to_string(), args);
        let has_lines = cause.is::<SeveralLines>() || cause.is::<regex::Error>();
        if has_lines { sanitized_lines(&text) } else { sanitize(&text) }
    };
    error.chain().map(of_cause).collect::<Vec<_>>().join(": ")
}

fn sanitized_lines(text: &str) -> String {
    text.lines().map(sanitize).collect::<Vec<_>>().join("\n")
}

/// What is wrong with the arguments, in its lines. An argument in it may be the name of a file, where a shell expanded a
/// pattern.
fn harmless(text: String, args: &[OsString]) -> String {
    let text = without_secrets(text, args);
    let args = args.iter().map(|arg| arg.to_string_lossy());
    // Whole first: a line feed in a name must not begin a line.
    let text =
        args.filter(|arg| arg.contains(['\n', '\r'])).fold(text, |text, arg| text.replace(&*arg, &sanitize(&arg)));
    sanitized_lines(&text) + if text.ends_with('\n') { "\n" } else { "" }
}

/// Text that may repeat arguments, without what may be secret in URLs and headers among them.
fn without_secrets(text: String, args: &[OsString]) -> String {
    let is_url = |value: &&str| {
        value.contains("://")
            || url::of(Path::new(value)).is_some()
            || value.split_once('@').is_some_and(|(user, _)| user.contains(':'))
    };
    let args = args.iter().filter_map(|arg| arg.to_str());
    let after_option = args.clone().zip(args.clone().skip(1)).filter(|(option, _)| *option == "--header");
    let headers =
        args.clone().filter_map(|arg| arg.strip_prefix("--header=")).chain(after_option.map(|(_, value)| value));
    // Shorter ones are no secrets, and may be in any text.
    let headers = headers.filter(|value| value.len() > 4 && !value.starts_with('@'));
    let text = headers.fold(text, |text, header| text.replace(header, "…"));
    let values = args.flat_map(|arg| [Some(arg), arg.split_once('=').map(|(_, value)| value)]).flatten().filter(is_url);
    // What is shown of a URL without secrets begins with it, wherever it stands.
    let secret = values.map(|url| (url, url::shown(url))).filter(|(url, shown)| !shown.starts_with(url));
    secret.fold(text, |text, (url, shown)| text.replace(url, &shown))
}

/// A usage error without the usage.
fn usage_error(text: &str) -> &str {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    text.split("\n\n").next().unwrap_or(text)
}

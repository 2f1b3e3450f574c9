//! What was typed, and which command it means where none is named.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::commands::{Cli, Command, Unnamed, short};
use super::pprof_flags;
use super::unknown_option::with_options_like_it;
use crate::cli::diff::DiffArgs;
use crate::cli::options::{PageKind, first_bare, nearest};
use crate::input;
use crate::render;

/// Words that people use for a command of another name, and what to type.
const OTHER_WORDS: [(&[&str], &str); 3] = [
    (&["compare", "comparison", "cmp", "delta"], "heapdiff BASE CURRENT compares two profiles"),
    (&["show", "view", "print"], "heapdiff FILE shows what is alive in a profile"),
    (&["leak", "leaks", "series"], "heapdiff trend SNAPSHOTS finds what keeps growing"),
];

/// What was typed.
pub(super) enum Typed {
    /// A command.
    Command(Box<Command>),
    /// One profile or folder, without a command's name.
    Alone(Box<Alone>),
    /// The version, as JSON.
    Version,
}

/// One profile or folder without a command's name.
pub(super) struct Alone {
    pub(super) path: PathBuf,
    /// As a diff, which it is if the profile is a difference itself; `None` if the diff lacks one of the options.
    pub(super) diff: Option<DiffArgs>,
    /// All that was typed, the program's name first.
    pub(super) args: Vec<OsString>,
}

/// Parses the arguments, the program's name first.
pub(super) fn parse(args: Vec<OsString>) -> Result<Typed, clap::Error> {
    let words: Vec<_> = args.iter().skip(1).filter_map(|word| word.to_str()).collect();
    if let Some(advice) = pprof_flags::advice(&words) {
        return Err(Cli::command().error(ErrorKind::UnknownArgument, advice));
    }
    if matches!(words[..], ["-V" | "--version", "--json"] | ["--json", "-V" | "--version"]) {
        return Ok(Typed::Version);
    }
    let first = words.first().copied().unwrap_or_default();
    let is_help = matches!(first, "help" | "-h" | "--help" | "-V" | "--version");
    if words == ["-h"]
        && let Err(help) = short().try_get_matches_from(&args)
    {
        return Err(help);
    }
    if let ["help", word, ..] = words[..]
        && !word.starts_with('-')
        && !Command::is_name(word)
        && word != "help"
    {
        return Err(Cli::command().error(ErrorKind::InvalidSubcommand, no_help(word)));
    }
    if Command::is_name(first) || is_help || args.len() == 1 {
        let known = Cli::command();
        let cli =
            Cli::try_parse_from(&args).map_err(|error| with_options_like_it(error, known.find_subcommand(first)))?;
        let command = cli.command.unwrap_or(Command::Diff(cli.diff));
        return with_page(command, &args);
    }
    if is_mistyped(first) {
        return Err(Cli::command().error(ErrorKind::InvalidSubcommand, no_such_command(first)));
    }
    // Parsed on its own, so that errors show the usage of the diff, and no file is taken for a command.
    match Unnamed::try_parse_from(&args) {
        Ok(unnamed) => without_name(unnamed, args),
        Err(error) => match error.kind() {
            ErrorKind::UnknownArgument => by_options(&args).ok_or_else(|| on_option(&args).unwrap_or(error)),
            _ => Err(error),
        },
    }
}

/// Parses the arguments as those of a command.
pub(super) fn parse_as(name: &str, args: &[OsString]) -> Result<Command, clap::Error> {
    let (program, rest) = args.split_at(args.len().min(1));
    let args = program.iter().cloned().chain([OsString::from(name)]).chain(rest.iter().cloned());
    let cli = Cli::try_parse_from(args)?;
    Ok(cli.command.unwrap_or(Command::Diff(cli.diff)))
}

/// The command that inputs without a command's name mean: two are compared, more are a series.
fn without_name(unnamed: Unnamed, args: Vec<OsString>) -> Result<Typed, clap::Error> {
    let Unnamed { diff, more } = unnamed;
    // Options before the command's name.
    if let Some(name) = diff.base().and_then(Path::to_str).filter(|name| Command::is_name(name) && is_no_file(name))
        && let Some(at) = path_at(&args, Path::new(name))
    {
        let rest = [&args[..at], &args[at + 1..]].concat();
        return with_page(parse_as(name, &rest)?, &rest);
    }
    if !more.is_empty() {
        return parse_as("trend", &args).map(|command| Typed::command(of_glob(command)));
    }
    match diff.alone() {
        Some(path) => Ok(Typed::Alone(Box::new(Alone { path, diff: Some(diff), args }))),
        None => with_page(Command::Diff(diff), &args),
    }
}

/// What options mean that a trend has and the diff has not, if the inputs are a series.
fn by_options(args: &[OsString]) -> Option<Typed> {
    let Ok(Command::Trend(trend)) = parse_as("trend", args) else { return None };
    if let Some(folder) = trend.folder() {
        let path = folder.to_path_buf();
        return Some(Typed::Alone(Box::new(Alone { path, diff: None, args: args.to_vec() })));
    }
    trend.is_series().then(|| Typed::command(Command::Trend(trend.of_glob())))
}

/// The command with files as a shell's glob gives them.
fn of_glob(command: Command) -> Command {
    match command {
        Command::Trend(trend) => Command::Trend(trend.of_glob()),
        command => command,
    }
}

/// The command that writes the page, if the diff's output is one for a browser.
fn with_page(command: Command, args: &[OsString]) -> Result<Typed, clap::Error> {
    let kind = match &command {
        Command::Diff(diff) => diff.page(),
        _ => None,
    };
    let name = match kind {
        None => return Ok(Typed::command(command)),
        Some(PageKind::Html) => "report",
        Some(PageKind::Svg) => "flame",
    };
    let mut left = Vec::new();
    let mut words = args.iter().enumerate();
    while let Some((at, word)) = words.next() {
        let text = word.to_string_lossy();
        if text == "--format" {
            words.next();
        } else if !(text.starts_with("--format=") || at == 1 && text == "diff") {
            left.push(word.clone());
        }
    }
    parse_as(name, &left).map(Typed::command)
}

impl Typed {
    fn command(command: Command) -> Self {
        Typed::Command(Box::new(command))
    }
}

/// Whether a word can only be meant as a command.
fn is_mistyped(word: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !word.starts_with('-') && word.chars().all(is_word) && is_no_file(word)
}

/// The place of a path that is the first among all arguments, though it may be an option's value as well; `None` after
/// `--`.
pub(super) fn path_at(args: &[OsString], path: &Path) -> Option<usize> {
    first_bare(args.get(1..)?, &Cli::command()).map(|at| at + 1).filter(|&at| path == args[at])
}

pub(super) fn is_no_file(word: &str) -> bool {
    word != input::STDIN && !word.is_empty() && !Path::new(word).exists()
}

/// That `help` knows no such command, which may be a chapter of the manual instead.
fn no_help(word: &str) -> String {
    let names: Vec<_> = Command::names().collect();
    let meant = match (render::explain(Some(word)), &nearest(word, names.iter().cloned())[..]) {
        (Some(_), _) => format!("; heapdiff explain {word} has a chapter"),
        (None, []) => String::new(),
        (None, near) => format!("; did you mean {}?", near.join(" or ")),
    };
    format!("no command named {word}{meant}\n\nCommands: {}", names.join(", "))
}

fn no_such_command(word: &str) -> String {
    let names: Vec<_> = Command::names().collect();
    let near = nearest(word, names.iter().cloned());
    let is_address = word == "localhost" || word.parse::<u16>().is_ok();
    let other_word = OTHER_WORDS.iter().find(|(words, _)| words.contains(&word)).map(|(_, meant)| *meant);
    let meant = match other_word {
        None if is_address => "; a running program is HOST:PORT, such as localhost:6060".to_owned(),
        Some(meant) => format!("; {meant}"),
        None if near.is_empty() => String::new(),
        None => format!("; did you mean {}?", near.join(" or ")),
    };
    format!("no command or file named {word}{meant}\n\nCommands: {}", names.join(", "))
}

/// The advice on an option that was typed with one dash, or that only other commands have.
fn on_option(args: &[OsString]) -> Option<clap::Error> {
    let mut known = Cli::command();
    known.build();
    let has = |command: &clap::Command, name: &str| command.get_arguments().any(|arg| arg.get_long() == Some(name));
    let owners = |name: &str| -> Vec<String> {
        let owners = known.get_subcommands().filter(|command| has(command, name));
        owners.map(|command| format!("heapdiff {}", command.get_name())).collect()
    };
    let words = args.iter().skip(1).filter_map(|word| word.to_str()?.strip_prefix('-')?.split('=').next());
    let advice = words.into_iter().find_map(|word| match word.strip_prefix('-') {
        Some(name) if has(&known, name) => None,
        Some(name) => Some(owners(name)).filter(|owners| !owners.is_empty()).map(|owners| {
            format!(
                "--{name} is not an option of the diff; {} {} it",
                listed(&owners),
                if owners.len() == 1 { "has" } else { "have" }
            )
        }),
        None if has(&known, word) || !owners(word).is_empty() => {
            Some(format!("-{word}: options have two dashes; expected --{word}"))
        }
        None => None,
    })?;
    Some(known.error(ErrorKind::UnknownArgument, advice))
}

/// Names in a sentence: `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        names => names.concat(),
    }
}

//! The commands: the one file that knows them all.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::cli::exit::Exit;
use crate::cli::steps::{print_line, write_to};
use crate::cli::{calibrate, check, diff, explain, flame, list, memstats, peek, report, stacks, trend};
#[cfg(feature = "fetch")]
use crate::cli::{capture, watch};
use crate::input::url;
use crate::render::{self, sanitize};

/// Runs the program with these arguments, the program's name first, and returns its exit code.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<_> = args.collect();
    let cli = match parse(args.clone()) {
        Ok(cli) => cli,
        Err(error) => return finish_parsing(&error, &args).into(),
    };
    let exit = run(cli).unwrap_or_else(|error| {
        // Text from a file must not control the terminal.
        let text = without_secrets(format!("{error:#}"), &args);
        let text: Vec<_> = text.lines().map(sanitize).collect();
        print_line(&format!("error: {}", text.join("\n")));
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
    let shown = without_secrets(text.clone(), args);
    if args.get(1).is_some_and(|command| command == "check") {
        check::report_usage_error(&args[2..], usage_error(&shown));
    }
    // Coloured only as it is.
    let _ = if shown == text { error.print() } else { write!(io::stderr(), "{shown}") };
    Exit::NoAnswer
}

/// Text that may repeat arguments, without what may be secret in URLs among them.
fn without_secrets(text: String, args: &[OsString]) -> String {
    let is_url =
        |value: &&str| value.contains("://") || value.split_once('@').is_some_and(|(user, _)| user.contains(':'));
    let args = args.iter().filter_map(|arg| arg.to_str());
    let values = args.flat_map(|arg| [Some(arg), arg.split_once('=').map(|(_, value)| value)]).flatten().filter(is_url);
    values.fold(text, |text, url| text.replace(url, &url::shown(url)))
}

/// A usage error without the usage.
fn usage_error(text: &str) -> &str {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    text.split("\n\n").next().unwrap_or(text)
}

/// Tells which allocation sites really grew between two heap profiles.
///
/// BASE and CURRENT are heap profiles in pprof's format, gzipped or not: each a file, `-` for
/// standard input, a directory whose files are summed, or an http URL. A URL without a path, or
/// that ends with /debug/pprof/, means the program's heap behind two garbage collections:
/// /debug/pprof/heap?gc=1, the second time. Any other URL is fetched as it is.
#[derive(Debug, Parser)]
#[command(name = "heapdiff", version, after_help = diff::EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(
    subcommand_negates_reqs = true,
    override_usage = "heapdiff [OPTIONS] <BASE> <CURRENT>\n       heapdiff <COMMAND>"
)]
pub(crate) struct Cli {
    /// Another command than the diff.
    #[command(subcommand)]
    command: Option<Command>,
    /// The diff's arguments.
    #[command(flatten)]
    diff: diff::DiffArgs,
}

/// The diff, typed without its name.
#[derive(Debug, Parser)]
#[command(name = "heapdiff", version, after_help = diff::EXAMPLES, override_usage = "heapdiff [OPTIONS] <BASE> <CURRENT>")]
struct Unnamed {
    #[command(flatten)]
    diff: diff::DiffArgs,
}

/// Parses the arguments, the program's name first.
fn parse(args: Vec<OsString>) -> Result<Cli, clap::Error> {
    let first = args.get(1).and_then(|first| first.to_str()).unwrap_or_default();
    let is_named = Command::has_subcommand(first);
    if is_named || args.len() == 1 || matches!(first, "help" | "-h" | "--help" | "-V" | "--version") {
        return Cli::try_parse_from(args);
    }
    // Parsed on its own, so that errors show the usage of the diff, and no file is taken for a command.
    Unnamed::try_parse_from(args).map(|unnamed| Cli { command: None, diff: unnamed.diff })
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The ranked diff of two profiles (the command without a name)
    #[command(after_help = diff::EXAMPLES)]
    Diff(diff::DiffArgs),
    /// The gate: fail a build on growth that is real
    #[command(after_help = check::EXAMPLES, override_usage = "heapdiff check [OPTIONS] <BASE> <CURRENT>")]
    Check(Box<check::CheckArgs>),
    /// From profiles of runs in which nothing changed, the limits that would not have failed
    Calibrate(calibrate::CalibrateArgs),
    /// The source of functions, with what grew at each line
    #[command(after_help = list::EXAMPLES, override_usage = "heapdiff list [OPTIONS] <RE> <BASE> <CURRENT>")]
    List(Box<list::ListArgs>),
    /// Who calls functions and what they call, with what grew through each call
    #[command(after_help = peek::EXAMPLES, override_usage = "heapdiff peek [OPTIONS] <RE> <BASE> <CURRENT>")]
    Peek(Box<peek::PeekArgs>),
    /// The stacks that grew most
    #[command(after_help = stacks::EXAMPLES, override_usage = "heapdiff stacks [OPTIONS] <BASE> <CURRENT>")]
    Stacks(Box<stacks::StacksArgs>),
    /// Both sides as a flame graph, for a browser
    #[command(after_help = flame::EXAMPLES, override_usage = "heapdiff flame [OPTIONS] <BASE> <CURRENT>")]
    Flame(Box<flame::FlameArgs>),
    /// The diff as a page for a browser, with a flame graph and the stacks of each site
    #[command(after_help = report::EXAMPLES, override_usage = "heapdiff report [OPTIONS] <BASE> <CURRENT>")]
    Report(Box<report::ReportArgs>),
    /// Many snapshots: which sites keep growing, which level off
    #[command(after_help = trend::EXAMPLES)]
    Trend(trend::TrendArgs),
    /// What the runtime's own numbers say: a leak, a warm-up, idle memory, fragmentation, goroutines
    #[command(after_help = memstats::EXAMPLES)]
    Memstats(memstats::MemStatsArgs),
    /// Take snapshots of a running program, so that they compare well
    #[cfg(feature = "fetch")]
    #[command(after_help = capture::EXAMPLES)]
    Capture(capture::CaptureArgs),
    /// Take snapshots until Ctrl-C, and show behind each which sites keep growing
    #[cfg(feature = "fetch")]
    #[command(after_help = watch::EXAMPLES)]
    Watch(Box<watch::WatchArgs>),
    /// Print what a finding means, such as H003, and what to do about it; without a code, list all
    Explain(explain::ExplainArgs),
    /// Print the JSON Schema of --format json and ndjson
    Schema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page
    Man,
}

fn run(cli: Cli) -> Result<Exit> {
    match cli.command.unwrap_or(Command::Diff(cli.diff)) {
        Command::Diff(args) => diff::run(args),
        Command::Check(args) => return check::run(*args),
        Command::Calibrate(args) => calibrate::run(args),
        Command::List(args) => list::run(*args),
        Command::Peek(args) => peek::run(*args),
        Command::Stacks(args) => stacks::run(*args),
        Command::Flame(args) => flame::run(*args),
        Command::Report(args) => report::run(*args),
        Command::Trend(args) => return trend::run(args),
        Command::Memstats(args) => return memstats::run(args),
        #[cfg(feature = "fetch")]
        Command::Capture(args) => capture::run(args),
        #[cfg(feature = "fetch")]
        Command::Watch(args) => return watch::run(*args),
        Command::Explain(args) => explain::run(args),
        Command::Schema => write_to(None, |out| out.write_all(render::SCHEMA.as_bytes())),
        Command::Completions { shell } => write_to(None, |out| {
            // Written to memory first, as clap_complete panics on a closed pipe.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "heapdiff", &mut script);
            out.write_all(&script)
        }),
        Command::Man => write_to(None, |out| clap_mangen::Man::new(Cli::command()).render(out)),
    }
    .map(|()| Exit::Success)
}

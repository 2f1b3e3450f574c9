//! The list of commands, and what can be typed without a command's name.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::cli::{calibrate, check, diff, explain, flame, list, memstats, peek, report, stacks, top, trend};
#[cfg(feature = "fetch")]
use crate::cli::{capture, watch};

/// What `-h` ends with.
const SEE_MORE: &str = "heapdiff help COMMAND explains a command; --help shows all, with examples.";
const SEE_HELP: &str = "--help shows all options, with examples.";

/// Finds the functions whose memory really grew between two Go heap profiles.
///
/// BASE and CURRENT are heap profiles in pprof's format, gzipped or not: each a file, - for standard input, a directory
/// whose files are summed, or a URL (http, https, unix:SOCKET) or address. An address without a path, or one that ends with /debug/pprof/,
/// means the program's heap after two forced garbage collections; any other URL is fetched as it is.
///
/// One profile shows what is alive in it (top), three or more show what keeps growing (trend). A folder is
/// read by what is in it: one profile, two, or a series of snapshots, judged by trend and memstats.
#[derive(Debug, Parser)]
#[command(name = "heapdiff", version, after_help = SEE_MORE, after_long_help = diff::EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, arg_required_else_help = true)]
#[command(override_usage = "heapdiff [OPTIONS] <BASE> <CURRENT>
       heapdiff [OPTIONS] <PROFILE or FOLDER>
       heapdiff <COMMAND>")]
pub(super) struct Cli {
    /// Another command than the diff.
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// The diff's arguments.
    #[command(flatten)]
    pub(super) diff: diff::DiffArgs,
}

/// The diff, typed without its name.
#[derive(Debug, Parser)]
#[command(name = "heapdiff", version, after_help = SEE_MORE, after_long_help = diff::EXAMPLES)]
#[command(override_usage = "heapdiff [OPTIONS] <BASE> <CURRENT>")]
pub(super) struct Unnamed {
    #[command(flatten)]
    pub(super) diff: diff::DiffArgs,
    /// The inputs after the second.
    #[arg(hide = true)]
    pub(super) more: Vec<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compare two profiles (default command)
    #[command(after_help = SEE_HELP, after_long_help = diff::EXAMPLES)]
    Diff(diff::DiffArgs),
    /// Show what is alive in one profile
    #[command(after_help = SEE_HELP, after_long_help = top::EXAMPLES)]
    Top(Box<top::TopArgs>),
    /// Show what keeps growing over many snapshots
    #[command(after_help = SEE_HELP, after_long_help = trend::EXAMPLES)]
    Trend(trend::TrendArgs),
    /// Judge runtime.MemStats: leak, warm-up, idle memory, goroutines
    #[command(after_help = SEE_HELP, after_long_help = memstats::EXAMPLES)]
    Memstats(memstats::MemStatsArgs),
    /// Fail a build on growth that is real
    #[command(after_help = SEE_HELP, after_long_help = check::EXAMPLES)]
    #[command(override_usage = "heapdiff check [OPTIONS] <BASE> <CURRENT>")]
    Check(Box<check::CheckArgs>),
    /// Suggest limits from runs without changes
    #[command(after_help = SEE_HELP, after_long_help = calibrate::EXAMPLES)]
    Calibrate(calibrate::CalibrateArgs),
    /// Show the source of functions, with the growth of each line
    #[command(after_help = SEE_HELP, after_long_help = list::EXAMPLES)]
    #[command(override_usage = "heapdiff list [OPTIONS] <FUNCTION> <BASE> <CURRENT>")]
    List(Box<list::ListArgs>),
    /// Show callers and callees of functions, with the growth of each
    #[command(after_help = SEE_HELP, after_long_help = peek::EXAMPLES)]
    #[command(override_usage = "heapdiff peek [OPTIONS] <FUNCTION> <BASE> <CURRENT>")]
    Peek(Box<peek::PeekArgs>),
    /// Show the stacks that grew most
    #[command(after_help = SEE_HELP, after_long_help = stacks::EXAMPLES)]
    #[command(override_usage = "heapdiff stacks [OPTIONS] <BASE> <CURRENT>")]
    Stacks(Box<stacks::StacksArgs>),
    /// Write a differential flame graph (SVG or HTML)
    #[command(after_help = SEE_HELP, after_long_help = flame::EXAMPLES)]
    #[command(override_usage = "heapdiff flame [OPTIONS] <BASE> <CURRENT>")]
    Flame(Box<flame::FlameArgs>),
    /// Write the diff as a page for a browser
    #[command(after_help = SEE_HELP, after_long_help = report::EXAMPLES)]
    #[command(override_usage = "heapdiff report [OPTIONS] <BASE> <CURRENT>")]
    Report(Box<report::ReportArgs>),
    /// Take comparable snapshots of a running program
    #[cfg(feature = "fetch")]
    #[command(after_help = SEE_HELP, after_long_help = capture::EXAMPLES)]
    Capture(capture::CaptureArgs),
    /// Take snapshots until Ctrl-C, and show what keeps growing
    #[cfg(feature = "fetch")]
    #[command(after_help = SEE_HELP, after_long_help = watch::EXAMPLES)]
    Watch(Box<watch::WatchArgs>),
    /// Explain a finding (H003) or a topic (ci); without either, list both
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

/// The program as `-h` shows it, on one screen: without the commands and options that few need.
pub(super) fn short() -> clap::Command {
    let hidden = ["schema", "completions", "man"];
    let command = hidden
        .into_iter()
        .fold(Cli::command(), |command, name| command.mut_subcommand(name, |hidden| hidden.hide(true)));
    command.disable_help_subcommand(true).mut_arg("sort", |sort| sort.hide_possible_values(true))
}

impl Command {
    /// The names of the commands.
    pub(super) fn names() -> impl Iterator<Item = String> {
        let names: Vec<_> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
        names.into_iter()
    }

    /// Whether this is the name of a command.
    pub(super) fn is_name(word: &str) -> bool {
        Command::has_subcommand(word)
    }
}

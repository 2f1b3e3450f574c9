//! The list of commands, and what can be typed without a command's name.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::cli::{calibrate, check, diff, explain, flame, list, memstats, peek, report, stacks, top, trend};
#[cfg(feature = "fetch")]
use crate::cli::{capture, watch};

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
#[command(name = "heapdiff", version, after_help = diff::EXAMPLES, override_usage = "heapdiff [OPTIONS] <BASE> <CURRENT>")]
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
    /// The ranked diff of two profiles (the command without a name)
    #[command(after_help = diff::EXAMPLES)]
    Diff(diff::DiffArgs),
    /// What is alive in one profile
    #[command(after_help = top::EXAMPLES)]
    Top(Box<top::TopArgs>),
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

//! What the user can type.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::beside::BesideArgs;
use super::filters::FilterArgs;
use crate::diff::Metric;
use crate::gate;
use crate::input::Limit;

/// How many sites a list has by default.
pub(super) const DEFAULT_TOP: usize = 20;

const EXAMPLES: &str = "\
Examples:
  $ heapdiff before.pb.gz after.pb.gz
  $ heapdiff --by owner --sort objects before.pb.gz after.pb.gz
  $ heapdiff --focus 'acme/cache' --tagfocus 1b:64b before.pb.gz after.pb.gz
  $ heapdiff --by owner --own 'example.com/acme/...' --own main before.pb.gz after.pb.gz
  $ heapdiff --json before.pb.gz after.pb.gz | jq '.sites[0]'
  $ heapdiff --per-profile --base old/*.pb.gz --current new/*.pb.gz
  $ heapdiff before.pb.gz http://localhost:6060
  $ curl -s localhost:6060/debug/pprof/heap?gc=1 | heapdiff before.pb.gz -

Exit codes: 0 the report was made, 2 no answer (bad usage or input).";

/// Tells which allocation sites really grew between two heap profiles.
///
/// BASE and CURRENT are heap profiles in pprof's format, gzipped or not: each a file, `-` for
/// standard input, a directory whose files are summed, or an http URL. A URL without a path, or
/// that ends with /debug/pprof/, means the program's heap behind two garbage collections:
/// /debug/pprof/heap?gc=1, the second time. Any other URL is fetched as it is.
#[derive(Debug, Parser)]
#[command(name = "heapdiff", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(
    subcommand_negates_reqs = true,
    override_usage = "heapdiff [OPTIONS] <BASE> <CURRENT>\n       heapdiff <COMMAND>"
)]
pub struct Cli {
    /// Another command than the diff.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The diff's arguments.
    #[command(flatten)]
    pub diff: DiffArgs,
}

/// The diff without its name.
#[derive(Debug, Parser)]
#[command(name = "heapdiff", version, after_help = EXAMPLES, override_usage = "heapdiff [OPTIONS] <BASE> <CURRENT>")]
struct Unnamed {
    #[command(flatten)]
    diff: DiffArgs,
}

/// Parses the arguments, the program's name first.
pub(super) fn parse(args: Vec<OsString>) -> Result<Cli, clap::Error> {
    let first = args.get(1).and_then(|first| first.to_str()).unwrap_or_default();
    let is_named = Command::has_subcommand(first);
    if is_named || args.len() == 1 || matches!(first, "help" | "-h" | "--help" | "-V" | "--version") {
        return Cli::try_parse_from(args);
    }
    // Parsed on its own, the diff's mistakes are answered by its usage, and no file is taken for a command.
    Unnamed::try_parse_from(args).map(|unnamed| Cli { command: None, diff: unnamed.diff })
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The ranked diff of two profiles (the command without a name)
    #[command(after_help = EXAMPLES)]
    Diff(DiffArgs),
    /// The gate: fail a build on growth that is real
    #[command(after_help = super::check::EXAMPLES, override_usage = "heapdiff check [OPTIONS] <BASE> <CURRENT>")]
    Check(Box<super::check::CheckArgs>),
    /// From profiles of runs in which nothing changed, the limits that would not have failed
    Calibrate(super::check::CalibrateArgs),
    /// The source of functions, with what grew at each line
    #[command(after_help = super::calls::LIST_EXAMPLES, override_usage = "heapdiff list [OPTIONS] <RE> <BASE> <CURRENT>")]
    List(Box<super::calls::ListArgs>),
    /// Who calls functions and what they call, with what grew through each call
    #[command(after_help = super::calls::PEEK_EXAMPLES, override_usage = "heapdiff peek [OPTIONS] <RE> <BASE> <CURRENT>")]
    Peek(Box<super::calls::PeekArgs>),
    /// The stacks that grew most
    #[command(after_help = super::calls::STACKS_EXAMPLES, override_usage = "heapdiff stacks [OPTIONS] <BASE> <CURRENT>")]
    Stacks(Box<super::calls::StacksArgs>),
    /// Both sides as a flame graph, for a browser
    #[command(after_help = super::calls::FLAME_EXAMPLES, override_usage = "heapdiff flame [OPTIONS] <BASE> <CURRENT>")]
    Flame(Box<super::calls::FlameArgs>),
    /// The diff as a page for a browser, with a flame graph and the stacks of each site
    #[command(after_help = super::calls::REPORT_EXAMPLES, override_usage = "heapdiff report [OPTIONS] <BASE> <CURRENT>")]
    Report(Box<super::calls::ReportArgs>),
    /// Many snapshots: which sites keep growing, which level off
    #[command(after_help = super::series::TREND_EXAMPLES)]
    Trend(super::series::TrendArgs),
    /// What the runtime's own numbers say: a leak, a warm-up, idle memory, fragmentation, goroutines
    #[command(after_help = super::series::MEM_STATS_EXAMPLES)]
    Memstats(super::series::MemStatsArgs),
    /// Take snapshots of a running program, so that they compare well
    #[cfg(feature = "fetch")]
    #[command(after_help = super::capture::EXAMPLES)]
    Capture(super::CaptureArgs),
    /// Take snapshots until Ctrl-C, and show behind each which sites keep growing
    #[cfg(feature = "fetch")]
    #[command(after_help = super::watch::EXAMPLES)]
    Watch(Box<super::WatchArgs>),
    /// Print what a finding means, such as H003, and what to do about it; without a code, list all
    Explain {
        /// The code
        code: Option<String>,
    },
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

/// The two sides.
#[derive(Debug, Args)]
pub struct SideArgs {
    /// The earlier profile: a file, -, a directory or an http URL
    #[arg(required_unless_present = "base_paths", conflicts_with_all = ["base_paths", "current_paths"])]
    pub base: Option<PathBuf>,
    /// The later profile, likewise
    #[arg(required_unless_present = "current_paths")]
    pub current: Option<PathBuf>,
    /// Instead of BASE: profiles of the earlier side, which are summed
    #[arg(long = "base", value_name = "PATH", num_args = 1.., requires = "current_paths")]
    pub base_paths: Vec<PathBuf>,
    /// Instead of CURRENT: profiles of the later side, which are summed
    #[arg(long = "current", value_name = "PATH", num_args = 1.., requires = "base_paths")]
    pub current_paths: Vec<PathBuf>,
}

/// What to make of many profiles on a side.
#[derive(Debug, Args)]
pub struct FleetArgs {
    /// Divide the numbers of each side by how many profiles it has, so that fleets of different size compare
    #[arg(long)]
    pub per_profile: bool,
    /// Leave out files that cannot be read, with a warning for each
    #[arg(long)]
    pub skip_unreadable: bool,
}

/// How the output looks.
#[derive(Debug, Args)]
pub struct LookArgs {
    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// When to colour the table; NO_COLOR and CLICOLOR_FORCE are honoured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub color: ColorArg,
    /// How to write bytes in table and markdown: 1.50 MiB or 1572864
    #[arg(long, value_enum, value_name = "HOW", default_value_t = BytesArg::Iec)]
    pub bytes: BytesArg,
}

/// How profiles are read.
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// Refuse a profile that takes more when decompressed: 2GiB, 500MB or bytes [default: 32 MiB for small files,
    /// about 64 times what is read for large ones, 4 GiB at most]
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub max_decompressed: Option<u64>,
}

impl ReadArgs {
    /// The limit that was typed, or the usual one.
    pub(super) fn limit(&self) -> Limit {
        self.max_decompressed.map_or_else(Limit::default, Limit::Bytes)
    }
}

/// A number of bytes, as the limits of the gate are written.
fn bytes(text: &str) -> Result<u64, &'static str> {
    let parsed = gate::Limit::parse(text, Metric::Space);
    let bytes = parsed.ok().and_then(|limit| if let gate::Limit::Absolute(bytes) = limit { Some(bytes) } else { None });
    bytes.and_then(|bytes| u64::try_from(bytes).ok()).ok_or("expected bytes such as 2GiB, 500MB or 1048576")
}

/// The arguments of the diff.
#[derive(Debug, Args)]
pub struct DiffArgs {
    #[command(flatten)]
    pub sides: SideArgs,
    #[command(flatten)]
    pub fleet: FleetArgs,

    /// What a site is
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Lines)]
    pub by: By,
    /// Rank by this metric only [default: a list for each]
    #[arg(long, value_enum, value_name = "METRIC")]
    pub sort: Option<Sort>,
    /// Sites in a list [default: 20 for table and markdown, all for the other formats]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    pub top: Option<usize>,
    /// List every site, also those that did not grow
    #[arg(long)]
    pub all: bool,
    /// List only sites whose growth is more than sampling noise
    #[arg(long, conflicts_with = "all")]
    pub confirmed: bool,
    /// Count what a site's callees allocate, too, and list sites that only call
    #[arg(long)]
    pub cum: bool,
    /// Compare this sample type instead of live objects and bytes, such as goroutine or alloc_space
    #[arg(long, value_name = "NAME")]
    pub sample_type: Option<String>,
    #[command(flatten)]
    pub beside: BesideArgs,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The configuration, for its own [default: heapdiff.toml here or in the nearest folder above]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,

    /// Format of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = FormatArg::Table)]
    pub format: FormatArg,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    #[command(flatten)]
    pub look: LookArgs,
}

/// `--by`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum By {
    /// A line of a function
    Lines,
    /// A function
    Functions,
    /// A source file
    Files,
    /// A package
    Packages,
    /// The function in your own code that the memory was allocated for
    Owner,
}

/// `--sort`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Sort {
    /// inuse_space, live bytes
    Space,
    /// inuse_objects, live objects
    Objects,
}

/// `--format`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FormatArg {
    /// For people, at a terminal
    Table,
    /// One object
    Json,
    /// A line for each site, between a header and a summary
    Ndjson,
    /// A row for each site
    Csv,
    /// For people, on a page
    Markdown,
    /// A line for each stack, with the values of both sides: what flame graphs are made of
    Folded,
    /// A profile that go tool pprof shows as a diff: the base's samples are below 0 in it
    Pprof,
    /// For speedscope.app: what grew, the current side and the base, of each metric
    Speedscope,
}

/// `--color`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ColorArg {
    /// On a terminal
    Auto,
    /// Also elsewhere
    Always,
    /// Not at all
    Never,
}

/// `--bytes`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum BytesArg {
    /// 1.50 MiB
    Iec,
    /// 1572864
    Raw,
}

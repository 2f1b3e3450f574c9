//! What the user can type.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// How many sites a list has by default.
pub(super) const DEFAULT_TOP: usize = 20;

const EXAMPLES: &str = "\
Examples:
  $ heapdiff before.pb.gz after.pb.gz
  $ heapdiff --by owner --sort objects before.pb.gz after.pb.gz
  $ heapdiff --focus 'acme/cache' before.pb.gz after.pb.gz
  $ heapdiff --json before.pb.gz after.pb.gz | jq '.sites[0]'
  $ curl -s localhost:6060/debug/pprof/heap?gc=1 | heapdiff before.pb.gz -

Exit codes: 0 the report was made, 2 no answer (bad usage or input).";

/// Tells which allocation sites really grew between two heap profiles.
///
/// BASE and CURRENT are heap profiles in pprof's format, gzipped or not: each a file, `-` for
/// standard input, or a directory whose files are summed.
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
    let is_named = Cli::command().find_subcommand(first).is_some();
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

/// The arguments of the diff.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier profile: a file, - or a directory
    #[arg(required_unless_present = "base_paths", conflicts_with_all = ["base_paths", "current_paths"])]
    pub base: Option<PathBuf>,
    /// The later profile, likewise
    #[arg(required_unless_present = "current_paths")]
    pub current: Option<PathBuf>,
    /// Instead of BASE: a profile of the earlier side; all given are summed
    #[arg(long = "base", value_name = "PATH", requires = "current_paths")]
    pub base_paths: Vec<PathBuf>,
    /// Instead of CURRENT: a profile of the later side; all given are summed
    #[arg(long = "current", value_name = "PATH", requires = "base_paths")]
    pub current_paths: Vec<PathBuf>,

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
    /// Only samples with a frame whose function, file or mapping matches the regular expression
    #[arg(long, value_name = "RE")]
    pub focus: Option<String>,
    /// No samples with such a frame
    #[arg(long, value_name = "RE")]
    pub ignore: Option<String>,

    /// Format of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = FormatArg::Table)]
    pub format: FormatArg,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// Write to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// When to colour the table; NO_COLOR and CLICOLOR_FORCE are honoured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub color: ColorArg,
    /// How to write bytes in table and markdown: 1.50 MiB or 1572864
    #[arg(long, value_enum, value_name = "HOW", default_value_t = BytesArg::Iec)]
    pub bytes: BytesArg,
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

//! `heapdiff watch`, capture and trend in one: shows after each snapshot of a running program the trend so far.
//!
//! In: the URL of its `net/http/pprof`. Out: a table that is renewed, and the verdict at the end. Snapshots are taken on
//! a thread of their own, so that a slow server does not delay the end.

mod screen;
mod session;

use std::iter;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, Result};
use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{
    By, BytesArg, ColorArg, Companions, ConfiguredFilterArgs, DEFAULT_TOP, LoadOptions, LookArgs, ReadArgs, SeriesPlan,
    TRENDS, TakeArgs, heap_limit, trends,
};
use crate::cli::steps::{
    Folder, Manifest, Pace, ProfileKind, Program, Retry, RoundPlan, SystemClock, repeat, stop_flag,
};
use crate::cli::watch::session::{Event, Session, TableOptions};
use crate::render;
use crate::report::Watched;
use crate::site::NameArena;

pub(crate) const EXAMPLES: &str = "\
Capture and trend in one: snapshots are taken as capture takes them, and from the third on the trend table is \
redrawn after each, with the goroutines that there are more of. Where the output is not a terminal, the tables \
follow one another, each after a line with \
its snapshot's number and time. Ctrl-C (SIGINT), SIGTERM or SIGHUP ends it with the final verdict, and so does a program \
that no longer answers (--retries); a second Ctrl-C ends it at once. After a restart of the program the verdict \
rests on the snapshots since. A crash is not a pass: if the program went away, stalls at the end, or was \
restarted, --fail-on exits with 1 if it found what it names, and otherwise with 2.

Watch until Ctrl-C:
  $ heapdiff watch localhost:6060

Keep the snapshots, and estimate when memory runs out:
  $ heapdiff watch localhost:6060 --every 5m -o captures --limit 2GiB

Fail a soak test:
  $ timeout --preserve-status 10m heapdiff watch localhost:6060 --every 30s --fail-on leak

Exit status: 0 the final verdict was given, 1 --fail-on found what it names, 2 no answer (fewer than three \
snapshots of one process, bad usage, or --fail-on while the program went away, or the snapshots cannot tell).";

#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// Address of the program's net/http/pprof: HOST:PORT, an http or https URL, or unix:SOCKET, with any path prefix before
    /// /debug/pprof
    url: String,
    /// Keep the snapshots in this folder, which must be new or empty [default: a temporary one, which is removed]
    #[arg(help_heading = "Capture")]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    take: TakeArgs,
    /// What is listed
    #[arg(help_heading = "Functions")]
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    by: By,
    /// Estimate when the live heap reaches this size, such as 2GiB
    #[arg(help_heading = "Functions")]
    #[arg(long, value_name = "SIZE")]
    limit: Option<String>,
    /// Exit with status 1 if a function has one of these trends at the end
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "TREND", value_delimiter = ',')]
    #[arg(value_parser = TRENDS)]
    fail_on: Vec<String>,
    /// Show at most N functions in the table [default: 20]
    #[arg(help_heading = "Functions")]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    top: Option<usize>,
    /// List every function, including steady ones
    #[arg(help_heading = "Functions")]
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    filter: ConfiguredFilterArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured
    #[arg(help_heading = "Output", hide_short_help = true)]
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    color: ColorArg,
    /// How to print bytes: 1.50 MiB or 1572864
    #[arg(help_heading = "Output", hide_short_help = true)]
    #[arg(long, value_enum, value_name = "HOW", default_value_t = BytesArg::Iec)]
    bytes: BytesArg,
}

/// A program to watch.
struct WatchPlan {
    program: Program,
    /// The profiles to take after the heap.
    others: &'static [ProfileKind],
    /// The folder that snapshots are kept in, if they are.
    folder: Option<PathBuf>,
    /// The options by which the program is asked and how often, as words of another command.
    options: Vec<String>,
    trend: SeriesPlan,
    table: TableOptions,
}

impl WatchPlan {
    fn new(args: WatchArgs) -> Result<Self> {
        let others: &[ProfileKind] = match args.output {
            Some(_) => &ProfileKind::AFTER_HEAP,
            None => &[ProfileKind::Goroutine, ProfileKind::Text],
        };
        let program = Program::new(&args.url, args.take.read()?)?;
        let options = [args.read.connect.words(), args.take.words()].concat();
        let limit = heap_limit(args.limit.as_deref())?;
        let (filter, request, own) = args.filter.resolve()?;
        let trend = SeriesPlan {
            load_options: LoadOptions::new(args.by.into(), filter, own, args.read.limit()),
            companions: Companions::default(),
            mem_stats: Vec::new(),
            folder: Vec::new(),
            limit,
            fail_on: trends(&args.fail_on),
            request,
            with_graph: false,
        };
        let table = TableOptions {
            all: args.all,
            top: if args.all { usize::MAX } else { args.top.unwrap_or(DEFAULT_TOP) },
            look: LookArgs { output: None, color: args.color, bytes: args.bytes },
        };
        Ok(WatchPlan { program, others, folder: args.output, options, trend, table })
    }
}

pub(crate) fn run(args: WatchArgs) -> Result<Exit> {
    let insecure = args.read.connect.is_insecure();
    let WatchPlan { program, others, folder, options, trend, table } = WatchPlan::new(args)?;
    let every = program.taking.every;
    let stop = stop_flag()?;
    let folder = Folder::new(folder)?;
    let new_manifest =
        || Manifest::new(program.url.to_string(), SystemTime::now(), None, every.as_secs_f64(), insecure);
    let manifest = (!folder.is_temporary).then(new_manifest);
    let path = folder.path.clone();
    let words = iter::once(program.url.to_string()).chain(options).collect();
    let watched = Watched { words, keep_in: folder.is_temporary.then(new_folder) };
    let (sender, events) = sync_channel(1);
    let names = NameArena::default();
    let mut session = Session::new((trend, watched), table, (folder, manifest), every, &names);
    // Not joined: a snapshot that is still being taken at the end is not needed.
    thread::Builder::new().spawn(move || take(&program, others, &path, &sender))?;
    let failed = session.follow(&events, &stop)?;
    session.end(failed)
}

/// The name of a folder that is not there yet.
fn new_folder() -> String {
    let names = iter::once("snapshots".to_owned()).chain((2..).map(|number| format!("snapshots-{number}")));
    names.into_iter().find(|name| !Path::new(name).exists()).unwrap_or_default()
}

/// Takes snapshots until one fails or the receiver is gone.
fn take(program: &Program, others: &[ProfileKind], folder: &Path, events: &SyncSender<Event>) {
    let clock = SystemClock::new();
    let every = program.taking.every;
    let send = |event| events.send(event).ok().context("the watch has ended");
    let waits = |&number: &usize, left| send(Event::Waits(number, left)).unwrap_or_default();
    let mut pace = Pace::new(every);
    let ended = repeat(0.., every, &clock, waits, |number| {
        send(Event::Takes(number))?;
        let order = RoundPlan { folder, number: &format!("{number:06}"), is_first: number == 0, others };
        let mut told = |retry: &Retry| {
            let text = render::retrying(number + 1, &retry.reason, retry.wait);
            send(Event::Retries(text)).unwrap_or_default();
        };
        let snapshot = program.snapshot(&order, &clock, &mut told);
        let snapshot = snapshot.with_context(|| format!("snapshot {} was not taken", number + 1))?;
        if let Some(took) = snapshot.took.filter(|&took| pace.is_lost_by(took)) {
            send(Event::Warning(render::interval_not_kept(took, every)))?;
        }
        send(Event::Taken(number, snapshot))
    });
    if let Err(error) = ended {
        send(Event::Failed(error)).unwrap_or_default();
    }
}

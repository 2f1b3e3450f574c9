//! `heapdiff capture`: takes snapshots of a running program, so that they compare well.
//!
//! In: the URL of its `net/http/pprof`. Out: a folder of profiles whose names sort by time, and what to do with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use crate::cli::options::{ConnectArgs, TakeArgs, timestamp};
use crate::cli::steps::{
    Clock, Manifest, Pace, ProfileKind, Program, Retry, Round, RoundPlan, StatusLine, SystemClock, Totals, prepare,
    print_line, repeat, stop_flag, until_stopped, warn, write_to,
};
use crate::profile::MemStats;
use crate::render::{self, Taken};
use crate::series::{assess, is_of_later_process};

pub(crate) const EXAMPLES: &str = "\
Two forced garbage collections before each snapshot leave only live memory in it. A snapshot is the heap, the \
heap as text (with runtime.MemStats, after another collection, so that its totals are exact), and the goroutine \
and threadcreate profiles; manifest.json says when each was taken. Existing files are never overwritten. The \
query of the URL, such as ?token=..., is sent with each request and never shown; gc, debug and seconds in it are \
ignored. heapdiff explain profiles tells of https, tokens, proxies and sockets. A request that is refused, late or cut off is repeated (--retries), except when the first snapshot does \
not reach the program at all.

Two snapshots, a minute apart, in a folder named by host and time:
  $ heapdiff capture localhost:6060

A series, to tell a leak from a warm-up:
  $ heapdiff capture localhost:6060 -o captures --count 10 --every 5m

A program behind a prefix, a password or a token, with an authority of its own, or at a socket:
  $ heapdiff capture http://user:password@build.example:8080/admin/debug/pprof
  $ heapdiff capture https://build.example:8443 --header @token --cacert ca.pem
  $ heapdiff capture unix:/run/docker.sock

Ctrl-C keeps what was taken, and says what to do with it.

Exit status: 0 all snapshots were taken, 2 one was not (those before it are kept), or bad usage.";

#[derive(Debug, Args)]
pub(crate) struct CaptureArgs {
    /// Address of the program's net/http/pprof: HOST:PORT, an http or https URL, or unix:SOCKET, with any path prefix before
    /// /debug/pprof
    url: String,
    /// Write to this folder, which must be new or empty [default: one named by host and time, in the working directory]
    #[arg(help_heading = "Capture")]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Number of snapshots
    #[arg(help_heading = "Capture")]
    #[arg(long, short_alias = 'n', value_name = "N", default_value_t = 2)]
    count: usize,
    /// Also take goroutines that are blocked forever (Go 1.27) with the first and the last snapshot; this costs one
    /// more, longer collection
    #[arg(help_heading = "Capture", hide_short_help = true)]
    #[arg(long)]
    goroutineleak: bool,
    #[command(flatten)]
    take: TakeArgs,
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
}

/// A capture to make.
struct CapturePlan {
    program: Program,
    folder: PathBuf,
    count: usize,
    goroutineleak: bool,
    connect: ConnectArgs,
    /// The time between two snapshots, as words of another command.
    every: Vec<String>,
}

impl CapturePlan {
    fn new(args: CaptureArgs) -> Result<Self> {
        if args.count == 0 {
            bail!("--count: expected at least 1");
        }
        let program = Program::new(&args.url, args.take.read()?)?;
        let folder = args.output.unwrap_or_else(|| default_folder(&program.url.place(), SystemTime::now()));
        let CaptureArgs { count, goroutineleak, connect, take, .. } = args;
        // A series without a pause shows no growth.
        let every = if program.taking.every.is_zero() { Vec::new() } else { take.words() };
        Ok(CapturePlan { program, folder, count, goroutineleak, connect, every })
    }

    /// The profiles to take after the heap in this round.
    fn others(&self, round: usize) -> Vec<ProfileKind> {
        let is_end = round == 0 || round + 1 == self.count;
        let leak = (self.goroutineleak && is_end).then_some(ProfileKind::GoroutineLeak);
        ProfileKind::AFTER_HEAP.into_iter().chain(leak).collect()
    }
}

/// The name of a folder for snapshots of the program at `host`, with its port: `heap-localhost-6060-2026-12-31T235959Z`.
fn default_folder(host: &str, now: SystemTime) -> PathBuf {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let host: String = host.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    PathBuf::from(format!("heap-{}-{}", host.trim_matches('-'), timestamp(now).replace(':', "")))
}

/// What was taken so far.
struct Capture {
    manifest: Manifest,
    /// The totals of the last process, in time order.
    totals: Vec<MemStats>,
}

impl Capture {
    /// Adds a snapshot; warns of what is missing in it, and if the program was restarted before it.
    fn add(&mut self, round: usize, snapshot: Round) {
        for missing in &snapshot.failed {
            match missing.is_expected {
                true => print_line(&render::missing_by_version(round + 1, missing.profile)),
                false => warn(&render::missing_profile(round + 1, missing.profile, &missing.error)),
            }
        }
        if let Some(stats) = &snapshot.mem_stats {
            if self.totals.last().is_some_and(|before| is_of_later_process(before, stats)) {
                self.totals.clear();
                self.manifest.restarted_before.push(round + 1);
                warn(&render::restarted_before(round + 1));
            }
            self.totals.push(MemStats::clone(stats));
        }
        self.manifest.snapshots.push(snapshot);
    }
}

/// Runs the command. If something goes wrong, or a signal ends it, the snapshots taken before are kept.
pub(crate) fn run(args: CaptureArgs) -> Result<()> {
    let plan = Arc::new(CapturePlan::new(args)?);
    let stop = stop_flag()?;
    let (folder, url) = (&plan.folder, &plan.program.url);
    let is_new = prepare(folder).with_context(|| folder.display().to_string())?;
    let every = plan.program.taking.every.as_secs_f64();
    let manifest =
        Manifest::new(url.to_string(), SystemTime::now(), Some(plan.count), every, plan.connect.is_insecure());
    let capture = Arc::new(Mutex::new(Capture { manifest, totals: Vec::new() }));
    let taken = until_stopped(&stop, {
        let (plan, capture) = (Arc::clone(&plan), Arc::clone(&capture));
        move || take(&plan, &capture, &SystemClock::new())
    });
    StatusLine::new().clear();
    // Held until the end: a thread that is still waiting for an answer adds nothing any more.
    let mut capture = locked(&capture);
    let Capture { manifest, totals } = &mut *capture;
    if taken.is_none() {
        // The snapshot that was being taken is none.
        remove_round(folder, &number(manifest.snapshots.len(), plan.count));
    }
    if manifest.snapshots.is_empty() {
        if is_new {
            // So that the same command works once the program does. A folder with files in it stays.
            let _ = fs::remove_dir(folder);
        }
        return taken.unwrap_or_else(|| bail!("interrupted before the first snapshot was taken"));
    }
    let (kept, count) = (manifest.snapshots.len(), plan.count);
    let result = match taken {
        Some(taken) => taken.with_context(|| {
            let kept_in = folder.display();
            format!("snapshot {} of {count} was not taken; the {kept} before it are kept in {kept_in}", kept + 1)
        }),
        None => Err(anyhow!("interrupted after {kept} of {count} snapshots, which are kept in {}", folder.display())),
    };
    if let Err(error) = &result {
        manifest.error = Some(format!("{error:#}"));
    }
    let assessment = assess(totals);
    let sentence = render::totals_trust(&assessment, totals.len());
    manifest.totals = Some(Totals { trust: assessment.trust(), sentence: sentence.clone() });
    let written = manifest.write(folder);
    let since = manifest.restarted_before.last().map_or(0, |&number| number - 1);
    let heaps = manifest.snapshots[since..].iter().filter_map(|snapshot| snapshot.files.first());
    let next = render::capture_end(&Taken {
        snapshots: manifest.snapshots.len(),
        folder: folder.display().to_string(),
        url: url.to_string(),
        connection: plan.connect.words(),
        every: plan.every.clone(),
        totals: sentence,
        heaps: heaps.map(|heap| folder.join(&heap.file).display().to_string()).collect(),
    });
    write_to(None, |out| out.write_all(next.as_bytes()))?;
    result.and(written)
}

/// What was taken so far, also if the thread that takes has panicked.
fn locked(capture: &Mutex<Capture>) -> MutexGuard<'_, Capture> {
    capture.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of a snapshot in the names of its files.
fn number(round: usize, count: usize) -> String {
    let digits = (count - 1).to_string().len().max(2);
    format!("{round:0digits$}")
}

/// Removes what there is of a snapshot that was not finished, whole files and begun ones. All that stays would be taken for
/// one.
fn remove_round(folder: &Path, number: &str) {
    let end = format!("_{number}");
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().trim_start_matches('.').to_owned();
        if name.split('.').next().is_some_and(|stem| stem.ends_with(&end)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Takes the snapshots, and writes the manifest after each.
fn take(plan: &CapturePlan, capture: &Mutex<Capture>, clock: &dyn Clock) -> Result<()> {
    let line = StatusLine::new();
    let (count, every) = (plan.count, plan.program.taking.every);
    let waits = |&round: &usize, left: Duration| {
        let seconds = left.as_secs_f64().ceil();
        line.say(&format!("snapshot {} of {count} in {seconds:.0} s; Ctrl-C to stop and keep the others", round + 1))
    };
    let mut pace = Pace::new(every);
    repeat(0..count, every, clock, waits, |round| {
        let status = || line.say(&format!("snapshot {} of {count}", round + 1));
        status();
        let order = RoundPlan {
            folder: &plan.folder,
            number: &number(round, count),
            is_first: round == 0,
            others: &plan.others(round),
        };
        let mut told = |retry: &Retry| {
            line.clear();
            warn(&render::retrying(round + 1, &retry.reason, retry.wait));
            status();
        };
        let snapshot = plan.program.snapshot(&order, clock, &mut told);
        line.clear();
        let snapshot = snapshot?;
        if let Some(took) = snapshot.took.filter(|&took| pace.is_lost_by(took)) {
            warn(&render::interval_not_kept(took, every));
        }
        let mut capture = locked(capture);
        capture.add(round, snapshot);
        capture.manifest.write(&plan.folder)
    })
}

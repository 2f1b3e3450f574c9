//! Capture and trend in one: behind each snapshot of a running program the trend so far, until somebody ends it.
//!
//! In: the URL of its `net/http/pprof`. Out: a table that is renewed, and at the end the verdict. Snapshots are taken on
//! a thread of their own, so that a server that is slow to answer keeps nobody from ending it.

mod args;
mod folder;
mod screen;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Error, Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

pub use args::WatchArgs;
pub(super) use args::{EXAMPLES, WatchPlan};

use super::Exit;
use super::args::LookArgs;
use super::capture::{Failed, Kind, Manifest, Program, Snapshot, warn};
use super::clock::{Clock, SystemClock, repeat};
use super::mem_stats::read as read_mem_stats;
use super::plan::look;
use super::progress::{Line, Progress};
use super::series::TrendPlan;
use super::side::add_up_in;
use super::trend::{Run, exit, judge, series_notes};
use crate::render::{self, plain};
use crate::report::TrendReport;
use crate::series::Window;
use crate::site::NameArena;
use folder::Folder;
use screen::Screen;

/// How long it takes at most until a signal is heeded.
const PATIENCE: Duration = Duration::from_millis(100);

/// What the thread that takes the snapshots tells. They are counted from 0.
enum Event {
    /// So long until the next.
    Waits(usize, Duration),
    Takes(usize),
    Taken(usize, Snapshot),
    /// Why there is no further one.
    Failed(Error),
}

/// Takes snapshots, and shows what they tell, until it is ended.
pub(super) fn run_watch(plan: WatchPlan) -> Result<Exit> {
    let WatchPlan { program, every, folder, trend, look } = plan;
    let stop = stop().context("Ctrl-C cannot be waited for")?;
    let folder = Folder::new(folder)?;
    let keeps = || Manifest::new(program.url.to_string(), SystemTime::now(), None, every.as_secs_f64());
    let manifest = (!folder.is_temporary).then(keeps);
    let path = folder.path.clone();
    let (sender, events) = sync_channel(1);
    let names = NameArena::default();
    let mut watch = Watch {
        trend,
        look,
        folder,
        manifest,
        run: Run::new(&names),
        taken: 0,
        report: None,
        screen: Screen::new(),
        told: Vec::new(),
    };
    // Not waited for: what it is about when all is over is of no use.
    thread::Builder::new().spawn(move || take(&program, &path, every, &sender))?;
    let failed = watch.follow(&events, &stop)?;
    watch.end(failed)
}

/// A flag that Ctrl-C raises, and whoever ends processes. Doing so again ends the program at once.
fn stop() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::default();
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Takes snapshots until one fails, or nobody listens any more.
fn take(program: &Program, folder: &Path, every: Duration, events: &SyncSender<Event>) {
    let clock = SystemClock::new();
    let tell = |event| events.send(event).ok().context("nobody listens");
    let waits = |&number: &usize, left| tell(Event::Waits(number, left)).unwrap_or_default();
    let ended = repeat(0.., every, &clock, waits, |number| {
        tell(Event::Takes(number))?;
        let snapshot = program.snapshot(folder, &format!("{number:06}"), clock.now());
        tell(Event::Taken(number, snapshot.with_context(|| format!("snapshot {} was not taken", number + 1))?))
    });
    if let Err(error) = ended {
        tell(Event::Failed(error)).unwrap_or_default();
    }
}

/// What was seen so far.
struct Watch<'n> {
    trend: TrendPlan,
    look: LookArgs,
    folder: Folder,
    /// Of what is kept.
    manifest: Option<Manifest>,
    run: Run<'n>,
    /// How many snapshots, earlier processes' included.
    taken: usize,
    /// What they tell, once there are enough.
    report: Option<TrendReport>,
    screen: Screen,
    /// The profiles of which it was told that they are missing.
    told: Vec<&'static str>,
}

impl Watch<'_> {
    /// Shows what there is until a signal comes or nobody reads on, or tells why no further snapshot was taken.
    fn follow(&mut self, events: &Receiver<Event>, stop: &AtomicBool) -> Result<Option<Error>> {
        let line = Line::new();
        let mut failed = None;
        while !stop.load(Ordering::Relaxed) {
            match events.recv_timeout(PATIENCE) {
                Ok(Event::Waits(number, left)) => {
                    let seconds = left.as_secs_f64().ceil();
                    line.say(&format!("snapshot {} in {seconds:.0} s; Ctrl-C ends with the verdict", number + 1));
                }
                Ok(Event::Takes(number)) => line.say(&format!("snapshot {}", number + 1)),
                Ok(Event::Taken(number, snapshot)) => {
                    line.clear();
                    let text = self.add(number, snapshot)?;
                    match self.screen.show(&text) {
                        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
                        shown => shown.context("standard output")?,
                    }
                }
                Ok(Event::Failed(error)) => {
                    failed = Some(error);
                    break;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        line.clear();
        Ok(failed)
    }

    /// Adds a snapshot, and tells what there is to say now.
    fn add(&mut self, number: usize, snapshot: Snapshot) -> Result<String> {
        let file = |kind: Kind| snapshot.files.iter().find(|file| file.profile == kind.name());
        let path = |kind| file(kind).map(|file| self.folder.path.join(&file.file));
        let heap = path(Kind::Heap).context("a snapshot without a heap")?;
        let text = path(Kind::Text);
        let (progress, names) = (Progress::default(), NameArena::default());
        let mut added = add_up_in(std::slice::from_ref(&heap), &self.trend.measure, &progress, &names)?;
        snapshot.failed.iter().for_each(|missing| self.miss(number, missing));
        if let Some(text) = text {
            match read_mem_stats(&text, &progress)? {
                Ok(stats) => added.mem_stats = stats.into_iter().next_back(),
                Err(error) => {
                    self.miss(number, &Failed { profile: "runtime.MemStats", error: error.to_string() });
                }
            }
        }
        let head = format!("snapshot {}, {}", number + 1, snapshot.taken_at);
        let name =
            if self.folder.is_temporary { format!("snapshot {}", number + 1) } else { heap.display().to_string() };
        self.run.add_as(name, &heap, added);
        self.taken = number + 1;
        if let Some(manifest) = &mut self.manifest {
            manifest.snapshots.push(snapshot);
            manifest.write(&self.folder.path)?;
        }
        self.report = None;
        let Some(window) = Window::of(self.run.snapshots.len()) else {
            return Ok(format!("{head}: {}\n", self.so_far()));
        };
        let report = judge(&self.trend, &self.run, series_notes(&self.run, false, Vec::new()), &progress)?;
        if self.folder.is_temporary {
            let needed = [&self.run.paths[window.first..=window.first], &self.run.paths[window.middle..]].concat();
            self.folder.prune(&needed, &heap);
        }
        let table = self.table(&report)?;
        self.report = Some(report);
        Ok(format!("{head}\n{table}\n"))
    }

    /// Warns of something that a snapshot lacks, unless one before lacked it, too.
    fn miss(&mut self, number: usize, missing: &Failed) {
        if !self.told.contains(&missing.profile) {
            self.told.push(missing.profile);
            warn(number + 1, missing);
            self.screen.leave();
        }
    }

    /// How much there is of what a trend takes.
    fn so_far(&self) -> String {
        let earlier = match self.run.left_out {
            0 => String::new(),
            left_out => format!("; the program was restarted, {left_out} before that do not count"),
        };
        format!("{} of the 3 snapshots that a trend takes{earlier}", self.run.snapshots.len())
    }

    fn table(&self, report: &TrendReport) -> Result<String> {
        let mut table = Vec::new();
        // A terminal may have got another width since.
        render::trend_table(report, self.trend.all, self.trend.top, look(&self.look), &mut table)?;
        Ok(String::from_utf8(table)?)
    }

    /// The verdict, by what was taken before it failed, if it did.
    fn end(mut self, failed: Option<Error>) -> Result<Exit> {
        if let (Some(manifest), Some(error)) = (&mut self.manifest, &failed)
            && self.taken > 0
        {
            manifest.error = Some(format!("{error:#}"));
            manifest.write(&self.folder.path)?;
        }
        let Some(report) = &self.report else {
            match failed {
                Some(error) => return Err(error.context(self.so_far())),
                None => bail!("{}", self.so_far()),
            }
        };
        let kept = match &self.manifest {
            Some(_) => format!(", kept in {}", self.folder.path.display()),
            None => String::new(),
        };
        let (table, verdict) = (self.table(report)?, render::trend_verdict(report));
        let (text, exit) = (format!("end: {} snapshots{kept}\n{table}{verdict}\n", self.taken), exit(report));
        match self.screen.end(&text) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            shown => shown.context("standard output")?,
        }
        if let Some(error) = failed {
            let _ = writeln!(io::stderr(), "warning: {}", plain(&format!("{error:#}")));
        }
        Ok(exit)
    }
}

//! The snapshots of a watch, and what is shown of them.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, bail};

use crate::cli::exit::Exit;
use crate::cli::options::{LookArgs, SeriesPlan};
use crate::cli::steps::{
    Folder, LoadedSeries, Manifest, MissingProfile, PATIENCE, ProfileKind, Progress, Round, StatusLine, census, exit,
    load_side, prune, read_mem_stats, trend_report, warn,
};
use crate::cli::watch::screen::Screen;
use crate::gate::Status;
use crate::goroutines::Census;
use crate::render;
use crate::report::{TrendReport, Watched};
use crate::series::SnapshotWindow;
use crate::site::NameArena;

/// A snapshot that takes longer, and longer than the time between two, is stalled.
const MIN_STALL: Duration = Duration::from_secs(1);

/// A message of the thread that takes the snapshots, which are counted from 0.
pub(crate) enum Event {
    /// The time until this snapshot is taken.
    Waits(usize, Duration),
    Takes(usize),
    /// A request of the snapshot is repeated: what to say of it.
    Retries(String),
    Taken(usize, Round),
    Warning(String),
    /// Why no further snapshot is taken.
    Failed(Error),
}

/// How the table looks.
pub(crate) struct TableOptions {
    /// Whether it has the steady sites, too.
    pub(crate) all: bool,
    /// Rows.
    pub(crate) top: usize,
    pub(crate) look: LookArgs,
}

/// The snapshots so far, and what is shown of them.
pub(crate) struct Session<'n> {
    trend: SeriesPlan,
    watched: Watched,
    table: TableOptions,
    folder: Folder,
    /// The manifest, if the snapshots are kept.
    manifest: Option<Manifest>,
    series: LoadedSeries<'n>,
    /// The time between the beginnings of two snapshots.
    every: Duration,
    /// Snapshots taken, including those of earlier processes.
    taken: usize,
    /// When the snapshot that is being taken began, and whether a request of it was repeated.
    pending: Option<(Instant, bool)>,
    /// The latest report, once there are enough snapshots.
    report: Option<TrendReport>,
    screen: Screen,
    /// The files of snapshots that are not kept and may be needed.
    held: Vec<PathBuf>,
    /// Missing profiles that the user was warned of.
    warned: Vec<&'static str>,
}

impl<'n> Session<'n> {
    /// A session without snapshots. The names of sites live in `names`.
    pub(crate) fn new(
        (trend, watched): (SeriesPlan, Watched),
        table: TableOptions,
        (folder, manifest): (Folder, Option<Manifest>),
        every: Duration,
        names: &'n NameArena,
    ) -> Self {
        Session {
            trend,
            watched,
            table,
            folder,
            manifest,
            series: LoadedSeries::new(names),
            every,
            taken: 0,
            pending: None,
            report: None,
            screen: Screen::new(),
            held: Vec::new(),
            warned: Vec::new(),
        }
    }

    /// Shows each snapshot until a signal comes or nobody reads the output. Returns why a snapshot was not taken, if that
    /// ended it.
    pub(crate) fn follow(&mut self, events: &Receiver<Event>, stop: &AtomicBool) -> Result<Option<Error>> {
        let line = StatusLine::new();
        let mut failed = None;
        while !stop.load(Ordering::Relaxed) {
            match events.recv_timeout(PATIENCE) {
                Ok(Event::Waits(number, left)) => {
                    let seconds = left.as_secs_f64().ceil();
                    line.say(&format!(
                        "snapshot {} in {seconds:.0} s; Ctrl-C to stop and print the verdict",
                        number + 1
                    ));
                }
                Ok(Event::Takes(number)) => {
                    self.pending = Some((Instant::now(), false));
                    line.say(&format!("snapshot {}", number + 1));
                }
                Ok(Event::Retries(text)) => {
                    self.pending = self.pending.map(|(begun, _)| (begun, true));
                    line.clear();
                    self.warn(&text);
                    line.say(&text);
                }
                Ok(Event::Warning(text)) => {
                    line.clear();
                    self.warn(&text);
                }
                Ok(Event::Taken(number, snapshot)) => {
                    self.pending = None;
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

    /// Adds a snapshot, and returns the text to show.
    fn add(&mut self, number: usize, snapshot: Round) -> Result<String> {
        let file = |kind: ProfileKind| snapshot.files.iter().find(|file| file.profile == kind.name());
        let path = |kind| file(kind).map(|file| self.folder.path.join(&file.file));
        let heap = path(ProfileKind::Heap).context("a snapshot without a heap")?;
        let [text, goroutines] = [ProfileKind::Text, ProfileKind::Goroutine].map(path);
        let (progress, names) = (Progress::default(), NameArena::default());
        let mut loaded = load_side(std::slice::from_ref(&heap), &self.trend.load_options, &progress, &names)?;
        snapshot.failed.iter().for_each(|missing| self.warn_of(number, missing));
        if let Some(text) = text {
            match read_mem_stats(&text, &progress)? {
                Ok(stats) => loaded.last_mem_stats = stats.into_iter().next_back(),
                Err(error) => {
                    let missing =
                        MissingProfile { profile: "runtime.MemStats", is_expected: false, error: error.to_string() };
                    self.warn_of(number, &missing);
                }
            }
        }
        let goroutines = goroutines.map(|path| census(&path, &self.trend.load_options, &progress));
        let head = format!("snapshot {}, {}", number + 1, snapshot.taken_at);
        let name =
            if self.folder.is_temporary { format!("snapshot {}", number + 1) } else { heap.display().to_string() };
        self.series.add(name, &heap, loaded);
        match goroutines {
            // A file that is soon removed is no input for another command.
            Some(Ok(census)) if self.folder.is_temporary => {
                self.series.add_census(Census { input: String::new(), ..census });
            }
            Some(Ok(census)) => self.series.add_census(census),
            Some(Err(error)) => {
                let profile = ProfileKind::Goroutine.name();
                let missing = MissingProfile { profile, is_expected: false, error: format!("{error:#}") };
                self.warn_of(number, &missing);
            }
            None => {}
        }
        self.taken = number + 1;
        if self.folder.is_temporary {
            self.held.extend(snapshot.files.iter().map(|file| self.folder.path.join(&file.file)));
        }
        if let Some(manifest) = &mut self.manifest {
            manifest.snapshots.push(snapshot);
            manifest.write(&self.folder.path)?;
        }
        self.report = None;
        let Some(window) = SnapshotWindow::of(&self.series.times()) else {
            return Ok(format!("{head}: {}\n", self.so_far()));
        };
        let mut report = trend_report(&self.trend, &self.series, &progress)?;
        report.watched = Some(self.watched.clone());
        if self.folder.is_temporary {
            let needed =
                [&self.series.paths[window.first..=window.first], &self.series.paths[window.first_possible_middle()..]]
                    .concat();
            prune(&mut self.held, &needed);
        }
        let table = self.text(&report)?;
        self.report = Some(report);
        Ok(format!("{head}\n{table}\n"))
    }

    /// Warns of a missing profile, unless a snapshot before lacked it, too.
    fn warn_of(&mut self, number: usize, missing: &MissingProfile) {
        if !self.warned.contains(&missing.profile) {
            self.warned.push(missing.profile);
            self.warn(&render::missing_profile(number + 1, missing.profile, &missing.error));
        }
    }

    /// Prints a warning below what is shown.
    fn warn(&mut self, text: &str) {
        warn(text);
        self.screen.leave();
    }

    /// How many of the snapshots that a trend takes there are.
    fn so_far(&self) -> String {
        let earlier = match self.series.left_out {
            0 => String::new(),
            left_out => format!("; the program was restarted, {left_out} before that not counted"),
        };
        format!("{} of at least 3 snapshots{earlier}", self.series.snapshots.len())
    }

    /// The table of a report.
    fn text(&self, report: &TrendReport) -> Result<String> {
        let mut table = Vec::new();
        // The width of the terminal may have changed since.
        let TableOptions { all, top, look } = &self.table;
        render::trend_table(report, *all, *top, look.look(), &mut table)?;
        Ok(String::from_utf8(table)?)
    }

    /// Whether the snapshot that is being taken is overdue.
    fn is_stalled(&self) -> bool {
        let is_late = |begun: Instant| begun.elapsed() > self.every.max(MIN_STALL);
        self.pending.is_some_and(|(begun, is_repeated)| is_repeated || is_late(begun))
    }

    /// Shows the verdict on the snapshots taken. `failed`: why no further one was.
    pub(crate) fn end(mut self, failed: Option<Error>) -> Result<Exit> {
        if let (Some(manifest), Some(error)) = (&mut self.manifest, &failed)
            && self.taken > 0
        {
            manifest.error = Some(format!("{error:#}"));
            manifest.write(&self.folder.path)?;
        }
        let Some(mut report) = self.report.take() else {
            match failed {
                Some(error) => return Err(error.context(self.so_far())),
                None => {
                    let kept = self.manifest.as_ref().filter(|_| self.taken > 0);
                    let folder = kept.map(|_| self.folder.path.display().to_string());
                    bail!(render::stopped_early(self.series.snapshots.len(), self.series.left_out, folder.as_deref()))
                }
            }
        };
        let kept = match &self.manifest {
            Some(_) => format!(", kept in {}", render::sanitize(&self.folder.path.display().to_string())),
            None => String::new(),
        };
        let rests_on = match self.series.left_out {
            0 => String::new(),
            left_out => format!("; {}", render::rests_on(self.series.snapshots.len(), left_out)),
        };
        // A crash is not a pass.
        let has_ended = failed.is_some() || self.is_stalled();
        let is_no_pass = report.status == Some(Status::Pass) && (has_ended || self.series.left_out > 0);
        if is_no_pass {
            report.status = Some(Status::Inconclusive);
        }
        let (table, verdict, exit) = (self.text(&report)?, render::trend_verdict(&report), exit(&report));
        let text = format!("end: {} snapshots{kept}{rests_on}\n{table}{verdict}\n", self.taken);
        match self.screen.end(&text) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            shown => shown.context("standard output")?,
        }
        if let Some(error) = failed {
            warn(&format!("{error:#}"));
        }
        if is_no_pass { bail!(render::no_pass(has_ended)) } else { Ok(exit) }
    }
}

//! Reads a series of snapshots in time order, from the last restart of the program on.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, bail};

use crate::cli::options::LoadOptions;
use crate::cli::steps::{LoadedSide, Progress, check_one_kind, each_in_order, is_something_else};
use crate::decode::{DecodeError, DecodeErrorKind};
use crate::diagnose::SeriesNote;
use crate::evidence::{ProcessRelation, process_relation};
use crate::goroutines::Census;
use crate::input;
use crate::order::sorted;
use crate::profile::{Invalid, MemStats, MetricsPresent};
use crate::render::file_names;
use crate::report::Snapshot;
use crate::series::{Course, SiteSeries, SnapshotTimes, SnapshotWindow, is_of_later_process, seconds_between};
use crate::site::{Buckets, NameArena, Values};

/// The snapshots of one process, read one after the other. Of each it keeps only what the series needs.
pub(crate) struct LoadedSeries<'n> {
    /// The sites of all snapshots.
    pub(crate) sites: SiteSeries<'n>,
    pub(crate) snapshots: Vec<Snapshot>,
    /// The file of each snapshot, to read it again.
    pub(crate) paths: Vec<PathBuf>,
    /// The runtime's own numbers of each snapshot, where it has some.
    pub(crate) mem_stats: Vec<Option<MemStats>>,
    /// Those of other files, which may be of the same snapshots.
    pub(crate) companion_mem_stats: Vec<MemStats>,
    /// The goroutines of each snapshot, where they were counted as it was taken.
    pub(crate) censuses: Vec<Option<Census>>,
    /// The buckets of the last snapshot, to see whether the next one is of the same process.
    last: Option<Buckets>,
    /// Snapshots of earlier processes, which are left out.
    pub(crate) left_out: usize,
    /// Whether it is unknown of two in a row if they are of one process.
    is_process_unknown: bool,
    /// Inputs before which no garbage was collected since the previous one.
    idle: Vec<String>,
    /// Whether the files were not in the order of their times.
    is_sorted: bool,
    /// What the last snapshot has.
    counted: MetricsPresent,
    /// Files in folders that are not heap profiles.
    skipped: Vec<String>,
}

impl<'n> LoadedSeries<'n> {
    /// An empty series. The names of its sites live in `names`.
    pub(crate) fn new(names: &'n NameArena) -> Self {
        LoadedSeries {
            sites: SiteSeries::new(names),
            snapshots: Vec::new(),
            paths: Vec::new(),
            mem_stats: Vec::new(),
            companion_mem_stats: Vec::new(),
            censuses: Vec::new(),
            last: None,
            left_out: 0,
            is_process_unknown: false,
            idle: Vec::new(),
            is_sorted: false,
            counted: MetricsPresent::BOTH,
            skipped: Vec::new(),
        }
    }

    /// Adds the next snapshot, which users know as `input`.
    pub(crate) fn add(&mut self, input: String, path: &Path, loaded: LoadedSide<'_>) {
        let buckets = loaded.sites.buckets();
        if let Some(last) = &self.last {
            let counters = self.mem_stats.iter().flatten().next_back().zip(loaded.last_mem_stats.as_ref());
            // A series is of one process by design.
            match process_relation(last, buckets).unless_contradicted(true) {
                _ if counters.is_some_and(|(before, after)| is_of_later_process(before, after)) => self.restart(),
                ProcessRelation::Same { idle: true } => self.idle.push(input.clone()),
                ProcessRelation::Same { .. } | ProcessRelation::Possible { .. } => {}
                ProcessRelation::Different => self.restart(),
                ProcessRelation::Unknown => self.is_process_unknown = true,
            }
        }
        self.counted = loaded.sites.counted();
        self.sites.add(&loaded.sites);
        self.snapshots.push(Snapshot { input, time_nanos: loaded.info.time_nanos, total: loaded.sites.total() });
        self.paths.push(path.to_owned());
        self.mem_stats.push(loaded.last_mem_stats);
        self.censuses.push(None);
        self.last = Some(loaded.sites.into_buckets());
    }

    /// Adds the goroutines of the last snapshot.
    #[cfg(feature = "fetch")]
    pub(crate) fn add_census(&mut self, census: Census) {
        if let Some(last) = self.censuses.last_mut() {
            *last = Some(census);
        }
    }

    /// Leaves out the snapshots so far: they are of an earlier process.
    fn restart(&mut self) {
        self.left_out += self.snapshots.len();
        self.sites.restart();
        self.snapshots.clear();
        self.paths.clear();
        self.mem_stats.clear();
        self.censuses.clear();
        self.idle.clear();
        self.is_process_unknown = false;
    }

    /// When the snapshots were taken.
    pub(crate) fn times(&self) -> SnapshotTimes {
        SnapshotTimes::new(self.snapshots.iter().map(|snapshot| snapshot.time_nanos))
    }

    /// Whether there are enough snapshots of one process for a trend.
    pub(crate) fn has_window(&self) -> bool {
        SnapshotWindow::of(&self.times()).is_some()
    }

    /// The course of the live heap over the window, by the profiles' own totals.
    pub(crate) fn course(&self, window: SnapshotWindow) -> Option<Course> {
        let totals = self.sites.totals().get(window.first..=window.last)?;
        let of = |number: fn(&Values) -> i128| {
            totals.iter().map(|values| u64::try_from(number(values)).ok()).collect::<Option<Vec<_>>>()
        };
        let spacing = self.times().spacing(window);
        match self.counted {
            MetricsPresent::BOTH => {
                Course::of_heap(&of(|values| values.space)?, &of(|values| values.objects)?, &spacing)
            }
            // Nobody knows whether they are of more objects.
            MetricsPresent { space: true, .. } => Course::of_heap(&of(|values| values.space)?, &[], &spacing),
            _ => Course::of_counts(&of(|values| values.objects)?, &spacing),
        }
    }

    /// Whether the times of the snapshots that growth is measured between are given, but cannot be true.
    fn has_unusable_times(&self) -> bool {
        let time = |at: usize| self.snapshots.get(at).map_or(0, |snapshot| snapshot.time_nanos);
        SnapshotWindow::of(&self.times()).is_some_and(|window| {
            let [first, last] = [window.first, window.last].map(time);
            first != 0 && last != 0 && seconds_between(first, last).is_none()
        })
    }

    /// What should be said of the series.
    pub(crate) fn notes(&self) -> Vec<SeriesNote> {
        let mut notes = Vec::new();
        if self.is_sorted {
            notes.push(SeriesNote::Sorted);
        }
        if self.left_out > 0 {
            notes.push(SeriesNote::Restarted { left_out: self.left_out });
        }
        if self.has_unusable_times() {
            notes.push(SeriesNote::TimesUnusable);
        }
        if self.is_process_unknown {
            notes.push(SeriesNote::ProcessUnknown);
        }
        if !self.idle.is_empty() {
            notes.push(SeriesNote::NoCollection { inputs: self.idle.clone() });
        }
        if !self.skipped.is_empty() {
            notes.push(SeriesNote::Skipped { inputs: self.skipped.clone() });
        }
        notes
    }
}

/// Reads snapshots in the order of their times. Each file comes with whether it was found in a folder rather than named;
/// files in folders that are not heap profiles are skipped.
pub(crate) fn read_series<'n>(
    files: &[(PathBuf, bool)],
    load_options: &LoadOptions,
    names: &'n NameArena,
    progress: &Progress,
) -> Result<LoadedSeries<'n>> {
    let (mut skipped, mut missing_type_error) = (Vec::new(), None::<Error>);
    // Folders often have each snapshot twice, as protobuf and as text.
    let (mut protobufs, mut texts) = (LoadedSeries::new(names), LoadedSeries::new(names));
    // The time of each, earlier processes included.
    let (mut times, mut times_of_texts) = (Vec::new(), Vec::new());
    let paths: Vec<_> = files.iter().map(|(path, _)| path.clone()).collect();
    let mut is_listed = files.iter().map(|(_, is_listed)| *is_listed);
    let mut first = None;
    each_in_order(&paths, load_options, progress, |path, loaded| {
        let is_listed = is_listed.next().unwrap_or_default();
        let loaded = match loaded {
            Err(error) if is_listed && is_something_else(&error, is_another_profile) => {
                skipped.push(input::shown(path));
                return Ok(());
            }
            Err(error) if is_listed && is_something_else(&error, lacks_sample_type) => {
                skipped.push(input::shown(path));
                // Heap profiles have most columns, and their names are the ones to choose from.
                if missing_type_error.as_ref().is_none_or(|known| column_count(known) < column_count(&error)) {
                    missing_type_error = Some(error);
                }
                return Ok(());
            }
            loaded => loaded?,
        };
        let (first, format) = first.get_or_insert_with(|| (input::shown(path), loaded.info.format));
        check_one_kind([(first, *format), (&input::shown(path), loaded.info.format)])?;
        let (series, times) = match loaded.last_mem_stats {
            Some(_) => (&mut texts, &mut times_of_texts),
            None => (&mut protobufs, &mut times),
        };
        times.push((loaded.info.time_nanos, path.to_owned()));
        series.add(input::shown(path), path, loaded);
        Ok(())
    })?;
    let mut series = match (protobufs.snapshots.len(), texts.snapshots.len()) {
        (0, 0) => match missing_type_error {
            Some(error) => return Err(error),
            None => bail!("no heap profile in the folder: {}", file_names(&skipped)),
        },
        // Protobufs have times, and lines that survive a rebuild; texts have exact numbers.
        (of_protobufs, of_texts) if of_protobufs < of_texts => {
            times = times_of_texts;
            texts
        }
        _ => LoadedSeries { companion_mem_stats: texts.mem_stats.into_iter().flatten().collect(), ..protobufs },
    };
    let known = || times.iter().map(|(time, _)| *time).filter(|time| *time != 0);
    // Negative times cannot be true, and order nothing.
    let is_out_of_order = known().all(i64::is_positive) && !known().is_sorted();
    if is_out_of_order {
        let times = sorted(times, Ord::cmp);
        let companion_mem_stats = series.companion_mem_stats;
        series = LoadedSeries { companion_mem_stats, ..LoadedSeries::new(names) };
        let paths: Vec<_> = times.into_iter().map(|(_, path)| path).collect();
        each_in_order(&paths, load_options, progress, |path, loaded| {
            series.add(input::shown(path), path, loaded?);
            Ok(())
        })?;
    }
    Ok(LoadedSeries { is_sorted: is_out_of_order, skipped, ..series })
}

fn lacks_sample_type(invalid: &Invalid) -> bool {
    matches!(invalid, Invalid::NoSuchSampleType { .. })
}

/// Number of columns of a profile that lacks the one that was asked for.
fn column_count(error: &Error) -> usize {
    match error.downcast_ref::<DecodeError>().map(|error| &error.kind) {
        Some(DecodeErrorKind::Invalid(Invalid::NoSuchSampleType { found, .. })) => found.len(),
        _ => 0,
    }
}

fn is_another_profile(invalid: &Invalid) -> bool {
    matches!(invalid, Invalid::NotAHeapProfile { .. })
}

//! Goroutine and threadcreate profiles beside a comparison of heaps: reads the first and the last one, and compares
//! them by the function whose code waits.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::plan::{Callers, Measure, expand};
use super::progress::Progress;
use super::run::compare;
use super::side::{Added, add_up};
use crate::decode::{DecodeError, DecodeErrorKind};
use crate::diff::Attribution;
use crate::profile::Invalid;
use crate::report::{Waiting, waiting};
use crate::site::{Filter, Granularity, unify_line_keys};

/// What was profiled beside the heap.
#[derive(Debug, Default, Args)]
pub struct BesideArgs {
    /// Goroutine profiles of the same time: the base's and the current one's, or a folder with more; the first
    /// and the last one count
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub goroutines: Vec<PathBuf>,
    /// Likewise threadcreate profiles
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub threads: Vec<PathBuf>,
}

/// Where those are, and how they are measured.
pub(super) struct Beside {
    goroutines: Vec<PathBuf>,
    threads: Vec<PathBuf>,
    /// Whether that is a folder, in which there may be anything.
    is_folder: [bool; 2],
}

/// What has more goroutines, and what made more threads.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) goroutines: Vec<Waiting>,
    pub(super) threads: Vec<Waiting>,
}

impl Beside {
    pub(super) fn new(args: &BesideArgs) -> Result<Self> {
        let files = |paths: &[PathBuf], option: &str| {
            let files = expand(paths)?;
            if files.len() == 1 {
                bail!("--{option} takes two profiles: one of the base's time, and one of the current one's");
            }
            Ok(files)
        };
        Ok(Beside {
            goroutines: files(&args.goroutines, "goroutines")?,
            threads: files(&args.threads, "threads")?,
            is_folder: [&args.goroutines, &args.threads].map(|paths| paths.iter().any(|path| path.is_dir())),
        })
    }

    /// Reads and compares them. `heap`: the files of both sides of the comparison, and how they are measured.
    pub(super) fn read(&self, heap: [&[PathBuf]; 2], measure: &Measure, progress: &Progress) -> Result<Counts> {
        let counted =
            |option: &str, files: &[PathBuf], is_folder, sample_type: &str| -> Result<Option<[Added<'static>; 2]>> {
                let measure = Measure {
                    granularity: Granularity::Owner,
                    filter: Filter::default(),
                    own: measure.own.clone(),
                    callers: Callers::Ignored,
                    sample_type: Some(sample_type.to_owned()),
                    per_profile: false,
                    skip_unreadable: false,
                    limit: measure.limit,
                };
                ends(files, is_folder, &measure, progress).with_context(|| format!("--{option}"))
            };
        let goroutines = counted("goroutines", &self.goroutines, self.is_folder[0], "goroutine")?;
        let threads = counted("threads", &self.threads, self.is_folder[1], "threadcreate")?;
        let mut found = Counts::default();
        if let Some([base, current]) = threads {
            found.threads = waiting(&compare(&base.sites, &current.sites, Attribution::Flat)?, None);
        }
        if let Some([base, current]) = goroutines {
            let counts = compare(&base.sites, &current.sites, Attribution::Flat)?;
            // What cannot be read a second time, such as a pipe, says nothing of callers.
            let again = heap.iter().all(|side| side.iter().all(|path| path.is_file())) && measure.sample_type.is_none();
            let heap = again.then(|| -> Result<_> {
                let measure = Measure {
                    granularity: Granularity::Functions,
                    filter: measure.filter.clone(),
                    own: measure.own.clone(),
                    callers: Callers::Counted,
                    sample_type: None,
                    per_profile: measure.per_profile,
                    skip_unreadable: measure.skip_unreadable,
                    limit: measure.limit,
                };
                let [mut base, mut current] =
                    [add_up(heap[0], &measure, progress)?, add_up(heap[1], &measure, progress)?];
                unify_line_keys(&mut [&mut base.sites, &mut current.sites]);
                Ok([base, current])
            });
            let heap = heap.transpose()?;
            let heap = heap
                .as_ref()
                .map(|[base, current]| compare(&base.sites, &current.sites, Attribution::Cum))
                .transpose()?;
            found.goroutines = waiting(&counts, heap.as_ref());
        }
        Ok(found)
    }
}

/// The first and the last profile, by their times; of a folder, of the files that are such profiles.
fn ends(
    files: &[PathBuf],
    is_folder: bool,
    measure: &Measure,
    progress: &Progress,
) -> Result<Option<[Added<'static>; 2]>> {
    let read = |path: &PathBuf| match add_up(std::slice::from_ref(path), measure, progress) {
        Err(error) if is_folder && is_something_else(&error) => None,
        result => Some(result),
    };
    let mut profiles = files.iter().enumerate().filter_map(|(at, path)| Some((at, read(path)?)));
    let Some((first, one)) = profiles.next() else {
        if is_folder {
            bail!("the folder has none");
        }
        return Ok(None);
    };
    let mut backwards = files.iter().enumerate().skip(first + 1).rev().filter_map(|(_, path)| read(path));
    let Some(other) = backwards.next() else { bail!("the folder has only one, and it takes two") };
    let (one, other) = (one?, other?);
    let is_reversed = other.side.time_nanos != 0 && one.side.time_nanos > other.side.time_nanos;
    let mut ends = if is_reversed { [other, one] } else { [one, other] };
    let [base, current] = &mut ends;
    unify_line_keys(&mut [&mut base.sites, &mut current.sites]);
    Ok(Some(ends))
}

/// Whether a file is no profile, or one of something else, rather than a broken one.
fn is_something_else(error: &anyhow::Error) -> bool {
    error.downcast_ref::<DecodeError>().is_some_and(|error| {
        matches!(
            error.kind,
            DecodeErrorKind::NotPprof { .. } | DecodeErrorKind::Invalid(Invalid::NoSuchSampleType { .. })
        )
    })
}

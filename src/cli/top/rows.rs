//! `heapdiff top --format ndjson`: a row for each profile and site of a fleet, one profile after the other.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Error, Result, anyhow, bail};

use crate::cli::options::{Labels, LoadOptions, timestamp};
use crate::cli::steps::{
    LoadedSide, Progress, check_attribution, each_in_order, input_name, is_something_else, warn, write_to,
};
use crate::decode::{DecodeError, DecodeErrorKind};
use crate::diagnose::Request;
use crate::profile::Invalid;
use crate::render::{self, messages};
use crate::report::{Origin, TopReport, TopSelection};

/// Profiles whose sites are wanted as rows.
pub(super) struct RowsPlan {
    /// Each with whether it was found in a folder rather than named.
    pub(super) files: Vec<(PathBuf, bool)>,
    pub(super) load_options: LoadOptions,
    pub(super) selection: TopSelection,
    pub(super) request: Request,
    pub(super) labels: Labels,
    pub(super) output: Option<PathBuf>,
}

/// Writes the rows of all profiles. Ends with the first profile that cannot be read, unless those are skipped.
pub(super) fn run(plan: &RowsPlan) -> Result<()> {
    for (path, is_listed) in &plan.files {
        if !is_listed {
            plan.labels.of(path)?;
        }
    }
    let progress = Progress::new(plan.files.iter().map(|(path, _)| path));
    let mut error = None;
    let mut write = || {
        write_to(plan.output.as_deref(), |out| {
            let mut rows = Rows { plan, out, written: 0, skipped: Vec::new(), unreadable: None, failed: None };
            error = rows.write(&progress).err();
            match (rows.failed, &error) {
                (Some(failed), _) => {
                    error = None;
                    Err(failed)
                }
                (None, Some(_)) => Err(io::Error::other("unfinished")),
                (None, None) => Ok(()),
            }
        })
    };
    // Rows at a terminal show by themselves how far it got.
    let is_seen = plan.output.is_none() && io::stdout().is_terminal();
    let result = if is_seen { write() } else { progress.show(write) };
    error.map_or(result, Err)
}

/// Rows that are being written.
struct Rows<'a> {
    plan: &'a RowsPlan,
    out: &'a mut dyn Write,
    /// Profiles.
    written: usize,
    /// Files in folders that are not heap profiles.
    skipped: Vec<String>,
    /// Why the first file that was left out cannot be read.
    unreadable: Option<Error>,
    /// Why a row could not be written.
    failed: Option<io::Error>,
}

impl Rows<'_> {
    fn write(&mut self, progress: &Progress) -> Result<()> {
        let paths: Vec<_> = self.plan.files.iter().map(|(path, _)| path.clone()).collect();
        let skips = self.plan.load_options.skip_unreadable;
        let mut listed = self.plan.files.iter().map(|(_, is_listed)| *is_listed);
        each_in_order(&paths, &self.plan.load_options, progress, |path, loaded| {
            let is_listed = listed.next().unwrap_or_default();
            let is_other_profile = |invalid: &Invalid| matches!(invalid, Invalid::NotAHeapProfile { .. });
            // Of a folder, what is no profile at all is skipped, too.
            let is_other = |error: &Error| match error.downcast_ref::<DecodeError>().map(|error| &error.kind) {
                Some(DecodeErrorKind::Invalid(invalid)) => (is_listed || skips) && is_other_profile(invalid),
                _ => is_listed && is_something_else(error, is_other_profile),
            };
            match loaded {
                Ok(side) => self.add(path, &side),
                Err(error) if is_other(&error) => {
                    self.skipped.push(input_name(path));
                    Ok(())
                }
                Err(error) if self.plan.load_options.skip_unreadable => {
                    warn(&messages::top::left_out(&format!("{error:#}")));
                    self.unreadable.get_or_insert(error);
                    Ok(())
                }
                Err(error) => Err(error),
            }
        })?;
        if !self.skipped.is_empty() {
            warn(&messages::top::skipped(&self.skipped));
        }
        match self.unreadable.take() {
            _ if self.written > 0 => Ok(()),
            Some(error) => Err(error.context("no profile can be read")),
            None => bail!(messages::top::NO_PROFILES),
        }
    }

    fn add(&mut self, path: &Path, side: &LoadedSide<'_>) -> Result<()> {
        check_attribution((side.name(), side.info.format), self.plan.selection.attribution)?;
        let nanos = u64::try_from(side.info.time_nanos).ok().filter(|nanos| *nanos > 0);
        let origin = Origin {
            time: nanos.map(|nanos| timestamp(UNIX_EPOCH + Duration::from_nanos(nanos))),
            labels: self.plan.labels.of(path)?,
        };
        let notes = self.plan.request.unmatched([&side.sites]);
        let report = TopReport::new(side.info.clone(), &side.sites, &self.plan.selection, None, notes);
        self.written += 1;
        render::top_rows(&report, &origin, self.out).map_err(|error| {
            let text = anyhow!("{error}");
            self.failed = Some(error);
            text
        })
    }
}

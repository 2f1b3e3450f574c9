//! Texts: heap profiles with `debug=1`, of which only the trailer matters, pages for Prometheus, what a console prints,
//! and `/proc/PID/status`.

use std::io::BufRead;

use super::console::Console;
use super::limits::MAX_SNAPSHOTS;
use super::mem_stats_error::{MemStatsError, MemStatsErrorKind};
use super::process_status::ProcessStatus;
use super::prometheus::Page;
use super::{text_lines, trailer};
use crate::profile::MemStats;

/// What was found so far.
#[derive(Default)]
struct Found {
    trailers: Vec<MemStats>,
    page: Page,
    console: Console,
    status: ProcessStatus,
    in_trailer: bool,
    is_profile: bool,
}

impl Found {
    fn read(&mut self, line: &[u8]) -> Result<(), MemStatsErrorKind> {
        if self.in_trailer && line.starts_with(b"#") && line != trailer::START {
            return self.trailers.last_mut().map_or(Ok(()), |stats| trailer::read(stats, line));
        }
        self.in_trailer = line == trailer::START;
        if self.in_trailer {
            self.trailers.push(MemStats::default());
            return Ok(());
        }
        self.is_profile |= line.starts_with(b"heap profile:");
        self.page.read(line)?;
        self.status.read(line)
    }

    fn check_count(&self) -> Result<(), MemStatsErrorKind> {
        let most = self.trailers.len().max(self.console.snapshots.len()).max(self.status.0.len());
        if most > MAX_SNAPSHOTS { Err(MemStatsErrorKind::TooMany { most: MAX_SNAPSHOTS }) } else { Ok(()) }
    }

    /// The snapshots, all of one kind.
    fn finish(self) -> Result<Vec<MemStats>, MemStatsErrorKind> {
        // NumGC is the last number of a trailer that is used.
        if self.trailers.iter().any(|stats| stats.heap_alloc.is_none() || stats.num_gc.is_none()) {
            return Err(MemStatsErrorKind::TrailerCut);
        }
        let kinds = [
            ("heap profiles as text", self.trailers),
            ("metrics for Prometheus", self.page.finish()?),
            ("MemStats of a console", self.console.snapshots),
        ];
        let mut kinds = kinds.into_iter().filter(|(_, snapshots)| !snapshots.is_empty());
        let (first, snapshots) = kinds.next().unwrap_or_default();
        if let Some((second, _)) = kinds.next() {
            return Err(MemStatsErrorKind::Mixed { first, second });
        }
        let found = self.status.join(snapshots)?;
        match found.is_empty() {
            false => Ok(found),
            true if self.is_profile => Err(MemStatsErrorKind::NoTrailer),
            true => Err(MemStatsErrorKind::NotMemStats { found: "text" }),
        }
    }
}

/// Reads the snapshots in a text.
pub(super) fn read(reader: &mut dyn BufRead) -> Result<Vec<MemStats>, MemStatsError> {
    let mut found = Found::default();
    let mut cut_off = None;
    text_lines::each(reader, &mut |line| {
        // An object is whole if its brackets are; long lines are truncated, and their last number with them.
        if found.console.read(line.text)? {
            let is_cut = line.text.len() >= text_lines::MAX_LINE || (!line.is_whole && found.console.is_open());
            return if is_cut { Err(MemStatsErrorKind::CutOff) } else { found.check_count() };
        }
        // The other formats end every line with a line break, including the last one.
        cut_off = (!line.is_whole).then_some(line.number);
        if cut_off.is_none() {
            found.read(line.text)?;
        }
        found.check_count()
    })?;
    if found.console.is_open() {
        return Err(MemStatsErrorKind::ObjectCut.into());
    }
    let snapshots = found.finish()?;
    cut_off.map_or(Ok(snapshots), |line| Err(MemStatsErrorKind::CutOff.at(line)))
}

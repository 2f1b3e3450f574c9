//! `/proc/PID/status` of Linux: what the system says of a process. Only the resident set is used.

use super::mem_stats_error::MemStatsErrorKind;
use crate::profile::MemStats;

/// The resident sets found so far, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct ProcessStatus(pub(super) Vec<MemStats>);

impl ProcessStatus {
    /// Reads a line; ignores others than the current and the largest resident set.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<(), MemStatsErrorKind> {
        let Some((name, value)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(':')) else {
            return Ok(());
        };
        let field = match name {
            "VmRSS" => "RSS",
            "VmHWM" => "MaxRSS",
            _ => return Ok(()),
        };
        let value = value.trim();
        let bytes = value.strip_suffix(" kB").and_then(|number| number.trim_end().parse::<u64>().ok());
        let bytes = bytes.and_then(|kib| kib.checked_mul(1024));
        let bytes =
            bytes.ok_or_else(|| MemStatsErrorKind::Kilobytes { name: name.to_owned(), text: value.to_owned() })?;
        // A field that is known is that of the next status.
        if self.0.last_mut().is_none_or(|last| last.field(field).is_none_or(|known| known.is_some())) {
            self.0.push(MemStats::default());
        }
        if let Some(known) = self.0.last_mut().and_then(|last| last.field(field)) {
            *known = Some(bytes);
        }
        Ok(())
    }

    /// Adds each resident set to the snapshot of the same rank; without snapshots they are the snapshots.
    pub(super) fn join(self, snapshots: Vec<MemStats>) -> Result<Vec<MemStats>, MemStatsErrorKind> {
        let ProcessStatus(statuses) = self;
        if snapshots.is_empty() || statuses.is_empty() {
            return Ok(if snapshots.is_empty() { statuses } else { snapshots });
        }
        if statuses.len() != snapshots.len() {
            return Err(MemStatsErrorKind::Statuses { statuses: statuses.len(), snapshots: snapshots.len() });
        }
        let mut snapshots = snapshots;
        snapshots.iter_mut().zip(&statuses).for_each(|(stats, status)| stats.add_resident_set(status));
        Ok(snapshots)
    }
}

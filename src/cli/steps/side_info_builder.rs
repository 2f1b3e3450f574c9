//! What the profiles of a side say of themselves.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::diagnose::{SideInfo, Skipped};
use crate::input::{self, Compression};
use crate::profile::{Header, InputFormat, MemStats};
use crate::site::Values;

/// What the profiles of a side say of themselves, merged: what they have in common is kept once, since there may be
/// thousands.
#[derive(Default)]
pub(crate) struct SideInfoBuilder {
    pub(crate) info: SideInfo,
    /// The `runtime.MemStats` of the last file that has them.
    pub(crate) mem_stats: Option<MemStats>,
    /// The live total of each profile, which no two processes have in both values if they are sampled; where everything
    /// is counted also its time, nanoseconds since 1970, as runs may be alike. Equal ones mean the same snapshot.
    totals: HashSet<(Values, i64)>,
    paths: HashSet<PathBuf>,
}

impl SideInfoBuilder {
    /// Notes a file that could not be read.
    pub(crate) fn skip(&mut self, path: &Path, error: &anyhow::Error) {
        let error = error.chain().skip(1).map(ToString::to_string).collect::<Vec<_>>().join(": ");
        self.info.skipped.push(Skipped { path: input::shown(path), error });
    }

    /// Notes a profile. `total`: what is alive in it.
    pub(crate) fn note(&mut self, path: &Path, compression: Compression, header: &Header, total: Values) {
        let info = &mut self.info;
        let name = input::shown(path);
        let columns = header.sample_types.iter().map(|column| (column.kind.clone(), column.unit.clone())).collect();
        if info.inputs.is_empty() {
            info.format = header.format;
            info.compression = compression.name();
            info.period_bytes = header.period;
            info.program.clone_from(&header.program);
            info.build_id.clone_from(&header.build_id);
            info.time_nanos = header.time_nanos;
            info.sample_types = columns;
        } else {
            let differing = &mut info.differing;
            if info.format != header.format {
                info.format = InputFormat::Mixed;
            }
            if info.compression != compression.name() {
                info.compression = "mixed";
            }
            differ(&mut differing.periods, info.period_bytes, header.period);
            differ(&mut differing.sample_types, info.sample_types.clone(), columns);
            // An unknown program or build does not differ from any.
            if !info.program.is_empty() && !header.program.is_empty() {
                differ(&mut differing.programs, info.program.clone(), header.program.clone());
            }
            if !info.build_id.is_empty() && !header.build_id.is_empty() {
                differ(&mut differing.builds, info.build_id.clone(), header.build_id.clone());
            }
            info.time_nanos = info.time_nanos.max(header.time_nanos);
        }
        if let Some(mem_stats) = &header.mem_stats {
            info.heap_alloc = mem_stats.heap_alloc;
            self.mem_stats.clone_from(&header.mem_stats);
        }
        info.samples += header.samples;
        info.duration_nanos = info.duration_nanos.max(header.duration_nanos);
        info.allocation_inputs += usize::from(header.is_allocation);
        if header.may_be_cut {
            info.unproven.push(name.clone());
        }
        if input::is_unverified(path) {
            info.unverified.push(name.clone());
        }
        info.is_saved_difference |= header.is_difference;
        let moment = if header.period > 1 { 0 } else { header.time_nanos };
        let mut known = total != Values::default() && !self.totals.insert((total, moment));
        if let Ok(path) = path.canonicalize() {
            info.paths.push(path.clone());
            known |= !self.paths.insert(path);
        }
        if known {
            info.repeated.push(name.clone());
        }
        info.inputs.push(name);
    }
}

/// Adds `found` to the distinct values seen, once it differs from `first`; stays empty while all are equal.
fn differ<T: PartialEq>(seen: &mut Vec<T>, first: T, found: T) {
    if seen.is_empty() && first != found {
        seen.extend([first, found]);
    } else if !seen.is_empty() && !seen.contains(&found) {
        seen.push(found);
    }
}

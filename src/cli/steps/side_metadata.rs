//! What the profiles of a side say of themselves.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::diagnose::{Side, Skipped};
use crate::input::{self, Compression};
use crate::profile::{Header, InputFormat, MemStats};
use crate::site::Values;

/// What the profiles of a side say of themselves, merged: what they have in common is kept once, since there may be
/// thousands.
#[derive(Default)]
pub(crate) struct SideMetadata {
    pub(crate) side: Side,
    /// The `runtime.MemStats` of the last file that has them.
    pub(crate) mem_stats: Option<MemStats>,
    /// The live total of each profile. Equal totals mean the same snapshot: two processes never agree in both values.
    totals: HashSet<Values>,
    paths: HashSet<PathBuf>,
}

impl SideMetadata {
    /// Notes a file that could not be read.
    pub(crate) fn skip(&mut self, path: &Path, error: &anyhow::Error) {
        let error = error.chain().skip(1).map(ToString::to_string).collect::<Vec<_>>().join(": ");
        self.side.skipped.push(Skipped { path: input::shown(path), error });
    }

    /// Notes a profile. `total`: what is alive in it.
    pub(crate) fn note(&mut self, path: &Path, compression: Compression, header: &Header, total: Values) {
        let side = &mut self.side;
        let name = input::shown(path);
        let columns = header.sample_types.iter().map(|column| (column.kind.clone(), column.unit.clone())).collect();
        if side.inputs.is_empty() {
            side.format = header.format;
            side.compression = compression.name();
            side.period_bytes = header.period;
            side.program.clone_from(&header.program);
            side.build_id.clone_from(&header.build_id);
            side.time_nanos = header.time_nanos;
            side.sample_types = columns;
        } else {
            let differing = &mut side.differing;
            if side.format != header.format {
                side.format = InputFormat::Mixed;
            }
            if side.compression != compression.name() {
                side.compression = "mixed";
            }
            differ(&mut differing.periods, side.period_bytes, header.period);
            differ(&mut differing.sample_types, side.sample_types.clone(), columns);
            // An unknown program or build does not differ from any.
            if !side.program.is_empty() && !header.program.is_empty() {
                differ(&mut differing.programs, side.program.clone(), header.program.clone());
            }
            if !side.build_id.is_empty() && !header.build_id.is_empty() {
                differ(&mut differing.builds, side.build_id.clone(), header.build_id.clone());
            }
            side.time_nanos = side.time_nanos.max(header.time_nanos);
        }
        if header.mem_stats.is_some() {
            self.mem_stats.clone_from(&header.mem_stats);
        }
        side.samples += header.samples;
        side.duration_nanos = side.duration_nanos.max(header.duration_nanos);
        side.is_saved_difference |= header.is_difference;
        let mut known = total != Values::default() && !self.totals.insert(total);
        if let Ok(path) = path.canonicalize() {
            side.paths.push(path.clone());
            known |= !self.paths.insert(path);
        }
        if known {
            side.repeated.push(name.clone());
        }
        side.inputs.push(name);
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

//! How finely memory was sampled, and what growth that can show.

use crate::diff::Deltas;
use crate::evidence::{Evidence, ProcessRelation};
use crate::site::Rate;

/// The sampling of a comparison, and what growth it can show.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// Whether both sides are profiles of one process.
    pub process_relation: ProcessRelation,
    /// Sampling period, mean bytes between samples; `None` if it is unknown or the sides differ. At 1, every object is
    /// counted.
    pub rate_bytes: Option<f64>,
    /// Growth of a new site that is confirmed nine times in ten, bytes.
    pub detectable_bytes: Option<f64>,
    /// Growth of a site below which it is never confirmed, unless objects are larger than that, bytes.
    pub never_confirmed_bytes: Option<f64>,
    /// Growth that would be confirmed with a period of [`Sampling::FINE_PERIOD`], bytes.
    pub detectable_fine_bytes: Option<f64>,
    /// Whether the program seems to be of a Go version that ignores `GODEBUG=memprofilerate`: 1.19 or older.
    pub ignores_environment: bool,
}

impl Sampling {
    /// A period that costs little and shows growth a hundred times smaller than Go's default, bytes.
    pub const FINE_PERIOD: i64 = 4096;

    /// Whether some allocations were not counted, so that chance plays a part.
    pub fn is_sampled(&self) -> bool {
        self.rate_bytes.is_some_and(|rate| rate > 1.0)
    }

    pub(super) fn new(deltas: &Deltas<'_, '_>, evidence: &Evidence) -> Self {
        Sampling {
            process_relation: evidence.process_relation(),
            rate_bytes: evidence.rate().map(Rate::bytes),
            detectable_bytes: evidence.detectable_site_growth(None),
            never_confirmed_bytes: evidence.never_significant_below(),
            detectable_fine_bytes: evidence.detectable_site_growth(Some(Rate::new(Sampling::FINE_PERIOD))),
            ignores_environment: deltas.current.is_of_old_go(),
        }
    }
}

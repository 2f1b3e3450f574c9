//! How finely was sampled, and what can be seen at all.

use crate::evidence::{Evidence, Process};
use crate::site::Rate;

/// What can be told from the samples, and what cannot.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// Whether both sides are profiles of one process.
    pub same_process: bool,
    /// Mean bytes between samples; `None` where that is not known or not the same. At 1, all is counted.
    pub rate_bytes: Option<f64>,
    /// By how many bytes a new site must grow to be confirmed nine times in ten.
    pub detectable_bytes: Option<f64>,
    /// The same with [`Sampling::FINE`] bytes between samples.
    pub detectable_fine_bytes: Option<f64>,
}

impl Sampling {
    /// A rate that costs little, and shows a hundred times more than Go's own.
    pub const FINE: i64 = 4096;

    pub(super) fn of(evidence: &Evidence) -> Self {
        Sampling {
            same_process: evidence.process() != Process::Different,
            rate_bytes: evidence.rate().map(Rate::bytes),
            detectable_bytes: evidence.detectable_site_growth(None),
            detectable_fine_bytes: evidence.detectable_site_growth(Some(Rate::new(Sampling::FINE))),
        }
    }
}

//! The runs of both builds, and the sites that vary between them.

use std::cmp::Reverse;

use crate::diff::{Deltas, Metric, SiteDelta};
use crate::evidence::{Evidence, INTERVAL_ALPHA, NoVariation};
use crate::site::Scale;

/// The runs of both builds, where either has several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunsSummary {
    /// Number of runs of the base, and of the current build.
    pub counts: [usize; 2],
    /// Whether each run is a pair of profiles.
    pub are_pairs: bool,
    /// Whether numbers are per run, rather than sums.
    pub are_means: bool,
    /// Why natural variation was not measured; `None` if it was.
    pub no_variation: Option<NoVariation>,
    /// Whether the whole heap varies by more than sampling.
    pub total_varies: bool,
    /// The sites that vary by more than sampling, those that vary most first.
    pub varying: Vec<VaryingSite>,
}

/// A site that varies from run to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaryingSite {
    /// Its name.
    pub name: String,
    /// By how much its growth may differ from the estimate, with a confidence of 95 %, bytes.
    pub space: u64,
}

impl RunsSummary {
    /// `None` if there is one run of each build.
    pub(super) fn new(deltas: &Deltas<'_, '_>, evidence: &Evidence) -> Option<Self> {
        let runs = evidence.runs()?;
        let varying = |(at, site): (usize, &SiteDelta)| {
            let half_width =
                runs.variation(at).filter(|_| !site.is_exempt())?.half_width(INTERVAL_ALPHA, Metric::Space);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
            let space = half_width.ceil() as u64;
            Some(VaryingSite { name: deltas.key(site).name().into_owned(), space })
        };
        let mut varying: Vec<_> = deltas.sites.iter().enumerate().filter_map(varying).collect();
        varying.sort_by(|a, b| (Reverse(a.space), &a.name).cmp(&(Reverse(b.space), &b.name)));
        let no_variation = runs.no_variation();
        let are_means = matches!(deltas.base.scale(), Scale::PerProfile(_));
        Some(RunsSummary {
            counts: runs.counts,
            are_pairs: runs.are_pairs,
            are_means,
            no_variation,
            total_varies: runs.total_variation().is_some(),
            varying,
        })
    }
}

//! The one of several profiles, as of the pods of a service, that has most of a site: a mean describes none of them then.

use crate::diff::Metric;
use crate::evidence::is_improbably_few;
use crate::site::{SiteKey, SiteShare, SiteShares, Values};

/// Of fewer profiles none stands out.
const MIN_PROFILES: usize = 3;
/// Smallest excess over what the others have on average that is reported, bytes.
const MIN_EXCESS_BYTES: i128 = 64 << 10;
/// Probability that any of the profiles has at least this many of the samples by chance.
const OUTLIER_ALPHA: f64 = 0.001;

/// A profile that has most of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlier {
    /// The site.
    pub site: String,
    /// The profile, as the user named it.
    pub input: String,
    /// What it has of the site.
    pub held: Values,
    /// What all profiles have of it.
    pub total: Values,
    /// Number of profiles.
    pub profiles: usize,
}

impl Outlier {
    /// The outlier of the `wanted` site where it has most more than the others. `metric`: what is counted.
    pub fn of(shares: &SiteShares<'_>, metric: Metric, wanted: impl Fn(&SiteKey<'_>) -> bool) -> Option<Self> {
        let profiles = shares.inputs().len();
        if profiles < MIN_PROFILES {
            return None;
        }
        let least_excess = if metric == Metric::Space { MIN_EXCESS_BYTES } else { 1 };
        let excess = |share: &SiteShare| {
            let [most, total] = [share.most, share.total].map(|values| metric.of(values));
            most - (total - most) / (profiles as i128 - 1)
        };
        let stands_out = |share: &SiteShare| {
            let [most, total] = [share.most, share.total].map(|values| metric.of(values));
            2 * most > total && excess(share) >= least_excess && is_more_than_chance(share, profiles)
        };
        let found = shares.iter().filter(|(key, share)| stands_out(share) && wanted(key));
        // The first of those that are alike.
        let (key, share) = found.reduce(|a, b| if excess(b.1) > excess(a.1) { b } else { a })?;
        Some(Outlier {
            site: key.name().into_owned(),
            input: shares.inputs()[share.holder].clone(),
            held: share.most,
            total: share.total,
            profiles,
        })
    }
}

/// Whether profiles that have equally much would hardly share the samples like this.
fn is_more_than_chance(share: &SiteShare, profiles: usize) -> bool {
    let others = share.total_samples.saturating_sub(share.most_samples);
    let profiles = profiles as f64;
    is_improbably_few(others, share.total_samples, 1.0 - 1.0 / profiles, OUTLIER_ALPHA / profiles)
}

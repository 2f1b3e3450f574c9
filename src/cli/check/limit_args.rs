//! The limits of a check that can be typed.

use anyhow::{Context, Result};
use clap::Args;

use crate::cli::options::must_see;
use crate::diff::Metric;
use crate::gate::{Limit, Limits};

/// The limits of a check.
#[derive(Debug, Args)]
pub(crate) struct LimitArgs {
    /// Objects that a function may grow by: 1000, or 5% of what it had
    #[arg(help_heading = "Limits")]
    #[arg(long, value_name = "LIMIT")]
    max_site_objects: Option<String>,
    /// Bytes that a function may grow by: 65536, 64KiB or 5%
    #[arg(help_heading = "Limits")]
    #[arg(long, value_name = "LIMIT")]
    max_site_space: Option<String>,
    /// Objects that the whole heap may grow by
    #[arg(help_heading = "Limits")]
    #[arg(long, value_name = "LIMIT")]
    max_total_objects: Option<String>,
    /// Bytes that the whole heap may grow by
    #[arg(help_heading = "Limits")]
    #[arg(long, value_name = "LIMIT")]
    max_total_space: Option<String>,
    /// Growth of the whole heap that passes: 15%, or bytes; 1 MiB always does [default: 15%, if no limit is given]
    #[arg(help_heading = "Limits", hide_short_help = true)]
    #[arg(long, value_name = "LIMIT")]
    total_tolerance: Option<String>,
    /// Growth of a new function that must not be missed: if sampling is too coarse for that, the check is inconclusive. At
    /// functions with much turnover more can be missed; they are named
    #[arg(help_heading = "Limits", hide_short_help = true)]
    #[arg(long, value_name = "SIZE", value_parser = must_see)]
    pub(super) must_see: Option<u64>,
}

impl LimitArgs {
    /// The limits on sites and on the whole heap. Fails for one that is not a number of its kind.
    pub(super) fn read(&self) -> Result<Limits> {
        Ok(Limits {
            site_objects: limit("max-site-objects", &self.max_site_objects, Metric::Objects)?,
            site_space: limit("max-site-space", &self.max_site_space, Metric::Space)?,
            total_objects: limit("max-total-objects", &self.max_total_objects, Metric::Objects)?,
            total_space: limit("max-total-space", &self.max_total_space, Metric::Space)?,
        })
    }

    pub(super) fn total_tolerance(&self) -> Result<Option<Limit>> {
        limit("total-tolerance", &self.total_tolerance, Metric::Space)
    }
}

fn limit(name: &str, text: &Option<String>, metric: Metric) -> Result<Option<Limit>> {
    let parse = |text: &String| Limit::parse(text, metric).with_context(|| format!("--{name}"));
    text.as_ref().map(parse).transpose()
}

//! Options of the commands on series of snapshots.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::cli::options::companions::Companions;
use crate::cli::options::load_options::LoadOptions;
use crate::cli::options::size::parse_size;
use crate::diagnose::Request;
use crate::diff::Metric;
use crate::report::Selection;
use crate::series::Trend;

/// The trends that `--fail-on` takes.
pub(crate) const TRENDS: [&str; 5] = ["leak", "bloat", "grew", "warm-up", "one-step"];

/// What is wanted of a series of profiles.
pub(crate) struct SeriesPlan {
    pub(crate) load_options: LoadOptions,
    pub(crate) companions: Companions,
    /// Files with the runtime's own numbers, each with whether it was found in a folder rather than named.
    pub(crate) mem_stats: Vec<(PathBuf, bool)>,
    /// The files of the folder that was given, which may have the runtime's own numbers beside the profiles; none if files
    /// were named.
    pub(crate) folder: Vec<(PathBuf, bool)>,
    /// The size of the live heap whose date is asked for, bytes.
    pub(crate) limit: Option<u64>,
    pub(crate) fail_on: Vec<Trend>,
    pub(crate) request: Request,
    /// Whether a flame graph is wanted, too.
    pub(crate) with_graph: bool,
}

impl SeriesPlan {
    /// Every site, most grown in a metric first.
    pub(crate) fn selection(&self, metric: Metric) -> Selection {
        let sample_type = self.load_options.sample_type.name().map(str::to_owned);
        Selection { sort: Some(metric), sample_type, ..Selection::default() }
    }
}

/// A limit below this without a unit was meant in another unit, bytes.
const MIN_PLAIN_LIMIT: u64 = 1 << 20;

/// Parses `--limit`, in bytes.
pub(crate) fn heap_limit(text: Option<&str>) -> Result<Option<u64>> {
    let Some(text) = text else { return Ok(None) };
    let bytes = parse_size(text).with_context(|| format!("--limit {text}: expected a size such as 2GiB"))?;
    if bytes < MIN_PLAIN_LIMIT && text.bytes().all(|byte| byte.is_ascii_digit()) {
        bail!("--limit {text}: no heap is limited to {text} bytes; expected a size with its unit, such as {text}MiB");
    }
    Ok(Some(bytes))
}

/// The trends named by `--fail-on`.
pub(crate) fn trends(names: &[String]) -> Vec<Trend> {
    let trends = |name: &String| -> &[Trend] {
        match name.as_str() {
            // Whatever is still growing.
            "leak" => &[Trend::Leak, Trend::Bloat],
            "bloat" => &[Trend::Bloat],
            "warm-up" => &[Trend::WarmUp, Trend::Levelled],
            "one-step" => &[Trend::OneStep],
            _ => &[Trend::Grew, Trend::GrewLarge],
        }
    };
    names.iter().flat_map(trends).copied().collect()
}

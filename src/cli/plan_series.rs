//! What the commands on series need, made of what was typed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::args::{DEFAULT_TOP, MemStatsArgs, SeriesFormat, TrendArgs};
use super::plan::{Measure, config_or_default, expand, granularity, look};
use crate::diff::Metric;
use crate::gate;
use crate::input;
use crate::render::Look;
use crate::report::{Asked, Selection};
use crate::series::Trend;

/// A series of profiles to read.
pub(super) struct TrendPlan {
    /// Each with whether it was found in a folder, rather than named.
    pub(super) files: Vec<(PathBuf, bool)>,
    pub(super) measure: Measure,
    pub(super) mem_stats: Vec<PathBuf>,
    /// Bytes.
    pub(super) limit: Option<u64>,
    pub(super) fail_on: Vec<Trend>,
    pub(super) asked: Asked,
    /// How many rows the table has.
    pub(super) top: usize,
    /// Whether it has the steady ones, too.
    pub(super) all: bool,
    pub(super) json: bool,
    pub(super) look: Look,
    pub(super) output: Option<PathBuf>,
}

impl TrendPlan {
    pub(super) fn new(args: TrendArgs) -> Result<Self> {
        let limit = args.limit.as_deref().map(|text| match gate::Limit::parse(text, Metric::Space) {
            Ok(gate::Limit::Absolute(bytes)) => u64::try_from(bytes).context("--limit"),
            _ => bail!("--limit {text}: expected a size such as 2GiB"),
        });
        let trend = |what: &String| match what.as_str() {
            "leak" => Trend::Leak,
            "warm-up" => Trend::WarmUp,
            "one-step" => Trend::OneStep,
            _ => Trend::Unclear,
        };
        let json = args.json || matches!(args.format, SeriesFormat::Json);
        let (filter, asked, own) = args.filter.read(config_or_default(args.config, None)?.own)?;
        Ok(TrendPlan {
            files: read_twice(listed(&args.files)?)?,
            measure: Measure {
                granularity: granularity(args.by),
                filter,
                own,
                flat_only: !json,
                sample_type: args.sample_type.clone(),
                per_profile: false,
                skip_unreadable: false,
                limit: args.read.limit(),
            },
            mem_stats: expand(&args.memstats)?,
            limit: limit.transpose()?,
            fail_on: args.fail_on.iter().map(trend).collect(),
            top: if args.all { usize::MAX } else { args.top.unwrap_or(DEFAULT_TOP) },
            all: args.all,
            json,
            asked: Asked { sample_type: args.sample_type, ..asked },
            look: look(&args.look),
            output: args.look.output,
        })
    }

    /// Every site, most grown in a metric first.
    pub(super) fn selection(&self, metric: Metric) -> Selection {
        let sample_type = self.measure.sample_type.clone();
        Selection { lists: vec![metric], sample_type, ..Selection::default() }
    }
}

/// The files that the paths stand for, each with whether it was found in a folder.
fn listed(paths: &[PathBuf]) -> Result<Vec<(PathBuf, bool)>> {
    let mut files = Vec::new();
    for path in paths {
        let found = expand(std::slice::from_ref(path))?;
        files.extend(found.into_iter().map(|file| (file, path.is_dir())));
    }
    Ok(files)
}

/// The files, if each can be read again: the ends of a series are compared when its length is known.
fn read_twice(files: Vec<(PathBuf, bool)>) -> Result<Vec<(PathBuf, bool)>> {
    let is_gone = |path: &Path| path == Path::new(input::STDIN) || input::is_url(path);
    match files.iter().find(|(path, _)| is_gone(path)) {
        Some((path, _)) => {
            let name = if input::is_url(path) { input::shown(path) } else { "standard input".to_owned() };
            bail!("{name}: a trend reads its snapshots twice; save it to a file first")
        }
        None => Ok(files),
    }
}

/// A series of the runtime's numbers to read.
pub(super) struct MemStatsPlan {
    /// Each with whether it was found in a folder, rather than named.
    pub(super) files: Vec<(PathBuf, bool)>,
    /// Codes of findings.
    pub(super) fail_on: Vec<String>,
    pub(super) json: bool,
    pub(super) look: Look,
    pub(super) output: Option<PathBuf>,
}

impl MemStatsPlan {
    pub(super) fn new(args: MemStatsArgs) -> Result<Self> {
        Ok(MemStatsPlan {
            files: listed(&args.files)?,
            fail_on: args.fail_on.iter().map(|what| what.replace('-', "_")).collect(),
            json: args.json || matches!(args.format, SeriesFormat::Json),
            look: look(&args.look),
            output: args.look.output,
        })
    }
}

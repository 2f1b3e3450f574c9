//! A comparison, ready to be shown.

use std::collections::BTreeMap;

use super::{Finding, Headline, List, Note, RunsSummary, RuntimeGrowth, Sampling, SideInfo, SiteRow, Unfit, WholeHeap};
use crate::diff::{Attribution, Change, Deltas, Metric};
use crate::gate::GateResult;
use crate::matching::Matching;
use crate::site::{Granularity, Scale, Values};

/// A metric that is shown.
#[derive(Debug, Clone)]
pub struct ShownMetric {
    /// The metric.
    pub metric: Metric,
    /// Its own name, or the sample type that is counted instead.
    pub name: String,
}

impl ShownMetric {
    /// The metrics that both sides count, `first` before the other, named by `sample_type` if that is counted instead.
    pub fn counted(deltas: &Deltas<'_, '_>, first: Metric, sample_type: Option<&str>) -> Vec<Self> {
        let mut metrics = [Metric::Space, Metric::Objects];
        if first == Metric::Objects {
            metrics.reverse();
        }
        let name = |metric: Metric| match sample_type {
            Some(name) => name.to_owned(),
            None if deltas.is_allocation() => metric.allocated_name().to_owned(),
            None => metric.name().to_owned(),
        };
        let counted = metrics.into_iter().filter(|&metric| deltas.counts(metric));
        counted.map(|metric| ShownMetric { metric, name: name(metric) }).collect()
    }
}

/// A function that only the base has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneSite {
    /// Its name.
    pub name: String,
    /// What the base has of it.
    pub values: Values,
}

/// A comparison, ready to be shown.
#[derive(Debug, Clone)]
pub struct Report {
    /// The command that made it, as in JSON.
    pub command: &'static str,
    /// The earlier side.
    pub base: SideInfo,
    /// The later side.
    pub current: SideInfo,
    /// The pair of the earlier build, whose growth is usual; `None` where there are no pairs.
    pub usual: Option<[SideInfo; 2]>,
    /// What a site is: a line, a function, an owner, a file or a package.
    pub granularity: Granularity,
    /// Whether patterns say what the program's own code is; otherwise all but Go's library.
    pub has_own_patterns: bool,
    /// Values that rank the sites.
    pub attribution: Attribution,
    /// Metrics that both sides count, bytes first. A missing one is 0 everywhere, and not shown.
    pub metrics: Vec<ShownMetric>,
    /// What the values of base and current are multiplied by.
    pub scales: [Scale; 2],
    /// The runs of both builds; `None` if there is one of each, or in a diff.
    pub runs: Option<RunsSummary>,
    /// Totals of both sides.
    pub totals: Change,
    /// Whether the heap as a whole grew; `None` where that is not known, and in a trend.
    pub whole: Option<WholeHeap>,
    /// What it comes to; `None` in a report without a list of sites, unless it is a check.
    pub headline: Option<Headline>,
    /// Number of all sites, shown or not.
    pub site_count: usize,
    /// Number of sites that are the same on both sides.
    pub unchanged: usize,
    /// Whether the list contains only sites that grew.
    pub only_grown: bool,
    /// Whether the list contains only sites whose growth is confirmed.
    pub only_confirmed: bool,
    /// The sites of the list, and all others that something is said of, each once.
    pub sites: Vec<SiteRow>,
    /// The list of sites; `None` where there is none.
    pub list: Option<List>,
    /// The sampling of both sides, and what growth it can show.
    pub sampling: Sampling,
    /// What the user should know of the numbers.
    pub notes: Vec<Note>,
    /// What the numbers suggest, the most important first.
    pub findings: Vec<Finding>,
    /// What the gate comes to; `None` in a diff.
    pub gate: Option<GateResult>,
    /// Why the sides are unfit for the gate.
    pub unfit: Vec<Unfit>,
    /// The functions that are gone, the largest first, if anything grew.
    pub gone: Vec<GoneSite>,
    /// The growth of the runtime's own memory that the lists leave out, the most grown first.
    pub runtime: Vec<RuntimeGrowth>,
    /// The functions of both builds that are one, though their names differ.
    pub matching: Matching,
    /// The files that shaped the verdict.
    pub config: UsedConfig,
    /// The options on connections that another command on the same inputs needs, without secrets.
    pub connection: Vec<String>,
    /// The program's exit code, which decides what an inconclusive check counts as.
    pub exit_code: u8,
    /// A note on a failing function whose source was looked for, for formats that point at it.
    pub sourceless: Option<Note>,
    /// Files of the profiles that are on this machine, by their names there, if they were looked for.
    pub found_files: BTreeMap<String, FoundFile>,
}

/// A file of a profile that is on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Its path relative to the working directory, if it is in that.
    pub relative: Option<String>,
    /// Its URL.
    pub url: String,
}

/// The files and settings that shaped a verdict, as users named them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsedConfig {
    /// The heapdiff.toml.
    pub path: Option<String>,
    /// What people are shown as its path.
    pub name: Option<String>,
    /// The budget.
    pub budget: Option<String>,
    /// Whether filters leave out functions.
    pub is_filtered: bool,
    /// A last day for allowances: three months after the current profile; `None` where its time is not known.
    pub suggested_until: Option<String>,
    /// The settings of a check that are not the default.
    pub settings: Vec<UsedSetting>,
}

/// A setting that is not the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedSetting {
    /// The name of its option.
    pub name: &'static str,
    /// The value, as users write it; `true` if it has none.
    pub value: String,
    /// Where it was set.
    pub source: SettingSource,
}

/// Where a setting was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingSource {
    /// On the command line.
    CommandLine,
    /// In the heapdiff.toml.
    Config,
}

impl Report {
    /// The only site that the headline names.
    pub fn lead(&self) -> Option<&str> {
        let [only] = self.headline.as_ref()?.named[..] else { return None };
        self.sites.get(only).map(|site| site.name.as_str())
    }

    /// The metrics that are shown.
    pub fn shown_metrics(&self) -> impl Iterator<Item = Metric> {
        self.metrics.iter().map(|column| column.metric)
    }

    /// Whether a metric is shown.
    pub fn shows(&self, metric: Metric) -> bool {
        self.metrics.iter().any(|column| column.metric == metric)
    }

    /// The name of a metric, as in its column.
    pub fn name(&self, metric: Metric) -> &str {
        self.metrics.iter().find(|column| column.metric == metric).map_or(metric.name(), |column| &column.name)
    }
}

//! A comparison, ready to be shown.

use super::{Finding, Note, RunsSummary, Sampling, SideInfo, SiteRow, Unfit, WholeHeap};
use crate::diff::{Attribution, Change, Deltas, Metric};
use crate::gate::GateResult;
use crate::matching::Matching;
use crate::site::{Granularity, RuntimeClass, Scale, Values};

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

/// The sum of some sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SiteSum {
    /// Number of sites.
    pub sites: usize,
    /// Their delta, flat.
    pub delta: Values,
}

/// A list of sites by one metric.
#[derive(Debug, Clone)]
pub struct List {
    pub metric: Metric,
    /// Indexes in [`Report::sites`], the most grown first.
    pub sites: Vec<usize>,
    /// Whether confirmed growth stands before greater growth that is not.
    pub has_confirmed_first: bool,
    /// The sites of the list after the last one shown.
    pub omitted: SiteSum,
    /// All sites that shrank in the metric.
    pub shrank: SiteSum,
}

/// A function that only the base has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneSite {
    /// Its name.
    pub name: String,
    /// What the base has of it.
    pub values: Values,
}

/// How much more memory of its own the runtime has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeGrowth {
    /// What for.
    pub class: RuntimeClass,
    /// Growth; negative if it shrank.
    pub delta: Values,
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
    /// What a site is: a line, a function, an owner, a file or a package.
    pub granularity: Granularity,
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
    /// Number of all sites, shown or not.
    pub site_count: usize,
    /// Number of sites that are the same on both sides.
    pub unchanged: usize,
    /// Whether the lists contain only sites that grew.
    pub only_grown: bool,
    /// Whether the lists contain only sites whose growth is confirmed.
    pub only_confirmed: bool,
    /// The sites of all lists, each once.
    pub sites: Vec<SiteRow>,
    /// A list for each selected metric.
    pub lists: Vec<List>,
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
    /// The program's exit code, which decides what an inconclusive check counts as.
    pub exit_code: u8,
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

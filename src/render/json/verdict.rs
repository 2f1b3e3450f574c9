//! The result of a check.

use serde::Serialize;

use super::site::OwnerJson;
use crate::diff::Metric;
use crate::evidence::NoVariation;
use crate::gate::{self, Accepted, Acceptor, GateResult, LargerGrowth, MustSee, RulePower};
use crate::render::messages::{coverage, gate as messages};
use crate::render::units::Bytes;
use crate::report::{Report, RunsSummary, SettingSource, UsedSetting, VaryingSite};

#[derive(Serialize)]
pub(super) struct VerdictJson<'a> {
    status: &'static str,
    reasons: Vec<String>,
    limits: Vec<String>,
    violations: Vec<Violation<'a>>,
    power: Vec<Power<'a>>,
    /// The power, and what a pass leaves open, in words.
    coverage: Vec<String>,
    leaked: Vec<LeakedJson<'a>>,
    runs: Option<RunsJson<'a>>,
    must_see: Option<MustSeeJson<'a>>,
    usual: Option<UsualJson<'a>>,
}

/// The runs of both builds.
#[derive(Serialize)]
struct RunsJson<'a> {
    base: usize,
    current: usize,
    pairs: bool,
    per_run: bool,
    natural_variation: &'static str,
    varying: Vec<VaryingJson<'a>>,
}

/// The files of the earlier build, whose growth is usual.
#[derive(Serialize)]
struct UsualJson<'a> {
    base: &'a [String],
    current: &'a [String],
}

/// Growth that must be seen.
#[derive(Serialize)]
struct MustSeeJson<'a> {
    bytes: i128,
    caught: Option<f64>,
    holds: bool,
    not_at: Vec<Worst<'a>>,
    larger: Vec<LargerJson<'a>>,
}

/// Growth that passes, as it is by larger objects.
#[derive(Serialize)]
struct LargerJson<'a> {
    function: &'a str,
    delta: i128,
}

/// A site that varies from run to run.
#[derive(Serialize)]
struct VaryingJson<'a> {
    function: &'a str,
    delta_space_error: u64,
}

/// What a rule could have caught.
#[derive(Serialize)]
struct Power<'a> {
    scope: &'static str,
    metric: &'static str,
    limit: Option<String>,
    caught: f64,
    worst: Option<Worst<'a>>,
    finest_limit: Option<f64>,
    finest_rate_bytes: Option<f64>,
}

/// The site that can hide most.
#[derive(Serialize)]
struct Worst<'a> {
    function: &'a str,
    caught: f64,
}

#[derive(Serialize)]
struct LeakedJson<'a> {
    function: &'a str,
    base: i128,
    current: i128,
}

#[derive(Serialize)]
struct Violation<'a> {
    scope: &'static str,
    metric: &'static str,
    limit: String,
    allowed: i128,
    delta: i128,
    delta_low: Option<i128>,
    p_value: Option<f64>,
    site_id: Option<&'a str>,
    function: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<i64>,
    owner: Option<OwnerJson<'a>>,
    growth: Option<&'static str>,
    gone_beside: Option<&'a [String]>,
    most_grown: Vec<&'a str>,
}

impl<'a> VerdictJson<'a> {
    pub(super) fn new(report: &'a Report, result: &'a GateResult) -> Self {
        let leaked = |found: &'a gate::LeakedGrowth| LeakedJson {
            function: &found.function,
            base: found.base,
            current: found.current,
        };
        let violation = |violation: &gate::Violation| {
            let site = violation.site.map(|site| &report.sites[site]);
            Violation {
                scope: violation.scope().name(),
                metric: violation.metric.name(),
                limit: messages::broken_rule(violation),
                allowed: violation.allowed,
                delta: violation.delta,
                delta_low: violation.low,
                p_value: violation.p_value,
                site_id: site.map(|site| site.site_id.as_str()),
                function: site.and_then(|site| site.function.as_deref()),
                file: site.and_then(|site| site.file.as_deref()),
                line: site.and_then(|site| site.line),
                owner: site.and_then(|site| site.owner.as_ref()).map(OwnerJson::new),
                growth: site.and_then(|site| site.kind_by_values).map(|kind| kind.name()),
                gone_beside: site.and_then(|site| site.unmatched.as_deref()),
                most_grown: violation.most_grown.iter().map(|&site| report.sites[site].name.as_str()).collect(),
            }
        };
        VerdictJson {
            status: result.status.name(),
            reasons: messages::reasons(report, result),
            limits: messages::rules(report.granularity, result),
            violations: result.violations.iter().map(violation).collect(),
            power: result.power.iter().map(Power::new).collect(),
            coverage: coverage(report, result, Bytes::Iec),
            leaked: result.leaked.iter().map(leaked).collect(),
            runs: report.runs.as_ref().map(RunsJson::new),
            must_see: result.must_see.as_ref().map(|must_see| MustSeeJson::new(report, must_see)),
            usual: report
                .usual
                .as_ref()
                .map(|[base, current]| UsualJson { base: &base.inputs, current: &current.inputs }),
        }
    }
}

impl<'a> RunsJson<'a> {
    fn new(runs: &'a RunsSummary) -> Self {
        let varying = |site: &'a VaryingSite| VaryingJson { function: &site.name, delta_space_error: site.space };
        let [base, current] = runs.counts;
        RunsJson {
            base,
            current,
            pairs: runs.are_pairs,
            per_run: runs.are_means,
            natural_variation: match runs.no_variation {
                None => "measured",
                Some(NoVariation::TooFewRuns) => "too_few_runs",
                Some(NoVariation::OneProcess { .. }) => "one_process",
                Some(NoVariation::TwoProcesses { .. }) => "two_processes",
                Some(NoVariation::HalfPaired) => "half_paired",
                Some(NoVariation::NoRate) => "no_rate",
            },
            varying: runs.varying.iter().map(varying).collect(),
        }
    }
}

impl<'a> MustSeeJson<'a> {
    fn new(report: &'a Report, must_see: &'a MustSee) -> Self {
        let larger = |found: &LargerGrowth| LargerJson { function: &report.sites[found.site].name, delta: found.delta };
        let site = |(function, caught): &'a (String, f64)| Worst { function, caught: caught.ceil() };
        MustSeeJson {
            bytes: must_see.bytes,
            caught: must_see.caught.map(f64::ceil),
            holds: must_see.holds(),
            not_at: must_see.unmet.iter().map(site).collect(),
            larger: must_see.larger.iter().map(larger).collect(),
        }
    }
}

impl VerdictJson<'_> {
    /// The verdict of a check that could not be made: none of those that a check has.
    pub(super) fn error(message: &str) -> Self {
        VerdictJson {
            status: "error",
            reasons: vec![message.to_owned()],
            limits: Vec::new(),
            violations: Vec::new(),
            power: Vec::new(),
            coverage: Vec::new(),
            leaked: Vec::new(),
            runs: None,
            must_see: None,
            usual: None,
        }
    }
}

impl<'a> Power<'a> {
    fn new(power: &'a RulePower) -> Self {
        Power {
            scope: power.scope.name(),
            metric: power.metric.name(),
            limit: power.limit.map(|limit| limit.to_string()),
            caught: power.caught.ceil(),
            worst: power.worst.as_ref().map(|(function, caught)| Worst { function, caught: caught.ceil() }),
            finest_limit: power.too_fine.map(|too_fine| too_fine.finest.ceil()),
            finest_rate_bytes: power.too_fine.map(|too_fine| too_fine.rate.floor()),
        }
    }
}

/// What shaped the verdict.
#[derive(Serialize)]
pub(super) struct ConfigJson<'a> {
    path: Option<&'a str>,
    budget: Option<&'a str>,
    allowed: Vec<AcceptedJson<'a>>,
    settings: Vec<SettingJson<'a>>,
}

/// A setting that is not the default.
#[derive(Serialize)]
struct SettingJson<'a> {
    name: &'static str,
    value: &'a str,
    source: &'static str,
}

/// Growth that an exception hid.
#[derive(Serialize)]
struct AcceptedJson<'a> {
    by: &'static str,
    pattern: Option<&'a str>,
    reason: &'a str,
    site_id: Option<&'a str>,
    function: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<i64>,
    inuse_objects_delta: Option<i128>,
    inuse_space_delta: Option<i128>,
}

impl<'a> ConfigJson<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let accepted = report.gate.iter().flat_map(|result| &result.accepted);
        ConfigJson {
            path: report.config.path.as_deref(),
            budget: report.config.budget.as_deref(),
            allowed: accepted.map(|accepted| AcceptedJson::new(report, accepted)).collect(),
            settings: report.config.settings.iter().map(SettingJson::new).collect(),
        }
    }
}

impl<'a> SettingJson<'a> {
    fn new(setting: &'a UsedSetting) -> Self {
        let source = match setting.source {
            SettingSource::CommandLine => "command_line",
            SettingSource::Config => "config",
        };
        SettingJson { name: setting.name, value: &setting.value, source }
    }
}

impl<'a> AcceptedJson<'a> {
    fn new(report: &'a Report, accepted: &'a Accepted) -> Self {
        let site = accepted.site.map(|site| &report.sites[site]);
        let (by, pattern) = match &accepted.by {
            Acceptor::Allowance(patterns) => ("allowance", Some(patterns.as_str())),
            Acceptor::Budget => ("budget", None),
        };
        let delta = |metric: Metric| report.shows(metric).then(|| metric.of(accepted.delta));
        AcceptedJson {
            by,
            pattern,
            reason: &accepted.reason,
            site_id: site.map(|site| site.site_id.as_str()),
            function: site.and_then(|site| site.function.as_deref()),
            file: site.and_then(|site| site.file.as_deref()),
            line: site.and_then(|site| site.line),
            inuse_objects_delta: delta(Metric::Objects),
            inuse_space_delta: delta(Metric::Space),
        }
    }
}

//! The result of a check.

use serde::Serialize;

use super::site::OwnerJson;
use crate::gate::{self, GateResult};
use crate::render::messages::gate as messages;
use crate::report::Report;

#[derive(Serialize)]
pub(super) struct VerdictJson<'a> {
    status: &'static str,
    reasons: Vec<String>,
    limits: Vec<String>,
    violations: Vec<Violation<'a>>,
    leaked: Vec<LeakedJson<'a>>,
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
    p_value: Option<f64>,
    site_id: Option<&'a str>,
    function: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<i64>,
    owner: Option<OwnerJson<'a>>,
    growth: Option<&'static str>,
    gone_beside: Option<&'a [String]>,
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
                p_value: violation.p_value,
                site_id: site.map(|site| site.site_id.as_str()),
                function: site.and_then(|site| site.function.as_deref()),
                file: site.and_then(|site| site.file.as_deref()),
                line: site.and_then(|site| site.line),
                owner: site.and_then(|site| site.owner.as_ref()).map(OwnerJson::new),
                growth: site.and_then(|site| site.kind_by_values).map(|kind| kind.name()),
                gone_beside: site.and_then(|site| site.unmatched.as_deref()),
            }
        };
        VerdictJson {
            status: result.status.name(),
            reasons: messages::reasons(report, result),
            limits: messages::rules(result),
            violations: result.violations.iter().map(violation).collect(),
            leaked: result.leaked.iter().map(leaked).collect(),
        }
    }
}

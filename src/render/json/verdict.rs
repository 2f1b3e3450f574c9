//! What a check comes to.

use serde::Serialize;

use super::OwnerJson;
use crate::report::{Judgement, Report, ViolationRow};

#[derive(Serialize)]
pub(super) struct VerdictJson<'a> {
    status: &'static str,
    reasons: &'a [String],
    limits: &'a [String],
    violations: Vec<Violation<'a>>,
}

#[derive(Serialize)]
struct Violation<'a> {
    scope: &'static str,
    metric: &'static str,
    limit: &'a str,
    allowed: i128,
    delta: i128,
    p_value: Option<f64>,
    site_id: Option<&'a str>,
    function: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<i64>,
    owner: Option<OwnerJson<'a>>,
    growth: Option<&'static str>,
}

impl<'a> VerdictJson<'a> {
    pub(super) fn new(report: &'a Report, judgement: &'a Judgement) -> Self {
        let violation = |violation: &'a ViolationRow| {
            let site = violation.site.map(|site| &report.sites[site]);
            Violation {
                scope: violation.scope.name(),
                metric: violation.metric.name(),
                limit: &violation.limit,
                allowed: violation.allowed,
                delta: violation.delta,
                p_value: violation.p_value,
                site_id: site.map(|site| site.site_id.as_str()),
                function: site.and_then(|site| site.function.as_deref()),
                file: site.and_then(|site| site.file.as_deref()),
                line: site.and_then(|site| site.line),
                owner: site.and_then(|site| site.owner.as_ref()).map(OwnerJson::new),
                growth: site.and_then(|site| site.growth).map(|growth| growth.name()),
            }
        };
        VerdictJson {
            status: judgement.status.name(),
            reasons: &judgement.reasons,
            limits: &judgement.limits,
            violations: judgement.violations.iter().map(violation).collect(),
        }
    }
}

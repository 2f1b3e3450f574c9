//! Reports for the tests of renderers.

use super::{Bytes, Format, Look, render};
use crate::diff::{Attribution, Change, Metric};
use crate::evidence::{GrowthKind, Interval, ProcessRelation, Significance};
use crate::gate::{
    Accepted, Acceptor, AppliedRule, BrokenRule, Doubt, GateResult, Limit, Reason, RulePower, Scope, Status, TooFine,
    Violation,
};
use crate::report::{
    ChangeKind, Claim, Headline, List, Matching, Note, Owner, Report, RowEvidence, Sampling, ShownMetric, SideInfo,
    SiteRow, SiteSum, Source, UsedConfig, WholeBasis, WholeGrowth, WholeHeap, WholeSubject, WholeVerdict,
};
use crate::site::{Granularity, Scale, Values};

/// The report of a check. A failed one has three violations by two sites; the name of the second one needs escaping in
/// every format.
pub(super) fn report(status: Status) -> Report {
    let reasons = match status {
        Status::Inconclusive => vec![Reason::Doubt(Doubt::NoSamplingRate)],
        _ => Vec::new(),
    };
    let violations = match status {
        Status::Fail => vec![
            violation(Metric::Objects, 1000, 9216),
            violation(Metric::Space, 65536, 9_437_184),
            Violation {
                site: Some(1),
                rule: BrokenRule::Allow { limit: Limit::Absolute(65536), reason: "a <cache> | 50% full".to_owned() },
                ..violation(Metric::Space, 65536, 131_072)
            },
        ],
        _ => Vec::new(),
    };
    let side = |input: &str| SideInfo { inputs: vec![input.to_owned()], ..SideInfo::default() };
    Report {
        metrics: [Metric::Space, Metric::Objects]
            .map(|metric| ShownMetric { metric, name: metric.name().to_owned() })
            .into(),
        command: "check",
        base: side("base.pb.gz"),
        current: side("after it's warm.pb.gz"),
        usual: None,
        granularity: Granularity::Owner,
        has_own_patterns: false,
        attribution: Attribution::Flat,
        scales: [Scale::Sum; 2],
        runs: None,
        totals: change([1 << 21, 4096], [12 << 20, 16384]),
        whole: Some(WholeHeap {
            verdict: WholeVerdict::Grew,
            basis: WholeBasis::Samples,
            space: Some(WholeGrowth { delta: 10 << 20, bounds: Some([7 << 20, 14 << 20]), ends: None }),
            objects: None,
            subject: WholeSubject::Heap,
            is_beyond_usual: false,
            is_spread: false,
            contradicted: None,
        }),
        site_count: 31,
        unchanged: 3,
        only_grown: true,
        only_confirmed: false,
        sites: vec![create(), load()],
        headline: Some(Headline {
            claim: Claim::Confirmed,
            named: vec![0, 1],
            others: 0,
            others_delta: Values::default(),
            explained_percent: Some(91),
            certain: 9 << 20,
            uncertain: 1 << 20,
            goroutine_structs: None,
        }),
        list: None,
        sampling: Sampling {
            process_relation: ProcessRelation::Same { idle: false },
            rate_bytes: Some(524_288.0),
            detectable_bytes: Some(3_145_728.0),
            never_confirmed_bytes: Some(1_570_627.0),
            detectable_fine_bytes: Some(32_768.0),
            ignores_environment: false,
        },
        notes: vec![Note::SameProfile],
        findings: Vec::new(),
        gate: Some(GateResult {
            status,
            reasons,
            rules: [(Metric::Objects, 1000), (Metric::Space, 65536)]
                .map(|(metric, most)| AppliedRule::Limit { scope: Scope::Site, metric, limit: Limit::Absolute(most) })
                .into(),
            violations,
            power: Vec::new(),
            must_see: None,
            accepted: Vec::new(),
            leaked: Vec::new(),
        }),
        unfit: Vec::new(),
        gone: Vec::new(),
        runtime: Vec::new(),
        matching: Matching::default(),
        config: UsedConfig::default(),
        connection: Vec::new(),
        exit_code: match status {
            Status::Pass => 0,
            Status::Fail => 1,
            Status::Inconclusive => 2,
        },
        sourceless: None,
        found_files: Default::default(),
    }
}

/// Adds what the limit on bytes can miss, and an allowance that hid growth.
pub(super) fn add_coverage(report: &mut Report) {
    let result = report.gate.as_mut().unwrap();
    result.power = vec![RulePower {
        scope: Scope::Site,
        metric: Metric::Space,
        limit: Some(Limit::Absolute(65536)),
        caught: 5_600_000.0,
        worst: Some(("main.(*store[...]).create".to_owned(), 9_437_184.0)),
        object_size: None,
        too_fine: Some(TooFine { finest: 11_010_048.0, rate: 3100.0 }),
    }];
    result.accepted = vec![Accepted {
        site: Some(1),
        delta: Values { objects: 2, space: 131_072 },
        by: Acceptor::Allowance("main.load*, file *_test.go".to_owned()),
        reason: "only in tests".to_owned(),
    }];
}

/// The list of both sites.
pub(super) fn list() -> List {
    List {
        metric: Metric::Space,
        sites: vec![0, 1],
        is_noise: false,
        omitted: SiteSum::default(),
        noise: SiteSum::default(),
        shrank: SiteSum::default(),
        most_shrunk: None,
        explained_percent: Some(91),
    }
}

/// A violation of the whole heap.
pub(super) fn total_violation() -> Violation {
    Violation {
        site: None,
        rule: BrokenRule::Limit(Limit::Percent(5.0)),
        ..violation(Metric::Space, 104_857, 10 << 20)
    }
}

/// A report in a format, on a page of 80 columns.
pub(super) fn text(report: &Report, format: Format, color: bool) -> String {
    let mut out = Vec::new();
    render(report, format, Look { width: 80, color, bytes: Bytes::Iec, verbose: false, links: false }, &mut out)
        .unwrap();
    String::from_utf8(out).unwrap()
}

/// A violation of the limit on sites by the first one.
fn violation(metric: Metric, allowed: i128, delta: i128) -> Violation {
    let rule = BrokenRule::Limit(Limit::Absolute(allowed));
    Violation {
        metric,
        rule,
        allowed,
        delta,
        low: Some(delta / 2),
        p_value: Some(5.6e-7),
        most_grown: Vec::new(),
        site: Some(0),
    }
}

fn change(base: [i128; 2], current: [i128; 2]) -> Change {
    let values = |[space, objects]: [i128; 2]| Values { space, objects };
    Change { base: values(base), current: values(current) }
}

fn create() -> SiteRow {
    SiteRow {
        space_rank: 1,
        objects_rank: 1,
        site_id: "v1:0123456789abcdef".to_owned(),
        name: "main.(*store[...]).create".to_owned(),
        function: Some("main.(*store[...]).create".to_owned()),
        package: Some("main".to_owned()),
        file: Some("example.test/svc/sessiond/main.go".to_owned()),
        line: Some(48),
        base_line: Some(46),
        owner: Some(Owner {
            function: "main.newSession".to_owned(),
            file: Some("example.test/svc/sessiond/session.go".to_owned()),
            line: Some(60),
            has_nearly_all: true,
        }),
        lines: Vec::new(),
        shown_lines: 0,
        flat: change([1 << 20, 1024], [10 << 20, 10240]),
        cum: Change::default(),
        change_kind: ChangeKind::Grew,
        kind_by_values: Some(GrowthKind::MoreObjects),
        evidence: RowEvidence {
            varies: false,
            significance: Significance::Grew,
            samples_base: 5,
            samples_current: 26,
            p_value: Some(5.6e-7),
            objects: None,
            space: Some(Interval { estimate: 9_437_184.0, low: 6_417_285.5, high: 16_882_073.0 }),
            kind_by_turnover: Some(GrowthKind::MoreObjects),
        },
        runtime_class: None,
        other_names: Vec::new(),
        unmatched: None,
        source: Some(Source { file: "sessiond/a,b:c%/main.go".to_owned(), line: 48 }),
    }
}

fn load() -> SiteRow {
    let name = "main.load\n::error::\u{1b}[31m]]>&<b>`|\"'100%\u{202e}";
    SiteRow {
        space_rank: 2,
        objects_rank: 2,
        name: name.to_owned(),
        function: Some("main.load".to_owned()),
        package: None,
        file: None,
        line: None,
        owner: None,
        flat: change([0, 0], [131_072, 2]),
        change_kind: ChangeKind::New,
        evidence: RowEvidence {
            varies: false,
            samples_base: 0,
            samples_current: 1,
            space: None,
            significance: Significance::Grew,
            p_value: Some(5.6e-7),
            objects: None,
            kind_by_turnover: None,
        },
        source: None,
        ..create()
    }
}

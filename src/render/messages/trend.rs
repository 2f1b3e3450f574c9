//! Trends in words: of a site, and as the result of `--fail-on`.

use super::super::text::sanitize;
use super::super::times::Grown;
use super::super::units::{Bytes, value};
use crate::diff::Metric;
use crate::evidence::GrowthKind;
use crate::gate::Status;
use crate::report::{TrendReport, TrendRow};
use crate::series::{Shape, Trend, is_rise};

/// The headline of `--fail-on`.
pub(in crate::render) fn trend_status(report: &TrendReport, status: Status) -> String {
    let whole = match counts_bytes(report) {
        true => format!("{} as a whole", whole_noun(report)),
        false => whole_noun(report).to_owned(),
    };
    match status {
        Status::Pass => "PASS: nothing has a trend that --fail-on names".to_owned(),
        Status::Fail if report.fails_by_heap && report.process == Some(Shape::Growing) => {
            format!("FAIL: {whole} keeps growing")
        }
        Status::Fail if report.fails_by_heap => format!("FAIL: {whole} has a trend that --fail-on names"),
        Status::Fail => "FAIL: a function has a trend that --fail-on names".to_owned(),
        Status::Inconclusive => "INCONCLUSIVE: the snapshots cannot tell".to_owned(),
    }
}

/// All that is counted.
pub(super) fn whole_noun(report: &TrendReport) -> &'static str {
    let metric = leading_metric(report);
    match counts_bytes(report) {
        true => "the live heap",
        false if report.comparison.name(metric) == metric.name() => "the number of live objects",
        false => "the total count",
    }
}

/// Whether a series is of the heap; others, such as of goroutines, have a number only.
pub(super) fn counts_bytes(report: &TrendReport) -> bool {
    report.comparison.shows(Metric::Space)
}

/// Whether a series is of what was allocated, alive or not.
pub(super) fn is_allocation(report: &TrendReport) -> bool {
    let metric = leading_metric(report);
    report.comparison.name(metric) == metric.allocated_name()
}

/// The metric that ranks the sites.
pub(super) fn leading_metric(report: &TrendReport) -> Metric {
    report.comparison.metrics.first().map_or(Metric::Space, |column| column.metric)
}

/// The row to look at first: the first that keeps growing; of goroutines the one that is known to have a cause, where
/// others are as many.
pub(super) fn leading_row(report: &TrendReport) -> Option<usize> {
    let is_cause = |row: &TrendRow| {
        let cause = report.goroutines.as_ref().filter(|_| !counts_bytes(report))?.groups.first()?;
        report.comparison.sites[row.site].function.as_ref().map(|function| *function == cause.group.owner)
    };
    let growing = || report.rows.iter().enumerate().filter(|(_, row)| row.trend.goes_on());
    let cause = growing().find(|(_, row)| is_cause(row) == Some(true));
    cause.or(growing().next()).map(|(at, _)| at)
}

/// How fast something grew over the window.
pub(super) fn pace_label(report: &TrendReport, growth: i128, metric: Metric, bytes: Bytes) -> String {
    let (amount, unit) = over_window(report, growth).pace(report.span_seconds());
    format!("{}{} per {unit}", value(metric, amount, bytes), unit_of(report, metric))
}

/// Growth over the window.
pub(super) fn over_window(report: &TrendReport, by: i128) -> Grown {
    Grown { by, intervals: report.window.intervals(), seconds: report.seconds() }
}

/// How fast the whole heap grew, or the number of all that is counted: by the runtime's own numbers where these are exact.
pub(super) fn pace_of_whole(report: &TrendReport, bytes: Bytes) -> String {
    let metric = leading_metric(report);
    let Some(heap) = &report.runtime_heap else {
        return pace_label(report, report.comparison.totals.delta_of(metric), metric, bytes);
    };
    // As of the sites below, where snapshots are not the same; else as `memstats` says it.
    let are_as_many = heap.series.len() == report.snapshots.len();
    let over_window = heap.growth_over_window(metric).filter(|_| !are_as_many).map(|by| over_window(report, by));
    let alone = |by| Grown { by, intervals: heap.intervals(), seconds: heap.seconds.or(report.seconds()) };
    match over_window.or(heap.growth(metric).map(alone)) {
        Some(grown) => {
            let (amount, unit) = grown.pace(report.span_seconds());
            format!("{}{} per {unit}", value(metric, amount, bytes), unit_of(report, metric))
        }
        None => pace_label(report, report.comparison.totals.delta_of(metric), metric, bytes),
    }
}

/// What is counted, after a number of it; nothing for bytes.
pub(super) fn unit_of(report: &TrendReport, metric: Metric) -> String {
    match (metric, report.comparison.name(metric)) {
        (Metric::Space, _) => String::new(),
        (Metric::Objects, name) if name == metric.name() || name == metric.allocated_name() => " objects".to_owned(),
        (Metric::Objects, name) => format!(" {}", sanitize(&plural(name))),
    }
}

/// The name of a sample type that counts things, for several of them.
pub(super) fn plural(name: &str) -> String {
    if name == "goroutine" { "goroutines".to_owned() } else { name.to_owned() }
}

/// Whether there are more at the end of what is counted one by one, beyond what goes up and down.
pub(super) fn is_count_rising(report: &TrendReport) -> bool {
    let totals = report.comparison.totals;
    !counts_bytes(report) && is_rise(totals.base.objects, totals.delta().objects)
}

/// The trend of a site in words, and how fast it grows if it still does.
pub(in crate::render) fn trend_details(report: &TrendReport, row: &TrendRow, metric: Metric, bytes: Bytes) -> String {
    let site = &report.comparison.sites[row.site];
    let pace = || pace_label(report, site.flat.delta_of(metric), metric, bytes);
    match row.trend {
        Trend::Leak | Trend::Bloat if is_allocation(report) => format!("keeps allocating, {}", pace()),
        // Where the whole heap grows by more objects, larger ones in a few samples may be chance.
        Trend::Leak if site.kind_by_values == Some(GrowthKind::LargerObjects) && report.more_objects != Some(true) => {
            format!("leak by larger objects, {}", pace())
        }
        Trend::Leak => format!("leak, {}", pace()),
        Trend::Bloat => format!("bloat: larger objects, {}", pace()),
        Trend::Grew => unclear_label(report).to_owned(),
        Trend::GrewLarge => "grew by larger objects".to_owned(),
        Trend::WarmUp => "levelling off, as in a warm-up".to_owned(),
        Trend::Levelled => format!("levelled off after snapshot {}", report.window.level_from() + 1),
        Trend::OneStep => "grew once, in one step".to_owned(),
        Trend::Fluctuating => match report.alive(row) {
            Some((alive, _)) => format!("up and down, alive in {alive} of {} snapshots", report.snapshots.len()),
            None => "up and down".to_owned(),
        },
        Trend::Unknown => "cannot tell".to_owned(),
        Trend::Steady => "no significant growth".to_owned(),
    }
}

/// Why it is unclear whether a site keeps growing.
fn unclear_label(report: &TrendReport) -> &'static str {
    match () {
        () if report.has_heap_stopped() => "grew; the heap no longer grows",
        () => too_little(report).unwrap_or("grew, perhaps no longer"),
    }
}

/// What there is too little of to tell whether something keeps growing.
fn too_little(report: &TrendReport) -> Option<&'static str> {
    match () {
        () if report.window.is_short() => Some("grew (too few snapshots)"),
        () if report.comparison.sampling.is_sampled() => Some("grew (too few samples)"),
        () => None,
    }
}

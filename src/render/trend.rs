//! A series of profiles as a table: which sites grow on, with a line of blocks each.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment};
use unicode_width::UnicodeWidthStr;

use super::Look;
use super::mem_stats::spark;
use super::table::{Page, new_table};
use super::units::{Bytes, both, count, delta, value};
use super::words::{plain, sampling};
use crate::diff::Metric;
use crate::gate::Status;
use crate::report::{Growth, Reach, Severity, SiteRow, TrendReport, TrendRow};
use crate::series::{Shape, Trend};
use crate::site::Values;

/// No line of blocks is longer; on a narrow page, than half of it.
const BLOCKS: usize = 24;
const WIDE: usize = 120;
const HOUR: f64 = 3600.0;

/// Writes the table: at most `top` rows, without the steady ones unless `all` are wanted.
pub fn write(report: &TrendReport, all: bool, top: usize, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::new(&report.comparison, look);
    if let Some(status) = report.status {
        let word = match status {
            Status::Pass => "PASS: no site has such a trend",
            Status::Fail if report.count(Trend::Leak) == 0 && report.process == Some(Shape::Growing) => {
                "FAIL: the live heap as a whole grows on"
            }
            Status::Fail => "FAIL: a site has a trend that it must not have",
            Status::Inconclusive => "INCONCLUSIVE: the snapshots cannot tell",
        };
        page.paragraph(word, "  ", out)?;
    }
    page.paragraph(&what_was_read(report), "  ", out)?;
    writeln!(out)?;
    let wanted =
        |row: &&TrendRow| all || !matches!(row.trend, Trend::Steady | Trend::Unknown) || grew_unknown(report, row);
    let rows: Vec<_> = report.rows.iter().filter(wanted).collect();
    let shown: Vec<_> = rows.iter().take(top).copied().collect();
    if rows.is_empty() {
        page.paragraph("No site is sure to have grown.", "  ", out)?;
    } else if !shown.is_empty() {
        page.print(&table(report, &page, &shown, look), out)?;
    }
    writeln!(out)?;
    for sentence in sentences(report, [rows.len() - shown.len(), report.rows.len() - rows.len()], look.bytes) {
        page.paragraph(&sentence, "  ", out)?;
    }
    let series = report.notes.iter().map(|note| (note.severity(), note.message()));
    let comparison = report.comparison.notes.iter().map(|note| (note.severity(), note.message()));
    for (severity, message) in series.chain(comparison) {
        let word = if severity == Severity::Warning { "warning" } else { "note" };
        page.paragraph(&format!("{word}: {}", plain(&message)), "  ", out)?;
    }
    page.findings(&report.comparison.findings, out)
}

/// What it comes to, in a sentence.
pub fn verdict(report: &TrendReport) -> String {
    let found = [Trend::Leak, Trend::Grew, Trend::WarmUp, Trend::OneStep, Trend::Fluctuating];
    let found = found.map(|trend| (trend, report.count(trend))).into_iter().filter(|(_, sites)| *sites > 0);
    let mut parts: Vec<_> = found.map(|(trend, sites)| format!("{} ({})", what(trend), count(sites, "site"))).collect();
    if parts.is_empty() {
        parts.push("no site is sure to have grown".to_owned());
    }
    parts.extend(report.process.map(|shape| format!("the live heap as a whole: {}", whole(shape))));
    format!("verdict: {}", parts.join("; "))
}

/// Whether a site of which nobody can tell seems to have grown.
fn grew_unknown(report: &TrendReport, row: &TrendRow) -> bool {
    let site = &report.comparison.sites[row.site];
    row.trend == Trend::Unknown && report.comparison.metrics.iter().any(|column| site.flat.delta_of(column.metric) > 0)
}

pub(super) fn what_was_read(report: &TrendReport) -> String {
    let ends = [report.snapshots.first(), report.snapshots.last()].map(|seen| seen.map_or("", |seen| &seen.input));
    let time = report.seconds().map(|seconds| format!(" over {}", duration(seconds))).unwrap_or_default();
    let count = count(report.snapshots.len(), "snapshot");
    let from = if report.window.first > 0 { "; growth is from the second one on" } else { "" };
    format!("{} … {}: {count}{time}, by {}{from}", plain(ends[0]), plain(ends[1]), report.comparison.granularity.name())
}

/// A site on two lines: what it grew by, its course and its name; both ends, the pace, the place and the trend.
fn table(report: &TrendReport, page: &Page<'_>, rows: &[&TrendRow], look: Look) -> String {
    let metrics: Vec<_> = report.comparison.metrics.iter().collect();
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let mut table = new_table();
    let mut titles = vec![right("#".to_owned())];
    titles.extend(metrics.iter().map(|column| right(plain(&column.name))));
    titles.extend([Cell::new("course"), Cell::new("site")]);
    table.set_header(titles);
    let metric = metrics.first().map_or(Metric::Space, |column| column.metric);
    let texts: Vec<_> = rows.iter().map(|row| texts(report, page, row, metric, look)).collect();
    // What is left for names beside the numbers, a space on either side of each column.
    let sites = || rows.iter().map(|row| &report.comparison.sites[row.site]);
    let widest = |text: &dyn Fn(&SiteRow) -> String| sites().map(|site| text(site).width()).max().unwrap_or(0);
    let numbers = metrics.iter().fold(4, |sum, column| {
        let (metric, name) = (column.metric, column.name.width());
        sum + 2
            + widest(&|site| both(metric, site.flat.base_of(metric), site.flat.current_of(metric), look.bytes))
                .max(name)
    });
    let course =
        texts.iter().flat_map(|texts| [texts.course.width(), texts.pace.width()]).max().unwrap_or(0).max(6) + 2;
    let left = look.width.saturating_sub(numbers + course + 1).max(20);
    for (at, (row, texts)) in rows.iter().zip(&texts).enumerate() {
        let site = &report.comparison.sites[row.site];
        let mut first = vec![right((at + 1).to_string())];
        let mut second = vec![Cell::new("")];
        for column in &metrics {
            let metric = column.metric;
            first.push(right(page.painted(metric, site.flat.delta_of(metric))));
            second.push(right(both(metric, site.flat.base_of(metric), site.flat.current_of(metric), look.bytes)));
        }
        first.extend([Cell::new(&texts.course), Cell::new(super::names::wrap(&texts.name, left).join("\n"))]);
        second.extend([Cell::new(&texts.pace), Cell::new(super::names::wrap(&texts.rest, left).join("\n"))]);
        table.add_row(first);
        table.add_row(second);
    }
    table.trim_fmt()
}

struct RowTexts {
    course: String,
    pace: String,
    name: String,
    rest: String,
}

fn texts(report: &TrendReport, page: &Page<'_>, row: &TrendRow, metric: Metric, look: Look) -> RowTexts {
    let site = &report.comparison.sites[row.site];
    let texts = page.texts(site);
    let pace =
        per_hour(report, site.flat.delta_of(metric)).map(|pace| format!("{}/h", delta(metric, pace, look.bytes)));
    let place = if texts.place.is_empty() { String::new() } else { format!("{}, ", texts.place) };
    RowTexts {
        course: spark(
            &numbers(row.steps.values(report.snapshots.len()), metric),
            if look.width < WIDE { BLOCKS / 2 } else { BLOCKS },
        ),
        pace: pace.unwrap_or_default(),
        name: texts.name,
        rest: format!("{place}{}{}", what(row.trend), details(report, row, metric, look.bytes)),
    }
}

fn numbers(values: impl Iterator<Item = Values>, metric: Metric) -> Vec<Option<u64>> {
    values.map(|values| Some(u64::try_from(metric.of(values).max(0)).unwrap_or(u64::MAX))).collect()
}

/// What a trend is called.
pub(super) fn what(trend: Trend) -> &'static str {
    match trend {
        Trend::Leak => "leak: grows on",
        Trend::Grew => "grew, unclear whether it goes on",
        Trend::WarmUp => "warm-up: grows less and less",
        Trend::OneStep => "one step",
        Trend::Fluctuating => "fluctuating",
        Trend::Unknown => "unknown",
        Trend::Steady => "steady",
    }
}

/// How fast a site grew, and whether that is not in objects.
pub(super) fn details(report: &TrendReport, row: &TrendRow, metric: Metric, bytes: Bytes) -> String {
    let site = &report.comparison.sites[row.site];
    let larger = if site.growth == Some(Growth::Size) { ", as its objects get larger" } else { "" };
    match row.trend {
        Trend::Steady | Trend::Unknown => String::new(),
        _ => format!(", {}{larger}", a_snapshot(report, site.flat.delta_of(metric), metric, bytes)),
    }
}

/// What a growth over the window is from one snapshot to the next.
fn a_snapshot(report: &TrendReport, growth: i128, metric: Metric, bytes: Bytes) -> String {
    let intervals = report.window.intervals() as i128;
    let rounded = (2 * growth + growth.signum() * intervals) / (2 * intervals);
    format!("{} a snapshot", delta(metric, rounded, bytes))
}

/// What a growth over the window is in an hour; `None` where times are missing.
pub(super) fn per_hour(report: &TrendReport, growth: i128) -> Option<i128> {
    #[allow(clippy::cast_possible_truncation, reason = "saturates")]
    report.seconds().map(|seconds| (growth as f64 / seconds * HOUR).round() as i128)
}

/// What the table does not show: the sites that are not in it, of those that did something, and of the steady ones.
pub(super) fn sentences(report: &TrendReport, [more, steady]: [usize; 2], bytes: Bytes) -> Vec<String> {
    let mut sentences = Vec::new();
    for column in &report.comparison.metrics {
        let (metric, total) = (column.metric, report.comparison.totals);
        let [base, current] = [total.base_of(metric), total.current_of(metric)];
        let pace = per_hour(report, total.delta_of(metric)).map(|pace| format!(", {}/h", delta(metric, pace, bytes)));
        let totals = report.snapshots.iter().map(|snapshot| snapshot.total);
        sentences.push(format!(
            "total {} {} {} ({}{}, {})",
            plain(&column.name),
            spark(&numbers(totals, metric), BLOCKS),
            delta(metric, total.delta_of(metric), bytes),
            both(metric, base, current, bytes),
            pace.unwrap_or_default(),
            a_snapshot(report, total.delta_of(metric), metric, bytes),
        ));
    }
    if let Some(shape) = report.process {
        sentences.push(format!("the live heap as a whole, counted exactly: {}", whole(shape)));
    }
    sentences.extend(report.reach.map(|reach| when(&reach, bytes)));
    let hidden = [(more, "more site"), (steady, "steady site")];
    let hidden: Vec<_> =
        hidden.iter().filter(|(number, _)| *number > 0).map(|&(number, of)| count(number, of)).collect();
    if !hidden.is_empty() {
        sentences.push(format!("not shown: {}; --all lists every site", hidden.join(", ")));
    }
    sentences.extend(sampling(&report.comparison));
    sentences
}

fn whole(shape: Shape) -> &'static str {
    match shape {
        Shape::Flat => "it does not grow",
        Shape::Decelerating => "it grows less and less, which suggests a warm-up",
        Shape::Fluctuating => "it goes up and down",
        Shape::OneStep => "it grew in one step",
        Shape::Growing => "it grows, and nothing says that it stops",
        Shape::Grew => "it grew, in too few snapshots to tell more",
    }
}

fn when(reach: &Reach, bytes: Bytes) -> String {
    let size = |bytes_: i128| value(Metric::Space, bytes_, bytes);
    let limit = size(reach.bytes.into());
    let Some(seconds) = reach.seconds else {
        let earliest = reach.earliest.map_or(String::new(), |earliest| {
            format!("; it may do so by less than can be seen, and reach them in {} at the earliest", duration(earliest))
        });
        return format!("{limit} are not reached: the live heap does not grow on{earliest}");
    };
    if seconds <= 0.0 {
        return format!("{limit} are reached already: {} are alive", size(reach.now));
    }
    let latest = reach.latest.map_or("never".to_owned(), duration);
    let bounds = match reach.earliest.map(duration) {
        // As far as it is shown.
        Some(earliest) if earliest == latest => String::new(),
        Some(earliest) => format!(", or between {earliest} and {latest}"),
        None => String::new(),
    };
    format!("{limit} are reached in {} if it goes on like this{bounds}", duration(seconds))
}

/// A time in two units at most.
fn duration(seconds: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s")];
    if seconds > 3.2e9 {
        return "more than a hundred years".to_owned();
    }
    if seconds < 10.0 {
        return format!("{seconds:.1} s");
    }
    let largest = UNITS.iter().position(|(length, _)| seconds >= *length).unwrap_or(UNITS.len() - 1);
    let (length, unit) = UNITS[largest];
    let next = UNITS.get(largest + 1);
    // So that no part reads 60.
    let rounded = next.map_or(seconds.round(), |(small, _)| (seconds / small).round() * small);
    let whole = (rounded / length).floor();
    match next.map(|&(small, unit)| (((rounded - whole * length) / small).round(), unit)) {
        Some((rest, small)) if rest > 0.0 => format!("{whole} {unit} {rest} {small}"),
        _ => format!("{whole} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Reach, duration, when};

    #[test]
    fn times_as_people_say_them() {
        for (seconds, text) in [
            (0.25, "0.2 s"),
            (59.6, "60 s"),
            (90.0, "1 min 30 s"),
            (3600.0, "1 h"),
            (3659.0, "1 h 1 min"),
            (7199.0, "2 h"),
            (100_000.0, "1 d 4 h"),
            (1e12, "more than a hundred years"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn bounds_are_shown_as_far_as_they_differ() {
        let reach = |earliest, latest| {
            when(&Reach { bytes: 2 << 30, now: 0, seconds: Some(200.2), earliest, latest }, Bytes::Iec)
        };
        assert_eq!(reach(Some(199.9), Some(200.4)), "2.00 GiB are reached in 3 min 20 s if it goes on like this");
        assert!(reach(Some(190.0), Some(200.4)).ends_with("this, or between 3 min 10 s and 3 min 20 s"));
        assert!(reach(Some(190.0), None).ends_with("this, or between 3 min 10 s and never"));
    }
}

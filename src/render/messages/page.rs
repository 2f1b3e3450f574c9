//! The sentences of pages.

use super::super::display_names::DisplayNames;
use super::super::text::sanitize;
use super::super::units::{Bytes, count, range};
use super::headline::named_headline;
use super::stacks::FrameWords;
use super::trend::pace_label;
use super::whole::{capitalised, contradiction, whole_line};
use crate::diff::Metric;
use crate::report::{Flame, FunctionCode, Report, TrendReport, WholeBasis};

/// What grew, by how much, and how sure that is.
pub(in crate::render) fn page_headline(report: &Report, names: &DisplayNames<'_>, bytes: Bytes) -> String {
    named_headline(report, &|site| names.site(site).to_owned(), bytes).unwrap_or_default()
}

/// What there is to say of the heap as a whole beside its totals.
pub(in crate::render) fn page_lead(report: &Report, bytes: Bytes) -> Option<String> {
    match report.whole.as_ref()?.basis {
        WholeBasis::Runtime(_) => Some(capitalised(&whole_line(report, bytes))),
        WholeBasis::Samples | WholeBasis::Count => contradiction(report, bytes).map(|said| capitalised(&said)),
    }
}

/// How certain the growth of a total is.
pub(in crate::render) fn total_certainty(report: &Report, metric: Metric, bytes: Bytes) -> Option<String> {
    let whole = report.whole.as_ref()?;
    let growth = if metric == Metric::Space { whole.space } else { whole.objects };
    match whole.basis {
        WholeBasis::Count => Some("counted exactly".to_owned()),
        WholeBasis::Samples => Some(format!("95 % interval: {}", range(metric, growth?.bounds?, true, bytes))),
        // The exact number is said above.
        WholeBasis::Runtime(source) => source.is_exact().then(|| "by samples (an estimate)".to_owned()),
    }
}

/// How fast a total grows in a series.
pub(in crate::render) fn total_pace(report: &TrendReport, metric: Metric, bytes: Bytes) -> Option<String> {
    let growth = report.comparison.totals.delta_of(metric);
    (growth > 0).then(|| pace_label(report, growth, metric, bytes))
}

/// Heading of the graph.
pub(in crate::render) const FLAME_HEADING: &str = "Flame graph";
/// Heading of the functions that grew, line by line.
pub(in crate::render) const CODE_HEADING: &str = "Lines that grew";
/// Why no function has its source beside its lines.
pub(in crate::render) const NO_SOURCES: &str =
    "Their source is not below the working directory; --source-root DIR says where it is.";
/// What the colours mean; the hatching is beside it.
pub(in crate::render) const COLOR_LEGEND: &str = "Darker: a larger share of the frame is growth. Hatched: within \
    sampling noise.";
/// How the graph is used.
pub(in crate::render) fn flame_use(words: &FrameWords) -> String {
    format!("Click a frame to zoom in, double-click it (or press C) {}; Esc goes back.", words.to_before)
}

/// The other functions that allocate for a line: the first few, and the number of the others.
pub(in crate::render) fn callees_label(callees: &[String]) -> String {
    const FEW: usize = 2;
    let more = callees.len().saturating_sub(FEW);
    let shown = callees.iter().take(FEW).map(|name| sanitize(name)).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("in {shown} and {more} more") } else { format!("in {shown}") }
}

/// Where a function is: the file that its source was found in, or the one that the profile names.
pub(in crate::render) fn code_place(code: &FunctionCode) -> String {
    let file = code.source.as_ref().map_or(&code.file, |excerpt| &excerpt.path);
    match code.start_line.filter(|line| *line > 0 && !file.is_empty()) {
        Some(line) => format!("{}:{line}", sanitize(file)),
        None => sanitize(file),
    }
}

/// The sentence on calls that are too narrow to be drawn.
pub(in crate::render) fn undrawn_calls(flame: &Flame, words: &FrameWords) -> Option<String> {
    let share = format!("{:.3}", flame.min_share * 100.0);
    let share = share.trim_end_matches('0').trim_end_matches('.');
    let are = if flame.merged == 1 { "is" } else { "are" };
    (flame.merged > 0)
        .then(|| format!("{} below {share} % {are} hidden (--min 0 shows them)", count(flame.merged, words.call)))
}

/// What the width and the colours of a graph mean.
pub(in crate::render) fn width_legend(by_growth: bool, metric: &str) -> String {
    let what = if by_growth { "growth" } else { "live memory" };
    format!("Width: {what}, {metric}. ▲ grew, ▼ shrank. {COLOR_LEGEND}")
}

/// The growth of the stacks through a node that grew.
pub(in crate::render) fn grown_stacks(value: &str, words: &FrameWords) -> String {
    format!("{}s that grew: {value}", words.stack)
}

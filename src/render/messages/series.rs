//! The sentences of a series of profiles.

use super::super::spark::spark_of;
use super::super::text::sanitize;
use super::super::units::{Bytes, count, delta, sides, value};
use super::goroutines;
use super::live_heap::next_gc_reason;
use super::sampling_sentence;
use super::trend::trend_label;
use crate::diff::Metric;
use crate::evidence::GrowthKind;
use crate::paths::base_name;
use crate::report::{Reach, SeriesNote, TrendReport, TrendRow};
use crate::series::{Trend, UnknownCause};

/// Longest line of blocks in a sentence, columns.
const SPARK_WIDTH: usize = 24;

/// The snapshots, the time they cover, and what was compared.
pub(in crate::render) fn snapshots_read(report: &TrendReport) -> String {
    let ends = [report.snapshots.first(), report.snapshots.last()].map(|seen| seen.map_or("", |seen| &seen.input));
    let time = report.seconds().map(|seconds| format!(" over {}", duration(seconds))).unwrap_or_default();
    let count = count(report.snapshots.len(), "snapshot");
    let from = if report.window.first > 0 { "; growth is from the second one on" } else { "" };
    format!(
        "{} … {}: {count}{time}, by {}{from}",
        sanitize(ends[0]),
        sanitize(ends[1]),
        report.comparison.granularity.name()
    )
}

/// The trend of a site in words, how fast it grew, and whether its objects got larger.
pub(in crate::render) fn trend_details(report: &TrendReport, row: &TrendRow, metric: Metric, bytes: Bytes) -> String {
    let trend = trend_label(report, row.trend);
    let site = &report.comparison.sites[row.site];
    let says_so = matches!(row.trend, Trend::Bloat | Trend::GrewLarge);
    let larger = match site.kind_by_values {
        Some(GrowthKind::LargerObjects) if !says_so => ", as its objects get larger",
        _ => "",
    };
    match row.trend {
        Trend::Steady | Trend::Unknown => trend,
        _ => format!("{trend}, {}{larger}", a_snapshot(report, site.flat.delta_of(metric), metric, bytes)),
    }
}

/// Growth from one snapshot to the next.
fn a_snapshot(report: &TrendReport, growth: i128, metric: Metric, bytes: Bytes) -> String {
    format!("{} a snapshot", delta(metric, report.growth_per_snapshot(growth), bytes))
}

/// Sentences below the table: totals, the limit, and what the table does not show.
/// `hidden`: the number of sites left out by `--top`, and of those without significant growth.
pub(in crate::render) fn trend_footnotes(
    report: &TrendReport,
    [hidden, no_growth]: [usize; 2],
    bytes: Bytes,
) -> Vec<String> {
    let mut sentences = Vec::new();
    for column in &report.comparison.metrics {
        let (metric, total) = (column.metric, report.comparison.totals);
        let pace =
            report.growth_per_hour(total.delta_of(metric)).map(|pace| format!(", {}/h", delta(metric, pace, bytes)));
        let totals = report.snapshots.iter().map(|snapshot| snapshot.total);
        sentences.push(format!(
            "total {} {} {} ({}{}, {})",
            sanitize(&column.name),
            spark_of(totals, metric, SPARK_WIDTH),
            delta(metric, total.delta_of(metric), bytes),
            sides(total, metric, bytes),
            pace.unwrap_or_default(),
            a_snapshot(report, total.delta_of(metric), metric, bytes),
        ));
    }
    if report.comparison.shows(Metric::Space) {
        sentences.extend(report.goroutines.as_ref().map(goroutines::course));
    }
    sentences.extend(report.reach.map(|reach| reach_sentence(&reach, bytes)));
    let mut not_shown = Vec::new();
    not_shown.extend((hidden > 0).then(|| count(hidden, "more site")));
    not_shown.extend((no_growth > 0).then(|| format!("{} without significant growth", count(no_growth, "site"))));
    if !not_shown.is_empty() {
        sentences.push(format!("not shown: {}; --all lists every site", not_shown.join(", ")));
    }
    sentences.extend(sampling_sentence(&report.comparison));
    sentences
}

/// The sentence on when the limit is reached.
fn reach_sentence(reach: &Reach, bytes: Bytes) -> String {
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
        // The same as they are shown.
        Some(earliest) if earliest == latest => String::new(),
        Some(earliest) => format!(", or between {earliest} and {latest}"),
        None => String::new(),
    };
    format!("{limit} are reached in {} if it goes on like this{bounds}", duration(seconds))
}

/// The sentence of a note on a series.
pub(in crate::render) fn series_note_message(note: &SeriesNote) -> String {
    match note {
        SeriesNote::Sorted => "the snapshots were not in the order of their times, and were sorted".to_owned(),
        SeriesNote::Restarted { left_out } => {
            format!("the program was restarted: snapshots of an earlier process, which do not count: {left_out}")
        }
        SeriesNote::TimesUnusable => {
            "the times of the snapshots are unusable, as they are negative, less than 0.1 s or more \
                                      than 100 years apart: growth has no rate, and snapshots count as evenly spread"
                .to_owned()
        }
        SeriesNote::ProcessUnknown => "the profiles do not say whether they are of one process, so samples are \
                                       compared as those of two: less is seen"
            .to_owned(),
        SeriesNote::NoCollection { inputs } => format!(
            "the same as the snapshot before, sample by sample, so that they add nothing: {}; if they were taken without \
             ?gc=1, no garbage may have been collected in between",
            file_names(inputs)
        ),
        SeriesNote::Skipped { inputs } => format!("left aside, as they are no heap profiles: {}", file_names(inputs)),
        SeriesNote::TooFew { snapshots: 0..=3 } => {
            "three snapshots cannot tell a leak from a warm-up: take six, or better nine".to_owned()
        }
        SeriesNote::TooFew { snapshots } => {
            format!("{snapshots} snapshots cannot tell a leak from a single step: take six, or better nine")
        }
        SeriesNote::NoTotals { why } => format!(
            "the runtime's own numbers do not tell whether the live heap as a whole grows on: {}; each site \
             is judged by its samples alone",
            no_totals_reason(*why)
        ),
        SeriesNote::NoSiteStandsOut { candidates, heap_grows } => {
            let (first, are_more) = (candidates.first().map_or("", String::as_str), candidates.len() > 1);
            let named = if are_more { candidates.join(", ") } else { first.to_owned() };
            let what = match heap_grows {
                true => "the live heap as a whole is still growing, but no single site is known to be",
                false => "no site is known to keep growing, but some may",
            };
            format!(
                "{what}; candidates, the best first: {named}. To tell, sample more finely, or take snapshots over a \
                 longer time"
            )
        }
        SeriesNote::SamplesAlone => "a long warm-up can look like a leak in samples alone; exact totals tell them \
                                     apart: --memstats FILE, or snapshots as text (debug=1&gc=1)"
            .to_owned(),
    }
}

/// Why the runtime's own numbers say nothing certain of the whole heap.
fn no_totals_reason(why: Option<UnknownCause>) -> String {
    match why {
        None => "HeapAlloc has garbage in it, and NextGC only estimates the live heap".to_owned(),
        Some(UnknownCause::OneSnapshot) => "there is one snapshot of them".to_owned(),
        Some(UnknownCause::CountersFell(_)) => {
            "their counters fall, so that they are of two processes or out of order".to_owned()
        }
        Some(UnknownCause::NoCollection) => "no garbage was collected between the first and the last".to_owned(),
        Some(UnknownCause::Missing(_)) => "they lack numbers".to_owned(),
        Some(why) => format!("HeapAlloc has garbage in it, and {}", next_gc_reason(why)),
    }
}

/// Base names of the first few files, and the number of the others.
pub fn file_names(inputs: &[String]) -> String {
    const SHOWN: usize = 3;
    let names: Vec<_> = inputs.iter().take(SHOWN).map(|input| base_name(input)).collect();
    let more = inputs.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}

/// A time in at most two units.
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
    // Rounded first, so that no part reads 60.
    let rounded = next.map_or(seconds.round(), |(small, _)| (seconds / small).round() * small);
    let whole = (rounded / length).floor();
    match next.map(|&(small, unit)| (((rounded - whole * length) / small).round(), unit)) {
        Some((rest, small)) if rest > 0.0 => format!("{whole} {unit} {rest} {small}"),
        _ => format!("{whole} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            reach_sentence(&Reach { bytes: 2 << 30, now: 0, seconds: Some(200.2), earliest, latest }, Bytes::Iec)
        };
        assert_eq!(reach(Some(199.9), Some(200.4)), "2.00 GiB are reached in 3 min 20 s if it goes on like this");
        assert!(reach(Some(190.0), Some(200.4)).ends_with("this, or between 3 min 10 s and 3 min 20 s"));
        assert!(reach(Some(190.0), None).ends_with("this, or between 3 min 10 s and never"));
    }
}

//! The sentences of a series of profiles.

use super::super::text::sanitize;
use super::super::times::{about, between, duration};
use super::super::units::{Bytes, count, delta, ends, growth_label, value};
use super::goroutines;
use super::live_heap::{next_gc_reason, too_little};
use super::nouns::{site_noun, site_nouns};
use super::sampling_sentence;
use super::trend::{counts_bytes, is_allocation, is_count_rising, leading_metric, pace_of_whole, plural};
use crate::diff::Metric;
use crate::paths::base_name;
use crate::paths::folder_and_name;
use crate::report::{Finding, HeapHint, Reach, SeriesNote, TrendReport};
use crate::series::{Shape, Trend, UnknownCause};
use crate::site::Granularity;

/// The snapshots, the time they cover, and their files.
pub(in crate::render) fn snapshots_read(report: &TrendReport) -> String {
    let [first, last] =
        [report.snapshots.first(), report.snapshots.last()].map(|seen| seen.map_or("", |seen| &seen.input));
    let by = match report.comparison.granularity {
        Granularity::Owner => String::new(),
        other => format!(", by {}", other.name()),
    };
    // The runtime's own numbers count from the first snapshot on, if there are few.
    let heap_left_out = report.runtime_heap.as_ref().map_or(report.window.first, |heap| heap.left_out);
    let counted = counted_snapshots(report.snapshots.len(), report.span_seconds(), heap_left_out);
    let of_sites = match heap_left_out < report.window.first {
        true => format!(
            ", {} from snapshot {} on (start-up)",
            site_nouns(report.comparison.granularity),
            report.window.first + 1
        ),
        false => String::new(),
    };
    format!("{counted}{of_sites}{by}: {}", first_to_last(first, last))
}

/// The number of snapshots, and the time from the first to the last. `left_out`: the number at the start that do not count.
pub(super) fn counted_snapshots(snapshots: usize, seconds: Option<f64>, left_out: usize) -> String {
    let time = seconds
        .filter(|&seconds| seconds >= 0.001)
        .map(|seconds| format!(" over {}", duration(seconds)))
        .unwrap_or_default();
    let left_out = if left_out > 0 { ", the first ignored (start-up)" } else { "" };
    format!("{}{time}{left_out}", count(snapshots, "snapshot"))
}

/// The first and the last of several files, the folder once.
pub(super) fn first_to_last(first: &str, last: &str) -> String {
    match (folder_and_name(first), folder_and_name(last)) {
        (Some((folder, _)), Some((same, name))) if folder == same => {
            format!("{} … {}", sanitize(first), sanitize(name))
        }
        _ => format!("{} … {}", sanitize(first), sanitize(last)),
    }
}

/// The whole heap: both ends, in a sentence; its course in words with its pace; and whether it is known exactly.
pub(in crate::render) fn whole_course(report: &TrendReport, bytes: Bytes) -> [String; 2] {
    let totals = report.comparison.totals;
    let is_sampled = report.comparison.sampling.is_sampled();
    let (label, space, objects) = match &report.runtime_heap {
        Some(heap) => {
            let ends = |metric: Metric| heap.ends(metric).map(|ends| ends.map(i128::from));
            ("live heap (exact)".to_owned(), ends(Metric::Space), ends(Metric::Objects))
        }
        None => {
            let ends = |metric: Metric| {
                report.comparison.shows(metric).then(|| [totals.base_of(metric), totals.current_of(metric)])
            };
            let how = if is_sampled { " (by samples)" } else { " (exact)" };
            let what = match counts_bytes(report) {
                _ if is_allocation(report) => "allocated".to_owned(),
                true => "live heap".to_owned(),
                false => sanitize(&plural(report.comparison.name(Metric::Objects))),
            };
            (format!("{what}{how}"), ends(Metric::Space), ends(Metric::Objects))
        }
    };
    let counts_objects = counts_bytes(report) || report.runtime_heap.is_some() || is_allocation(report);
    let unit = if counts_objects { " objects" } else { "" };
    let text = |metric: Metric, [first, last]: [i128; 2], unit: &str| {
        let growth = match first {
            1.. if first != last => format!(" ({})", growth_label(last as f64 / first as f64)),
            _ => String::new(),
        };
        format!("{}{unit}{growth}", ends(metric, [first, last], bytes))
    };
    let parts =
        [space.map(|ends| text(Metric::Space, ends, "")), objects.map(|ends| text(Metric::Objects, ends, unit))];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let metric = leading_metric(report);
    let growth = report.runtime_growth(metric).unwrap_or(totals.delta_of(metric));
    let tolerance = report.runtime_heap.as_ref().and_then(|heap| heap.tolerance);
    let hardly_grew = tolerance.filter(|_| report.process == Some(Shape::Flat) && !report.is_undecided());
    let course = hardly_grew.map(|tolerance| too_little(tolerance, bytes)).unwrap_or_else(|| match report.process {
        Some(Shape::Flat) if report.is_undecided() => "too few snapshots to tell".to_owned(),
        Some(Shape::Flat) if growth > 0 && metric == Metric::Space => {
            format!("level: {} is too little to count", delta(metric, growth, bytes))
        }
        Some(Shape::Flat) if is_count_rising(report) => "too little to count as growth".to_owned(),
        Some(shape) if !matches!(shape, Shape::Growing) => shape_label(shape).to_owned(),
        _ if growth <= 0 => String::new(),
        None if is_noise(report) => "within sampling noise".to_owned(),
        // What is not known to keep growing has no pace.
        None if !report.rows.iter().any(|row| row.trend.goes_on()) && report.hint != Some(HeapHint::NextGc) => {
            String::new()
        }
        Some(_) => format!("keeps growing, {}", pace_of_whole(report, bytes)),
        None => pace_of_whole(report, bytes),
    });
    let course = format!("{course}{}", share_of_leaks(report, growth, metric).unwrap_or_default());
    [format!("{label} {}", parts.join(", ")), course]
}

/// Whether nothing that was sampled says that anything grew.
fn is_noise(report: &TrendReport) -> bool {
    let nothing_grew = report.rows.iter().all(|row| row.trend == Trend::Steady);
    report.comparison.sampling.is_sampled() && report.hint.is_none() && nothing_grew
}

/// How much of the growth of the whole heap the sites are that keep growing.
fn share_of_leaks(report: &TrendReport, growth: i128, metric: Metric) -> Option<String> {
    let rows: Vec<_> = report.rows.iter().filter(|row| row.trend.goes_on()).collect();
    let deltas: Vec<_> = rows.iter().map(|row| report.comparison.sites[row.site].flat.delta_of(metric)).collect();
    // Estimates may be more than all of it.
    let percent = (deltas.iter().sum::<i128>().max(0) * 100).checked_div(growth).filter(|_| growth > 0)?.min(100);
    let what = match &rows[..] {
        _ if is_allocation(report) => "what keeps allocating below",
        _ if rows.iter().any(|row| row.trend == Trend::Bloat) => "what keeps growing below",
        [_] => "the leak below",
        _ => "the leaks below",
    };
    let share = if percent == 100 { "all".to_owned() } else { format!("{percent} %") };
    (!deltas.is_empty()).then(|| format!("; {share} of it in {what}"))
}

/// The course of the whole live heap in words.
fn shape_label(shape: Shape) -> &'static str {
    match shape {
        Shape::Flat => "level",
        Shape::Decelerating => "levelling off",
        Shape::Levelled => "levelled off",
        Shape::Fluctuating => "up and down",
        Shape::OneStep => "one step",
        Shape::Growing => "keeps growing",
        Shape::Grew => "grew",
    }
}

/// Sentences below the table: what it does not show.
/// `hidden`: the number of sites left out by `--top`, and of those without significant growth.
pub(in crate::render) fn trend_footnotes(report: &TrendReport, [hidden, no_growth]: [usize; 2]) -> Vec<String> {
    let mut sentences = Vec::new();
    // A finding says it with the functions.
    let is_found = report.comparison.findings.iter().any(|finding| matches!(finding, Finding::Goroutines(_)));
    if report.comparison.shows(Metric::Space) && !is_found {
        sentences.extend(report.goroutines.as_ref().map(goroutines::course));
    }
    let noun = site_noun(report.comparison.granularity);
    let mut not_shown = Vec::new();
    not_shown.extend((hidden > 0).then(|| count(hidden, &format!("more {noun}"))));
    not_shown.extend((no_growth > 0).then(|| format!("{} without significant growth", count(no_growth, noun))));
    if !not_shown.is_empty() {
        sentences.push(format!("not shown: {}; --all lists them", not_shown.join(", ")));
    }
    sentences.extend(sampling_sentence(&report.comparison));
    sentences
}

/// When the limit is reached, if one was given.
pub(in crate::render) fn trend_limit(report: &TrendReport, bytes: Bytes) -> Option<String> {
    report.reach.map(|reach| reach_sentence(&reach, bytes))
}

fn reach_sentence(reach: &Reach, bytes: Bytes) -> String {
    let size = |bytes_: i128| value(Metric::Space, bytes_, bytes).replace(".00 ", " ").replace(".0 ", " ");
    let limit = size(reach.bytes.into());
    let Some(seconds) = reach.seconds else {
        let earliest = reach.earliest.map_or(String::new(), |earliest| {
            format!("; growth too small to be seen could reach it in {} at the earliest", about(earliest))
        });
        return format!("it does not reach {limit}, as it does not keep growing{earliest}");
    };
    if seconds <= 0.0 {
        return format!("it has reached {limit} already: {} is live", size(reach.now));
    }
    let bounds = match (reach.earliest, reach.latest) {
        (Some(earliest), Some(latest)) => match between(earliest, latest) {
            // The same as they are shown.
            same if same == about(seconds) => String::new(),
            bounds => format!(" ({bounds})"),
        },
        (Some(earliest), None) => format!(" ({} at the earliest, perhaps never)", about(earliest)),
        _ => String::new(),
    };
    format!("at this rate it reaches {limit} in about {}{bounds}", about(seconds))
}

/// The sentence of a note on a series.
pub(in crate::render) fn series_note_message(note: &SeriesNote) -> String {
    match note {
        SeriesNote::Sorted => "the snapshots were given out of order, and were sorted by their times".to_owned(),
        SeriesNote::Restarted { left_out } => format!(
            "the program was restarted: {} of an earlier process {} not counted",
            count(*left_out, "snapshot"),
            if *left_out == 1 { "is" } else { "are" }
        ),
        SeriesNote::TimesUnusable => "the times of the snapshots are negative, less than 0.1 s or more than 100 years \
                                      apart: growth has no rate, and the snapshots count as evenly spread"
            .to_owned(),
        SeriesNote::ProcessUnknown => "the profiles do not show whether they are of one process, so they are compared \
                                       as if of two, which finds less"
            .to_owned(),
        SeriesNote::NoCollection { inputs } => format!(
            "identical to the snapshot before, so adding nothing: {}; without ?gc=1 there may have been no garbage \
             collection in between",
            file_names(inputs)
        ),
        SeriesNote::Skipped { inputs } => format!("skipped, not heap profiles: {}", file_names(inputs)),
        SeriesNote::TooFew { snapshots: 0..=3 } => {
            "three snapshots cannot tell a leak from a warm-up: take six, better nine".to_owned()
        }
        SeriesNote::TooFew { snapshots } => {
            format!("{snapshots} snapshots cannot tell a leak from a single step: take six, better nine")
        }
        SeriesNote::NoTotals { why } => format!(
            "the runtime's own numbers cannot tell whether the live heap keeps growing: {}; each is judged by its \
             samples alone",
            no_totals_reason(*why)
        ),
        SeriesNote::TotalsOfOthers => "the runtime's own numbers beside the profiles do not cover the same snapshots, so they \
                                       are not used: save a text profile (debug=1&gc=1) with each heap profile"
            .to_owned(),
        SeriesNote::Allocation => "allocation counters never fall: a function that keeps growing here keeps allocating, which is \
                                   not a leak; omit --sample-type to follow what is alive"
            .to_owned(),
        SeriesNote::NoSiteStandsOut { candidates, heap_grows } => {
            let what = match heap_grows {
                true => "the live heap keeps growing, but where is not certain",
                false => "nothing is certain to keep growing, but some may",
            };
            format!("{what}; candidates, the best first: {}", candidates.join(", "))
        }
        SeriesNote::SamplesAlone => {
            "a heap profile holds a sample of the objects, which cannot tell a leak from a long warm-up; exact totals of \
             the heap can: --memstats FILE, or snapshots as text (debug=1&gc=1)"
                .to_owned()
        }
    }
}

/// What a note says that the table does not: its answer has the candidates, and other files beside heap profiles are no
/// news.
pub(in crate::render) fn series_news(note: &SeriesNote) -> Option<String> {
    match note {
        SeriesNote::Skipped { .. } | SeriesNote::NoSiteStandsOut { .. } => None,
        _ => Some(series_note_message(note)),
    }
}

/// Why the runtime's own numbers say nothing certain of the whole heap.
fn no_totals_reason(why: Option<UnknownCause>) -> String {
    match why {
        None => "HeapAlloc includes garbage, and NextGC only estimates the live heap".to_owned(),
        Some(UnknownCause::OneSnapshot) => "there is only one snapshot of them".to_owned(),
        Some(UnknownCause::CountersFell(_)) => {
            "their counters fall, so they are of two processes or out of order".to_owned()
        }
        Some(UnknownCause::NoCollection) => "no garbage was collected between the first and the last".to_owned(),
        Some(UnknownCause::Missing(_)) => "they lack numbers".to_owned(),
        Some(why) => format!("HeapAlloc includes garbage, and {}", next_gc_reason(why)),
    }
}

/// Base names of the first few files, and the number of the others.
pub fn file_names(inputs: &[String]) -> String {
    const SHOWN: usize = 3;
    let names: Vec<_> = inputs.iter().take(SHOWN).map(|input| base_name(input)).collect();
    let more = inputs.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_shown_as_far_as_they_differ() {
        let reach = |earliest, latest| {
            reach_sentence(&Reach { bytes: 2 << 30, now: 0, seconds: Some(200.2), earliest, latest }, Bytes::Iec)
        };
        assert_eq!(reach(Some(199.9), Some(200.4)), "at this rate it reaches 2 GiB in about 3.5 min");
        assert!(reach(Some(190.0), Some(300.0)).ends_with("in about 3.5 min (3 to 5 min)"));
        assert!(reach(Some(190.0), None).ends_with("in about 3.5 min (3 min at the earliest, perhaps never)"));
    }
}

//! The sentences on the heap as a whole: whether it grew, by how much, between which bounds.

use super::super::units::{Bytes, both, delta, ends, growth_label, range, value};
use super::amounts::{counted, objects_unit};
use super::nouns::site_noun;
use super::runs::{per_what, scale_label};
use super::sites::{rate, sampling_setting};
use crate::diff::Metric;
use crate::report::{Report, WholeBasis, WholeGrowth, WholeHeap, WholeSubject, WholeVerdict};
use crate::series::LiveHeapSource;
use crate::site::Granularity;

/// Whether the heap as a whole grew, in a sentence of its own; with what to do, if that is all that can be told.
pub(in crate::render) fn whole_sentence(report: &Report, bytes: Bytes) -> Option<String> {
    let mut sentence = capitalised(&whole_headline(report, bytes)?);
    sentence += &spread_sentence(report).map(|spread| format!(", but {spread}")).unwrap_or_default();
    sentence += &contradiction(report, bytes).map(|said| format!("; {said}")).unwrap_or_default();
    Some(sentence)
}

/// The whole heap on both sides, and how sure it is that it grew: a line below the first sentence.
pub(in crate::render) fn whole_line(report: &Report, bytes: Bytes) -> String {
    whole_parts(report, bytes).join("; ")
}

/// The same in parts: both sides, then how sure that is.
pub(in crate::render) fn whole_parts(report: &Report, bytes: Bytes) -> Vec<String> {
    let subject = match report.whole.as_ref().map(|whole| whole.subject) {
        _ if report.current.difference.is_some() => "freed → allocated",
        Some(WholeSubject::Filtered) => "left by the filters",
        Some(WholeSubject::SampleType) => "total",
        Some(WholeSubject::Allocation) => "allocated",
        _ if report.name(Metric::Space) == Metric::Space.allocated_name() => "allocated",
        _ => "live heap",
    };
    let total = report.totals;
    let of_totals = |metric: Metric| [total.base_of(metric), total.current_of(metric)];
    let amounts = |metric: Metric, of_both: [i128; 2]| match metric {
        Metric::Space => ends(metric, of_both, bytes),
        Metric::Objects => format!("{} {}", ends(metric, of_both, bytes), objects_unit(report, 2)),
    };
    let is_exact = |metric: Metric| exact_ends(report, metric).is_some();
    let has_exact = report.shown_metrics().any(is_exact);
    let all_exact = report.shown_metrics().all(is_exact);
    let side = |metric: Metric| {
        let exact = exact_ends(report, metric);
        let [first, last] = exact.unwrap_or_else(|| of_totals(metric));
        let ratio = (first > 0).then(|| percent(last as f64 / first as f64));
        // An exact number beside an estimate: each says what it is.
        let how = (has_exact && !all_exact).then(|| if exact.is_some() { "exact" } else { "by samples" });
        let about: Vec<_> = ratio.into_iter().chain(how.map(str::to_owned)).collect();
        let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
        format!("{}{about}", amounts(metric, [first, last]))
    };
    let sides: Vec<_> = report.shown_metrics().map(side).collect();
    let exact = if all_exact { " (exact)" } else { "" };
    let both = format!("{subject}{exact} {}{}", sides.join(", "), scale_label(report));
    // What is said as an estimate already is not said again.
    let of_samples = report.shown_metrics().filter(|&metric| is_exact(metric));
    let of_samples: Vec<_> = of_samples.map(|metric| amounts(metric, of_totals(metric))).collect();
    let samples = has_exact.then(|| format!("by samples (an estimate) {}", of_samples.join(", ")));
    let how: Vec<_> = [samples, whole_certainty(report, bytes)].into_iter().flatten().collect();
    match how.is_empty() {
        true => vec![both],
        false => vec![both, how.join("; ")],
    }
}

/// The live heap on both sides by the runtime's own exact number, where that decides.
fn exact_ends(report: &Report, metric: Metric) -> Option<[i128; 2]> {
    report.whole.as_ref()?.counted(metric)
}

/// How sure it is that the whole heap grew, and what that rests on.
fn whole_certainty(report: &Report, bytes: Bytes) -> Option<String> {
    let whole = report.whole.as_ref()?;
    let metric = if whole.space.is_some() { Metric::Space } else { Metric::Objects };
    let growth = whole.space.or(whole.objects)?;
    if exact_ends(report, metric).is_some() {
        return contradiction(report, bytes);
    }
    let is_by_samples = whole.basis == WholeBasis::Samples;
    let beyond = if whole.is_beyond_usual { "beyond usual growth, " } else { "" };
    let grown = if whole.subject == WholeSubject::Heap { "heap growth " } else { "growth " };
    let verdict = match whole.verdict {
        WholeVerdict::NoChange if is_by_samples => "no significant change: ",
        WholeVerdict::Grew if is_by_samples && !whole.is_beyond_usual => grown,
        WholeVerdict::Shrank if is_by_samples => "change ",
        WholeVerdict::NoChange if growth.delta != 0 && !whole.basis.is_exact() => "hardly changed: ",
        _ => "",
    };
    let ends = growth.ends.map(|totals| ends(metric, totals, bytes)).unwrap_or_default();
    let how = match whole.basis {
        WholeBasis::Samples => {
            format!("{} (95 % interval)", range(metric, growth.bounds?, true, bytes))
        }
        WholeBasis::Count => "counted exactly".to_owned(),
        WholeBasis::Runtime(LiveHeapSource::HeapLive) => format!("exactly {ends}, as the collector found it"),
        WholeBasis::Runtime(LiveHeapSource::HeapAlloc) => format!("exactly {ends}, by HeapAlloc after GC"),
        WholeBasis::Runtime(LiveHeapSource::HalfNextGc) => format!("about {ends}, by NextGC/2"),
        WholeBasis::Runtime(LiveHeapSource::NextGcByGogc) => format!("about {ends}, by NextGC and GOGC"),
    };
    let contradiction = contradiction(report, bytes).map(|said| format!("; {said}")).unwrap_or_default();
    Some(format!("{beyond}{verdict}{how}{contradiction}"))
}

/// "the heap grew by 10.5 MiB"; `None` where nothing is known of its bytes or objects.
pub(in crate::render) fn whole_amount(report: &Report, whole: &WholeHeap, bytes: Bytes) -> Option<String> {
    let metric = if whole.space.is_some() { Metric::Space } else { Metric::Objects };
    let growth = whole.space.or(whole.objects)?;
    let subject = match whole.subject {
        WholeSubject::Heap => "the heap",
        WholeSubject::Allocation => "allocation",
        WholeSubject::Filtered => "what the filters leave",
        WholeSubject::SampleType => "the total",
    };
    Some(format!("{subject} grew by {}", counted(report, metric, growth.delta, bytes)))
}

/// A ratio of both sides, in percent of change.
pub(in crate::render) fn percent(ratio: f64) -> String {
    let change = (ratio - 1.0) * 100.0;
    match change.abs() {
        0.0 => "unchanged".to_owned(),
        ..0.05 => "+0 %".to_owned(),
        _ => growth_label(ratio),
    }
}

/// Whether the heap as a whole grew, by how much, and how sure that is. `None` where nothing is known of it.
pub(in crate::render) fn whole_headline(report: &Report, bytes: Bytes) -> Option<String> {
    let whole = report.whole.as_ref()?;
    let metric = if whole.space.is_some() { Metric::Space } else { Metric::Objects };
    let growth = whole.space.or(whole.objects)?;
    let per_profile = per_what(report);
    let subject = match whole.subject {
        WholeSubject::Heap => "the heap".to_owned(),
        WholeSubject::Allocation => "allocation".to_owned(),
        WholeSubject::Filtered => "what the filters leave".to_owned(),
        WholeSubject::SampleType => format!("the total of {}", report.name(metric)),
    };
    let about = if whole.basis.is_exact() || whole.basis == WholeBasis::Samples { "" } else { "about " };
    let amount = value(metric, growth.delta.abs(), bytes);
    let unit = if metric == Metric::Objects && whole.subject != WholeSubject::SampleType { " objects" } else { "" };
    let what = match whole.verdict {
        WholeVerdict::Grew => format!("{subject} grew by {about}{amount}{unit}"),
        WholeVerdict::Shrank => format!("{subject} shrank by {about}{amount}{unit}"),
        WholeVerdict::NoChange if whole.basis == WholeBasis::Samples => {
            format!("{subject} did not change significantly: {}{unit}", delta(metric, growth.delta, bytes))
        }
        WholeVerdict::NoChange if growth.delta == 0 => format!("{subject} did not change"),
        WholeVerdict::NoChange => format!("{subject} hardly changed: {}{unit}", delta(metric, growth.delta, bytes)),
    };
    let beyond = if whole.is_beyond_usual { "beyond the usual growth, " } else { "" };
    let how = certainty(whole, metric, growth, bytes).map(|how| format!(" ({how})")).unwrap_or_default();
    let objects = whole.objects.filter(|_| metric == Metric::Space && whole.space.is_some());
    let objects = objects.map(|objects| objects_clause(whole, growth, objects, bytes)).unwrap_or_default();
    Some(format!("{beyond}{what}{per_profile}{how}{objects}"))
}

/// How sure a growth is, and what that rests on.
fn certainty(whole: &WholeHeap, metric: Metric, growth: WholeGrowth, bytes: Bytes) -> Option<String> {
    let ends = growth.ends.map(|[first, last]| both(metric, first, last, bytes)).unwrap_or_default();
    Some(match whole.basis {
        WholeBasis::Samples => interval(whole.verdict, metric, growth.bounds?, bytes),
        WholeBasis::Count => "exact: everything was counted".to_owned(),
        WholeBasis::Runtime(LiveHeapSource::HeapLive) => format!("exact: the collector found {ends} alive"),
        WholeBasis::Runtime(LiveHeapSource::HeapAlloc) => format!("exact: HeapAlloc after GC {ends}"),
        WholeBasis::Runtime(LiveHeapSource::HalfNextGc) => format!("an estimate: NextGC/2 {ends}"),
        WholeBasis::Runtime(LiveHeapSource::NextGcByGogc) => format!("an estimate by NextGC and GOGC: {ends}"),
    })
}

/// Bounds of a growth; of its amount, if its direction is known.
fn interval(verdict: WholeVerdict, metric: Metric, [low, high]: [i128; 2], bytes: Bytes) -> String {
    let range = match verdict {
        WholeVerdict::Grew => range(metric, [low, high], false, bytes),
        WholeVerdict::Shrank => range(metric, [-high, -low], false, bytes),
        WholeVerdict::NoChange => range(metric, [low, high], true, bytes),
    };
    format!("95 %: {range}")
}

/// The growth in objects, after that in bytes, which is the verdict's.
fn objects_clause(whole: &WholeHeap, space: WholeGrowth, objects: WholeGrowth, bytes: Bytes) -> String {
    let metric = Metric::Objects;
    let goes_along = whole.verdict != WholeVerdict::NoChange
        && objects.verdict() == whole.verdict
        && objects.delta.signum() == space.delta.signum();
    let verdict = if goes_along { whole.verdict } else { WholeVerdict::NoChange };
    let how = objects.bounds.map(|bounds| format!(" ({})", interval(verdict, metric, bounds, bytes)));
    let how = how.unwrap_or_default();
    match goes_along {
        true if objects.delta.abs() == 1 => format!(" and by 1 object{how}"),
        true => format!(" and by {} objects{how}", value(metric, objects.delta.abs(), bytes)),
        false => format!("; {} objects{how}", delta(metric, objects.delta, bytes)),
    }
}

/// What is said of exact totals that the profiles contradict.
pub(in crate::render) fn contradiction(report: &Report, bytes: Bytes) -> Option<String> {
    let [first, last] = report.whole.as_ref()?.contradicted?;
    let ends = both(Metric::Space, first, last, bytes);
    Some(format!("HeapAlloc after GC, {ends}, has garbage in it, as the profiles contradict it"))
}

/// Why no site's growth is significant though the heap's is, and what helps; `None` where that is not so.
fn spread_sentence(report: &Report) -> Option<String> {
    report.whole.as_ref().filter(|whole| whole.is_spread)?;
    let coarser_sites = match report.granularity {
        Granularity::Packages => None,
        Granularity::Lines => Some("--by owner"),
        _ => Some("--by packages"),
    };
    let (coarse, finer) = match (rate(&report.sampling), sampling_setting(report)) {
        (Some(rate), Some(setting)) => {
            (format!(", or the profiles, sampled every {rate}, are too coarse to show where"), Some(setting))
        }
        _ => (String::new(), None),
    };
    let help: Vec<_> = finer.as_deref().into_iter().chain(coarser_sites).collect();
    let help = match help[..] {
        [] => String::new(),
        [one] => format!("; {one} shows more"),
        _ => format!("; {} show more", help.join(" and ")),
    };
    Some(format!(
        "no single {}'s growth is significant: it is spread over many{coarse}{help}",
        site_noun(report.granularity)
    ))
}

/// Makes the first letter a capital.
pub(in crate::render) fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::gate::Status;
    use crate::render::sample;

    const MIB: i128 = 1 << 20;

    fn growth(delta: i128, bounds: Option<[i128; 2]>) -> Option<WholeGrowth> {
        Some(WholeGrowth { delta, bounds, ends: None })
    }

    /// The sentence on a heap, whose verdict is that of its bounds.
    fn say(basis: WholeBasis, space: Option<WholeGrowth>, objects: Option<WholeGrowth>) -> String {
        let mut report = sample::report(Status::Pass);
        let whole = report.whole.as_mut().unwrap();
        whole.verdict = space.or(objects).unwrap().verdict();
        (whole.basis, whole.space, whole.objects) = (basis, space, objects);
        whole_sentence(&report, Bytes::Iec).unwrap()
    }

    #[test]
    fn the_whole_grew_shrank_or_neither() {
        let samples = |delta, low, high| say(WholeBasis::Samples, growth(delta, Some([low, high])), None);
        assert_eq!(samples(21 * MIB, 14 * MIB, 30 * MIB), "The heap grew by 21.0 MiB (95 %: 14.0 to 30.0 MiB)");
        assert_eq!(samples(3 * MIB, 1000, 9 * MIB), "The heap grew by 3.00 MiB (95 %: 1000 B to 9.00 MiB)");
        assert_eq!(samples(-21 * MIB, -30 * MIB, -14 * MIB), "The heap shrank by 21.0 MiB (95 %: 14.0 to 30.0 MiB)");
        assert_eq!(
            samples(MIB, -3 * MIB, 5 * MIB),
            "The heap did not change significantly: +1.00 MiB (95 %: -3.00 to +5.00 MiB)"
        );
    }

    #[test]
    fn objects_come_after_bytes() {
        let space = growth(21 * MIB, Some([14 * MIB, 30 * MIB]));
        let with = |delta, low, high| say(WholeBasis::Samples, space, growth(delta, Some([low, high])));
        assert_eq!(
            with(300_000, 100_000, 500_000),
            "The heap grew by 21.0 MiB (95 %: 14.0 to 30.0 MiB) and by 300,000 objects (95 %: 100,000 to 500,000)"
        );
        assert_eq!(
            with(3000, -100_000, 100_000),
            "The heap grew by 21.0 MiB (95 %: 14.0 to 30.0 MiB); +3,000 objects (95 %: -100,000 to +100,000)"
        );
        assert_eq!(
            say(WholeBasis::Count, growth(MIB, None), growth(-3, None)),
            "The heap grew by 1.00 MiB (exact: everything was counted); -3 objects"
        );
        assert_eq!(
            say(WholeBasis::Count, None, growth(2, None)),
            "The heap grew by 2 objects (exact: everything was counted)"
        );
        assert_eq!(
            say(WholeBasis::Count, growth(0, None), None),
            "The heap did not change (exact: everything was counted)"
        );
    }

    #[test]
    fn the_runtime_s_numbers_come_with_both_ends() {
        let ends = |first: i128, last: i128| {
            Some(WholeGrowth { delta: last - first, bounds: None, ends: Some([first, last]) })
        };
        assert_eq!(
            say(WholeBasis::Runtime(LiveHeapSource::HeapAlloc), ends(10 * MIB, 36 * MIB), ends(100, 1100)),
            "The heap grew by 26.0 MiB (exact: HeapAlloc after GC 10.0 MiB → 36.0 MiB) and by 1,000 objects"
        );
        assert_eq!(
            say(WholeBasis::Runtime(LiveHeapSource::HalfNextGc), ends(6 * MIB, 8 * MIB), None),
            "The heap grew by about 2.00 MiB (an estimate: NextGC/2 6.00 MiB → 8.00 MiB)"
        );
    }

    #[test]
    fn exact_bytes_have_exact_objects_beside_them_or_say_that_these_are_not() {
        let mut report = sample::report(Status::Pass);
        let ends = |first: i128, last: i128| {
            Some(WholeGrowth { delta: last - first, bounds: None, ends: Some([first, last]) })
        };
        let whole = report.whole.as_mut().unwrap();
        whole.basis = WholeBasis::Runtime(LiveHeapSource::HeapAlloc);
        (whole.space, whole.objects) = (ends(10 * MIB, 36 * MIB), ends(100, 150));
        let parts = whole_parts(&report, Bytes::Iec);
        let (sides, samples) = (&parts[0], &parts[1]);
        assert_eq!(sides, "live heap (exact) 10.0 → 36.0 MiB (+260 %), 100 → 150 objects (+50 %)");
        assert!(samples.starts_with("by samples (an estimate) ") && samples.ends_with(" objects"), "{samples}");
        let whole = report.whole.as_mut().unwrap();
        (whole.basis, whole.objects) = (WholeBasis::Runtime(LiveHeapSource::HeapLive), None);
        let parts = whole_parts(&report, Bytes::Iec);
        let (sides, samples) = (&parts[0], &parts[1]);
        assert!(sides.starts_with("live heap 10.0 → 36.0 MiB (+260 %, exact), "), "{sides}");
        assert!(sides.ends_with(", by samples)") && samples.ends_with(" MiB"), "{sides}; {samples}");
    }

    #[test]
    fn growth_that_no_site_shows_comes_with_advice() {
        let mut report = sample::report(Status::Pass);
        report.whole.as_mut().unwrap().is_spread = true;
        let say = |report: &Report| spread_sentence(report).unwrap();
        assert_eq!(
            say(&report),
            "no single function's growth is significant: it is spread over many, or the profiles, sampled every 512 KiB, are \
             too coarse to show where; GODEBUG=memprofilerate=4096 and --by packages show more"
        );
        report.sampling.rate_bytes = Some(4096.0);
        assert_eq!(
            say(&report),
            "no single function's growth is significant: it is spread over many; --by packages shows more"
        );
        report.granularity = Granularity::Packages;
        assert_eq!(say(&report), "no single package's growth is significant: it is spread over many");
    }
}

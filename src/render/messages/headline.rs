//! The first sentence of a comparison: what grew, by how much, in whose code, of which kind, and how sure that is.

use super::super::display_names::DisplayNames;
use super::super::text::sanitize;
use super::super::units::{Bytes, grouped, value};
use super::amounts::{counted, listed, objects_unit};
use super::gate;
use super::goroutine_headline::{by_structs, explain_half, more_goroutines};
use super::growth_kind::kind;
use super::header::is_in_wrong_order;
use super::notes::note_message;
use super::nouns::{site_noun, site_nouns};
use super::sites::sampling_size;
use super::whole::{capitalised, whole_amount};
use crate::diff::{Attribution, Metric};
use crate::evidence::Significance;
use crate::gate::GateResult;
use crate::report::{Claim, Headline, Note, Report, SiteRow, WholeVerdict};
use crate::site::{Granularity, RuntimeClass, Values, is_standard};

/// What to know before any number is read, then what grew, with names as in the table. `None` for a report without such an
/// answer.
pub(in crate::render) fn headline(report: &Report, bytes: Bytes) -> Option<String> {
    let names = DisplayNames::of_report(report);
    named_headline(report, &|row| names.site(row).to_owned(), bytes)
}

/// The same, with other names of the sites.
pub(super) fn named_headline(report: &Report, name_of: NameOf<'_>, bytes: Bytes) -> Option<String> {
    let answer = answer(report, name_of, bytes)?;
    let cautions: Vec<_> = cautions(report).map(|note| ended(&capitalised(&note_message(note)))).collect();
    let sentences: Vec<_> = cautions.into_iter().chain([answer]).collect();
    Some(sanitize(&sentences.join(" ")))
}

/// With a full stop, unless it is a question.
fn ended(sentence: &str) -> String {
    if sentence.ends_with('?') { sentence.to_owned() } else { format!("{sentence}.") }
}

/// The notes that are said before anything else: they may turn the answer round, or leave nothing of it.
pub(in crate::render) fn cautions(report: &Report) -> impl Iterator<Item = &Note> {
    report.notes.iter().filter(|note| is_caution(note))
}

/// Whether a note is said before anything else.
pub(super) fn is_caution(note: &Note) -> bool {
    matches!(
        note,
        Note::TimeReversed { .. }
            | Note::SameProfile
            | Note::ProgramDiffers { .. }
            | Note::ProducerDiffers { .. }
            | Note::NoCollectionBetween
    )
}

/// The reasons of a check that are not said before anything else.
pub(in crate::render) fn other_reasons(report: &Report, result: &GateResult) -> Vec<String> {
    let said: Vec<_> = cautions(report).map(note_message).collect();
    gate::reasons(report, result).into_iter().filter(|reason| !said.contains(reason)).collect()
}

/// How a site is called.
type NameOf<'a> = &'a dyn Fn(&SiteRow) -> String;

/// What grew.
pub(in crate::render) fn answer(report: &Report, name_of: NameOf<'_>, bytes: Bytes) -> Option<String> {
    let headline = report.headline.as_ref()?;
    let of_sites = match headline.claim {
        Claim::NoGrowth if report.notes.contains(&Note::SameProfile) => "There is nothing to compare.".to_owned(),
        Claim::NoGrowth => no_growth(report),
        Claim::Noise => noise(report),
        Claim::Spread => spread(report, bytes),
        _ => growth(report, headline, name_of, bytes),
    };
    let shrank = shrank(report, name_of, bytes);
    // Of other columns, the sites say as much.
    let is_heap = report.name(Metric::Objects) == Metric::Objects.name();
    let goroutines = is_heap.then(|| more_goroutines(report, bytes)).flatten();
    let is_sure = matches!(headline.claim, Claim::Confirmed | Claim::Counted | Claim::CountedHardly);
    let is_cause = !is_sure || explain_half(report, headline.certain);
    let structs = headline.goroutine_structs.filter(|_| headline.named.is_empty() && goroutines.is_none() && is_heap);
    let structs = structs.map(|change| by_structs(change, bytes));
    let (cause, besides) = if is_cause { (goroutines, None) } else { (None, goroutines) };
    let sentences: Vec<_> = [cause, Some(of_sites), shrank, besides, structs].into_iter().flatten().collect();
    Some(sentences.join(" "))
}

/// That nothing grew, and what growth would not have been seen.
fn no_growth(report: &Report) -> String {
    let noun = site_noun(report.granularity);
    if is_in_wrong_order(report) {
        return format!("No {noun} grew in this order.");
    }
    if report.current.difference.is_some() && report.current.samples == 0 {
        return "The difference is empty: no garbage collection ran in that time, or hardly anything was allocated."
            .to_owned();
    }
    let is_judged = report.gate.as_ref().is_some_and(|result| !result.power.is_empty());
    match report.sampling.detectable_bytes.filter(|_| report.sampling.is_sampled()).map(sampling_size) {
        Some(least) if !is_judged => format!("No {noun} grew; growth below about {least} a {noun} would be missed."),
        // A check says what would have failed, which takes more than to show.
        _ => format!("No {noun} grew."),
    }
}

fn noise(report: &Report) -> String {
    let noun = site_noun(report.granularity);
    // A check says what it would have caught.
    let is_said = report.gate.as_ref().is_some_and(|result| !result.power.is_empty()) || is_in_wrong_order(report);
    match report
        .sampling
        .detectable_bytes
        .filter(|_| !is_said)
        .filter(|_| report.sampling.is_sampled())
        .map(sampling_size)
    {
        Some(least) => {
            let more = if is_more_missed(report) { ", and more where much comes and goes" } else { "" };
            format!("Nothing grew beyond sampling noise; growth below about {least} a {noun} can be missed{more}.")
        }
        None => "Nothing grew beyond sampling noise.".to_owned(),
    }
}

/// Whether a site grew within noise by more than a new one could without being seen.
fn is_more_missed(report: &Report) -> bool {
    let growth = report.sites.iter().map(|site| site.values(report.attribution).delta_of(Metric::Space)).max();
    report.sampling.detectable_bytes.zip(growth).is_some_and(|(least, growth)| growth as f64 > least)
}

/// The heap grew, though no site did significantly.
fn spread(report: &Report, bytes: Bytes) -> String {
    let amount = report.whole.as_ref().and_then(|whole| whole_amount(report, whole, bytes)).unwrap_or_default();
    let noun = site_noun(report.granularity);
    let coarse = match report.sampling.rate_bytes.filter(|_| report.sampling.is_sampled()).map(sampling_size) {
        Some(rate) => format!(", or sampled too coarsely (every {rate}) to show where"),
        None => String::new(),
    };
    let why = format!("no single {noun}'s growth is certain: it is spread over many{coarse}");
    format!("{}, but {why}.", capitalised(&amount))
}

/// What the named sites grew by, how sure that is, and of which kind.
fn growth(report: &Report, headline: &Headline, name_of: NameOf<'_>, bytes: Bytes) -> String {
    let rows: Vec<_> = headline.named.iter().filter_map(|&at| report.sites.get(at)).collect();
    let verb = match headline.claim {
        Claim::Suspected => "may have grown by",
        Claim::Unweighed => "grew, or seems to have grown, by",
        _ => "grew by",
    };
    let is_alone = rows.len() == 1 && headline.others == 0;
    let goroutines = rows
        .first()
        .filter(|_| headline.claim != Claim::CountedHardly)
        .filter(|row| row.name == RuntimeClass::Goroutines.name());
    let goroutines = goroutines.map(|row| row.flat.delta().objects).filter(|&more| more > 0);
    let goroutines = goroutines.map(|more| format!("About {} more goroutines at once: ", grouped(more)));
    let amounts: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let verb = if at == 0 { format!("{verb} ") } else { "by ".to_owned() };
            format!(
                "{} {verb}{}",
                name(report, row, name_of),
                amount(report, row.values(report.attribution).delta(), is_alone, bytes)
            )
        })
        .chain((headline.others > 0).then(|| {
            let nouns = if headline.others == 1 { site_noun } else { site_nouns };
            let sum = amount(report, headline.others_delta, false, bytes);
            let number = headline.others;
            let together = if number == 1 { "" } else { " together" };
            format!("{number} more {} by {sum}{together}", nouns(report.granularity))
        }))
        .collect();
    let grown = listed(&amounts);
    let accepted = |at: &usize| {
        report.gate.as_ref().is_some_and(|result| result.accepted.iter().any(|accepted| accepted.site == Some(*at)))
    };
    let is_allowed = headline.others == 0 && headline.named.iter().all(accepted);
    let sure = match headline.claim {
        Claim::Confirmed if is_allowed => " (confirmed, and allowed)",
        Claim::Confirmed => " (confirmed)",
        Claim::Counted | Claim::CountedHardly if is_allowed => " (counted exactly, and allowed)",
        Claim::Counted | Claim::CountedHardly => " (counted exactly)",
        Claim::Suspected => " (suspect, not certain)",
        _ => "",
    };
    let kind = kind(report, &rows, is_alone, bytes).map(|kind| format!(": {kind}")).unwrap_or_default();
    let whose = whose(report, &rows).map(|whose| format!("; {whose}")).unwrap_or_default();
    let sentence = format!("{}{grown}{sure}{kind}{whose}.", goroutines.unwrap_or_default());
    match headline.claim {
        Claim::Suspected => {
            let whole = report.whole.as_ref().filter(|whole| whole.verdict == WholeVerdict::Grew);
            let whole = whole.and_then(|whole| whole_amount(report, whole, bytes));
            let whole = whole.map(|whole| format!("{}. ", capitalised(&whole))).unwrap_or_default();
            format!("{whole}{sentence}")
        }
        Claim::Unweighed => {
            format!("{sentence} Whether that is more than sampling noise, the profiles do not say.")
        }
        Claim::CountedHardly => format!("Hardly anything grew: {sentence}"),
        Claim::Confirmed => {
            [Some(sentence), unexplained(report, bytes)].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        _ => sentence,
    }
}

/// That most of the growth is at other sites, none of which is certain to have grown.
fn unexplained(report: &Report, bytes: Bytes) -> Option<String> {
    let headline = report.headline.as_ref()?;
    let metric = report.list.as_ref().map_or(Metric::Space, |list| list.metric);
    // Cumulative growth of sites that call each other has no sum.
    let has_sum = report.attribution == Attribution::Flat && report.shows(metric);
    let of = |number: i128| match metric {
        Metric::Space => value(metric, number, bytes),
        Metric::Objects => counted(report, metric, number, bytes),
    };
    (has_sum && 2 * headline.uncertain > 3 * headline.certain.max(0)).then(|| {
        format!(
            "Most of the growth, {} of {}, is in changes too small to be certain.",
            of(headline.uncertain),
            of(headline.uncertain + headline.certain)
        )
    })
}

/// The name of a site as in a sentence. A line has its number.
fn name(report: &Report, row: &SiteRow, name_of: NameOf<'_>) -> String {
    match (row.file.as_deref(), row.line) {
        (Some(file), Some(line)) if report.granularity == Granularity::Lines => {
            let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
            format!("{} ({file}:{line})", name_of(row))
        }
        _ => name_of(row),
    }
}

/// Growth in all metrics: "10.5 MiB, 95,803 objects". `all`: otherwise that which ranks the sites.
fn amount(report: &Report, delta: Values, all: bool, bytes: Bytes) -> String {
    let mut metrics: Vec<_> = report.shown_metrics().collect();
    if report.list.as_ref().is_some_and(|list| list.metric == Metric::Objects) {
        metrics.reverse();
    }
    let mut grown = metrics.iter().filter(|metric| metric.of(delta) > 0);
    let of = |metric: Metric| match metric {
        Metric::Objects if metrics.first() != Some(&metric) => {
            format!("{} more {}", grouped(delta.objects), objects_unit(report, delta.objects))
        }
        _ => counted(report, metric, metric.of(delta), bytes),
    };
    let parts: Vec<_> = match all {
        true => grown.map(|&metric| of(metric)).collect(),
        false => grown.next().map(|&metric| counted(report, metric, metric.of(delta), bytes)).into_iter().collect(),
    };
    let shrank = metrics.iter().filter(|metric| all && metric.of(delta) < 0);
    let shrank = shrank.map(|&metric| match (metric, -metric.of(delta)) {
        (Metric::Space, less) => format!(", with {} less", value(metric, less, bytes)),
        (Metric::Objects, fewer) => format!(", with {} fewer {}", grouped(fewer), objects_unit(report, fewer)),
    });
    parts.join(", ") + &shrank.collect::<String>()
}

/// That a site is not the program's own code.
fn whose(report: &Report, rows: &[&SiteRow]) -> Option<&'static str> {
    let [row] = rows else { return None };
    let is_library = row.runtime_class.is_none()
        && report.granularity == Granularity::Owner
        && row.package.as_deref().is_some_and(|package| is_standard(package.as_bytes()));
    is_library.then_some("none of your own code is on its stacks")
}

/// What shrank by as much as anything grew.
fn shrank(report: &Report, name_of: NameOf<'_>, bytes: Bytes) -> Option<String> {
    let list = report.list.as_ref()?;
    let row = report.sites.get(list.most_shrunk?)?;
    let shrunk = -row.values(report.attribution).delta_of(list.metric);
    let is_confirmed = row.evidence.significance == Significance::Shrank;
    let is_counted = report.sampling.rate_bytes.is_some() && !report.sampling.is_sampled();
    (is_confirmed || is_counted)
        .then(|| format!("{} shrank by {}.", name_of(row), counted(report, list.metric, shrunk, bytes)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::gate::Status;
    use crate::render::sample;
    use crate::report::WholeHeap;

    /// The answer of a claim on the first sites of a report.
    fn say(claim: Claim, named: &[usize], change: impl Fn(&mut Report)) -> String {
        let mut report = sample::report(Status::Pass);
        report.notes.clear();
        report.sites[1].name = "main.load".to_owned();
        let headline = report.headline.as_mut().unwrap();
        (headline.claim, headline.named) = (claim, named.to_vec());
        change(&mut report);
        headline_of(&report)
    }

    fn headline_of(report: &Report) -> String {
        headline(report, Bytes::Iec).unwrap()
    }

    #[test]
    fn an_answer_says_what_grew_and_how_sure_that_is() {
        let store = "main.(*store[...]).create";
        let of = |claim, named: &[usize]| say(claim, named, |_| ());
        assert_eq!(of(Claim::Confirmed, &[0]), format!("{store} grew by 9.00 MiB, 9,216 more objects (confirmed)."));
        assert_eq!(
            of(Claim::Counted, &[0, 1]),
            format!("{store} grew by 9.00 MiB and main.load by 128 KiB (counted exactly): more objects.")
        );
        assert_eq!(
            of(Claim::CountedHardly, &[1]),
            "Hardly anything grew: main.load grew by 128 KiB, 2 more objects (counted exactly): up from none."
        );
        assert_eq!(
            of(Claim::Suspected, &[1]),
            "The heap grew by 10.0 MiB. main.load may have grown by 128 KiB, 2 more objects (suspect, not certain): up from \
             none."
        );
        assert_eq!(
            of(Claim::Noise, &[]),
            "Nothing grew beyond sampling noise; growth below about 3 MiB a function can be missed, and more where much \
             comes and goes."
        );
        assert_eq!(
            of(Claim::Spread, &[]),
            "The heap grew by 10.0 MiB, but no single function's growth is certain: it is spread over many, or sampled \
             too coarsely (every 512 KiB) to show where."
        );
        assert_eq!(of(Claim::NoGrowth, &[]), "No function grew; growth below about 3 MiB a function would be missed.");
    }

    #[test]
    fn what_qualifies_an_answer_is_said_with_it() {
        let others = say(Claim::Confirmed, &[0], |report| {
            let headline = report.headline.as_mut().unwrap();
            (headline.others, headline.others_delta) = (3, Values { objects: 7, space: 1 << 20 });
            (headline.certain, headline.uncertain) = (6 << 20, 12 << 20);
        });
        assert_eq!(
            others,
            "main.(*store[...]).create grew by 9.00 MiB and 3 more functions by 1.00 MiB together (confirmed): more \
             objects. Most of the growth, 12.0 MiB of 18.0 MiB, is in changes too small to be certain."
        );
        let swapped = say(Claim::NoGrowth, &[], |report| {
            report.notes.push(Note::TimeReversed { base: 2, current: 1, same_process: true, pair: None });
        });
        assert_eq!(
            swapped,
            "The base was taken after the current profile: are the two swapped? No function grew in this order."
        );
        let same = say(Claim::NoGrowth, &[], |report| report.notes.push(Note::SameProfile));
        assert_eq!(same, "Base and current are the same profile. There is nothing to compare.");
        let unknown = say(Claim::Unweighed, &[1], |report| report.whole = None::<WholeHeap>);
        assert!(unknown.ends_with("Whether that is more than sampling noise, the profiles do not say."), "{unknown}");
    }
}

//! Sentences on several runs of each build: what numbers and limits are of, and how much the runs vary.

use super::super::units::count;
use super::gate::size;
use super::nouns::site_noun;
use crate::evidence::{MIN_RUNS, NoVariation};
use crate::report::{Report, RunsSummary, VaryingSite};
use crate::site::Scale;

/// Varying sites that are named.
const MAX_NAMED: usize = 3;

/// What a number is of: ` per run`, ` per profile`, ` per operation`, ` normalized`, or nothing where it is of a sum.
pub(super) fn per_what(report: &Report) -> &'static str {
    match (&report.runs, report.scales[1]) {
        (Some(runs), _) if runs.are_pairs => " per run",
        (_, Scale::Sum) => "",
        (_, Scale::PerProfile(_)) => " per profile",
        (_, Scale::PerOperation(_)) => " per operation",
        (_, Scale::Normalized(_)) => " normalized",
    }
}

/// The same after a comma, unless there is nothing to say.
pub(in crate::render) fn scale_label(report: &Report) -> String {
    let per = per_what(report);
    if per.is_empty() { String::new() } else { format!(",{per}") }
}

/// What the runs say, in two sentences.
pub(super) fn runs_sentences(report: &Report) -> Vec<String> {
    report.runs.iter().flat_map(|runs| [what_counts(runs), variation(report, runs)]).collect()
}

fn what_counts(runs: &RunsSummary) -> String {
    let [base, current] = runs.counts;
    let uneven = if base == current { "" } else { " (an uneven number)" };
    match (runs.are_pairs, runs.are_means) {
        (true, _) => format!("{base} + {current} runs{uneven} are pooled: numbers and limits are per run"),
        (false, true) => format!("{base} + {current} profiles{uneven} are pooled: numbers and limits are per profile"),
        (false, false) => {
            format!(
                "numbers and limits are sums of {base} + {current} profiles{uneven}: --per-profile makes them per run"
            )
        }
    }
}

fn variation(report: &Report, runs: &RunsSummary) -> String {
    let [base, current] = runs.counts;
    match runs.no_variation {
        None => {
            let measured = format!("natural variation measured from {base} + {current} runs");
            match runs.varying.len() {
                0 => format!(
                    "{measured}: {} varies by more than the noise of sampling",
                    format_args!("no {}", noun(report))
                ),
                many => {
                    let one = |site: &VaryingSite| format!("{} (growth ±{})", site.name, size(site.space as f64));
                    let named = runs.varying.iter().take(MAX_NAMED).map(one).collect::<Vec<_>>().join(", ");
                    let more = if many > MAX_NAMED { ", …" } else { "" };
                    format!(
                        "{measured}: {} by more than the noise of sampling, and growth there must exceed that: {named}{more}",
                        if many == 1 {
                            format!("1 {} varies", noun(report))
                        } else {
                            format!("{} vary", count(many, noun(report)))
                        }
                    )
                }
            }
        }
        Some(NoVariation::TooFewRuns) => format!(
            "natural variation was not measured: {base} + {current} runs show only the noise of sampling; {MIN_RUNS} of \
             each build would do"
        ),
        Some(NoVariation::OneProcess { is_base, runs: [one, other] }) => format!(
            "natural variation was not measured: profiles {} and {} of the {} are of one process, so they are not two runs",
            one + 1,
            other + 1,
            if is_base { "base" } else { "current side" }
        ),
        Some(NoVariation::TwoProcesses { is_base, run }) => format!(
            "natural variation was not measured: pair {} of the {} has profiles of two processes, so it is not one run",
            run + 1,
            if is_base { "base" } else { "current build" }
        ),
        Some(NoVariation::HalfPaired) => "natural variation was not measured: some profiles of both sides are of one \
                                          process, but not each with one of the other side"
            .to_owned(),
        Some(NoVariation::NoRate) => {
            "natural variation was not measured: the sampling rate is unknown, or not the same in all runs".to_owned()
        }
    }
}

fn noun(report: &Report) -> &'static str {
    site_noun(report.granularity)
}

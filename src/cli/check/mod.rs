//! The gate and its calibration: the pipeline, and what makes inputs unfit for a judgement.

mod args;

use std::path::PathBuf;

use anyhow::{Result, bail};

pub(super) use args::EXAMPLES;
pub(super) use args::{CalibrateArgs, CheckArgs};
pub(super) use args::{CalibratePlan, CheckInputs, CheckPlan};

use super::config::Inconclusive;
use super::progress::Progress;
use super::run::{both, compare, print_notes, read, tell, write_to};
use super::side::{Added, add_up};
use super::{Exit, budget, source};
use crate::diff::{Attribution, diff};
use crate::evidence::Evidence;
use crate::gate::{self, Comparison, Status, Variation, judge};
use crate::profile::Counted;
use crate::rank::rank;
use crate::render::{self, Format, render};
use crate::report::{Note, Seen, Side, findings, notes, report};
use crate::site::{Values, unify_line_keys};

/// Judges a comparison, and ends as the judgement says.
pub(super) fn run_check(plan: CheckPlan) -> Result<Exit> {
    let CheckInputs { sides: [base, current], usual } = &plan.inputs;
    let current_paths = current;
    let all = usual.iter().flatten().chain([base, current, &plan.settled]).flatten();
    let progress = Progress::of(all);
    let add = |paths: &[PathBuf]| add_up(paths, &plan.measure, &progress);
    let read_both = |one: &[PathBuf], other: &[PathBuf]| -> Result<[Added<'static>; 2]> {
        let (one, other) = both(progress.is_short(), || add(one), || add(other));
        Ok([one?, other?])
    };
    let (sides, usual, settled) = progress.show(|| {
        let usual = usual.as_ref().map(|[base, current]| read_both(base, current)).transpose();
        (read_both(base, current), usual, add(&plan.settled))
    });
    let ([mut base, mut current], mut usual, mut settled) = (sides?, usual?, settled?);
    let all = [&mut base, &mut current, &mut settled].into_iter().chain(usual.iter_mut().flatten());
    unify_line_keys(&mut all.map(|side| &mut side.sites).collect::<Vec<_>>());
    let deltas = compare(&base.sites, &current.sites, Attribution::Flat)?;
    let usual_deltas =
        usual.as_ref().map(|[base, current]| compare(&base.sites, &current.sites, Attribution::Flat)).transpose()?;
    let (deltas, evidence) = match &usual_deltas {
        Some(usual) => {
            let evidence = Evidence::excess_over(&deltas, usual);
            (deltas.excess_over(usual), evidence)
        }
        None => {
            let evidence = Evidence::new(&deltas);
            (deltas, evidence)
        }
    };
    let seen = Comparison { deltas: &deltas, evidence: &evidence, is_beyond_usual: usual.is_some() };
    let sides = [base.side.clone(), current.side.clone()];
    let mut notes_of = notes(sides.each_ref(), &deltas, &evidence, &plan.asked);
    if let (Some([before, after]), Some(deltas)) = (&usual, &usual_deltas) {
        // What makes the other run unfit makes the comparison unfit.
        let usual = notes([&before.side, &after.side], deltas, &Evidence::new(deltas), &plan.asked);
        notes_of.extend(usual.into_iter().filter(Note::is_incomparable));
    }
    let mut incomparable: Vec<_> = notes_of.iter().filter(|note| note.is_incomparable()).map(Note::message).collect();
    if usual_deltas.as_ref().is_some_and(|usual| usual.counted != deltas.counted) {
        incomparable.push("the two pairs do not count the same: objects, bytes, or both".to_owned());
    }
    if deltas.sites.is_empty() {
        incomparable.push("nothing is alive on either side, so there is nothing to judge".to_owned());
    }
    if let Some(path) = &plan.update_budget {
        let unsure = !plan.rules.ignore_evidence && (0..deltas.sites.len()).any(|site| evidence.is_unknown(site));
        if unsure {
            incomparable.push("growth cannot be told from noise (--no-evidence takes it as it is)".to_owned());
        }
        if !incomparable.is_empty() {
            bail!("no budget was written: {}", incomparable.join("; "));
        }
        budget::write(path, &gate::budget(seen, plan.rules.ignore_evidence), plan.measure.granularity.name())?;
        return Ok(Exit::Success);
    }
    let later = compare(&base.sites, &settled.sites, Attribution::Flat)?;
    let later_evidence = Evidence::new(&later);
    let later = Comparison { deltas: &later, evidence: &later_evidence, is_beyond_usual: false };
    let is_settled = !plan.settled.is_empty();
    if is_settled {
        if later.deltas.counted != deltas.counted {
            incomparable
                .push("the settled profile does not count the same as the others: objects, bytes, or both".to_owned());
        }
        incomparable.extend(unfit(&base.side, &current.side, &settled.side, later, &plan));
    }
    let verdict = judge(seen, Some(later).filter(|_| is_settled), &plan.rules, incomparable);
    let exit = exit(verdict.status, plan.inconclusive);
    let ranking = rank(&deltas, None);
    let mut report = report(sides, &ranking, &evidence, Some(verdict), notes_of, &plan.selection);
    report.findings = findings(Seen {
        deltas: &deltas,
        evidence: &evidence,
        notes: &report.notes,
        asked: &plan.asked,
        trends: None,
        assessment: None,
        mem_stats: [base.mem_stats(), current.mem_stats()],
        goroutines: Vec::new(),
        threads: Vec::new(),
    });
    if matches!(plan.format, Format::Github | Format::Junit) {
        // What cannot be read a second time, such as a pipe, has no callers.
        let again = current_paths.iter().filter(|path| path.is_file());
        source::find(
            &mut report,
            &plan.measure.filter,
            again.filter_map(|path| read(path, &plan.measure, &progress).ok()).map(|(_, profile)| profile),
        );
    }
    print_notes(&report, plan.format);
    write_to(plan.output.as_deref(), |out| render(&report, plan.format, plan.look, out))?;
    Ok(exit)
}

/// Why a settled profile says nothing of what is still there, a sentence each.
fn unfit(base: &Side, current: &Side, settled: &Side, later: Comparison<'_, '_, '_>, plan: &CheckPlan) -> Vec<String> {
    let all = notes([base, settled], later.deltas, later.evidence, &plan.asked);
    let serious = |note: &&Note| note.is_incomparable() || matches!(note, Note::ProgramDiffers { .. });
    let mut reasons: Vec<_> =
        all.iter().filter(serious).map(|note| format!("the settled profile: {}", note.message())).collect();
    if settled.samples == 0 {
        reasons.push("the settled profile is empty".to_owned());
    } else if !plan.rules.ignore_evidence && later.evidence.rate().is_none() {
        reasons.push("the settled profile was not sampled as the base was".to_owned());
    }
    if !settled.paths.is_empty() && settled.paths == current.paths {
        reasons.push("the settled profile is the current one: take it later".to_owned());
    } else if settled.time_nanos != 0 && settled.time_nanos < current.time_nanos {
        reasons.push("the settled profile was taken before the current one".to_owned());
    }
    reasons
}

/// From profiles of runs in which nothing changed, the limits that would not have failed.
pub(super) fn run_calibrate(plan: CalibratePlan) -> Result<Exit> {
    let progress = Progress::of(plan.profiles.iter());
    let read = |path: &PathBuf| add_up(std::slice::from_ref(path), &plan.measure, &progress);
    let mut profiles = progress.show(|| plan.profiles.iter().map(read).collect::<Result<Vec<_>>>())?;
    unify_line_keys(&mut profiles.iter_mut().map(|profile| &mut profile.sites).collect::<Vec<_>>());
    for (at, profile) in profiles.iter().enumerate() {
        let name = profile.name();
        let earlier = || profiles[..at].iter().flat_map(|known| &known.side.paths);
        if profile.side.paths.iter().any(|path| earlier().any(|known| known == path)) {
            bail!("{name} was given twice: a profile does not differ from itself");
        }
        if profile.sites.total() == Values::default() {
            bail!("{name}: nothing is alive in it");
        }
    }
    let mut variation = Variation::default();
    for base in &profiles {
        for current in profiles.iter().filter(|current| !std::ptr::eq(*current, base)) {
            let deltas = diff(&base.sites, &current.sites, Attribution::Flat);
            if deltas.counted != Counted::BOTH {
                let [base, current] = [base, current].map(Added::name);
                bail!("{base} and {current} do not both count objects and bytes");
            }
            let evidence = Evidence::new(&deltas);
            if evidence.rate().is_none() {
                let [base, current] = [base, current].map(Added::name);
                bail!("{base} and {current} were not sampled at the same rate, or do not say how often");
            }
            if (0..deltas.sites.len()).any(|site| evidence.is_unknown(site)) {
                bail!("not all samples can be counted (label bytes), so natural variation cannot be told from growth");
            }
            variation.note(Comparison { deltas: &deltas, evidence: &evidence, is_beyond_usual: false });
        }
    }
    tell(&plan.asked.unmatched(profiles.iter().map(|profile| &profile.sites)));
    write_to(plan.output.as_deref(), |out| {
        render::calibration(&variation, profiles.len(), plan.measure.granularity, out)
    })
}

fn exit(status: Status, inconclusive: Inconclusive) -> Exit {
    match (status, inconclusive) {
        (Status::Pass, _) | (Status::Inconclusive, Inconclusive::Pass) => Exit::Success,
        (Status::Fail, _) | (Status::Inconclusive, Inconclusive::Fail) => Exit::LimitExceeded,
        (Status::Inconclusive, Inconclusive::Error) => Exit::NoAnswer,
    }
}

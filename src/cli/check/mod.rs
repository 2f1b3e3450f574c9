//! `heapdiff check`: the gate.

mod args;
mod budget;
mod limit_args;
mod settings;
mod update;

use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Result, anyhow};

pub(crate) use args::{CheckArgs, EXAMPLES};
pub use budget::check as check_budget;

pub use crate::cli::options::config::check as check_config;

use crate::cli::check::args::CheckPlan;
use crate::cli::exit::Exit;
use crate::cli::options::{Date, Inconclusive, LoadOptions, TypedOptions, TypedOutputs, format};
use crate::cli::steps::companion_growth::Accompanied;
use crate::cli::steps::{
    LoadedSide, Outputs, PairNames, Progress, Reports, add_mem_stats, checkout, companion_growth, compare_loaded,
    counted, found_files, load_pair, load_side, match_sides, matching_notes, read_with_copy, refuse_goref,
    unify_side_keys, warn, write_failure_to,
};
use crate::diagnose::{FindingInputs, NoEvidence, Note, SideInfo, Unfit, WhichSide, findings, notes};
use crate::diff::{Attribution, Deltas, Metric};
use crate::evidence::Evidence;
use crate::gate::{Budget, Comparison, CountedHeap, GateResult, LeakedGrowth, Reason, Status, judge, unjudged};
use crate::profile::CountedThing;
use crate::rank::rank;
use crate::render::{Format, messages};
use crate::report::{Conclusions, Report, UsedConfig, gone_with_growth, report};

/// How long an allowance may hold that a report suggests.
const SUGGESTED_ALLOWANCE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

pub(crate) fn run(args: CheckArgs) -> Result<Exit> {
    let (outputs, outputs_fit) = args.outputs();
    if !args.reports() {
        outputs_fit?;
        args.refuse_overwriting()?;
        return check(args, &outputs).map(|checked| checked.exit);
    }
    outputs.replace_old();
    match outputs_fit.and_then(|()| check(args, &outputs)) {
        Ok(Checked { exit, reports, refusal }) => {
            reports.map_or(Ok(()), |reports| outputs.write(&reports, refusal.as_deref()))?;
            refusal.map_or(Ok(exit), |refusal| Err(anyhow!(refusal)))
        }
        Err(error) => {
            outputs.write_failure(&format!("{error:#}")).unwrap_or_else(|unwritten| warn(&unwritten.to_string()));
            Err(error)
        }
    }
}

/// Says in the outputs among arguments that cannot be parsed that there is no check, and why.
pub(crate) fn report_usage_error(typed: &TypedOptions<'_>, error: &str) {
    let TypedOutputs { stdout, files } = TypedOutputs::new(typed, format::OF_CHECK);
    write_failure_to(&files, stdout, error).unwrap_or_else(|unwritten| warn(&unwritten.to_string()));
}

/// What a check comes to.
struct Checked {
    exit: Exit,
    /// `None` where a budget was written.
    reports: Option<Reports>,
    /// Why a strict check refuses its rules, whatever its verdict.
    refusal: Option<String>,
}

/// Makes the check, and the reports that `outputs` need; a budget is written without any.
fn check(args: CheckArgs, outputs: &Outputs) -> Result<Checked> {
    let mut plan = CheckPlan::new(args, outputs)?;
    let all = [&plan.sides].into_iter().chain(&plan.usual).flatten().chain([&plan.settled]).flatten();
    let (mut names, mut usual_names, settled_names) = Default::default();
    let progress = Progress::new(all);
    let PairNames { sides: names, again } = &mut names;
    let ([mut base, mut current], mut usual, mut settled, mut matching) = progress.show(|| -> Result<_> {
        let [mut base, mut current] = load_pair(&plan.sides, &plan.load_options, &progress, names)?;
        // What is counted there must be counted here, too.
        let sample_type = counted([&base.info, &current.info], &plan.load_options);
        let like_these = LoadOptions { sample_type, ..plan.load_options.clone() };
        let usual = plan.usual.as_ref();
        let mut usual = usual.map(|sides| load_pair(sides, &like_these, &progress, &mut usual_names)).transpose()?;
        let mut settled = load_side(&plan.settled, &like_these, &progress, &settled_names)?;
        refuse_goref("check", [&base, &current, &settled].into_iter().chain(usual.iter().flatten()))?;
        // With two pairs, each is of a build; otherwise each side.
        let matching = match &mut usual {
            Some([before, after]) => {
                match_sides(&mut [before, after], &mut [&mut base, &mut current], &like_these, &progress, again)?
            }
            None => match_sides(&mut [&mut base], &mut [&mut current, &mut settled], &like_these, &progress, again)?,
        };
        Ok(([base, current], usual, settled, matching))
    })?;
    plan.rules.follow(&mut matching);
    unify_side_keys([&mut base, &mut current, &mut settled].into_iter().chain(usual.iter_mut().flatten()));
    add_mem_stats([&mut base, &mut current], &plan.mem_stats, &progress)?;
    let deltas = compare([&base, &current], &plan)?;
    let usual_deltas = usual.as_ref().map(|sides| compare(sides.each_ref(), &plan)).transpose()?;
    let is_judged = |[before, after]: &[LoadedSide<'_>; 2]| {
        before.info.is_same_profile_as(&base.info) && after.info.is_same_profile_as(&current.info)
    };
    let is_usual_judged = usual.as_ref().is_some_and(is_judged)
        && usual_deltas.as_ref().is_some_and(|usual| usual.has_same_values(&deltas));
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
    let is_partial = !plan.request.filters.is_empty();
    let is_beyond_usual = usual.is_some();
    let seen = Comparison {
        deltas: &deltas,
        evidence: &evidence,
        is_beyond_usual,
        is_partial,
        counted: CountedHeap::default(),
    };
    let sides = [base.info.clone(), current.info.clone()];
    let mut all_notes = notes(sides.each_ref(), &deltas, &evidence, &plan.request);
    if let (Some([before, after]), Some(deltas)) = (&usual, &usual_deltas) {
        // If the other run is unfit, so is the comparison.
        let usual = notes([&before.info, &after.info], deltas, &Evidence::new(deltas), &plan.request);
        all_notes = all_notes.into_iter().map(|note| note.of_pair(WhichSide::Current)).collect();
        all_notes.extend(usual.into_iter().filter(Note::is_incomparable).map(|note| note.of_pair(WhichSide::Base)));
        let [usual, here] = [&before.info, &base.info].map(|side| side.period_bytes);
        if usual != here {
            // Each pair says its sampling rate.
            all_notes.retain(|note| !matches!(note, Note::NoEvidence { reason: NoEvidence::NoPeriod }));
            all_notes.push(Note::PeriodDiffers { base: usual, current: here });
        }
    }
    all_notes.extend(matching_notes(&matching));
    let mut unfit: Vec<_> = all_notes.iter().filter(|note| note.is_incomparable()).cloned().map(Unfit::Note).collect();
    if usual_deltas.as_ref().is_some_and(|usual| usual.counted != deltas.counted) {
        unfit.push(Unfit::UsualCountsOtherwise);
    }
    if is_usual_judged {
        unfit.push(Unfit::UsualIsJudged);
    }
    // No leaked goroutines are what a test wants.
    let may_be_empty = plan.load_options.counted_thing() == Some(CountedThing::LeakedGoroutine);
    if deltas.sites.is_empty() && unfit.is_empty() && !may_be_empty {
        unfit.push(Unfit::NothingLive);
    }
    if let Some(path) = &plan.update_budget {
        let exit = update::update_budget(path, seen, unfit, &plan)?;
        return Ok(Checked { exit, reports: None, refusal: None });
    }
    let later = compare_loaded([&base, &settled], &plan.load_options, Attribution::Flat)?;
    let later_evidence = Evidence::new(&later);
    let later = Comparison { deltas: &later, evidence: &later_evidence, is_beyond_usual: false, ..seen };
    let is_settled = !plan.settled.is_empty();
    if is_settled {
        if later.deltas.counted != deltas.counted {
            unfit.push(Unfit::SettledCountsOtherwise);
        }
        unfit.extend(unfit_settled(&base.info, &current.info, &settled.info, later, &plan));
    }
    let inputs = FindingInputs {
        mem_stats: [base.mem_stats(), current.mem_stats()],
        is_beyond_usual,
        ..FindingInputs::new(&deltas, &evidence, &all_notes, &plan.request)
    };
    let whole = inputs.whole_heap();
    let counted = |metric: Metric| whole.as_ref().and_then(|whole| whole.counted(metric));
    let counted = CountedHeap { objects: counted(Metric::Objects), space: counted(Metric::Space) };
    let seen = Comparison { counted, ..seen };
    let mut result = match unfit.is_empty() {
        true => judge(seen, is_settled.then_some(later.deltas), &plan.rules),
        false => unjudged(&deltas, &plan.rules),
    };
    let refusal = if plan.rules.is_strict { refusal(&result, &all_notes, plan.rules.budget.as_ref()) } else { None };
    let companions = companion_growth::read_and_compare(
        &plan.companions,
        &Accompanied::sides(&plan.sides),
        &plan.load_options,
        &progress,
    )?;
    if let Some(leaked) = companions.leaked.as_ref().filter(|_| plan.load_options.counted_thing().is_none()) {
        let owners = leaked.by_owner().into_iter();
        result.judge_leaked(owners.map(|(function, [base, current])| LeakedGrowth {
            function,
            base,
            current,
            source: None,
        }));
    }
    let exit = if refusal.is_some() { Exit::NoAnswer } else { exit(result.status, plan.inconclusive) };
    let ranking = rank(&deltas, None);
    let accepted: Vec<_> = result.accepted.iter().filter_map(|accepted| accepted.site).collect();
    let findings = findings(FindingInputs {
        accepted: &accepted,
        goroutines: companions.goroutines.as_ref(),
        leaked: companions.leaked.as_ref(),
        threads: &companions.threads,
        ..inputs
    });
    let (gate, exit_code) = (Some(result), exit.code());
    let suggested_until = u64::try_from(current.info.time_nanos).ok().filter(|&nanos| nanos > 0);
    let suggested_until = suggested_until
        .map(|nanos| Date::at(UNIX_EPOCH + Duration::from_nanos(nanos) + SUGGESTED_ALLOWANCE).to_string());
    let config = UsedConfig { suggested_until, ..plan.config.clone() };
    let connection = plan.request.connection.clone();
    let gone = usual_deltas.as_ref().map(|usual| gone_with_growth(usual, &matching));
    let usual = usual.map(|sides| sides.map(|side| side.info));
    let conclusions =
        Conclusions { notes: all_notes, findings, whole, usual, gate, unfit, matching, config, connection, exit_code };
    let mut reports = Reports::new(outputs, |is_for_people| {
        let report = report(sides.clone(), &ranking, &evidence, conclusions.clone(), &plan.selection(is_for_people));
        match &gone {
            Some(gone) => Report { gone: gone.clone(), ..report },
            None => report,
        }
    });
    if let Some(report) = reports.for_people() {
        report.found_files = found_files(report);
    }
    if let Some(report) = reports.for_people().filter(|_| outputs.formats().any(Format::points_at_source)) {
        // Callers take a second reading: of what can be read once, such as a pipe, that of the copy.
        let copies = &current.copies;
        let again = plan.sides[1].iter().filter(|path| path.is_file() || copies.has(path));
        let again = again.filter_map(|path| read_with_copy(path, &plan.load_options, &progress, copies).ok());
        checkout::find(report, &plan.load_options.filter, again.map(|(_, profile)| profile));
    }
    Ok(Checked { exit, reports: Some(reports), refusal })
}

/// Compares the first and the second profiles of the runs of a build, or the builds.
fn compare<'t, 'p>(sides: [&'t LoadedSide<'p>; 2], plan: &CheckPlan) -> Result<Deltas<'t, 'p>> {
    let deltas = compare_loaded(sides, &plan.load_options, Attribution::Flat)?;
    Ok(deltas.of_paired_runs(plan.has_several_pairs))
}

/// Why a settled profile does not show what is still there.
fn unfit_settled(
    base: &SideInfo,
    current: &SideInfo,
    settled: &SideInfo,
    later: Comparison<'_, '_, '_>,
    plan: &CheckPlan,
) -> Vec<Unfit> {
    let all = notes([base, settled], later.deltas, later.evidence, &plan.request);
    let all = all.into_iter().filter(Note::is_unfit_for_settled);
    let mut reasons: Vec<_> = all.map(Unfit::SettledNote).collect();
    if settled.samples == 0 {
        reasons.push(Unfit::SettledEmpty);
    } else if !plan.rules.ignore_evidence && later.evidence.rate().is_none() {
        reasons.push(Unfit::SettledSampledOtherwise);
    }
    if !settled.paths.is_empty() && settled.paths == current.paths {
        reasons.push(Unfit::SettledIsCurrent);
    } else if settled.time_nanos != 0 && settled.time_nanos < current.time_nanos {
        reasons.push(Unfit::SettledTooEarly);
    }
    reasons
}

/// What is wrong with the exceptions and renames of a strict check: those that have ended, match nothing, or say no reason.
fn refusal(result: &GateResult, notes: &[Note], budget: Option<&Budget>) -> Option<String> {
    let refused = |reason: &Reason| match reason {
        Reason::AllowanceUnmatched { allowance, place } => Some(messages::gate::unmatched(allowance, place)),
        Reason::AllowanceEnded { allowance, place, last_day } => Some(messages::gate::over(allowance, place, last_day)),
        _ => None,
    };
    let renames = notes.iter().filter(|note| matches!(note, Note::RenameMatchedNothing { .. }));
    let unexplained: Vec<_> = budget.map(Budget::without_reason).unwrap_or_default();
    let unexplained = (!unexplained.is_empty()).then(|| messages::gate::unexplained(&unexplained));
    let refused = result.reasons.iter().filter_map(refused);
    let all: Vec<_> = refused.chain(unexplained).chain(renames.map(messages::note_message)).collect();
    (!all.is_empty()).then(|| format!("--strict refuses this: {}", all.join("; ")))
}

fn exit(status: Status, inconclusive: Inconclusive) -> Exit {
    match (status, inconclusive) {
        (Status::Pass, _) | (Status::Inconclusive, Inconclusive::Pass) => Exit::Success,
        (Status::Fail, _) | (Status::Inconclusive, Inconclusive::Fail) => Exit::LimitExceeded,
        (Status::Inconclusive, Inconclusive::Error) => Exit::NoAnswer,
    }
}

//! Decides the notes on what makes two sides, or the files of one, less comparable than they look. In: what the inputs
//! say of themselves, and what was observed in them.

use super::mixed_field::MixedField;
use super::{Differing, Note, Operations, OperationsBasis, SideInfo, WhichSide, WorkNote, saturating_i64};
use crate::diff::{Attribution, Deltas};
use crate::evidence::process_relation;
use crate::order::sorted;
use crate::paths::base_name;
use crate::site::{Factors, Observed, Scale, SiteTable, Values};

/// Smallest share of all growth at which the profiler's own is noted, percent.
const MIN_PROFILER_PERCENT: i128 = 5;

/// The notes on times, sampling periods and programs that differ.
pub(super) fn time_and_program_notes([base, current]: [&SideInfo; 2], deltas: &Deltas<'_, '_>) -> Vec<Note> {
    let mut notes = Vec::new();
    if current.time_nanos > 0 && base.time_nanos > current.time_nanos {
        let relation = process_relation(deltas.current.buckets(), deltas.base.buckets());
        let same_process = !deltas.is_by_work() && relation.unless_contradicted(deltas.is_one_process).is_same();
        notes.push(Note::TimeReversed { base: base.time_nanos, current: current.time_nanos, same_process, pair: None });
    }
    if base.period_bytes != current.period_bytes {
        notes.push(Note::PeriodDiffers { base: base.period_bytes, current: current.period_bytes });
    }
    let programs = [base, current].map(SideInfo::program_name);
    if programs[0] != programs[1] && programs.iter().all(|name| !name.is_empty()) {
        let [base, current] = programs.map(str::to_owned);
        notes.push(Note::ProgramDiffers { base, current });
    }
    notes
}

impl Note {
    /// The note as one on the pair of a build, beside that of the other.
    #[must_use]
    pub fn of_pair(self, build: WhichSide) -> Self {
        match self {
            Note::TimeReversed { base, current, same_process, .. } => {
                Note::TimeReversed { base, current, same_process, pair: Some(build) }
            }
            note => note,
        }
    }
}

/// The notes on all else that limits comparability.
pub(super) fn notes(sides: [&SideInfo; 2], deltas: &Deltas<'_, '_>) -> Vec<Note> {
    let [base, current] = sides;
    let mut notes = Vec::new();
    for (side, which, table) in [(base, WhichSide::Base, deltas.base), (current, WhichSide::Current, deltas.current)] {
        notes_of_side(side, which, table.observed(), &mut notes);
    }
    let names = [base, current].map(SideInfo::program_name);
    let is_mixed = |side: &SideInfo| !side.differing.builds.is_empty();
    let builds = sides.map(SideInfo::known_build);
    let other_build = names[0] == names[1] && builds[0] != builds[1] && builds.iter().all(|id| !id.is_empty());
    if other_build && !sides.into_iter().any(is_mixed) {
        let [base, current] = builds.map(str::to_owned);
        notes.push(Note::BuildDiffers { base, current });
    }
    let [base_types, current_types] = [base, current].map(|side| sample_type_names(&side.sample_types));
    let in_order = |columns: &Vec<String>| sorted(columns.clone(), String::cmp);
    if !base_types.is_empty() && !current_types.is_empty() && in_order(&base_types) != in_order(&current_types) {
        notes.push(Note::SampleTypesDiffer { base: base_types, current: current_types });
    }
    if let (Some(base), Some(current)) = (language(deltas.base), language(deltas.current))
        && base != current
    {
        notes.push(Note::ProducerDiffers { base, current });
    }
    if deltas.are_references() {
        notes.push(Note::Holders);
    }
    notes.extend(profiler_note(deltas));
    let (base_count, current_count) = (base.inputs.len(), current.inputs.len());
    match (deltas.base.scale(), deltas.current.scale()) {
        // The gate says so itself.
        (Scale::PerProfile(_), Scale::PerProfile(_)) if deltas.has_paired_runs => {}
        (Scale::PerProfile(base), Scale::PerProfile(current)) => notes.push(Note::PerProfile { base, current }),
        (Scale::PerOperation(base), Scale::PerOperation(current)) => {
            notes.push(Note::Work(WorkNote::PerOperation { base, current }));
            notes.extend(operations_notes(sides));
        }
        (_, Scale::Normalized(Factors { objects, space })) => {
            notes.push(Note::Work(WorkNote::Normalized { objects, space }))
        }
        _ if base_count != current_count && base_count.min(current_count) > 0 => {
            notes.push(Note::CountDiffers { base: base_count, current: current_count });
        }
        _ => {}
    }
    notes
}

/// The notes on operations that are not known.
fn operations_notes([base, current]: [&SideInfo; 2]) -> impl Iterator<Item = Note> {
    [(base, WhichSide::Base), (current, WhichSide::Current)].into_iter().filter_map(|(info, side)| {
        let Operations { count, listed, basis, .. } = *info.operations.as_ref()?;
        match basis {
            OperationsBasis::Counted => None,
            OperationsBasis::Estimated => Some(Note::Work(WorkNote::OperationsEstimated { side, count, listed })),
            OperationsBasis::Unchecked => Some(Note::Work(WorkNote::OperationsUnchecked { side, listed })),
        }
    })
}

fn notes_of_side(side: &SideInfo, which: WhichSide, observed: &Observed, notes: &mut Vec<Note>) {
    for skipped in &side.skipped {
        let (path, error) = (skipped.path.clone(), skipped.error.clone());
        notes.push(Note::SkippedUnreadable { side: which, path, error });
    }
    if !side.repeated.is_empty() {
        notes.push(Note::RepeatedInput { side: which, inputs: side.repeated.clone() });
    }
    let Differing { periods, programs, builds, sample_types } = &side.differing;
    let mut names = sorted(programs.iter().map(|path| base_name(path).to_owned()).collect(), String::cmp);
    names.dedup();
    let builds = if names.len() > 1 { Vec::new() } else { builds.clone() };
    let languages = match (observed.of_go, observed.of_others) {
        (1.., 1..) => [GO, OTHER].map(str::to_owned).to_vec(),
        _ => Vec::new(),
    };
    let mixed = [
        (MixedField::Period, periods.iter().map(i64::to_string).collect()),
        (MixedField::Program, names),
        (MixedField::Build, builds),
        (MixedField::SampleTypes, sample_types.iter().map(|types| sample_type_names(types).join(" ")).collect()),
        (MixedField::Producer, languages),
    ];
    for (what, values) in mixed {
        if values.len() > 1 {
            notes.push(Note::MixedSide { side: which, what, values });
        }
    }
    let is_go = is_go(observed);
    if side.is_profiler_off() {
        notes.push(Note::ProfilerOff { side: which, heap_alloc: side.heap_alloc, samples: side.samples });
    }
    if !side.unproven.is_empty() {
        notes.push(Note::EndUnproven { side: which, inputs: side.unproven.clone() });
    }
    if !side.unverified.is_empty() {
        notes.push(Note::CertificateUnverified { side: which, inputs: side.unverified.clone() });
    }
    let time_note = time_note(side, which, observed).filter(|_| side.difference.is_none());
    let is_merged = matches!(time_note, Some(Note::Merged { .. }));
    notes.extend(time_note);
    if side.is_saved_difference {
        notes.push(Note::SavedDifference { side: which });
    }
    let has = |start: &str| side.sample_types.iter().any(|(kind, _)| kind.starts_with(start));
    if is_go && observed.of_goref == 0 && has("inuse_") && !has("alloc_") && !is_merged {
        notes.push(Note::Exported { side: which });
    }
    if observed.cut_stacks > 0 {
        notes.push(Note::StacksCut { side: which, stacks: observed.cut_stacks });
    }
}

/// The note on a profile that was recorded over some time. Other tools than Go write the time of an export on whole heaps.
fn time_note(side: &SideInfo, which: WhichSide, observed: &Observed) -> Option<Note> {
    let duration_nanos = side.duration_nanos;
    if duration_nanos <= 0 || observed.is_allocation {
        return None;
    }
    Some(match is_go(observed) {
        true => Note::Merged { side: which, duration_nanos },
        false => Note::RecordedOverTime { side: which, duration_nanos },
    })
}

fn is_go(observed: &Observed) -> bool {
    observed.of_go > 0 && observed.of_others == 0
}

fn sample_type_names(types: &[(String, String)]) -> Vec<String> {
    types.iter().map(|(kind, unit)| format!("{kind}/{unit}")).collect()
}

const GO: &str = "Go";
const OTHER: &str = "other";

/// The language of a side's programs, if it is known and the same.
fn language(table: &SiteTable<'_>) -> Option<&'static str> {
    match (table.observed().of_go, table.observed().of_others) {
        (1.., 0) => Some(GO),
        (0, 1..) => Some(OTHER),
        _ => None,
    }
}

/// A note on the profiler's own share of all growth, if that is large enough.
fn profiler_note(deltas: &Deltas<'_, '_>) -> Option<Note> {
    let own = deltas.current.profiler() - deltas.base.profiler();
    if own.space <= 0 && own.objects <= 0 {
        return None;
    }
    let mut grown = Values::default();
    for site in &deltas.sites {
        let delta = deltas.change(site, Attribution::Flat).delta();
        grown += Values { objects: delta.objects.max(0), space: delta.space.max(0) };
    }
    let percent = |own: i128, grown: i128| if grown > 0 { (100 * own / grown).min(100) } else { 0 };
    let percent = percent(own.space, grown.space).max(percent(own.objects, grown.objects));
    let percent = u8::try_from(percent).ok().filter(|_| percent >= MIN_PROFILER_PERCENT)?;
    Some(Note::ProfilerGrew { objects: saturating_i64(own.objects), space: saturating_i64(own.space), percent })
}

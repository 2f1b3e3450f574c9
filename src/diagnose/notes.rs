//! Decides the notes of a comparison.

use super::{NoEvidence, Note, Request, SideInfo, WhichSide, comparability};
use crate::diff::{Attribution, Deltas, Metric};
use crate::evidence::Evidence;
use crate::site::{FilterKind, SiteKey, SiteTable, Values};

/// Whether both sides have the same samples at the same addresses, and any at all.
fn has_same_buckets(deltas: &Deltas<'_, '_>) -> bool {
    let buckets = |table: &SiteTable<'_>| {
        let buckets = table.buckets().list().iter();
        buckets.map(|bucket| (bucket.hash, bucket.size, bucket.live, bucket.allocated)).collect::<Vec<_>>()
    };
    let same_total = deltas.total().base == deltas.total().current && deltas.total().base != Values::default();
    same_total && buckets(deltas.base) == buckets(deltas.current)
}

/// Share of a side's memory at one address from which on that address is the allocator's, percent.
const MIN_ONE_ADDRESS_PERCENT: i128 = 95;

/// Whether nearly all memory seems to be allocated at one address, though the stacks differ.
fn is_one_address(deltas: &Deltas<'_, '_>) -> bool {
    let metric = deltas.ranking_metric();
    let has_many = |table: &SiteTable<'_>| table.buckets().list().len() > 1;
    let total = deltas.total();
    let is_most = |part: i128, all: i128| all > 0 && 100 * part >= MIN_ONE_ADDRESS_PERCENT * all;
    has_many(deltas.base)
        && has_many(deltas.current)
        && deltas.sites.iter().any(|site| {
            let change = deltas.change(site, Attribution::Flat);
            matches!(deltas.key(site), SiteKey::Address { .. })
                && is_most(change.base_of(metric), total.base_of(metric))
                && is_most(change.current_of(metric), total.current_of(metric))
        })
}

/// The note on sites that are addresses.
fn symbols_note(deltas: &Deltas<'_, '_>) -> Option<Note> {
    let is_unnamed = |table: &SiteTable<'_>| table.observed().without_symbols > 0;
    let has_any = is_unnamed(deltas.base) || is_unnamed(deltas.current);
    has_any.then_some(Note::NoSymbols { match_addresses: deltas.match_addresses })
}

/// The notes of a comparison, in the order they are shown in.
pub fn notes(
    [base, current]: [&SideInfo; 2],
    deltas: &Deltas<'_, '_>,
    evidence: &Evidence,
    request: &Request,
) -> Vec<Note> {
    let mut notes = Vec::new();
    let changed = deltas.sites.iter().any(|site| site.change.base != site.change.current);
    let filtered = request.filters.iter().any(|(filter, _)| *filter != FilterKind::TrimPath);
    let has_unknown = (0..deltas.sites.len()).any(|site| evidence.is_unknown(site));
    let same_time = base.time_nanos != 0 && base.time_nanos == current.time_nanos;
    let idle = evidence.process_relation().is_idle();
    let are_native = base.is_native() && current.is_native();
    let is_same_go = same_time && base.samples == current.samples && (idle || !(changed || filtered));
    let same_content = is_same_go || (are_native && has_same_buckets(deltas));
    let is_difference = base.difference.is_some();
    let same_content = same_content && !is_difference;
    if same_content || (!is_difference && !base.paths.is_empty() && base.paths == current.paths) {
        notes.push(Note::SameProfile);
    }
    if idle && evidence.process_relation().is_same() && !same_content && !current.is_native() {
        notes.push(Note::NoCollectionBetween);
    }
    let no_rate = evidence.rate().is_none() && base.period_bytes == current.period_bytes;
    // Another note tells of periods that differ within a side.
    let is_mixed = [base, current].into_iter().any(|side| !side.differing.periods.is_empty());
    let is_off = [base, current].into_iter().any(SideInfo::is_profiler_off);
    if base.samples > 0 && current.samples > 0 && no_rate && !is_mixed && !is_off {
        notes.push(Note::NoEvidence { reason: NoEvidence::NoPeriod });
    } else if evidence.rate().is_some() && has_unknown && deltas.match_addresses {
        notes.push(Note::NoEvidence { reason: NoEvidence::NoSizes });
    }
    notes.extend(comparability::time_and_program_notes([base, current], deltas));
    for (side, table) in [(WhichSide::Base, deltas.base), (WhichSide::Current, deltas.current)] {
        let observed = table.observed();
        let is_saved = if side == WhichSide::Base { base } else { current }.is_saved_difference;
        if observed.negative_samples > 0 && !is_saved && !is_difference {
            notes.push(Note::NegativeValues { side, samples: observed.negative_samples });
        }
        if let Some(error) = &observed.bad_drop_frames {
            notes.push(Note::DropFramesIgnored { side, error: error.clone() });
        }
    }
    if is_one_address(deltas) {
        notes.push(Note::OneAddress);
    }
    if !are_native {
        notes.extend(symbols_note(deltas));
    }
    if is_difference {
        notes.push(Note::Difference { duration_nanos: current.duration_nanos });
    } else if deltas.is_allocation() && request.is_sample_type_default && !deltas.is_by_work() {
        notes.push(Note::AllocationCompared);
    }
    notes.extend(comparability::notes([base, current], deltas));
    if request.sample_type.is_none() {
        let counted = [deltas.base, deltas.current].map(|table| table.counted());
        for (metric, has) in
            [(Metric::Objects, counted.map(|side| side.objects)), (Metric::Space, counted.map(|side| side.space))]
        {
            let only = match has {
                [true, true] => continue,
                [true, false] => Some(WhichSide::Base),
                [false, true] => Some(WhichSide::Current),
                [false, false] => None,
            };
            notes.push(Note::MetricMissing { metric, only });
        }
    }
    notes.extend(request.unmatched([deltas.base, deltas.current]));
    let grew = deltas.sites.iter().any(|site| {
        let delta = site.change.delta();
        delta.space > 0 || delta.objects > 0
    });
    if !grew && !is_off {
        notes.push(Note::NoGrowth);
    }
    notes
}

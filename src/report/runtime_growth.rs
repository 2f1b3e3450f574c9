//! The growth of the runtime's own memory, which is summed up by class instead of being listed with the program's sites.

use std::cmp::Reverse;

use super::Sampling;
use crate::diff::Deltas;
use crate::evidence::Evidence;
use crate::site::{RuntimeClass, Values};

/// How much more memory of its own the runtime has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeGrowth {
    /// What for.
    pub class: RuntimeClass,
    /// Growth; negative if it shrank.
    pub delta: Values,
}

/// Whether a site is the runtime's own and not listed with the program's. Of goroutines that are certainly more, the program
/// is the cause.
pub(super) fn is_folded(deltas: &Deltas<'_, '_>, evidence: &Evidence, site: usize) -> bool {
    let has_own_row = |class: RuntimeClass| {
        deltas.current.granularity().is_by_owner() && !class.is_exempt() && evidence.is_significant(site)
    };
    deltas.sites[site].runtime_class.is_some_and(|class| !has_own_row(class))
}

/// Change of a class that is not worth a word where everything was counted, bytes.
const NEGLIGIBLE_BYTES: f64 = (64 << 10) as f64;

/// The growth of the runtime's own memory that is not listed, by class, the most grown first. Changes that the sampling
/// makes of nothing are left out.
pub(super) fn runtime_growth(deltas: &Deltas<'_, '_>, evidence: &Evidence, sampling: &Sampling) -> Vec<RuntimeGrowth> {
    let is_listed = |class: RuntimeClass| {
        let of_class = |site: &usize| deltas.sites[*site].runtime_class == Some(class);
        (0..deltas.sites.len()).filter(of_class).any(|site| !is_folded(deltas, evidence, site))
    };
    let classes = RuntimeClass::ALL.into_iter().filter(|&class| !is_listed(class));
    let mut grown: Vec<_> =
        classes.map(|class| RuntimeGrowth { class, delta: deltas.runtime_memory(class).delta() }).collect();
    let is_sure = |class: RuntimeClass| {
        let of_class = |site: &usize| deltas.sites[*site].runtime_class == Some(class);
        sampling.is_sampled() && (0..deltas.sites.len()).filter(of_class).any(|site| evidence.is_significant(site))
    };
    let least = if sampling.is_sampled() { sampling.detectable_bytes } else { Some(NEGLIGIBLE_BYTES) };
    let is_large = |delta: Values| least.is_none_or(|least| delta.space.unsigned_abs() as f64 >= least);
    grown.retain(|growth| growth.delta != Values::default() && (is_large(growth.delta) || is_sure(growth.class)));
    grown.sort_by_key(|growth| (Reverse((growth.delta.space, growth.delta.objects)), growth.class));
    grown
}

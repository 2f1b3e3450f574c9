//! The heap as a whole.

use serde::Serialize;

use crate::render::Bytes;
use crate::render::messages::whole_sentence;
use crate::report::{Report, WholeGrowth};

#[derive(Serialize)]
pub(super) struct WholeJson {
    verdict: &'static str,
    basis: &'static str,
    is_exact: bool,
    inuse_objects: Option<Growth>,
    inuse_space: Option<Growth>,
    is_spread: bool,
    message: String,
}

#[derive(Serialize)]
struct Growth {
    delta: i128,
    low: Option<i128>,
    high: Option<i128>,
    base: Option<i128>,
    current: Option<i128>,
}

impl WholeJson {
    /// `None` where nothing is known of it.
    pub(super) fn new(report: &Report) -> Option<Self> {
        let whole = report.whole.as_ref()?;
        let is_exact = whole.basis.is_exact();
        let growth = |growth: WholeGrowth| {
            let bounds = growth.bounds.or(is_exact.then_some([growth.delta; 2]));
            let [low, high] = bounds.map_or([None; 2], |bounds| bounds.map(Some));
            let [base, current] = growth.ends.map_or([None; 2], |ends| ends.map(Some));
            Growth { delta: growth.delta, low, high, base, current }
        };
        Some(WholeJson {
            verdict: whole.verdict.name(),
            basis: whole.basis.name(),
            is_exact,
            inuse_objects: whole.objects.map(growth),
            inuse_space: whole.space.map(growth),
            is_spread: whole.is_spread,
            message: whole_sentence(report, Bytes::Iec)?,
        })
    }
}

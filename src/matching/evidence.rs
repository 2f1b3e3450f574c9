//! How alike a function of the base and one of the current side are.

use super::counts::{Counts, closeness};
use super::functions::{ALLOCATOR, FunctionId, Functions};
use super::pairing::Pairing;
use super::side_stats::{BodyKey, FunctionStats, Owned};

/// How alike two functions are, each from 0 to 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Likeness {
    /// Who calls them.
    pub(super) callers: f64,
    /// Whom they call.
    pub(super) callees: f64,
    /// The sizes of the objects that they allocate.
    pub(super) sizes: f64,
    /// Live bytes.
    pub(super) amount: f64,
    /// Bytes ever allocated, relative to all.
    pub(super) churn: f64,
}

impl Likeness {
    pub(super) fn of(pairing: &Pairing<'_>, base: FunctionId, current: FunctionId) -> Self {
        let (old, new) = (mapped(pairing, base), pairing.current.function(current));
        let share = |of: fn(&FunctionStats) -> &Counts<FunctionId>| match (&old, new) {
            (Some(old), Some(new)) => of(old).share(of(new)),
            _ => 0.0,
        };
        let amounts = Amounts::of(pairing, pairing.base.owned(base), pairing.current.owned(current));
        Likeness {
            callers: share(|stats| &stats.callers),
            callees: share(|stats| &stats.callees),
            sizes: amounts.sizes,
            amount: amounts.amount,
            churn: amounts.churn,
        }
    }

    pub(super) fn sum(&self) -> f64 {
        self.context_and_sizes() + self.amount + self.churn
    }

    pub(super) fn context_and_sizes(&self) -> f64 {
        self.callers + self.callees + self.sizes
    }
}

/// How alike what two functions allocate is.
pub(super) struct Amounts {
    pub(super) sizes: f64,
    pub(super) amount: f64,
    pub(super) churn: f64,
}

impl Amounts {
    pub(super) fn of(pairing: &Pairing<'_>, base: Option<&Owned>, current: Option<&Owned>) -> Self {
        let nothing = Owned::default();
        let (base, current) = (base.unwrap_or(&nothing), current.unwrap_or(&nothing));
        let of_allocated = base.allocated.share(&current.allocated);
        let any_dead = base.live.total() == 0 || current.live.total() == 0;
        let bytes = |counts: &Counts<u64>| counts.total() as f64;
        let rate = pairing.base.rate;
        Amounts {
            sizes: if any_dead { of_allocated } else { base.live.share(&current.live).max(of_allocated) },
            amount: closeness(bytes(&base.live), bytes(&current.live), rate),
            churn: closeness(bytes(&base.allocated) * pairing.load(), bytes(&current.allocated), rate),
        }
    }
}

/// How alike the lines of two functions are, and those they are called from.
pub(super) struct BodyAndCalls {
    pub(super) body: f64,
    pub(super) calls: f64,
    /// Whether the body is more than one line that allocates.
    pub(super) has_telling_lines: bool,
}

impl BodyAndCalls {
    pub(super) fn of(pairing: &Pairing<'_>, base: FunctionId, current: FunctionId) -> Self {
        let (Some(old), Some(new)) = (mapped(pairing, base), pairing.current.function(current)) else {
            return BodyAndCalls { body: 0.0, calls: 0.0, has_telling_lines: false };
        };
        let knows_lines = pairing.base.knows_start(base) && pairing.current.knows_start(current);
        let (share, keys) = if knows_lines {
            let overlap = old.body.overlap(&new.body);
            (overlap.share, overlap.keys)
        } else {
            shifted_overlap(&old.body, &new.body)
        };
        BodyAndCalls {
            body: share,
            calls: old.calls.overlap(&new.calls).share,
            has_telling_lines: keys.len() >= 2 || keys.iter().any(|&(_, callee)| callee != ALLOCATOR),
        }
    }
}

/// The overlap of two bodies of line numbers of the file: also after the old ones are moved so that a heavy line meets one
/// that calls the same; then two lines in common are needed.
fn shifted_overlap(old: &Counts<BodyKey>, new: &Counts<BodyKey>) -> (f64, Vec<BodyKey>) {
    let overlap = old.overlap(new);
    let mut best = (overlap.share, overlap.keys);
    for ((line, callee), _) in old.heaviest(2) {
        for ((other_line, other_callee), _) in new.heaviest(3) {
            if callee != other_callee || line == other_line {
                continue;
            }
            let by = other_line.saturating_sub(line);
            let moved = old.map(|(line, callee)| (line.saturating_add(by), callee)).overlap(new);
            let is_better = moved.share > best.0 || moved.share == best.0 && moved.keys.len() > best.1.len();
            if moved.keys.len() >= 2 && is_better {
                best = (moved.share, moved.keys);
            }
        }
    }
    best
}

/// What the base's samples say of a function, in the names of the current side as far as pairs are known.
pub(super) fn mapped(pairing: &Pairing<'_>, base: FunctionId) -> Option<FunctionStats> {
    let stats = pairing.base.function(base)?;
    Some(FunctionStats {
        callers: stats.callers.map(|caller| pairing.current_of(caller)),
        callees: stats.callees.map(|callee| pairing.current_of(callee)),
        body: stats.body.map(|(line, callee)| (line, pairing.current_of(callee))),
        calls: stats.calls.map(|(caller, line)| (pairing.current_of(caller), line)),
    })
}

/// Where two functions are, relative to each other.
pub(super) struct Nearness {
    pub(super) same_package: bool,
    pub(super) same_file: bool,
    pub(super) same_receiver: bool,
}

impl Nearness {
    pub(super) fn of(pairing: &Pairing<'_>, base: FunctionId, current: FunctionId) -> Self {
        let functions: &Functions = pairing.functions;
        let file = |place: Option<&super::side_stats::Place>| {
            place.map(|place| place.file.clone()).filter(|file| !file.is_empty())
        };
        let [old_file, new_file] = [file(pairing.base.place(base)), file(pairing.current.place(current))];
        let receiver = |id| functions.tail(id).split('.').next().filter(|receiver| receiver.starts_with('('));
        Nearness {
            same_package: pairing.current_package(functions.package(base)) == functions.package(current),
            same_file: old_file.is_some() && old_file == new_file,
            same_receiver: receiver(base).is_some_and(|old| receiver(current) == Some(old)),
        }
    }

    pub(super) fn is_near(&self) -> bool {
        self.same_package || self.same_file || self.same_receiver
    }

    /// From 0 to 1.
    pub(super) fn score(&self) -> f64 {
        let one = |is_true, score: f64| if is_true { score } else { 0.0 };
        one(self.same_package, 0.7).max(one(self.same_file, 0.6)).max(one(self.same_receiver, 1.0))
    }
}

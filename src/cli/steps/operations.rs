//! How many operations of a benchmark a profile holds.
//!
//! Go lists only the last run. A run of one operation comes before it, and where `-benchtime` is a time, others of
//! unknown length; a profile holds them all. A benchmark with `b.Loop` has no other runs.

use std::path::Path;

use anyhow::{Result, bail};

use crate::cli::steps::input_name;
use crate::decode::{BenchOutput, BenchRun};
use crate::diagnose::{Operations, OperationsBasis};
use crate::site::Values;

/// Smallest number of bytes per operation from which operations are estimated, as Go prints it rounded down.
const MIN_AMOUNT: f64 = 50.0;

/// Smallest number of bytes of all operations that tells anything: the runtime and the profiler have some of their own.
const MIN_BYTES: f64 = (1 << 20) as f64;

/// Standard deviations of sampling by which an amount may differ from what is expected.
const DEVIATIONS: f64 = 3.0;

/// Share by which it may differ where nothing is sampled: what the benchmark does outside of its loop, and rounding.
const TOLERANCE: f64 = 0.005;

/// Noise of sampling at which an amount tells nothing, as a share of it.
const MAX_NOISE: f64 = 0.5;

/// The most that all runs of a time have of what the last one has; more is allocated outside of the loop. Each run is
/// meant to take the whole time, which an earlier one did not.
const MAX_RATIO: f64 = 2.2;

/// Noise of sampling up to which a number of operations is confirmed: the shorter runs have 1 % at least.
const MAX_NOISE_OF_COUNT: f64 = 0.02;

/// Share that must be there of what the listed operations allocated; less is a profile of another run.
const MIN_SHARE: f64 = 0.8;

/// What the goroutines of a side allocated; `None` where it is not counted.
pub(super) struct Allocated {
    /// Bytes.
    pub(super) space: Option<f64>,
    /// Bytes of the whole side.
    pub(super) all: f64,
    /// Sampling period, bytes; 1 or less if everything was counted.
    pub(super) period: f64,
}

impl Allocated {
    /// One standard deviation of `bytes`, as a share of it.
    fn noise(&self, bytes: f64) -> f64 {
        if self.period <= 1.0 { 0.0 } else { (self.period / bytes.max(1.0)).sqrt() }
    }

    fn is_exact(&self) -> bool {
        self.period == 1.0
    }
}

/// Counts the operations of both sides. `names`: of the outputs. Fails if a profile has less than its output says.
pub(super) fn count_operations<P: AsRef<Path>>(
    outputs: &[BenchOutput; 2],
    allocated: &[Allocated; 2],
    names: &[P; 2],
) -> Result<[Operations; 2]> {
    let mut iterations = outputs.iter().flat_map(|output| &output.runs).map(|run| run.iterations);
    let first = iterations.next();
    // Runs of some time never end after the same number of operations.
    let is_fixed = iterations.all(|iterations| Some(iterations) == first);
    let count = |side: usize| {
        let (output, allocated) = (&outputs[side], &allocated[side]);
        let Some((count, basis)) = count_side(&output.runs, allocated, is_fixed) else {
            bail!(
                "{}: its operations allocated {} bytes (B/op), but the profile has only {:.0}: is it from another run?",
                input_name(names[side].as_ref()),
                expected(&output.runs).map_or(0.0, f64::round),
                allocated.all
            );
        };
        let listed = listed(&output.runs);
        Ok(Operations { benchmark: output.name.clone(), allocated: Values::default(), count, listed, basis })
    };
    Ok([count(0)?, count(1)?])
}

fn listed(runs: &[BenchRun]) -> u64 {
    runs.iter().fold(0u64, |sum, run| sum.saturating_add(run.iterations))
}

/// Listed operations, and one of the run that comes before each line, unless it is that run.
fn with_first_runs(runs: &[BenchRun]) -> u64 {
    let first = runs.iter().filter(|run| run.iterations > 1).count() as u64;
    listed(runs).saturating_add(first)
}

/// Bytes that these operations allocated, the first runs included, by what Go prints of one; `None` if a line lacks it,
/// or it is too small to tell. Objects do not tell, as small ones share a block, which the profiler counts as one.
fn expected(runs: &[BenchRun]) -> Option<f64> {
    let of_run = |run: &BenchRun| {
        // Go rounds down.
        let amount = run.bytes.filter(|bytes| *bytes >= MIN_AMOUNT)? + 0.5;
        Some(amount * run.iterations.saturating_add(u64::from(run.iterations > 1)) as f64)
    };
    runs.iter().map(of_run).sum()
}

/// The operations of a side; `None` if it has less than was listed. `is_fixed`: whether all lines of both sides have as
/// many iterations, as with `-benchtime 200x`.
fn count_side(runs: &[BenchRun], allocated: &Allocated, is_fixed: bool) -> Option<(u64, OperationsBasis)> {
    let known = with_first_runs(runs);
    let of_bytes = expected(runs).filter(|&bytes| bytes >= MIN_BYTES).zip(allocated.space);
    let noise = of_bytes.map_or(f64::INFINITY, |(expected, _)| allocated.noise(expected));
    let ratio = of_bytes.map(|(expected, found)| found / expected).filter(|_| noise < MAX_NOISE);
    let unchecked = (known, if is_fixed { OperationsBasis::Counted } else { OperationsBasis::Unchecked });
    let Some(ratio) = ratio else { return Some(unchecked) };
    if of_bytes.is_some_and(|(expected, _)| allocated.all < expected * (MIN_SHARE - DEVIATIONS * noise)) {
        return None;
    }
    let estimate = ratio * known as f64;
    // With more noise, runs that are not listed do not show, and the estimate is the better number.
    let is_near = |count: u64| {
        noise <= MAX_NOISE_OF_COUNT && (estimate / count as f64 - 1.0).abs() <= TOLERANCE + DEVIATIONS * noise
    };
    let listed = listed(runs);
    // With b.Loop nothing runs before.
    let is_loop = allocated.is_exact() && (estimate - listed as f64).abs() < (estimate - known as f64).abs();
    let counted = if is_loop && is_near(listed) { listed } else { known };
    if !is_fixed && ratio > MAX_RATIO + DEVIATIONS * noise {
        return Some(unchecked);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is positive")]
    Some(match is_fixed || is_near(counted) {
        true => (counted, OperationsBasis::Counted),
        false => ((estimate.round() as u64).max(listed), OperationsBasis::Estimated),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn run(iterations: u64) -> BenchRun {
        BenchRun { iterations, bytes: Some(11_192.0) }
    }

    fn exact(space: f64) -> Allocated {
        Allocated { space: Some(space), all: space, period: 1.0 }
    }

    /// What real runs had, at a rate of 1: `-benchtime 200x`, 50ms (1, 100 and 234 operations), and both with `b.Loop`.
    #[test]
    fn runs_that_are_not_listed_are_counted() {
        use OperationsBasis::{Counted, Estimated, Unchecked};
        let side = |runs: &[BenchRun], ops: u64, is_fixed| count_side(runs, &exact(ops as f64 * 11_192.0), is_fixed);
        assert_eq!(side(&[run(200)], 201, true), Some((201, Counted)));
        assert_eq!(side(&[run(200)], 200, true), Some((200, Counted)));
        assert_eq!(side(&[run(200); 3], 603, true), Some((603, Counted)));
        assert_eq!(side(&[run(1)], 1, true), Some((1, Counted)));
        assert_eq!(side(&[run(255)], 255, false), Some((255, Counted)));
        assert_eq!(side(&[run(234)], 335, false).map(|(_, basis)| basis), Some(Estimated));
        assert!((334..=336).contains(&side(&[run(234)], 335, false).unwrap().0));
        assert_eq!(side(&[run(200)], 20, true), None);
        let sampled = Allocated { period: 16384.0, ..exact(235.0 * 11_192.0) };
        assert_eq!(count_side(&[run(234)], &sampled, false), Some((235, Estimated)));
        let without = BenchRun { iterations: 234, bytes: None };
        assert_eq!(side(&[without], 335, false), Some((235, Unchecked)));
        assert_eq!(side(&[without], 335, true), Some((235, Counted)));
    }

    #[test]
    fn a_large_set_up_is_not_taken_for_operations() {
        let found = exact(201.0 * 11_192.0 + 50e6);
        assert_eq!(count_side(&[run(200)], &found, true), Some((201, OperationsBasis::Counted)));
        assert_eq!(count_side(&[run(200)], &found, false), Some((201, OperationsBasis::Unchecked)));
    }

    #[test]
    fn samples_that_are_too_few_check_nothing() {
        let found = Allocated { space: Some(0.0), all: 0.0, period: (512 << 10) as f64 };
        assert_eq!(count_side(&[run(20)], &found, true), Some((21, OperationsBasis::Counted)));
        assert_eq!(count_side(&[run(20)], &found, false), Some((21, OperationsBasis::Unchecked)));
    }
}

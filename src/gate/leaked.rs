//! The rule on leaked goroutines: their number is exact, so it needs no statistics.

use std::cmp::Reverse;

use super::thresholds::{MIN_COUNT_GROWTH, MIN_COUNT_GROWTH_PERCENT};
use super::{AppliedRule, GateResult, LeakedGrowth, Limit, Status};

impl GateResult {
    /// Applies the rule to the number of leaked goroutines of each function. What it finds fails the check, whatever the
    /// heap shows.
    pub fn judge_leaked(&mut self, functions: impl Iterator<Item = LeakedGrowth>) {
        self.rules.push(AppliedRule::LeakedGoroutines);
        self.leaked = functions.filter(LeakedGrowth::is_too_much).collect();
        self.leaked.sort_by_cached_key(|found| (Reverse(found.current - found.base), found.function.clone()));
        if !self.leaked.is_empty() {
            self.status = Status::Fail;
        }
    }
}

impl LeakedGrowth {
    fn is_too_much(&self) -> bool {
        let share = Limit::Percent(MIN_COUNT_GROWTH_PERCENT).allowed(self.base);
        self.current - self.base >= share.max(MIN_COUNT_GROWTH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(counts: &[(i128, i128)]) -> (Status, Vec<i128>) {
        let mut result = GateResult {
            status: Status::Pass,
            reasons: Vec::new(),
            rules: Vec::new(),
            violations: Vec::new(),
            power: Vec::new(),
            must_see: None,
            accepted: Vec::new(),
            leaked: Vec::new(),
        };
        let function = |&(base, current): &(i128, i128)| LeakedGrowth {
            function: "main.f".to_owned(),
            base,
            current,
            source: None,
        };
        result.judge_leaked(counts.iter().map(function));
        (result.status, result.leaked.iter().map(|found| found.current - found.base).collect())
    }

    #[test]
    fn ten_and_a_tenth_fail() {
        assert_eq!(judged(&[]), (Status::Pass, vec![]));
        assert_eq!(judged(&[(0, 9), (200, 219), (300, 0)]), (Status::Pass, vec![]));
        assert_eq!(judged(&[(0, 10), (200, 220), (300, 0)]), (Status::Fail, vec![20, 10]));
    }
}

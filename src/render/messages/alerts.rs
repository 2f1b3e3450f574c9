//! The rules that alerts are of, for services that keep a list of them, and a check that could not be made.

use super::super::alerts::AlertRule;

/// That a check has no result.
pub(in crate::render) const NO_CHECK: &str = "the heap check could not be made";

/// What reports of an earlier run are replaced by until the check ends.
pub(crate) const UNFINISHED: &str = "heapdiff started and did not finish";

/// A rule in a few words, in a sentence, and what to do.
pub(in crate::render) fn alert_rule_texts(rule: AlertRule) -> [String; 3] {
    match rule {
        AlertRule::Site => [
            "A function's memory grew",
            "A function has more memory alive than before, by more than it may and by more than sampling noise.",
            "Look for what keeps the objects alive: heapdiff list, peek and stacks show where they come from. Growth that \
             is meant can be allowed in heapdiff.toml or accepted with --update-budget.",
        ],
        AlertRule::WholeHeap => [
            "The heap grew",
            "The heap as a whole has more memory alive than before, by more than it may and by more than sampling noise.",
            "The message names the functions that grew most; heapdiff BASE CURRENT lists all of them. Growth that is meant \
             can be allowed with --total-tolerance or --max-total-space.",
        ],
        AlertRule::LeakedGoroutines => [
            "More goroutines are leaked",
            "A function has more goroutines than before that nothing can wake any more.",
            "Close the channel or cancel the context that these goroutines wait for; heapdiff stacks shows where they wait.",
        ],
    }
    .map(str::to_owned)
}

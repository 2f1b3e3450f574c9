//! The sentences of the commands on stacks.

use super::super::text::sanitize;
use super::super::units::{Bytes, count, value};
use super::capitalised;
use crate::diff::{Change, Metric};

/// Values of a function itself.
pub(in crate::render) const FLAT_LABEL: &str = "flat (this function)";
/// Values of a function and its callees.
pub(in crate::render) const CUM_LABEL: &str = "cum (with callees)";
/// The part of the cumulative values on stacks with recursion.
pub(in crate::render) const RECURSIVE_LABEL: &str = "of cum in recursive calls";
/// The caller of a function at the root.
pub(in crate::render) const NO_CALLER: &str = "none: the stack begins here";
/// A line without flat values.
pub(in crate::render) const ONLY_CALLEES: &str = "in callees";
/// How to see the frames that are folded.
pub(in crate::render) const FOLDED_HINT: &str = "--full shows the frames of Go's library one by one";

/// Values of a function as the owner.
pub(in crate::render) const OWNED_LABEL: &str = "owned (with library code that it calls)";

/// What a function comes to: its growth as the owner, as in the diff, or else with its callees; how much of all growth that
/// is, and where in it. `growth`: of all owners that grew. `unit`: of objects.
pub(in crate::render) fn function_answer(
    name: &str,
    [cum, owned, flat]: [Change; 3],
    growth: i128,
    (metric, unit): (Metric, &str),
    bytes: Bytes,
) -> String {
    let [cum, owned, flat] = [cum, owned, flat].map(|change| change.delta_of(metric));
    let size = |number: i128| match metric {
        Metric::Space => value(metric, number.abs(), bytes),
        Metric::Objects => format!("{} {unit}", value(metric, number.abs(), bytes)),
    };
    let verb = |number: i128| if number > 0 { "grew" } else { "shrank" };
    let percent = |part| percent_of(part, growth).map(|percent| format!(", {} the growth", share(percent)));
    let by = |number| format!("{} by {}{}", verb(number), size(number), percent(number).unwrap_or_default());
    if owned != 0 && owned != cum {
        let with_callees = match cum {
            0 => "did not change".to_owned(),
            _ if cum.signum() == owned.signum() => format!("by {}", size(cum)),
            _ => format!("{} by {}", verb(cum), size(cum)),
        };
        return format!("{name} {}; with its callees {with_callees}", by(owned));
    }
    if cum == 0 {
        return format!("{name} did not change");
    }
    let place = match flat {
        _ if flat == cum => ", in the function itself".to_owned(),
        0 => ", in callees".to_owned(),
        _ if flat.signum() == cum.signum() && flat.abs() < cum.abs() => {
            format!(", {} in the function itself and {} in callees", size(flat), size(cum - flat))
        }
        _ => String::new(),
    };
    format!("{name} {}{place}", by(cum))
}

/// Percent that a growth is of another one, rounded down as all shares are; `None` where that says nothing.
pub(in crate::render) fn percent_of(part: i128, total: i128) -> Option<i128> {
    let is_part = part > 0 && total > 0 && part <= total;
    is_part.then(|| 100 * part / total).filter(|&percent| percent > 0)
}

/// Which caller most of a function's growth comes through. `of`: what grew.
pub(in crate::render) fn mostly_called_by(caller: &str, percent: i128) -> String {
    format!("{} it called by {caller}", share(percent))
}

/// How many functions match, if several do.
pub(in crate::render) fn functions_matched(functions: usize, pattern: &str) -> String {
    format!("{} match {}", count(functions, "function"), sanitize(pattern))
}

/// Which function most of the growth of all stacks comes through.
pub(in crate::render) fn growth_comes_through(name: &str, percent: i128, metric: &str) -> String {
    capitalised(&format!("{} the growth in {metric} comes through {name}", share(percent)))
}

/// What the largest stack comes to.
pub(in crate::render) fn largest_stack(growth: &str, metric: &str) -> String {
    format!("The stack that grew most grew by {growth} in {metric}")
}

/// "33 % of", "all of".
fn share(percent: i128) -> String {
    if percent == 100 { "all of".to_owned() } else { format!("{percent} % of") }
}

/// The stacks that are shown. `is_empty`: whether there are none; `only_grown`: whether only those that grew.
pub(in crate::render) fn stacks_heading(is_empty: bool, only_grown: bool, metric: &str) -> String {
    match (is_empty, only_grown) {
        (true, true) => format!("No stack grew in {metric}"),
        (true, false) => "No stacks".to_owned(),
        (false, true) => format!("Stacks by growth in {metric}"),
        (false, false) => format!("All stacks, by growth in {metric}"),
    }
}

/// The sentence on what `--top` hides. `what`: `function` or `stack`.
pub(in crate::render) fn omitted_sentence(omitted: usize, what: &str) -> Option<String> {
    (omitted > 0).then(|| format!("not shown: {}; --all lists them", count(omitted, &format!("more {what}"))))
}

/// The file of a function.
pub(in crate::render) fn file_label(file: &str) -> String {
    if file.is_empty() { "(the profile does not name its file)".to_owned() } else { format!("in {file}") }
}

/// The flat part of a line's values.
pub(in crate::render) fn flat_part(deltas: &[String]) -> String {
    format!("flat {}", deltas.join(" and "))
}

/// The number of a line in the base.
pub(in crate::render) fn base_line_label(line: i64) -> String {
    format!("line {line} in the base")
}

/// Folded frames of Go's library, from the owner's side to the root.
pub(in crate::render) fn folded_frames(frames: usize, first: &str, last: &str) -> String {
    format!("… {frames} frames of Go's library, {first} to {last}")
}

/// The places where memory was allocated, of which the first few are named.
pub(in crate::render) fn allocated_in(places: usize, named: &[String]) -> String {
    match (places, named) {
        (1, [place]) => format!("allocated in {place}, called by"),
        _ => {
            let more = places.saturating_sub(named.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("allocated in {places} places ({}{more}), called by", named.join(", "))
        }
    }
}

//! The sentences of the commands on stacks.

use super::super::text::sanitize;
use super::super::units::count;

/// Values of a function itself.
pub(in crate::render) const FLAT_LABEL: &str = "flat: itself";
/// Values of a function and its callees.
pub(in crate::render) const CUM_LABEL: &str = "cum: and all it calls";
/// The part of the cumulative values on stacks with recursion.
pub(in crate::render) const RECURSIVE_LABEL: &str = "of cum on stacks on which it calls itself";
/// The caller of a function at the root.
pub(in crate::render) const NO_CALLER: &str = "nothing: the stack begins here";
/// A line without flat values.
pub(in crate::render) const ONLY_CALLEES: &str = "in what it calls";
/// How to see the frames that are folded.
pub(in crate::render) const FOLDED_HINT: &str = "--full shows the frames of Go's library one by one";

/// The functions that are shown.
pub(in crate::render) fn functions_heading(pattern: &str) -> String {
    format!("functions that match {}", sanitize(pattern))
}

/// The stacks that are shown. `is_empty`: whether there are none; `only_grown`: whether only those that grew.
pub(in crate::render) fn stacks_heading(is_empty: bool, only_grown: bool, metric: &str) -> String {
    match (is_empty, only_grown) {
        (true, true) => format!("no stack grew in {metric}"),
        (true, false) => "no stacks".to_owned(),
        (false, true) => format!("the stacks that grew most in {metric}"),
        (false, false) => format!("the stacks, most grown in {metric} first"),
    }
}

/// The sentence on what `--top` hides. `what`: `function` or `stack`.
pub(in crate::render) fn omitted_sentence(omitted: usize, what: &str) -> Option<String> {
    (omitted > 0).then(|| format!("not shown: {}; --all lists every {what}", count(omitted, &format!("more {what}"))))
}

/// The file of a function.
pub(in crate::render) fn file_label(file: &str) -> String {
    if file.is_empty() { "in no file that the profile knows".to_owned() } else { format!("in {file}") }
}

/// The flat part of a line's values.
pub(in crate::render) fn flat_part(deltas: &[String]) -> String {
    format!("of it {} by itself", deltas.join(" and "))
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
            format!("allocated in {places} places, {}{more}, called by", named.join(", "))
        }
    }
}

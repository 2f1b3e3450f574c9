//! The sentences of the commands on stacks.

use super::super::text::sanitize;
use super::super::units::{Bytes, count, value};
use super::capitalised;
use crate::diff::{Change, Metric};

/// The words for stacks and their frames.
pub(in crate::render) struct FrameWords {
    /// What a frame is.
    pub(in crate::render) frame: &'static str,
    /// What a stack is.
    pub(in crate::render) stack: &'static str,
    /// One frame below another.
    pub(in crate::render) call: &'static str,
    /// How a frame is followed to those before it.
    pub(in crate::render) to_before: &'static str,
    /// Title of the frames before one on its stacks.
    pub(in crate::render) before: &'static str,
    /// That there are none.
    pub(in crate::render) none_before: &'static str,
    /// Title of those after it.
    pub(in crate::render) after: &'static str,
    /// Its own values.
    pub(in crate::render) flat: &'static str,
    /// Those and the values of all after it.
    pub(in crate::render) cum: &'static str,
    /// Where a part of its growth is: at the frame, and after it.
    places: [&'static str; 2],
    /// What growth does that a frame has a part in.
    through: &'static str,
}

/// Those of calls.
pub(in crate::render) const CALLS: FrameWords = FrameWords {
    frame: "function",
    stack: "stack",
    call: "call",
    to_before: "for its callers over all stacks",
    before: "called by",
    none_before: "none: the stack begins here",
    after: "calls",
    flat: "flat (this function)",
    cum: "cum (with callees)",
    places: ["in the function itself", "in callees"],
    through: "comes through",
};

/// Those of references: the stacks are chains of them.
const REFERENCES: FrameWords = FrameWords {
    frame: "field",
    stack: "chain",
    call: "field",
    to_before: "for what holds it, over all chains",
    before: "held by",
    none_before: "none: it is a root",
    after: "holds",
    flat: "held directly",
    cum: "all it holds",
    places: ["held directly", "further down the chain"],
    through: "is held through",
};

impl FrameWords {
    /// Those of a graph.
    pub(in crate::render) fn of(are_references: bool) -> &'static Self {
        if are_references { &REFERENCES } else { &CALLS }
    }
}

/// The part of the cumulative values on stacks with recursion.
pub(in crate::render) const RECURSIVE_LABEL: &str = "of cum in recursive calls";
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
    (metric, unit): (Metric, &dyn Fn(i128) -> String),
    words: &FrameWords,
    bytes: Bytes,
) -> String {
    let [itself, after] = words.places;
    let [cum, owned, flat] = [cum, owned, flat].map(|change| change.delta_of(metric));
    let size = |number: i128| match metric {
        Metric::Space => value(metric, number.abs(), bytes),
        Metric::Objects => format!("{} {}", value(metric, number.abs(), bytes), unit(number.abs())),
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
        _ if flat == cum => format!(", {itself}"),
        0 => format!(", {after}"),
        _ if flat.signum() == cum.signum() && flat.abs() < cum.abs() => {
            format!(", {} {itself} and {} {after}", size(flat), size(cum - flat))
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
pub(in crate::render) fn mostly_called_by(caller: &str, percent: i128, words: &FrameWords) -> String {
    format!("{} it {} {caller}", share(percent), words.before)
}

/// How many functions match, if several do.
pub(in crate::render) fn functions_matched(functions: usize, pattern: &str, words: &FrameWords) -> String {
    format!("{} match {}", count(functions, words.frame), sanitize(pattern))
}

/// Which function most of the growth of all stacks comes through.
pub(in crate::render) fn growth_comes_through(name: &str, percent: i128, metric: &str, words: &FrameWords) -> String {
    capitalised(&format!("{} the growth in {metric} {} {name}", share(percent), words.through))
}

/// What the largest stack comes to. `growth`: with its unit.
pub(in crate::render) fn largest_stack(growth: &str, words: &FrameWords) -> String {
    format!("The {} that grew most grew by {growth}", words.stack)
}

/// "33 % of", "all of".
fn share(percent: i128) -> String {
    if percent == 100 { "all of".to_owned() } else { format!("{percent} % of") }
}

/// The stacks that are shown. `is_empty`: whether there are none; `only_grown`: whether only those that grew.
pub(in crate::render) fn stacks_heading(is_empty: bool, only_grown: bool, metric: &str, words: &FrameWords) -> String {
    let one = words.stack;
    match (is_empty, only_grown) {
        (true, true) => format!("No {one} grew in {metric}"),
        (true, false) => format!("No {one}s"),
        (false, true) => capitalised(&format!("{one}s by growth in {metric}")),
        (false, false) => format!("All {one}s, by growth in {metric}"),
    }
}

/// The sentence on what `--top` hides. `what`: such as `function` or `stack`.
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

//! Amounts in sentences, with their units.

use super::super::text::sanitize;
use super::super::units::{Bytes, grouped, value};
use crate::diff::Metric;
use crate::report::Report;

/// A number with its unit.
pub(in crate::render) fn counted(report: &Report, metric: Metric, number: i128, bytes: Bytes) -> String {
    match metric {
        Metric::Space => value(metric, number, bytes),
        Metric::Objects => format!("{} {}", grouped(number), objects_unit(report, number)),
    }
}

/// What the objects are: other columns than those of heaps count other things.
pub(in crate::render) fn objects_unit(report: &Report, number: i128) -> String {
    let name = report.name(Metric::Objects);
    let one = match name {
        _ if name == Metric::Objects.name() || name == Metric::Objects.allocated_name() => "object",
        "threadcreate" => "thread",
        "goroutineleak" => "leaked goroutine",
        name => name,
    };
    if number == 1 || one.ends_with('s') { sanitize(one) } else { sanitize(one) + "s" }
}

/// "a", "a and b", "a, b and c".
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

//! JSON of <https://www.speedscope.app>: for each metric growth, current side and base, over shared frames.

use std::io::{self, Write};

use serde::Serialize;

use super::super::json::{Lazy, to_writer};
use super::super::messages::inputs;
use super::exported::{Exported, at_least_0};
use crate::diff::{Change, Metric};
use crate::index::index;
use crate::order::sorted;

#[derive(Serialize)]
struct File<P> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    exporter: String,
    name: String,
    #[serde(rename = "activeProfileIndex")]
    active: usize,
    shared: Shared,
    profiles: P,
}

#[derive(Serialize)]
struct Shared {
    frames: Vec<Frame>,
}

/// A function.
#[derive(Serialize)]
struct Frame {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    file: String,
    /// Its first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile<S, W> {
    r#type: &'static str,
    name: String,
    unit: &'static str,
    start_value: i128,
    end_value: i128,
    /// Stacks as indexes of frames, root first.
    samples: S,
    weights: W,
}

/// Writes the file.
pub(super) fn write(exported: &Exported<'_, '_>, out: &mut dyn Write) -> io::Result<usize> {
    let (calls, places) = (exported.calls, exported.calls.current_lines());
    let mut files = vec![None; calls.functions.len()];
    for &frame in calls.stacks.iter().flat_map(|stack| calls.frames_of(stack)) {
        files[calls.frames[frame as usize].function as usize].get_or_insert_with(|| places.file(calls, frame));
    }
    let by_functions = calls.by_functions();
    // In order of appearance.
    let stacks = sorted((0..by_functions.len()).map(index).collect(), |&a: &u32, &b| {
        by_functions.stacks(a as usize).cmp(by_functions.stacks(b as usize))
    });
    // Made anew for each column, which takes less memory than to keep them.
    let sums = stacks.iter().map(|&at| {
        let mut sum = Change::default();
        let same = by_functions.stacks(at as usize);
        same.iter().for_each(|&stack| sum += calls.stacks[stack as usize].change());
        (same.first().copied(), sum)
    });
    let frames = calls.functions.iter().zip((0..).zip(files)).map(|(function, (at, file))| Frame {
        name: function.name().into_owned(),
        file: String::from_utf8_lossy(file.unwrap_or_default()).into_owned(),
        line: places.start_line(at).filter(|&line| line > 0),
    });
    let shared = Shared { frames: frames.collect() };
    let mut below_0 = 0;
    for (_, change) in sums.clone() {
        below_0 += usize::from(exported.metrics.iter().any(|column| at_least_0(change, column.metric).1));
    }
    type Weight = fn(Change, Metric) -> i128;
    let weights: [(&str, Weight); 3] = [
        ("growth", |change, metric| change.delta_of(metric).max(0)),
        ("current", |change, metric| at_least_0(change, metric).0[1]),
        ("base", |change, metric| at_least_0(change, metric).0[0]),
    ];
    let columns = exported.metrics.iter().flat_map(|column| weights.map(|(what, weight)| (column, what, weight)));
    let profiles = columns.map(|(column, what, weight)| {
        let sums = sums.clone();
        let weighed = move || {
            let weighed = sums.clone().map(move |(stack, sum)| (stack, weight(sum, column.metric)));
            weighed.filter(|(_, weight)| *weight > 0)
        };
        Profile {
            r#type: "sampled",
            name: format!("{} {what}", column.name),
            unit: if column.metric == Metric::Space { "bytes" } else { "none" },
            start_value: 0,
            end_value: weighed().map(|(_, weight)| weight).sum(),
            samples: Lazy({
                let weighed = weighed.clone();
                move || {
                    weighed()
                        .map(move |(stack, _)| Lazy(move || stack.into_iter().flat_map(|at| calls.functions_of(at))))
                }
            }),
            weights: Lazy(move || weighed().map(|(_, weight)| weight)),
        }
    });
    let profiles: Vec<_> = profiles.collect();
    let file = File {
        schema: "https://www.speedscope.app/file-format-schema.json",
        exporter: concat!(env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION")).to_owned(),
        name: format!("{} → {}", inputs(exported.base), inputs(exported.current)),
        active: 0,
        shared,
        profiles,
    };
    to_writer(&file, out)?;
    out.write_all(b"\n")?;
    Ok(below_0)
}

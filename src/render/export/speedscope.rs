//! JSON of <https://www.speedscope.app>: for each metric growth, current side and base, over shared frames.

use std::io::{self, Write};

use serde::Serialize;

use super::super::json::{Lazy, to_writer};
use super::super::messages::inputs;
use super::exported::{Exported, at_least_0};
use crate::diff::{Change, Metric};
use crate::site::{PackedValues, SliceSet};

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
    let (mut stacks, mut sums, mut functions) = (SliceSet::default(), Vec::<[PackedValues; 2]>::new(), Vec::new());
    for stack in &calls.stacks {
        for &frame in calls.frames_of(stack) {
            files[calls.frames[frame as usize].function as usize].get_or_insert_with(|| places.file(calls, frame));
        }
        functions.clear();
        functions.extend(calls.frames_of(stack).iter().map(|&frame| calls.frames[frame as usize].function));
        let at = stacks.find(&functions).unwrap_or_else(|vacancy| stacks.insert(&functions, vacancy));
        sums.resize(stacks.len(), Default::default());
        let mut change = stack.change();
        change += change_of(sums[at]);
        sums[at] = [change.base, change.current].map(PackedValues::from);
    }
    let frames = calls.functions.iter().zip((0..).zip(files)).map(|(function, (at, file))| Frame {
        name: function.name().into_owned(),
        file: String::from_utf8_lossy(file.unwrap_or_default()).into_owned(),
        line: places.start_line(at).filter(|&line| line > 0),
    });
    let shared = Shared { frames: frames.collect() };
    let mut below_0 = 0;
    for change in sums.iter().map(|&sum| change_of(sum)) {
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
        let weighed = {
            let weighed = sums.iter().map(move |&sum| weight(change_of(sum), column.metric)).enumerate();
            move || weighed.clone().filter(|(_, weight)| *weight > 0)
        };
        let stacks = &stacks;
        Profile {
            r#type: "sampled",
            name: format!("{} {what}", column.name),
            unit: if column.metric == Metric::Space { "bytes" } else { "none" },
            start_value: 0,
            end_value: weighed().map(|(_, weight)| weight).sum(),
            samples: Lazy({
                let weighed = weighed.clone();
                move || weighed().map(|(at, _)| stacks.get(at))
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

/// A sum of both sides.
fn change_of(sum: [PackedValues; 2]) -> Change {
    let [base, current] = sum.map(PackedValues::get);
    Change { base, current }
}

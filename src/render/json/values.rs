//! Numbers, sampling and lines, as all documents have them.

use std::io::{self, Write};

use serde::Serialize;

use super::safe::to_writer;
use crate::diff::{Change, Metric};
use crate::report::Report;

/// The program, as all documents name it.
#[derive(Debug, Serialize)]
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// This program.
pub(crate) const TOOL: Tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

/// Writes a document in one line.
pub(in crate::render) fn write_line<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    to_writer(value, out)?;
    out.write_all(b"\n")
}

/// Values of all shown metrics.
#[derive(Serialize)]
pub(super) struct Metrics {
    inuse_objects: Option<Numbers>,
    inuse_space: Option<Numbers>,
}

impl Metrics {
    pub(super) fn new(report: &Report, change: Change) -> Self {
        let numbers = |metric| report.shows(metric).then(|| Numbers::new(change, metric));
        Metrics { inuse_objects: numbers(Metric::Objects), inuse_space: numbers(Metric::Space) }
    }
}

#[derive(Serialize)]
pub(super) struct Numbers {
    base: i128,
    current: i128,
    delta: i128,
    ratio: Option<f64>,
}

impl Numbers {
    pub(super) fn new(change: Change, metric: Metric) -> Self {
        Numbers {
            base: change.base_of(metric),
            current: change.current_of(metric),
            delta: change.delta_of(metric),
            ratio: change.ratio(metric),
        }
    }
}

#[derive(Serialize)]
pub(super) struct SamplingJson {
    same_process: bool,
    rate_bytes: Option<f64>,
    detectable_bytes: Option<i64>,
    never_confirmed_bytes: Option<i64>,
}

impl SamplingJson {
    pub(super) fn new(report: &Report) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "bytes")]
        let [up, down] = [|bytes: f64| bytes.ceil() as i64, |bytes: f64| bytes.floor() as i64];
        SamplingJson {
            same_process: report.sampling.process_relation.is_same(),
            rate_bytes: report.sampling.rate_bytes,
            detectable_bytes: report.sampling.detectable_bytes.map(up),
            never_confirmed_bytes: report.sampling.never_confirmed_bytes.map(down),
        }
    }
}

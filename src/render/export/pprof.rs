//! A profile in pprof's format that pprof shows as a difference: the current samples, and those of the base below 0 with
//! the label that pprof itself gives them.
//!
//! A location is a line of a function, so a function that was inlined is one as any other. A line is the current side's
//! on both sides, so that it is one line also where the builds differ.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use prost::Message;

use super::exported::Exported;
use crate::diff::Metric;
use crate::proto::{Function, Label, Line, Location, Mapping, Profile, Sample, ValueType};
use crate::report::ShownMetric;
use crate::site::{SiteKey, Values};

/// The strings, each once, the empty one first.
struct Strings(IndexMap<String, (), RandomState>);

impl Strings {
    fn index(&mut self, text: impl Into<String>) -> i64 {
        i64::try_from(self.0.insert_full(text.into(), ()).0).unwrap_or(i64::MAX)
    }
}

/// Writes the profile, gzipped.
pub(super) fn write(exported: &Exported<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    let mut encoder = GzEncoder::new(out, Compression::default());
    write_fields(exported, &mut encoder)?;
    encoder.finish().map(|_| ())
}

/// Writes the fields in the order of their tags. Samples and locations, of which there may be very many, are made one by
/// one.
fn write_fields(exported: &Exported<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    let (calls, places, side) = (exported.calls, exported.calls.current_lines(), exported.current);
    let mut strings = Strings(IndexMap::default());
    strings.index("");
    // In the order that Go has them.
    let of = |metric: Metric| exported.metrics.iter().filter(move |column| column.metric == metric);
    let metrics: Vec<_> = of(Metric::Objects).chain(of(Metric::Space)).collect();
    let sample_type = metrics.iter().map(|column| ValueType {
        r#type: strings.index(column.name.as_str()),
        unit: strings.index(if column.metric == Metric::Space { "bytes" } else { "count" }),
    });
    let head = Profile { sample_type: sample_type.collect(), ..Profile::default() };
    let default_sample_type = exported.metrics.first().map_or(0, |column| strings.index(column.name.as_str()));
    let label = Label { key: strings.index("pprof::base"), str: strings.index("true"), ..Label::default() };
    let too_large =
        || io::Error::new(io::ErrorKind::InvalidData, "a sum is too large for pprof's format, which has 64 bits");
    write_part(&head, out)?;
    for stack in &calls.stacks {
        let is_code = |frame: &&u32| calls.function(**frame) != SiteKey::NoStack;
        let location_id: Vec<_> =
            calls.frames_of(stack).iter().rev().filter(is_code).map(|&frame| u64::from(frame) + 1).collect();
        let mut sample = Sample { location_id, ..Sample::default() };
        let base = Values::default() - stack.change().base;
        for (values, label) in [(stack.change().current, None), (base, Some(&label))] {
            if values == Values::default() {
                continue;
            }
            let value = metrics.iter().map(|column| i64::try_from(column.metric.of(values)));
            sample.value = value.collect::<Result<_, _>>().map_err(|_| too_large())?;
            sample.label = label.cloned().into_iter().collect();
            write_message(2, &sample, out)?;
        }
    }
    let mapping = Mapping {
        id: 1,
        filename: strings.index(side.program.as_str()),
        build_id: strings.index(side.build_id.as_str()),
        // So that nobody looks for the symbols in the program.
        has_functions: true,
        has_filenames: true,
        has_line_numbers: true,
        has_inline_frames: true,
        ..Mapping::default()
    };
    write_message(3, &mapping, out)?;
    let mut functions: IndexMap<(u32, &[u8]), Function, RandomState> = IndexMap::default();
    for at in 0..calls.frames.len() {
        let frame = crate::index::index(at);
        let (function, file) = (calls.frames[at].function, places.file(calls, frame));
        let id = functions.len() as u64 + 1;
        let function = functions.entry((function, file)).or_insert_with(|| {
            let name = strings.index(calls.functions[function as usize].name());
            Function {
                id,
                name,
                system_name: name,
                filename: strings.index(String::from_utf8_lossy(file)),
                start_line: places.start_line(function).unwrap_or(0),
            }
        });
        let line = Line { function_id: function.id, line: places.line(calls, frame), ..Line::default() };
        write_message(4, &Location { id: at as u64 + 1, mapping_id: 1, line: vec![line], ..Location::default() }, out)?;
    }
    // What is no heap, such as goroutines, has no bytes between samples.
    let is_heap = |column: &ShownMetric| column.metric == Metric::Space || column.name == Metric::Objects.name();
    let period = if exported.metrics.iter().any(is_heap) { side.period_bytes } else { 0 };
    let period_type = ValueType { r#type: strings.index("space"), unit: strings.index("bytes") };
    let rest = Profile {
        function: functions.into_values().collect(),
        time_nanos: side.time_nanos,
        duration_nanos: side.duration_nanos,
        period_type: (period != 0).then_some(period_type),
        period,
        default_sample_type,
        string_table: strings.0.into_keys().collect(),
        ..Profile::default()
    };
    write_part(&rest, out)
}

/// Writes fields of the profile.
fn write_part(fields: &Profile, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&fields.encode_to_vec())
}

/// Writes a message as a field of the profile.
fn write_message(tag: u32, message: &impl Message, out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    prost::encoding::message::encode(tag, message, &mut bytes);
    out.write_all(&bytes)
}

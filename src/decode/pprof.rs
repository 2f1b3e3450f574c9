//! A pprof profile (`profile.proto`), walked as it streams in.
//!
//! The walk over `Profile` and `Sample` is ours, so that a sample costs no allocation and an error
//! has an offset; prost decodes the small messages, in which it skips unknown groups. What google/pprof
//! accepts is accepted, but for what only damage or a mistake explains: field numbers of 0 (zero padding)
//! and from 2²⁹ on, varints over 64 bits, fields over 4 MiB, a second period_type, period, time_nanos or
//! duration_nanos (it reports concatenated profiles only by a second time), string indexes that it never
//! looks at, live columns in other units than count and bytes, and data that ends too early.

use std::io::Read;
use std::ops::Range;

use prost::Message;

use super::dead::{DeadRun, IDS, LABEL, PlainlyDead, SAMPLE, VALUES, part};
use super::error::{DecodeErrorKind as Kind, Decoded};
use super::messages::{Function, Label, Location, Mapping, ValueType};
use super::varint::{self, packed_len};
use super::window::Window;
use super::wire::{Field, Value, Wire};
use crate::profile::{DeadSample, Invalid, LineRef, Profile, ProfileBuilder, Singular};

/// Field numbers of `Profile`.
mod tag {
    pub(super) const SAMPLE_TYPE: u32 = 1;
    pub(super) const SAMPLE: u32 = 2;
    pub(super) const MAPPING: u32 = 3;
    pub(super) const LOCATION: u32 = 4;
    pub(super) const FUNCTION: u32 = 5;
    pub(super) const STRING_TABLE: u32 = 6;
    pub(super) const DROP_FRAMES: u32 = 7;
    pub(super) const KEEP_FRAMES: u32 = 8;
    pub(super) const TIME_NANOS: u32 = 9;
    pub(super) const DURATION_NANOS: u32 = 10;
    pub(super) const PERIOD_TYPE: u32 = 11;
    pub(super) const PERIOD: u32 = 12;
    pub(super) const COMMENT: u32 = 13;
    pub(super) const DEFAULT_SAMPLE_TYPE: u32 = 14;
    pub(super) const DOC_URL: u32 = 15;
}

/// Decodes the profile that `window` streams into `builder`.
pub(super) fn decode<R: Read>(
    window: &mut Window<R>,
    builder: ProfileBuilder,
    proven: &dyn Fn() -> bool,
) -> Decoded<Profile> {
    let mut walk = Walk { builder, ..Walk::default() };
    walk.builder.format("pprof");
    loop {
        window.pass(|held| walk.dead(held));
        let Some(field) = window.field()? else { break };
        walk.order.note(field.number);
        walk.field(&field)?;
    }
    walk.remembered()?;
    if !proven() {
        walk.check_end()?;
    }
    walk.builder.finish().map_err(|invalid| Kind::Invalid(invalid).anywhere())
}

/// The builder, and scratch messages that are used again and again.
#[derive(Default)]
struct Walk {
    builder: ProfileBuilder,
    /// Ids of a stack that is not one packed run.
    unpacked: Vec<u64>,
    /// As they stand on the wire, without their sign.
    values: Vec<u64>,
    /// Where the labels stand in the sample.
    labels: Vec<Range<usize>>,
    /// The numeric ones: key and number.
    numbers: Vec<(u64, i64)>,
    location: Location,
    /// How many messages were decoded, by field number.
    seen: [u64; 16],
    order: Order,
}

impl Walk {
    #[inline(always)]
    fn field(&mut self, field: &Field<'_>) -> Decoded<()> {
        let at = |invalid: Invalid| Kind::Invalid(invalid).at(field.offset);
        match field.number {
            tag::SAMPLE => self.sample(field)?,
            tag::LOCATION => {
                self.location.clear();
                if self.location.merge_plain(field.bytes("location")?).is_some() {
                    self.seen[tag::LOCATION as usize] += 1;
                } else {
                    self.location = self.message(field, "location")?;
                }
                let location = &self.location;
                let lines = location.line.iter().map(|line| LineRef { function_id: line.function_id, line: line.line });
                self.builder.location(location.id, location.mapping_id, location.address, lines).map_err(at)?;
            }
            tag::FUNCTION => {
                let function = match Function::plain(field.bytes("function")?) {
                    Some(function) => {
                        self.seen[tag::FUNCTION as usize] += 1;
                        function
                    }
                    None => self.message(field, "function")?,
                };
                let strings = [function.name, function.system_name, function.filename];
                self.builder.function(function.id, strings, function.start_line).map_err(at)?;
            }
            tag::STRING_TABLE => self.builder.string(field.bytes("string_table")?).map_err(at)?,
            tag::MAPPING => {
                let m: Mapping = self.message(field, "mapping")?;
                self.builder.mapping(m.id, m.memory_start, m.file_offset, m.filename, m.build_id).map_err(at)?;
            }
            tag::SAMPLE_TYPE => {
                let column: ValueType = self.message(field, "sample_type")?;
                self.builder.sample_type(column.r#type, column.unit).map_err(at)?;
            }
            tag::PERIOD_TYPE => {
                let period: ValueType = self.message(field, "period_type")?;
                self.builder.period_type(period.r#type, period.unit).map_err(at)?;
            }
            tag::PERIOD => self.builder.singular(Singular::Period, field.int("period")?).map_err(at)?,
            tag::TIME_NANOS => self.builder.singular(Singular::Time, field.int("time_nanos")?).map_err(at)?,
            tag::DURATION_NANOS => {
                self.builder.singular(Singular::Duration, field.int("duration_nanos")?).map_err(at)?;
            }
            tag::DROP_FRAMES => self.builder.drop_frames(field.int("drop_frames")?).map_err(at)?,
            tag::KEEP_FRAMES => self.builder.keep_frames(field.int("keep_frames")?).map_err(at)?,
            tag::COMMENT => {
                let mut comments = Vec::new();
                field.push_numbers("comment", &mut comments)?;
                for comment in comments {
                    self.builder.field_string("comment", comment.cast_signed()).map_err(at)?;
                }
            }
            tag::DEFAULT_SAMPLE_TYPE => {
                let index = field.int("default_sample_type")?;
                self.builder.field_string("default_sample_type", index).map_err(at)?;
            }
            tag::DOC_URL => {
                self.builder.field_string("doc_url", field.int("doc_url")?).map_err(at)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts the dead samples that `held` starts with, and gives the bytes they take: of nine in ten of a Go profile's
    /// samples nothing else is wanted, and they come one behind the other.
    #[inline(always)]
    fn dead(&mut self, held: &[u8]) -> usize {
        if held.first() != Some(&SAMPLE) || self.builder.expected_values() != Some(4) {
            return 0;
        }
        let run = DeadRun::new(held, |leaf| self.builder.wants_dead(leaf));
        if run.samples > 0 {
            self.order.note(tag::SAMPLE);
            self.order.runs.note(3, true);
            self.builder.dead(run.samples, run.allocated);
        }
        run.len
    }

    /// Nine of ten samples of a Go profile are dead, and a dead one needs no more than its values: so
    /// those are read first, wherever they stand, and the stack and the labels only if they are wanted.
    fn sample(&mut self, field: &Field<'_>) -> Decoded<()> {
        let bytes = field.bytes("sample")?;
        let index = self.builder.samples();
        let place = || DeadSample { index, offset: field.offset, value_offset: field.value_offset };
        if let Some(dead) = PlainlyDead::new(bytes, self.builder.expected_values()) {
            self.order.runs.note(dead.ids.0, dead.ids.1);
            self.order.runs.note(4, dead.packed_values);
            self.builder.dead(1, dead.allocated());
            if self.builder.wants_dead(dead.leaf) {
                self.builder.remember_dead(dead.leaf, place(), bytes);
            }
            return Ok(());
        }
        let run = match self.go_parts(field) {
            Some(run) => Some(run),
            None => self.parts(field)?,
        };
        if self.builder.skip_dead(&self.values) {
            let leaf = match run {
                Some(run) => run.first_packed().unwrap_or(0),
                None => self.unpacked.first().copied().unwrap_or(0),
            };
            if self.builder.wants_dead(leaf) {
                self.builder.remember_dead(leaf, place(), bytes);
            }
            return Ok(());
        }
        self.read_labels(index, field)?;
        let at = |invalid: Invalid| Kind::Invalid(invalid).at(field.offset);
        match run {
            Some(run) => {
                let stack = run.bytes("sample.location_id")?;
                if self.builder.counted_stack(stack) {
                    self.builder.counted_sample(stack, &self.values, &self.numbers);
                    return Ok(());
                }
                run.each_packed("sample.location_id", |id| self.builder.frame(id).map_err(at))?;
            }
            None => self.unpacked.iter().try_for_each(|&id| self.builder.frame(id).map_err(at))?,
        }
        self.builder.sample(&self.values, &self.numbers);
        Ok(())
    }

    /// Reads the dead samples that are remembered.
    fn remembered(&mut self) -> Decoded<()> {
        for (sample, bytes) in self.builder.take_dead().iter() {
            let DeadSample { index, offset, value_offset } = sample;
            let field = Field { number: tag::SAMPLE, offset, value_offset, value: Value::Bytes(bytes) };
            let run = self.parts(&field)?;
            self.read_labels(index, &field)?;
            if let Some(run) = run {
                let stack = run.bytes("sample.location_id")?;
                if self.builder.counted_dead_bucket(index, stack, &self.values, &self.numbers) {
                    continue;
                }
                run.push_numbers("sample.location_id", &mut self.unpacked)?;
            }
            let at = |invalid: Invalid| Kind::Invalid(invalid).at(offset);
            self.builder.dead_bucket(index, &self.unpacked, &self.values, &self.numbers).map_err(at)?;
        }
        Ok(())
    }

    /// What [`Walk::parts`] does, of a sample as Go writes it: four values, its stack, its labels. `None` for any other.
    #[inline(always)]
    fn go_parts<'b>(&mut self, sample: &Field<'b>) -> Option<Field<'b>> {
        let Value::Bytes(bytes) = sample.value else { return None };
        let (mut left, rest) = part(VALUES, bytes)?;
        let mut values = [0; 4];
        for value in &mut values {
            (*value, left) = varint::take(left)?;
        }
        let (ids, mut labels) = part(IDS, rest)?;
        if !left.is_empty() {
            return None;
        }
        let at = |rest: &[u8]| sample.value_offset + (bytes.len() - rest.len()) as u64;
        let value = Value::Bytes(ids);
        let run = Field { number: 1, offset: at(rest), value_offset: at(labels) - ids.len() as u64, value };
        self.labels.clear();
        while !labels.is_empty() {
            let (label, rest) = part(LABEL, labels)?;
            let end = bytes.len() - rest.len();
            self.labels.push(end - label.len()..end);
            labels = rest;
        }
        self.values.clear();
        self.values.extend_from_slice(&values);
        self.unpacked.clear();
        self.order.runs.note(packed_len(ids), true);
        self.order.runs.note(values.len(), true);
        Some(run)
    }

    /// Reads the values of a sample and its stack, and where its labels stand. A stack that is one packed run,
    /// as nearly all are, is given back and left in its bytes.
    fn parts<'b>(&mut self, sample: &Field<'b>) -> Decoded<Option<Field<'b>>> {
        self.values.clear();
        self.unpacked.clear();
        self.labels.clear();
        let mut run: Option<Field<'b>> = None;
        let (mut frames, mut packed_values) = (0, false);
        let mut wire = Wire::new(sample.bytes("sample")?, sample.value_offset);
        while let Some(part) = wire.field()? {
            match part.number {
                1 if part.is_bytes() && run.is_none() && self.unpacked.is_empty() => {
                    frames = packed_len(part.bytes("sample.location_id")?);
                    run = Some(part);
                }
                1 => {
                    if let Some(run) = run.take() {
                        run.push_numbers("sample.location_id", &mut self.unpacked)?;
                    }
                    part.push_numbers("sample.location_id", &mut self.unpacked)?;
                    wire.push_next_numbers(1, &mut self.unpacked);
                    frames = self.unpacked.len();
                }
                2 => {
                    packed_values = part.is_bytes();
                    part.push_numbers("sample.value", &mut self.values)?;
                }
                3 => self.labels.push(part.range("sample.label", sample)?),
                _ => {}
            }
        }
        self.order.runs.note(frames, run.is_some());
        self.order.runs.note(self.values.len(), packed_values);
        Ok(run)
    }

    /// Reads the numeric labels of the sample with an index.
    fn read_labels(&mut self, index: u64, sample: &Field<'_>) -> Decoded<()> {
        self.numbers.clear();
        for at in 0..self.labels.len() {
            let label = label(&mut self.builder, index, sample, self.labels[at].clone())?;
            // A label has either text or a number, and 0 is no text.
            if label.str != 0 {
                self.builder.text_label(label.key);
            } else if let Ok(key) = u64::try_from(label.key) {
                self.numbers.push((key, label.num));
            }
        }
        Ok(())
    }

    fn message<M: Message + Default>(&mut self, field: &Field<'_>, table: &'static str) -> Decoded<M> {
        let bytes = field.bytes(table)?;
        let seen = self.seen.get_mut(field.number as usize);
        let index = seen.map_or(0, |seen| std::mem::replace(seen, *seen + 1));
        M::decode(bytes).map_err(|error| Kind::Message { table, index, error }.at(field.offset))
    }

    /// Whether data without a checksum ended where its encoder would have gone on.
    ///
    /// Go's runtime writes the strings last and uses each, so every cut leaves an id or a string
    /// without its entry. Encoders that go by field number write a few numbers behind the strings:
    /// google/pprof's always a default_sample_type, even of 0, and others at least what uses the last
    /// string. What may be google/pprof's is held to its rule.
    fn check_end(&self) -> Decoded<()> {
        let missing = if !self.order.ascending || self.order.last < tag::STRING_TABLE {
            return Ok(());
        } else if self.order.runs.may_be_google_pprof() && self.order.last < tag::DEFAULT_SAMPLE_TYPE {
            "default_sample_type"
        } else if !self.builder.last_string_is_used() {
            "the field that uses the last string"
        } else {
            return Ok(());
        };
        Err(Kind::EndsEarly { missing }.anywhere())
    }
}

/// A label of the sample with an index, its strings checked.
fn label(builder: &mut ProfileBuilder, index: u64, sample: &Field<'_>, range: Range<usize>) -> Decoded<Label> {
    let offset = sample.value_offset + range.start as u64;
    let error = |error| Kind::Message { table: "label of sample", index, error }.at(offset);
    let bytes = &sample.bytes("sample")?[range];
    let label = Label::plain(bytes).map_or_else(|| Label::decode(bytes).map_err(error), Ok)?;
    let strings = [("label.key", label.key), ("label.str", label.str), ("label.num_unit", label.num_unit)];
    // 0 is the empty one.
    for &(name, string) in strings.iter().filter(|(_, string)| *string != 0) {
        builder.label_string(index, name, string).map_err(|invalid| Kind::Invalid(invalid).at(offset))?;
    }
    Ok(label)
}

/// In which order the fields of a profile came, and how its samples' numbers were repeated.
struct Order {
    last: u32,
    ascending: bool,
    runs: Runs,
}

impl Default for Order {
    fn default() -> Self {
        Order { last: 0, ascending: true, runs: Runs::default() }
    }
}

impl Order {
    fn note(&mut self, field: u32) {
        self.ascending &= field >= self.last;
        self.last = field;
    }
}

/// What tells the encoders of google/pprof and of Go's runtime from others: they pack a repeated
/// number from the third on, while protobuf's own encoders pack all or none.
#[derive(Default)]
struct Runs {
    short_unpacked: bool,
    long_packed: bool,
    others: bool,
}

impl Runs {
    #[inline(always)]
    fn note(&mut self, len: usize, packed: bool) {
        let (some, long) = (len > 0, len > 2);
        self.short_unpacked |= some & !long & !packed;
        self.long_packed |= long & packed;
        self.others |= some & (long != packed);
    }

    fn may_be_google_pprof(&self) -> bool {
        (self.short_unpacked || self.long_packed) && !self.others
    }
}

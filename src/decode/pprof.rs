//! A pprof profile (`profile.proto`), walked as it streams in.
//!
//! The walk over `Profile` and `Sample` is ours, so that a sample costs no allocation and an error has an offset; prost
//! decodes the small messages, in which it skips unknown groups. What google/pprof accepts is accepted, except where
//! only damage or a mistake explains the data: field numbers of 0 (zero padding) and from 2²⁹ on, varints over 64 bits,
//! fields over 4 MiB, a second period_type, period, time_nanos or duration_nanos (google/pprof reports concatenated
//! profiles only by a second time), invalid string indexes that it never looks at, live columns in other units than
//! count and bytes, and data that ends too early.

use std::io::Read;

use prost::Message;

use super::error::{DecodeError, DecodeErrorKind as Kind, Decoded};
use super::field_order::FieldOrder;
use super::sample_reader::SampleReader;
use super::window::Window;
use super::wire::{Field, Wire};
use crate::profile::{InputFormat, Invalid, LineRef, Profile, ProfileBuilder, Singular};
use crate::proto::{Function, Location, Mapping, ValueType};

/// Field numbers of `Profile`.
pub(super) mod tag {
    pub(in crate::decode) const SAMPLE_TYPE: u32 = 1;
    pub(in crate::decode) const SAMPLE: u32 = 2;
    pub(in crate::decode) const MAPPING: u32 = 3;
    pub(in crate::decode) const LOCATION: u32 = 4;
    pub(in crate::decode) const FUNCTION: u32 = 5;
    pub(in crate::decode) const STRING_TABLE: u32 = 6;
    pub(in crate::decode) const DROP_FRAMES: u32 = 7;
    pub(in crate::decode) const KEEP_FRAMES: u32 = 8;
    pub(in crate::decode) const TIME_NANOS: u32 = 9;
    pub(in crate::decode) const DURATION_NANOS: u32 = 10;
    pub(in crate::decode) const PERIOD_TYPE: u32 = 11;
    pub(in crate::decode) const PERIOD: u32 = 12;
    pub(in crate::decode) const COMMENT: u32 = 13;
    pub(in crate::decode) const DEFAULT_SAMPLE_TYPE: u32 = 14;
    pub(in crate::decode) const DOC_URL: u32 = 15;
}

/// Decodes the profile that `window` streams into `builder`.
pub(super) fn decode<R: Read>(
    window: &mut Window<R>,
    builder: ProfileBuilder,
    has_checksum: &dyn Fn() -> bool,
) -> Decoded<Profile> {
    let mut walk = Walk { builder, ..Walk::default() };
    walk.builder.format(InputFormat::Pprof);
    while let Some(field) = window.field()? {
        walk.order.note(field.number);
        walk.field(&field)?;
    }
    if !has_checksum() {
        walk.check_end()?;
    }
    walk.builder.finish().map_err(|invalid| Kind::Invalid(invalid).anywhere())
}

/// Whether a profile that starts with `head` may have a single column. Encoders write the columns first; where `head` has
/// none, they are further on.
pub(super) fn may_have_one_column(head: &[u8]) -> bool {
    let mut wire = Wire::outermost(head, 0);
    let mut columns = 0;
    while let Ok(Some(field)) = wire.field() {
        columns += u32::from(field.number == tag::SAMPLE_TYPE);
    }
    columns <= 1
}

/// The builder, and what is known of the fields so far.
#[derive(Default)]
struct Walk {
    builder: ProfileBuilder,
    samples: SampleReader,
    /// Reused for every location.
    location: Location,
    /// Number of messages decoded, by field number.
    decoded: [u64; 16],
    order: FieldOrder,
}

impl Walk {
    #[inline(always)]
    fn field(&mut self, field: &Field<'_>) -> Decoded<()> {
        let at = |invalid: Invalid| Kind::Invalid(invalid).at(field.offset);
        match field.number {
            tag::SAMPLE => self.samples.read(field, &mut self.builder, &mut self.order)?,
            tag::LOCATION => {
                // Keeps the memory for the lines.
                self.location.clear();
                let index = self.count(field);
                let merged = self.location.merge(field.bytes("location")?);
                merged.map_err(|error| malformed("location", index, error, field))?;
                let location = &self.location;
                let lines = location.line.iter().map(|line| LineRef { function_id: line.function_id, line: line.line });
                self.builder.location(location.id, location.mapping_id, location.address, lines).map_err(at)?;
            }
            tag::FUNCTION => {
                let function: Function = self.message(field, "function")?;
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
                self.builder.add_sample_type(column.r#type, column.unit).map_err(at)?;
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
                self.builder.default_sample_type(index).map_err(at)?;
            }
            tag::DOC_URL => {
                self.builder.field_string("doc_url", field.int("doc_url")?).map_err(at)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts the message in `field`, and gives its index among those with the same number.
    fn count(&mut self, field: &Field<'_>) -> u64 {
        let decoded = &mut self.decoded[field.number as usize];
        *decoded += 1;
        *decoded - 1
    }

    fn message<M: Message + Default>(&mut self, field: &Field<'_>, table: &'static str) -> Decoded<M> {
        let bytes = field.bytes(table)?;
        let index = self.count(field);
        M::decode(bytes).map_err(|error| malformed(table, index, error, field))
    }

    /// Checks that data without a checksum did not end where its encoder would have gone on.
    ///
    /// Go's runtime writes the strings last and uses each of them, so every cut leaves an id or a string without its
    /// entry. Encoders that go by field number write a few numbers after the strings: google/pprof's always a
    /// default_sample_type, even of 0, and others at least the field that uses the last string. Data that google/pprof
    /// may have written is held to its rule. Of all other encoders it is noted that nothing proves the end.
    fn check_end(&mut self) -> Decoded<()> {
        let order = &self.order;
        let may_be_google_pprof = order.may_be_google_pprof() && self.builder.numbers_strings_like_google_pprof();
        let missing = if !order.is_ascending() || order.last() < tag::STRING_TABLE {
            return Ok(());
        } else if may_be_google_pprof && order.last() < tag::DEFAULT_SAMPLE_TYPE {
            "default_sample_type"
        } else if !self.builder.last_string_is_used() {
            "the field that uses the last string"
        } else {
            if order.last() < tag::DEFAULT_SAMPLE_TYPE {
                self.builder.may_be_cut();
            }
            return Ok(());
        };
        Err(Kind::EndsEarly { missing }.anywhere())
    }
}

#[cold]
fn malformed(table: &'static str, index: u64, error: prost::DecodeError, field: &Field<'_>) -> Box<DecodeError> {
    Kind::Message { table, index, error }.at(field.offset)
}

//! How all JSON is written: what is not seen at a terminal, or obeyed in the log of a CI job, is escaped. The data are the
//! same.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::super::text::is_hidden;

/// Writes compact JSON.
pub(crate) fn to_writer<T: Serialize + ?Sized>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Safe))?)
}

/// Compact JSON without what is hidden and without `##`, with which a log's commands begin.
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut written = 0;
        let mut before = None;
        for (at, c) in fragment.char_indices() {
            if is_hidden(c) || c == '#' && before == Some('#') {
                writer.write_all(&fragment.as_bytes()[written..at])?;
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))?;
                written = at + c.len_utf8();
            }
            before = Some(c);
        }
        writer.write_all(&fragment.as_bytes()[written..])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn hidden_text_is_escaped_and_stays_what_it_is() {
        let text = "a\u{202e}\u{9b}\u{e0041}\u{7f}##[error]\n\"漢";
        let mut out = Vec::new();
        to_writer(text, &mut out).unwrap();
        let json = String::from_utf8(out).unwrap();
        assert_eq!(json, r##""a\u202e\u009b\udb40\udc41\u007f#\u0023[error]\n\"漢""##);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}

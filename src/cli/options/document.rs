//! TOML files: reads one; errors name the file, line and column. Knows none of the keys.

use std::ops::Range;
use std::path::Path;
use std::str;

use anyhow::{Context, Error, Result};
use serde::de::DeserializeOwned;

use crate::input::{self, read_small};

/// Words in serde's messages, and TOML's words for them.
const WORDS: [(&str, &str); 4] = [
    ("unknown field", "unknown key"),
    ("missing field", "missing key"),
    ("invalid type: map", "invalid type: table"),
    ("expected a sequence", "expected an array"),
];

/// An error in a document, and where it is.
#[derive(Debug)]
pub(crate) struct Mistake {
    /// Bytes from the start; `None` if it concerns the whole document.
    offset: Option<usize>,
    message: String,
}

impl Mistake {
    /// `span`: the bytes that are wrong.
    pub(crate) fn new(span: Range<usize>, message: impl ToString) -> Self {
        Mistake { offset: Some(span.start), message: message.to_string() }
    }

    /// The error, with its place in the file called `name`.
    fn at(self, name: &str, text: &[u8]) -> Error {
        let place = match self.offset {
            Some(offset) => {
                let (line, column) = line_and_column(text, offset);
                format!("{name}:{line}:{column}")
            }
            None => name.to_owned(),
        };
        Error::msg(self.message).context(place)
    }
}

/// Parses a document into a type of serde's.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Mistake> {
    toml::from_str(text).map_err(|error| {
        let message =
            WORDS.iter().fold(error.message().to_owned(), |text, (serde, toml)| text.replacen(serde, toml, 1));
        Mistake { offset: error.span().map(|span| span.start), message }
    })
}

/// Reads and parses a file of at most `limit` bytes. Errors begin with the file and, where known, the line and column.
pub(crate) fn read<T>(path: &Path, limit: u64, parse: impl FnOnce(&str) -> Result<T, Mistake>) -> Result<T> {
    let name = input::shown(path);
    let bytes = read_small(path, limit).with_context(|| name.clone())?;
    parse_bytes(&name, &bytes, parse)
}

/// Parses the contents of the file called `name`.
pub(crate) fn parse_bytes<T>(name: &str, bytes: &[u8], parse: impl FnOnce(&str) -> Result<T, Mistake>) -> Result<T> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Mistake::new(at..at, "not valid UTF-8")
    });
    text.and_then(parse).map_err(|mistake| mistake.at(name, bytes))
}

/// Line of a document, counted from 1, at which a value begins.
pub(crate) fn line(text: &str, span: Range<usize>) -> usize {
    line_and_column(text.as_bytes(), span.start).0
}

/// Line and column, counted from 1, columns in characters.
fn line_and_column(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns() {
        let text = "a\n\näöü = 1\r\nb".as_bytes();
        for (offset, place) in [(0, (1, 1)), (1, (1, 2)), (2, (2, 1)), (3, (3, 1)), (9, (3, 4)), (15, (4, 1))] {
            assert_eq!(line_and_column(text, offset), place, "{offset}");
        }
        assert_eq!(line_and_column(text, 99), (4, 2));
        assert_eq!(line_and_column(b"", 0), (1, 1));
    }

    #[test]
    fn errors_have_a_place() {
        let error = |bytes| format!("{:#}", parse_bytes("x.toml", bytes, parse::<toml::Table>).unwrap_err());
        assert_eq!(error(b"a = 1\nb = \"\xff\""), "x.toml:2:6: not valid UTF-8");
        assert_eq!(error(b"a = 1\na = 2\n"), "x.toml:2:1: duplicate key");
        assert_eq!(error(b"a = \n"), "x.toml:1:5: string values must be quoted, expected literal string");
        let missing = format!("{:#}", read(Path::new("/nowhere/x.toml"), 1 << 20, parse::<toml::Table>).unwrap_err());
        assert!(missing.starts_with("/nowhere/x.toml: "), "{missing}");
    }
}

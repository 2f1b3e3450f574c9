//! Files in TOML: reads one, and tells where in it something is wrong. What is in them,
//! [`config`](super::config) and [`budget`](super::budget) know.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::str;

use anyhow::{Context, Error, Result};
use serde::de::DeserializeOwned;

/// What serde calls things, and what they are called in TOML.
const WORDS: [(&str, &str); 4] = [
    ("unknown field", "unknown key"),
    ("missing field", "missing key"),
    ("invalid type: map", "invalid type: table"),
    ("expected a sequence", "expected an array"),
];

/// What is wrong with a document, and where.
#[derive(Debug)]
pub(super) struct Mistake {
    /// In bytes from the start; `None` for all of it.
    offset: Option<usize>,
    message: String,
}

impl Mistake {
    /// `span`: of what is wrong, in bytes.
    pub(super) fn new(span: Range<usize>, message: impl ToString) -> Self {
        Mistake { offset: Some(span.start), message: message.to_string() }
    }

    /// The mistake with its place, of which `name` is the file.
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
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Mistake> {
    toml::from_str(text).map_err(|error| {
        let message =
            WORDS.iter().fold(error.message().to_owned(), |text, (serde, toml)| text.replacen(serde, toml, 1));
        Mistake { offset: error.span().map(|span| span.start), message }
    })
}

/// Reads the document in a file. An error names the file, and the line and column where it has them.
pub(super) fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T, Mistake>) -> Result<T> {
    let name = path.display().to_string();
    let bytes = fs::read(path).with_context(|| name.clone())?;
    parse_bytes(&name, &bytes, parse)
}

/// What [`read`] does with a file's contents.
pub(super) fn parse_bytes<T>(name: &str, bytes: &[u8], parse: impl FnOnce(&str) -> Result<T, Mistake>) -> Result<T> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Mistake::new(at..at, "this is no text in UTF-8")
    });
    text.and_then(parse).map_err(|mistake| mistake.at(name, bytes))
}

/// Both counted from 1, columns in characters.
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
    fn what_is_no_document_has_a_place() {
        let error = |bytes| format!("{:#}", parse_bytes("x.toml", bytes, parse::<toml::Table>).unwrap_err());
        assert_eq!(error(b"a = 1\nb = \"\xff\""), "x.toml:2:6: this is no text in UTF-8");
        assert_eq!(error(b"a = 1\na = 2\n"), "x.toml:2:1: duplicate key");
        assert_eq!(error(b"a = \n"), "x.toml:1:5: string values must be quoted, expected literal string");
        let missing = format!("{:#}", read(Path::new("/nowhere/x.toml"), parse::<toml::Table>).unwrap_err());
        assert!(missing.starts_with("/nowhere/x.toml: "), "{missing}");
    }
}

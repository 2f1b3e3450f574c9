//! JSON, one document or many in a row: an object with `HeapAlloc` is a [`MemStats`], wherever in a document it is; a
//! count of goroutines may be in it or around it.
//!
//! Nothing else is kept, so memory is bounded by the number of snapshots.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::limits::{MAX_SNAPSHOTS, whole};
use super::mem_stats_error::{MemStatsError, MemStatsErrorKind};
use crate::profile::MemStats;

/// Maximum size of a document, bytes. Names and texts in it are read as a whole.
const MAX_DOCUMENT: u64 = 16 << 20;

pub(super) fn read(reader: &mut dyn BufRead) -> Result<Vec<MemStats>, MemStatsError> {
    let position = ReadPosition::default();
    let mut found: Vec<MemStats> = Vec::new();
    let mut documents =
        serde_json::Deserializer::from_reader(DocumentReader { reader, position: &position }).into_iter::<Document>();
    loop {
        position.bytes.set(0);
        let Some(document) = documents.next() else { break };
        let Document(stats) = document.map_err(|error| match error.io_error_kind() {
            Some(_) => MemStatsErrorKind::Read(error.into()),
            None => MemStatsErrorKind::Json(error),
        })?;
        if stats.is_empty() {
            let found_one = !found.is_empty();
            let other = MemStatsErrorKind::NotMemStats { found: "JSON" };
            return Err(if found_one { MemStatsErrorKind::NoHeapAlloc.at(position.line()) } else { other.into() });
        }
        found.extend(stats);
        if found.len() > MAX_SNAPSHOTS {
            return Err(MemStatsErrorKind::TooMany { most: MAX_SNAPSHOTS }.at(position.line()));
        }
    }
    Ok(found)
}

/// How far was read.
#[derive(Debug, Default)]
struct ReadPosition {
    /// Bytes since the last document.
    bytes: Cell<u64>,
    newlines: Cell<u64>,
}

impl ReadPosition {
    fn line(&self) -> u64 {
        self.newlines.get() + 1
    }
}

/// Limits the size of documents and notes the position. serde_json reads byte by byte, so the position is exact.
struct DocumentReader<'a> {
    reader: &'a mut dyn BufRead,
    position: &'a ReadPosition,
}

impl Read for DocumentReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let newlines = buffer[..read].iter().filter(|&&byte| byte == b'\n').count();
        self.position.newlines.set(self.position.newlines.get() + newlines as u64);
        self.position.bytes.set(self.position.bytes.get() + read as u64);
        if self.position.bytes.get() > MAX_DOCUMENT {
            let line = self.position.line();
            let text = format!("at line {line}: a document of more than {MAX_DOCUMENT} B; expected runtime.MemStats");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(read)
    }
}

/// The snapshots in a document, in its order.
struct Document(Vec<MemStats>);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut found = Vec::new();
        Value(&mut found).deserialize(deserializer)?;
        Ok(Document(found))
    }
}

/// A value, apart from the snapshots in it.
enum Scalar {
    Number(Option<u64>),
    Other,
}

/// Reads any value, and keeps the snapshots in it.
struct Value<'a>(&'a mut Vec<MemStats>);

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Scalar;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Number(Some(number)))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(None))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(whole(number)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar, A::Error> {
        while items.next_element_seed(Value(self.0))?.is_some() {
            if self.0.len() > MAX_SNAPSHOTS {
                return Err(A::Error::custom(format_args!("more than {MAX_SNAPSHOTS} snapshots; give fewer of them")));
            }
        }
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Scalar, A::Error> {
        let start = self.0.len();
        let mut own = MemStats::default();
        let mut wrong = None;
        let mut is_mem_stats = false;
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Value(self.0))?;
            is_mem_stats |= name == "HeapAlloc";
            let name = if is_goroutines(&name) { "NumGoroutine" } else { &name };
            if let Some(field) = own.field(name) {
                match value {
                    Scalar::Number(Some(number)) => *field = Some(number),
                    _ => wrong = Some(name.to_owned()),
                }
            }
        }
        for inner in &mut self.0[start..] {
            inner.goroutines = inner.goroutines.or(own.goroutines);
        }
        if is_mem_stats {
            if let Some(name) = wrong {
                return Err(A::Error::custom(format_args!("{name} is not a non-negative integer")));
            }
            self.0.push(own);
        }
        Ok(Scalar::Other)
    }
}

/// Whether a name is that of the number of goroutines. There is no standard one.
fn is_goroutines(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "");
    matches!(name.as_str(), "goroutines" | "numgoroutine" | "numgoroutines")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<Vec<(u64, Option<u64>)>, String> {
        let stats = read(&mut text.as_bytes()).map_err(|error| error.to_string())?;
        Ok(stats.iter().map(|stats| (stats.heap_alloc.unwrap(), stats.goroutines)).collect())
    }

    #[test]
    fn snapshots_are_found_wherever_they_stand() {
        for (text, expected) in [
            (r#"{"HeapAlloc": 5, "Sys": 6.0}"#, vec![(5, None)]),
            ("{\"HeapAlloc\":5}\n{\"HeapAlloc\":6,\"goroutines\":7}\n", vec![(5, None), (6, Some(7))]),
            ("[{\"HeapAlloc\":5},\n{\"HeapAlloc\":6}]", vec![(5, None), (6, None)]),
            (
                r#"{"cmdline":["x"],"memstats":{"HeapAlloc":5,"BySize":[{"Size":8}]},"NumGoroutine":9}"#,
                vec![(5, Some(9))],
            ),
            (r#"{"goroutines":1,"at":{"mem":{"HeapAlloc":5,"Goroutines":2}},"Sys":"linux"}"#, vec![(5, Some(2))]),
        ] {
            assert_eq!(found(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, expected) in [
            ("{\"HeapAlloc\":5}\n{\"HeapAlloc\":", "EOF while parsing a value at line 2 column 13"),
            ("{\"HeapAlloc\":5}\n\n{\"a\":5}", "at line 3: this document has no HeapAlloc, as those before it have"),
            ("{\"HeapAlloc\":\"5\"}", "HeapAlloc is not a non-negative integer at line 1 column 17"),
            ("{\"Sys\":-5,\n\"HeapAlloc\":5}", "Sys is not a non-negative integer at line 2 column 14"),
            ("{\"HeapAlloc\":5} x", "expected value at line 1 column 17"),
            ("[]", "this is JSON, not runtime.MemStats"),
        ] {
            let error = found(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn nothing_asks_for_more_memory_than_there_is() {
        let deep = "[".repeat(1_000_000);
        assert!(found(&deep).unwrap_err().starts_with("recursion limit exceeded"));
        let mut endless = std::io::BufReader::new(std::io::Read::chain(&b"{\"a\": \""[..], std::io::repeat(b'x')));
        assert!(read(&mut endless).unwrap_err().to_string().contains("more than 16777216 B"));
        let many = format!("[{}{{}}]", "{\"HeapAlloc\":1},".repeat(MAX_SNAPSHOTS + 2));
        assert!(found(&many).unwrap_err().starts_with("more than 262144 snapshots; give fewer of them at line 1 "));
        let many = "{\"HeapAlloc\":1}\n".repeat(MAX_SNAPSHOTS + 1);
        assert_eq!(found(&many).unwrap_err(), "at line 262145: more than 262144 snapshots; give fewer of them");
    }
}

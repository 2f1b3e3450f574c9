//! JSON, one document or many in a row: an object with `HeapAlloc` is a [`MemStats`], wherever in a document it is; a
//! count of goroutines may be in it or around it. An answer of Prometheus has series of metrics.
//!
//! Nothing else is kept for longer than a document, so memory is bounded by the number of snapshots.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use super::json_document::Document;
use super::limits::MAX_SNAPSHOTS;
use super::mem_stats_error::{MemStatsError, MemStatsErrorKind};
use super::prometheus_json::Answers;
use crate::profile::MemStats;

/// Maximum size of a document, bytes. Names and texts in it are read as a whole.
const MAX_DOCUMENT: u64 = 16 << 20;

pub(super) fn read(reader: &mut dyn BufRead) -> Result<Vec<MemStats>, MemStatsError> {
    let position = ReadPosition::default();
    let mut found: Vec<MemStats> = Vec::new();
    let mut answers: Option<Answers> = None;
    let mut documents =
        serde_json::Deserializer::from_reader(DocumentReader { reader, position: &position }).into_iter::<Document>();
    loop {
        position.bytes.set(0);
        let Some(document) = documents.next() else { break };
        let Document { stats, series, is_answer } = document.map_err(|error| match error.io_error_kind() {
            Some(_) => MemStatsErrorKind::Read(error.into()),
            None => MemStatsErrorKind::Json(error),
        })?;
        if is_answer {
            let added = answers.get_or_insert_default().add(series);
            added.map_err(|error| MemStatsErrorKind::from(error).at(position.line()))?;
        } else if stats.is_empty() {
            let found_one = !found.is_empty();
            let other = MemStatsErrorKind::NotMemStats { found: "JSON" };
            return Err(if found_one { MemStatsErrorKind::NoHeapAlloc.at(position.line()) } else { other.into() });
        }
        found.extend(stats);
        if found.len() > MAX_SNAPSHOTS {
            return Err(MemStatsErrorKind::TooMany { most: MAX_SNAPSHOTS }.at(position.line()));
        }
    }
    let Some(answers) = answers else { return Ok(found) };
    if !found.is_empty() {
        let (first, second) = ("answers of Prometheus", "runtime.MemStats");
        return Err(MemStatsErrorKind::Mixed { first, second }.into());
    }
    Ok(answers.finish().map_err(MemStatsErrorKind::from)?)
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
            ("{\"HeapAlloc\":\"5\"}", "expected a non-negative integer for HeapAlloc at line 1 column 17"),
            ("{\"Sys\":-5,\n\"HeapAlloc\":5}", "expected a non-negative integer for Sys at line 2 column 14"),
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

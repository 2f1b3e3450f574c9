//! JSON, one document or many in a row: an object with `HeapAlloc` is a [`MemStats`], wherever in a document it is; a
//! count of goroutines may be in it or around it. An answer of Prometheus has series of metrics.
//!
//! Nothing else is kept for longer than a document, so memory is bounded by the number of snapshots.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::limits::{MAX_SNAPSHOTS, shown, whole};
use super::mem_stats_error::{MemStatsError, MemStatsErrorKind};
use super::metrics::Labels;
use super::prometheus_json::{Answers, Sample, Series};
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

/// What a document has.
#[derive(Default)]
struct Document {
    /// The snapshots, in its order.
    stats: Vec<MemStats>,
    series: Vec<Series>,
    /// Whether it is an answer of Prometheus, with series or without.
    is_answer: bool,
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut document = Document::default();
        Value(&mut document).deserialize(deserializer)?;
        Ok(document)
    }
}

/// A value, apart from the snapshots in it.
enum Parsed {
    Number(f64, Option<u64>),
    Text(String),
    /// An array of a number and a text.
    Sample(Sample),
    Samples(Vec<Sample>),
    /// An object of nothing but texts.
    Labels(Labels),
    Other,
}

/// Reads any value, and keeps the snapshots in it.
struct Value<'a>(&'a mut Document);

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Parsed;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parsed, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    #[allow(clippy::cast_precision_loss, reason = "a time")]
    fn visit_u64<E>(self, number: u64) -> Result<Parsed, E> {
        Ok(Parsed::Number(number as f64, Some(number)))
    }

    #[allow(clippy::cast_precision_loss, reason = "a time")]
    fn visit_i64<E>(self, number: i64) -> Result<Parsed, E> {
        Ok(Parsed::Number(number as f64, None))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Parsed, E> {
        Ok(Parsed::Number(number, whole(number)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Parsed, E> {
        Ok(Parsed::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Parsed, E> {
        Ok(Parsed::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Parsed, A::Error> {
        let too_many = || A::Error::custom(format_args!("more than {MAX_SNAPSHOTS} snapshots; give fewer of them"));
        let mut time = None;
        let mut samples = Vec::new();
        let mut is_sample = false;
        for at in 0_usize.. {
            let Some(item) = items.next_element_seed(Value(self.0))? else { break };
            is_sample = false;
            match item {
                Parsed::Number(number, _) if at == 0 => time = Some(number),
                Parsed::Text(text) if at == 1 => {
                    samples.extend(time.map(|time| (time, text)));
                    is_sample = time.is_some();
                }
                Parsed::Sample(sample) if time.is_none() && samples.len() == at => samples.push(sample),
                _ => {}
            }
            if self.0.stats.len() > MAX_SNAPSHOTS || samples.len() > MAX_SNAPSHOTS {
                return Err(too_many());
            }
        }
        Ok(match samples.pop() {
            Some(sample) if is_sample => Parsed::Sample(sample),
            Some(sample) => {
                samples.push(sample);
                Parsed::Samples(samples)
            }
            None => Parsed::Other,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Parsed, A::Error> {
        let start = self.0.stats.len();
        let mut object = Object::default();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Value(self.0))?;
            object.add(name, value);
        }
        for inner in &mut self.0.stats[start..] {
            inner.goroutines = inner.goroutines.or(object.stats.goroutines);
        }
        object.finish(self.0).map_err(A::Error::custom)
    }
}

/// The entries of an object, as far as they matter.
#[derive(Default)]
struct Object {
    stats: MemStats,
    /// A field of `stats` whose value is not an integer.
    wrong: Option<String>,
    has_heap_alloc: bool,
    texts: Labels,
    has_others: bool,
    /// `metric` of a series.
    metric: Option<Labels>,
    /// `value` or `values` of a series.
    samples: Vec<Sample>,
}

impl Object {
    fn add(&mut self, name: String, value: Parsed) {
        self.has_heap_alloc |= name == "HeapAlloc";
        let field = if is_goroutines(&name) { "NumGoroutine" } else { &name };
        if let Some(field) = self.stats.field(field) {
            match value {
                Parsed::Number(_, Some(number)) => *field = Some(number),
                _ => self.wrong = Some(name.clone()),
            }
        }
        match (name.as_str(), value) {
            (_, Parsed::Text(text)) => {
                self.texts.insert(name, text);
                return;
            }
            ("metric", Parsed::Labels(labels)) => self.metric = Some(labels),
            ("value", Parsed::Sample(sample)) => self.samples.push(sample),
            ("values", Parsed::Samples(samples)) => self.samples.extend(samples),
            _ => {}
        }
        self.has_others = true;
    }

    /// Keeps the snapshot or the series that the object is.
    fn finish(self, document: &mut Document) -> Result<Parsed, String> {
        if self.has_heap_alloc {
            if let Some(name) = self.wrong {
                return Err(format!("{name} is not a non-negative integer"));
            }
            document.stats.push(self.stats);
            return Ok(Parsed::Other);
        }
        let text = |name: &str| self.texts.get(name).map(String::as_str);
        if let (Some("error"), Some(kind)) = (text("status"), text("errorType")) {
            let error = shown(text("error").unwrap_or_default());
            return Err(format!(
                "Prometheus could not answer the query ({}: {error}); expected \"status\": \"success\"",
                shown(kind)
            ));
        }
        if let Some(kind) = text("resultType") {
            if !matches!(kind, "matrix" | "vector") {
                return Err(format!(
                    "a {} as the answer of Prometheus; expected a matrix (query_range) or a vector (query)",
                    shown(kind)
                ));
            }
            document.is_answer = true;
        }
        if let Some(labels) = self.metric.filter(|_| !self.samples.is_empty()) {
            document.is_answer = true;
            document.series.push(Series { labels, samples: self.samples });
        } else if !self.has_others {
            return Ok(Parsed::Labels(self.texts));
        }
        Ok(Parsed::Other)
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

//! A JSON document: the snapshots in it, and the series of an answer of Prometheus.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::limits::{MAX_SNAPSHOTS, shown, whole};
use super::metrics::Labels;
use super::prometheus_json::{Sample, Series};
use crate::profile::MemStats;

/// What a document has.
#[derive(Default)]
pub(super) struct Document {
    /// The snapshots, in its order.
    pub(super) stats: Vec<MemStats>,
    pub(super) series: Vec<Series>,
    /// Whether it is an answer of Prometheus, with series or without.
    pub(super) is_answer: bool,
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
                return Err(format!("expected a non-negative integer for {name}"));
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
                    "a {} as the Prometheus response; expected a matrix (query_range) or a vector (query)",
                    shown(kind)
                ));
            }
            document.is_answer = true;
        }
        if let Some(labels) = self.metric.filter(|_| !self.samples.is_empty()) {
            document.is_answer = true;
            document.series.push(Series::new(labels, self.samples));
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

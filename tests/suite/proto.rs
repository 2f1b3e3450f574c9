//! Builds and encodes profiles for tests, in any layout that a producer may choose, valid or not.

use std::collections::HashMap;

use prost::encoding;

#[derive(Clone, PartialEq, prost::Message)]
pub struct ValueType {
    #[prost(int64, tag = "1")]
    pub kind: i64,
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Label {
    #[prost(int64, tag = "1")]
    pub key: i64,
    #[prost(int64, tag = "2")]
    pub str: i64,
    #[prost(int64, tag = "3")]
    pub num: i64,
    #[prost(int64, tag = "4")]
    pub num_unit: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Mapping {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(uint64, tag = "2")]
    pub start: u64,
    #[prost(uint64, tag = "3")]
    pub limit: u64,
    #[prost(uint64, tag = "4")]
    pub offset: u64,
    #[prost(int64, tag = "5")]
    pub filename: i64,
    #[prost(int64, tag = "6")]
    pub build_id: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Line {
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    #[prost(int64, tag = "2")]
    pub line: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Location {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(uint64, tag = "2")]
    pub mapping_id: u64,
    #[prost(uint64, tag = "3")]
    pub address: u64,
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Function {
    #[prost(uint64, tag = "1")]
    pub id: u64,
    #[prost(int64, tag = "2")]
    pub name: i64,
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    #[prost(int64, tag = "4")]
    pub filename: i64,
    #[prost(int64, tag = "5")]
    pub start_line: i64,
}

/// A sample, encoded by hand since its numbers may be packed or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    pub location_id: Vec<u64>,
    pub value: Vec<i64>,
    pub label: Vec<Label>,
}

/// The order of fields, and whether repeated numbers are packed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    /// google/pprof's encoder: by field number, samples before locations, three numbers and more packed.
    Pprof,
    /// Go's runtime: each location and function before its first use, strings last.
    Go,
    /// Every message before those it refers to, no number packed.
    Backwards,
}

/// A frame of a stack: function, file, first line of the function, line.
pub type Frame = (&'static str, &'static str, i64, i64);

/// A profile to be encoded. All fields are public, so that a test can break any.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    pub sample_type: Vec<ValueType>,
    pub sample: Vec<Sample>,
    pub mapping: Vec<Mapping>,
    pub location: Vec<Location>,
    pub function: Vec<Function>,
    pub string_table: Vec<Vec<u8>>,
    pub drop_frames: i64,
    pub keep_frames: i64,
    pub time_nanos: i64,
    pub duration_nanos: i64,
    pub period_type: Option<ValueType>,
    pub period: i64,
    pub comment: Vec<i64>,
    pub default_sample_type: i64,
    pub doc_url: i64,
    frames: HashMap<Vec<Frame>, u64>,
    functions: HashMap<&'static str, u64>,
}

impl Profile {
    /// A profile with these sample types, each `type/unit`, and without samples.
    pub fn with_types(types: &[&str]) -> Self {
        let mut profile = Profile { string_table: vec![Vec::new()], ..Profile::default() };
        for column in types {
            let (kind, unit) = column.split_once('/').unwrap();
            let column = ValueType { kind: profile.string(kind), unit: profile.string(unit) };
            profile.sample_type.push(column);
        }
        profile.period_type = Some(ValueType { kind: profile.string("space"), unit: profile.string("bytes") });
        profile.period = 524_288;
        profile.time_nanos = 1_700_000_000_000_000_000;
        profile
    }

    /// A heap profile with Go's sample types, without samples.
    pub fn go() -> Self {
        Self::with_types(&["alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes"])
    }

    /// The index of a string.
    pub fn string(&mut self, string: &str) -> i64 {
        self.bytes(string.as_bytes())
    }

    pub fn bytes(&mut self, string: &[u8]) -> i64 {
        let at = self.string_table.iter().position(|known| known == string).unwrap_or_else(|| {
            self.string_table.push(string.to_vec());
            self.string_table.len() - 1
        });
        at.try_into().unwrap()
    }

    /// Adds a sample of live objects. `stack`: locations, leaf first, each as its lines, innermost first.
    pub fn live(&mut self, stack: &[&[Frame]], objects: i64, space: i64) -> &mut Sample {
        let location_id = stack.iter().map(|lines| self.location(lines)).collect();
        let label = Label { key: self.string("bytes"), num: 64, ..Label::default() };
        let value = match self.sample_type.len() {
            4 => vec![objects, space, objects, space],
            _ => vec![objects, space],
        };
        self.sample.push(Sample { location_id, value, label: vec![label] });
        self.sample.last_mut().unwrap()
    }

    /// The id of the location with these lines.
    pub fn location(&mut self, lines: &[Frame]) -> u64 {
        if let Some(&id) = self.frames.get(lines) {
            return id;
        }
        let line = lines.iter().map(|&frame| Line { function_id: self.function(frame), line: frame.3 }).collect();
        let id = self.location.len() as u64 + 1;
        self.location.push(Location { id, address: 0x1000 + id, line, ..Location::default() });
        self.frames.insert(lines.to_vec(), id);
        id
    }

    fn function(&mut self, (name, file, start_line, _): Frame) -> u64 {
        if let Some(&id) = self.functions.get(name) {
            return id;
        }
        let id = self.function.len() as u64 + 1;
        let (name_at, filename) = (self.string(name), self.string(file));
        self.function.push(Function { id, name: name_at, system_name: name_at, filename, start_line });
        self.functions.insert(name, id);
        id
    }

    pub fn encode(&self, layout: Layout) -> Vec<u8> {
        let mut out = Vec::new();
        let out = &mut out;
        match layout {
            Layout::Pprof => {
                self.put_types(out);
                self.put_samples(out, 3);
                self.put_mappings(out);
                self.location.iter().for_each(|location| put(4, location, out));
                self.function.iter().for_each(|function| put(5, function, out));
                self.put_strings(out);
                self.put_frames(out);
                self.put_times(out);
                self.put_period(out);
                encoding::int64::encode_packed(13, &self.comment, out);
                encoding::int64::encode(14, &self.default_sample_type, out);
                put_int(15, self.doc_url, out);
            }
            Layout::Go => {
                self.put_period(out);
                self.put_types(out);
                self.put_rest(out);
                self.put_frames(out);
                let (mut locations, mut functions) = (self.location.clone(), self.function.clone());
                for sample in &self.sample {
                    for location in take(&mut locations, |location| sample.location_id.contains(&location.id)) {
                        for function in take(&mut functions, |function| {
                            location.line.iter().any(|line| line.function_id == function.id)
                        }) {
                            put(5, &function, out);
                        }
                        put(4, &location, out);
                    }
                    put_sample(sample, 3, out);
                }
                locations.iter().for_each(|location| put(4, location, out));
                functions.iter().for_each(|function| put(5, function, out));
                self.put_times(out);
                self.put_mappings(out);
                self.put_strings(out);
            }
            Layout::Backwards => {
                self.put_samples(out, usize::MAX);
                self.put_rest(out);
                self.put_frames(out);
                self.location.iter().rev().for_each(|location| put(4, location, out));
                self.function.iter().rev().for_each(|function| put(5, function, out));
                self.put_mappings(out);
                self.put_strings(out);
                self.put_times(out);
                self.put_types(out);
                self.put_period(out);
            }
        }
        std::mem::take(out)
    }

    fn put_types(&self, out: &mut Vec<u8>) {
        self.sample_type.iter().for_each(|column| put(1, column, out));
    }

    fn put_samples(&self, out: &mut Vec<u8>, packed_from: usize) {
        self.sample.iter().for_each(|sample| put_sample(sample, packed_from, out));
    }

    fn put_mappings(&self, out: &mut Vec<u8>) {
        self.mapping.iter().for_each(|mapping| put(3, mapping, out));
    }

    fn put_strings(&self, out: &mut Vec<u8>) {
        encoding::bytes::encode_repeated(6, &self.string_table, out);
    }

    fn put_frames(&self, out: &mut Vec<u8>) {
        put_int(7, self.drop_frames, out);
        put_int(8, self.keep_frames, out);
    }

    fn put_times(&self, out: &mut Vec<u8>) {
        put_int(9, self.time_nanos, out);
        put_int(10, self.duration_nanos, out);
    }

    fn put_period(&self, out: &mut Vec<u8>) {
        self.period_type.iter().for_each(|period_type| put(11, period_type, out));
        put_int(12, self.period, out);
    }

    fn put_rest(&self, out: &mut Vec<u8>) {
        encoding::int64::encode_packed(13, &self.comment, out);
        put_int(14, self.default_sample_type, out);
        put_int(15, self.doc_url, out);
    }
}

/// Encodes a sample; repeated numbers are packed if there are at least `packed_from`.
fn put_sample(sample: &Sample, packed_from: usize, out: &mut Vec<u8>) {
    let mut body = Vec::new();
    if sample.location_id.len() >= packed_from {
        encoding::uint64::encode_packed(1, &sample.location_id, &mut body);
    } else {
        encoding::uint64::encode_repeated(1, &sample.location_id, &mut body);
    }
    if sample.value.len() >= packed_from {
        encoding::int64::encode_packed(2, &sample.value, &mut body);
    } else {
        encoding::int64::encode_repeated(2, &sample.value, &mut body);
    }
    sample.label.iter().for_each(|label| put(3, label, &mut body));
    encoding::bytes::encode(2, &body, out);
}

/// Encodes a message as field `tag`.
pub fn put<M: prost::Message>(tag: u32, message: &M, out: &mut Vec<u8>) {
    encoding::message::encode(tag, message, out);
}

fn put_int(tag: u32, value: i64, out: &mut Vec<u8>) {
    if value != 0 {
        encoding::int64::encode(tag, &value, out);
    }
}

fn take<T>(all: &mut Vec<T>, wanted: impl Fn(&T) -> bool) -> Vec<T> {
    let (taken, left) = std::mem::take(all).into_iter().partition(wanted);
    *all = left;
    taken
}

//! One profile in many encodings gives one report: order of fields and tables, packing, unknown fields, ids, members of
//! gzip and zstd, and samples that are split.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use prost::{Message, encoding};
use serde_json::Value;

use crate::proto::{Function, Label, Location, Mapping, ValueType, put};
use crate::random::Random;
use crate::run::{command, folder, gzip, root, run};

#[derive(Clone, PartialEq, prost::Message)]
struct SampleMessage {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
    #[prost(message, repeated, tag = "3")]
    label: Vec<Label>,
}

/// A profile, as prost reads it.
#[derive(Clone, PartialEq, prost::Message)]
struct Decoded {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<SampleMessage>,
    #[prost(message, repeated, tag = "3")]
    mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(bytes = "vec", repeated, tag = "6")]
    string_table: Vec<Vec<u8>>,
    #[prost(int64, tag = "9")]
    time_nanos: i64,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    period: i64,
    #[prost(int64, tag = "14")]
    default_sample_type: i64,
}

fn read(path: &Path) -> Decoded {
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    Decoded::decode(&bytes[..]).unwrap()
}

/// Assigns new ids and indexes, and puts samples and tables into another order. Mappings keep theirs: the first is the
/// program.
fn shuffle(profile: &mut Decoded, random: &mut Random) {
    let dense = random.below(2) == 0;
    let mut numbers = |count: usize| -> Vec<u64> {
        let mut numbers: Vec<_> = (1..=count as u64).map(|at| if dense { at } else { at << 32 | at }).collect();
        random.shuffle(&mut numbers);
        numbers
    };
    let locations: HashMap<_, _> =
        profile.location.iter().map(|location| location.id).zip(numbers(profile.location.len())).collect();
    let functions: HashMap<_, _> =
        profile.function.iter().map(|function| function.id).zip(numbers(profile.function.len())).collect();
    // String 0 is the empty one.
    let strings: Vec<_> = [0].into_iter().chain(numbers(profile.string_table.len() - 1)).collect();
    let strings: Vec<_> = strings.iter().map(|at| (*at & 0xffff_ffff) as i64).collect();
    for sample in &mut profile.sample {
        sample.location_id.iter_mut().for_each(|id| *id = locations[id]);
        for label in &mut sample.label {
            for index in [&mut label.key, &mut label.str, &mut label.num_unit] {
                *index = strings[*index as usize];
            }
        }
    }
    for location in &mut profile.location {
        location.id = locations[&location.id];
        location.line.iter_mut().for_each(|line| line.function_id = functions[&line.function_id]);
    }
    for function in &mut profile.function {
        function.id = functions[&function.id];
        for index in [&mut function.name, &mut function.system_name, &mut function.filename] {
            *index = strings[*index as usize];
        }
    }
    for mapping in &mut profile.mapping {
        for index in [&mut mapping.filename, &mut mapping.build_id] {
            *index = strings[*index as usize];
        }
    }
    for column in profile.sample_type.iter_mut().chain(&mut profile.period_type) {
        (column.kind, column.unit) = (strings[column.kind as usize], strings[column.unit as usize]);
    }
    profile.default_sample_type = strings[profile.default_sample_type as usize];
    let mut table = vec![Vec::new(); strings.len()];
    strings.iter().zip(&profile.string_table).for_each(|(&at, string)| table[at as usize].clone_from(string));
    profile.string_table = table;
    random.shuffle(&mut profile.sample);
    random.shuffle(&mut profile.location);
    random.shuffle(&mut profile.function);
}

/// A field that no profile has, of any wire type.
fn unknown(random: &mut Random, out: &mut Vec<u8>) {
    match random.below(4) {
        0 => encoding::int64::encode(99, &-7, out),
        1 => encoding::fixed64::encode(1000, &7, out),
        2 => encoding::bytes::encode(16, &b"inuse_space".to_vec(), out),
        _ => encoding::fixed32::encode(77, &7, out),
    }
}

/// A repeated number: packed, one field each, or some of both.
fn numbers(tag: u32, numbers: &[u64], random: &mut Random) -> Vec<u8> {
    let mut out = Vec::new();
    match random.below(3) {
        0 => encoding::uint64::encode_packed(tag, numbers, &mut out),
        1 => encoding::uint64::encode_repeated(tag, numbers, &mut out),
        _ => {
            let (packed, single) = numbers.split_at(random.below(numbers.len() + 1));
            encoding::uint64::encode_packed(tag, packed, &mut out);
            encoding::uint64::encode_repeated(tag, single, &mut out);
        }
    }
    out
}

fn sample(sample: &SampleMessage, random: &mut Random) -> Vec<u8> {
    let values: Vec<_> = sample.value.iter().map(|value| value.cast_unsigned()).collect();
    let mut labels = Vec::new();
    sample.label.iter().for_each(|label| put(3, label, &mut labels));
    let mut parts = [numbers(1, &sample.location_id, random), numbers(2, &values, random), labels, Vec::new()];
    if random.below(8) == 0 {
        unknown(random, &mut parts[3]);
    }
    random.shuffle(&mut parts);
    let mut out = Vec::new();
    encoding::bytes::encode(2, &parts.concat(), &mut out);
    out
}

/// Encodes a profile with its tables in a random order, or as fields of all of them in turn.
fn encode(profile: &Decoded, random: &mut Random) -> Vec<u8> {
    fn table<M: Message>(tag: u32, messages: &[M]) -> Vec<Vec<u8>> {
        let one = |message| {
            let mut out = Vec::new();
            put(tag, message, &mut out);
            out
        };
        messages.iter().map(one).collect()
    }
    let number = |tag, value: i64| {
        let mut out = Vec::new();
        encoding::int64::encode(tag, &value, &mut out);
        vec![out]
    };
    let strings = profile.string_table.iter().map(|string| {
        let mut out = Vec::new();
        encoding::bytes::encode(6, string, &mut out);
        out
    });
    let mut strange = vec![Vec::new(); 3];
    strange.iter_mut().for_each(|field| unknown(random, field));
    let mut tables = [
        table(1, &profile.sample_type),
        profile.sample.iter().map(|one| sample(one, random)).collect(),
        table(3, &profile.mapping),
        table(4, &profile.location),
        table(5, &profile.function),
        strings.collect(),
        number(9, profile.time_nanos),
        number(10, profile.duration_nanos),
        table(11, profile.period_type.as_slice()),
        number(12, profile.period),
        number(14, profile.default_sample_type),
        strange,
    ];
    random.shuffle(&mut tables);
    if random.below(3) > 0 {
        return tables.concat().concat();
    }
    // One of the tables after the other gives its next few fields.
    let (mut out, mut tables) = (Vec::new(), tables.map(|table| table.into_iter().peekable()));
    while tables.iter_mut().any(|table| table.peek().is_some()) {
        let at = random.below(tables.len());
        let some = 1 + random.below(50);
        tables[at].by_ref().take(some).for_each(|field| out.extend(field));
    }
    out
}

/// Compresses data in one of the ways that prove it complete.
fn compress(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    match random.below(3) {
        0 => gzip(bytes),
        1 => ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest),
        // Members of gzip, one of them empty.
        _ => {
            let (one, other) = bytes.split_at(random.below(bytes.len()));
            [one, &[], other].map(gzip).concat()
        }
    }
}

/// What commands say of a series of profiles, without what the encoding itself explains.
fn reports(folder: &Path, profiles: &[Vec<u8>]) -> Vec<Value> {
    let names: Vec<_> = (0..profiles.len()).map(|at| format!("{at}.pb")).collect();
    names.iter().zip(profiles).for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
    let pair = [names[0].as_str(), names[profiles.len() - 1].as_str()];
    let all: Vec<_> = names.iter().map(String::as_str).collect();
    let owners = ["--by", "functions", "--cum"];
    let mut commands = vec![
        [&["--json"], &pair[..]].concat(),
        [&["--json"], &owners[..], &pair[..]].concat(),
        [&["check", "--json"], &pair[..]].concat(),
        [&["stacks", "--json"], &pair[..]].concat(),
        [&["stacks", "--all"], &pair[..]].concat(),
        [&["list", "."], &pair[..]].concat(),
        [&["peek", "."], &pair[..]].concat(),
        [&["report"], &pair[..]].concat(),
        [&["flame"], &pair[..]].concat(),
    ];
    if all.len() > 2 {
        commands.push([&["trend", "--json"], &all[..]].concat());
    }
    let report = |args: &Vec<&str>| {
        let ran = run(command(folder, args), None);
        // A picture has no place for notes.
        assert!(ran.exit < 2 && (ran.stderr.is_empty() || args[0] == "flame"), "{args:?}: {}", ran.stderr);
        let mut report = serde_json::from_str(&ran.stdout).unwrap_or(Value::String(ran.stdout));
        forget(&mut report);
        report
    };
    commands.iter().map(report).collect()
}

/// Drops the compression, and what is said of members of gzip, whose end nothing proves.
fn forget(report: &mut Value) {
    for side in ["base", "current"] {
        report.get_mut(side).and_then(Value::as_object_mut).map(|side| side.remove("compression"));
    }
    if let Some(notes) = report.get_mut("notes").and_then(Value::as_array_mut) {
        notes.retain(|note| note["code"] != "may_be_cut");
    }
}

/// Names the first place where two documents differ.
fn difference(one: &Value, other: &Value, place: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            one.iter().find_map(|(key, value)| difference(value, &other[key], &format!("{place}.{key}")))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(at, (one, other))| difference(one, other, &format!("{place}[{at}]")))
        }
        (Value::String(one), Value::String(other)) if one != other => {
            let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
            let [one, other] = [one, other].map(|text| String::from_utf8_lossy(&text.as_bytes()[same..]));
            Some(format!("{place}, byte {same}: {:.200} | {:.200}", one, other))
        }
        _ => (one != other).then(|| format!("{place}: {one} | {other}")),
    }
}

#[test]
fn an_encoding_changes_no_report() {
    let folder = folder("encodings");
    let series: [&[&str]; 7] = [
        // Thousands of dead buckets, from which the fingerprint of the process is chosen.
        &["notifyd/rate1/heap_01", "notifyd/rate1/heap_06"],
        &["auditd/rate512k/heap_01", "auditd/rate512k/heap_03", "auditd/rate512k/heap_06"],
        &["etcd/rate512k/heap_00", "etcd/rate512k/heap_07"],
        // Two builds; two benchmarks; two programs.
        &["orders/build_a/rate512k/heap_06", "orders/build_c/rate512k/heap_06"],
        &["../benchmarks/old", "../benchmarks/new"],
        &["burstidle/rate64k/heap_01", "notifyd/rate64k/heap_06"],
        // Recognised by their only column, wherever that is.
        &["../goroutines/goroutine_00", "../goroutines/goroutine_02", "../goroutines/goroutine_04"],
    ];
    for (names, rounds) in series.iter().zip([4, 8, 2, 4, 4, 4, 8]) {
        let captures = root().join("testdata/captures");
        let profiles: Vec<_> = names.iter().map(|name| read(&captures.join(format!("{name}.pb.gz")))).collect();
        let expected =
            reports(&folder, &profiles.iter().map(|profile| gzip(&profile.encode_to_vec())).collect::<Vec<_>>());
        let as_they_were: Vec<_> =
            names.iter().map(|name| fs::read(captures.join(format!("{name}.pb.gz"))).unwrap()).collect();
        assert_same(&expected, &reports(&folder, &as_they_were), &format!("{names:?} as Go wrote it"));
        for round in 0..rounds {
            let mut random = Random(round);
            let mut again = |profile: &Decoded| {
                let mut profile = profile.clone();
                if random.below(3) > 0 {
                    shuffle(&mut profile, &mut random);
                }
                compress(&encode(&profile, &mut random), &mut random)
            };
            let found = reports(&folder, &profiles.iter().map(&mut again).collect::<Vec<_>>());
            assert_same(&expected, &found, &format!("{names:?}, encoding {round}"));
        }
    }
}

fn assert_same(expected: &[Value], found: &[Value], what: &str) {
    for (at, (one, other)) in expected.iter().zip(found).enumerate() {
        if let Some(place) = difference(one, other, "") {
            panic!("{what}: command {at} differs at {place}");
        }
    }
}

#[test]
fn a_bucket_may_come_as_several_samples() {
    let folder = folder("encodings-split");
    let profiles: Vec<_> = [1, 6]
        .map(|at| read(&root().join(format!("testdata/captures/auditd/rate1/heap_0{at}.pb.gz"))))
        .into_iter()
        .collect();
    let encoded =
        |profiles: &[Decoded]| profiles.iter().map(|profile| gzip(&profile.encode_to_vec())).collect::<Vec<_>>();
    let mut expected = reports(&folder, &encoded(&profiles));
    let split: Vec<_> = profiles.iter().cloned().map(split).collect();
    let mut found = reports(&folder, &encoded(&split));
    for report in expected.iter_mut().chain(&mut found) {
        for side in ["base", "current"] {
            report.get_mut(side).and_then(Value::as_object_mut).map(|side| side.remove("samples"));
        }
    }
    assert_same(&expected, &found, "split");
}

/// Splits samples of several objects into two of the same stack and size. Of a profile in which every object is counted.
fn split(mut profile: Decoded) -> Decoded {
    let mut split = Vec::new();
    for sample in &mut profile.sample {
        let (objects, live) = (sample.value[0], sample.value[2]);
        let size = sample.label.first().map_or(0, |label| label.num);
        if objects > 1 && size > 0 {
            let part = [objects / 2, objects / 2 * size, live / 2, live / 2 * size];
            sample.value.iter_mut().zip(part).for_each(|(value, part)| *value -= part);
            split.push(SampleMessage { value: part.to_vec(), ..sample.clone() });
        }
    }
    profile.sample.append(&mut split);
    profile
}

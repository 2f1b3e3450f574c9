//! What the decoder accepts and what it refuses: a test for each rule of `profile.proto` and of pprof's reader.

use heapdiff::internals::decode::{DecodeErrorKind, decode};
use heapdiff::internals::profile::{Invalid, Profile};
use prost::encoding;

use crate::proto::{self, Frame, Label, Layout, Line, Mapping};

const LEAF: Frame = ("main.leaf", "main.go", 10, 12);
const MAIN: Frame = ("main.main", "main.go", 20, 25);

/// Two samples of the same stack and one of another.
fn sample() -> proto::Profile {
    let mut profile = proto::Profile::go();
    profile.live(&[&[LEAF], &[MAIN]], 3, 192);
    profile.live(&[&[LEAF], &[MAIN]], 1, 1024);
    profile.live(&[&[MAIN]], 1, 64);
    profile
}

fn read(profile: &proto::Profile) -> Result<Profile, String> {
    read_bytes(&profile.encode(Layout::Go))
}

fn read_bytes(bytes: &[u8]) -> Result<Profile, String> {
    decode(bytes, || false).map_err(|error| error.to_string())
}

fn error(profile: &proto::Profile) -> String {
    read(profile).expect_err("should be refused")
}

/// Stacks as function names, with objects and bytes.
fn samples(profile: &Profile) -> Vec<(Vec<String>, i64, i64)> {
    let name = |line: &heapdiff::internals::profile::Line| {
        String::from_utf8_lossy(profile.string(profile.function(line.function).name)).into_owned()
    };
    let lines = |id| {
        let range = profile.line_range(id);
        profile.lines()[range.start as usize..range.end as usize].iter().map(name).collect::<Vec<_>>()
    };
    let mut all = Vec::new();
    profile.samples().for_each(|sample| {
        all.push((sample.stack.iter().flat_map(|&id| lines(id)).collect(), sample.objects, sample.space));
    });
    all
}

fn stack(names: &[&str], objects: i64, space: i64) -> (Vec<String>, i64, i64) {
    (names.iter().map(|&name| name.to_owned()).collect(), objects, space)
}

#[test]
fn an_encoder_that_packs_nothing_need_not_end_as_google_pprofs() {
    // By field number, but unpacked, so not google/pprof's: no field must follow the strings.
    let mut profile = sample();
    profile.sample.iter_mut().for_each(|sample| sample.value = vec![3, 192, 0, 0]);
    let mut bytes = Vec::new();
    for column in &profile.sample_type {
        proto::put(1, column, &mut bytes);
    }
    for sample in &profile.sample {
        let mut body = Vec::new();
        encoding::uint64::encode_repeated(1, &sample.location_id, &mut body);
        encoding::int64::encode_repeated(2, &sample.value, &mut body);
        encoding::bytes::encode(2, &body, &mut bytes);
    }
    profile.location.iter().for_each(|location| proto::put(4, location, &mut bytes));
    profile.function.iter().for_each(|function| proto::put(5, function, &mut bytes));
    encoding::bytes::encode_repeated(6, &profile.string_table, &mut bytes);
    assert_eq!(read_bytes(&bytes).unwrap().header().samples, 3);
}

#[test]
fn every_layout_says_the_same() {
    for layout in [Layout::Go, Layout::Pprof, Layout::Backwards] {
        let profile = read_bytes(&sample().encode(layout)).unwrap();
        assert_eq!(
            samples(&profile),
            [
                stack(&["main.leaf", "main.main"], 3, 192),
                stack(&["main.leaf", "main.main"], 1, 1024),
                stack(&["main.main"], 1, 64)
            ],
            "{layout:?}"
        );
        let header = profile.header();
        assert_eq!((header.period, header.time_nanos, header.samples), (524_288, 1_700_000_000_000_000_000, 3));
        assert_eq!(header.period_type.to_string(), "space/bytes");
        assert_eq!(header.sample_types[2].to_string(), "inuse_objects/count");
    }
}

#[test]
fn numbers_may_be_packed_unpacked_and_mixed_within_a_sample() {
    let mut profile = sample();
    let [first, ..] = &profile.sample[..] else { unreachable!() };
    let mut body = Vec::new();
    encoding::uint64::encode(1, &first.location_id[0], &mut body);
    encoding::int64::encode_packed(2, &first.value[..2], &mut body);
    encoding::uint64::encode_packed(1, &first.location_id[1..], &mut body);
    encoding::int64::encode_repeated(2, &first.value[2..], &mut body);
    profile.sample.clear();
    let mut bytes = profile.encode(Layout::Pprof);
    encoding::bytes::encode(2, &body, &mut bytes);
    // Two labels without strings, as a file may have them.
    assert_eq!(samples(&read_bytes(&bytes).unwrap()), [stack(&["main.leaf", "main.main"], 3, 192)]);
}

#[test]
fn unknown_fields_are_skipped() {
    let mut bytes = Vec::new();
    encoding::uint64::encode(1000, &7, &mut bytes);
    encoding::fixed64::encode(1001, &7, &mut bytes);
    bytes.extend(sample().encode(Layout::Go));
    encoding::fixed32::encode(16, &7, &mut bytes);
    encoding::bytes::encode(17, &vec![0; 100_000], &mut bytes);
    assert_eq!(samples(&read_bytes(&bytes).unwrap()).len(), 3);
}

#[test]
fn a_field_longer_than_the_window_is_read() {
    let mut profile = sample();
    let long = profile.string(&"x".repeat(1 << 20));
    profile.function[0].name = long;
    assert_eq!(samples(&read(&profile).unwrap())[0].0[0].len(), 1 << 20);
}

#[test]
fn ids_may_be_any_number() {
    let mut profile = sample();
    let sparse = |id: u64| if id == 1 { u64::MAX } else { (1 << 63) + id };
    profile.location.iter_mut().for_each(|location| {
        location.id = sparse(location.id);
        location.line.iter_mut().for_each(|line| line.function_id = sparse(line.function_id));
    });
    profile.function.iter_mut().for_each(|function| function.id = sparse(function.id));
    profile.sample.iter_mut().for_each(|sample| sample.location_id.iter_mut().for_each(|id| *id = sparse(*id)));
    assert_eq!(samples(&read(&profile).unwrap()), samples(&read(&sample()).unwrap()));
}

#[test]
fn inlined_lines_stand_innermost_first() {
    let mut profile = proto::Profile::go();
    profile.live(&[&[LEAF, ("main.inlined", "main.go", 1, 2)], &[MAIN]], 1, 64);
    assert_eq!(samples(&read(&profile).unwrap()), [stack(&["main.leaf", "main.inlined", "main.main"], 1, 64)]);
}

#[test]
fn names_that_are_not_utf8_are_kept() {
    let mut profile = sample();
    let name = profile.bytes(b"main.\xff\xfe");
    profile.function[0].name = name;
    let profile = read(&profile).unwrap();
    assert!(profile.functions().iter().any(|function| profile.string(function.name) == b"main.\xff\xfe"));
}

#[test]
fn dead_samples_are_counted_and_left_out() {
    let mut profile = sample();
    profile.live(&[&[LEAF]], 0, 0).value = vec![5, 320, 0, 0];
    let profile = read(&profile).unwrap();
    assert_eq!((samples(&profile).len(), profile.header().samples), (3, 4));
}

#[test]
fn columns_are_found_by_name() {
    let mut profile = sample();
    // inuse_space, alloc_space, inuse_objects, alloc_objects
    profile.sample_type = [3, 1, 2, 0].map(|at| profile.sample_type[at].clone()).to_vec();
    profile.sample.iter_mut().for_each(|sample| sample.value = [3, 1, 2, 0].map(|at| sample.value[at]).to_vec());
    profile.default_sample_type = profile.string("alloc_space");
    assert_eq!(samples(&read(&profile).unwrap())[0], stack(&["main.leaf", "main.main"], 3, 192));

    let mut cpp = proto::Profile::with_types(&["objects/count", "space/bytes"]);
    cpp.live(&[&[LEAF]], 2, 128);
    assert_eq!(samples(&read(&cpp).unwrap()), [stack(&["main.leaf"], 2, 128)]);

    // Of two columns with the same name the first counts, as in pprof.
    let mut twice = proto::Profile::with_types(&["inuse_objects/count", "inuse_space/bytes"]);
    twice.live(&[&[LEAF]], 2, 128);
    twice.sample_type.push(twice.sample_type[1].clone());
    twice.sample[0].value.push(999);
    assert_eq!(samples(&read(&twice).unwrap()), [stack(&["main.leaf"], 2, 128)]);
}

#[test]
fn other_profiles_are_refused_with_what_they_hold() {
    let cpu = proto::Profile::with_types(&["samples/count", "cpu/nanoseconds"]);
    assert_eq!(
        error(&cpu),
        "not a heap profile: its sample types are samples/count, cpu/nanoseconds; \
         expected inuse_objects/count and inuse_space/bytes (--sample-type NAME compares any of them)"
    );
    let mut nothing = proto::Profile::with_types(&[]);
    nothing.period_type = None;
    assert!(error(&nothing).starts_with("the profile has no sample_type"));
}

#[test]
fn a_stack_may_be_empty_and_a_location_without_lines_or_mapping() {
    let mut profile = sample();
    profile.sample[0].location_id.clear();
    profile.location[1].line.clear();
    profile.location[1].mapping_id = 77;
    let profile = read(&profile).unwrap();
    assert_eq!(samples(&profile)[0], stack(&[], 3, 192));
    assert!(profile.location_ids().all(|id| profile.location(id).mapping.is_none()));
}

#[test]
fn the_first_mapping_is_the_program() {
    let mut profile = sample();
    for (id, file, build) in [(9, "/srv/app", "abc"), (4, "[vdso]", "")] {
        let (filename, build_id) = (profile.string(file), profile.string(build));
        profile.mapping.push(Mapping { id, start: 0x400_000, filename, build_id, ..Mapping::default() });
    }
    profile.location[0].mapping_id = 4;
    let profile = read(&profile).unwrap();
    assert_eq!((profile.header().program.as_str(), profile.header().build_id.as_str()), ("/srv/app", "abc"));
}

#[test]
fn ids_that_lead_nowhere_are_refused() {
    let mut profile = sample();
    profile.sample[2].location_id = vec![99];
    assert_eq!(error(&profile), "sample[2] has location id 99, which is not in the location table");
    profile.sample[2].location_id = vec![0];
    assert!(error(&profile).ends_with("sample[2] has location id 0, which is not in the location table"));

    let mut profile = sample();
    profile.location[1].line.push(Line { function_id: 5, line: 1 });
    assert_eq!(error(&profile), "line[1] of location id 2 has function id 5, which is not in the function table");
    profile.location[1].line[1].function_id = 0;
    assert!(
        error(&profile).ends_with("line[1] of location id 2 has function id 0, which is not in the function table")
    );
}

#[test]
fn ids_are_unique_and_not_0() {
    let mut profile = sample();
    profile.location[1].id = profile.location[0].id;
    assert!(error(&profile).ends_with("location[1] has id 1, which an earlier location already has"));
    let mut profile = sample();
    profile.function[1].id = 0;
    profile.location[1].line.clear();
    assert!(error(&profile).ends_with("function[1] has id 0; ids start at 1"));
    let mut profile = sample();
    profile.mapping = vec![Mapping { id: 3, ..Mapping::default() }; 2];
    assert!(error(&profile).ends_with("mapping[1] has id 3, which an earlier mapping already has"));
}

#[test]
fn every_sample_has_a_value_for_each_column() {
    let mut profile = sample();
    profile.sample[1].value.pop();
    assert_eq!(error(&profile), "sample[1] has 3 values, expected 4: one for each sample type");
    let mut profile = sample();
    profile.sample.iter_mut().for_each(|sample| sample.value.push(1));
    assert_eq!(error(&profile), "sample[0] has 5 values, expected 4: one for each sample type");
}

#[test]
fn string_indexes_are_checked_wherever_they_stand() {
    type Break = fn(&mut proto::Profile, i64);
    let breaks: [(&str, Break); 15] = [
        ("sample_type[1].unit", |p, at| p.sample_type[1].unit = at),
        ("sample[1].label.key", |p, at| p.sample[1].label[0].key = at),
        ("sample[0].label.str", |p, at| p.sample[0].label[0].str = at),
        ("sample[0].label.num_unit", |p, at| p.sample[0].label[0].num_unit = at),
        ("mapping[0].filename", |p, at| p.mapping[0].filename = at),
        ("mapping[0].build_id", |p, at| p.mapping[0].build_id = at),
        ("function[0].name", |p, at| p.function[0].name = at),
        ("function[0].system_name", |p, at| p.function[0].system_name = at),
        ("function[0].filename", |p, at| p.function[0].filename = at),
        ("drop_frames", |p, at| p.drop_frames = at),
        ("keep_frames", |p, at| p.keep_frames = at),
        ("period_type.type", |p, at| p.period_type = Some(proto::ValueType { kind: at, unit: 0 })),
        ("comment", |p, at| p.comment = vec![0, at, 0]),
        ("default_sample_type", |p, at| p.default_sample_type = at),
        ("doc_url", |p, at| p.doc_url = at),
    ];
    for (place, break_it) in breaks {
        let mut profile = sample();
        profile.mapping.push(Mapping { id: 1, ..Mapping::default() });
        let len = profile.string_table.len();
        for layout in [Layout::Go, Layout::Pprof, Layout::Backwards] {
            for index in [1000, -1] {
                break_it(&mut profile, index);
                let error = read_bytes(&profile.encode(layout)).expect_err(place);
                // Backwards, the last function is the first in the file.
                let error = error.replace("function[1]", "function[0]");
                let expected = match index {
                    -1 => format!("{place} is string -1; string indexes start at 0"),
                    _ => format!("{place} is string {index}, but string_table has {len} entries"),
                };
                assert!(error.ends_with(&expected), "{error}");
            }
        }
    }
}

#[test]
fn the_string_table_starts_with_the_empty_string() {
    let mut profile = sample();
    profile.string_table[0] = b"oops".to_vec();
    assert!(error(&profile).ends_with("string_table[0] is \"oops\", expected the empty string"));
    profile.string_table.clear();
    assert_eq!(error(&profile), "the profile has no string_table, so nothing in it has a name");
}

#[test]
fn labels_without_content_and_several_values_are_taken() {
    let mut profile = sample();
    let key = profile.string("bytes");
    profile.sample[0].label = vec![
        Label { key, ..Label::default() },
        Label { key, num: 16, ..Label::default() },
        Label { key, num: 32, num_unit: key, ..Label::default() },
    ];
    assert_eq!(samples(&read(&profile).unwrap()).len(), 3);
}

#[test]
fn concatenated_profiles_are_told() {
    let profile = sample();
    for layout in [Layout::Go, Layout::Pprof] {
        let one = profile.encode(layout);
        let error = read_bytes(&[one.clone(), one].concat()).expect_err("two profiles");
        assert!(error.ends_with("occurs twice: two profiles were concatenated; give each its own file"), "{error}");
    }
    // Without a time or a period there are still twice the columns.
    let mut bare = profile.clone();
    (bare.time_nanos, bare.period, bare.period_type) = (0, 0, None);
    let one = bare.encode(Layout::Go);
    let error = read_bytes(&[one.clone(), one].concat()).expect_err("two profiles");
    assert!(error.contains("sample_type occurs twice"), "{error}");
}

#[test]
fn damage_on_the_wire_is_told_with_its_place() {
    let good = sample().encode(Layout::Go);
    let end = good.len();
    let with = |tail: &[u8]| read_bytes(&[&good[..], tail].concat()).expect_err("damaged");
    assert!(with(&[0, 0]).starts_with(&format!("at byte {end}: field number 0")));
    assert!(with(&[0x0b]).starts_with(&format!("at byte {end}: wire type 3 of field 1")));
    assert!(
        with(&[0x12, 0x80])
            .starts_with(&format!("at byte {}: the profile is cut off within a field's length", end + 2))
    );
    assert!(with(&[0x12, 9, 1]).starts_with(&format!("at byte {}: the profile is cut off within a field", end + 3)));
    assert!(with(&[0x60].iter().chain(&[0xff; 10]).copied().collect::<Vec<_>>()).contains("invalid varint"));
    assert!(with(&[0x60, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2]).contains("invalid varint"));
    assert!(
        with(&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])
            .contains("a field of 18446744073709551615 bytes")
    );
}

#[test]
fn a_length_beyond_its_message_is_no_end_of_the_file() {
    let good = sample().encode(Layout::Go);
    let mut bytes = good.clone();
    // A sample that holds a packed run of five numbers in two bytes.
    encoding::bytes::encode(2, &vec![0x0a, 5, 1, 1], &mut bytes);
    let error = read_bytes(&bytes).expect_err("damaged");
    let end = bytes.len();
    assert_eq!(error, format!("at byte {end}: a field exceeds its message by at least 3 B: the profile is damaged"));
}

#[test]
fn live_columns_that_stand_elsewhere_take_a_second_reading() {
    // An allocation delta of 0 with live objects, in an order that is not Go's.
    let mut profile = proto::Profile::with_types(&[
        "inuse_objects/count",
        "inuse_space/bytes",
        "alloc_objects/count",
        "alloc_space/bytes",
    ]);
    profile.live(&[&[LEAF]], 0, 0).value = vec![2, 128, 0, 0];
    let bytes = profile.encode(Layout::Go);
    let error = decode(&bytes[..], || false).expect_err("wants a second reading");
    assert!(matches!(error.kind, DecodeErrorKind::Invalid(Invalid::LiveColumnsElsewhere)), "{error}");
    let profile = heapdiff::internals::decode::decode_keeping_dead(&bytes[..], || false).unwrap();
    assert_eq!(samples(&profile), [stack(&["main.leaf"], 2, 128)]);
}

#[test]
fn known_fields_have_their_wire_type() {
    let good = sample().encode(Layout::Go);
    let with = |tail: Vec<u8>| read_bytes(&[&good[..], &tail].concat()).expect_err("wrong type");
    let end = good.len();
    let mut time = Vec::new();
    encoding::fixed64::encode(9, &7, &mut time);
    assert_eq!(with(time), format!("at byte {end}: time_nanos is encoded as a 64-bit number, expected a varint"));
    let mut sample = Vec::new();
    encoding::int64::encode(2, &7, &mut sample);
    assert_eq!(with(sample), format!("at byte {end}: sample is encoded as a varint, expected bytes"));
    let mut value = Vec::new();
    encoding::fixed32::encode(2, &7, &mut value);
    let mut sample = Vec::new();
    encoding::bytes::encode(2, &value, &mut sample);
    assert!(with(sample).contains("sample.value is encoded as a 32-bit number, expected varints, packed or not"));
    let mut location = Vec::new();
    encoding::fixed64::encode(1, &7, &mut location);
    let mut field = Vec::new();
    encoding::bytes::encode(4, &location, &mut field);
    assert!(with(field).contains("location[2] is malformed: "));
}

#[test]
fn what_is_no_profile_is_called_by_its_name() {
    for (bytes, found) in [
        (&b"--- heapz 1 ---\nformat = java\n"[..], "a heap profile of Java as text"),
        (b"--- contentionz 1 ---\n", "a profile of something else than a heap as text"),
        (b"\n<!DOCTYPE html>", "HTML or XML"),
        (b"{\"a\": 1}", "JSON"),
        (b"\x28\xb5\x2f\xfd....", "zstd data"),
        (b"\x1f\x8b\x08....", "gzip data"),
        (b"go 1.22 trace\0\0\0", "a Go execution trace"),
        ("grün und blöd".as_bytes(), "text"),
    ] {
        let error = decode(bytes, || false).expect_err("no profile");
        assert!(matches!(&error.kind, DecodeErrorKind::NotPprof { found: told, .. } if *told == found), "{error}");
    }
    assert!(matches!(decode(&b""[..], || false).unwrap_err().kind, DecodeErrorKind::Empty));
    assert!(matches!(
        decode(&sample().encode(Layout::Go)[..2], || false).unwrap_err().kind,
        DecodeErrorKind::Truncated { .. }
    ));
    assert!(matches!(
        decode(&b"\x08\x01"[..], || false).unwrap_err().kind,
        DecodeErrorKind::FieldType { field: "sample_type", .. } | DecodeErrorKind::Invalid(Invalid::NoSampleTypes)
    ));
}

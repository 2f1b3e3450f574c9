//! Heap profiles as text, in inputs made for the tests: what is read, and what is refused and why.

use std::sync::LazyLock;

use heapdiff::internals::decode::decode;
use heapdiff::internals::profile::{Profile, ValueType};
use heapdiff::internals::site::{Filter, Granularity, NameArena, SiteTableBuilder};
use proptest::prelude::*;

fn read(text: &str) -> Profile {
    decode(text.as_bytes(), || false).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn refused(text: &str) -> String {
    decode(text.as_bytes(), || false).expect_err(text).to_string()
}

/// A sample: address and lines of each frame, objects, space, size.
type Sample = (Vec<(u64, String)>, i64, i64, Option<i64>);

fn samples(profile: &Profile) -> Vec<Sample> {
    let mut samples = Vec::new();
    profile.samples().for_each(|sample| {
        let frame = |&id| {
            let lines = profile.line_range(id).map(|at| {
                let line = profile.lines()[at as usize];
                let name = profile.string(profile.function(line.function).name);
                format!("{}:{}", String::from_utf8_lossy(name), { line.line })
            });
            (profile.address(id), lines.collect::<Vec<_>>().join(" < "))
        };
        samples.push((sample.stack.iter().map(frame).collect(), sample.objects, sample.space, sample.block_size));
    });
    samples
}

fn columns(profile: &Profile) -> String {
    profile.header().sample_types.iter().map(ValueType::to_string).collect::<Vec<_>>().join(" ")
}

/// The sites at the granularity `lines`: name, objects, space.
fn sites(profile: &Profile) -> Vec<(String, i128, i128)> {
    let (filter, names) = (Filter::default(), NameArena::default());
    let mut sites = SiteTableBuilder::new(Granularity::Lines, &filter, &names);
    sites.add(profile);
    let table = sites.finish();
    let of_leaf = |site: heapdiff::internals::site::Site<'_>| {
        let flat = site.flat?;
        Some((site.key.name().into_owned(), flat.objects, flat.space))
    };
    table.sites().filter_map(of_leaf).collect()
}

const TWO: &str = "objects/count space/bytes";
const FOUR: &str = "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes";

#[test]
fn the_first_line_decides_on_the_columns_and_the_sampling() {
    // 1 object of 64 bytes, sampled once in 512 KiB: 1 / (1 - e^(-64/524288)) = 8192.5.
    for (totals, kind, expected_columns, period, objects, space) in [
        ("1: 64 [1: 64]", "heap_v2/524288", TWO, 524_288, 8192, 524_320),
        ("1: 64 [0: 0]", "heapz_v2/524288", TWO, 524_288, 8192, 524_320),
        ("1: 64 [3: 192]", "heapz_v2/524288", FOUR, 524_288, 8192, 524_320),
        ("1: 64 [1: 65]", "heap/1048576", FOUR, 524_288, 8192, 524_320),
        ("1: 64 [1: 64]", "heap/2", TWO, 1, 1, 64),
        ("1: 64 [1: 64]", "heap_v2", TWO, 0, 1, 64),
        ("1: 64 [3: 192]", "heapprofile", FOUR, 1, 1, 64),
        ("1: 64 [3: 192]", "growthz", TWO, 1, 1, 64),
        ("1: 64 [3: 192]", "growth", TWO, 1, 1, 64),
        ("1: 64 [3: 192]", "fragmentationz", TWO, 1, 1, 64),
    ] {
        let text = format!("heap profile: {totals} @ {kind}\n 1: 64 [ 3: 192] @ 0x401000\n\nMAPPED_LIBRARIES:\n");
        let profile = read(&text);
        let header = profile.header();
        assert_eq!((columns(&profile).as_str(), header.period), (expected_columns, period), "{kind}");
        assert_eq!((header.format.name(), header.period_type.to_string().as_str()), ("gperftools", "space/bytes"));
        let expected = (vec![(0x40_0fff, String::new())], objects, space, Some(64));
        assert_eq!(samples(&profile), [expected], "{totals} {kind}");
    }
}

#[test]
fn numbers_are_unsampled_like_pprofs() {
    let text = "heap profile: 7: 300 [20: 900] @ heap_v2/1024\n\
                3: 100 [8: 400] @ 0x1 0x2\n0: 0 [5: 100] @ 0x3\n-1: -48 [0: 0] @ 0x4\n4: 0 [4: 0] @\n0: 0 [0: 0] @ 0x5\n\
                --- Memory map: ---\n";
    let profile = read(text);
    let stack = |addresses: &[u64]| addresses.iter().map(|&address| (address, String::new())).collect::<Vec<_>>();
    // The size of an object is 100 / 3 where it is unsampled, and a whole number as a label.
    let expected = [(stack(&[0, 1]), 93, 3122, Some(33)), (stack(&[3]), -21, -1048, Some(48))];
    assert_eq!(samples(&profile), expected);
    assert_eq!(profile.header().samples, 5);
}

#[test]
fn memory_maps_give_offsets_in_files() {
    let text = |base: u64, maps: &str| {
        let (first, second) = (base + 0x1235, base + 0x20_0011);
        format!(
            "heap profile: 3: 192 [3: 192] @ heapprofile\n1: 64 [1: 64] @ {first:#x}\n1: 64 [1: 64] @ {second:#x}\n\
             1: 64 [1: 64] @ 0x9000000000\n\nMAPPED_LIBRARIES:\n{maps}"
        )
    };
    let full = text(
        0x5600_0000_0000,
        "560000000000-560000001000 r--p 00000000 08:01 131 /srv/app\n\
         560000001000-560000003000 r-xp 00001000 08:01 131 /srv/app\n\
         560000200000-560000201000 r-xp 00003000 08:01 132 /usr/lib/lib x.so.1 (deleted)\n\
         7ffd00000000-7ffd00001000 rw-p 00000000 00:00 0 [stack]\nwhat is this\n",
    );
    let short = text(
        0x7f00_0000_0000,
        "build=/tmp/one\nI0101 10:00:00.000000 7 map.cc:12] 7f0000200000-7f0000201000: /usr/lib/libx.so.1 (@3000) abcd\n\
         I0101 10:00:00.000000 7 map.cc:12] 7f0000000000-7f0000003000: $build/app\n",
    );
    let names = |text: &str| sites(&read(text)).into_iter().map(|site| site.0).collect::<Vec<_>>();
    assert_eq!(names(&full), ["app+0x1234", "lib x.so.1+0x3010", "0x8fffffffff"]);
    assert_eq!(names(&short), ["app+0x1234", "libx.so.1+0x3010", "0x8fffffffff"]);
    assert_eq!(read(&full).header().program, "/srv/app");
    assert_eq!(read(&short).header().program, "/tmp/one/app");
    // The first segment of a file belongs to it even if the map leaves it out.
    let split = text(
        0x40_0000,
        "00402000-00600000 r-xp 00002000 08:01 131 /srv/app\n7ffd00000000-7ffd00001000 rw-p 00000000 00:00 0 [stack]\n",
    );
    assert_eq!(names(&split)[0], "app+0x1234");
    // An address above every mapping: the lines that map it are missing.
    let cut = text(0x40_0000, "00402000-00600000 r-xp 00002000 08:01 131 /srv/app\n");
    assert_eq!(refused(&cut), "the text ends where the rest of the memory map should follow: it was cut off");
}

#[test]
fn logged_and_windows_lines_are_the_same_lines() {
    let text =
        "heap profile: 1: 64 [1: 64] @ heapprofile\n1: 64 [1: 64] @ 0x401000\nMAPPED_LIBRARIES:\n400000-402000: app\n";
    let log = |line| format!("I0101 10:00:00.000000 7 heap.cc:12] {line}\r\n");
    let logged: String = text.lines().map(log).collect();
    assert_eq!(sites(&read(&logged)), sites(&read(text)));
    assert_eq!(sites(&read(text)), [("app+0xfff".to_owned(), 1, 64)]);
}

const JEMALLOC: &str = "heap_v2/524288\n  t*: 3: 192 [0: 0]\n  t0: 1: 64 [0: 0]\n  t7: 2: 128 [0: 0] worker 7\n\
    @ 0x401000 0x402000\n  t*: 2: 128 [0: 0]\n  t0: 1: 64 [0: 0]\n  t7: 1: 64 [0: 0]\n\
    @ 0x401000 0x402000 0x403000\n  t*: 1: 64 [0: 0]\n  t7: 1: 64 [0: 0]\n\
    \nMAPPED_LIBRARIES:\n00400000-00404000 r-xp 00000000 08:01 131 /srv/app\n";

#[test]
fn jemallocs_dump_is_read_as_jeprof_does() {
    let profile = read(JEMALLOC);
    assert_eq!(
        (columns(&profile).as_str(), profile.header().period, profile.header().format.name()),
        (TWO, 524_288, "jemalloc")
    );
    // All are return addresses, after the calls.
    let stack = |addresses: &[u64]| addresses.iter().map(|&address| (address, String::new())).collect::<Vec<_>>();
    let expected = [
        (stack(&[0x40_0fff, 0x40_1fff]), 16_385, 1_048_640, Some(64)),
        (stack(&[0x40_0fff, 0x40_1fff, 0x40_2fff]), 8192, 524_320, Some(64)),
    ];
    assert_eq!(samples(&profile), expected);
    assert_eq!(sites(&profile), [("app+0xfff".to_owned(), 24_577, 1_572_960)]);
    let accumulated = JEMALLOC.replace("192 [0: 0]", "192 [9: 576]").replace("128 [0: 0]", "128 [8: 512]");
    assert_eq!(columns(&read(&accumulated)), FOUR);
}

/// The end of each of Go's texts, without a few irrelevant lines.
const TRAILER: &str = "\n# runtime.MemStats\n# Alloc = 5\n# Sys = 65317144\n# HeapAlloc = 30089592\n\
    # Stack = 491520 / 524288\n# LastGC = 1795217880130580355\n# PauseNs = [610620 0 0]\n# NumGC = 9\n\
    # GCCPUFraction = 0.026281312051794507\n# DebugGC = false\n# MaxRSS = 61181952\n";

fn go(records: &str, totals: &str) -> String {
    format!("heap profile: {totals} @ heap/1048576\n{records}\n{TRAILER}")
}

#[test]
fn gos_comments_are_symbols_and_inlined_frames_one_location() {
    // inner was inlined into middle and that into outer, which calls itself once more; main.main calls it.
    let records = "1: 64 [2: 128] @ 0x1010 0x2033 0x2022 0x2021 0x2044 0x3011 0x9001\n\
        #\t0x2032\tmain.inner+0x32\t/src/a.go:3\n\
        #\t0x2021\tmain.middle+0x21\t\t/src/a.go:7\n\
        #\t0x2020\tmain.outer+0x20\t/src/a.go:11\n\
        #\t0x2043\tmain.outer+0x43\t/src/a.go:12\n\
        #\t0x3010\tmain.main+0x10\t/src/b.go:5\n\n\
        2: 64 [2: 64] @ 0x1010 0x2022 0x2021 0x3011 0x9001\n\
        #\t0x2021\tmain.middle+0x21\t/src/a.go:7\n\
        #\t0x2020\tmain.outer+0x20\t/src/a.go:11\n\
        #\t0x3010\tmain.main+0x10\t/src/b.go:5\n\n\
        0: 0 [1: 32] @ 0x1010 0x9001\n#\t0x100f\truntime.mallocgc+0xf\t/go/malloc.go:9\n";
    let profile = read(&go(records, "3: 128 [5: 224]"));
    assert_eq!((columns(&profile).as_str(), profile.header().format.name()), (FOUR, "go-text"));
    let frame = |address: u64, lines: &str| (address, lines.to_owned());
    let outer = [frame(0x2043, "main.outer:12"), frame(0x3010, "main.main:5")];
    let found = samples(&profile);
    assert_eq!(found[0].0[0], frame(0x2032, "main.inner:3 < main.middle:7 < main.outer:11"));
    assert_eq!(found[0].0[1..], outer);
    assert_eq!(found[1].0, [frame(0x2021, "main.middle:7 < main.outer:11"), outer[1].clone()]);
    assert_eq!((found[0].1, found[0].2, found[0].3), (8192, 524_320, Some(64)));
    assert_eq!(profile.header().samples, 3);
    let stats = profile.header().mem_stats.clone().unwrap();
    assert_eq!((stats.heap_alloc, stats.stack_inuse, stats.num_gc), (Some(30_089_592), Some(491_520), Some(9)));
    assert_eq!(
        (stats.last_gc, stats.max_rss, stats.heap_idle),
        (Some(1_795_217_880_130_580_355), Some(61_181_952), None)
    );
}

#[test]
fn a_stack_of_the_runtime_alone_is_kept_whole() {
    let records = "1: 64 [1: 64] @ 0x1010 0x1021 0x9001\n\
        #\t0x100f\truntime.mallocgc+0xf\t/go/malloc.go:9\n#\t0x1020\truntime.malg+0x10\t/go/proc.go:4\n";
    let found = samples(&read(&go(records, "1: 64 [1: 65]")));
    assert_eq!(found[0].0, [(0x100f, "runtime.mallocgc:9".to_owned()), (0x1020, "runtime.malg:4".to_owned())]);
}

#[test]
fn frames_without_a_comment_have_no_lines() {
    let records = "1: 64 [1: 64] @ 0x1010 0x1021\n\n1: 64 [1: 64] @ 0x1010\n#\t0x100f\n";
    let found = samples(&read(&go(records, "2: 128 [2: 129]")));
    let stack = |addresses: &[u64]| addresses.iter().map(|&address| (address, String::new())).collect::<Vec<_>>();
    assert_eq!((found[0].0.clone(), found[1].0.clone()), (stack(&[0x100f, 0x1020]), stack(&[0x100f])));
}

#[test]
fn what_is_wrong_with_a_text_is_told_with_its_line() {
    let record = |record: &str| {
        format!("heap profile: 1: 64 [1: 64] @ heap_v2/524288\n1: 64 [1: 64] @ 0x1\n{record}\nMAPPED_LIBRARIES:\n")
    };
    for (text, message) in [
        (record("1: 64 [1: 64] @ 0x1 0xg"), "line 3: expected an address such as 0x4f2a10, found \"0xg\""),
        (record("1: 64 [1: 64] @ 401000"), "line 3: expected an address such as 0x4f2a10, found \"401000\""),
        (record("1: 64 [1: 64] @ 0x1ffffffffffffffff"), "line 3: the number 1ffffffffffffffff is too large"),
        (
            record("1: 64 [1: 64]"),
            "line 3: expected a record: objects: bytes [objects: bytes] @ addresses, found \"1: 64 [1: 64]\"",
        ),
        (
            record("1: 64 [1 64] @ 0x1"),
            "line 3: expected a record: objects: bytes [objects: bytes] @ addresses, found \"1: 64 [1 64] @ 0x1\"",
        ),
        (record("9223372036854775808: 64 [1: 64] @ 0x1"), "line 3: the number 9223372036854775808 is too large"),
        (record("0: 64 [1: 64] @ 0x1"), "line 3: 0 objects have 64 B: the record is damaged"),
        (
            record("9223372036854775807: 9223372036854775807 [0: 0] @ 0x1"),
            "line 3: 9223372036854775807 objects with 9223372036854775807 B in total exceed 64 bits when scaled up from the sample",
        ),
        (
            record("heap profile: 1: 64 [1: 64] @ heap_v2/524288"),
            "line 3: expected a record: objects: bytes [objects: bytes] @ addresses, found \"heap profile: 1: 64 [1: 64] @ heap_v2/524288\"",
        ),
        (
            record("").replace("heap_v2/", "heap_v3/"),
            "line 1: expected heap, heap_v2, heapz_v2, heapprofile, growth(z) or fragmentation(z) after the @, found \"heap_v3\"",
        ),
        (
            "heap profile: 1: 64 @ heap_v2/524288\n".to_owned(),
            "line 1: expected heap profile: objects: bytes [objects: bytes] @ kind/rate, found \"heap profile: 1: 64 @ heap_v2/524288\"",
        ),
        (
            "heap profile: 1: 64 [1: 64] @ heap_v2/524288\n1: 64 [1: 64] @ 0x1\n".to_owned(),
            "line 2: the text ends where runtime.MemStats or the memory map should follow: it was cut off",
        ),
        (
            "heap profile: 3: 192 [3: 192] @ heap_v2/524288\n1: 64 [1: 64] @ 0x1\n1: 64 [1: 64] @ 0x2\n".to_owned(),
            "line 3: the text ends where another record, by the sums in the first line, should follow: it was cut off",
        ),
        (
            go("1: 64 [1: 64] @ 0x1010 0x9001\n#\t0x2000\tmain.f+0x1\ta.go:1\n", "1: 64 [1: 65]"),
            "line 2: expected an address of this stack in the comment after it, found \"0x2000\"",
        ),
        (
            go("1: 64 [1: 64] @ 0x1010 0x9001\n#\t0x100f\tmain.f\ta.go:1\n", "1: 64 [1: 65]"),
            "line 3: expected a frame: address, function+0xoffset, file:line, found \"0x100f\\tmain.f\\ta.go:1\"",
        ),
        (
            go("1: 64 [1: 64] @ 0x1010 0x9001\n#\t0x100f\tmain.f+0x1\n", "1: 64 [1: 65]"),
            "line 3: expected a frame: address, function+0xoffset, file:line, found \"0x100f\\tmain.f+0x1\"",
        ),
        (
            go("1: 64 [1: 64] @ 0x1010\n#\t0x100f\tmain.f+0x1\ta.go:1\n", "2: 128 [2: 129]"),
            "the records add up to 1: 64 [1: 64], but the first line says 2: 128 [2: 129]: lines are missing or damaged",
        ),
        (
            go("", "0: 0 [0: 1]") + "1: 64 [1: 64] @ 0x1\n",
            "line 15: expected the numbers of runtime.MemStats or the end of the text, found \"1: 64 [1: 64] @ 0x1\"",
        ),
        (
            go("", "0: 0 [0: 1]").replace("30089592", "much"),
            "line 7: expected a number of bytes, of objects or of collections, found \"HeapAlloc = much\"",
        ),
        (
            JEMALLOC.replace("heap_v2/524288", "heap_v2/x"),
            "line 1: expected heap_v2/ and the bytes between two samples, found \"heap_v2/x\"",
        ),
        (
            JEMALLOC.replace("t0: 1", "q0: 1"),
            "line 3: expected a stack (@ addresses) or the counts of a thread (t0: objects: bytes), found \"q0: 1: 64 [0: 0]\"",
        ),
        (
            JEMALLOC.replace("t*: 3: 192 [0: 0]\n", ""),
            "line 4: expected the sums of all threads, t*: objects: bytes [objects: bytes], found \"@ 0x401000 0x402000\"",
        ),
        (
            JEMALLOC.replace("t*: 2: 128 [0: 0]\n", ""),
            "line 8: the text ends where the line t*: of the last stack should follow: it was cut off",
        ),
        (
            JEMALLOC.replace("t*: 2: 128 [0: 0]", "t*: 2: 128 [0: 0"),
            "line 6: expected t*: objects: bytes [objects: bytes], found \"t*: 2: 128 [0: 0\"",
        ),
        (
            JEMALLOC.replace("@ 0x401000 0x402000\n", "t*: 2: 128 [0: 0]\n"),
            "line 5: expected a stack (@ addresses), found \"t*: 2: 128 [0: 0]\"",
        ),
        (
            JEMALLOC[..JEMALLOC.find("MAPPED").unwrap()].to_owned(),
            "line 12: the text ends where MAPPED_LIBRARIES: should follow: it was cut off",
        ),
        (
            "--- heapz 1 ---\nformat = java\n".to_owned(),
            "this is a heap profile of Java as text, not a pprof heap profile; only those of Go, gperftools, tcmalloc and jemalloc are read",
        ),
    ] {
        assert_eq!(refused(&text), message, "{text}");
    }
}

#[test]
fn no_prefix_of_a_text_is_a_profile() {
    let records = "1: 64 [2: 128] @ 0x1010 0x2033 0x9001\n#\t0x2032\tmain.inner+0x32\t/src/a.go:3\n\n\
        2: 64 [2: 64] @ 0x1010 0x2033 0x9001\n#\t0x2032\tmain.inner+0x32\t/src/a.go:3\n";
    let text = go(records, "3: 128 [4: 192]");
    let whole = samples(&read(&text));
    // Only the resident set may be missing, which not every system knows.
    let without_rss = text.find("# MaxRSS").unwrap();
    for len in 0..text.len() {
        match decode(&text.as_bytes()[..len], || false) {
            Ok(profile) if len == without_rss => assert_eq!(samples(&profile), whole),
            Ok(_) => panic!("the first {len} of {} bytes", text.len()),
            Err(_) => assert_ne!(len, without_rss),
        }
    }
    // The samples are proven to be complete, but not the maps, which may always lack lines.
    let dump = JEMALLOC.find("MAPPED_LIBRARIES:\n").unwrap() + "MAPPED_LIBRARIES:\n".len();
    for len in 0..dump {
        assert!(decode(&JEMALLOC.as_bytes()[..len], || false).is_err(), "the first {len} of {dump} bytes");
    }
}

#[test]
fn a_deep_stack_is_one() {
    let mut text = "heap profile: 1: 64 [1: 64] @ heapprofile\n1: 64 [1: 64] @".to_owned();
    (0..300_000).for_each(|frame| text += &format!(" {:#x}", 0x40_1000 + frame % 1000));
    text += "\nMAPPED_LIBRARIES:\n";
    assert_eq!(samples(&read(&text))[0].0.len(), 300_000);
}

/// A text of each kind, as lines.
static TEXTS: LazyLock<[Vec<String>; 3]> = LazyLock::new(|| {
    let records = "1: 64 [2: 128] @ 0x1010 0x2033 0x2022 0x9001\n#\t0x2032\tmain.inner+0x32\t/src/a.go:3\n\
        #\t0x2021\tmain.outer+0x21\t/src/a.go:9\n\n0: 0 [2: 64] @ 0x1010 0x2022 0x9001\n#\t0x2021\tmain.outer+0x21\t/src/a.go:9\n";
    let map =
        "build=/tmp\n00400000-00404000 r-xp 00001000 08:01 131 $build/app\n00500000-00504000: lib.so (@1000) ab\n";
    let gperftools = format!(
        "heap profile: 2: 64 [3: 64] @ heap_v2/512\n1: 64 [1: 64] @ 0x1\n1: 0 [2: 0] @ 0x401000\n--- Memory map: ---\n{map}"
    );
    [go(records, "1: 64 [4: 192]"), gperftools, JEMALLOC.to_owned()]
        .map(|text| text.lines().map(str::to_owned).collect())
});

/// A mutation: a line, what happens to it, and a byte of it with its new value.
type Change = (prop::sample::Index, u8, prop::sample::Index, u8);

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_texts_never_panic(which in 0..3usize, changes in prop::collection::vec(any::<Change>(), 0..4)) {
        let mut lines: Vec<Vec<u8>> = TEXTS[which].iter().map(|line| line.clone().into_bytes()).collect();
        for (line, change, at, byte) in &changes {
            let line = line.index(lines.len());
            let len = lines[line].len();
            match change % 6 {
                0 => lines[line].clear(),
                1 => lines.insert(line, lines[line].clone()),
                2 => lines[line].insert(at.index(len + 1), b"0123456789abcdefx-: []@#\t\n$=*"[usize::from(*byte) % 29]),
                3 => lines[line].truncate(at.index(len + 1)),
                4 if len > 0 => lines[line][at.index(len)] = *byte,
                _ => lines[line].splice(at.index(len + 1).., *b"9223372036854775807 [").for_each(drop),
            }
        }
        let text = [lines.join(&b'\n'), b"\n".to_vec()].concat();
        let decoded = decode(&text[..], || false);
        prop_assert!(!changes.is_empty() || decoded.is_ok());
        // Both are right; what decodes must also pass the other stages.
        let Ok(profile) = decoded else { return Ok(()) };
        let flat: i128 = sites(&profile).iter().map(|site| site.2).sum();
        let (filter, names) = (Filter::default(), NameArena::default());
        let mut owners = SiteTableBuilder::new(Granularity::Owner, &filter, &names);
        owners.add(&profile);
        prop_assert_eq!(owners.finish().total().space, flat);
    }
}

//! The files that transcripts name.

use std::fs;
use std::path::Path;

use crate::proto::{Frame, Layout, Mapping, Profile};
use crate::run::{command, gzip, root, run};

/// Writes every file that a transcript names into `folder`.
pub fn write_all(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    let captures = root().join("testdata/captures");
    for (name, capture) in [
        ("before.pb.gz", "sessiond/rate512k/heap_01.pb.gz"),
        ("after.pb.gz", "sessiond/rate512k/heap_06.pb.gz"),
        ("goroutine.pb.gz", "sessiond/rate512k/goroutine_00.pb.gz"),
        ("other.pb.gz", "pqueue/rate512k/heap_00.pb.gz"),
        ("rate1.pb.gz", "pqueue/rate1/heap_01.pb.gz"),
        ("rate1-later.pb.gz", "pqueue/rate1/heap_06.pb.gz"),
        ("build-a.pb.gz", "orders/build_a/rate512k/heap_06.pb.gz"),
        ("build-b.pb.gz", "orders/build_b/rate512k/heap_06.pb.gz"),
        ("build-c.pb.gz", "orders/build_c/rate512k/heap_06.pb.gz"),
        ("later.pb.gz", "sessiond/rate512k/heap_05.pb.gz"),
        ("leaking-a.pb.gz", "notifyd/rate512k/heap_01.pb.gz"),
        ("leaking-b.pb.gz", "notifyd/rate512k/heap_06.pb.gz"),
        ("bloat-a.pb.gz", "pricecache/rate512k/heap_01.pb.gz"),
        ("bloat-b.pb.gz", "pricecache/rate512k/heap_06.pb.gz"),
        ("spread-a.pb.gz", "etcd/rate512k/heap_01.pb.gz"),
        ("spread-b.pb.gz", "etcd/rate512k/heap_06.pb.gz"),
        ("goroutines-1.pb.gz", "notifyd/rate512k/goroutine_01.pb.gz"),
        ("goroutines-6.pb.gz", "notifyd/rate512k/goroutine_06.pb.gz"),
        ("copy.pb.gz", "sessiond/rate512k/heap_06.pb.gz"),
        ("pod-1.pb.gz", "orders/build_a/rate64k/heap_03.pb.gz"),
        ("pod-2.pb.gz", "orders/build_a/rate64k/heap_06.pb.gz"),
        ("pod-3.pb.gz", "orders/build_c/rate64k/heap_01.pb.gz"),
        ("pod-4.pb.gz", "orders/build_c/rate64k/heap_06.pb.gz"),
        ("pod-5.pb.gz", "orders/build_b/rate64k/heap_01.pb.gz"),
        ("pod-6.pb.gz", "orders/build_b/rate64k/heap_06.pb.gz"),
    ] {
        write(name, &fs::read(captures.join(capture)).unwrap());
    }
    let profiles =
        ["cut_0", "cut_1", "quiet", "profiling", "deep_0", "delta", "saved"].map(|name| format!("{name}.pb.gz"));
    for name in profiles.into_iter().chain(["coarse_0.txt", "coarse_1.txt"].map(str::to_owned)) {
        write(&name, &fs::read(root().join("testdata/odd").join(&name)).unwrap());
    }
    for name in ["first.base.heap", "first.current.heap"] {
        write(name, &fs::read(root().join("testdata/native/jemalloc").join(name)).unwrap());
    }
    for name in ["goref_0.pb.gz", "goref_1.pb.gz"] {
        write(name, &fs::read(root().join("testdata/retainers").join(name)).unwrap());
    }
    write("goref-by-pprof.pb.gz", &fs::read(root().join("testdata/reencoded/goref.pb.gz")).unwrap());
    for file in ["go.mod", "sessiond/main.go", "notifyd/main.go", "orders/main.go", "orders/variants/main_c.go.txt"] {
        let to = folder.join("sources").join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(captures.join(file), to).unwrap();
    }
    let after = fs::read(captures.join("sessiond/rate512k/heap_06.pb.gz")).unwrap();
    super::answers::write_all(folder);
    mem_stats_fixtures(folder);
    let mut damaged = after.clone();
    damaged[5000] ^= 4;
    write("damaged.pb.gz", &damaged);
    write("cut.pb.gz", &after[..5000]);
    write("tail.pb.gz", &[&after[..], b"and so on"].concat());
    write("thrice.pb.gz", &gzip(&gzip(&after)));
    write("empty", b"");
    write("heap.txt", b"heap profile: 1: 64 [2: 128] @ heap/1048576\n1: 64 [2: 128] @ 0x1\n");
    let text = fs::read(root().join("testdata/texts/sessiond/rate512k/heap_00.txt.gz")).unwrap();
    write("before.txt.gz", &text);
    let map = "MAPPED_LIBRARIES:\n00400000-00404000 r-xp 00000000 08:01 131 /srv/app\n";
    let record = "1: 64 [1: 64] @ 0x401000";
    write("app.heap", format!("heap profile: 1: 64 [1: 64] @ heap_v2/524288\n{record}\n\n{map}").as_bytes());
    write("damaged.txt", format!("heap profile: 1: 64 [1: 64] @ heap_v2/524288\n{record}x\n\n{map}").as_bytes());
    write("page.html", b"<!doctype html>\n<title>Log in</title>\n");
    fs::create_dir(folder.join("folder")).unwrap();

    let [mixed_a, mixed_b] = mixed();
    write("mixed-a.pb", &mixed_a.encode(Layout::Go));
    let raw = mixed_b.encode(Layout::Go);
    write("mixed-b.pb", &raw);
    write("cut.pb", &raw[..raw.len() - 7]);
    write("concatenated.pb", &[&raw[..], &raw].concat());
    write("padded.pb", &[&raw[..], &[0; 64]].concat());
    let mut broken = mixed_b.clone();
    broken.sample[1].location_id.push(4711);
    write("unknown-location.pb", &broken.encode(Layout::Go));
    let mut broken = mixed_b.clone();
    broken.function[1].filename = 4711;
    write("string-index.pb", &broken.encode(Layout::Go));
    let change = |name: &str, change: &dyn Fn(&mut Profile)| {
        let mut changed = mixed()[1].clone();
        change(&mut changed);
        write(name, &changed.encode(Layout::Go));
    };
    change("first-string.pb", &|p| p.string_table[0] = b"first".to_vec());
    change("no-strings.pb", &|p| p.string_table.clear());
    change("negative-string.pb", &|p| p.function[1].name = -1);
    change("zero-id.pb", &|p| p.mapping.push(Mapping::default()));
    change("duplicate-id.pb", &|p| p.function[3].id = 2);
    change("unknown-function.pb", &|p| p.location[2].line[0].function_id = 4711);
    change("value-count.pb", &|p| p.sample[2].value.push(1));
    change("no-sample-types.pb", &|p| p.sample_type.clear());
    change("units.pb", &|p| p.sample_type[3].unit = p.string("kilobytes"));
    change("escapes.pb", &|p| {
        p.sample_type[3].kind = p.string("\u{1b}]0;title\u{7}");
        p.sample_type.swap(1, 2);
        p.sample_type[1].kind = p.string("|");
    });
    for (name, mut profile) in ["bytes-a.pb", "bytes-b.pb"].into_iter().zip(mixed()) {
        // As jemalloc's protos are.
        profile.sample_type = vec![profile.sample_type[3].clone()];
        profile.sample.iter_mut().for_each(|sample| sample.value = vec![sample.value[3]]);
        write(name, &profile.encode(Layout::Pprof));
    }
    for (name, workers) in [("goroutines-a.pb", 20), ("goroutines-b.pb", 924)] {
        let mut profile = Profile::with_types(&["goroutine/count"]);
        profile.period_type = Some(profile.sample_type[0].clone());
        profile.period = 1;
        for (leaf, count) in [("main.deliver", workers), ("main.serve", 3)] {
            profile.live(&[&[(leaf, "app/main.go", 1, 2)]], 0, 0);
            profile.sample.last_mut().unwrap().value = vec![count];
        }
        write(name, &profile.encode(Layout::Go));
    }
    for (name, tail) in [
        ("wire-type.pb", &[0x13][..]),
        ("field-type.pb", &[0x49, 1, 2, 3, 4, 5, 6, 7, 8]),
        ("field-length.pb", &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
        ("overrun.pb", &[0x12, 4, 0x0a, 5, 1, 1]),
        ("varint.pb", &[0x60, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
        ("message.pb", &[0x22, 2, 0x08, 0x80]),
    ] {
        write(name, &[&raw[..], tail].concat());
    }
    let mut objects = Profile::with_types(&["objects/count"]);
    objects.live(&[&[("main.f", "main.go", 1, 2)]], 0, 0);
    objects.sample[0].value = vec![7];
    write("objects.pb", &objects.encode(Layout::Go));
    let ordered = mixed_b.encode(Layout::Pprof);
    write("ends-early.pb", &ordered[..ordered.len() - 2]);
    let types = ["inuse_objects/count", "inuse_space/bytes", "alloc_objects/count", "alloc_space/bytes"];
    let mut elsewhere = Profile::with_types(&types);
    elsewhere.live(&[&[("main.f", "main.go", 1, 2)]], 0, 0).value = vec![2, 128, 0, 0];
    write("live-columns.pb", &elsewhere.encode(Layout::Go));
    let mut odd = mixed_b.clone();
    odd.drop_frames = odd.string("main.(");
    write("bad-drop-frames.pb", &odd.encode(Layout::Go));
    let mut negative = mixed_b.clone();
    negative.sample[0].value = vec![1, 64, -1, -64];
    write("negative.pb", &negative.encode(Layout::Go));
    let mut exported = Profile::with_types(&["inuse_objects/count", "inuse_space/bytes"]);
    exported.live(&[&[("main.f", "main.go", 1, 2)]], 2, 128).label.clear();
    write("exported.pb", &exported.encode(Layout::Pprof));
    let mut native = Profile::with_types(&["objects/count", "space/bytes"]);
    native.live(&[&[("leak(int)", "/src/leak.cc", 0, 7)]], 3, 192);
    (native.time_nanos, native.duration_nanos) = (1_700_000_000_000_000_001, 60_000_000_000);
    write("native.pb", &native.encode(Layout::Pprof));
    for (name, profile) in ["recursive-a.pb", "recursive-b.pb"].into_iter().zip(recursive()) {
        write(name, &profile.encode(Layout::Go));
    }
    let [long_a, long_b] = long_names();
    write("long-a.pb", &long_a.encode(Layout::Go));
    write("long-b.pb", &long_b.encode(Layout::Go));
    let export = ["--format", "pprof", "-o", "export.pb.gz", "before.pb.gz", "after.pb.gz"];
    assert_eq!(run(command(folder, &export), None).exit, 0);
}

/// Series of `runtime.MemStats` and of profiles, and profiles of benchmarks.
fn mem_stats_fixtures(folder: &Path) {
    let data = root().join("testdata/memstats");
    let captures = root().join("testdata/captures");
    for (from, to) in [
        (data.join("vars"), "leaking"),
        (data.join("unforced"), "unforced"),
        (data.join("heap"), "text-heap"),
        (captures.join("sessiond/rate512k"), "leaking-heap"),
        (captures.join("pricecache/rate512k"), "bloat-heap"),
        (captures.join("warmcache/rate512k"), "warm-up-heap"),
        (root().join("testdata/benchmarks"), "benchmarks"),
    ] {
        fs::create_dir(folder.join(to)).unwrap();
        for file in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
            fs::copy(file.path(), folder.join(to).join(file.file_name())).unwrap();
        }
    }
    for (from, to) in
        [("notifyd", "goroutines"), ("burstidle", "idle"), ("pricecache", "bloat"), ("warmcache", "warm-up")]
    {
        let series = data.join(format!("series/{from}-rate512k.jsonl"));
        fs::copy(series, folder.join(to).with_extension("jsonl")).unwrap();
    }
    // Thousandths of a MiB, and objects: of a map that doubles, of a cache that is full at last, and with garbage.
    for (name, sizes, next_gc, objects) in [
        ("map", [3000_u64, 4000, 8000, 8100, 8900, 9100], [2; 6], [27_570, 57_800, 87_850, 118_100, 148_100, 178_000]),
        ("full", [9000, 10_000, 15_000, 16_000, 18_000, 18_500], [2; 6], [0, 1000, 31_000, 61_000, 91_000, 91_200]),
        ("garbage", [9000, 12_000, 25_900, 22_700, 15_100, 21_000], [3, 1, 2, 3, 1, 2], [25_000; 6]),
    ] {
        let line = |at: usize| {
            let size = sizes[at] * (1 << 20) / 1000;
            format!(
                "{{\"HeapAlloc\":{size},\"HeapObjects\":{},\"NextGC\":{},\"NumGC\":{at},\"NumForcedGC\":{}}}\n",
                objects[at],
                next_gc[at] * size,
                at + 1
            )
        };
        fs::write(folder.join(name).with_extension("jsonl"), (0..6).map(line).collect::<String>()).unwrap();
    }
    fs::write(folder.join("broken.jsonl"), "{\"HeapAlloc\": 1}\n{\"HeapAlloc\": -1}\n").unwrap();
}

/// Growth, shrinkage, new, gone, larger objects and more of them.
fn mixed() -> [Profile; 2] {
    let (mut a, mut b) = (Profile::go(), Profile::go());
    b.time_nanos += 1;
    let mut site = |name: &'static str, before: (i64, i64), after: (i64, i64)| {
        let frame: Frame = (name, "app/main.go", 1, 2);
        a.live(&[&[frame]], before.0, before.1);
        b.live(&[&[frame]], after.0, after.1);
    };
    site("main.grew", (10, 64_000), (40, 256_000));
    site("main.swelled", (10, 64_000), (10, 256_000));
    site("main.shrank", (1000, 64_000_000), (10, 640));
    site("main.gone", (1, 64), (0, 0));
    site("main.new", (0, 0), (1, 64));
    site("main.same", (1, 64), (1, 64));
    [a, b]
}

/// A function that calls itself, and one that a library allocates for in several places.
fn recursive() -> [Profile; 2] {
    [1, 40].map(|times| {
        let mut profile = Profile::go();
        profile.time_nanos += times;
        profile.period = 1;
        let serve: &[Frame] = &[("net/http.HandlerFunc.ServeHTTP", "net/http/server.go", 90, 91)];
        let walk = |line: i64| -> Frame { ("main.walk", "app/walk.go", 10, line) };
        let main: &[Frame] = &[("main.main", "app/main.go", 5, 8)];
        profile.live(&[&[walk(14)], &[walk(12)], &[walk(12)], main], 10 * times, 640 * times);
        profile.live(&[&[("main.node", "app/walk.go", 20, 21)], &[walk(13)], serve], 2 * times, 128 * times);
        for (leaf, line) in [("bytes.growSlice", 30), ("bytes.Clone", 50), ("bytes.Repeat", 70), ("bytes.Join", 90)] {
            let leaf: Frame = (leaf, "bytes/bytes.go", line, line + 3);
            profile.live(&[&[leaf], &[walk(13)], serve, serve], line * times, 64 * line * times);
        }
        profile
    })
}

/// Names that are long, and names that are the same when shortened.
fn long_names() -> [Profile; 2] {
    let (a, mut b) = (Profile::go(), Profile::go());
    let serve: Frame = ("net/http.(*conn).serve", "net/http/server.go", 1, 2);
    for (leaf, space) in [
        (
            "github.com/acme/warehouse/internal/storage/replication.(*SnapshotApplier).applyChunkToReplica.func1",
            1 << 30,
        ),
        ("github.com/acme/warehouse/internal/cache.(*Cache[go.shape.struct { Key string; N int }]).Put", 1 << 29),
        ("github.com/acme/billing/internal/cache.(*Cache[go.shape.int]).Put", 1 << 28),
        ("gopkg.in/yaml%2ev3.(*Decoder).Decode", 1 << 27),
        ("main.anIdentifierSoLongThatNoReasonableColumnCouldEverHoldItWithoutCuttingItInTwo", 1 << 26),
    ] {
        b.live(
            &[&[(leaf, "github.com/acme/warehouse/internal/storage/snapshot_applier.go", 10, 1234)], &[serve]],
            3,
            space,
        );
    }
    let alloc: Frame = ("bytes.growSlice", "bytes/buffer.go", 3, 4);
    let owner: Frame =
        ("github.com/acme/warehouse/internal/transport.(*Stream).bufferUntilFlushed", "acme/transport/stream.go", 5, 6);
    b.live(&[&[alloc], &[owner], &[serve]], 1000, 1 << 25);
    [a, b]
}

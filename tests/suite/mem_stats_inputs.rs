//! `runtime.MemStats` in other clothes: metrics of Prometheus and OpenTelemetry, answers of Prometheus, what a console
//! prints, `/proc/PID/status`. Exact numbers, and errors that name the place and what was expected.

use std::fs;
use std::path::{Path, PathBuf};

use heapdiff::internals::decode::decode_mem_stats;
use heapdiff::internals::profile::MemStats;
use serde_json::{Value, json};

use crate::run::{Ran, assert_valid, command, folder, root, run};

fn data() -> PathBuf {
    root().join("testdata/memstats/metrics")
}

fn text(name: &str) -> String {
    fs::read_to_string(data().join(name)).unwrap()
}

fn decoded(text: &str) -> Result<Vec<MemStats>, String> {
    decode_mem_stats(text.as_bytes()).map_err(|error| error.to_string())
}

fn memstats(folder: &Path, args: &[&str]) -> Ran {
    run(command(folder, &[&["memstats", "--json"], args].concat()), None)
}

/// The snapshots as JSON shows them, without what is null and where they are from.
fn snapshots(folder: &Path, args: &[&str]) -> Vec<Value> {
    let ran = memstats(folder, args);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
    let mut json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_valid(&json);
    let snapshots = json["snapshots"].as_array_mut().unwrap();
    for snapshot in snapshots.iter_mut() {
        snapshot.as_object_mut().unwrap().retain(|name, value| !value.is_null() && name != "input" && name != "counts");
    }
    std::mem::take(snapshots)
}

#[test]
fn runtime_metrics_are_the_same_as_mem_stats_to_the_byte() {
    let all = decoded(&text("memstats.jsonl")).unwrap();
    assert_eq!(all.len(), 7);
    // Between the two readings 144 B were allocated in the first step, and 64 KiB returned to the system in the third.
    for (step, mut expected) in all.into_iter().enumerate().skip(1) {
        let found = decoded(&text(&format!("runtime/metrics_{step:02}.txt"))).unwrap();
        assert_eq!(found.len(), 1);
        expected.heap_released = expected.heap_released.map(|bytes| if step == 2 { bytes - (64 << 10) } else { bytes });
        // They have no time of the last collection, and numbers that MemStats does not have.
        expected.last_gc = None;
        (expected.goroutines, expected.gogc_percent) = (Some(8), Some(100));
        (expected.heap_live, expected.memory_limit) = (found[0].heap_live, Some(512 << 20));
        assert_eq!(found[0], expected, "{step}");
    }
}

#[test]
fn runtime_metrics_are_shown_in_json() {
    let expected = json!({
        "heap_alloc_bytes": 11_339_096,
        "heap_objects": 80_494,
        "heap_sys_bytes": 16_482_304,
        "heap_inuse_bytes": 11_837_440,
        "heap_idle_bytes": 4_644_864,
        "heap_released_bytes": 2_179_072,
        "stack_inuse_bytes": 294_912,
        "stack_sys_bytes": 294_912,
        "mspan_sys_bytes": 212_160,
        "mcache_sys_bytes": 16_072,
        "buck_hash_sys_bytes": 1_442_959,
        "gc_sys_bytes": 2_277_120,
        "other_sys_bytes": 674_305,
        "sys_bytes": 21_399_832,
        "next_gc_bytes": 22_872_746,
        "num_gc": 7,
        "num_forced_gc": 4,
        "goroutines": 8,
        "heap_live_bytes": 11_339_384,
        "gogc_percent": 100,
        "memory_limit_bytes": 512 << 20
    });
    assert_eq!(snapshots(&data(), &["runtime/metrics_03.txt"]), [expected]);
    assert_eq!(snapshots(&data(), &["runtime"]).len(), 7);
}

#[test]
fn opentelemetry_has_what_it_has() {
    let expected = json!({
        "stack_inuse_bytes": 294_912,
        "next_gc_bytes": 22_872_746,
        "goroutines": 8,
        "gogc_percent": 100,
        "memory_limit_bytes": 512 << 20
    });
    assert_eq!(snapshots(&data(), &["otel/metrics_03.txt"]), [expected]);
    // The older generation beside it.
    let page = "go_memory_used_bytes{go_memory_type=\"other\"} 1.2e+07\ngo_memory_used_bytes{go_memory_type=\"stack\"} 1e+06\n\
        process_runtime_go_mem_heap_alloc_bytes 1.1e+07\nprocess_runtime_go_mem_heap_idle_bytes 2e+06\n\
        process_runtime_go_mem_heap_inuse_bytes 1.15e+07\nprocess_runtime_go_mem_heap_objects 90\n\
        process_runtime_go_mem_heap_released_bytes 500000\nprocess_runtime_go_mem_heap_sys_bytes 1.35e+07\n\
        process_runtime_go_gc_count_total 4\nprocess_runtime_go_goroutines 7\nprocess_memory_usage_bytes 3e+07\n";
    let expected = MemStats {
        heap_alloc: Some(11_000_000),
        heap_objects: Some(90),
        heap_sys: Some(13_500_000),
        heap_inuse: Some(11_500_000),
        heap_idle: Some(2_000_000),
        heap_released: Some(500_000),
        stack_inuse: Some(1_000_000),
        sys: Some(13_500_000),
        num_gc: Some(4),
        rss: Some(30_000_000),
        goroutines: Some(7),
        ..MemStats::default()
    };
    assert_eq!(decoded(page), Ok(vec![expected]));
}

/// What the federated page has.
fn federated() -> Value {
    json!({
        "heap_alloc_bytes": 12_038_744,
        "heap_objects": 79_963,
        "heap_sys_bytes": 24_412_160,
        "heap_inuse_bytes": 14_737_408,
        "heap_idle_bytes": 9_674_752,
        "heap_released_bytes": 3_145_728,
        "stack_inuse_bytes": 753_664,
        "stack_sys_bytes": 753_664,
        "mspan_sys_bytes": 260_352,
        "mcache_sys_bytes": 15_600,
        "buck_hash_sys_bytes": 1_461_767,
        "gc_sys_bytes": 9_749_000,
        "other_sys_bytes": 683_785,
        "sys_bytes": 37_336_328,
        "next_gc_bytes": 22_869_888,
        "last_gc_nanos": 1_795_911_097_881_243_136_u64,
        "num_gc": 7,
        "rss_bytes": 55_525_376,
        "goroutines": 34
    })
}

#[test]
fn a_federated_page_of_one_instance_is_read() {
    let expected = federated();
    // And a query at the same moment.
    for file in ["prometheus/federate.txt", "prometheus/query.json"] {
        assert_eq!(snapshots(&data(), &[file]), std::slice::from_ref(&expected), "{file}");
    }
    // Pages one after the other are a series.
    let page = text("prometheus/federate.txt");
    let later = page.replace(" 1795911100870", " 1795911160870");
    let series = decoded(&format!("{later}{page}")).unwrap();
    assert_eq!(series, [decoded(&page).unwrap(), decoded(&later).unwrap()].concat());
    assert_eq!(decoded(&format!("{page}{page}")).unwrap().len(), 1);
    let error = decoded(&format!("{page}{}", page.replace(" 34 ", " 35 "))).unwrap_err();
    assert!(error.starts_with("at line 44: go_goroutines occurs twice; expected one snapshot per page"), "{error}");
}

#[test]
fn several_instances_are_refused_with_their_names_and_a_choice() {
    let ran = memstats(&data(), &["prometheus/federate-two.txt"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
    assert_eq!(
        ran.stderr,
        "error: prometheus/federate-two.txt: at line 3: metrics of several processes: \
         go_gc_duration_seconds_count of {instance=\"127.0.0.1:19090\",job=\"second\"}, \
         go_gc_duration_seconds_count of {instance=\"localhost:19090\",job=\"prometheus\"}; expected those of one: \
         choose it in the query ({instance=\"127.0.0.1:19090\"}), \
         or keep only its lines of the page (grep 'instance=\"127.0.0.1:19090\"')\n"
    );
    // What it says helps.
    let page = text("prometheus/federate-two.txt");
    let chosen: String = page
        .lines()
        .filter(|line| line.contains("instance=\"127.0.0.1:19090\""))
        .map(|line| line.to_owned() + "\n")
        .collect();
    assert_eq!(decoded(&chosen).unwrap()[0].num_gc, Some(7));
    let two =
        format!("[{},{}]", text("prometheus/query.json"), text("prometheus/query.json").replace("localhost", "b"));
    let error = decoded(&two).unwrap_err();
    assert!(
        error.starts_with(
            "at line 1: metrics of several processes: go_gc_duration_seconds_count of {instance=\"localhost"
        )
    );
}

/// Name of a metric, its instance, times and values.
type Series<'a> = (&'a str, &'a str, &'a [(u32, &'a str)]);

/// An answer of `query_range`.
fn range(series: &[Series<'_>]) -> String {
    let series = series.iter().map(|&(name, instance, values)| {
        let values: Vec<_> = values.iter().map(|&(time, value)| json!([time, value])).collect();
        json!({ "metric": { "__name__": name, "instance": instance }, "values": values })
    });
    let data = json!({ "resultType": "matrix", "result": series.collect::<Vec<_>>() });
    json!({ "status": "success", "data": data }).to_string()
}

const ALLOC: &str = "go_memstats_heap_alloc_bytes";
const RSS: &str = "process_resident_memory_bytes";

#[test]
fn a_range_is_a_series_joined_by_time() {
    let found = snapshots(&data(), &["prometheus/query_range.json"]);
    assert_eq!(found.len(), 7);
    let first = json!({
        "buck_hash_sys_bytes": 1_460_391,
        "gc_sys_bytes": 9_718_136,
        "goroutines": 34,
        "heap_alloc_bytes": 14_487_536,
        "heap_idle_bytes": 3_661_824,
        "heap_inuse_bytes": 16_523_264,
        "heap_objects": 113_343,
        "heap_released_bytes": 1_572_864,
        "heap_sys_bytes": 20_185_088,
        "last_gc_nanos": 1_795_911_079_882_432_768_u64,
        "mcache_sys_bytes": 15_600,
        "mspan_sys_bytes": 227_808,
        "next_gc_bytes": 22_960_512,
        "num_gc": 6,
        "other_sys_bytes": 748_569,
        "rss_bytes": 52_903_936,
        "stack_inuse_bytes": 786_432,
        "stack_sys_bytes": 786_432,
        "sys_bytes": 33_142_024
    });
    // The last one is that of the federated page.
    assert_eq!([&found[0], &found[6]], [&first, &federated()]);
    // Answers with a metric each, in an array, in a row, or in any order.
    let alloc = range(&[(ALLOC, "a", &[(1, "10"), (2, "20"), (3, "30")])]);
    let rss = range(&[(RSS, "a", &[(3, "300"), (1, "100"), (2, "200")])]);
    for text in [format!("[{alloc},{rss}]"), format!("{rss}\n{alloc}\n"), format!("{rss}{alloc}{rss}")] {
        let found = decoded(&text).unwrap();
        let found: Vec<_> = found.iter().map(|stats| (stats.heap_alloc, stats.rss)).collect();
        assert_eq!(found, [(Some(10), Some(100)), (Some(20), Some(200)), (Some(30), Some(300))], "{text}");
    }
}

#[test]
fn answers_that_do_not_make_a_series_say_why() {
    let apart = range(&[(ALLOC, "a", &[(1, "10"), (3, "20")]), (RSS, "a", &[(2, "10"), (4, "20")])]);
    let two = range(&[(ALLOC, "a", &[(1, "10")]), (ALLOC, "b", &[(1, "10")])]);
    let twice = range(&[(ALLOC, "a", &[(1, "10"), (1, "11")])]);
    let nan = range(&[(ALLOC, "a", &[(1, "NaN")])]);
    for (text, expected) in [
        (text("prometheus/query-empty.json"), "the Prometheus response has no series: does the query match"),
        (
            text("prometheus/query-error.json"),
            "Prometheus could not answer the query (bad_data: invalid parameter \"query\": 1:5: parse error: unclosed \
             left parenthesis); expected \"status\": \"success\" at line 1 column 124",
        ),
        (text("prometheus/query-sum.json"), "at line 1: a series in the Prometheus response has no metric name"),
        (apart, "go_memstats_heap_alloc_bytes and process_resident_memory_bytes have no time in common; expected"),
        (two, "at line 1: metrics of several processes: go_memstats_heap_alloc_bytes of {instance=\"a\"}, "),
        (twice, "at line 1: go_memstats_heap_alloc_bytes occurs twice; expected one snapshot"),
        (nan, "at line 1: go_memstats_heap_alloc_bytes is NaN; expected a non-negative integer"),
        (
            range(&[("up", "a", &[(1, "1")])]),
            "no metric in the Prometheus response is about Go's memory, not up; expected",
        ),
        (
            "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"5\"]}}".to_owned(),
            "a scalar as the Prometheus response; expected a matrix (query_range) or a vector (query) at line 1",
        ),
        (
            format!("{}{{\"HeapAlloc\":5}}", range(&[(ALLOC, "a", &[(1, "10")])])),
            "the file has answers of Prometheus and runtime.MemStats; expected one kind",
        ),
    ] {
        let error = decoded(&text).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn what_a_console_prints_is_read() {
    let console = text("console.txt");
    let expected = decoded(text("memstats.jsonl").lines().nth(3).unwrap()).unwrap();
    assert_eq!(decoded(&console), Ok(expected.clone()));
    // Without the prompt, without the last line break, and as %+v of Go.
    let object = &console[console.find('{').unwrap()..];
    assert_eq!(decoded(object.trim_end()), Ok(expected.clone()));
    assert_eq!(decoded(&object.replace(['\n', ','], " ")), Ok(expected.clone()));
    assert_eq!(decoded(&format!("{console}{console}")), Ok([expected.clone(), expected].concat()));
    for (text, error) in [
        (object.trim_end().trim_end_matches('}').to_owned(), "the file ends within an object, before its last brace"),
        (object.replace("NumGC: 7", "NumGC: many"), "at line 49: NumGC is many; expected a non-negative integer"),
        (object.replace("HeapAlloc: ", "NumGC: "), "at line "),
        (
            format!("{object}go_goroutines 4\n{ALLOC} 5\n"),
            "the file has metrics for Prometheus and MemStats of a console",
        ),
        (format!("{{HeapAlloc: 1, X: {}}}", "9".repeat(20_000)), "at line 1: the file ends within this line"),
    ] {
        let found = decoded(&text).unwrap_err();
        assert!(found.starts_with(error), "{found}");
    }
}

#[test]
fn a_status_is_the_resident_set() {
    let expected = json!({ "max_rss_bytes": 55_172 << 10, "rss_bytes": 55_172 << 10 });
    assert_eq!(snapshots(&data(), &["prometheus/status.txt"]), [expected]);
    let page = format!("{ALLOC} 5\n");
    let status = text("prometheus/status.txt");
    let both = decoded(&format!("{page}{status}")).unwrap();
    assert_eq!(
        both.iter().map(|stats| (stats.heap_alloc, stats.rss)).collect::<Vec<_>>(),
        [(Some(5), Some(56_496_128))]
    );
    assert_eq!(decoded(&format!("{status}{status}")).unwrap().len(), 2);
    for (text, error) in [
        (
            format!("{page}{status}{status}"),
            "expected one /proc/PID/status for each other snapshot of the file, not 2 for 1",
        ),
        ("Name:\tx\nVmRSS:\t5 MB\n".to_owned(), "at line 2: VmRSS is 5 MB; expected a number of kB"),
        ("VmHWM:\t18446744073709551615 kB\n".to_owned(), "at line 1: VmHWM is 18446744073709551615 kB; expected"),
    ] {
        let found = decoded(&text).unwrap_err();
        assert!(found.starts_with(error), "{found}");
    }
}

#[test]
fn statuses_in_files_of_their_own_are_joined_in_their_order() {
    let folder = folder("memstats-status");
    for step in 1..=2 {
        fs::write(folder.join(format!("page_{step}.txt")), format!("{ALLOC} {step}\n")).unwrap();
        fs::write(folder.join(format!("status_{step}.txt")), format!("VmRSS:\t   {step} kB\n")).unwrap();
    }
    let expected = [1, 2].map(|step| json!({ "heap_alloc_bytes": step, "rss_bytes": step * 1024 }));
    assert_eq!(snapshots(&folder, &["."]), expected);
    assert_eq!(snapshots(&folder, &["status_1.txt", "page_1.txt", "status_2.txt", "page_2.txt"]), expected);
    assert_eq!(snapshots(&folder, &["status_1.txt", "status_2.txt"]).len(), 2);
    let ran = memstats(&folder, &["status_1.txt", "page_1.txt", "page_2.txt"]);
    assert_eq!(
        (ran.exit, ran.stderr.as_str()),
        (2, "error: status_1.txt: expected one /proc/PID/status for each snapshot of the other files, not 1 for 2\n")
    );
}

#[test]
fn trailers_have_what_the_runtime_holds_for_itself() {
    let own = |folder: &str, file: &str| {
        let found = snapshots(&root().join("testdata/memstats").join(folder), &[file]);
        ["stack_sys", "mspan_sys", "mcache_sys", "buck_hash_sys", "gc_sys", "other_sys"]
            .map(|name| found[0][format!("{name}_bytes")].as_u64().unwrap())
    };
    assert_eq!(own("heap", "heap_02.txt"), [360_448, 342_720, 16_072, 1_443_658, 2_435_312, 585_542]);
    assert_eq!(own("vars", "vars_02.json"), [360_448, 342_720, 16_072, 1_443_658, 2_449_136, 571_718]);
    assert_eq!(own("pushgateway", "metrics_02.txt"), [622_592, 471_888, 15_600, 1_466_722, 9_320_592, 568_022]);
}

#[test]
fn what_is_cut_off_or_damaged_gives_no_wrong_number() {
    for name in ["runtime/metrics_03.txt", "prometheus/query_range.json", "prometheus/federate.txt", "console.txt"] {
        let whole = text(name);
        let expected = decoded(&whole).unwrap();
        for end in (0..whole.len()).step_by(7) {
            let Ok(found) = decoded(&whole[..end]) else { continue };
            assert!(name.ends_with("s_03.txt") || name.ends_with("federate.txt"), "{name} of {end} B");
            for field in ["HeapAlloc", "HeapSys", "NextGC", "NumGC", "RSS", "GOMEMLIMIT", "Sys"] {
                let [found, whole] = [&found, &expected].map(|all| *all[0].clone().field(field).unwrap());
                assert!(found.is_none() || found == whole, "{name}: {field} of {end} B");
            }
        }
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..200 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut damaged = whole.clone().into_bytes();
            let at = (random >> 33) as usize % damaged.len();
            damaged[at] = (random >> 20) as u8;
            if let Err(error) = decode_mem_stats(&damaged[..]) {
                assert!(!error.to_string().is_empty());
            }
        }
    }
}

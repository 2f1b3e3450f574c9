//! Numbers at the ends of their types, in every file that has numbers, through every command: this build checks
//! overflow, so that a sum which wraps ends the program. No command may, nor print a duration or a rate that is none.

use std::fs;
use std::path::Path;

use crate::proto::{Frame, Layout, Profile};
use crate::random::Random;
use crate::run::{assert_valid, command, folder, run};

/// Runs of all commands; each takes a second.
const ROUNDS: u64 = 5;

const NUMBERS: [i64; 20] = [
    0,
    0,
    1,
    1,
    -1,
    2,
    100,
    524_288,
    -524_288,
    1_700_000_000_000_000_000,
    1_700_000_060_000_000_000,
    u32::MAX as i64,
    1 << 32,
    (1 << 53) + 1,
    i64::MAX / 2,
    i64::MAX - 1,
    i64::MAX,
    i64::MIN / 2,
    i64::MIN + 1,
    i64::MIN,
];

const TEXTS: [&str; 20] = [
    "0",
    "1",
    "-1",
    "1000",
    "104857600",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "1e400",
    "-1e308",
    "1.5e18",
    "1.8446744073709552e19",
    "4.9e-324",
    "NaN",
    "+Inf",
    "-Inf",
];

fn number(random: &mut Random) -> i64 {
    NUMBERS[random.below(NUMBERS.len())]
}

fn text(random: &mut Random) -> &'static str {
    TEXTS[random.below(TEXTS.len())]
}

fn profile(random: &mut Random, types: &[&str]) -> Vec<u8> {
    let mut profile = Profile::with_types(types);
    let names = ["main.a", "main.(*Cache[go.shape.int]).put", "bytes.growSlice", "runtime.malg", "testing.(*B).run1"];
    let frames: Vec<Frame> = names.iter().map(|&name| (name, "main.go", number(random), number(random))).collect();
    for _ in 0..random.below(8) {
        let depth = random.below(4);
        let stack: Vec<_> = (0..depth).map(|_| &frames[random.below(frames.len())]).collect();
        let stack: Vec<&[Frame]> = stack.into_iter().map(std::slice::from_ref).collect();
        let sample = profile.live(&stack, 0, 0);
        sample.value = types.iter().map(|_| number(random)).collect();
        sample.label[0].num = number(random);
    }
    // Few profiles are of an impossible time and rate at once.
    match random.below(4) {
        0 => profile.period = number(random),
        1 => profile.duration_nanos = number(random),
        _ => profile.time_nanos = number(random),
    }
    for location in &mut profile.location {
        location.address = number(random).cast_unsigned();
    }
    profile.encode(if random.below(2) == 0 { Layout::Go } else { Layout::Pprof })
}

/// A number that MemStats may have, or now and then one that it cannot.
fn count(random: &mut Random) -> &'static str {
    const VALID: [&str; 6] =
        ["0", "1", "104857600", "9223372036854775807", "9223372036854775808", "18446744073709551615"];
    if random.below(40) == 0 { text(random) } else { VALID[random.below(VALID.len())] }
}

/// A memstats input: the end of its name, and what it holds.
fn mem_stats(random: &mut Random) -> (&'static str, String) {
    const FIELDS: &str = "HeapAlloc HeapSys HeapInuse HeapIdle HeapReleased HeapObjects StackInuse StackSys MSpanSys \
                          MCacheSys BuckHashSys GCSys OtherSys Sys NextGC LastGC NumGC NumForcedGC";
    const METRICS: &str = "go_memstats_heap_alloc_bytes go_memstats_heap_sys_bytes go_memstats_heap_inuse_bytes \
                           go_memstats_heap_idle_bytes go_memstats_heap_released_bytes go_memstats_sys_bytes \
                           go_memstats_next_gc_bytes go_memstats_stack_inuse_bytes process_resident_memory_bytes \
                           go_gc_duration_seconds_count go_memory_classes_heap_free_bytes go_gc_gogc_percent";
    match random.below(3) {
        0 => {
            let fields = FIELDS.split_whitespace().map(|name| format!("\"{name}\": {}", count(random)));
            ("json", format!("{{{}}}", fields.collect::<Vec<_>>().join(", ")))
        }
        1 => {
            let lines = METRICS.split_whitespace().map(|name| format!("{name} {}\n", count(random)));
            ("prom", lines.collect())
        }
        _ => {
            let lines = FIELDS.split_whitespace().map(|name| format!("# {name} = {}\n", count(random)));
            let lines: String = lines.collect();
            ("txt", format!("heap profile: 0: 0 [0: 0] @ heap/1048576\n\n# runtime.MemStats\n{lines}# MaxRSS = 1\n"))
        }
    }
}

/// The output of a benchmark.
fn bench(random: &mut Random) -> String {
    let iterations = ["1", "200", "18446744073709551615", "9223372036854775807"][random.below(4)];
    format!(
        "pkg: m\nBenchmarkX-8 \t {iterations}\t {} ns/op\t {} B/op\t {} allocs/op\nPASS\n",
        text(random),
        text(random),
        text(random)
    )
}

/// A number in TOML, within quotes or not.
fn toml_number(random: &mut Random) -> String {
    let number = [
        "0",
        "1",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
        "\"100%\"",
        "\"1e30%\"",
        "\"8EiB\"",
        "\"99999999999999999999TB\"",
        "\"0.1KiB\"",
        "inf",
        "nan",
    ];
    number[random.below(number.len())].to_owned()
}

fn budget(random: &mut Random) -> String {
    let mut number = || toml_number(random);
    format!(
        "version = 2\ngranularity = \"lines\"\nsites = [\n  {{ site = \"main.a\", space = {}, objects = {}, base-space = {}, \
         base-objects = {}, rate = {} }},\n]\n",
        number(),
        number(),
        number(),
        number(),
        number()
    )
}

fn config(random: &mut Random) -> String {
    let mut number = || toml_number(random);
    format!(
        "must-see = {}\n[limits]\nsite-space = {}\nsite-objects = {}\ntotal-space = {}\ntotal-tolerance = {}\n[[allow]]\n\
         function = \"main.a\"\nspace = {}\nobjects = {}\nreason = \"r\"\n",
        number(),
        number(),
        number(),
        number(),
        number(),
        number(),
        number()
    )
}

/// The commands, each with what it is to read.
fn commands(mem_stats: [&str; 4]) -> Vec<Vec<&str>> {
    const PAIR: [&str; 2] = ["0.pb", "1.pb"];
    const SERIES: [&str; 4] = ["0.pb", "1.pb", "2.pb", "3.pb"];
    let of_pair = |args: &[&'static str]| [args, &PAIR].concat();
    let mut all: Vec<Vec<&str>> = [
        &[][..],
        &["--json", "--cum"],
        &["--format", "ndjson", "--by", "owner"],
        &["--format", "csv", "--by", "packages"],
        &["--format", "markdown", "--by", "files", "--bytes", "raw"],
        &["--format", "folded"],
        &["--format", "pprof", "-o", "out.pb.gz"],
        &["--format", "speedscope"],
        &["--normalize"],
        &["--sample-type", "alloc", "--json"],
        &["--tagfocus", "1b:1gb"],
        &["--bench", "0.bench", "1.bench"],
        &["check"],
        &["check", "--json", "--config", "config.toml"],
        &["check", "--budget", "budget.toml", "--total-tolerance", "9223372036854775807"],
        &["check", "--update-budget", "new.toml", "--strict"],
        &["check", "--normalize", "--format", "junit"],
        &["check", "--format", "sarif", "--max-site-space", "0", "--must-see", "1"],
        &["check", "--format", "github", "--max-total-space", "1e30%"],
        &["check", "--format", "code-quality", "--max-total-objects", "0"],
        &["check", "--bench", "0.bench", "1.bench"],
        &["check", "--settled", "2.pb"],
        &["stacks", "--json"],
        &["stacks"],
        &["peek", "."],
        &["list", "."],
        &["--json", "--goroutines=g0.pb", "--goroutines=g1.pb"],
        &["check", "--goroutines=g0.pb", "--goroutines=g1.pb"],
        &["flame", "--width", "delta"],
        &["report"],
    ]
    .iter()
    .map(|args| of_pair(args))
    .collect();
    all.extend([
        [&["trend"], &SERIES[..]].concat(),
        [&["trend", "--json", "--limit", "9223372036854775807"], &SERIES[..]].concat(),
        [&["trend", "--limit", "1", "--by", "owner"], &SERIES[..]].concat(),
        [&["trend", "--json", "--sample-type", "goroutine"], &SERIES[..]].concat(),
        [&["calibrate"], &SERIES[..]].concat(),
        vec!["--per-profile", "--base", "0.pb", "1.pb", "--current", "2.pb", "3.pb"],
        vec!["check", "--base", "0.pb", "1.pb", "2.pb", "--current", "3.pb", "1.pb", "0.pb"],
        vec!["check", "--base-pair", "0.pb", "1.pb", "--current-pair", "2.pb", "3.pb"],
        [&["memstats"], &mem_stats[..]].concat(),
        [&["memstats"], &mem_stats[..2]].concat(),
        [&["memstats", "--json"], &mem_stats[..]].concat(),
        [&["memstats"], &mem_stats[..1]].concat(),
        [&["check", "--memstats"], &mem_stats[..2], &PAIR[..]].concat(),
        [&["--json", "--memstats"], &mem_stats[..2], &PAIR[..]].concat(),
    ]);
    let memstats: Vec<&str> = mem_stats.iter().flat_map(|file| ["--memstats", file]).collect();
    all.push([&["trend"], &memstats[..], &SERIES].concat());
    all
}

/// What a run prints wrong, if anything.
fn nonsense(stdout: &str) -> Option<&'static str> {
    const NEVER: [&str; 7] = ["-0.0 s", "over -", "NaN", " inf ", "-inf", "infinity", "+inf"];
    NEVER.into_iter().find(|never| stdout.contains(never))
}

fn try_all(folder: &Path, round: u64) {
    let mut random = Random(round);
    let types: &[&str] = match random.below(6) {
        0 => &["inuse_objects/count", "inuse_space/bytes"],
        1 => &["goroutine/count"],
        _ => &["alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes"],
    };
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    let mut names = [(); 4].map(|()| String::new());
    for (at, name) in names.iter_mut().enumerate() {
        write(&format!("{at}.pb"), &profile(&mut random, types));
        let (end, text) = mem_stats(&mut random);
        *name = format!("{at}.{end}");
        write(name, text.as_bytes());
        write(&format!("g{at}.pb"), &profile(&mut random, &["goroutine/count"]));
        write(&format!("{at}.bench"), bench(&mut random).as_bytes());
    }
    write("budget.toml", budget(&mut random).as_bytes());
    write("config.toml", config(&mut random).as_bytes());
    let _ = fs::remove_file(folder.join("new.toml"));
    for args in commands(names.each_ref().map(String::as_str)) {
        let ran = run(command(folder, &args), None);
        let what = format!("round {round}: {args:?}");
        assert!(matches!(ran.exit, 0..=2), "{what}: exit {}: {}", ran.exit, ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{what}: {}", ran.stderr);
        if !args.iter().any(|arg| matches!(*arg, "report" | "flame")) {
            assert_eq!(nonsense(&ran.stdout), None, "{what}: {}", ran.stdout);
        }
        if args.contains(&"--json") && !ran.stdout.is_empty() {
            assert_valid(&serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{what}: {error}")));
        }
    }
}

#[test]
fn this_build_checks_overflow() {
    let most = std::hint::black_box(u8::MAX);
    assert!(std::panic::catch_unwind(|| most + 1).is_err());
}

#[test]
fn no_number_of_a_file_breaks_a_command() {
    let folder = folder("numbers");
    (0..ROUNDS).for_each(|round| try_all(&folder, round));
}

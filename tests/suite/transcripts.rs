//! Golden transcripts: a command, how it ended, and what it printed. `HEAPDIFF_UPDATE=1` rewrites them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::proto::{Frame, Layout, Profile};
use crate::run::{command, folder, gzip, root, run};

/// The name of the golden file and the command. `VAR=value` before it is environment, `< file` behind
/// it standard input.
const CASES: &[(&str, &str)] = &[
    ("table", "heapdiff before.pb.gz after.pb.gz"),
    ("table-wide", "COLUMNS=200 heapdiff before.pb.gz after.pb.gz"),
    ("table-narrow", "COLUMNS=60 heapdiff before.pb.gz after.pb.gz"),
    ("table-color", "heapdiff --color always mixed-a.pb mixed-b.pb"),
    ("table-clicolor-force", "CLICOLOR_FORCE=1 heapdiff --sort space --top 1 before.pb.gz after.pb.gz"),
    ("table-no-color", "NO_COLOR=1 CLICOLOR_FORCE=1 heapdiff --sort space --top 1 before.pb.gz after.pb.gz"),
    (
        "table-color-against-no-color",
        "NO_COLOR=1 heapdiff --color always --sort space --top 1 before.pb.gz after.pb.gz",
    ),
    ("table-sort-objects", "heapdiff --sort objects before.pb.gz after.pb.gz"),
    ("table-top", "heapdiff --top 2 before.pb.gz after.pb.gz"),
    ("table-all", "heapdiff --all --sort space before.pb.gz after.pb.gz"),
    ("table-cum", "heapdiff --cum --top 5 before.pb.gz after.pb.gz"),
    ("table-raw", "heapdiff --bytes raw before.pb.gz after.pb.gz"),
    ("table-by-functions", "heapdiff --by functions before.pb.gz after.pb.gz"),
    ("table-by-files", "heapdiff --by files before.pb.gz after.pb.gz"),
    ("table-by-packages", "heapdiff --by packages before.pb.gz after.pb.gz"),
    ("table-by-owner", "heapdiff --by owner before.pb.gz after.pb.gz"),
    ("table-long-names", "heapdiff long-a.pb long-b.pb"),
    ("table-shrank", "heapdiff after.pb.gz before.pb.gz"),
    ("table-builds", "heapdiff build-a.pb.gz build-b.pb.gz"),
    ("table-same", "heapdiff before.pb.gz before.pb.gz"),
    ("table-stdin", "heapdiff diff --sort space - after.pb.gz < before.pb.gz"),
    ("table-confirmed", "heapdiff --confirmed --by owner before.pb.gz after.pb.gz"),
    ("table-exact", "heapdiff --top 2 rate1.pb.gz rate1-later.pb.gz"),
    ("table-hide", "heapdiff --hide ^main --show-from net/http --sort space before.pb.gz after.pb.gz"),
    ("table-tagfocus", "heapdiff --tagfocus 1b:64b --sort objects before.pb.gz after.pb.gz"),
    ("table-trim-path", "heapdiff --trim-path example.test/svc --by files --sort space before.pb.gz after.pb.gz"),
    ("notes-filters", "heapdiff --hide nobody --tagfocus 3b --own example.com/... --top 1 before.pb.gz after.pb.gz"),
    ("check-fail", "heapdiff check before.pb.gz after.pb.gz"),
    ("check-fail-color", "heapdiff check --color always --max-total-space 1% before.pb.gz after.pb.gz"),
    ("check-pass", "heapdiff check build-a.pb.gz build-b.pb.gz"),
    ("check-inconclusive", "heapdiff check --max-site-objects 1000 build-a.pb.gz build-b.pb.gz"),
    ("check-markdown", "heapdiff check --format markdown before.pb.gz after.pb.gz"),
    ("check-github", "heapdiff check --format github before.pb.gz after.pb.gz"),
    ("check-junit", "heapdiff check --format junit before.pb.gz after.pb.gz"),
    ("check-json", "heapdiff check --json before.pb.gz after.pb.gz"),
    ("check-help", "heapdiff check --help"),
    ("capture-help", "heapdiff capture --help"),
    ("watch-help", "heapdiff watch --help"),
    ("flame-help", "heapdiff flame --help"),
    ("report-help", "heapdiff report --help"),
    ("error-flame-ending", "heapdiff flame -o growth.png before.pb.gz after.pb.gz"),
    ("check-bad-limit", "heapdiff check --max-site-objects 64KiB before.pb.gz after.pb.gz"),
    ("calibrate", "heapdiff calibrate before.pb.gz after.pb.gz"),
    ("json", "heapdiff --json --top 2 before.pb.gz after.pb.gz"),
    ("json-notes", "heapdiff --json --focus nothing after.pb.gz other.pb.gz"),
    ("ndjson", "heapdiff --format ndjson --top 2 before.pb.gz after.pb.gz"),
    ("csv", "heapdiff --format csv --top 3 before.pb.gz after.pb.gz"),
    ("csv-notes", "heapdiff --format csv --top 0 after.pb.gz before.pb.gz"),
    ("markdown", "heapdiff --format markdown --top 3 before.pb.gz after.pb.gz"),
    ("markdown-notes", "heapdiff --format markdown --ignore a_b after.pb.gz before.pb.gz"),
    ("notes-other-program", "heapdiff --top 1 before.pb.gz other.pb.gz"),
    ("notes-negative", "heapdiff before.pb.gz negative.pb"),
    ("notes-period", "heapdiff --top 1 before.pb.gz rate1.pb.gz"),
    ("notes-drop-frames", "heapdiff bad-drop-frames.pb mixed-b.pb"),
    ("sample-type-goroutine", "heapdiff --sample-type goroutine --cum goroutines-a.pb goroutines-b.pb"),
    ("sample-type-goroutine-json", "heapdiff --sample-type goroutine --json goroutines-a.pb goroutines-b.pb"),
    ("sample-type-goroutine-check", "heapdiff check --sample-type goroutine goroutines-a.pb goroutines-b.pb"),
    ("sample-type-alloc-space", "heapdiff --sample-type alloc_space --top 3 before.pb.gz after.pb.gz"),
    ("sample-type-objects", "heapdiff --sample-type Inuse-Objects --top 3 before.pb.gz after.pb.gz"),
    ("error-sample-type", "heapdiff --sample-type cpu before.pb.gz after.pb.gz"),
    ("bytes-only", "heapdiff bytes-a.pb bytes-b.pb"),
    ("bytes-only-json", "heapdiff --json bytes-a.pb bytes-b.pb"),
    ("bytes-only-csv", "heapdiff --format csv bytes-a.pb bytes-b.pb"),
    ("bytes-only-markdown", "heapdiff --format markdown bytes-a.pb bytes-b.pb"),
    ("bytes-only-check", "heapdiff check bytes-a.pb bytes-b.pb"),
    ("bytes-only-check-no-evidence", "heapdiff check --no-evidence --max-site-objects 5 bytes-a.pb bytes-b.pb"),
    ("bytes-only-check-space", "heapdiff check --no-evidence --max-site-space 1MiB bytes-a.pb bytes-b.pb"),
    ("bytes-one-side", "heapdiff --top 2 bytes-a.pb mixed-b.pb"),
    ("error-nothing-common", "heapdiff check bytes-a.pb objects.pb"),
    (
        "table-fleet",
        "heapdiff --top 2 --base pod-1.pb.gz --base pod-2.pb.gz --current pod-3.pb.gz pod-4.pb.gz pod-5.pb.gz pod-6.pb.gz",
    ),
    (
        "table-per-profile",
        "heapdiff --per-profile --top 2 --base pod-1.pb.gz pod-2.pb.gz --current pod-3.pb.gz pod-4.pb.gz pod-5.pb.gz",
    ),
    (
        "json-per-profile",
        "heapdiff --json --per-profile --top 1 --base pod-1.pb.gz pod-2.pb.gz --current pod-3.pb.gz pod-4.pb.gz pod-5.pb.gz",
    ),
    (
        "csv-per-profile",
        "heapdiff --format csv --per-profile --top 1 --base pod-1.pb.gz pod-2.pb.gz --current pod-4.pb.gz",
    ),
    (
        "markdown-per-profile",
        "heapdiff --format markdown --per-profile --sort space --top 1 --base pod-1.pb.gz pod-2.pb.gz --current pod-4.pb.gz",
    ),
    ("check-per-profile", "heapdiff check --per-profile --base before.pb.gz --current after.pb.gz later.pb.gz"),
    ("check-per-profile-pair", "heapdiff check --per-profile --base-pair a b --current-pair c d"),
    (
        "skip-unreadable",
        "heapdiff --skip-unreadable --top 1 --base missing.pb.gz before.pb.gz cut.pb.gz --current page.html after.pb.gz",
    ),
    (
        "skip-unreadable-json",
        "heapdiff --skip-unreadable --json --top 0 --base missing.pb.gz before.pb.gz cut.pb.gz --current after.pb.gz",
    ),
    ("error-unreadable", "heapdiff --base before.pb.gz cut.pb.gz page.html --current after.pb.gz"),
    ("error-skipped-all", "heapdiff --skip-unreadable --base page.html cut.pb.gz --current after.pb.gz"),
    ("error-many-stdins", "heapdiff --base - before.pb.gz --current after.pb.gz -"),
    ("notes-repeated", "heapdiff --top 0 --base before.pb.gz before.pb.gz --current after.pb.gz copy.pb.gz"),
    (
        "notes-mixed-side",
        "heapdiff --top 0 --base before.pb.gz rate1.pb.gz negative.pb --current build-a.pb.gz build-b.pb.gz",
    ),
    ("notes-mixed-languages", "heapdiff --top 0 --base mixed-a.pb native.pb --current mixed-b.pb"),
    ("notes-language", "heapdiff --top 0 mixed-a.pb native.pb"),
    ("notes-exported", "heapdiff --top 0 mixed-a.pb exported.pb"),
    ("notes-cut", "heapdiff --top 0 cut_0.pb.gz cut_1.pb.gz"),
    ("notes-profiler", "heapdiff --top 0 quiet.pb.gz profiling.pb.gz"),
    ("notes-delta", "heapdiff --top 0 deep_0.pb.gz delta.pb.gz"),
    ("notes-saved", "heapdiff --top 0 deep_0.pb.gz saved.pb.gz"),
    (
        "notes-json",
        "heapdiff --json --top 0 --base cut_0.pb.gz quiet.pb.gz --current native.pb delta.pb.gz saved.pb.gz",
    ),
    ("check-delta", "heapdiff check deep_0.pb.gz delta.pb.gz"),
    ("memstats-leak", "heapdiff memstats leaking"),
    ("memstats-goroutines", "COLUMNS=120 heapdiff memstats --bytes raw goroutines.jsonl"),
    ("memstats-idle", "heapdiff memstats --color always idle.jsonl"),
    ("memstats-bloat", "COLUMNS=50 heapdiff memstats --fail-on bloat bloat.jsonl"),
    ("memstats-warm-up", "heapdiff memstats warm-up.jsonl"),
    ("memstats-two", "heapdiff memstats leaking/vars_01.json leaking/vars_05.json"),
    ("memstats-unforced", "heapdiff memstats unforced"),
    ("memstats-no-gc", "heapdiff memstats leaking/vars_01.json leaking/vars_01.json"),
    ("memstats-order", "heapdiff memstats leaking/vars_05.json leaking/vars_01.json"),
    ("memstats-json", "heapdiff memstats --json goroutines.jsonl"),
    ("memstats-help", "heapdiff memstats --help"),
    ("trend", "COLUMNS=80 heapdiff trend leaking-heap"),
    ("trend-wide", "COLUMNS=200 heapdiff trend --all --limit 2GiB leaking-heap"),
    ("trend-narrow", "COLUMNS=40 heapdiff trend leaking-heap"),
    ("trend-color", "heapdiff trend --color always --memstats bloat.jsonl --fail-on leak bloat-heap"),
    ("trend-warm-up", "heapdiff trend --memstats warm-up.jsonl --limit 2GiB warm-up-heap"),
    ("trend-raw", "heapdiff trend --bytes raw --top 0 leaking-heap"),
    (
        "trend-few",
        "heapdiff trend --fail-on leak leaking-heap/heap_05.pb.gz leaking-heap/heap_03.pb.gz leaking-heap/heap_01.pb.gz",
    ),
    ("trend-text", "heapdiff trend --by functions --limit 1GiB text-heap"),
    ("trend-json", "heapdiff trend --json --limit 2GiB --fail-on warm-up leaking-heap"),
    ("trend-help", "heapdiff trend --help"),
    ("error-trend-two", "heapdiff trend before.pb.gz after.pb.gz"),
    ("error-trend-stdin", "heapdiff trend - before.pb.gz later.pb.gz after.pb.gz"),
    ("error-trend-limit", "heapdiff trend --limit 5% leaking-heap"),
    ("error-trend-folder", "heapdiff trend leaking"),
    ("error-memstats-profile", "heapdiff memstats before.pb.gz"),
    ("error-memstats-text", "heapdiff memstats heap.txt"),
    ("error-memstats-json", "heapdiff memstats - < broken.jsonl"),
    ("folded", "heapdiff --format folded --sort objects before.pb.gz after.pb.gz"),
    ("folded-negative", "heapdiff --format folded recursive-a.pb negative.pb"),
    ("speedscope", "heapdiff --format speedscope recursive-a.pb recursive-b.pb"),
    ("pprof", "heapdiff --format pprof -o export.pb.gz before.pb.gz after.pb.gz"),
    ("pprof-back", "heapdiff --by functions --sort space --top 2 before.pb.gz export.pb.gz"),
    ("list", "COLUMNS=80 heapdiff list store.*create before.pb.gz after.pb.gz"),
    ("list-wide", "COLUMNS=200 heapdiff list --bytes raw ^main before.pb.gz after.pb.gz"),
    ("list-color", "heapdiff list --color always --sort objects main.handle after.pb.gz before.pb.gz"),
    ("list-builds", "heapdiff list --source-root sources main.handleOrder build-a.pb.gz build-c.pb.gz"),
    ("list-no-source", "heapdiff list --top 1 EncodeToString|parse before.pb.gz after.pb.gz"),
    ("list-goroutines", "heapdiff list --sample-type goroutine deliver goroutines-1.pb.gz goroutines-6.pb.gz"),
    ("list-json", "heapdiff list --json create|EncodeToString before.pb.gz after.pb.gz"),
    ("list-help", "heapdiff list --help"),
    ("peek", "COLUMNS=80 heapdiff peek create|EncodeToString before.pb.gz after.pb.gz"),
    ("peek-wide", "COLUMNS=200 heapdiff peek --top 2 ServeHTTP before.pb.gz after.pb.gz"),
    ("peek-color", "heapdiff peek --color always --sort objects main. mixed-a.pb mixed-b.pb"),
    ("peek-recursion", "heapdiff peek main.walk recursive-a.pb recursive-b.pb"),
    ("peek-json", "heapdiff peek --json main.walk|handleLogin recursive-a.pb recursive-b.pb"),
    ("peek-help", "heapdiff peek --help"),
    ("error-peek-near", "heapdiff peek Login2 before.pb.gz after.pb.gz"),
    ("stacks", "COLUMNS=80 heapdiff stacks --top 4 before.pb.gz after.pb.gz"),
    ("stacks-wide", "COLUMNS=200 heapdiff stacks --full --top 2 --sort objects before.pb.gz after.pb.gz"),
    ("stacks-merged", "heapdiff stacks --all recursive-a.pb recursive-b.pb"),
    ("stacks-long-names", "heapdiff stacks long-a.pb long-b.pb"),
    ("stacks-shrank", "heapdiff stacks --color always after.pb.gz before.pb.gz"),
    ("stacks-all", "heapdiff stacks --all --color always --bytes raw mixed-a.pb mixed-b.pb"),
    ("stacks-goroutines", "heapdiff stacks --sample-type goroutine goroutines-1.pb.gz goroutines-6.pb.gz"),
    ("stacks-bytes-only", "heapdiff stacks --sort objects --top 2 bytes-a.pb bytes-b.pb"),
    ("stacks-json", "heapdiff stacks --json --top 2 before.pb.gz after.pb.gz"),
    ("stacks-help", "heapdiff stacks --help"),
    ("error-list-near", "heapdiff list store.*creat0 before.pb.gz after.pb.gz"),
    ("error-list-none", "heapdiff list 木 before.pb.gz after.pb.gz"),
    ("error-list-regex", "heapdiff list ( before.pb.gz after.pb.gz"),
    ("error-list-usage", "heapdiff list before.pb.gz after.pb.gz"),
    ("help", "heapdiff --help"),
    ("help-short", "heapdiff -h"),
    ("explain", "heapdiff explain H003"),
    ("explain-list", "heapdiff explain"),
    ("error-explain", "heapdiff explain H099"),
    (
        "findings-goroutines",
        "heapdiff --by owner --sort space leaking-a.pb.gz leaking-b.pb.gz --goroutines goroutines-1.pb.gz goroutines-6.pb.gz",
    ),
    ("error-one-goroutines", "heapdiff before.pb.gz after.pb.gz --goroutines goroutines-1.pb.gz"),
    ("error-not-goroutines", "heapdiff before.pb.gz after.pb.gz --goroutines before.pb.gz goroutines-6.pb.gz"),
    ("version", "heapdiff --version"),
    ("help-command", "heapdiff help diff"),
    ("error-shell", "heapdiff completions sh"),
    ("error-usage", "heapdiff before.pb.gz"),
    ("error-unknown-by", "heapdiff --by line before.pb.gz after.pb.gz"),
    ("error-regex", "heapdiff --focus ( before.pb.gz after.pb.gz"),
    ("error-tagfocus", "heapdiff --tagfocus 64 before.pb.gz after.pb.gz"),
    ("error-two-stdins", "heapdiff - -"),
    ("error-top-and-all", "heapdiff --top 3 --all before.pb.gz after.pb.gz"),
    ("error-paths-twice", "heapdiff after.pb.gz --base before.pb.gz --current after.pb.gz"),
    ("error-base-alone", "heapdiff --base before.pb.gz"),
    ("error-missing", "heapdiff before.pb.gz missing.pb.gz"),
    ("error-empty", "heapdiff before.pb.gz empty"),
    ("error-empty-folder", "heapdiff before.pb.gz folder"),
    ("error-goroutines", "heapdiff before.pb.gz goroutine.pb.gz"),
    ("error-text", "heapdiff before.pb.gz heap.txt"),
    ("table-text", "heapdiff --top 2 before.txt.gz after.pb.gz"),
    ("json-text", "heapdiff --json --top 0 app.heap app.heap"),
    ("error-line", "heapdiff before.pb.gz damaged.txt"),
    ("error-html", "heapdiff before.pb.gz page.html"),
    ("error-gzip-cut", "heapdiff before.pb.gz cut.pb.gz"),
    ("error-gzip-damaged", "heapdiff before.pb.gz damaged.pb.gz"),
    ("error-gzip-tail", "heapdiff before.pb.gz tail.pb.gz"),
    ("error-gzip-thrice", "heapdiff before.pb.gz thrice.pb.gz"),
    ("error-raw-cut", "heapdiff before.pb.gz cut.pb"),
    ("error-concatenated", "heapdiff before.pb.gz concatenated.pb"),
    ("error-padded", "heapdiff before.pb.gz padded.pb"),
    ("error-unknown-location", "heapdiff before.pb.gz unknown-location.pb"),
    ("error-string-index", "heapdiff before.pb.gz string-index.pb"),
    ("error-command", "heapdiff dif before.pb.gz after.pb.gz"),
    ("error-wire-type", "heapdiff before.pb.gz wire-type.pb"),
    ("error-field-type", "heapdiff before.pb.gz field-type.pb"),
    ("error-field-length", "heapdiff before.pb.gz field-length.pb"),
    ("error-overrun", "heapdiff before.pb.gz overrun.pb"),
    ("error-varint", "heapdiff before.pb.gz varint.pb"),
    ("error-message", "heapdiff before.pb.gz message.pb"),
    ("error-first-string", "heapdiff before.pb.gz first-string.pb"),
    ("error-no-strings", "heapdiff before.pb.gz no-strings.pb"),
    ("error-negative-string", "heapdiff before.pb.gz negative-string.pb"),
    ("error-zero-id", "heapdiff before.pb.gz zero-id.pb"),
    ("error-duplicate-id", "heapdiff before.pb.gz duplicate-id.pb"),
    ("error-unknown-function", "heapdiff before.pb.gz unknown-function.pb"),
    ("error-value-count", "heapdiff before.pb.gz value-count.pb"),
    ("error-no-sample-types", "heapdiff before.pb.gz no-sample-types.pb"),
    ("error-ends-early", "heapdiff before.pb.gz ends-early.pb"),
    ("error-units", "heapdiff before.pb.gz units.pb"),
    ("error-live-columns", "heapdiff before.pb.gz - < live-columns.pb"),
    ("error-output", "heapdiff --output nowhere/report before.pb.gz after.pb.gz"),
    ("error-escapes", "heapdiff before.pb.gz escapes.pb"),
    ("live-columns", "heapdiff live-columns.pb live-columns.pb"),
    ("table-top-0", "heapdiff --top 0 before.pb.gz after.pb.gz"),
    ("markdown-all", "heapdiff --format markdown --all --sort objects mixed-a.pb mixed-b.pb"),
    ("ndjson-notes", "heapdiff --format ndjson --top 0 after.pb.gz before.pb.gz"),
    ("error-stdin", "heapdiff before.pb.gz - < page.html"),
];

/// The files that the cases name.
fn fixtures(folder: &Path) {
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
    for name in ["cut_0", "cut_1", "quiet", "profiling", "deep_0", "delta", "saved"].map(|name| format!("{name}.pb.gz"))
    {
        write(&name, &fs::read(root().join("testdata/odd").join(&name)).unwrap());
    }
    for file in ["go.mod", "sessiond/main.go", "notifyd/main.go", "orders/main.go", "orders/variants/main_c.go.txt"] {
        let to = folder.join("sources").join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(captures.join(file), to).unwrap();
    }
    let after = fs::read(captures.join("sessiond/rate512k/heap_06.pb.gz")).unwrap();
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
    change("zero-id.pb", &|p| p.mapping.push(crate::proto::Mapping::default()));
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
}

/// Series of `runtime.MemStats`, and of profiles.
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

fn transcript(folder: &Path, line: &str) -> String {
    let (line_args, input) = match line.split_once(" < ") {
        Some((args, file)) => (args, Some(fs::read(folder.join(file)).unwrap())),
        None => (line, None),
    };
    let mut words = line_args.split(' ').peekable();
    let mut environment = Vec::new();
    while let Some(set) = words.next_if(|word| *word != "heapdiff") {
        environment.push(set.split_once('=').unwrap());
    }
    let args: Vec<_> = words.skip(1).collect();
    let mut command = command(folder, &args);
    // So that no library's source is found on one machine and not on another.
    for variable in ["GOROOT", "GOMODCACHE", "PATH"] {
        command.env(variable, "/nowhere");
    }
    command.envs(environment);
    let ran = run(command, input.as_deref());
    if args.contains(&"--json") && ran.exit == 0 {
        crate::run::assert_valid(&serde_json::from_str(&ran.stdout).unwrap());
    }
    // So that a golden shows colours.
    let stdout = ran.stdout.replace('\u{1b}', "\\e");
    format!("$ {line}\nexit {}\n--- stdout\n{stdout}--- stderr\n{}", ran.exit, ran.stderr)
}

#[test]
fn transcripts_are_as_committed() {
    let folder = folder("transcripts");
    fixtures(&folder);
    let goldens = root().join("testdata/cases");
    let update = std::env::var_os("HEAPDIFF_UPDATE").is_some();
    let mut wrong = Vec::new();
    for (name, line) in CASES {
        let found = transcript(&folder, line);
        let path = goldens.join(format!("{name}.txt"));
        if update {
            fs::write(&path, found).unwrap();
        } else if fs::read_to_string(&path).is_ok_and(|golden| golden == found) {
        } else {
            wrong.push(format!("{}:\n{found}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "differ from their golden or have none:\n{}", wrong.join("\n"));
    let names: BTreeSet<_> = CASES.iter().map(|(name, _)| format!("{name}.txt")).collect();
    let files: BTreeSet<_> =
        fs::read_dir(goldens).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, names, "goldens and cases");
}

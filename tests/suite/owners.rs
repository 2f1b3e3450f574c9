//! Owners of stacks without the program's own code: the runtime's classes, profilers and libraries.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::proto::{Frame, Layout, Profile};
use crate::run::{command, folder, json, run};

/// Functions of a stack, leaf first, and the owner it has.
const STACKS: [(&[&str], &str); 24] = [
    // The first own frame from the leaf, whatever is below or above.
    (&["runtime.mallocgc", "bufio.NewReaderSize", "main.dial", "net/http.(*conn).serve"], "main.dial"),
    (&["runtime.mallocgc", "main.(*Q[go.shape.int]).Push.func1", "main.main"], "main.(*Q[...]).Push.func1"),
    // Only the runtime's: by class. Threads come first, though each has a goroutine of its own.
    (&["runtime.malg", "runtime.allocm", "runtime.newm", "runtime.startm"], "runtime (threads)"),
    (&["runtime.makeslice", "runtime.makeProfStackFP", "runtime.mcommoninit", "runtime.allocm"], "runtime (threads)"),
    (&["runtime.malg", "runtime.newproc1", "runtime.newproc.func1", "runtime.systemstack"], "runtime (goroutines)"),
    // Go 1.27: two frames above malg.
    (&["runtime.mallocgc", "runtime.newobject", "runtime.malg", "runtime.newproc1"], "runtime (goroutines)"),
    (&["runtime.mallocgc", "runtime.procresize", "runtime.schedinit", "runtime.rt0_go"], "runtime (processors)"),
    (&["runtime.growslice", "runtime.(*timers).addHeap", "runtime.(*timer).maybeAdd"], "runtime (timers)"),
    (&["runtime.mallocgc", "runtime.doaddtimer"], "runtime (timers)"),
    (&["runtime.newobject", "runtime.gcStart", "runtime.gcTrigger.test"], "runtime (collector)"),
    (&["internal/runtime/maps.newTable", "runtime.schedinit"], "runtime (start-up)"),
    (&["runtime.acquireSudog", "runtime.main"], "runtime (other)"),
    (&["runtime/internal/sys.F", "internal/bytealg.MakeNoZero", "runtime.main"], "runtime (other)"),
    // Go 1.27 gives the runtime's closures no package.
    (&["runtime.newAllocator", "_.goready.func1"], "runtime (other)"),
    // A profiler: its outermost frame.
    (
        &["compress/flate.NewWriter", "runtime/pprof.writeHeapProto", "net/http/pprof.Index", "net/http.(*conn).serve"],
        "net/http/pprof.Index",
    ),
    // A library: the outermost frame that is not the runtime's.
    (&["runtime.mallocgc", "bufio.NewWriterSize", "net/http.(*conn).serve"], "net/http.(*conn).serve"),
    (
        &["bufio.NewReaderSize", "net/http.(*Transport).dialConn", "net/http.(*Transport).dialConnFor"],
        "net/http.(*Transport).dialConnFor",
    ),
    (
        &[
            "bufio.NewReaderSize",
            "net/http.(*Transport).dialConnFor",
            "net/http.(*Transport).startDialConnForLocked.func1",
        ],
        "net/http.(*Transport).dialConnFor",
    ),
    (&["net/textproto.(*Reader).ReadLine", "net/http.(*persistConn).readLoop"], "net/http.(*persistConn).readLoop"),
    (&["context.(*cancelCtx).Done", "database/sql.(*Rows).awaitDone"], "database/sql.(*Rows).awaitDone"),
    (&["context.(*cancelCtx).propagateCancel.func2"], "context.(*cancelCtx).propagateCancel"),
    (&["runtime.mapassign", "unicode.init", "runtime.doInit1", "runtime.main"], "unicode.init"),
    (&["runtime.mapassign", "net/http/internal/http2.map.init.0", "net/http/internal/http2.init"], HTTP2),
    (&["memeqbody", "runtime.mallocgc", "runtime.malg"], "runtime (goroutines)"),
];
const HTTP2: &str = "net/http/internal/http2.init";

fn frames(functions: &[&'static str]) -> Vec<Vec<Frame>> {
    functions.iter().map(|&function| vec![(function, "x/x.go", 1, 2)]).collect()
}

fn add(profile: &mut Profile, functions: &[&'static str], objects: i64, size: i64) {
    let frames = frames(functions);
    let stack: Vec<_> = frames.iter().map(Vec::as_slice).collect();
    let sample = profile.live(&stack, objects, objects * size);
    sample.label[0].num = size;
}

fn write(folder: &Path, name: &str, profile: &Profile) {
    fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
}

#[test]
fn every_stack_has_the_owner_of_the_rules() {
    for (at, (functions, owner)) in STACKS.into_iter().enumerate() {
        let folder = folder(&format!("owners-{at}"));
        let mut current = Profile::go();
        add(&mut current, functions, 1, 64);
        write(&folder, "base", &Profile::go());
        write(&folder, "current", &current);
        for cumulative in [&[][..], &["--cum"]] {
            let owners = json(&folder, &[&["--by", "owner", "base", "current"], cumulative].concat());
            let sites = owners["sites"].as_array().unwrap();
            let allocating: Vec<_> = sites.iter().filter(|site| site["inuse_space"]["current"] == 64).collect();
            assert_eq!(allocating.len(), 1, "{functions:?}: {owners:#}");
            assert_eq!(allocating[0]["function"], owner, "{functions:?}");
            assert_eq!(allocating[0]["cum"]["inuse_space"]["current"], 64, "{functions:?}");
        }
        // By line the owner stands beside the leaf, unless they are one.
        let lines = json(&folder, &["--by", "lines", "base", "current"]);
        let site = &lines["sites"][0];
        let named = if site["owner"].is_null() { &site["function"] } else { &site["owner"]["function"] };
        let is_closure = named.as_str().is_some_and(|name| name.starts_with(owner) && name.ends_with(".func2"));
        assert!(named == owner || is_closure, "{functions:?}: {site}");
        // The page shows the stack below its site.
        let page = run(command(&folder, &["report", "--by", "owner", "base", "current"]), None);
        assert_eq!(page.exit, 0, "{}", page.stderr);
        assert!(page.stdout.contains("\"stacks\":[{") || page.stdout.contains(functions[0]), "{functions:?}");
    }
}

/// A profile in which every object is counted: `main.f` and some memory of the runtime.
fn counted(runtime: &[&'static str], objects: i64, size: i64) -> Profile {
    let mut profile = Profile::go();
    profile.period = 1;
    add(&mut profile, &["main.f"], 1000, 64);
    add(&mut profile, runtime, objects, size);
    profile
}

fn check(name: &str, base: &Profile, current: &Profile, args: &[&str]) -> (i32, Value) {
    let folder = folder(&format!("owners-gate-{name}"));
    write(&folder, "base", base);
    write(&folder, "current", current);
    let ran = run(command(&folder, &[&["check", "--json", "base", "current"], args].concat()), None);
    (ran.exit, serde_json::from_str(&ran.stdout).unwrap())
}

#[test]
fn no_rule_holds_for_the_runtimes_own_memory_but_goroutines() {
    let threads = ["runtime.malg", "runtime.allocm", "runtime.newm"];
    let profiler = ["compress/flate.NewWriter", "runtime/pprof.writeHeapProto"];
    for (name, stack, class) in [("threads", &threads[..], "threads"), ("profiler", &profiler, "profiler")] {
        let (base, current) = (counted(stack, 1, 4096), counted(stack, 1000, 4096));
        for args in [&[][..], &["--by", "lines"], &["--max-site-space", "1KiB"], &["--no-evidence"]] {
            let (code, json) = check(name, &base, &current, args);
            assert_eq!(code, 0, "{name} {args:?}: {}", json["verdict"]);
            let sites = json["sites"].as_array().unwrap();
            assert!(sites.iter().any(|site| site["runtime_class"] == class), "{name} {args:?}");
            assert!(sites.iter().any(|site| site["function"] == "main.f" && site["runtime_class"].is_null()));
        }
        // The whole heap has it all the same.
        assert_eq!(check(name, &base, &current, &["--max-total-space", "1MiB"]).0, 1, "{name}");
    }
    let goroutines = ["runtime.mallocgc", "runtime.newobject", "runtime.malg", "runtime.newproc1"];
    let (base, current) = (counted(&goroutines, 10, 448), counted(&goroutines, 1010, 448));
    let (code, json) = check("goroutines", &base, &current, &[]);
    assert_eq!(code, 1);
    assert_eq!(json["verdict"]["violations"][0]["function"], "runtime (goroutines)");
    let folder = folder("owners-gate-words");
    write(&folder, "base", &base);
    write(&folder, "current", &current);
    let ran = run(command(&folder, &["check", "base", "current"]), None);
    let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = "about 1,000 more goroutines were alive at once (438 KiB of g structs; Go keeps them)";
    assert!(text.contains(words), "{text}");
}

#[test]
fn the_runtimes_memory_costs_the_programs_sites_no_significance() {
    // Found by sampling: a leak that is just significant among few sites.
    let profile = |leak: i64, classes: bool| {
        let mut profile = Profile::go();
        add(&mut profile, &["main.f"], leak * 8193, 64);
        if classes {
            let is_exempt = |owner: &str| owner.starts_with("runtime (") && owner != "runtime (goroutines)";
            for (functions, _) in STACKS.into_iter().filter(|(_, owner)| is_exempt(owner)) {
                add(&mut profile, functions, leak * 8193, 64);
            }
        }
        profile
    };
    let found = |classes: bool| {
        let (_, json) = check("family", &profile(1, classes), &profile(12, classes), &[]);
        let sites = json["sites"].as_array().unwrap();
        let main = sites.iter().find(|site| site["function"] == "main.f").unwrap();
        (main["evidence"]["verdict"].clone(), json["sampling"]["detectable_bytes"].clone())
    };
    assert_eq!(found(false), found(true));
}

#[test]
fn the_main_module_owns_what_its_dependencies_allocate() {
    let folder = folder("owners-module");
    let codec = ("example.com/codec.Decode", "/go/pkg/mod/example.com/codec@v1.0.0/codec.go", 1, 2);
    let pool = ("example.com/pool.run", "/src/app/vendor/example.com/pool/pool.go", 1, 2);
    let handle = ("example.com/app.handle", "/src/app/handle.go", 1, 2);
    let serve = ("net/http.(*conn).serve", "/go/src/net/http/server.go", 1, 2);
    let stacks = [
        (&[codec, handle, serve][..], "example.com/codec.Decode", "example.com/app.handle"),
        // Without a frame of the main module, as in a program that was built as a module's version.
        (&[codec, pool, serve], "example.com/codec.Decode", "example.com/codec.Decode"),
        (&[serve, pool], "example.com/pool.run", "example.com/pool.run"),
    ];
    for (frames, owner, owner_in_module) in stacks {
        let mut current = Profile::go();
        let stack: Vec<_> = frames.iter().map(std::slice::from_ref).collect();
        current.live(&stack, 1, 64).label[0].num = 64;
        write(&folder, "base", &Profile::go());
        write(&folder, "current", &current);
        for (own, owner) in [(&[][..], owner), (&["--own", "module"], owner_in_module)] {
            let report = json(&folder, &[&["--by", "owner", "base", "current"], own].concat());
            assert_eq!(report["sites"][0]["function"], owner, "{own:?}");
        }
    }
}

//! The Go examples of the manual's chapter on CI, on the module `testdata/ci` with the real toolchain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ci_module::{Change, LEAK, NOTHING, REFACTOR, TWICE, apply, copy, git, has_tools, merge};
use crate::run::{Ran, command, folder, root, run};

fn module(name: &str, change: Change) -> PathBuf {
    let module = folder(&format!("go-{name}"));
    copy(&root().join("testdata/ci"), &module);
    apply(&module, change);
    module
}

/// Runs `go test` in the module.
fn go_test(module: &Path, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut go = Command::new("go");
    go.args(["test", "-count=1"]).args(args).current_dir(module).env("GOFLAGS", "");
    go.env_remove("GODEBUG").env_remove("HEAP_DIR").envs(variables.iter().copied());
    run(go, None)
}

fn assert_ok(ran: &Ran) {
    assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
}

fn check(module: &Path, args: &[&str]) -> Ran {
    run(command(module, &[&["check", "--format", "github"], args].concat()), None)
}

#[test]
fn the_examples_of_the_chapter_are_those_that_run_here() {
    let chapter = fs::read_to_string(root().join("src/manual/ci.md")).unwrap();
    let files = ["server/heap_test.go", "integration/heap_test.go", "server/bench_test.go"];
    let blocks: Vec<_> = chapter.split("```go\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), files.len());
    for (block, file) in blocks.into_iter().zip(files) {
        assert_eq!(block, fs::read_to_string(root().join("testdata/ci").join(file)).unwrap(), "{file}");
        assert!(chapter.contains(&format!("`{file}`")), "{file}");
    }
}

#[test]
fn the_test_asks_for_a_folder_and_a_rate() {
    if !has_tools() {
        return;
    }
    let module = module("rates", NOTHING);
    let heap = module.join("heap");
    let heap = heap.to_str().unwrap();
    let test = |variables: &[(&str, &str)]| go_test(&module, &["-v", "-run", "^TestHeap$", "./server"], variables);
    let ran = test(&[]);
    assert!(ran.exit == 0 && ran.stdout.contains("set HEAP_DIR"), "{}", ran.stdout);
    for (variables, says) in [
        (&[("HEAP_DIR", heap)][..], "a sample every 524288 bytes is too coarse: run with GODEBUG=memprofilerate=4096"),
        (&[("HEAP_DIR", heap), ("GODEBUG", "memprofilerate=0")], "heap profiling is off (MemProfileRate is 0)"),
    ] {
        let ran = test(variables);
        assert!(ran.exit == 1 && ran.stdout.contains(says), "{says}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn the_test_of_a_server_fails_where_it_is_not_profiled() {
    if !has_tools() {
        return;
    }
    let module = module("server-rates", NOTHING);
    let test = module.join("integration/heap_test.go");
    let text = fs::read_to_string(&test).unwrap();
    let heap = module.join("heap");
    for rate in ["0", "524288"] {
        fs::write(&test, text.replace("memprofilerate=4096", &format!("memprofilerate={rate}"))).unwrap();
        let variables = [("HEAP_DIR", heap.to_str().unwrap())];
        let ran = go_test(&module, &["-run", "^TestHeap$", "./integration"], &variables);
        assert!(
            ran.exit == 1 && ran.stdout.contains("heap profiling is off in the service or too coarse"),
            "{}",
            ran.stdout
        );
    }
}

/// The block of README, as pasted into a checkout with a change, more than once, into the shells of a script and of a
/// terminal.
#[test]
fn the_lines_of_the_readme_check_a_change() {
    if !has_tools() {
        return;
    }
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split_once("## In CI").unwrap().1;
    let lines = section.split_once("```sh\n").unwrap().1.split_once("```").unwrap().0;
    for (name, change, exit) in [("readme-refactor", REFACTOR, 0), ("readme-leak", LEAK, 1)] {
        let (checkout, _) = merge(name, change, true);
        for name in ["sh", "bash"] {
            let ran = shell(name, &checkout, lines);
            assert_eq!(ran.exit, exit, "{}{}", ran.stdout, ran.stderr);
            assert!(ran.stdout.contains(["\nPASS", "\nFAIL"][usize::from(exit == 1)]), "{}", ran.stdout);
            // What it leaves there is what is to be ignored.
            assert_eq!(git(&checkout, &["status", "--short"]), "?? .base/\n?? heap/");
        }
        // Without the base there is no verdict, though a shell goes on, and what was left there is not compared again.
        git(&checkout, &["update-ref", "-d", "refs/remotes/origin/main"]);
        let ran = shell("bash", &checkout, &format!("set +e\n{lines}"));
        assert!(ran.exit == 2 && !ran.stdout.contains("\nPASS"), "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn artifacts_are_runs_of_their_own() {
    if !has_tools() || !has_artifacts() {
        return;
    }
    let rate = [("GODEBUG", "memprofilerate=4096")];
    for (change, exit) in [(REFACTOR, 0), (LEAK, 1)] {
        let module = module("artifacts", change);
        fs::create_dir(module.join("out")).unwrap();
        for _ in 0..2 {
            assert_ok(&go_test(&module, &["-artifacts", "-outputdir", "out", "-run", "^TestHeap$", "./server"], &rate));
        }
        let runs = fs::read_dir(module.join("out/_artifacts/server/TestHeap")).unwrap();
        let runs: Vec<_> = runs.map(|run| run.unwrap().path().to_str().unwrap().to_owned()).collect();
        let [bases, currents] =
            ["base.pb.gz", "current.pb.gz"].map(|name| [0, 1].map(|run| format!("{}/{name}", runs[run])));
        let ran =
            check(&module, &["--per-profile", "--base", &bases[0], &bases[1], "--current", &currents[0], &currents[1]]);
        assert_eq!(ran.exit, exit, "{}", ran.stdout);
    }
}

/// Runs lines of the documentation in a shell that ends with the first that fails.
fn shell(shell: &str, folder: &Path, lines: &str) -> Ran {
    let program = Path::new(env!("CARGO_BIN_EXE_heapdiff")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(shell);
    command.args(["-e", "-c", lines]).current_dir(folder).env("PATH", path).env("GOFLAGS", "").env_remove("GODEBUG");
    run(command, None)
}

/// Whether Go knows `t.ArtifactDir`, from 1.26 on.
fn has_artifacts() -> bool {
    let version = Command::new("go").args(["env", "GOVERSION"]).output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let minor =
        version.trim().strip_prefix("go1.").and_then(|minor| minor.split(['.', 'r']).next()?.parse::<u32>().ok());
    minor.is_some_and(|minor| minor >= 26)
}

#[test]
fn a_server_is_tested_as_a_process_of_its_own() {
    if !has_tools() {
        return;
    }
    for (change, exit) in [(REFACTOR, 0), (LEAK, 1)] {
        let module = module("server", change);
        let heap = module.join("heap");
        let ran = go_test(&module, &["-run", "^TestHeap$", "./integration"], &[("HEAP_DIR", heap.to_str().unwrap())]);
        assert_ok(&ran);
        let ran = check(&module, &["--must-see", "256KiB", "heap/base.pb.gz", "heap/current.pb.gz"]);
        assert_eq!(ran.exit, exit, "{}", ran.stdout);
        assert!(!ran.stdout.contains("testing"), "{}", ran.stdout);
    }
}

#[test]
fn a_benchmark_is_compared_per_operation() {
    if !has_tools() {
        return;
    }
    let chapter = fs::read_to_string(root().join("src/manual/ci.md")).unwrap();
    let commands = chapter.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let [bench, compare] = commands.lines().collect::<Vec<_>>()[..] else { panic!("{commands}") };
    for (change, exit) in [(REFACTOR, 0), (TWICE, 1)] {
        let base = module("benchmark-base", NOTHING);
        assert_ok(&shell("sh", &base, &bench.replace("new", "old")));
        let changed = module("benchmark", change);
        for file in ["old.txt", "old.pb.gz"] {
            copy(&base.join(file), &changed.join(file));
        }
        assert_ok(&shell("sh", &changed, bench));
        let ran = shell("sh", &changed, compare);
        assert_eq!(ran.exit, exit, "{}{}", ran.stdout, ran.stderr);
        assert!(
            exit == 0 || ran.stdout.contains("server.(*Server).open grew by 480 B, 1 more object"),
            "{}",
            ran.stdout
        );
    }
}

//! The workflows of the manual's chapter on CI, run as a runner would, on the module `testdata/ci`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Ran, folder, root, run};

/// What a change does to `server/server.go`: texts and what they become.
type Change = &'static [(&'static str, &'static str)];

const NOTHING: Change = &[("// ServeHTTP serves", "// ServeHTTP answers")];
const REFACTOR: Change = &[("s.open(user)", "newSession(user)"), ("func (s *Server) open(", "func newSession(")];
const LEAK: Change = &[("delete(s.sessions, user)", "s.sessions[user].state[0] = 1")];

fn chapter() -> String {
    fs::read_to_string(root().join("src/manual/ci.md")).unwrap()
}

/// The blocks of the chapter in a language.
fn blocks<'c>(chapter: &'c str, language: &str) -> Vec<&'c str> {
    let opening = format!("```{language}\n");
    chapter.split(&opening).skip(1).map(|block| block.split("```").next().unwrap()).collect()
}

/// The lines below a line that ends in `|`, without their indentation.
fn block_scalar(yaml: &str, above: &str) -> String {
    let (_, below) = yaml.split_once(above).unwrap_or_else(|| panic!("no {above:?} in {yaml}"));
    let mut lines = below.lines().skip(1).peekable();
    let indent = lines.peek().unwrap().chars().take_while(|&char| char == ' ').count();
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with(&" ".repeat(indent)));
    lines.map(|line| format!("{}\n", line.get(indent..).unwrap_or(""))).collect()
}

fn git(repository: &Path, args: &[&str]) -> String {
    let identity = ["-c", "user.name=A Developer", "-c", "user.email=dev@example.com", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").args(identity).args(args).current_dir(repository).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A checkout of a change to the module, and the commit that it is based on.
fn checkout(name: &str, change: Change, base_has_test: bool) -> (PathBuf, String) {
    let repository = folder(&format!("ci-{name}"));
    let source = root().join("testdata/ci");
    let write = |file: &str, text: &str| {
        fs::create_dir_all(repository.join(file).parent().unwrap()).unwrap();
        fs::write(repository.join(file), text).unwrap();
    };
    let read = |file: &str| fs::read_to_string(source.join(file)).unwrap();
    write("go.mod", &read("go.mod"));
    write("server/server.go", &read("server/server.go"));
    if base_has_test {
        write("server/heap_test.go", &read("server/heap_test.go"));
    }
    git(&repository, &["init", "--quiet"]);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "--quiet", "-m", "base"]);
    git(&repository, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let base = git(&repository, &["rev-parse", "HEAD"]);
    write("server/heap_test.go", &read("server/heap_test.go"));
    let changed = change.iter().fold(read("server/server.go"), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    });
    write("server/server.go", &changed);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "--quiet", "-m", "change"]);
    (repository, base)
}

/// A shell script in a checkout, with `variables`, and the program on the path.
fn script(shell: &[&str], text: &str, repository: &Path, variables: &[(&str, &str)]) -> Ran {
    let program = Path::new(env!("CARGO_BIN_EXE_heapdiff"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).args(["-c", text]).current_dir(repository).env("PATH", path);
    command.envs(variables.iter().copied()).envs([("GODEBUG", "memprofilerate=4096"), ("GOFLAGS", "")]);
    run(command, None)
}

/// The steps of the workflow of GitHub Actions; also the summary of the job.
fn github(name: &str, change: Change, base_has_test: bool) -> (Ran, String) {
    let (repository, _) = checkout(&format!("github-{name}"), change, base_has_test);
    let temporary = folder(&format!("ci-github-{name}-temporary"));
    let summary = temporary.join("summary.md");
    let variables = [
        ("RUNNER_TEMP", temporary.to_str().unwrap()),
        ("GITHUB_BASE_REF", "main"),
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
    ];
    fs::write(&summary, "# Written by a step before\n").unwrap();
    let (chapter, shell) = (chapter(), ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]);
    let workflow = blocks(&chapter, "yaml")[0];
    assert!(workflow.contains("env: {GODEBUG: memprofilerate=4096}"), "as the steps here are run");
    let profiles = block_scalar(workflow, "name: Profiles of the change and of its merge base\n");
    // Twice: a runner of one's own empties its temporary folder, but keeps the repository.
    for _ in 0..if change == REFACTOR { 2 } else { 1 } {
        let _ = fs::remove_dir_all(temporary.join("base"));
        let ran = script(&shell, &profiles, &repository, &variables);
        assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
    }
    let ran = script(&shell, &block_scalar(workflow, "name: Compare\n"), &repository, &variables);
    (ran, fs::read_to_string(&summary).unwrap())
}

/// Whether Go and git are there. `.ci/run` installs them.
fn has_tools() -> bool {
    let has = |tool: &str, arg: &str| Command::new(tool).arg(arg).output().is_ok_and(|output| output.status.success());
    let has_all = has("go", "version") && has("git", "--version");
    assert!(has_all || std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "Go or git is not installed");
    has_all
}

/// The line of the module's source that allocates sessions.
fn line_of_leak() -> usize {
    let source = fs::read_to_string(root().join("testdata/ci/server/server.go")).unwrap();
    1 + source.lines().position(|line| line.contains("&session{")).unwrap()
}

#[test]
fn githubs_workflow_passes_a_refactoring_and_fails_a_leak() {
    if !has_tools() {
        return;
    }
    for (name, change) in [("nothing", NOTHING), ("refactor", REFACTOR)] {
        let (ran, summary) = github(name, change, true);
        assert_eq!(ran.exit, 0, "{name}: {}{}", ran.stdout, ran.stderr);
        assert!(
            summary.starts_with("# Written by a step before\n") && summary.contains("Heap check: pass"),
            "{summary}"
        );
    }
    let (ran, summary) = github("leak", LEAK, true);
    assert_eq!(ran.exit, 1, "{}{}", ran.stdout, ran.stderr);
    let place = format!("::error file=server/server.go,line={},", line_of_leak());
    assert!(ran.stdout.contains(&place), "{place}: {}", ran.stdout);
    assert!(summary.contains("Heap check: fail") && summary.contains("(*Server).open"), "{summary}");
}

#[test]
fn githubs_workflow_judges_one_build_until_the_base_has_the_test() {
    if !has_tools() {
        return;
    }
    let (ran, summary) = github("first", NOTHING, false);
    assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("only this build is judged") && ran.stdout.contains("3 + 3 "), "{}", ran.stdout);
    assert!(summary.contains("Heap check: pass"), "{summary}");
    let (ran, _) = github("first-leak", LEAK, false);
    assert_eq!(ran.exit, 1, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn profiles_of_the_merge_base_are_kept() {
    if !has_tools() {
        return;
    }
    let (repository, base) = checkout("github-cache", NOTHING, true);
    let temporary = folder("ci-github-cache-temporary");
    let (chapter, shell) = (chapter(), ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]);
    let steps = blocks(&chapter, "yaml")[1];
    let output = temporary.join("output");
    let variables = [
        ("RUNNER_TEMP", temporary.to_str().unwrap()),
        ("GITHUB_BASE_REF", "main"),
        ("GITHUB_OUTPUT", output.to_str().unwrap()),
        ("BASE", &base),
    ];
    let (_, commit) = steps.split_once("id: base\n        run: ").unwrap();
    assert_eq!(script(&shell, commit.lines().next().unwrap(), &repository, &variables).exit, 0);
    assert_eq!(fs::read_to_string(&output).unwrap(), format!("commit={base}\n"));
    assert!(
        steps.contains("${{ steps.base.outputs.commit }}-${{ env.GODEBUG }}"),
        "the key is the commit and the rate"
    );
    let profiles = block_scalar(steps, "name: Profiles of the change, and of its merge base if none are kept\n");
    let profiles = profiles.split_once("run: |\n").map_or(profiles.clone(), |(_, below)| below.to_owned());
    let kept = temporary.join("heap/base/3/current.pb.gz");
    let mut times = Vec::new();
    for _ in 0..2 {
        let _ = fs::remove_dir_all(temporary.join("base"));
        let ran = script(&shell, &profiles, &repository, &variables);
        assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
        times.push(fs::metadata(&kept).unwrap().modified().unwrap());
    }
    assert_eq!(times[0], times[1], "it was not written again");
    assert!(temporary.join("heap/current/3/current.pb.gz").is_file() && !temporary.join("base").exists());
}

#[test]
fn gitlabs_job_writes_its_reports() {
    if !has_tools() {
        return;
    }
    let chapter = chapter();
    let job = blocks(&chapter, "yaml").into_iter().find(|block| block.contains("CI_MERGE_REQUEST")).unwrap();
    let (_, steps) = job.split_once("  script:\n").filter(|(before, _)| before.contains("before_script")).unwrap();
    let (_, steps) = steps.split_once("\n  script:\n").unwrap_or(("", steps));
    let text = block_scalar(steps, "    - |");
    for (name, change, has_test, exit) in
        [("refactor", REFACTOR, true, 0), ("leak", LEAK, true, 1), ("first", NOTHING, false, 0)]
    {
        let (repository, base) = checkout(&format!("gitlab-{name}"), change, has_test);
        let variables = [("CI_PROJECT_DIR", repository.to_str().unwrap()), ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base)];
        // Twice: a runner may keep the repository, though not what is not in it.
        if change == REFACTOR {
            let ran = script(&["sh", "-e"], &text, &repository, &variables);
            assert_eq!(ran.exit, exit, "{name}: {}{}", ran.stdout, ran.stderr);
            fs::remove_dir_all(repository.join(".base")).unwrap();
        }
        let ran = script(&["sh", "-e"], &text, &repository, &variables);
        assert_eq!(ran.exit, exit, "{name}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout.contains("only this build is judged"), !has_test, "{}", ran.stdout);
        let markdown = fs::read_to_string(repository.join("heap.md")).unwrap();
        assert!(markdown.contains("Heap check: "), "{markdown}");
        let junit = fs::read_to_string(repository.join("heap.xml")).unwrap();
        assert_eq!(junit.contains("<failure"), exit == 1, "{junit}");
        let quality: serde_json::Value =
            serde_json::from_slice(&fs::read(repository.join("heap.json")).unwrap()).unwrap();
        let places: Vec<_> = quality.as_array().unwrap().iter().map(|entry| &entry["location"]).collect();
        match exit {
            0 => assert!(places.is_empty(), "{quality}"),
            _ => assert!(
                places
                    .iter()
                    .any(|place| place["path"] == "server/server.go" && place["lines"]["begin"] == line_of_leak()),
                "{quality}"
            ),
        }
    }
}

#[test]
fn a_change_is_held_to_the_rules_of_the_base_branch() {
    if !Command::new("git").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return;
    }
    let allowing = "[[allow]]\npackage = 'main'\nreason = 'passes its own leak'\n";
    let chapter = chapter();
    let text = blocks(&chapter, "bash")[0];
    for (name, in_base) in [("none", None), ("strict", Some("strict = true\n"))] {
        let repository = folder(&format!("ci-rules-{name}"));
        let temporary = folder(&format!("ci-rules-{name}-temporary"));
        for profile in ["before.pb.gz", "after.pb.gz"] {
            fs::copy(root().join("testdata").join(profile), repository.join(profile)).unwrap();
        }
        fs::write(repository.join("heapdiff.toml"), in_base.unwrap_or_default()).unwrap();
        git(&repository, &["init", "--quiet"]);
        git(&repository, &["add", if in_base.is_some() { "." } else { "before.pb.gz" }]);
        git(&repository, &["commit", "--quiet", "-m", "base"]);
        git(&repository, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
        fs::write(repository.join("heapdiff.toml"), allowing).unwrap();
        let variables = [("RUNNER_TEMP", temporary.to_str().unwrap()), ("GITHUB_BASE_REF", "main")];
        let text = format!("runs=(before.pb.gz after.pb.gz)\n{text}");
        let ran = script(&["bash", "-e"], &text, &repository, &variables);
        assert_eq!(ran.exit, 1, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout.contains("strict"), in_base.is_some(), "{}", ran.stdout);
        // With its own rules it would pass, and says so.
        let ran = script(&["bash", "-e"], "heapdiff check before.pb.gz after.pb.gz", &repository, &variables);
        let shown = ran.stdout.replace("\n  ", " ");
        assert!(shown.contains("allowed by the allowance for package main (passes its own leak)"), "{shown}");
        assert!(shown.contains("settings: heapdiff.toml"), "{shown}");
    }
}

#[test]
fn the_test_of_the_chapter_is_the_one_that_runs_here() {
    let (chapter, test) = (chapter(), fs::read_to_string(root().join("testdata/ci/server/heap_test.go")).unwrap());
    for function in blocks(&chapter, "go")[0].split("\n\n").filter(|part| part.starts_with("// ")) {
        assert!(test.contains(function.trim_end()), "{function}");
    }
}

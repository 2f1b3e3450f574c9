//! What holds a change to the rules of its base: the step of the manual's chapter on CI, the action's input
//! `config-from`, and the job for GitLab.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::ci_module::{copy, git, has_tools};
use crate::release::serve;
use crate::run::{Ran, folder, root, run};
use crate::runner::{Event, Outcome, Repository};

const ALLOWING: &str = "[[allow]]\npackage = 'main'\nreason = 'passes its own leak'\n";
const LENIENT: &str = "[limits]\nsite-space = '1GiB'\ntotal-space = '1GiB'\n";

/// A script in a checkout, with `variables`, and the program on the path.
fn script(text: &str, repository: &Path, variables: &[(&str, &str)]) -> Ran {
    let program = Path::new(env!("CARGO_BIN_EXE_heapdiff"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-c", text]).current_dir(repository).env("PATH", path).envs(variables.iter().copied());
    run(command, None)
}

/// A repository whose main has these files beside the sample profiles.
fn main_with(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let repository = folder(&format!("ci-rules-{name}"));
    for profile in ["before.pb.gz", "after.pb.gz"] {
        copy(&root().join("testdata").join(profile), &repository.join(profile));
    }
    write(&repository, files);
    git(&repository, &["init", "--quiet"]);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "--quiet", "-m", "base"]);
    repository
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (file, text) in files {
        fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
        fs::write(folder.join(file), text).unwrap();
    }
}

/// A clone of the merge of a change that writes these files, with nothing of its history, as runners make it.
fn shallow(name: &str, repository: &Path, files: &[(&str, &str)]) -> PathBuf {
    git(repository, &["checkout", "--quiet", "-b", "change"]);
    write(repository, files);
    git(repository, &["add", "."]);
    git(repository, &["commit", "--quiet", "--allow-empty", "-m", "change"]);
    git(repository, &["checkout", "--quiet", "--detach", "main"]);
    git(repository, &["merge", "--quiet", "--no-ff", "-m", "merge", "change"]);
    git(repository, &["checkout", "--quiet", "-B", "merge"]);
    let clone = folder(&format!("ci-rules-{name}-clone"));
    let url = format!("file://{}", repository.display());
    git(&clone, &["clone", "--quiet", "--depth=1", "--branch=merge", &url, "."]);
    clone
}

#[test]
fn the_script_of_the_chapter_takes_the_rules_of_the_base_branch() {
    if !has_tools() {
        return;
    }
    let chapter = fs::read_to_string(root().join("src/manual/ci.md")).unwrap();
    let text = chapter.split("```bash\n").nth(1).unwrap().split("```").next().unwrap();
    let cases: [(_, &[_], _); 2] = [("none", &[], false), ("strict", &[("heapdiff.toml", "strict = true\n")], true)];
    for (name, in_base, is_strict) in cases {
        let checkout = shallow(name, &main_with(name, in_base), &[("heapdiff.toml", ALLOWING)]);
        let ran = script(text, &checkout, &[("BASE_BRANCH", "main")]);
        assert_eq!(ran.exit, 1, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout.contains("strict"), is_strict, "{}", ran.stdout);
        // With its own rules it would pass, and says so.
        let ran = script("heapdiff check before.pb.gz after.pb.gz", &checkout, &[]);
        let shown = ran.stdout.replace("\n  ", " ");
        assert!(shown.contains("allowed by the allowance for package main (passes its own leak)"), "{shown}");
        assert!(shown.contains("settings: heapdiff.toml"), "{shown}");
        // Without the branch there is no verdict.
        let ran = script(text, &checkout, &[("BASE_BRANCH", "mian")]);
        assert!(ran.exit != 0 && ran.stdout.is_empty(), "{}{}", ran.stdout, ran.stderr);
    }
}

/// The action on a pull request to `base`.
fn check(repository: &Repository, checkout: &Path, base: &str, more: &Value) -> Outcome {
    let uses = concat!("someone/heapdiff/.github/actions/check@v", env!("CARGO_PKG_VERSION"));
    let mut with = json!({"base": "before.pb.gz", "current": "after.pb.gz"});
    with.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let workflow = json!({"jobs": {"heap": {"steps": [{"id": "heap", "uses": uses, "with": with}]}}});
    let github = [("event.pull_request.base.sha", base.to_owned())];
    repository.run(&workflow, "heap", checkout, &Event { name: "pull_request", github: github.to_vec() })
}

fn released(name: &str) -> Repository {
    let mut repository = Repository::new(name);
    repository.release = serve(|_, bytes| Some(bytes)).url("/release");
    repository
}

#[test]
fn the_action_takes_the_configuration_of_the_base_commit() {
    let repository = released("config-from");
    let strict: &[_] = &[("heapdiff.toml", "strict = true\n")];
    for (name, in_base, changed, exits, says) in [
        ("action-added", &[][..], &[("heapdiff.toml", ALLOWING)][..], [0, 1], true),
        ("action-changed", strict, &[("heapdiff.toml", ALLOWING)], [0, 1], true),
        ("action-kept", &[("heapdiff.toml", LENIENT)], &[("x", "")], [0, 0], false),
        ("action-nothing", &[], &[("x", "")], [1, 1], false),
    ] {
        let main = main_with(name, in_base);
        let base = git(&main, &["rev-parse", "main"]);
        let checkout = shallow(name, &main, changed);
        for (from, exit) in ["checkout", "base"].into_iter().zip(exits) {
            let ran = check(&repository, &checkout, &base, &json!({"config-from": from}));
            assert_eq!(ran.exit, exit, "{name} {from}: {}", ran.log);
            let level = if from == "base" { "notice" } else { "warning" };
            let warning = format!(
                "::{level} file=heapdiff.toml,title=heapdiff::This change has another heapdiff.toml than its base"
            );
            assert_eq!(ran.log.contains(&warning), says, "{name} {from}: {}", ran.log);
            let of_base = ran.summary.contains("settings: .heapdiff/base/heapdiff.toml");
            assert_eq!(of_base, from == "base" && !in_base.is_empty(), "{name} {from}: {}", ran.summary);
        }
    }
}

#[test]
fn files_named_in_args_are_those_of_the_base_too() {
    let repository = released("config-from-args");
    let line = "  { site = \"main.(*store).create\", space = \"1GiB\", objects = 10000000, reason = \"r\" },\n";
    let budget = format!("version = 2\ngranularity = \"owner\"\nsites = [\n{line}]\n");
    let main = main_with("args", &[("ci/heap.toml", "strict = true\n")]);
    let base = git(&main, &["rev-parse", "main"]);
    let changed = [("ci/heap.toml", LENIENT), ("ci/budget.toml", &budget), ("heapdiff.toml", "broken")];
    let checkout = shallow("args", &main, &changed);
    let args = "--config=./ci/heap.toml\n--budget=ci/budget.toml";
    let own = check(&repository, &checkout, &base, &json!({"args": args}));
    assert_eq!(own.exit, 0, "{}", own.log);
    let ran = check(&repository, &checkout, &base, &json!({"args": args, "config-from": "base"}));
    assert!(
        ran.exit == 1 && ran.summary.contains("settings: .heapdiff/base/ci/heap.toml"),
        "{}{}",
        ran.log,
        ran.summary
    );
    assert!(ran.log.contains("another ci/heap.toml") && ran.log.contains("another ci/budget.toml"), "{}", ran.log);
    assert!(!ran.log.contains("another heapdiff.toml"), "it is not used: {}", ran.log);
    for outside in ["--config=/etc/passwd", "--budget=../budget.toml"] {
        let ran = check(&repository, &checkout, &base, &json!({"args": outside, "config-from": "base"}));
        assert!(ran.exit == 2 && ran.log.contains(" is not a path in the repository\n"), "{}", ran.log);
    }
}

#[test]
fn without_the_base_commit_its_rules_are_not_taken_for_none() {
    let repository = released("config-from-nowhere");
    let checkout = shallow("nowhere", &main_with("nowhere", &[]), &[("heapdiff.toml", LENIENT)]);
    // Not a merge, so that the event alone says what the base is.
    git(&checkout, &["commit", "--quiet", "--amend", "--allow-empty", "-m", "not a merge"]);
    git(&checkout, &["checkout", "--quiet", "--orphan", "alone"]);
    git(&checkout, &["commit", "--quiet", "-m", "alone"]);
    for base in ["0000000000000000000000000000000000000000", ""] {
        let with = json!({"config-from": "base", "inconclusive": "pass"});
        let ran = check(&repository, &checkout, base, &with);
        assert!(ran.exit == 2 && ran.log.contains("cannot be fetched, so its rules are not known"), "{}", ran.log);
        let ran = check(&repository, &checkout, base, &json!({}));
        assert_eq!(ran.exit, 0, "{}", ran.log);
    }
    let ran = check(&repository, &checkout, "", &json!({"config-from": "main"}));
    assert!(ran.exit == 2 && ran.log.contains("config-from: expected checkout or base, not main"), "{}", ran.log);
}

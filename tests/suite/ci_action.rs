//! The action `.github/actions/check`: what it installs, and what it does with profiles, comments and doubts. Needs no Go.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::{Value, json};

use crate::ci_module::{copy, git};
use crate::release::serve;
use crate::run::{folder, root};
use crate::runner::{Event, Outcome, Repository, yaml};

/// A workflow whose job uses the action with these inputs.
fn workflow(with: &Value) -> Value {
    let uses = concat!("someone/heapdiff/.github/actions/check@v", env!("CARGO_PKG_VERSION"));
    json!({
        "permissions": {"pull-requests": "write"},
        "jobs": {"heap": {"steps": [{"id": "heap", "uses": uses, "with": with}]}},
    })
}

/// A checkout with a commit and the sample profiles.
fn checkout(name: &str) -> PathBuf {
    let checkout = folder(&format!("action-{name}"));
    for (from, to) in [("before", "old"), ("after", "new")] {
        copy(&root().join(format!("testdata/{from}.pb.gz")), &checkout.join(format!("{to}.pb.gz")));
    }
    for (from, to) in [("before", "base"), ("after", "current")] {
        copy(&root().join(format!("testdata/{from}.pb.gz")), &checkout.join(format!("pairs/1/{to}.pb.gz")));
    }
    git(&checkout, &["init", "--quiet"]);
    git(&checkout, &["commit", "--quiet", "--allow-empty", "-m", "main"]);
    checkout
}

fn pull_request(of: &str) -> Event<'static> {
    let github = [("event.pull_request.number", "7"), ("event.pull_request.head.repo.full_name", of)];
    Event { name: "pull_request", github: github.map(|(name, value)| (name, value.to_owned())).to_vec() }
}

/// The action on the sample profiles, in a pull request of the repository, with more inputs.
fn run(name: &str, repository: &Repository, more: &Value) -> Outcome {
    run_as(name, repository, more, &pull_request("example/svc"))
}

fn run_as(name: &str, repository: &Repository, more: &Value, event: &Event<'_>) -> Outcome {
    let mut with = json!({"base": "old.pb.gz", "current": "new.pb.gz"});
    for (name, value) in more.as_object().unwrap() {
        with[name] = value.clone();
    }
    repository.run(&workflow(&with), "heap", &checkout(name), event)
}

/// A repository whose release is served as it is.
fn released(name: &str) -> Repository {
    let mut repository = Repository::new(name);
    repository.release = serve(|_, bytes| Some(bytes)).url("/release");
    repository
}

#[test]
fn a_leak_fails_with_annotation_summary_and_files() {
    let ran = run("leak", &released("action-leak"), &json!({}));
    assert_eq!(ran.exit, 1, "{}", ran.log);
    assert!(ran.log.contains(concat!("heapdiff ", env!("CARGO_PKG_VERSION"))), "{}", ran.log);
    assert!(ran.log.contains("::error ") && ran.log.contains("main.(*store).create"), "{}", ran.log);
    assert!(ran.summary.starts_with("## ❌ Heap check: fail"), "{}", ran.summary);
    assert_eq!(ran.outputs["steps.heap.outputs.exit-code"], "1");
    let folder = Path::new(&ran.outputs["steps.heap.outputs.folder"]);
    for (file, text) in [("check.md", "Heap check: fail"), ("check.json", "\"fail\""), ("check.sarif", "2.1.0")] {
        assert!(fs::read_to_string(folder.join(file)).unwrap().contains(text), "{file}");
    }
    for (kept, file) in [("base", "old.pb.gz"), ("current", "new.pb.gz")] {
        assert!(folder.join(kept).is_file(), "{kept} is {file}");
    }
}

#[test]
fn the_exit_code_is_that_of_the_check() {
    let repository = released("action-exit");
    for (name, with, exit, says) in [
        ("same", json!({"current": "old.pb.gz"}), 2, "Heap check: inconclusive"),
        ("same-passes", json!({"current": "old.pb.gz", "inconclusive": "pass"}), 0, "Heap check: inconclusive"),
        ("same-fails", json!({"current": "old.pb.gz", "inconclusive": "fail"}), 1, "Heap check: inconclusive"),
        ("allowed", json!({"args": "--max-site-space=1GiB\n\n--max-total-space=1GiB\n"}), 0, "Heap check: pass"),
        ("spaces", json!({"args": "--focus=no function; exit 0"}), 2, "Heap check: inconclusive"),
        ("option", json!({"args": "--bogus", "inconclusive": "pass"}), 2, "unexpected argument '--bogus'"),
        ("trimmed", json!({"args": "  --max-site-space=1GiB \n--max-total-space=1GiB"}), 0, "Heap check: pass"),
        ("missing", json!({"current": "none.pb.gz", "inconclusive": "pass"}), 2, "none.pb.gz"),
        ("no-base-there", json!({"base": "mian", "inconclusive": "pass"}), 2, "base: mian: no such file or folder"),
        (
            "base-no-pairs",
            json!({"pairs": "true", "current": "pairs", "base": "old.pb.gz"}),
            2,
            "No folder in old.pb.gz has ",
        ),
        (
            "pairs-said",
            json!({"current": "pairs"}),
            2,
            "pairs has folders with base.pb.gz and current.pb.gz: set pairs: true",
        ),
        ("no-pairs", json!({"pairs": "true"}), 2, "No folder in new.pb.gz has base.pb.gz and current.pb.gz"),
        ("no-base", json!({"base": ""}), 2, "There are no profiles of the base"),
        ("no-base-passes", json!({"base": "", "inconclusive": "pass"}), 0, "There are no profiles of the base"),
        ("no-base-fails", json!({"base": "", "inconclusive": "fail"}), 1, "There are no profiles of the base"),
    ] {
        let ran = run(name, &repository, &with);
        assert_eq!(ran.exit, exit, "{name}: {}{}", ran.log, ran.summary);
        assert!(ran.summary.contains(says), "{name}: {}", ran.summary);
        if ["profiles of the base", "No folder", "base: ", "set pairs"].iter().any(|text| says.contains(text)) {
            let level = if exit == 0 { "::notice" } else { "::error" };
            assert!(ran.log.contains(&format!("{level} title=heapdiff::{says}")), "{name}: {}", ran.log);
        }
    }
}

#[test]
fn an_option_is_a_line_with_an_equals_sign() {
    let repository = released("action-args");
    for (name, args, says) in [
        ("space", "--must-see 256KiB", "args: write --must-see=256KiB, with =, one option a line"),
        ("two", "--strict --no-config", "args: one option a line, but there are several in: --strict --no-config"),
        ("alone", "--config\nheapdiff.toml", "args: write --config=FILE, on one line"),
    ] {
        let ran = run(name, &repository, &json!({"args": args, "inconclusive": "pass"}));
        assert!(ran.exit == 2 && ran.log.contains(&format!("::error title=heapdiff::{says}\n")), "{}", ran.log);
    }
}

#[test]
fn nothing_that_was_changed_on_its_way_is_run() {
    for (name, break_it) in [
        (
            "archive",
            (|name, mut bytes| {
                if name != "SHA256SUMS" {
                    bytes[20] ^= 1;
                }
                Some(bytes)
            }) as fn(&str, Vec<u8>) -> Option<Vec<u8>>,
        ),
        ("sums", |name, bytes| Some(if name == "SHA256SUMS" { bytes[1..].to_vec() } else { bytes })),
        ("other", |name, bytes| Some(if name == "SHA256SUMS" { b"no sums\n".to_vec() } else { bytes })),
    ] {
        let mut repository = Repository::new(&format!("action-{name}"));
        repository.release = serve(break_it).url("/release");
        let ran = run(name, &repository, &json!({}));
        assert_eq!(ran.exit, 2, "{name}: {}", ran.log);
        assert!(ran.log.contains("is not the file whose checksum is in "), "{name}: {}", ran.log);
        assert!(!ran.log.contains("heapdiff 0.") && ran.summary.is_empty(), "{name}: {}", ran.log);
    }
    for missing in ["SHA256SUMS", "tar.gz"] {
        let mut repository = Repository::new(&format!("action-no-{missing}"));
        repository.release = serve(move |name, bytes| Some(bytes).filter(|_| !name.ends_with(missing))).url("/release");
        let ran = run(missing, &repository, &json!({}));
        assert_eq!(ran.exit, 2, "{}", ran.log);
        assert!(ran.log.contains("::error title=heapdiff::Cannot download http://"), "{}", ran.log);
        assert!(ran.log.contains("is not released, set build: true"), "{}", ran.log);
    }
}

#[test]
fn builds_its_own_sources_if_asked() {
    let repository = Repository::new("action-build");
    // Stands in for cargo, and takes the program that is tested.
    let cargo = folder("action-build-cargo");
    let text = format!(
        "#!/bin/sh\necho \"cargo $*\"\nmkdir -p \"$6/bin\"\nln -s '{}' \"$6/bin\"\n",
        env!("CARGO_BIN_EXE_heapdiff")
    );
    fs::write(cargo.join("cargo"), text).unwrap();
    let mut steps = workflow(&json!({"base": "old.pb.gz", "current": "new.pb.gz", "build": true}));
    let path = format!("{}:{}", cargo.display(), env::var("PATH").unwrap());
    steps["jobs"]["heap"]["env"] = json!({"PATH": path});
    fs::set_permissions(cargo.join("cargo"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let ran = repository.run(&steps, "heap", &checkout("build"), &pull_request("example/svc"));
    assert_eq!(ran.exit, 1, "{}", ran.log);
    assert!(
        ran.log.contains("cargo install --locked --path ") && ran.log.contains(root().to_str().unwrap()),
        "{}",
        ran.log
    );
}

#[test]
fn one_comment_is_kept_up_to_date() {
    let repository = released("action-comment");
    let pass = json!({"args": "--max-site-space=1GiB\n--max-total-space=1GiB"});
    assert!(run("comment-0", &repository, &pass).log.contains("No comment: the check passes"));
    assert!(repository.comments().is_empty());
    let ran = run("comment-1", &repository, &json!({}));
    assert!(ran.exit == 1 && ran.log.contains("https://forge.test/comments/101"), "{}", ran.log);
    let [comment] = &repository.comments()[..] else { panic!("{:?}", repository.comments()) };
    assert!(comment.starts_with("<!-- heapdiff: heap -->\n## ❌ Heap check: fail\n"), "{comment}");
    // Another comparison has a comment of its own.
    assert_eq!(run("comment-2", &repository, &json!({"name": "other"})).exit, 1);
    assert_eq!(run("comment-3", &repository, &pass).exit, 0);
    let comments = repository.comments();
    assert_eq!(comments.len(), 2, "{comments:?}");
    assert!(comments[0].starts_with("<!-- heapdiff: heap -->\n## ✅ Heap check: pass\n"), "{comments:?}");
    assert!(comments[1].starts_with("<!-- heapdiff: other -->\n## ❌ Heap check: fail\n"), "{comments:?}");
}

#[test]
fn a_comment_that_may_not_be_written_fails_nothing() {
    let repository = released("action-no-comment");
    let read_only = {
        let mut event = pull_request("example/svc");
        event.github.push(("token", "reads".to_owned()));
        event
    };
    let ran = run_as("read-only", &repository, &json!({}), &read_only);
    assert!(ran.exit == 1 && ran.log.contains("No comment: the token needs pull-requests: write"), "{}", ran.log);
    let ran = run_as("fork", &repository, &json!({}), &pull_request("fork/svc"));
    assert!(ran.exit == 1 && ran.log.contains("No comment: the token of a fork cannot write"), "{}", ran.log);
    let ran = run_as("push", &repository, &json!({}), &Event { name: "push", ..Event::default() });
    assert!(ran.exit == 1 && ran.log.contains("No comment: there is no pull request"), "{}", ran.log);
    let ran = run("off", &repository, &json!({"comment": false}));
    assert!(ran.exit == 1 && !ran.log.contains("omment"), "{}", ran.log);
    assert!(repository.comments().is_empty());
}

#[test]
fn a_comment_is_as_long_as_github_takes_it() {
    let repository = released("action-long");
    let ran = run("long", &repository, &json!({}));
    let check = Path::new(&ran.outputs["steps.heap.outputs.folder"]).to_owned();
    let line = "è".repeat(100) + "\n";
    fs::write(check.join("check.md"), line.repeat(400)).unwrap();
    let mut comment = Command::new("bash");
    comment.arg(root().join(".github/actions/check/comment.sh"));
    let path = format!("{}:{}", root().join("tests/suite/bin").display(), env::var("PATH").unwrap());
    comment.env("PATH", path).env("SERVER", repository.server()).env("FOLDER", &check).envs([
        ("GH_TOKEN", "writes"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_REPOSITORY", "example/svc"),
        ("HEAD_REPOSITORY", "example/svc"),
        ("PULL_REQUEST", "7"),
        ("EXIT_CODE", "1"),
        ("INPUT_NAME", "heap"),
    ]);
    let ran = crate::run::run(comment, None);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    let [comment] = &repository.comments()[..] else { panic!("{}", ran.stdout) };
    let (head, rest) = comment.split_once('\n').unwrap();
    assert!(head == "<!-- heapdiff: heap -->" && comment.len() > 55_000 && comment.len() < 65_536, "{}", comment.len());
    assert_eq!(rest, line.repeat(60_000 / line.len()) + "The rest is in the summary of the job.\n");
}

#[test]
fn events_that_could_keep_what_is_not_mains_keep_nothing() {
    let repository = released("action-keep");
    for event in ["pull_request_target", "workflow_run", "issue_comment"] {
        let ran = run_as(event, &repository, &json!({"base": ""}), &Event { name: event, ..Event::default() });
        assert_eq!(ran.exit, 2, "{event}: {}", ran.log);
        assert!(repository.kept().is_empty(), "{event}");
    }
}

#[test]
fn texts_from_outside_reach_scripts_only_through_the_environment() {
    let action = yaml(&fs::read_to_string(root().join(".github/actions/check/action.yml")).unwrap());
    let runs: Vec<_> =
        action["runs"]["steps"].as_array().unwrap().iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(runs.len() >= 5 && runs.iter().all(|run| !run.contains("${{")), "{runs:?}");
}

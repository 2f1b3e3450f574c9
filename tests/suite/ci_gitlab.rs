//! The job of `heapdiff explain gitlab`, run as a runner would, on the module `testdata/ci`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::ci_module::{Change, LEAK, NOTHING, REFACTOR, git, has_tools, line_of_leak, merge};
use crate::release::serve;
use crate::run::{Ran, command, folder, root, run};
use crate::runner::yaml;

/// The template, as the program prints it.
fn template() -> Value {
    let ran = run(command(root(), &["explain", "gitlab"]), None);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout, fs::read_to_string(root().join("src/manual/gitlab-ci.yml")).unwrap());
    yaml(&ran.stdout)
}

/// Both scripts of the job in one shell.
fn job(checkout: &Path, base: &str, url: &str) -> Ran {
    job_with(checkout, base, url, &[])
}

/// The same with variables of the pipeline, or that users change.
fn job_with(checkout: &Path, base: &str, url: &str, variables: &[(&str, &str)]) -> Ran {
    let job = &template()["heap"];
    let lines = |name: &str| job[name].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned());
    let script: Vec<_> = lines("before_script").chain(lines("script")).collect();
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", &script.join("\n")]).current_dir(checkout).env("GOFLAGS", "");
    shell.envs(job["variables"].as_object().unwrap().iter().map(|(name, value)| (name, value.as_str().unwrap())));
    shell.env("CI_PROJECT_DIR", checkout).env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base);
    shell.env("HEAPDIFF_URL", url).envs(variables.iter().copied());
    run(shell, None)
}

#[test]
fn the_job_writes_its_reports() {
    if !has_tools() {
        return;
    }
    let server = serve(|_, bytes| Some(bytes));
    let cases: [(_, Change, _, _); 3] =
        [("gitlab-refactor", REFACTOR, true, 0), ("gitlab-leak", LEAK, true, 1), ("gitlab-first", NOTHING, false, 0)];
    for (name, change, has_test, exit) in cases {
        let (checkout, base) = merge(name, change, has_test);
        // Twice if a runner keeps the repository, with what is in it.
        for _ in 0..if change == REFACTOR { 2 } else { 1 } {
            let ran = job(&checkout, &base, &server.url("/release"));
            assert_eq!(ran.exit, exit, "{name}: {}{}", ran.stdout, ran.stderr);
            assert_eq!(ran.stdout.contains("only this build is judged"), !has_test, "{}", ran.stdout);
        }
        let read = |name: &str| fs::read_to_string(checkout.join(name)).unwrap();
        assert!(read("heap.md").contains(["Heap check: pass", "Heap check: fail"][usize::from(exit == 1)]));
        assert_eq!(read("heap.xml").contains("<failure"), exit == 1);
        let quality: Value = serde_json::from_str(&read("heap.json")).unwrap();
        let is_leak = |entry: &Value| {
            let place = &entry["location"];
            place["path"] == "server/server.go" && place["lines"]["begin"] == line_of_leak()
        };
        assert_eq!(quality.as_array().unwrap().iter().any(is_leak), exit == 1, "{quality}");
    }
}

#[test]
fn a_base_that_is_not_in_the_clone_is_fetched_or_fails() {
    if !has_tools() {
        return;
    }
    let server = serve(|_, bytes| Some(bytes));
    let url = server.url("/release");
    let (upstream, base) = merge("gitlab-upstream", LEAK, true);
    let upstream_url = format!("file://{}", upstream.display());
    // `.git` is added to the address of the project.
    std::os::unix::fs::symlink(".git", upstream.join("project.git")).unwrap();
    let project = format!("{upstream_url}/project");
    let fork = folder("ci-gitlab-fork");
    git(&upstream, &["checkout", "--quiet", "-B", "merge"]);
    git(&fork, &["clone", "--quiet", "--depth=1", "--branch=merge", &upstream_url, "."]);
    git(&fork, &["remote", "set-url", "origin", "file:///nowhere"]);
    let ran = job_with(&fork, &base, &url, &[("CI_MERGE_REQUEST_PROJECT_URL", "file:///nowhere")]);
    assert!(ran.exit == 2 && ran.stderr.contains("cannot be fetched: nothing to compare with"), "{}", ran.stderr);
    assert!(!fork.join("heap").exists());
    let ran = job_with(&fork, &base, &url, &[("CI_MERGE_REQUEST_PROJECT_URL", &project)]);
    assert!(ran.exit == 1 && !ran.stdout.contains("only this build"), "{}{}", ran.stdout, ran.stderr);
    // A merged-results pipeline has what is new in the target branch, so that is the base.
    let target = [("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &base[..])];
    let ran = job_with(&fork, "0000000000000000000000000000000000000000", &url, &target);
    assert_eq!(ran.exit, 1, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_rules_can_be_those_of_the_base() {
    if !has_tools() {
        return;
    }
    let server = serve(|_, bytes| Some(bytes));
    let (checkout, base) = merge("gitlab-rules", LEAK, true);
    let allowing = "[[allow]]\npackage = 'example.com/svc/*'\nreason = 'passes its own leak'\n";
    fs::write(checkout.join("heapdiff.toml"), allowing).unwrap();
    for (from, exit) in [("checkout", 0), ("base", 1)] {
        let ran = job_with(&checkout, &base, &server.url("/release"), &[("CONFIG_FROM", from)]);
        assert_eq!(ran.exit, exit, "{from}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn nothing_runs_without_the_right_release() {
    if !has_tools() {
        return;
    }
    let (checkout, base) = merge("gitlab-release", NOTHING, true);
    let server = serve(|name, mut bytes| {
        if name != "SHA256SUMS" {
            bytes[20] ^= 1;
        }
        Some(bytes)
    });
    let ran = job(&checkout, &base, &server.url("/release"));
    assert!(ran.exit != 0 && ran.stdout.contains("FAILED"), "{}{}", ran.stdout, ran.stderr);
    let ran = job(&checkout, &base, &server.url("/elsewhere"));
    assert!(ran.exit != 0 && ran.stderr.contains("404"), "{}{}", ran.stdout, ran.stderr);
    assert!(!checkout.join("heap").exists());
}

#[test]
fn its_version_is_this_one() {
    let variables = &template()["heap"]["variables"];
    assert_eq!(variables["HEAPDIFF_VERSION"], env!("CARGO_PKG_VERSION"));
    // GitLab fills in the version.
    let releases = "https://github.com/OWNER/heapdiff/releases/download/v$HEAPDIFF_VERSION";
    assert_eq!(variables["HEAPDIFF_URL"], releases);
}

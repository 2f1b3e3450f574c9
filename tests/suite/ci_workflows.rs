//! The workflows of the manual's chapter on CI, run as a runner would, on the module `testdata/ci`.

use std::fs;

use serde_json::{Value, json};

use crate::ci_module::{Change, LEAK, NOTHING, REFACTOR, git, has_tools, line_of_leak, merge};
use crate::release::serve;
use crate::run::root;
use crate::runner::{Event, Outcome, Repository, yaml};

fn chapter() -> String {
    fs::read_to_string(root().join("src/manual/ci.md")).unwrap()
}

/// The YAML blocks of the chapter.
fn blocks() -> Vec<Value> {
    chapter().split("```yaml\n").skip(1).map(|block| yaml(block.split("```").next().unwrap())).collect()
}

/// The workflow of the chapter with this name.
fn workflow(name: &str) -> Value {
    blocks().into_iter().find(|block| block["name"] == name).unwrap()
}

/// A repository with a release that is served, where `main` has pushed its profiles if `has_main`.
fn repository(name: &str, has_main: bool) -> Repository {
    let mut repository = Repository::new(name);
    repository.release = serve(|_, bytes| Some(bytes)).url("/release");
    if has_main {
        let (checkout, base) = merge(&format!("{name}-main"), NOTHING, true);
        git(&checkout, &["checkout", "--quiet", &base]);
        let ran = repository.run(&workflow("heap"), "heap", &checkout, &Event { name: "push", ..Event::default() });
        assert_eq!(ran.exit, 0, "{}", ran.log);
        assert!(ran.log.contains("Nothing was judged") && ran.summary.is_empty(), "{}{}", ran.log, ran.summary);
        assert_eq!(repository.kept(), [base]);
    }
    repository
}

fn pull_request<'a>(of: &str, base: &str, more: &[(&'a str, &str)]) -> Event<'a> {
    let mut github = vec![
        ("event.pull_request.number", "7".to_owned()),
        ("event.pull_request.head.repo.full_name", of.to_owned()),
        ("event.pull_request.base.sha", base.to_owned()),
        ("base_ref", "main".to_owned()),
    ];
    github.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    Event { name: "pull_request", github }
}

/// A pull request, of a branch of the same repository.
fn check(name: &str, change: Change, repository: &Repository) -> Outcome {
    let (checkout, base) = merge(name, change, true);
    repository.run(&workflow("heap"), "heap", &checkout, &pull_request("example/svc", &base, &[]))
}

fn assert_leak(ran: &Outcome) {
    assert_eq!(ran.exit, 1, "{}", ran.log);
    let place = format!("::error file=server/server.go,line={},", line_of_leak());
    assert!(ran.log.contains(&place), "{place}: {}", ran.log);
    assert!(ran.summary.contains("Heap check: fail") && ran.summary.contains("(*Server).open"), "{}", ran.summary);
}

#[test]
fn pull_requests_are_compared_with_what_main_kept() {
    if !has_tools() {
        return;
    }
    let repository = repository("workflow", true);
    for (name, change) in [("workflow-nothing", NOTHING), ("workflow-refactor", REFACTOR)] {
        let ran = check(name, change, &repository);
        assert_eq!(ran.exit, 0, "{name}: {}", ran.log);
        assert!(ran.summary.contains("Heap check: pass"), "{}", ran.summary);
        for absent in ["::error", "only this build is judged", "compared with "] {
            assert!(!ran.log.contains(absent), "{absent}: {}", ran.log);
        }
        assert!(repository.comments().is_empty());
    }
    let ran = check("workflow-leak", LEAK, &repository);
    assert_leak(&ran);
    assert!(repository.comments()[0].contains("Heap check: fail"), "{:?}", repository.comments());
    let ran = check("workflow-fixed", REFACTOR, &repository);
    assert_eq!(ran.exit, 0, "{}", ran.log);
    assert!(repository.comments()[0].contains("Heap check: pass"), "{:?}", repository.comments());
}

#[test]
fn the_base_is_the_first_parent_of_the_merge() {
    if !has_tools() {
        return;
    }
    let repository = repository("base", false);
    let (checkout, base) = merge("base-pull", NOTHING, true);
    let merged = git(&checkout, &["rev-parse", "HEAD"]);
    git(&checkout, &["checkout", "--quiet", &base]);
    assert_eq!(
        repository.run(&workflow("heap"), "heap", &checkout, &Event { name: "push", ..Event::default() }).exit,
        0
    );
    git(&checkout, &["checkout", "--quiet", &merged]);
    // What the event says is older.
    let event = pull_request("example/svc", "0000000000000000000000000000000000000000", &[]);
    let ran = repository.run(&workflow("heap"), "heap", &checkout, &event);
    assert_eq!(ran.exit, 0, "{}", ran.log);
    assert!(!ran.log.contains("compared with "), "{}", ran.log);
    // Of a commit of which nothing is kept, what is taken instead is named.
    git(&checkout, &["commit", "--quiet", "--allow-empty", "-m", "not a merge"]);
    let ran = repository.run(&workflow("heap"), "heap", &checkout, &event);
    assert_eq!(ran.exit, 0, "{}", ran.log);
    assert!(
        ran.log.contains(&format!(
            "No profiles of the base 0000000000000000000000000000000000000000 are kept: compared with {base}"
        )),
        "{}",
        ran.log
    );
    assert!(
        ran.summary.contains(&format!(
            "\n> No profiles of the base 0000000000000000000000000000000000000000 are kept: compared with {base}, "
        )),
        "{}",
        ran.summary
    );
}

#[test]
fn a_build_is_judged_alone_until_main_has_the_test() {
    if !has_tools() {
        return;
    }
    let repository = repository("first", false);
    let ran = check("first-nothing", NOTHING, &repository);
    assert_eq!(ran.exit, 0, "{}", ran.log);
    assert!(ran.log.contains("only this build is judged") && ran.summary.contains("Heap check: pass"), "{}", ran.log);
    assert_leak(&check("first-leak", LEAK, &repository));
    let alone = "\n> There are no profiles of the base: only this build is judged, ";
    assert!(ran.summary.contains(alone) && repository.comments()[0].contains(alone), "{:?}", repository.comments());
}

#[test]
fn a_second_workflow_comments_on_a_forks_pull_request() {
    if !has_tools() {
        return;
    }
    let repository = repository("fork", true);
    let (checkout, base) = merge("fork-leak", LEAK, true);
    let event = pull_request("fork/svc", &base, &[("token", "reads")]);
    let ran = repository.run(&workflow("heap"), "heap", &checkout, &event);
    assert_leak(&ran);
    assert!(repository.comments().is_empty() && ran.log.contains("has a second workflow"), "{}", ran.log);

    let head = "1111111111111111111111111111111111111111";
    let event = |sha: &str| Event {
        name: "workflow_run",
        github: [
            ("event.workflow_run.id", "1"),
            ("event.workflow_run.head_repository.full_name", "fork/svc"),
            ("event.workflow_run.head_branch", "$(touch owned)"),
            ("event.workflow_run.head_sha", sha),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec(),
    };
    repository.set_pulls(&json!([{"number": 7, "head": {"sha": head}}]));
    git(&checkout, &["checkout", "--quiet", &base]);
    // A run that failed before its check left no artifact: that is its failure, not this one's.
    let ran = self::repository("fork-early", false).run(&workflow("heap comment"), "comment", &checkout, &event(head));
    assert!(ran.exit == 0 && ran.log.contains("Artifact not found") && ran.summary.is_empty(), "{}", ran.log);
    let ran = repository.run(&workflow("heap comment"), "comment", &checkout, &event("2222"));
    assert!(ran.log.contains("No comment: there is no pull request") && ran.exit == 0, "{}", ran.log);
    let ran = repository.run(&workflow("heap comment"), "comment", &checkout, &event(head));
    assert_eq!(ran.exit, 0, "the other workflow fails: {}", ran.log);
    let [comment] = &repository.comments()[..] else { panic!("{}", ran.log) };
    assert!(comment.contains("Heap check: fail") && comment.contains("(*Server).open"), "{comment}");
    // It names the run of the pull request, and what its artifact has.
    let run = "Commit 1111111111, [run 1](https://forge.test/example/svc/actions/runs/1). If it uploaded the profiles as `heap`, \
               `gh run download 1 -n heap` fetches them.";
    assert!(comment.contains(run) && comment.contains(" current/1/base.pb.gz current/1/current.pb.gz\n"), "{comment}");
    assert!(!checkout.join("owned").exists());
}

#[test]
fn both_builds_in_one_job() {
    if !has_tools() {
        return;
    }
    let repository = repository("both", false);
    let steps = blocks().into_iter().find(|block| block[0]["name"] == "Profiles of the change and of its merge base");
    let mut workflow = workflow("heap");
    let heap = &mut workflow["jobs"]["heap"]["steps"];
    heap[2] = steps.unwrap()[0].clone();
    assert!(chapter().contains("`base: ${{ runner.temp }}/heap/base` and `current: ${{ runner.temp }}/heap/current`"));
    heap[3]["with"]["base"] = json!("${{ runner.temp }}/heap/base");
    heap[3]["with"]["current"] = json!("${{ runner.temp }}/heap/current");
    // Findings for code scanning as well.
    let scanning =
        blocks().into_iter().find(|block| block[0]["uses"].as_str().is_some_and(|uses| uses.contains("sarif")));
    heap.as_array_mut().unwrap().push(scanning.unwrap()[0].clone());
    for (name, change, has_test, exit) in
        [("both-refactor", REFACTOR, true, 0), ("both-leak", LEAK, true, 1), ("both-first", NOTHING, false, 0)]
    {
        let (checkout, base) = merge(name, change, has_test);
        let ran = repository.run(&workflow, "heap", &checkout, &pull_request("example/svc", &base, &[]));
        assert_eq!(ran.exit, exit, "{name}: {}", ran.log);
        assert_eq!(ran.log.contains("only this build is judged"), !has_test, "{}", ran.log);
        if exit == 1 {
            assert_leak(&ran);
        }
    }
    assert!(repository.kept().is_empty());
}

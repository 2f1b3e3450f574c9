//! The step of the manual's chapter on CI that holds a change to the rules of the base branch, run as a runner would.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::ci_module::{git, has_tools};
use crate::run::{Ran, folder, root, run};

/// A script in a checkout, with `variables`, and the program on the path.
fn script(text: &str, repository: &Path, variables: &[(&str, &str)]) -> Ran {
    let program = Path::new(env!("CARGO_BIN_EXE_heapdiff"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-e", "-c", text]).current_dir(repository).env("PATH", path).envs(variables.iter().copied());
    run(command, None)
}

#[test]
fn a_change_is_held_to_the_rules_of_the_base_branch() {
    if !has_tools() {
        return;
    }
    let allowing = "[[allow]]\npackage = 'main'\nreason = 'passes its own leak'\n";
    let chapter = fs::read_to_string(root().join("src/manual/ci.md")).unwrap();
    let text = chapter.split("```bash\n").nth(1).unwrap().split("```").next().unwrap();
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
        let ran = script(&format!("runs=(before.pb.gz after.pb.gz)\n{text}"), &repository, &variables);
        assert_eq!(ran.exit, 1, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout.contains("strict"), in_base.is_some(), "{}", ran.stdout);
        // With its own rules it would pass, and says so.
        let ran = script("heapdiff check before.pb.gz after.pb.gz", &repository, &variables);
        let shown = ran.stdout.replace("\n  ", " ");
        assert!(shown.contains("allowed by the allowance for package main (passes its own leak)"), "{shown}");
        assert!(shown.contains("settings: heapdiff.toml"), "{shown}");
    }
}

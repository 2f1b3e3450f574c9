//! The arrows of the architecture: which module may use which.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::root;

/// What is no stage, and for all of them.
const FOR_ALL: [&str; 2] = ["order", "threads"];

/// A module, and those of ours that it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("profile", &[]),
    ("input", &[]),
    ("proto", &[]),
    ("decode", &["profile", "proto"]),
    ("series", &["evidence", "diff", "site", "profile"]),
    ("site", &["profile"]),
    ("diff", &["site", "profile"]),
    ("calls", &["diff", "site", "profile"]),
    ("evidence", &["diff", "site", "profile"]),
    ("rank", &["diff"]),
    ("report", &["calls", "gate", "rank", "evidence", "diff", "site", "series", "profile"]),
    ("render", &["proto", "report", "calls", "gate", "evidence", "diff", "site", "series", "profile"]),
    ("gate", &["evidence", "rank", "diff", "site"]),
    (
        "cli",
        &[
            "input", "decode", "profile", "site", "diff", "calls", "evidence", "rank", "gate", "series", "report",
            "render",
        ],
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn modules_use_only_what_the_arrows_allow() {
    let src = root().join("src");
    let mut checked = 0;
    for path in sources(&src) {
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
        let module = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if FOR_ALL.iter().chain(&["main", "lib", "build"]).any(|name| *name == module) || !name.ends_with(".rs") {
            continue;
        }
        let (_, allowed) =
            ARROWS.iter().find(|(known, _)| *known == module).unwrap_or_else(|| panic!("{name} has no arrows"));
        for line in fs::read_to_string(&path).unwrap().lines() {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(
                    used == module || FOR_ALL.contains(&used.as_str()) || allowed.contains(&used.as_str()),
                    "{name}: {module} uses {used}"
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "{checked}");
}

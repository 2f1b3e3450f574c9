//! The architecture: which module may use which, no circles of files, and short files.

mod sources;

use std::collections::{BTreeMap, BTreeSet};

use sources::Sources;

/// Modules that any other may use.
const FOR_ALL: [&str; 5] = ["byte_size", "index", "order", "paths", "threads"];

/// The stages, all of which the command line may use.
const STAGES: [&str; 15] = [
    "input",
    "decode",
    "profile",
    "matching",
    "site",
    "diff",
    "stacks",
    "evidence",
    "rank",
    "gate",
    "series",
    "goroutines",
    "diagnose",
    "report",
    "render",
];

/// Each module, or folder such as `cli/options`, and those it may use; those of `cli` may also use the stages. A file belongs to the longest entry it is in.
const ARROWS: &[(&str, &[&str])] = &[
    ("profile", &[]),
    ("input", &[]),
    ("proto", &[]),
    ("decode", &["profile", "proto"]),
    ("series", &["evidence", "diff", "site", "profile"]),
    ("goroutines", &["series", "site", "profile"]),
    ("site", &["profile"]),
    ("diff", &["site", "profile"]),
    ("matching", &["site", "profile"]),
    ("stacks", &["diff", "site", "profile"]),
    ("evidence", &["diff", "site", "profile"]),
    ("rank", &["diff"]),
    ("gate", &["evidence", "diff", "matching", "site"]),
    ("diagnose", &["goroutines", "series", "evidence", "diff", "site", "profile"]),
    (
        "report",
        &[
            "diagnose",
            "gate",
            "goroutines",
            "matching",
            "series",
            "stacks",
            "rank",
            "evidence",
            "diff",
            "site",
            "profile",
        ],
    ),
    ("render", &["proto", "report", "stacks", "gate", "evidence", "diff", "site", "series", "goroutines", "profile"]),
    ("cli/options", &[]),
    ("cli/exit", &[]),
    ("cli/steps", &["cli/options", "cli/exit"]),
    ("cli", &["cli/options", "cli/exit", "cli/steps"]),
    // The one file that knows all commands, and the facade.
    ("cli/command", &["cli", "cli/options", "cli/steps", "cli/exit"]),
    ("cli/mod", &["cli", "cli/command", "cli/exit"]),
];

/// Maximum lines of the median file and of the longest file.
const MAX_LINES: (usize, usize) = (150, 400);

#[test]
fn modules_use_only_what_the_arrows_allow() {
    let sources = Sources::read();
    let mut checked = 0;
    for (file, used) in sources.modules_used() {
        let (from, to) = (layer(file), layer(used));
        if from != to && !FOR_ALL.contains(&from) && !FOR_ALL.contains(&to) {
            let (_, allowed) = ARROWS.iter().find(|(known, _)| *known == from).unwrap();
            let is_stage = from.starts_with("cli") && STAGES.contains(&to);
            assert!(is_stage || allowed.contains(&to), "{file} uses {used}, and {from} may not use {to}");
        }
        checked += 1;
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn no_command_uses_another() {
    let sources = Sources::read();
    let mut checked = 0;
    for (file, used) in sources.modules_used() {
        if layer(file) == "cli" && layer(used) == "cli" {
            let [from, to] = [file, used].map(|file| file.trim_start_matches("cli/").split(['/', '.']).next().unwrap());
            assert_eq!(from, to, "{file} uses {used}");
            checked += 1;
        }
    }
    assert!(checked > 5, "{checked}");
}

/// The entry of `ARROWS` or `FOR_ALL` that a file belongs to.
fn layer(file: &str) -> &'static str {
    let path = file.trim_end_matches(".rs");
    ARROWS
        .iter()
        .map(|(name, _)| *name)
        .chain(FOR_ALL)
        .filter(|name| path == *name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')))
        .max_by_key(|name| name.len())
        .unwrap_or_else(|| panic!("{file} has no arrows"))
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let sources = Sources::read();
    let arrows = sources.files_used();
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 300, "{arrows:#?}");
    let circles: Vec<_> = circles(&arrows)
        .into_iter()
        .map(|circle| format!("{} files: {}", circle.len(), shortest(&arrows, &circle)))
        .collect();
    assert!(circles.is_empty(), "files in a circle, and a shortest one of each:\n{}", circles.join("\n"));
}

type Arrows<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Groups of files each of which reaches all others of its group.
fn circles<'a>(arrows: &Arrows<'a>) -> Vec<Vec<&'a str>> {
    let reached: BTreeMap<_, _> = arrows.keys().map(|file| (*file, reach(arrows, file))).collect();
    let mut circles: Vec<Vec<&str>> = Vec::new();
    for (file, to) in &reached {
        if to.contains(file) && !circles.iter().any(|circle| circle.contains(file)) {
            circles.push(to.iter().filter(|other| reached[*other].contains(file)).copied().collect());
        }
    }
    circles
}

/// The files that `from` uses, directly or through others.
fn reach<'a>(arrows: &Arrows<'a>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<_> = arrows[from].iter().copied().collect();
    while let Some(file) = open.pop() {
        if reached.insert(file) {
            open.extend(&arrows[file]);
        }
    }
    reached
}

/// The shortest way from any of these files back to itself.
fn shortest(arrows: &Arrows<'_>, circle: &[&str]) -> String {
    let ways = circle.iter().map(|start| {
        let mut ways = vec![vec![*start]];
        let mut seen = BTreeSet::new();
        for at in 0.. {
            let way = ways[at].clone();
            for next in &arrows[way[way.len() - 1]] {
                if next == start {
                    return way.into_iter().chain([*start]).collect::<Vec<_>>();
                }
                if seen.insert(*next) {
                    ways.push(way.iter().chain([next]).copied().collect());
                }
            }
        }
        unreachable!()
    });
    ways.min_by_key(Vec::len).unwrap().join(" → ")
}

#[test]
fn a_circle_is_found_and_its_shortest_way_shown() {
    let arrows = [("a", &["b"][..]), ("b", &["c", "d"]), ("c", &["a", "b"]), ("d", &["e"]), ("e", &[]), ("f", &["f"])];
    let arrows: Arrows<'_> = arrows.into_iter().map(|(from, to)| (from, to.iter().copied().collect())).collect();
    let circles = circles(&arrows);
    assert_eq!(circles, [vec!["a", "b", "c"], vec!["f"]]);
    assert_eq!(shortest(&arrows, &circles[0]), "b → c → b");
}

#[test]
fn files_are_short() {
    let sources = Sources::read();
    let mut lines: Vec<_> = sources.files().map(|(file, text)| (text.lines().count(), file)).collect();
    lines.sort_unstable();
    let (median, longest) = (lines[lines.len() / 2], lines[lines.len() - 1]);
    assert!(median.0 <= MAX_LINES.0, "the median file has {} lines", median.0);
    assert!(longest.0 <= MAX_LINES.1, "{} has {} lines", longest.1, longest.0);
}

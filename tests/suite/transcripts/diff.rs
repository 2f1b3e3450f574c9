//! A diff of lines.

use std::fmt::Write;

/// Lines around a change that are shown as well.
const CONTEXT: usize = 2;

/// The lines of `old` that are not in `new` with `-`, those that are only in `new` with `+`, and a few around them.
/// JSON of one line is split into its fields.
pub fn lines(old: &str, new: &str) -> String {
    let (old, new) = (split(old), split(new));
    let edits = edits(&old, &new);
    let mut out = String::new();
    let mut skipping = false;
    for (at, (sign, line)) in edits.iter().enumerate() {
        let near = &edits[at.saturating_sub(CONTEXT)..edits.len().min(at + CONTEXT + 1)];
        if near.iter().any(|(sign, _)| *sign != ' ') {
            writeln!(out, "{sign}{line}").unwrap();
            skipping = false;
        } else if !std::mem::replace(&mut skipping, true) {
            out.push_str(" …\n");
        }
    }
    out
}

fn split(text: &str) -> Vec<String> {
    let fields = |line: &str| match line.strip_prefix('{') {
        Some(_) => line.replace(",\"", ",\n\"").lines().map(str::to_owned).collect(),
        None => vec![line.to_owned()],
    };
    text.lines().flat_map(fields).collect()
}

/// All lines of both, each with how it changed: a longest common subsequence is ' '.
fn edits<'a>(old: &'a [String], new: &'a [String]) -> Vec<(char, &'a str)> {
    // The length of the longest common subsequence of old[i..] and new[j..].
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = match old[i] == new[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut edits = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            edits.push((' ', old[i].as_str()));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            edits.push(('-', old[i].as_str()));
            i += 1;
        } else {
            edits.push(('+', new[j].as_str()));
            j += 1;
        }
    }
    edits
}

#[test]
fn a_diff_shows_what_changed_and_a_little_around_it() {
    let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
    let new = "a\nb\nc\nd\nE\nf\ng\nh\ni\n";
    assert_eq!(lines(old, new), " …\n c\n d\n-e\n+E\n f\n g\n h\n+i\n");
    assert_eq!(lines("{\"a\":1,\"b\":2}\n", "{\"a\":1,\"b\":3}\n"), " {\"a\":1,\n-\"b\":2}\n+\"b\":3}\n");
}

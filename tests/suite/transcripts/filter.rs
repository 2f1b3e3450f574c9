//! Filters that remove from an output what other transcripts show.

use std::collections::HashSet;

use serde_json::Value;

/// The fields of JSON documents that hold sentences.
const SENTENCES: [&str; 6] = ["message", "headline", "next", "does_not_prove", "sentence", "error"];

const UNITS: [&str; 8] = ["B", "KiB", "MiB", "GiB", "ms", "s", "min", "h"];

/// Tables unchanged, and of each other paragraph a line with its numbers, names and paths. JSON without its sentences.
/// Text that contains a phrase of `kept` stays whole.
pub fn numbers(output: &str, kept: &[&str]) -> String {
    if output.starts_with('{') {
        return output.lines().map(|line| json(line, kept) + "\n").collect();
    }
    let blocks: Vec<_> = output.split("\n\n").map(|block| numbers_of_block(block, kept)).collect();
    blocks.join("\n").replace("\n\n\n", "\n\n")
}

/// A block: the lines from its first row to its last, and a line for each paragraph before and after them.
fn numbers_of_block(block: &str, kept: &[&str]) -> String {
    let lines: Vec<_> = block.lines().collect();
    let first = lines.iter().position(|line| is_row(line)).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| is_row(line)).map_or(first, |last| last + 1);
    let rows: String = lines[first..last].iter().flat_map(|row| [row, "\n"]).collect();
    numbers_of_text(&lines[..first], kept) + &rows + &numbers_of_text(&lines[last..], kept)
}

fn numbers_of_text(mut lines: &[&str], kept: &[&str]) -> String {
    let mut out = String::new();
    while let [first, after @ ..] = lines {
        let length = match first.contains(' ') {
            true => 1 + after.iter().take_while(|line| indent(line) > indent(first)).count(),
            // A heading.
            false => 1,
        };
        let (paragraph, rest) = lines.split_at(length);
        lines = rest;
        let text = paragraph.iter().flat_map(|line| line.split_whitespace()).collect::<Vec<_>>().join(" ");
        if kept.iter().any(|phrase| text.contains(phrase)) {
            out += &(paragraph.join("\n") + "\n");
        } else if let Some(numbers) = numbers_of_paragraph(&text) {
            out += &(numbers + "\n");
        }
    }
    out
}

/// Whether a line has columns: of a text table, or of Markdown's.
fn is_row(line: &str) -> bool {
    line.trim_start().contains("  ") || indent(line) > 8 || line.starts_with('|')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Numbers with their units, codes, names and paths of a paragraph; `None` if it has only words and options.
fn numbers_of_paragraph(paragraph: &str) -> Option<String> {
    let mut left: Vec<&str> = Vec::new();
    for token in paragraph.split_whitespace() {
        let bare = token.trim_matches(|c: char| c.is_ascii_punctuation() && c != '-' && c != '+');
        let after_number = left.last().is_some_and(|last| last.ends_with(|c: char| c.is_ascii_digit()));
        let is_word = bare.chars().all(|c| c.is_ascii_alphabetic() || "-'".contains(c)) || bare.starts_with("--");
        if !is_word || after_number && UNITS.contains(&bare) {
            left.push(bare.rsplit('=').next().unwrap());
        }
    }
    (!left.is_empty()).then(|| format!("~ {}", left.join(" ")))
}

fn json(document: &str, kept: &[&str]) -> String {
    let mut document: Value = serde_json::from_str(document).unwrap();
    drop_sentences(&mut document, kept);
    serde_json::to_string_pretty(&document).unwrap()
}

fn drop_sentences(json: &mut Value, kept: &[&str]) {
    match json {
        Value::Object(fields) => {
            fields.retain(|name, value| match value {
                Value::String(text) => !SENTENCES.contains(&name.as_str()) || kept.iter().any(|it| text.contains(it)),
                _ => true,
            });
            fields.values_mut().for_each(|value| drop_sentences(value, kept));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_sentences(item, kept)),
        _ => {}
    }
}

/// A command's help, with only the first line of options that `known` explains in the same words.
pub fn news(help: &str, known: &str) -> String {
    let known: HashSet<_> = known.split("\n\n").collect();
    let mut out = String::new();
    for paragraph in help.split("\n\n") {
        let first = paragraph.lines().next().unwrap_or_default();
        match known.contains(paragraph) {
            true if !first.trim_start().starts_with('-') => {}
            true => out += &format!("{first}\n"),
            false => out += &format!("{}\n", paragraph.trim_end()),
        }
    }
    out
}

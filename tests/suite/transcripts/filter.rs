//! Leaves out of an output what other transcripts show.

use std::collections::HashSet;

use serde_json::Value;

/// The fields of JSON documents that hold sentences.
const SENTENCES: [&str; 5] = ["message", "next", "does_not_prove", "sentence", "error"];

const UNITS: [&str; 8] = ["B", "KiB", "MiB", "GiB", "ms", "s", "min", "h"];

/// Tables as they are, and of any other paragraph what is not a word, on a line; paragraphs with one of the words `kept`
/// as they are. JSON without its sentences.
pub fn numbers(output: &str, kept: &[&str]) -> String {
    if output.starts_with('{') {
        return output.lines().map(|line| json(line) + "\n").collect();
    }
    let blocks: Vec<_> = output.split("\n\n").map(|block| numbers_of_block(block, kept)).collect();
    blocks.join("\n").replace("\n\n\n", "\n\n")
}

/// A block's lines up to its last row, then a line for each paragraph.
fn numbers_of_block(block: &str, kept: &[&str]) -> String {
    let lines: Vec<_> = block.lines().collect();
    let rows = lines.iter().rposition(|line| is_row(line)).map_or(0, |last| last + 1);
    let mut out: String = lines[..rows].iter().flat_map(|row| [row, "\n"]).collect();
    let mut rest = &lines[rows..];
    while let [first, after @ ..] = rest {
        let length = 1 + after.iter().take_while(|line| indent(line) > indent(first)).count();
        let paragraph = rest[..length].join("\n");
        rest = &rest[length..];
        if kept.iter().any(|word| paragraph.contains(word)) {
            out += &(paragraph + "\n");
        } else if let Some(numbers) = numbers_of_paragraph(&paragraph) {
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

/// Numbers with their units, codes, names and paths: what is left without words and options.
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

fn json(document: &str) -> String {
    let mut document: Value = serde_json::from_str(document).unwrap();
    drop_sentences(&mut document);
    serde_json::to_string_pretty(&document).unwrap()
}

fn drop_sentences(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            fields.retain(|name, value| !(value.is_string() && SENTENCES.contains(&name.as_str())));
            fields.values_mut().for_each(drop_sentences);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_sentences),
        _ => {}
    }
}

/// A command's help, of whose paragraphs that are in `known` as well only the first line is left.
pub fn news(help: &str, known: &str) -> String {
    let known: HashSet<_> = known.split("\n\n").collect();
    let paragraphs: Vec<_> = help
        .split("\n\n")
        .map(|paragraph| match known.contains(paragraph) {
            true => paragraph.lines().next().unwrap_or_default(),
            false => paragraph.trim_end(),
        })
        .collect();
    paragraphs.join("\n") + "\n"
}

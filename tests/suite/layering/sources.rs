//! The files under `src`, and what each uses of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::root;

/// Files that are compiled for tests only.
const TEST_FILES: [&str; 2] = ["/tests.rs", "/sample.rs"];

/// The files of the library by name, such as `site/key.rs`; without `lib.rs`, which only names them.
pub struct Sources {
    files: BTreeMap<String, File>,
}

struct File {
    text: String,
    /// Module of the file: `["site", "key"]`.
    module: Vec<String>,
    /// Paths from the crate's root that the file names outside its tests, such as `["profile", "Role"]`; `true` for
    /// those that it only passes on (`pub use`).
    paths: Vec<(Vec<String>, bool)>,
}

impl Sources {
    pub fn read() -> Self {
        let src = root().join("src");
        let mut files = BTreeMap::new();
        for path in rust_files(&src) {
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            let text = fs::read_to_string(&path).unwrap();
            if ["main.rs", "lib.rs"].contains(&name.as_str()) || TEST_FILES.iter().any(|file| name.ends_with(file)) {
                continue;
            }
            let module = module(&name);
            let paths = paths(&text, &module, name.ends_with("/mod.rs"));
            files.insert(name, File { text, module, paths });
        }
        Sources { files }
    }

    /// Names and texts.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, file)| (name.as_str(), file.text.as_str()))
    }

    /// Each file and one whose module it names, in a `use` or elsewhere.
    pub fn modules_used(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().flat_map(|(name, file)| {
            file.paths.iter().filter_map(|(path, _)| Some((name.as_str(), self.module_of(path)?.0)))
        })
    }

    /// Each file and those that define what it uses. What a file passes on (`pub use`) it does not use.
    pub fn files_used(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let used = |(name, file): (_, &File)| -> BTreeSet<&str> {
            let paths = file.paths.iter().filter(|(_, passed_on)| !passed_on);
            paths.filter_map(|(path, _)| self.definition(path)).filter(|used| used != name).collect()
        };
        self.files.iter().map(|entry| (entry.0.as_str(), used(entry))).collect()
    }

    /// The file of the innermost module that a path names, and what follows in the path.
    fn module_of<'p>(&self, path: &'p [String]) -> Option<(&str, &'p [String])> {
        (1..=path.len()).rev().find_map(|length| {
            let (name, _) = self.files.iter().find(|(_, file)| file.module == path[..length])?;
            Some((name.as_str(), &path[length..]))
        })
    }

    /// The file that defines what a path names: where a module passes it on, the one that it has it from.
    fn definition(&self, path: &[String]) -> Option<&str> {
        let (name, rest) = self.module_of(path)?;
        let passed_on = rest.first().and_then(|item| {
            let exports = self.files[name].paths.iter().filter(|(_, passed_on)| *passed_on);
            exports.map(|(export, _)| export).find(|export| export.last() == Some(item))
        });
        match passed_on {
            Some(export) => self.definition(export),
            None => Some(name),
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

fn module(name: &str) -> Vec<String> {
    let path = name.trim_end_matches(".rs");
    path.trim_end_matches("/mod").split('/').map(str::to_owned).collect()
}

/// The paths into the crate that a file names, in full.
fn paths(text: &str, module: &[String], is_folder: bool) -> Vec<(Vec<String>, bool)> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|l| [l, "\n"]).collect();
    let code = &code[..start_of_tests(&code)];
    let children: Vec<&str> = match is_folder {
        true => code.lines().filter_map(|line| line.rsplit_once("mod ")?.1.strip_suffix(';')).collect(),
        false => Vec::new(),
    };
    let mut paths = Vec::new();
    let mut start = 0;
    while let Some(length) = code[start..].find(|c: char| c.is_ascii_alphabetic() || c == '_') {
        let at = start + length;
        let word = word(&code[at..]);
        start = at + word.len();
        let is_first = !["::", ".", "pub(in "].iter().any(|before| code[..at].ends_with(before));
        if !is_first || !code[start..].starts_with("::") || !is_root(word, &children) {
            continue;
        }
        let before = code[..at].rsplit(['\n', ';', '}']).next().unwrap().trim();
        let passed_on = before.starts_with("pub") && before.ends_with("use");
        let mut found = Vec::new();
        let length = tree(&code[at..], &mut Vec::new(), &mut found);
        start = at + length;
        paths.extend(found.into_iter().map(|path| (absolute(path, module), passed_on)));
    }
    paths
}

/// The start of the file's module of tests, or its end.
fn start_of_tests(code: &str) -> usize {
    let is_module = |rest: &str| rest.lines().skip(1).find(|line| !line.starts_with("#[")).is_some_and(opens_module);
    code.match_indices("#[cfg(test)]\n").map(|(at, _)| at).find(|&at| is_module(&code[at..])).unwrap_or(code.len())
}

fn opens_module(line: &str) -> bool {
    line.starts_with("mod ") && line.ends_with('{')
}

fn is_root(word: &str, children: &[&str]) -> bool {
    ["crate", "super", "self"].contains(&word) || children.contains(&word)
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// Reads a path that continues `prefix`, or a tree of paths as in `use a::{b, c::d}`; returns its length.
fn tree(text: &str, prefix: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let depth = prefix.len();
    let mut at = 0;
    loop {
        let word = word(&text[at..]);
        if !word.is_empty() {
            prefix.push(word.to_owned());
            at += word.len();
            if text[at..].starts_with("::") {
                at += 2;
                continue;
            }
        } else if text[at..].starts_with('{') {
            at += 1;
            while !text[at..].starts_with('}') {
                match text[at..].starts_with(|c: char| c.is_whitespace() || c == ',') {
                    true => at += 1,
                    false => at += tree(&text[at..], prefix, found),
                }
            }
            prefix.truncate(depth);
            return at + 1;
        }
        // The path ends: with a name, with `*`, or before type arguments.
        found.push(prefix.clone());
        prefix.truncate(depth);
        return match text[at..].strip_prefix(" as ") {
            Some(after) if depth > 0 => at + 4 + self::word(after).len(),
            _ => at + usize::from(text[at..].starts_with('*')),
        };
    }
}

/// A path from the crate's root.
fn absolute(path: Vec<String>, module: &[String]) -> Vec<String> {
    let mut full = match path[0].as_str() {
        "crate" => Vec::new(),
        _ => module.to_vec(),
    };
    for word in path {
        match word.as_str() {
            "crate" | "self" => {}
            "super" => {
                full.pop();
            }
            _ => full.push(word),
        }
    }
    full
}

#[test]
fn paths_are_found_in_every_form() {
    let code = "\
        //! See [`crate::ignored`].\n\
        mod child;\n\
        pub use child::Passed;\n\
        use std::fmt;\n\
        use super::{one::{A, b::C as D}, two::*};\n\
        fn f(it: &crate::three::Type<crate::four::Other>) -> child::Own { self::child::make(it) }\n\
        #[cfg(test)]\n#[allow(clippy::unwrap_used)]\nmod tests {\n    use crate::only_in_tests;\n}\n";
    let found = paths(code, &["a".to_owned(), "b".to_owned()], true);
    let found: Vec<_> = found.iter().map(|(path, passed_on)| (path.join("::"), *passed_on)).collect();
    let used = |path: &str| (path.to_owned(), false);
    assert_eq!(
        found,
        [
            ("a::b::child::Passed".to_owned(), true),
            used("a::one::A"),
            used("a::one::b::C"),
            used("a::two"),
            used("three::Type"),
            used("four::Other"),
            used("a::b::child::Own"),
            used("a::b::child::make"),
        ]
    );
}

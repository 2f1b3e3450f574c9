//! Names short enough for a terminal: shortened the way Go people know, lengthened again where two
//! would read the same, and never cut within an identifier.

use std::borrow::Cow;

use foldhash::fast::RandomState;
use indexmap::map::Entry;
use indexmap::{IndexMap, IndexSet};
use unicode_width::UnicodeWidthStr;

use crate::site::import_path;

/// Short forms of a set of names, no two the same.
#[derive(Debug, Default)]
pub(super) struct Short<'a> {
    forms: IndexMap<Cow<'a, str>, String, RandomState>,
}

/// The first name with a form, and the others, which mostly are none.
type Alike<'a> = (Cow<'a, str>, Vec<Cow<'a, str>>);

impl<'a> Short<'a> {
    /// Short forms of function names: `net/http.(*conn).serve` becomes `http.(*conn).serve`.
    pub(super) fn functions(names: impl Iterator<Item: Into<Cow<'a, str>>>) -> Self {
        Short::new(names, |name, level| {
            let (package, rest) = split_package(name);
            let package = import_path(package.as_bytes());
            let package = match (level, without_version(&package)) {
                (0, Some(unversioned)) => last_elements(unversioned, 1),
                _ => last_elements(&package, level + 1),
            };
            format!("{package}{rest}")
        })
    }

    /// Short forms of paths: `net/http/server.go` becomes `http/server.go`.
    pub(super) fn paths(paths: impl Iterator<Item: Into<Cow<'a, str>>>) -> Self {
        Short::new(paths, |path, level| last_elements(path, level + 2).to_owned())
    }

    fn new(names: impl Iterator<Item: Into<Cow<'a, str>>>, form: impl Fn(&str, usize) -> String) -> Self {
        // Hashed, as a large page has ten thousand long names that start alike.
        let mut colliding: IndexSet<Cow<'a, str>, RandomState> = names.map(Into::into).collect();
        let mut forms = IndexMap::with_capacity_and_hasher(colliding.len(), RandomState::default());
        // Each round adds a path element; when nothing changes any more a name is as long as it gets.
        for level in 0.. {
            let mut by_form: IndexMap<String, Alike<'a>, RandomState> =
                IndexMap::with_capacity_and_hasher(colliding.len(), RandomState::default());
            for name in std::mem::take(&mut colliding) {
                match by_form.entry(form(&name, level)) {
                    Entry::Occupied(mut known) => known.get_mut().1.push(name),
                    Entry::Vacant(new) => _ = new.insert((name, Vec::new())),
                }
            }
            let is_done = |name: &Cow<'a, str>| form(name, level + 1) == form(name, level);
            for (short, (first, others)) in by_form {
                if others.is_empty() || std::iter::once(&first).chain(&others).all(is_done) {
                    forms.extend(others.into_iter().map(|name| (name, short.clone())));
                    forms.insert(first, short);
                } else {
                    colliding.insert(first);
                    colliding.extend(others);
                }
            }
            if colliding.is_empty() {
                break;
            }
        }
        Short { forms }
    }

    /// The short form of a name of the set; another name is itself.
    pub(super) fn get<'n>(&'n self, name: &'n str) -> &'n str {
        self.forms.get(name).map_or(name, String::as_str)
    }
}

/// A function's package and the rest of its name, the dot included. Without a package: nothing and all.
fn split_package(name: &str) -> (&str, &str) {
    // A type argument may have slashes, too, but stands in brackets; a receiver in parentheses.
    let end = name.find(['(', '[', ' ', '<']).unwrap_or(name.len());
    let last_element = name[..end].rfind('/').map_or(0, |slash| slash + 1);
    match name[last_element..].find('.') {
        Some(dot) => name.split_at(last_element + dot),
        None => ("", name),
    }
}

/// A path without its last element, if that is a major version: `v4`.
fn without_version(path: &str) -> Option<&str> {
    let (rest, last) = path.rsplit_once('/')?;
    let digits = last.strip_prefix('v')?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(rest)
}

fn last_elements(path: &str, count: usize) -> &str {
    match path.rmatch_indices('/').nth(count - 1) {
        Some((slash, _)) => &path[slash + 1..],
        None => path,
    }
}

/// Breaks `text` into lines of at most `width` columns: between words, and within one that is too
/// long by itself where an identifier or a path element ends. What is still too wide is not cut.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if word.width() <= width {
            push(&mut lines, " ", word, width);
        } else {
            let mut glue = " ";
            // The dot of `main.go:60` is none to break at.
            let is_place =
                word.trim_end_matches(',').rsplit_once(':').is_some_and(|(_, line)| line.parse::<u64>().is_ok());
            for part in word.split_inclusive(|c| c == '/' || (c == '.' && !is_place)) {
                push(&mut lines, glue, part, width);
                glue = "";
            }
        }
    }
    lines
}

/// Adds `part` to the last line, or to a new one if it does not fit there.
fn push(lines: &mut Vec<String>, glue: &str, part: &str, width: usize) {
    match lines.last_mut() {
        Some(line) if line.is_empty() => line.push_str(part),
        Some(line) if line.width() + glue.width() + part.width() <= width => line.extend([glue, part]),
        _ => lines.push(part.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(names: &[&str]) -> Vec<String> {
        let short = Short::functions(names.iter().copied());
        names.iter().map(|name| short.get(name).to_owned()).collect()
    }

    #[test]
    fn names_are_shortened_the_way_go_people_know() {
        assert_eq!(short(&["net/http.(*conn).serve"]), ["http.(*conn).serve"]);
        assert_eq!(short(&["github.com/foo/bar/v4.(*Foo).Bar"]), ["bar.(*Foo).Bar"]);
        assert_eq!(short(&["gopkg.in/yaml%2ev3.(*D).Grow"]), ["yaml.v3.(*D).Grow"]);
        assert_eq!(short(&["main.(*Queue[...]).Push", "main.main"]), ["main.(*Queue[...]).Push", "main.main"]);
        assert_eq!(short(&["memeqbody", "std::vector<a/b>::push(int)"]), ["memeqbody", "std::vector<a/b>::push(int)"]);
    }

    #[test]
    fn names_that_would_read_the_same_are_lengthened() {
        assert_eq!(
            short(&["github.com/a/store.Put", "github.com/b/store.Put", "x/cache.Put"]),
            ["a/store.Put", "b/store.Put", "cache.Put"]
        );
        assert_eq!(short(&["x/bar/v4.F", "x/bar/v5.F"]), ["bar/v4.F", "bar/v5.F"]);
        assert_eq!(short(&["bar.F", "x/bar.F"]), ["bar.F", "x/bar.F"]);
    }

    #[test]
    fn paths_keep_their_folder() {
        let short = Short::paths(["a/b/main.go", "a/c/main.go", "z/b/main.go"].into_iter());
        assert_eq!(short.get("a/c/main.go"), "c/main.go");
        assert_eq!(short.get("z/b/main.go"), "z/b/main.go");
    }

    #[test]
    fn lines_break_between_identifiers_only() {
        assert_eq!(wrap("http.(*conn).serve", 40), ["http.(*conn).serve"]);
        assert_eq!(wrap("storage.(*Replica).applySnapshot.func1", 20), ["storage.(*Replica).", "applySnapshot.func1"]);
        assert_eq!(wrap("anIdentifierThatIsFarTooLong.f", 10), ["anIdentifierThatIsFarTooLong.", "f"]);
        assert_eq!(wrap("a/long/path/main.go:60, new", 12), ["a/long/path/", "main.go:60,", "new"]);
        assert_eq!(wrap("a few words", 5), ["a few", "words"]);
        assert_eq!(wrap("new, for main.(*store).create", 24), ["new, for", "main.(*store).create"]);
    }
}

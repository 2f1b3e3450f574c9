//! Shortens names for display the way Go programmers do, and keeps them longer where two would read the same.

use std::borrow::Cow;

use foldhash::fast::RandomState;
use indexmap::map::Entry;
use indexmap::{IndexMap, IndexSet};

use crate::report::{Report, SiteRow};
use crate::site::import_path;

/// Short forms of a set of names, no two the same.
#[derive(Debug, Default)]
pub(super) struct DisplayNames<'a> {
    forms: IndexMap<Cow<'a, str>, String, RandomState>,
}

/// Endings of JavaScript's and TypeScript's files, in names of functions that start with their file.
const SCRIPTS: [&str; 4] = [".js:", ".ts:", ".mjs:", ".cjs:"];

/// Names that still read the same with this many more path elements are shown in full.
const MAX_LEVELS: usize = 16;

/// The first name with a form, and the others, of which there are rarely any.
type Alike<'a> = (Cow<'a, str>, Vec<Cow<'a, str>>);

impl<'a> DisplayNames<'a> {
    /// Short forms of function names: `net/http.(*conn).serve` becomes `http.(*conn).serve`.
    pub(super) fn functions(names: impl Iterator<Item: Into<Cow<'a, str>>>) -> Self {
        DisplayNames::new(names, |name, level| {
            let (package, rest) = split_package(name);
            let package = import_path(package.as_bytes());
            // Every folder of a JavaScript program has an index.js.
            let is_index = package.len() > "./index".len()
                && last_elements(&package, 1) == "index"
                && SCRIPTS.iter().any(|ending| rest.starts_with(ending));
            let level = level + usize::from(is_index);
            let package = match (level, without_version(&package)) {
                (0, Some(unversioned)) => last_elements(unversioned, 1),
                _ => last_elements(&package, level + 1),
            };
            format!("{package}{rest}")
        })
    }

    /// Short forms of the functions that a report names: those of all its sites, of their owners, and of what their lines
    /// call.
    pub(super) fn of_report(report: &'a Report) -> Self {
        let sites = report.sites.iter();
        let functions = sites.clone().filter(|site| site.package.is_some());
        let functions = functions.filter_map(|site| site.function.as_deref());
        let callees = sites.clone().flat_map(|site| &site.lines).filter_map(|line| line.callee.as_deref());
        let owners = sites.filter_map(|site| site.owner.as_ref()).map(|owner| owner.function.as_str());
        DisplayNames::functions(functions.chain(callees).chain(owners))
    }

    /// The name of a site: the short form of its function, if names of functions are among those shortened.
    pub(super) fn site<'r>(&'r self, site: &'r SiteRow) -> &'r str {
        match (&site.function, site.package.is_some()) {
            (Some(function), true) => self.get(function),
            _ => &site.name,
        }
    }

    /// Short forms of paths: `net/http/server.go` becomes `http/server.go`.
    pub(super) fn paths(paths: impl Iterator<Item: Into<Cow<'a, str>>>) -> Self {
        DisplayNames::new(paths, |path, level| last_elements(path, level + 2).to_owned())
    }

    fn new(names: impl Iterator<Item: Into<Cow<'a, str>>>, form: impl Fn(&str, usize) -> String) -> Self {
        // Hashed, since a large page has ten thousand long names with common prefixes.
        let mut colliding: IndexSet<Cow<'a, str>, RandomState> = names.map(Into::into).collect();
        let mut forms = IndexMap::with_capacity_and_hasher(colliding.len(), RandomState::default());
        // Each round adds a path element, until a name does not change any more.
        for level in 0.. {
            if level == MAX_LEVELS {
                forms.extend(colliding.drain(..).map(|name| (name.clone(), name.into_owned())));
                break;
            }
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
        DisplayNames { forms }
    }

    /// The short form of a name of the set; other names are returned unchanged.
    pub(super) fn get<'n>(&'n self, name: &'n str) -> &'n str {
        self.forms.get(name).map_or(name, String::as_str)
    }
}

/// Whether a table may show a function as `shown`: its name in full, in its short form, or from any element of its path or
/// of the name itself on.
pub fn is_shown_as(name: &str, shown: &str) -> bool {
    let is_tail = name.strip_suffix(shown).is_some_and(|start| start.is_empty() || start.ends_with(['/', '.']));
    is_tail || DisplayNames::functions([name].into_iter()).get(name) == shown
}

/// Splits a function's name into its package, which may be empty, and the rest with the dot.
fn split_package(name: &str) -> (&str, &str) {
    // Type arguments in brackets and receivers in parentheses may have slashes, too.
    let end = name.find(['(', '[', ' ', '<']).unwrap_or(name.len());
    let last_element = name[..end].rfind('/').map_or(0, |slash| slash + 1);
    match name[last_element..].find('.') {
        Some(dot) => name.split_at(last_element + dot),
        None => ("", name),
    }
}

/// A path without its last element, if that is a major version such as `v4`.
fn without_version(path: &str) -> Option<&str> {
    let (rest, last) = path.rsplit_once('/')?;
    let digits = last.strip_prefix('v')?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(rest)
}

fn last_elements(path: &str, count: usize) -> &str {
    match path.rmatch_indices(['/', '\\']).nth(count - 1) {
        Some((slash, _)) => &path[slash + 1..],
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(names: &[&str]) -> Vec<String> {
        let display = DisplayNames::functions(names.iter().copied());
        names.iter().map(|name| display.get(name).to_owned()).collect()
    }

    #[test]
    fn names_are_shortened_as_go_programmers_do() {
        assert_eq!(short(&["net/http.(*conn).serve"]), ["http.(*conn).serve"]);
        assert_eq!(short(&["github.com/foo/bar/v4.(*Foo).Bar"]), ["bar.(*Foo).Bar"]);
        assert_eq!(short(&["gopkg.in/yaml%2ev3.(*D).Grow"]), ["yaml.v3.(*D).Grow"]);
        assert_eq!(short(&["main.(*Queue[...]).Push", "main.main"]), ["main.(*Queue[...]).Push", "main.main"]);
        assert_eq!(short(&["memeqbody", "std::vector<a/b>::push(int)"]), ["memeqbody", "std::vector<a/b>::push(int)"]);
    }

    #[test]
    fn a_function_is_known_by_what_tables_show() {
        for shown in ["bar.(*Foo).Bar", "v4.(*Foo).Bar", "(*Foo).Bar", "Bar", "github.com/foo/bar/v4.(*Foo).Bar"] {
            assert!(is_shown_as("github.com/foo/bar/v4.(*Foo).Bar", shown), "{shown}");
        }
        assert!(!is_shown_as("main.(*Foo).Bar", "Foo).Bar") && !is_shown_as("main.f", "g"));
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
    fn an_index_js_keeps_its_folder() {
        assert_eq!(
            short(&[
                "/srv/app/index.js:handle:19",
                "/srv/app/node_modules/morgan/index.js:logger:87",
                "/srv/lib/a.js:f:1",
                "./index.js:(anonymous):19"
            ]),
            ["app/index.js:handle:19", "morgan/index.js:logger:87", "a.js:f:1", "index.js:(anonymous):19"]
        );
    }

    #[test]
    fn names_that_differ_only_far_in_front_are_shown_in_full() {
        let names = ["a", "b"].map(|first| format!("{first}/{}bar.F", "x/".repeat(40_000)));
        assert_eq!(short(&names.each_ref().map(String::as_str)), names);
    }

    #[test]
    fn paths_keep_their_folder() {
        let display = DisplayNames::paths(["a/b/main.go", "a/c/main.go", "z/b/main.go"].into_iter());
        assert_eq!(display.get("a/c/main.go"), "c/main.go");
        assert_eq!(display.get("z/b/main.go"), "z/b/main.go");
    }
}

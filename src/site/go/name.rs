//! Names of functions in Go's syntax: type arguments, package, initialisers.

use std::borrow::Cow;

use memchr::{memchr, memrchr};

use crate::profile::{InputFormat, Profile};
use crate::site::name_arena::NameArena;

/// A function's canonical name, the same in every build that has the function: `main.(*Queue[...]).Push`.
///
/// - Type arguments are folded as Go's runtime does it, from the first `[` to the last `]`, so that all instantiations of
///   a generic function are one, in protobuf and text profiles alike.
/// - The path of the package that vendors another (`x/vendor/y`, before modules) is cut. A `vendor/` at the start is Go's
///   own copy, and stays.
/// - A step of a chain of references keeps its type: `entries. (map[string]*main.entry)`.
/// - Closures in package variables are those of `init`, which Go before 1.22 called `glob.`.
///
/// Any other name is itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name<'p> {
    head: &'p [u8],
    /// What was folded, and the text after it.
    tail: Option<(Folded, &'p [u8])>,
}

/// What a canonical name has in place of a part of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Folded {
    /// Type arguments.
    Brackets,
    /// `.glob..` or `.init.`, after the package.
    Init,
}

impl<'p> Name<'p> {
    /// The canonical form of `name`.
    #[inline]
    pub fn new(name: &'p [u8]) -> Self {
        if is_step(name) {
            return Self::step(name);
        }
        // Few names are generic.
        let brackets = memchr(b'[', name).and_then(|open| Some((open, memrchr(b']', name)?)));
        if let Some((open, close)) = brackets.filter(|(open, close)| open < close) {
            return Name { head: without_vendor(&name[..open]), tail: Some((Folded::Brackets, &name[close + 1..])) };
        }
        let unfolded = Name { head: without_vendor(name), tail: None };
        let Some(package) = unfolded.package() else { return unfolded };
        let symbol = &unfolded.head[package.len()..];
        match [&b".glob.."[..], b".init."].into_iter().find_map(|init| symbol.strip_prefix(init)) {
            Some(rest) => Name { head: package, tail: Some((Folded::Init, rest)) },
            None => unfolded,
        }
    }

    /// A step of goref's chains of references, `field. (type)`: all elements of an array or a slice, `[0]. (type)`, are one.
    #[cold]
    fn step(name: &'p [u8]) -> Self {
        let element = name.strip_prefix(b"[").and_then(|rest| Some(&rest[memchr(b']', rest)? + 1..]));
        match element {
            Some(element) => Name { head: b"", tail: Some((Folded::Brackets, element)) },
            None => Name { head: name, tail: None },
        }
    }

    /// The import path of its package, as in the name; `None` for a name without one, such as a C function's.
    #[inline]
    pub fn package(self) -> Option<&'p [u8]> {
        if let Some((Folded::Init, _)) = self.tail {
            return Some(self.head);
        }
        package_of(self.head)
    }

    /// The name without the package and the dot after it, up to type arguments.
    pub(in crate::site) fn symbol(self) -> &'p [u8] {
        match (self.tail, self.package()) {
            (Some((Folded::Init, _)), _) => b"init",
            (_, Some(package)) => &self.head[package.len() + 1..],
            (_, None) => self.head,
        }
    }

    /// The name of the function that a closure is in, through all levels; itself if it is not a closure.
    pub(in crate::site) fn without_closures(self) -> Self {
        let package = self.package().map_or(0, |package| package.len() + 1);
        match self.tail {
            Some((folded, tail)) => Name { tail: Some((folded, &tail[..closures_start(tail, 0)])), ..self },
            None => Name { head: &self.head[..closures_start(self.head, package)], tail: None },
        }
    }

    /// Whether this is the function that Go generates to initialise a package's variables. Its first line is given
    /// as 1, so its offsets are line numbers of a file.
    pub fn is_initializer(self) -> bool {
        self.head.ends_with(b".init")
            && self.tail.is_none()
            && self.package().is_some_and(|package| &self.head[package.len()..] == b".init")
    }

    /// Whether the name is empty.
    pub fn is_empty(self) -> bool {
        self.head.is_empty() && self.tail.is_none()
    }

    /// A copy that lives in `arena`.
    pub(in crate::site) fn copy_into(self, arena: &NameArena) -> Name<'_> {
        Name { head: arena.keep(self.head), tail: self.tail.map(|(folded, tail)| (folded, arena.keep(tail))) }
    }

    /// The bytes of the canonical name, in parts.
    pub(in crate::site) fn parts(self) -> [&'p [u8]; 3] {
        match self.tail {
            Some((Folded::Brackets, tail)) => [self.head, b"[...]", tail],
            Some((Folded::Init, tail)) => [self.head, b".init.", tail],
            None => [self.head, b"", b""],
        }
    }

    /// The canonical name, for people.
    pub fn text(self) -> Cow<'p, str> {
        match self.tail {
            Some(_) => Cow::Owned(String::from_utf8_lossy(&self.parts().concat()).into_owned()),
            None => String::from_utf8_lossy(self.head),
        }
    }
}

impl Name<'_> {
    /// The folded name, for people, with the dots of its import path as they are.
    pub fn plain_text(self) -> String {
        let text = self.text();
        match self.package() {
            Some(package) if package.contains(&b'%') => {
                format!("{}{}", import_path(package), text.get(package.len()..).unwrap_or_default())
            }
            _ => text.into_owned(),
        }
    }
}

/// Where the names of closures begin that end `text`, such as `.func1.2` or `-range1`; not before `start`.
///
/// `init.0` is a function, not a closure, and a closure in a package's variable, `init.func1`, has no outer function.
fn closures_start(text: &[u8], start: usize) -> usize {
    let mut end = text.len();
    while let Some(at) = text[start..end].iter().rposition(|&byte| byte == b'.' || byte == b'-') {
        let (outer, unit) = (&text[..start + at], &text[start + at + 1..end]);
        let kinds: [&[u8]; 5] = [b"func", b"gowrap", b"deferwrap", b"range", b""];
        let is_closure = |kind: &[u8]| {
            let number = unit.strip_prefix(kind);
            number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
        };
        let is_function =
            unit.first().is_some_and(u8::is_ascii_digit) && (outer.ends_with(b".init") || &outer[start..] == b"init");
        if outer.len() <= start && start > 0
            || outer.ends_with(b".")
            || !kinds.into_iter().any(is_closure)
            || is_function
        {
            break;
        }
        end = outer.len();
    }
    end
}

/// The import path of the package that a name begins with; `None` without one.
#[inline]
fn package_of(name: &[u8]) -> Option<&[u8]> {
    let head = memchr(b'[', name).map_or(name, |open| &name[..open]);
    let last_element = memrchr(b'/', head).map_or(0, |slash| slash + 1);
    let dot = memchr(b'.', &head[last_element..])?;
    let package = &head[..last_element + dot];
    (!package.is_empty() && !is_step(name)).then_some(package)
}

/// Whether a name is `field. (type)`, a step of a chain of references.
#[inline]
fn is_step(name: &[u8]) -> bool {
    // Few names have a blank, and a field has none.
    memchr(b' ', name).is_some_and(|blank| name[..blank].ends_with(b".") && name[blank..].starts_with(b" ("))
}

/// A name without the package that vendors its own.
fn without_vendor(name: &[u8]) -> &[u8] {
    let mut end = name.len();
    // A few slashes at most: faster than a search for the whole text.
    while let Some(slash) = memrchr(b'/', &name[..end]) {
        if name[..slash].ends_with(b"/vendor") {
            return &name[slash + 1..];
        }
        end = slash;
    }
    name
}

/// Whether a profile is of a Go program: a source file ends in `.go`, or goref wrote it.
pub(crate) fn is_go_program(profile: &Profile) -> bool {
    profile.header().format == InputFormat::Goref
        || profile.functions().iter().any(|function| profile.string(function.filename).ends_with(b".go"))
}

/// An import path for people: in function names Go writes a dot in its last element as `%2e`.
pub fn import_path(package: &[u8]) -> Cow<'_, str> {
    if !package.contains(&b'%') {
        return String::from_utf8_lossy(package);
    }
    let mut plain = Vec::with_capacity(package.len());
    let mut rest = package;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                plain.push(decoded);
                rest = &after[2..];
            }
            None => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_arguments_are_folded_from_the_first_bracket_to_the_last() {
        let folded = |name: &'static str| Name::new(name.as_bytes()).text().into_owned();
        assert_eq!(folded("main.(*Queue[go.shape.struct { Job *main.job }]).Push"), "main.(*Queue[...]).Push");
        assert_eq!(folded("main.Map[go.shape.[4]int,go.shape.string].func1"), "main.Map[...].func1");
        assert_eq!(folded("main.(*Queue[...]).Push"), "main.(*Queue[...]).Push");
        assert_eq!(folded("main.main"), "main.main");
        assert_eq!(folded("operator]["), "operator][");
    }

    #[test]
    fn instantiations_are_one_function_in_proto_and_text() {
        let shapes = Name::new(b"main.mk[go.shape.struct { main.a [100]int }]");
        assert_eq!(shapes, Name::new(b"main.mk[...]"));
        assert_ne!(shapes, Name::new(b"main.mk"));
    }

    #[test]
    fn vendored_packages_and_package_variables_have_one_name() {
        let canonical = |name: &'static str| Name::new(name.as_bytes());
        for (name, same, text) in [
            (
                "x.io/apm/vendor/github.com/y/golcs.(*lcs).F",
                "github.com/y/golcs.(*lcs).F",
                "github.com/y/golcs.(*lcs).F",
            ),
            ("a/vendor/b/vendor/c.F[int]", "c.F[go.shape.int]", "c.F[...]"),
            ("lib.glob..func1", "lib.init.func1", "lib.init.func1"),
            ("a/vendor/b/lib.glob..func1.2", "b/lib.init.func1.2", "b/lib.init.func1.2"),
        ] {
            assert_eq!(canonical(name), canonical(same));
            assert_eq!(canonical(name).text(), text);
        }
        assert_eq!(canonical("lib.glob..func1").package(), Some(&b"lib"[..]));
        for name in
            ["vendor/golang.org/x/net/http2/hpack.(*Decoder).Write", "main.glob.func1", "lib.init", "glob..func1"]
        {
            assert_eq!(canonical(name).text(), name);
        }
        assert_ne!(canonical("lib.init.0"), canonical("lib.init"));
    }

    #[test]
    fn steps_of_chains_of_references_are_no_generic_functions() {
        for (step, text) in [
            ("entries. (map[string]*main.entry)", "entries. (map[string]*main.entry)"),
            ("[0]. (*main.item)", "[...]. (*main.item)"),
            ("[10+]. (map[string][]int)", "[...]. (map[string][]int)"),
            (
                "v. (*internal/sync.entry[interface {},interface {}])",
                "v. (*internal/sync.entry[interface {},interface {}])",
            ),
            ("$mapval. (main.T[int])", "$mapval. (main.T[int])"),
            ("y. (*github.com/a/vendor/github.com/b/c.U)", "y. (*github.com/a/vendor/github.com/b/c.U)"),
            ("[0]. (github.com/a/vendor/b.T)", "[...]. (github.com/a/vendor/b.T)"),
            ("p. (func(int) a/vendor/b.T)", "p. (func(int) a/vendor/b.T)"),
        ] {
            let name = Name::new(step.as_bytes());
            assert_eq!((&*name.text(), name.package()), (text, None));
        }
        let root = Name::new(b"example.com/a/cache.(*LRU[go.shape.string]).Get.found");
        assert_eq!(
            (&*root.text(), root.package()),
            ("example.com/a/cache.(*LRU[...]).Get.found", Some(&b"example.com/a/cache"[..]))
        );
    }

    #[test]
    fn the_package_is_the_import_path() {
        let package = |name: &'static str| Name::new(name.as_bytes()).package().map(import_path);
        assert_eq!(package("net/http.(*conn).serve").as_deref(), Some("net/http"));
        assert_eq!(package("main.(*LRU[go.shape.*uint8,a/b.T]).Put").as_deref(), Some("main"));
        assert_eq!(package("github.com/foo/bar/v4.(*Foo).Bar").as_deref(), Some("github.com/foo/bar/v4"));
        assert_eq!(package("gopkg.in/yaml%2ev3.(*Decoder).Decode").as_deref(), Some("gopkg.in/yaml.v3"));
        assert_eq!(package("memeqbody"), None);
        assert_eq!(package(".L1"), None);
        assert!(Name::new(b"a/b%2ec.init").is_initializer());
        assert!(!Name::new(b"main.init.0").is_initializer());
        assert_eq!(import_path(b"a%2").as_ref(), "a%2");
        assert_eq!(import_path(b"a%zz").as_ref(), "a%zz");
    }
}

//! Names of Go's functions as builds of one program have them in common. Only for matching: users see which closure, which
//! instantiation and which major version it is.
//!
//! How Go makes names: `closureName` and `PathToPrefix` of its compiler.

/// The package and the symbol of a canonical name; an empty package for a name without one.
pub(crate) fn split_name(name: &str) -> (&str, &str) {
    let head = name.split('[').next().unwrap_or_default();
    let last_element = head.rfind('/').map_or(0, |slash| slash + 1);
    match head[last_element..].find('.') {
        Some(dot) if last_element + dot > 0 => (&name[..last_element + dot], &name[last_element + dot + 1..]),
        _ => ("", name),
    }
}

/// A canonical name without the numbers of closures and of `init`, type arguments, and the major version of its module:
/// `e.com/lib/v2.Nested.func1.func1` is `e.com/lib.Nested~func~func`.
pub(crate) fn loose_name(name: &str) -> String {
    let (package, symbol) = split_name(name);
    let symbol = symbol.replace("[...]", "");
    let (outer, kinds) = closure(&symbol);
    let outer = if number_of_init(&outer).is_some() { "init#" } else { &outer };
    let kinds: String = kinds.iter().map(|kind| kind.suffix()).collect();
    format!("{}.{outer}{kinds}", loose_path(package))
}

/// What remains of a canonical name without its package and, of a closure, without what Go up to 1.26 puts before the
/// function that has it: `main.main.newWorker.func1` is `newWorker~func`.
pub(crate) fn name_tail(name: &str) -> String {
    let symbol = split_name(name).1.replace("[...]", "");
    let (outer, kinds) = closure(&symbol);
    let Some(kind) = kinds.last() else { return outer };
    let outer = if number_of_init(&outer).is_some() { "init" } else { &outer };
    let units = units(outer);
    let tail = match units[..] {
        [.., receiver, method] if receiver.starts_with('(') => format!("{receiver}.{method}"),
        [.., last] => last.to_owned(),
        [] => String::new(),
    };
    tail + kind.suffix()
}

/// Whether a tail or loose name is that of a closure.
pub(crate) fn is_closure(folded: &str) -> bool {
    folded.contains('~')
}

/// An import path without its major version. `/v1` is the version of an API, never of a module.
pub(crate) fn loose_path(path: &str) -> String {
    let of_gopkg = path.starts_with("gopkg.in/");
    let is_major = |element: &str| {
        let number = element.strip_prefix('v').filter(|number| is_number(number));
        number.is_some_and(|number| number != "1" && !number.starts_with('0'))
    };
    let without_suffix = |element: &str| {
        let suffix = [".v", "%2ev"].into_iter().find_map(|dot| element.rsplit_once(dot));
        suffix.filter(|(_, number)| is_number(number)).map_or(element, |(name, _)| name).to_owned()
    };
    let mut elements = path.split('/');
    let mut loose = elements.next().unwrap_or_default().to_owned();
    for element in elements.filter(|element| !is_major(element)) {
        loose.push('/');
        loose += &if of_gopkg { without_suffix(element) } else { element.to_owned() };
    }
    loose
}

/// What a closure is.
#[derive(Clone, Copy)]
enum Closure {
    /// A function literal, or a wrapper of `go` or `defer`.
    Func,
    /// The body of a range over a function.
    Range,
}

impl Closure {
    fn new(unit: &str) -> Option<Self> {
        let number = |prefix: &str| unit.strip_prefix(prefix).is_some_and(is_number);
        if number("range") {
            return Some(Closure::Range);
        }
        ["func", "gowrap", "deferwrap", ""].into_iter().any(number).then_some(Closure::Func)
    }

    fn suffix(self) -> &'static str {
        match self {
            Closure::Func => "~func",
            Closure::Range => "~range",
        }
    }
}

/// The function that a symbol's closures are in, and these, the outermost first.
fn closure(symbol: &str) -> (String, Vec<Closure>) {
    let symbol = symbol.replace("-range", ".range");
    let mut outer = units(&symbol);
    let mut kinds = Vec::new();
    while let [.., before, last] = outer[..] {
        // The second function `init` of a package is `init.1`.
        let Some(kind) = Closure::new(last).filter(|_| !(before == "init" && is_number(last))) else { break };
        kinds.push(kind);
        outer.pop();
    }
    kinds.reverse();
    (outer.join("."), kinds)
}

/// The number of a function `init`.
fn number_of_init(outer: &str) -> Option<&str> {
    outer.strip_prefix("init.").filter(|number| is_number(number))
}

/// A symbol's parts between dots that are outside of brackets.
fn units(symbol: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0_usize, 0);
    let mut units = Vec::new();
    for (at, byte) in symbol.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'.' if depth == 0 => {
                units.push(&symbol[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    units.push(&symbol[start..]);
    units
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::Name;
    use super::*;

    #[test]
    fn names_are_folded_as_in_the_table_of_the_rules() {
        for (name, loose, tail) in [
            ("main.main.newWorker.func1", "main.main.newWorker~func", "newWorker~func"),
            ("main.newWorker.func1", "main.newWorker~func", "newWorker~func"),
            ("main.main.main.Nested.func6.func7", "main.main.main.Nested~func~func", "Nested~func"),
            ("e.com/lib/v2.Nested.func1.func1", "e.com/lib.Nested~func~func", "Nested~func"),
            ("main.main.(*T).Inl.func9", "main.main.(*T).Inl~func", "(*T).Inl~func"),
            ("main.ranger.func3", "main.ranger~func", "ranger~func"),
            ("main.ranger-range1-range1.1", "main.ranger~range~range~func", "ranger~func"),
            (
                "main.ranger.ranger.Seq.func2.ranger-range1-range3",
                "main.ranger.ranger.Seq.func2.ranger~range~range",
                "ranger~range",
            ),
            ("main.ranger-range1-range1", "main.ranger~range~range", "ranger~range"),
            ("lib.glob..func1", "lib.init~func", "init~func"),
            ("lib.init.func1", "lib.init~func", "init~func"),
            ("lib.init.0", "lib.init#", "init.0"),
            ("lib.init.1.func1", "lib.init#~func", "init~func"),
            ("a/b.(*Q[go.shape.struct { X [4]int }]).Push.func2", "a/b.(*Q).Push~func", "(*Q).Push~func"),
            ("gopkg.in/yaml%2ev3.(*parser).document", "gopkg.in/yaml.(*parser).document", "(*parser).document"),
            ("x.io/apm/vendor/github.com/y/golcs.(*lcs).F", "github.com/y/golcs.(*lcs).F", "(*lcs).F"),
            ("k8s.io/api/core/v1.NewPod", "k8s.io/api/core/v1.NewPod", "NewPod"),
            ("main.f.func1.1", "main.f~func~func", "f~func"),
            ("main.f.gowrap1", "main.f~func", "f~func"),
            ("lib.V.Val.func1", "lib.V.Val~func", "Val~func"),
            ("e.com/a/v3/b.F", "e.com/a/b.F", "F"),
            ("main.(*T).M-fm", "main.(*T).M-fm", "(*T).M-fm"),
            ("_/src/app.F", "_/src/app.F", "F"),
            ("memeqbody", ".memeqbody", "memeqbody"),
        ] {
            let canonical = Name::new(name.as_bytes()).text();
            assert_eq!(loose_name(&canonical), loose, "{name}");
            assert_eq!(name_tail(&canonical), tail, "{name}");
        }
    }

    #[test]
    fn a_path_ends_at_the_first_dot_of_its_last_element() {
        for (name, parts) in [
            ("e.com/a.b/c%2ed.(*T).F", ("e.com/a.b/c%2ed", "(*T).F")),
            ("main.F[a/b.T]", ("main", "F[a/b.T]")),
            ("memeqbody", ("", "memeqbody")),
            (".L1", ("", ".L1")),
        ] {
            assert_eq!(split_name(name), parts, "{name}");
        }
        assert_eq!(loose_path("gopkg.in/yaml%2ev3/x"), "gopkg.in/yaml/x");
        assert_eq!(loose_path("v2/a/v0/v10"), "v2/a/v0");
    }
}

//! What a function of a Go program says of the owner of a stack that it is on.

use super::name::{Name, import_path};
use super::own::Own;
use super::runtime_class::{RuntimeClass, is_runtime};
use super::standard::is_standard;

/// Whose code a function of a Go program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionRole {
    /// The program's own.
    Own,
    /// A dependency's, which is the program's own on stacks without its main module.
    Dependency,
    /// Neither the program's own nor the runtime's: a library's.
    Library,
    /// The part of Go's library that writes profiles and traces.
    Profiler,
    /// The runtime's.
    Runtime(RuntimeClass),
    /// Unknown: it has no package, as C functions and some of assembly.
    Unknown,
}

impl FunctionRole {
    /// The role of a function of a Go program. `file`: its source file, empty if unknown. `own_hits`: set for each pattern
    /// of `own` that matches.
    pub fn new(name: Name<'_>, file: &[u8], own: &Own, own_hits: &mut [bool]) -> Self {
        let Some(package) = name.package() else { return FunctionRole::Unknown };
        if !is_standard(package) {
            return match own.matches(&import_path(package), file, own_hits) {
                true => FunctionRole::Own,
                false if own.has_main_module() => FunctionRole::Dependency,
                false => FunctionRole::Library,
            };
        }
        match runtime_class(name) {
            Some(RuntimeClass::Profiler) => FunctionRole::Profiler,
            Some(class) => FunctionRole::Runtime(class),
            None => FunctionRole::Library,
        }
    }
}

/// The class of the memory that a function of Go's library owns; `None` if it is not the runtime's, nor a profiler's.
fn runtime_class(name: Name<'_>) -> Option<RuntimeClass> {
    match name.package()? {
        b"runtime" => Some(RuntimeClass::of_function(name.symbol())),
        package if is_runtime(package) => Some(RuntimeClass::Other),
        _ => is_profiler(name).then_some(RuntimeClass::Profiler),
    }
}

const PROFILERS: [&[u8]; 4] = [b"runtime/pprof", b"net/http/pprof", b"runtime/trace", b"runtime/metrics"];
/// Functions of the profilers that label and run the program's own work.
const LABELS: [&[u8]; 5] = [b"Do", b"WithLabels", b"Labels", b"SetGoroutineLabels", b"ForLabels"];

/// Whether a function is of Go's own profilers, and works for a profile rather than for the program.
pub(in crate::site) fn is_profiler(name: Name<'_>) -> bool {
    let is_label = || LABELS.iter().any(|label| name.symbol().starts_with(label));
    name.package().is_some_and(|package| PROFILERS.contains(&package)) && !is_label()
}

/// What owns memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerName<'p> {
    /// A function.
    Function(Name<'p>),
    /// The runtime: one owner for each class of its memory, whatever the function.
    Runtime(RuntimeClass),
}

impl<'p> OwnerName<'p> {
    /// The owner that a function on a stack stands for.
    pub fn new(function: Name<'p>) -> Self {
        match runtime_class(function) {
            Some(class) if class != RuntimeClass::Profiler => OwnerName::Runtime(class),
            _ if function.package().is_some_and(is_standard) => OwnerName::Function(library_owner(function)),
            _ => OwnerName::Function(function),
        }
    }
}

impl OwnerName<'_> {
    /// For people: dots of import paths as they are.
    pub fn text(self) -> String {
        match self {
            OwnerName::Function(name) => name.plain_text(),
            OwnerName::Runtime(class) => class.name().to_owned(),
        }
    }
}

/// The name under which a function owns a stack that is all library: that of the function that closures are in, which
/// other versions of Go inline or start otherwise.
fn library_owner(name: Name<'_>) -> Name<'_> {
    /// Functions that start a goroutine for another, which did the work itself before Go 1.23.
    const STARTS_DIAL: [&[u8]; 2] = [b"(*Transport).startDialConnForLocked", b"(*Transport).queueForDial"];
    let outer = name.without_closures();
    let starts_dial = STARTS_DIAL.iter().any(|starter| outer.symbol().ends_with(starter));
    if starts_dial && outer.package() == Some(b"net/http") {
        return Name::new(b"net/http.(*Transport).dialConnFor");
    }
    outer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_library_owners_have_no_closures() {
        for (name, owner) in [
            ("net/http.(*Transport).startDialConnForLocked.func1", "net/http.(*Transport).dialConnFor"),
            ("net/http.(*Transport).queueForDial.gowrap1", "net/http.(*Transport).dialConnFor"),
            (
                "net/http.(*Transport).queueForDial.(*Transport).startDialConnForLocked.func2",
                "net/http.(*Transport).dialConnFor",
            ),
            ("net/http.(*conn).serve", "net/http.(*conn).serve"),
            ("net/http.(*Server).Serve.gowrap3", "net/http.(*Server).Serve"),
            ("context.(*cancelCtx).propagateCancel.func2", "context.(*cancelCtx).propagateCancel"),
            ("x.io/grpc.(*Server).handle.func1.2", "x.io/grpc.(*Server).handle"),
            ("x.io/seq.F-range1-range1.func2", "x.io/seq.F"),
            ("slices.SortFunc[go.shape.int].func1", "slices.SortFunc[...]"),
            ("slices.(*Q[go.shape.int]).Push.func2", "slices.(*Q[...]).Push"),
            ("unicode.init", "unicode.init"),
            ("unicode.init.0", "unicode.init.0"),
            ("unicode.init.0.func1", "unicode.init.0"),
            ("unicode.glob..func1", "unicode.init.func1"),
            ("unicode.init.func1.2", "unicode.init.func1"),
            ("gopkg.in/yaml%2ev3.func1", "gopkg.in/yaml%2ev3.func1"),
            ("x.io/y.funcs.func3", "x.io/y.funcs"),
        ] {
            assert_eq!(library_owner(Name::new(name.as_bytes())).text(), owner, "{name}");
        }
    }

    #[test]
    fn roles_follow_the_package() {
        let role = |name: &str| FunctionRole::new(Name::new(name.as_bytes()), b"", &Own::default(), &mut []);
        assert_eq!(role("main.main"), FunctionRole::Own);
        assert_eq!(role("net/http.(*conn).serve"), FunctionRole::Library);
        assert_eq!(role("net/http/pprof.handler.ServeHTTP"), FunctionRole::Profiler);
        assert_eq!(role("runtime/pprof.Do"), FunctionRole::Library);
        assert_eq!(role("runtime.malg"), FunctionRole::Runtime(RuntimeClass::Goroutines));
        // Closures of Go 1.27's runtime have lost their package, and are not the program's own.
        assert_eq!(role("_.goready.func1"), FunctionRole::Runtime(RuntimeClass::Other));
        assert_eq!(role("_/home/me/app.f"), FunctionRole::Own);
        assert_eq!(role("memeqbody"), FunctionRole::Unknown);
        let own = Own::new(vec!["x.io/acme".to_owned()]);
        let main = Name::new(b"main.main");
        assert_eq!(FunctionRole::new(main, b"", &own, &mut [false]), FunctionRole::Library);
        let module = Own::new(vec!["module".to_owned()]);
        let role = |file: &[u8]| FunctionRole::new(Name::new(b"x.io/codec.Decode"), file, &module, &mut [false]);
        assert_eq!(role(b"/src/app/codec/codec.go"), FunctionRole::Own);
        assert_eq!(role(b"/go/pkg/mod/x.io/codec@v1.2.0/codec.go"), FunctionRole::Dependency);
    }
}

//! The functions on a profile's stacks, as far as goroutines are named by them.

use std::rc::Rc;

use super::waits::Waits;
use crate::profile::{Function, LocationId, Profile};
use crate::site::{Name, Own, import_path, is_runtime_package, is_standard};

/// A function of a profile.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Its name for people: type arguments folded, dots of import paths as they are.
    pub(super) name: Rc<str>,
    pub(super) is_runtime: bool,
    /// Whether it is in the program's own code.
    pub(super) is_own: bool,
    pub(super) waits: Option<Waits>,
}

impl Frame {
    /// The function with this name in a profile.
    pub(super) fn new(name: &[u8], own: &Own) -> Self {
        let name = Name::new(name);
        let package = name.package();
        let text: Rc<str> = match package {
            Some(package) if package.contains(&b'%') => {
                let text = name.text();
                format!("{}{}", import_path(package), text.get(package.len()..).unwrap_or_default()).into()
            }
            _ => name.text().into(),
        };
        let is_own = |package| !is_standard(package) && !is_runtime_package(package) && own.has(&import_path(package));
        Frame {
            is_runtime: package.is_some_and(is_runtime_package),
            is_own: package.is_some_and(is_own),
            waits: Waits::of(&text),
            name: text,
        }
    }
}

/// The functions of a profile, by their ids.
pub(super) struct Frames<'p> {
    profile: &'p Profile,
    functions: Vec<Frame>,
}

impl<'p> Frames<'p> {
    pub(super) fn new(profile: &'p Profile, own: &Own) -> Self {
        let frame = |function: &Function| Frame::new(profile.string(function.name), own);
        Frames { profile, functions: profile.functions().iter().map(frame).collect() }
    }

    /// Whether the profile has a function in which goroutines wait that texts of `debug=1` leave out.
    pub(super) fn know_hidden_waits(&self) -> bool {
        self.functions.iter().any(|frame| &*frame.name == "runtime.gopark" || frame.waits.is_some_and(Waits::is_hidden))
    }

    /// Number of functions.
    pub(super) fn len(&self) -> usize {
        self.functions.len()
    }

    /// The frames of a stack, leaf first.
    pub(super) fn of_stack<'s>(
        &'s self,
        stack: &'s [LocationId],
    ) -> impl DoubleEndedIterator<Item = &'s Frame> + Clone {
        self.indexes(stack).map(|function| &self.functions[function])
    }

    /// The indexes of the functions of a stack, leaf first.
    pub(super) fn indexes<'s>(
        &'s self,
        stack: &'s [LocationId],
    ) -> impl DoubleEndedIterator<Item = usize> + Clone + 's {
        let lines = stack.iter().flat_map(|&id| self.profile.line_range(id));
        lines.map(|at| { self.profile.lines()[at as usize].function }.index())
    }

    /// The function with this index.
    pub(super) fn get(&self, function: usize) -> &Frame {
        &self.functions[function]
    }
}

/// The name of a library's function without the closures in it, such as `.func1` and `.gowrap2`.
pub(super) fn without_closures(name: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut outer = name.split("-range").next().unwrap_or(name);
    while let Some((rest, last)) = outer.rsplit_once('.') {
        let is_closure = is_number(last)
            || ["func", "gowrap", "deferwrap"].iter().any(|kind| last.strip_prefix(kind).is_some_and(is_number));
        if !is_closure || rest.rsplit('/').next().is_none_or(|last_element| !last_element.contains('.')) {
            break;
        }
        outer = rest;
    }
    outer
}

#[cfg(test)]
mod tests {
    use super::without_closures;

    #[test]
    fn closures_are_cut_and_functions_stay() {
        for (name, outer) in [
            ("net/http.(*persistConn).readLoop", "net/http.(*persistConn).readLoop"),
            ("net/http.(*Transport).startDialConnForLocked.func1", "net/http.(*Transport).startDialConnForLocked"),
            ("context.(*cancelCtx).propagateCancel.func2", "context.(*cancelCtx).propagateCancel"),
            ("os/signal.init.0", "os/signal.init"),
            ("iter.Pull.func2.1", "iter.Pull"),
            ("slices.Values-range1", "slices.Values"),
            ("gopkg.in/yaml.v3.func1", "gopkg.in/yaml.v3"),
            ("os.func1", "os.func1"),
        ] {
            assert_eq!(without_closures(name), outer);
        }
    }
}

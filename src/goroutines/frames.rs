//! The functions on a profile's stacks, as far as goroutines are named by them.

use std::rc::Rc;

use super::waits::Waits;
use crate::profile::{Function, LocationId, Profile};
use crate::site::{FunctionRole, Name, Own, OwnerName};

/// A function of a profile.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Its name for people: type arguments folded, dots of import paths as they are.
    pub(super) name: Rc<str>,
    /// The name under which it owns a stack that is not the program's own.
    pub(super) owner: Rc<str>,
    role: FunctionRole,
    pub(super) waits: Option<Waits>,
}

impl Frame {
    /// The function with this name and source file in a profile.
    pub(super) fn new(name: &[u8], file: &[u8], own: &Own) -> Self {
        let name = Name::new(name);
        let text = name.plain_text();
        let mut own_hits = vec![false; own.patterns().len()];
        Frame {
            owner: OwnerName::new(name).text().into(),
            role: FunctionRole::new(name, file, own, &mut own_hits),
            waits: Waits::of(&text),
            name: text.into(),
        }
    }

    /// Whether it is the runtime's.
    pub(super) fn is_runtime(&self) -> bool {
        matches!(self.role, FunctionRole::Runtime(_))
    }

    /// Whether it is in the program's own code.
    pub(super) fn is_own(&self) -> bool {
        self.role == FunctionRole::Own
    }

    /// Whether it works for a profile.
    pub(super) fn is_profiler(&self) -> bool {
        self.role == FunctionRole::Profiler
    }
}

/// The functions of a profile, by their ids.
pub(super) struct Frames<'p> {
    profile: &'p Profile,
    functions: Vec<Frame>,
}

impl<'p> Frames<'p> {
    pub(super) fn new(profile: &'p Profile, own: &Own) -> Self {
        let frame =
            |function: &Function| Frame::new(profile.string(function.name), profile.string(function.filename), own);
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

    /// File and line of the first frame in the program's own code, from the leaf; `None` where unknown.
    pub(super) fn own_line(&self, stack: &[LocationId]) -> Option<(String, i64)> {
        let lines = stack.iter().flat_map(|&id| self.profile.line_range(id));
        let line = lines
            .map(|at| self.profile.lines()[at as usize])
            .find(|line| self.get({ line.function }.index()).is_own())?;
        let file = self.profile.string(self.profile.functions()[{ line.function }.index()].filename);
        let number = { line.line };
        (number > 0 && !file.is_empty()).then(|| (String::from_utf8_lossy(file).into_owned(), number))
    }

    /// The function with this index.
    pub(super) fn get(&self, function: usize) -> &Frame {
        &self.functions[function]
    }
}

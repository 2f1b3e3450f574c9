//! Counts the goroutines of one profile by what names them.

use std::collections::BTreeMap;

use super::frames::{Frame, Frames, without_closures};
use super::pattern::Pattern;
use super::waits::Waits;
use crate::profile::{CountedThing, Profile};
use crate::site::Own;

/// What goroutines that belong together have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The first function from the leaf in the program's own code; of stacks that are all library their outermost one.
    pub owner: String,
    /// The outermost function that is not the runtime's: what `go` started.
    pub entry: String,
    /// What they wait for; `None` if it is unknown, or they run.
    pub waits: Option<Waits>,
    /// The pattern that their stack is known to have.
    pub pattern: Option<Pattern>,
}

/// The goroutines of one profile.
#[derive(Debug, Clone)]
pub struct Census {
    /// Their number.
    pub total: i128,
    /// Number of each group.
    pub groups: BTreeMap<Group, i128>,
    /// Whether the profile tells who waits in a channel operation; a text of `debug=1` leaves out the runtime's frames.
    pub knows_waits: bool,
    /// When it was taken, nanoseconds since 1970; 0 when unknown.
    pub time_nanos: i64,
    /// What was counted.
    pub thing: CountedThing,
}

impl Census {
    /// Counts the goroutines of a profile; `None` if it counts anything else. `own`: the packages of the program's own
    /// code.
    pub fn new(profile: &Profile, own: &Own) -> Option<Self> {
        let header = profile.header();
        let thing = header.counted_thing()?;
        let frames = Frames::new(profile, own);
        let mut census = Census {
            total: 0,
            groups: BTreeMap::new(),
            knows_waits: frames.know_hidden_waits(),
            time_nanos: header.time_nanos,
            thing,
        };
        profile.samples().for_each(|sample| {
            let stack: Vec<_> = frames.of_stack(sample.stack).collect();
            census.total += i128::from(sample.objects);
            *census.groups.entry(Group::of(&stack)).or_default() += i128::from(sample.objects);
        });
        // An empty profile knows all that there is.
        census.knows_waits |= census.total == 0;
        Some(census)
    }

    /// The goroutines of both, of which `other` was taken later.
    pub fn merged(mut self, other: Census) -> Self {
        self.total += other.total;
        for (group, number) in other.groups {
            *self.groups.entry(group).or_default() += number;
        }
        Census { knows_waits: self.knows_waits && other.knows_waits, time_nanos: other.time_nanos, ..self }
    }
}

impl Group {
    /// The group of goroutines with a stack, leaf first.
    fn of(stack: &[&Frame]) -> Self {
        let name = |frame: &&Frame| frame.name.to_string();
        let entry = stack.iter().rev().find(|frame| !frame.is_runtime).or(stack.last());
        let own = stack.iter().find(|frame| frame.is_own);
        let of_library =
            || entry.map_or_else(|| "(no stack)".to_owned(), |entry| alias(without_closures(&entry.name)).to_owned());
        let waits = stack.iter().filter_map(|frame| frame.waits).min();
        let owner = own.map_or_else(of_library, name);
        Group { entry: entry.map_or_else(|| owner.clone(), name), owner, waits, pattern: Pattern::of(stack) }
    }
}

/// The name under which a library's function is known in all versions of Go.
fn alias(function: &str) -> &str {
    match function {
        "net/http.(*Transport).startDialConnForLocked" | "net/http.(*Transport).queueForDial" => {
            "net/http.(*Transport).dialConnFor"
        }
        function => function,
    }
}

//! How the number of goroutines developed, and which of them there are more of.

use std::collections::{BTreeMap, BTreeSet};

use super::census::{Census, Group};
use super::heap::{HeapShare, StartedHeap};
use super::pattern::Pattern;
use super::waits::Waits;
use crate::order::sorted;
use crate::profile::CountedThing;
use crate::series::{Course, Shape, Spacing};

/// Growth by fewer goroutines is none, and so is growth by less than a tenth.
const MIN_GROWTH_COUNT: i128 = 10;

/// Whether a number grew enough to count.
fn grew(base: i128, current: i128) -> bool {
    current - base >= MIN_GROWTH_COUNT.max((base + 9) / 10)
}

/// The goroutines of two profiles or more, in time order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoroutineCourse {
    /// What was counted.
    pub thing: CountedThing,
    /// The number of all in each profile; at least two.
    pub totals: Vec<i128>,
    /// How that number developed.
    pub shape: Shape,
    /// Number of those that the last profile, a dump of all goroutines, marks as leaked.
    pub marked_leaked: i128,
    /// Mean memory of a stack in the end, bytes; `None` where StackInuse is unknown.
    pub mean_stack_bytes: Option<u64>,
    /// The first and the last profile, as the user named them; `None` where they are not one file each.
    pub inputs: Option<[String; 2]>,
    /// The groups that grew by ten and a tenth, the most grown first. Of leaked goroutines all that there are in the
    /// end: the most first.
    pub groups: Vec<GroupGrowth>,
}

/// A group of which there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupGrowth {
    /// What names it.
    pub group: Group,
    /// Its number in each profile.
    pub counts: Vec<i128>,
    /// The number of the other goroutines that each of these has, in the first and in the last profile.
    pub companions: Option<[i128; 2]>,
    /// What of the heap goes with it, if heap profiles are known.
    pub heap: Option<HeapShare>,
    /// File and line of its function, if that is the program's own: where most of them are in the last profile.
    pub place: Option<(String, i64)>,
}

impl GroupGrowth {
    /// Its number in the first profile.
    pub fn base(&self) -> i128 {
        self.counts.first().copied().unwrap_or_default()
    }

    /// Its number in the last profile.
    pub fn current(&self) -> i128 {
        self.counts.last().copied().unwrap_or_default()
    }

    /// Growth from the first to the last.
    pub fn delta(&self) -> i128 {
        self.current() - self.base()
    }

    /// Whether it grew enough to count.
    pub fn grew(&self) -> bool {
        grew(self.base(), self.current())
    }
}

impl GoroutineCourse {
    /// The course of profiles in time order, all of the same `thing`; `None` of fewer than two.
    pub fn new(thing: CountedThing, profiles: &[Census]) -> Option<Self> {
        let totals: Vec<_> = profiles.iter().map(|census| census.total).collect();
        let counts: Vec<_> = totals.iter().map(|&total| u64::try_from(total).unwrap_or_default()).collect();
        let spacing = Spacing::new(profiles.iter().map(|census| census.time_nanos));
        let shape = Course::of_counts(&counts, &spacing)?.shape;
        let knows_waits = profiles.iter().all(|census| census.knows_waits);
        let key = |group: &Group| Group {
            waits: group.waits.filter(|waits| knows_waits || !waits.is_hidden()),
            ..group.clone()
        };
        let mut groups: BTreeMap<Group, Vec<i128>> = BTreeMap::new();
        for (at, census) in profiles.iter().enumerate() {
            for (group, number) in &census.groups {
                groups.entry(key(group)).or_insert_with(|| vec![0; profiles.len()])[at] += number;
            }
        }
        let grown = groups
            .into_iter()
            .map(|(group, counts)| GroupGrowth {
                place: place_of(&group, profiles),
                group,
                counts,
                companions: None,
                heap: None,
            })
            .filter(|group| match thing {
                CountedThing::Goroutine => group.grew(),
                CountedThing::LeakedGoroutine => group.current() > 0,
            });
        let size = |group: &GroupGrowth| match thing {
            CountedThing::Goroutine => group.delta(),
            CountedThing::LeakedGoroutine => group.current(),
        };
        let mut grown = sorted(grown.collect(), |a, b| {
            // What is known to have a cause comes before what may follow from it.
            let key = |found: &GroupGrowth| (found.group.pattern.is_none(), found.group.pattern);
            size(b).cmp(&size(a)).then_with(|| key(a).cmp(&key(b))).then_with(|| a.group.cmp(&b.group))
        });
        for found in grown.iter_mut().filter(|found| !knows_waits && found.group.waits.is_none()) {
            found.group.waits = known_waits(&found.group, profiles);
        }
        let marked_leaked = profiles.last().map_or(0, |census| census.marked_leaked);
        let inputs = match profiles {
            [first, .., last] if ![first, last].iter().any(|census| census.input.is_empty()) => {
                Some([first.input.clone(), last.input.clone()])
            }
            _ => None,
        };
        Some(GoroutineCourse {
            thing,
            inputs,
            totals,
            shape,
            marked_leaked,
            mean_stack_bytes: None,
            groups: join_companions(grown),
        })
    }

    /// The number of all in the first and in the last profile.
    pub fn ends(&self) -> [i128; 2] {
        [self.totals.first(), self.totals.last()].map(|total| total.copied().unwrap_or_default())
    }

    /// The number of intervals between two profiles in which there were more in the end.
    pub fn intervals_grown(&self) -> usize {
        self.totals.windows(2).filter(|pair| pair[1] > pair[0]).count()
    }

    /// Whether there are more of them than before, as a whole or of a group.
    pub fn grew(&self) -> bool {
        let [first, last] = self.ends();
        grew(first, last) || self.groups.iter().any(GroupGrowth::grew)
    }

    /// The number in the first and in the last profile of each owner that has any.
    pub fn by_owner(&self) -> BTreeMap<String, [i128; 2]> {
        let mut owners: BTreeMap<String, [i128; 2]> = BTreeMap::new();
        for found in &self.groups {
            let [base, current] = owners.entry(found.group.owner.clone()).or_default();
            *base += found.base();
            *current += found.current();
        }
        owners
    }

    /// Adds what a stack takes. `stack_inuse`: StackInuse at the time of the last profile, bytes.
    #[must_use]
    pub fn with_stacks(self, stack_inuse: Option<u64>) -> Self {
        let [_, last] = self.ends();
        let mean = stack_inuse.zip(u64::try_from(last).ok()).and_then(|(bytes, number)| bytes.checked_div(number));
        GoroutineCourse { mean_stack_bytes: mean, ..self }
    }

    /// Adds what of the heap goes with each group. The heaps are of the first and of the last profile's time.
    pub fn join_heap(&mut self, [base, current]: [&StartedHeap; 2]) {
        for found in &mut self.groups {
            found.heap = Some(HeapShare::new(&found.group, base, current));
        }
    }
}

/// The line of a group's function at which most goroutines are in the last profile.
fn place_of(group: &Group, profiles: &[Census]) -> Option<(String, i64)> {
    let lines = profiles.last()?.lines.iter().filter(|((owner, ..), _)| *owner == group.owner);
    let ((_, file, line), _) = lines.max_by_key(|(_, number)| **number)?;
    Some((file.clone(), *line))
}

/// What most goroutines of a group wait for, by the last profile that knows it.
fn known_waits(group: &Group, profiles: &[Census]) -> Option<Waits> {
    let census = profiles.iter().rfind(|census| census.knows_waits)?;
    let same =
        |other: &&Group| (&other.owner, &other.entry, other.pattern) == (&group.owner, &group.entry, group.pattern);
    census.groups.keys().filter(same).max_by_key(|other| census.groups[*other])?.waits
}

/// Moves the goroutines that accompany others, such as the writer of a connection, to those.
fn join_companions(grown: Vec<GroupGrowth>) -> Vec<GroupGrowth> {
    let (mut grown, mut joined) = (grown, BTreeSet::new());
    for pattern in Pattern::ALL {
        let Some(other) = pattern.companion() else { continue };
        let sum = |pattern: Pattern| {
            let of_pattern = grown.iter().filter(|found| found.group.pattern == Some(pattern));
            of_pattern.fold([0, 0], |sum, found| [sum[0] + found.base(), sum[1] + found.current()])
        };
        let (own, companions) = (sum(pattern), sum(other));
        let deltas = [own, companions].map(|[base, current]| current - base);
        // About as many, as each of them has one.
        if deltas[1] > 0 && 2 * deltas[0] >= deltas[1] && 2 * deltas[1] >= deltas[0] {
            joined.insert(other);
            // The most grown of the pattern stands for it.
            if let Some(found) = grown.iter_mut().find(|found| found.group.pattern == Some(pattern)) {
                found.companions = Some(companions);
            }
        }
    }
    grown.retain(|found| found.group.pattern.is_none_or(|pattern| !joined.contains(&pattern)));
    grown
}

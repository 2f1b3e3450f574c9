//! What `runtime.MemStats` of a series suggests.
//!
//! The rules and their thresholds were measured on series of known truth: programs that leak, that fill a cache,
//! that keep memory after a burst, that do nothing of the kind.

use super::shape::{Course, Shape};
use crate::profile::MemStats;

/// From so many snapshots on, the first one is left out: the program may still have been starting.
const ENOUGH_TO_DROP: usize = 6;
/// More bytes than that for each new object: the objects grew, rather than their number.
const BYTES_PER_OBJECT: i128 = 64 << 10;
/// Right after a collection HeapAlloc is half of NextGC at most, with GOGC=100. With a little garbage, more.
const MOST_OF_NEXT_GC: u128 = 55;
/// What may be kept from the system or lie between objects.
const SLACK: u64 = 16 << 20;

/// What a series suggests; the most serious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeapPattern {
    /// The live heap grows on, in objects.
    Leak,
    /// The live heap grows on, but not in objects: they get larger.
    Bloat,
    /// More and more goroutines.
    GoroutineLeak,
    /// The live heap grew; whether it goes on is not to be seen.
    Grew,
    /// Memory is kept in spans of which only parts are in use.
    Fragmentation,
    /// Memory without objects is kept, and given back to the system late.
    RetainedIdle,
    /// There is no telling whether the live heap grew.
    Unknown(Why),
    /// The live heap grew, and less and less: a warm-up.
    Decelerating,
    /// The live heap goes up and down.
    Fluctuating,
    /// The live heap grew once.
    OneStep,
    /// The live heap did not grow.
    NoGrowth,
}

/// Why there is no telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// There is only one snapshot.
    Single,
    /// The counters of this snapshot, counted from 0, are less than those of the one before it.
    OutOfOrder(usize),
    /// No garbage was collected between the first and the last snapshot.
    NoGc,
    /// A number is missing that cannot be done without.
    Missing(&'static str),
}

impl HeapPattern {
    /// The name, as in JSON.
    pub fn code(self) -> &'static str {
        match self {
            HeapPattern::Leak => "leak",
            HeapPattern::Bloat => "bloat",
            HeapPattern::GoroutineLeak => "goroutine_leak",
            HeapPattern::Grew => "grew",
            HeapPattern::Fragmentation => "fragmentation",
            HeapPattern::RetainedIdle => "retained_idle",
            HeapPattern::Unknown(_) => "unknown",
            HeapPattern::Decelerating => "decelerating",
            HeapPattern::Fluctuating => "fluctuating",
            HeapPattern::OneStep => "one_step",
            HeapPattern::NoGrowth => "no_growth",
        }
    }
}

/// What stands for the live heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveHeapSource {
    /// HeapAlloc right after a forced collection.
    HeapAlloc,
    /// Half of NextGC, which is the live heap at the last collection, if GOGC is 100.
    HalfNextGc,
}

impl LiveHeapSource {
    /// The name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            LiveHeapSource::HeapAlloc => "heap_alloc",
            LiveHeapSource::HalfNextGc => "half_next_gc",
        }
    }
}

/// A number in the first and in the last snapshot that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// In the first.
    pub first: u64,
    /// In the last.
    pub last: u64,
}

impl Ends {
    /// last − first.
    pub fn delta(self) -> i128 {
        i128::from(self.last) - i128::from(self.first)
    }
}

/// What the process holds for its heap at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// HeapSys − HeapReleased.
    pub held: u64,
    /// HeapAlloc.
    pub alloc: u64,
    /// NextGC: what the collector lets the heap grow to anyway.
    pub next_gc: u64,
    /// HeapIdle − HeapReleased: of it, spans without objects.
    pub idle: Option<u64>,
    /// HeapInuse − HeapAlloc: what is between objects.
    pub between: Option<u64>,
}

/// What to know about a verdict. Codes are part of the JSON contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The first snapshot does not count.
    FirstLeftOut,
    /// Not every snapshot follows a forced collection, or nothing says so.
    NotForced {
        /// Whether the numbers say.
        known: bool,
    },
    /// HeapAlloc of this snapshot, counted from 0, is so many percent of NextGC, which with GOGC=100 is more than
    /// there is right after a collection.
    NotRightAfterGc(usize, u128),
    /// Rules were skipped for want of these numbers.
    Missing(Vec<&'static str>),
    /// Goroutines between the only two snapshots.
    GoroutinesGrew(Ends),
}

/// What a series suggests, and the figures behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The most serious one first; one at least.
    pub findings: Vec<HeapPattern>,
    /// How many snapshots at the start do not count.
    pub left_out: usize,
    /// What stands for the live heap, where it can be followed.
    pub basis: Option<LiveHeapSource>,
    /// How the live heap developed.
    pub course: Option<Course>,
    /// HeapObjects.
    pub objects: Option<Ends>,
    /// What is held at the end.
    pub held: Option<Held>,
    /// Goroutines.
    pub goroutines: Option<Ends>,
    /// StackInuse.
    pub stacks: Option<Ends>,
    /// What to know about it.
    pub remarks: Vec<Remark>,
}

/// Tells what snapshots of one process suggest, in time order.
pub fn assess(snapshots: &[MemStats]) -> Assessment {
    let left_out = usize::from(snapshots.len() >= ENOUGH_TO_DROP);
    let counted = &snapshots[left_out..];
    let ends = |field: fn(&MemStats) -> Option<u64>| {
        let (first, last) = (counted.first()?, counted.last()?);
        Some(Ends { first: field(first)?, last: field(last)? })
    };
    let mut found = Assessment {
        findings: Vec::new(),
        left_out,
        basis: None,
        course: None,
        objects: ends(|stats| stats.heap_objects),
        held: counted.last().and_then(held),
        goroutines: ends(|stats| stats.goroutines),
        stacks: ends(|stats| stats.stack_inuse),
        remarks: Vec::new(),
    };
    if left_out > 0 {
        found.remarks.push(Remark::FirstLeftOut);
    }
    match followed(snapshots, counted, &mut found.remarks) {
        Ok((basis, values)) => {
            (found.basis, found.course) = (Some(basis), Course::of(&values));
            found.heap();
            if basis == LiveHeapSource::HeapAlloc {
                found.garbage(counted);
            }
        }
        // What is held can be seen even so.
        Err(Why::Single) => {
            found.push(HeapPattern::Unknown(Why::Single));
            found.held_findings();
        }
        Err(why) => found.push(HeapPattern::Unknown(why)),
    }
    if !found.findings.iter().any(|finding| matches!(finding, HeapPattern::Unknown(Why::OutOfOrder(_)))) {
        found.goroutines(counted);
    }
    found
}

/// What can stand for the live heap, and its values.
fn followed(
    all: &[MemStats],
    counted: &[MemStats],
    remarks: &mut Vec<Remark>,
) -> Result<(LiveHeapSource, Vec<u64>), Why> {
    if all.len() < 2 {
        return Err(Why::Single);
    }
    let counters: [fn(&MemStats) -> Option<u64>; 3] =
        [|stats| stats.num_gc, |stats| stats.num_forced_gc, |stats| stats.last_gc];
    let falls = |pair: &[MemStats]| {
        counters.iter().any(|counter| counter(&pair[0]) > counter(&pair[1]) && counter(&pair[1]).is_some())
    };
    if let Some(at) = all.windows(2).position(falls) {
        return Err(Why::OutOfOrder(at + 1));
    }
    let values = |field: fn(&MemStats) -> Option<u64>| counted.iter().map(field).collect::<Option<Vec<_>>>();
    // When the last collection ended tells the same as how many there were.
    let collections =
        values(|stats| stats.num_gc).or_else(|| values(|stats| stats.last_gc)).ok_or(Why::Missing("NumGC"))?;
    if collections.first() == collections.last() {
        return Err(Why::NoGc);
    }
    let forced = values(|stats| stats.num_forced_gc);
    let rises = |forced: &Vec<u64>| forced[0] > 0 && forced.windows(2).all(|pair| pair[0] < pair[1]);
    let is_forced = forced.as_ref().is_some_and(rises);
    if is_forced {
        let values = values(|stats| stats.heap_alloc).ok_or(Why::Missing("HeapAlloc"))?;
        return Ok((LiveHeapSource::HeapAlloc, values));
    }
    remarks.push(Remark::NotForced { known: forced.is_some() });
    // With GOGC=off there is no next one.
    let finite = |next: &u64| *next < u64::MAX / 2;
    let values = values(|stats| stats.next_gc).filter(|values| values.iter().all(finite));
    let values = values.ok_or(Why::Missing("a finite NextGC"))?;
    Ok((LiveHeapSource::HalfNextGc, values.iter().map(|next| next / 2).collect()))
}

fn held(stats: &MemStats) -> Option<Held> {
    let less = |one: Option<u64>, other: Option<u64>| Some(one?.saturating_sub(other?));
    Some(Held {
        held: less(stats.heap_sys, stats.heap_released)?,
        alloc: stats.heap_alloc?,
        next_gc: stats.next_gc?,
        idle: less(stats.heap_idle, stats.heap_released),
        between: less(stats.heap_inuse, stats.heap_alloc),
    })
}

impl Held {
    /// What it is, if it is more than the collector needs.
    fn finding(self) -> Option<HeapPattern> {
        let beyond = 2 * u128::from(self.held) > 5 * u128::from(self.next_gc);
        if !beyond || self.held.saturating_sub(self.alloc) <= SLACK {
            return None;
        }
        let scattered = self.between.is_some_and(|between| between > SLACK.max(self.alloc));
        Some(if scattered { HeapPattern::Fragmentation } else { HeapPattern::RetainedIdle })
    }
}

impl Assessment {
    /// Puts a finding behind those that are more serious.
    fn push(&mut self, finding: HeapPattern) {
        let at = self.findings.iter().position(|other| *other > finding).unwrap_or(self.findings.len());
        self.findings.insert(at, finding);
    }

    /// The live heap, by its course.
    fn heap(&mut self) {
        let Some((shape, growth)) = self.course.as_ref().map(|course| (course.shape, course.growth())) else { return };
        let finding = match shape {
            Shape::Growing => match self.objects.map(Ends::delta) {
                Some(objects) if objects <= 0 || growth > BYTES_PER_OBJECT * objects => HeapPattern::Bloat,
                Some(_) => HeapPattern::Leak,
                None => {
                    self.remarks.push(Remark::Missing(vec!["HeapObjects"]));
                    HeapPattern::Grew
                }
            },
            Shape::Grew => HeapPattern::Grew,
            Shape::Decelerating => HeapPattern::Decelerating,
            Shape::Fluctuating => HeapPattern::Fluctuating,
            Shape::OneStep => HeapPattern::OneStep,
            Shape::Flat => HeapPattern::NoGrowth,
        };
        self.push(finding);
        if !matches!(shape, Shape::Growing | Shape::Grew) {
            self.held_findings();
        }
    }

    fn held_findings(&mut self) {
        match self.held {
            Some(held) => held.finding().into_iter().for_each(|finding| self.push(finding)),
            None => self.remarks.push(Remark::Missing(vec!["HeapSys", "HeapReleased", "NextGC"])),
        }
    }

    /// Whether the snapshots were taken right after their collections.
    fn garbage(&mut self, counted: &[MemStats]) {
        let percent = |stats: &MemStats| {
            let (alloc, next) = (u128::from(stats.heap_alloc?), u128::from(stats.next_gc?));
            (100 * alloc).checked_div(next)
        };
        let percents = counted.iter().enumerate().filter_map(|(at, stats)| Some((at, percent(stats)?)));
        if let Some((at, most)) = percents.max_by_key(|&(_, percent)| percent)
            && most > MOST_OF_NEXT_GC
        {
            self.remarks.push(Remark::NotRightAfterGc(self.left_out + at, most));
        }
    }

    /// Goroutines, whose count is exact at any time.
    fn goroutines(&mut self, counted: &[MemStats]) {
        let Some(ends) = self.goroutines else { return };
        let more = ends.delta() >= 10 && 10 * ends.delta() >= i128::from(ends.first);
        let intervals = counted.len() - 1;
        let Some(middle) = counted.get(intervals / 2).and_then(|stats| stats.goroutines) else { return };
        let in_both = middle >= ends.first.saturating_add(5) && ends.last >= middle.saturating_add(5);
        match () {
            () if more && in_both => self.push(HeapPattern::GoroutineLeak),
            () if more && intervals == 1 => self.remarks.push(Remark::GoroutinesGrew(ends)),
            () => {}
        }
    }
}

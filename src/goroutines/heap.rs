//! What of the live heap goes with goroutines: by the function that `go` started, outermost on the stack of an allocation.

use std::collections::HashMap;

use super::census::Group;
use super::frames::{Frame, Frames};
use crate::profile::Profile;
use crate::site::{Own, Values};

/// Functions that make a timer, by what the program calls.
const TICKER: &str = "time.NewTicker";
const TIMER: &str = "time.After";

/// The live heap of a profile, by what goroutines are named by.
#[derive(Debug, Default)]
pub struct StartedHeap {
    /// By function: allocated in goroutines that it began.
    started: HashMap<String, Values>,
    /// By function: allocated in it and in what it calls.
    below: HashMap<String, Values>,
    /// By the own function that asked for them: tickers, and timers of `time.After`.
    timers: [HashMap<String, Values>; 2],
}

impl StartedHeap {
    /// Adds up the live samples of a heap profile.
    pub fn add(&mut self, profile: &Profile, own: &Own) {
        let frames = Frames::new(profile, own);
        let mut below = vec![Values::default(); frames.len()];
        let mut started = below.clone();
        // By function: the last sample that had it.
        let mut seen = vec![0_u64; frames.len()];
        let mut number = 0;
        profile.samples().for_each(|sample| {
            number += 1;
            let values = Values::widen(sample.objects, sample.space);
            for function in frames.indexes(sample.stack) {
                if std::mem::replace(&mut seen[function], number) != number {
                    below[function] += values;
                }
            }
            let entry = frames.indexes(sample.stack).rev().find(|&function| !frames.get(function).is_runtime());
            if let Some(entry) = entry {
                started[entry] += values;
            }
            for (timers, maker) in self.timers.iter_mut().zip([TICKER, TIMER]) {
                let mut callers = frames.of_stack(sample.stack).skip_while(|frame| &*frame.name != maker);
                if let Some(owner) = callers.find(|frame| frame.is_own()) {
                    *timers.entry(owner.name.to_string()).or_default() += values;
                }
            }
        });
        for (function, (below, started)) in below.into_iter().zip(started).enumerate() {
            let Frame { name, .. } = frames.get(function);
            for (sums, values) in [(&mut self.below, below), (&mut self.started, started)] {
                if values != Values::default() {
                    *sums.entry(name.to_string()).or_default() += values;
                }
            }
        }
    }
}

/// What of the heap goes with a group of goroutines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeapShare {
    /// Growth of what is allocated below their function.
    pub below: Values,
    /// What goroutines started there allocated, and is live in the end.
    pub started: Values,
    /// Growth of the tickers that their function made.
    pub tickers: Values,
    /// Growth of the timers that their function made by `time.After`.
    pub timers: Values,
}

impl HeapShare {
    /// What goes with `group`, by the heaps of the first and of the last time.
    pub(super) fn new(group: &Group, base: &StartedHeap, current: &StartedHeap) -> Self {
        let of = |sums: &HashMap<String, Values>, name: &str| sums.get(name).copied().unwrap_or_default();
        let below = group.pattern.and_then(|pattern| pattern.heap_function()).unwrap_or(&group.owner);
        let timers = |kind: usize| of(&current.timers[kind], &group.owner) - of(&base.timers[kind], &group.owner);
        HeapShare {
            below: of(&current.below, below) - of(&base.below, below),
            started: of(&current.started, &group.entry),
            tickers: timers(0),
            timers: timers(1),
        }
    }
}

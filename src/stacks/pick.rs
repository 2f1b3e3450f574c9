//! Functions by their names: those that a regular expression matches, and those that may have been meant.

use regex::bytes::Regex;

use super::{Calls, index};
use crate::diff::{Change, Metric};
use crate::order::sorted;

impl Calls<'_> {
    /// The indexes of the functions whose name matches.
    pub fn matching(&self, pattern: &Regex) -> Vec<u32> {
        let matches = |at: &usize| pattern.is_match(self.functions[*at].name().as_bytes());
        (0..self.functions.len()).filter(matches).map(index).collect()
    }

    /// Names that are like what was looked for, most of `metric` first: they have its longest word in them, in
    /// whatever case, or at least how that word begins.
    pub fn near(&self, pattern: &str, metric: Metric, most: usize) -> Vec<String> {
        /// What has less than so much of the word is not near.
        const LEAST: usize = 3;
        let words = pattern.split(|c: char| !c.is_alphanumeric() && c != '_');
        let Some(word) = words.max_by_key(|word| word.len()).map(str::to_lowercase) else { return Vec::new() };
        let names: Vec<_> = self.functions.iter().map(|function| function.name().into_owned()).collect();
        let cum = self.cum();
        for length in (LEAST..=word.len()).rev().filter(|&length| word.is_char_boundary(length)) {
            let part = &word[..length];
            let found: Vec<_> = (0..names.len()).filter(|&at| names[at].to_lowercase().contains(part)).collect();
            if !found.is_empty() {
                let size = |at: usize| cum[at].base_of(metric).abs().max(cum[at].current_of(metric).abs());
                let found = sorted(found, |&a: &usize, &b| size(b).cmp(&size(a)).then_with(|| names[a].cmp(&names[b])));
                return found.into_iter().take(most).map(|at| names[at].clone()).collect();
            }
        }
        Vec::new()
    }

    /// These functions, that first which grew most in `metric`, what it calls included.
    pub fn most_grown(&self, functions: Vec<u32>, metric: Metric) -> Vec<u32> {
        let cum = self.cum();
        let delta = |function: u32| cum[function as usize].delta_of(metric);
        let name = |function: u32| self.functions[function as usize];
        sorted(functions, |&a, &b| delta(b).cmp(&delta(a)).then_with(|| name(a).cmp(&name(b))))
    }

    /// By function: what it and all that it calls allocate, a stack once.
    pub fn cum(&self) -> Vec<Change> {
        let mut cum = vec![Change::default(); self.functions.len()];
        // By function, the last stack that counted, from 1.
        let mut counted = vec![0; self.functions.len()];
        for (at, stack) in (1..).zip(&self.stacks) {
            for &frame in &stack.frames {
                let function = self.frames[frame as usize].function as usize;
                if counted[function] != at {
                    counted[function] = at;
                    cum[function] += stack.change;
                }
            }
        }
        cum
    }
}

//! Functions by name and by growth: those that match a pattern, those that may have been meant, the order of all.

use std::cmp::Reverse;

use regex::bytes::Regex;

use super::StackComparison;
use crate::diff::{Change, Metric};
use crate::index::index;

/// Shortest part of a word that makes a name similar, bytes.
const MIN_SIMILAR_PART: usize = 3;

impl StackComparison<'_> {
    /// Indexes of the functions whose name matches.
    pub fn matching(&self, pattern: &Regex) -> Vec<u32> {
        let matches = |at: &usize| pattern.is_match(self.functions[*at].name().as_bytes());
        (0..self.functions.len()).filter(matches).map(index).collect()
    }

    /// Indexes of the functions whose name is accepted.
    pub fn named(&self, is_meant: impl Fn(&str) -> bool) -> Vec<u32> {
        (0..self.functions.len()).filter(|&at| is_meant(&self.functions[at].name())).map(index).collect()
    }

    /// Names that the user may have meant by `pattern`, at most `most`, largest in `metric` first: those that contain
    /// the longest prefix of one of its words that a name contains, longest words first. Case is ignored.
    pub fn suggest_similar(&self, pattern: &str, metric: Metric, most: usize) -> Vec<String> {
        let words = pattern.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_lowercase);
        let mut words: Vec<_> = words.filter(|word| word.len() >= MIN_SIMILAR_PART).collect();
        words.sort_by_key(|word| Reverse(word.len()));
        let cum = self.cum();
        let size = |change: &Change| change.base_of(metric).abs().max(change.current_of(metric).abs());
        let names = self.functions.iter().map(|function| function.name().into_owned());
        let mut names: Vec<_> = names.zip(cum.iter().map(size)).collect();
        names.sort_by(|(name, size), (other_name, other)| other.cmp(size).then_with(|| name.cmp(other_name)));
        let prefixes =
            words.iter().flat_map(|word| (MIN_SIMILAR_PART..=word.len()).rev().filter_map(|length| word.get(..length)));
        let mut found = prefixes.map(|prefix| {
            let similar = names.iter().filter(|(name, _)| name.to_lowercase().contains(prefix));
            similar.take(most).map(|(name, _)| name.clone()).collect::<Vec<_>>()
        });
        found.find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// Sorts functions by cumulative growth in `metric`, greatest first.
    pub fn most_grown(&self, mut functions: Vec<u32>, metric: Metric) -> Vec<u32> {
        let cum = self.cum();
        functions.sort_by_key(|&function| {
            (Reverse(cum[function as usize].delta_of(metric)), self.functions[function as usize])
        });
        functions
    }

    /// What each function and its callees allocate, by index of the function; a stack counts once.
    pub fn cum(&self) -> Vec<Change> {
        let mut cum = vec![Change::default(); self.functions.len()];
        // By function: the number of the last stack that counted, from 1.
        let mut counted = vec![0; self.functions.len()];
        for (at, stack) in (1..).zip(&self.stacks) {
            for &frame in self.frames_of(stack) {
                let function = self.frames[frame as usize].function as usize;
                if counted[function] != at {
                    counted[function] = at;
                    cum[function] += stack.change();
                }
            }
        }
        cum
    }
}

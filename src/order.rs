//! Puts things in order. What sorts is made once, and not for each type: a sort of the standard library takes about
//! 10 KB of the program for each.

use std::cmp::Ordering;

/// The items in order; equals stay as they are.
pub(crate) fn sorted<T>(items: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let indexes = sorted_indexes(items.len(), &|a, b| order(&items[a], &items[b]));
    let mut items: Vec<_> = items.into_iter().map(Some).collect();
    indexes.into_iter().filter_map(|at| items[at].take()).collect()
}

fn sorted_indexes(count: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indexes: Vec<_> = (0..count).collect();
    indexes.sort_by(|&a, &b| order(a, b));
    indexes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_stay_as_they_are() {
        let items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (1, 'e')];
        let names: String = sorted(items, |a, b| a.0.cmp(&b.0)).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, "dbeac");
    }
}

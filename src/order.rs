//! Puts things in order. What sorts is made once, and not for each type: a sort of the standard library takes about
//! 10 KB of the program for each.

use std::cmp::Ordering;

/// The items in order; equals stay as they are.
pub(crate) fn sorted<T>(items: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let indexes = sorted_indexes(items.len(), &|a, b| order(&items[a], &items[b]));
    let mut items: Vec<_> = items.into_iter().map(Some).collect();
    indexes.into_iter().filter_map(|at| items[at].take()).collect()
}

fn sorted_indexes(count: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indexes: Vec<_> = (0..count).collect();
    indexes.sort_by(|&a, &b| order(a, b));
    indexes
}

/// Where the items of each group start, if they stand by group; one behind the last, too. `items`: their groups.
pub(crate) fn starts(groups: usize, items: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0; groups + 1];
    items.for_each(|group| starts[group as usize + 1] += 1);
    let mut sum = 0;
    starts.iter_mut().for_each(|start| {
        sum += *start;
        *start = sum;
    });
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_start_one_after_the_other() {
        assert_eq!(starts(5, [0, 0, 2, 2, 2, 3].into_iter()), [0, 2, 2, 5, 6, 6]);
        assert_eq!(starts(1, [].into_iter()), [0, 0]);
    }

    #[test]
    fn equals_stay_as_they_are() {
        let items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (1, 'e')];
        let names: String = sorted(items, |a, b| a.0.cmp(&b.0)).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, "dbeac");
    }
}

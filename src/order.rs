//! Sorting.

use std::cmp::Ordering;

/// The items in order; equal ones keep their order.
pub(crate) fn sorted<T>(mut items: Vec<T>, order: impl FnMut(&T, &T) -> Ordering) -> Vec<T> {
    items.sort_by(order);
    items
}

/// The start of each of `groups` groups among items that are sorted by group, and the end of the last. `items`: the
/// group of each item, in any order.
pub(crate) fn group_starts(groups: usize, items: impl Iterator<Item = u32>) -> Vec<u32> {
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
        assert_eq!(group_starts(5, [0, 0, 2, 2, 2, 3].into_iter()), [0, 2, 2, 5, 6, 6]);
        assert_eq!(group_starts(1, [].into_iter()), [0, 0]);
    }
}

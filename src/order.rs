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

/// Sorts the items by group in place, in linear time and in no order within a group. Returns their [`group_starts`].
pub(crate) fn counting_sort_by<T>(items: &mut [T], groups: usize, group_of: impl Fn(&T) -> u32) -> Vec<u32> {
    let starts = group_starts(groups, items.iter().map(&group_of));
    let mut next = starts.clone();
    for group in 0..groups {
        while next[group] < starts[group + 1] {
            let at = next[group] as usize;
            let target = group_of(&items[at]) as usize;
            // An item that is in its group already is swapped with itself.
            items.swap(at, next[target] as usize);
            next[target] += 1;
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counting_sort_groups_items() {
        let mut items = vec![(2, 'a'), (0, 'b'), (2, 'c'), (3, 'd'), (0, 'e'), (2, 'f')];
        assert_eq!(counting_sort_by(&mut items, 5, |item| item.0), [0, 2, 2, 5, 6, 6]);
        assert!(items.is_sorted_by_key(|item| item.0));
        items.sort_unstable();
        assert_eq!(items, [(0, 'b'), (0, 'e'), (2, 'a'), (2, 'c'), (2, 'f'), (3, 'd')]);
        assert_eq!(counting_sort_by(&mut [] as &mut [u32], 1, |_| 0), [0, 0]);
    }
}

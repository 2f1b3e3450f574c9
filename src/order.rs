//! Puts things in order. What sorts is made once, and not for each type: a sort of the standard library takes about
//! 10 KB of the program for each. What has numbers is not compared at all.

use std::cmp::Ordering;
use std::collections::BTreeMap;

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

/// The items by key, of several with the same key the last. To collect them would sort them first, by a sort that is
/// made for them alone.
pub(crate) fn by_key<K: Ord, V>(items: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(items);
    map
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

/// Puts items by their group, in the memory they are in and in no order within a group. Gives the [`starts`].
pub(crate) fn group<T>(items: &mut [T], groups: usize, of: impl Fn(&T) -> u32) -> Vec<u32> {
    let starts = starts(groups, items.iter().map(&of));
    let mut next = starts.clone();
    for group in 0..groups {
        while next[group] < starts[group + 1] {
            let at = next[group] as usize;
            let target = of(&items[at]) as usize;
            // One that is where it belongs stays there.
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
    fn groups_stand_one_behind_the_other() {
        let mut items = vec![(2, 'a'), (0, 'b'), (2, 'c'), (3, 'd'), (0, 'e'), (2, 'f')];
        assert_eq!(group(&mut items, 5, |item| item.0), [0, 2, 2, 5, 6, 6]);
        assert!(items.is_sorted_by_key(|item| item.0));
        items.sort_unstable();
        assert_eq!(items, [(0, 'b'), (0, 'e'), (2, 'a'), (2, 'c'), (2, 'f'), (3, 'd')]);
        assert_eq!(group(&mut [] as &mut [u32], 1, |_| 0), [0, 0]);
    }

    #[test]
    fn equals_stay_as_they_are() {
        let items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (1, 'e')];
        let names: String = sorted(items, |a, b| a.0.cmp(&b.0)).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, "dbeac");
    }
}

//! Puts things in order. What sorts is made once, and not for each type: a sort of the standard library takes about
//! 10 KB of the program for each. What has numbers is not compared at all.

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

/// The items by their group, those of one as they stood, and by group where its items start; one behind the last, too.
pub(crate) fn grouped<T: Copy>(items: &[T], groups: usize, group: impl Fn(&T) -> u32) -> (Vec<T>, Vec<u32>) {
    let starts = starts(groups, items.iter().map(&group));
    let (mut next, mut placed) = (starts.clone(), items.to_vec());
    for item in items {
        let next = &mut next[group(item) as usize];
        placed[*next as usize] = *item;
        *next += 1;
    }
    (placed, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_one_behind_the_other() {
        let items = [(2, 'a'), (0, 'b'), (2, 'c'), (3, 'd'), (0, 'e')];
        let (placed, starts) = grouped(&items, 5, |item| item.0);
        assert_eq!(placed.iter().map(|item| item.1).collect::<String>(), "beacd");
        assert_eq!(starts, [0, 2, 2, 4, 5, 5]);
        assert_eq!(grouped(&[] as &[u32], 1, |_| 0), (vec![], vec![0, 0]));
    }

    #[test]
    fn equals_stay_as_they_are() {
        let items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (1, 'e')];
        let names: String = sorted(items, |a, b| a.0.cmp(&b.0)).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, "dbeac");
    }
}

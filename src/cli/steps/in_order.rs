//! Work on several threads whose results are taken in order.

use std::collections::VecDeque;
use std::thread;

use anyhow::Result;

use crate::threads::join;

/// Does `work` for each item on up to `threads` threads, and calls `take` with the results in the order of the items.
///
/// Work on an item begins when fewer than `threads` results before it are outstanding, so that many wait at most. Ends with the first
/// error of `take`.
pub(crate) fn in_order<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> T + Sync,
    mut take: impl FnMut(&I, T) -> Result<()>,
) -> Result<()> {
    if threads.min(items.len()) < 2 {
        return items.iter().try_for_each(|item| take(item, work(item)));
    }
    thread::scope(|scope| {
        let work = &work;
        // If no thread can be started, this one does the work.
        let begin = |item| thread::Builder::new().spawn_scoped(scope, move || work(item)).ok();
        let mut next = items.iter().map(begin);
        let mut begun: VecDeque<_> = next.by_ref().take(threads).collect();
        items.iter().try_for_each(|item| {
            let result = begun.pop_front().flatten().map_or_else(|| work(item), join);
            take(item, result)?;
            begun.extend(next.next());
            Ok(())
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use anyhow::bail;

    use super::*;

    /// Work that takes longer for earlier items.
    fn slow_first(item: &usize) -> usize {
        thread::sleep(Duration::from_micros(900 - 30 * *item as u64));
        *item * 10
    }

    #[test]
    fn results_are_taken_in_order_on_any_number_of_threads() {
        let items: Vec<_> = (0..29).collect();
        for threads in [0, 1, 2, 3, 8, 100] {
            let mut taken = Vec::new();
            let take = |item: &usize, result| {
                taken.push((*item, result));
                Ok(())
            };
            in_order(&items, threads, slow_first, take).unwrap();
            assert!(taken.iter().copied().eq(items.iter().map(|&item| (item, item * 10))), "{threads}: {taken:?}");
        }
        in_order(&[], 4, slow_first, |_, _| bail!("there is nothing to take")).unwrap();
    }

    #[test]
    fn the_first_error_in_order_ends_it() {
        for threads in [1, 4] {
            let items: Vec<_> = (0..29).collect();
            let worked = AtomicUsize::default();
            let work = |item: &usize| {
                worked.fetch_add(1, Ordering::Relaxed);
                slow_first(item)
            };
            let take = |item: &usize, _| if *item >= 5 { bail!("{item} is bad") } else { Ok(()) };
            let error = in_order(&items, threads, work, take).unwrap_err();
            assert_eq!(error.to_string(), "5 is bad");
            // Those that had begun, and no others.
            assert_eq!(worked.into_inner(), 5 + threads, "{threads}");
        }
    }

    #[test]
    fn no_more_results_wait_than_there_are_threads() {
        let items: Vec<_> = (0..40).collect();
        let (made, most) = (AtomicUsize::default(), AtomicUsize::default());
        let work = |item: &usize| {
            made.fetch_add(1, Ordering::Relaxed);
            *item
        };
        let take = |item: &usize, _| {
            thread::sleep(Duration::from_micros(200));
            most.fetch_max(made.load(Ordering::Relaxed) - item, Ordering::Relaxed);
            Ok(())
        };
        in_order(&items, 3, work, take).unwrap();
        let most = most.into_inner();
        assert!((1..=3).contains(&most), "{most}");
    }
}

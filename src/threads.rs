//! Two things done at the same time.
//!
//! They begin together: who is first waits for the other. Where a kernel put both on one core, that wakes it on another
//! one, which otherwise may take 4 ms.

use std::panic::resume_unwind;
use std::sync::Barrier;
use std::thread::{self, ScopedJoinHandle};

/// Of so many things or more, the work on them is worth the start of a thread.
const WORTH_A_THREAD: usize = 10_000;

/// Does two things for so many of something: at once, if that is worth a thread.
pub(crate) fn at_once_if_many<T: Send, U>(
    count: usize,
    one: impl Fn() -> T + Sync,
    other: impl FnOnce() -> U,
) -> (T, U) {
    if count < WORTH_A_THREAD { (one(), other()) } else { at_once(one, other) }
}

/// Runs the one on a thread of its own, as long as it takes the other; where no thread can be had, behind it.
pub(crate) fn at_once<T: Send, U>(one: impl Fn() -> T + Sync, other: impl FnOnce() -> U) -> (T, U) {
    let start = Barrier::new(2);
    thread::scope(|scope| match thread::Builder::new().spawn_scoped(scope, || from(&start, &one)) {
        Ok(thread) => {
            let other = from(&start, other);
            (join(thread), other)
        }
        Err(_) => {
            let other = other();
            (one(), other)
        }
    })
}

/// Runs each on a thread of its own: with one on the main thread, at the start of a program, both stay on one core for
/// a while. Where no thread can be had, one after the other.
pub(crate) fn on_two_threads<T: Send, U: Send>(one: impl Fn() -> T + Sync, other: impl Fn() -> U + Sync) -> (T, U) {
    let start = Barrier::new(2);
    thread::scope(|scope| {
        let Ok(first) = thread::Builder::new().spawn_scoped(scope, || from(&start, &one)) else {
            return (one(), other());
        };
        // In the place of a thread that is not there, as the first one waits for it.
        let other = || from(&start, &other);
        let second = thread::Builder::new().spawn_scoped(scope, other).map_or_else(|_| other(), join);
        (join(first), second)
    })
}

/// What `work` finds that begins when all are there.
fn from<T>(start: &Barrier, work: impl FnOnce() -> T) -> T {
    start.wait();
    work()
}

/// What a thread found.
pub(crate) fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_threads_are_not_this_one() {
        let id = || thread::current().id();
        let (one, other) = on_two_threads(id, id);
        assert!(one != other && one != id() && other != id());
        let (one, other) = at_once(id, id);
        assert!(one != id() && other == id());
    }
}

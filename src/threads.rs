//! Two things done at the same time.

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread;

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

/// What `part` finds for each of so many indexes; of many, two threads find half of it each.
pub(crate) fn halves<T: Send>(count: usize, part: impl Fn(Range<usize>) -> Vec<T> + Sync) -> Vec<T> {
    let half = count / 2;
    if half < WORTH_A_THREAD {
        return part(0..count);
    }
    let (mut found, rest) = at_once(|| part(0..half), || part(half..count));
    found.extend(rest);
    found
}

/// Runs the one on a thread of its own, as long as it takes the other; where no thread can be had, behind it.
pub(crate) fn at_once<T: Send, U>(one: impl Fn() -> T + Sync, other: impl FnOnce() -> U) -> (T, U) {
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, &one);
        let other = other();
        match thread {
            Ok(thread) => (thread.join().unwrap_or_else(|panic| resume_unwind(panic)), other),
            Err(_) => (one(), other),
        }
    })
}

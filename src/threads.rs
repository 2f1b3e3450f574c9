//! Two things done at the same time.

use std::panic::resume_unwind;
use std::thread;

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

//! Work that a signal ends.

#[cfg(unix)]
use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
#[cfg(unix)]
use signal_hook::consts::SIGHUP;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The longest time between two looks at the flag.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// A flag that SIGINT (Ctrl-C), SIGTERM and SIGHUP raise. A second SIGINT ends the program at once; of the others, two may
/// come of one cause, as when a terminal is closed.
pub(crate) fn stop_flag() -> Result<Arc<AtomicBool>> {
    registered().context("Ctrl-C cannot be waited for")
}

fn registered() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::default();
    flag::register_conditional_default(SIGINT, Arc::clone(&stop))?;
    flag::register(SIGINT, Arc::clone(&stop))?;
    flag::register(SIGTERM, Arc::clone(&stop))?;
    #[cfg(unix)]
    if !is_ignored(SIGHUP) {
        flag::register(SIGHUP, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// Whether a signal is ignored, as SIGHUP is below nohup; where the system does not say so, it is not.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Does `work` in a thread of its own until it ends; returns `None` as soon as the flag is raised, and leaves the thread to
/// itself, as it may wait for an answer.
pub(crate) fn until_stopped(
    stop: &AtomicBool,
    work: impl FnOnce() -> Result<()> + Send + 'static,
) -> Option<Result<()>> {
    let (sender, ended) = sync_channel(1);
    if let Err(error) = thread::Builder::new().spawn(move || sender.send(work())) {
        return Some(Err(error.into()));
    }
    while !stop.load(Ordering::Relaxed) {
        match ended.recv_timeout(PATIENCE) {
            Ok(result) => return Some(result),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Some(Err(anyhow!("a thread ended before its work did"))),
        }
    }
    None
}

//! A line on a terminal that tells how much was read, for runs that take longer than a moment.

use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Runs that are done before this show nothing.
const PATIENCE: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(100);

/// Bytes read so far, of all files.
#[derive(Debug, Default)]
pub(super) struct Progress {
    read: AtomicU64,
    total: u64,
    is_known: bool,
}

/// Less than this of a service's profiles takes two milliseconds.
const SHORT: u64 = 128 << 10;

impl Progress {
    /// Of files that will be read. The size of a pipe is not known, and counts as nothing.
    pub(super) fn of<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Self {
        let mut progress = Progress { is_known: true, ..Progress::default() };
        for path in paths {
            match path.metadata() {
                Ok(file) if file.is_file() => progress.total += file.len(),
                _ => progress.is_known = false,
            }
        }
        progress
    }

    /// Whether it is known to be done in a moment.
    pub(super) fn is_short(&self) -> bool {
        self.is_known && self.total < SHORT
    }

    /// `reader`, counted.
    pub(super) fn count<R: Read>(&self, reader: R) -> Counted<'_, R> {
        Counted { reader, progress: self }
    }

    /// Runs `work`, and shows meanwhile how far it came, if standard error is a terminal.
    pub(super) fn show<T>(&self, work: impl FnOnce() -> T) -> T {
        if self.is_short() || !io::stderr().is_terminal() {
            return work();
        }
        let (done, wait) = channel::<()>();
        thread::scope(|scope| {
            let line = move || {
                let mut pause = PATIENCE;
                let mut shown = false;
                while wait.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                    let _ = write!(io::stderr(), "\r{}\u{1b}[K", self.text());
                    (pause, shown) = (STEP, true);
                }
                if shown {
                    let _ = write!(io::stderr(), "\r\u{1b}[K");
                }
            };
            // Without a thread there is no line, and no harm.
            let shower = thread::Builder::new().spawn_scoped(scope, line);
            let result = work();
            drop(done);
            shower.into_iter().for_each(|shower| drop(shower.join()));
            result
        })
    }

    fn text(&self) -> String {
        let mib = |bytes: u64| format!("{:.1}", bytes as f64 / f64::from(1 << 20));
        let read = self.read.load(Ordering::Relaxed);
        if self.total == 0 {
            return format!("read {} MiB", mib(read));
        }
        format!("read {} of {} MiB", mib(read.min(self.total)), mib(self.total))
    }
}

/// A line that tells what is done now, if standard error is a terminal.
#[cfg(feature = "fetch")]
pub(super) struct Line {
    is_terminal: bool,
}

#[cfg(feature = "fetch")]
impl Line {
    pub(super) fn new() -> Self {
        Line { is_terminal: io::stderr().is_terminal() }
    }

    /// Shows `text` instead of what was shown.
    pub(super) fn say(&self, text: &str) {
        if self.is_terminal {
            let _ = write!(io::stderr(), "\r{text}\u{1b}[K");
        }
    }

    /// Shows nothing, so that something else can be printed.
    pub(super) fn clear(&self) {
        self.say("");
    }
}

/// A reader whose bytes count.
#[derive(Debug)]
pub(super) struct Counted<'a, R> {
    reader: R,
    progress: &'a Progress,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.progress.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_short() {
        let is_short =
            |paths: &[&str]| Progress::of(paths.iter().map(PathBuf::from).collect::<Vec<_>>().iter()).is_short();
        let small = "testdata/captures/sessiond/rate512k/heap_01.pb.gz";
        assert!(is_short(&[small, small]));
        assert!(
            !is_short(&[small, "-"]) && !is_short(&["http://localhost:6060", small]) && !is_short(&[small, "testdata"])
        );
        assert!(!is_short(&[small; 200]));
    }
}

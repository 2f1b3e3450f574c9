//! Progress on a terminal: a line on standard error that is renewed.

use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::byte_size::iec;

/// Runs that end before this show nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line is renewed.
const STEP: Duration = Duration::from_millis(100);

/// Bytes read so far, of all files.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    read: AtomicU64,
    total: u64,
    is_known: bool,
}

/// Input of this many bytes takes about two milliseconds.
const SHORT_BYTES: u64 = 128 << 10;

impl Progress {
    /// Nothing read yet of these files. The size of a pipe is unknown, and counts as 0.
    pub(crate) fn new<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Self {
        let mut progress = Progress { is_known: true, ..Progress::default() };
        for path in paths {
            match path.metadata() {
                Ok(file) if file.is_file() => progress.total += file.len(),
                _ => progress.is_known = false,
            }
        }
        progress
    }

    /// Whether the input is known to be small.
    pub(crate) fn is_short(&self) -> bool {
        self.is_known && self.total < SHORT_BYTES
    }

    /// Wraps `reader`, so that the bytes read from it count.
    pub(crate) fn count<R: Read>(&self, reader: R) -> ProgressReader<'_, R> {
        ProgressReader { reader, progress: self }
    }

    /// Runs `work`, and shows how much was read meanwhile if standard error is a terminal.
    pub(crate) fn show<T>(&self, work: impl FnOnce() -> T) -> T {
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
            // If no thread can be started, there is no line, which does no harm.
            let shower = thread::Builder::new().spawn_scoped(scope, line);
            let result = work();
            drop(done);
            shower.into_iter().for_each(|shower| drop(shower.join()));
            result
        })
    }

    fn text(&self) -> String {
        let read = self.read.load(Ordering::Relaxed);
        if self.total == 0 {
            return format!("read {}", iec(read.into()));
        }
        format!("read {} of {}", iec(read.min(self.total).into()), iec(self.total.into()))
    }
}

/// A line that says what is being done, if standard error is a terminal.
#[cfg(feature = "fetch")]
pub(crate) struct StatusLine {
    is_terminal: bool,
}

#[cfg(feature = "fetch")]
impl StatusLine {
    pub(crate) fn new() -> Self {
        StatusLine { is_terminal: io::stderr().is_terminal() }
    }

    /// Shows `text` instead of what was shown.
    pub(crate) fn say(&self, text: &str) {
        if self.is_terminal {
            let _ = write!(io::stderr(), "\r{text}\u{1b}[K");
        }
    }

    /// Clears the line, so that something else can be printed.
    pub(crate) fn clear(&self) {
        self.say("");
    }
}

/// A reader that counts what is read from it.
#[derive(Debug)]
pub(crate) struct ProgressReader<'a, R> {
    reader: R,
    progress: &'a Progress,
}

impl<R: Read> Read for ProgressReader<'_, R> {
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
    fn only_files_of_known_size_are_short() {
        let is_short =
            |paths: &[&str]| Progress::new(paths.iter().map(PathBuf::from).collect::<Vec<_>>().iter()).is_short();
        let small = "testdata/captures/sessiond/rate512k/heap_01.pb.gz";
        assert!(is_short(&[small, small]));
        assert!(
            !is_short(&[small, "-"]) && !is_short(&["http://localhost:6060", small]) && !is_short(&[small, "testdata"])
        );
        assert!(!is_short(&[small; 200]));
    }
}

//! Copies of inputs that can be read only once, such as standard input and URLs.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::input;

/// Largest input that is copied, bytes as they come, mostly compressed.
const MAX_COPY: usize = 64 << 20;

/// What was read of each input that is not a file.
#[derive(Debug, Default)]
pub(crate) struct Copies(Mutex<BTreeMap<PathBuf, Arc<Mutex<Copy>>>>);

#[derive(Debug, Default)]
struct Copy {
    bytes: Vec<u8>,
    /// Whether the input has ended, and all of it is here.
    is_complete: bool,
}

impl Copies {
    /// Opens an input: a file, the copy of something that was read, or something that is copied as it is read.
    pub(crate) fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        if path.is_file() {
            return input::open(path);
        }
        if let Some(bytes) = self.complete(path) {
            return Ok(Box::new(Cursor::new(bytes)));
        }
        let copy = Arc::new(Mutex::new(Copy::default()));
        if let Ok(mut copies) = self.0.lock() {
            copies.insert(path.to_path_buf(), copy.clone());
        }
        Ok(Box::new(Copying { input: input::open(path)?, copy }))
    }

    /// Whether there is a copy.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.complete(path).is_some()
    }

    fn complete(&self, path: &Path) -> Option<Vec<u8>> {
        let copies = self.0.lock().ok()?;
        let copy = copies.get(path)?.lock().ok()?;
        copy.is_complete.then(|| copy.bytes.clone())
    }
}

/// Copies what it reads.
struct Copying {
    input: Box<dyn Read>,
    copy: Arc<Mutex<Copy>>,
}

impl Read for Copying {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        if let Ok(mut copy) = self.copy.lock() {
            copy.is_complete = read == 0 && !buffer.is_empty() && copy.bytes.len() <= MAX_COPY;
            if copy.bytes.len() <= MAX_COPY {
                copy.bytes.extend_from_slice(&buffer[..read]);
            }
        }
        Ok(read)
    }
}

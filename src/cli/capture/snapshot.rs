//! One snapshot of a running program: its profiles, each checked before it is kept.

use std::io;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use super::manifest::{Failed, Snapshot, Taken};
use crate::cli::budget::replace;
use crate::cli::date::timestamp;
use crate::cli::progress::Progress;
use crate::cli::run::{ReadAs, read_from};
use crate::input::http::{self, Limits};
use crate::input::url::{self, Url};

/// A program that serves its profiles.
pub(in crate::cli) struct Program {
    /// Of the list of profiles.
    pub(in crate::cli) url: Url,
    pub(super) limits: Limits,
    /// What is taken beside the heap.
    pub(super) beside: &'static [Kind],
}

/// What is taken of it, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Kind {
    Heap,
    Text,
    Goroutine,
    ThreadCreate,
}

impl Kind {
    pub(in crate::cli) const BESIDE_HEAP: [Kind; 3] = [Kind::Text, Kind::Goroutine, Kind::ThreadCreate];

    /// As the manifest calls it.
    pub(in crate::cli) fn name(self) -> &'static str {
        match self {
            Kind::Heap => "heap",
            Kind::Text => "heap_text",
            Kind::Goroutine => "goroutine",
            Kind::ThreadCreate => "threadcreate",
        }
    }

    /// What to ask for.
    fn target(self) -> &'static str {
        match self {
            Kind::Heap => url::HEAP,
            Kind::Text => "heap?debug=1",
            Kind::Goroutine => "goroutine",
            Kind::ThreadCreate => "threadcreate",
        }
    }

    /// The name of its file, in which `number` tells the snapshot.
    fn file(self, number: &str, body: &[u8]) -> String {
        let gzipped = body.starts_with(b"\x1f\x8b");
        match self {
            Kind::Text => format!("heap_{number}.txt"),
            _ => format!("{}_{number}.pb{}", self.name(), if gzipped { ".gz" } else { "" }),
        }
    }

    /// Whether `body`, fetched from `url`, is what was asked for.
    fn check(self, body: &[u8], url: &Url) -> Result<()> {
        let sample_type = match self {
            Kind::Text if body.starts_with(b"heap profile:") => None,
            Kind::Text => bail!("{url}: this is no heap profile as text, which begins with \"heap profile:\""),
            Kind::Heap => None,
            Kind::Goroutine | Kind::ThreadCreate => Some(self.name()),
        };
        let how = ReadAs { sample_type, ..ReadAs::default() };
        read_from(&url.to_string(), &|| Ok(Box::new(body)), true, how, &Progress::default()).map(drop)
    }
}

impl Program {
    /// Takes a snapshot into `folder`. A garbage collection makes the profile tell of the objects it found alive,
    /// and a second one frees what the first only found to be dead, such as pools and what has a finalizer.
    ///
    /// # Errors
    ///
    /// Why there is no heap profile, or why it cannot be kept. What else is missing is told in the snapshot.
    pub(in crate::cli) fn snapshot(&self, folder: &Path, number: &str, now: SystemTime) -> Result<Snapshot> {
        let mut snapshot = Snapshot { taken_at: timestamp(now), files: Vec::new(), failed: Vec::new() };
        self.fetch(Kind::Heap, &mut io::sink())?;
        let heap = self.checked(Kind::Heap)?;
        snapshot.files.push(keep(folder, Kind::Heap, number, &heap)?);
        for &kind in self.beside {
            match self.checked(kind) {
                Ok(body) => snapshot.files.push(keep(folder, kind, number, &body)?),
                Err(error) => snapshot.failed.push(Failed { profile: kind.name(), error: format!("{error:#}") }),
            }
        }
        Ok(snapshot)
    }

    /// Fetches a profile, and sees that it is one.
    fn checked(&self, kind: Kind) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        self.fetch(kind, &mut body)?;
        kind.check(&body, &self.url.join(kind.target()))?;
        Ok(body)
    }

    fn fetch(&self, kind: Kind, out: &mut dyn io::Write) -> Result<()> {
        let url = self.url.join(kind.target());
        let mut fetched = || -> Result<u64> { Ok(io::copy(&mut http::get(&url, self.limits)?, out)?) };
        fetched().with_context(|| url.to_string()).map(drop)
    }
}

/// Writes a profile, whole or not at all, and over nothing.
fn keep(folder: &Path, kind: Kind, number: &str, body: &[u8]) -> Result<Taken> {
    let file = kind.file(number, body);
    let path = folder.join(&file);
    let name = || path.display().to_string();
    if path.exists() {
        bail!("{} appeared meanwhile, and is not written over", name());
    }
    replace(&path, body).with_context(name)?;
    Ok(Taken { profile: kind.name(), file, bytes: body.len() as u64 })
}

//! Snapshots of a running program: its profiles, each checked before it is kept.

use std::io;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::cli::options::timestamp;
use crate::cli::steps::{MissingProfile, Progress, ReadAs, Round, TakenProfile, read_from, replace_file};
use crate::input::http::{self, Limits};
use crate::input::url::{self, Url};
use crate::profile::SampleType;

/// A program that serves its profiles.
pub(crate) struct Program {
    /// The URL of the list of profiles.
    pub(crate) url: Url,
    limits: Limits,
    /// Profiles taken after the heap.
    others: &'static [ProfileKind],
}

/// A profile of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProfileKind {
    Heap,
    Text,
    Goroutine,
    ThreadCreate,
}

impl ProfileKind {
    /// Everything but the heap, in the order of taking.
    pub(crate) const AFTER_HEAP: [ProfileKind; 3] =
        [ProfileKind::Text, ProfileKind::Goroutine, ProfileKind::ThreadCreate];

    /// The name in the manifest.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ProfileKind::Heap => "heap",
            ProfileKind::Text => "heap_text",
            ProfileKind::Goroutine => "goroutine",
            ProfileKind::ThreadCreate => "threadcreate",
        }
    }

    /// The path to fetch, below the list of profiles.
    fn target(self) -> &'static str {
        match self {
            ProfileKind::Heap => url::HEAP,
            ProfileKind::Text => "heap?debug=1",
            ProfileKind::Goroutine => "goroutine",
            ProfileKind::ThreadCreate => "threadcreate",
        }
    }

    /// The file name in the snapshot called `number`.
    fn file(self, number: &str, body: &[u8]) -> String {
        let gzipped = body.starts_with(b"\x1f\x8b");
        match self {
            ProfileKind::Text => format!("heap_{number}.txt"),
            _ => format!("{}_{number}.pb{}", self.name(), if gzipped { ".gz" } else { "" }),
        }
    }

    /// Checks that `body`, fetched from `url`, is such a profile.
    fn check(self, body: &[u8], url: &Url) -> Result<()> {
        let sample_type = match self {
            ProfileKind::Text if body.starts_with(b"heap profile:") => SampleType::Live,
            ProfileKind::Text => bail!("{url}: not a heap profile as text, which begins with \"heap profile:\""),
            ProfileKind::Heap => SampleType::Live,
            ProfileKind::Goroutine | ProfileKind::ThreadCreate => SampleType::Named(self.name().to_owned()),
        };
        let how = ReadAs { sample_type, ..ReadAs::default() };
        read_from(&url.to_string(), &|| Ok(Box::new(body)), true, &how, &Progress::default()).map(drop)
    }
}

impl Program {
    /// The program at a URL as users type it. `others`: the profiles to take after the heap.
    pub(crate) fn new(url: &str, limits: Limits, others: &'static [ProfileKind]) -> Result<Self> {
        let url = Url::of_program(url).with_context(|| url::shown(url))?;
        Ok(Program { url, limits, others })
    }

    /// Takes a snapshot into `folder`, after two garbage collections: the profile is of the last one, and the second also
    /// frees what the first only found to be dead, such as pools and objects with finalizers.
    /// Fails without a heap profile; other missing profiles are listed in the result.
    pub(crate) fn snapshot(&self, folder: &Path, number: &str, now: SystemTime) -> Result<Round> {
        let mut snapshot = Round { taken_at: timestamp(now), files: Vec::new(), failed: Vec::new() };
        self.fetch(ProfileKind::Heap, &mut io::sink())?;
        let heap = self.checked(ProfileKind::Heap)?;
        snapshot.files.push(keep(folder, ProfileKind::Heap, number, &heap)?);
        for &kind in self.others {
            match self.checked(kind) {
                Ok(body) => snapshot.files.push(keep(folder, kind, number, &body)?),
                Err(error) => {
                    snapshot.failed.push(MissingProfile { profile: kind.name(), error: format!("{error:#}") })
                }
            }
        }
        Ok(snapshot)
    }

    /// Fetches a profile, and checks it.
    fn checked(&self, kind: ProfileKind) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        self.fetch(kind, &mut body)?;
        kind.check(&body, &self.url.join(kind.target()))?;
        Ok(body)
    }

    fn fetch(&self, kind: ProfileKind, out: &mut dyn io::Write) -> Result<()> {
        let url = self.url.join(kind.target());
        let mut fetched = || -> Result<u64> { Ok(io::copy(&mut http::get(&url, self.limits)?, out)?) };
        fetched().with_context(|| url.to_string()).map(drop)
    }
}

/// Writes a profile to a new file, as a whole or not at all.
fn keep(folder: &Path, kind: ProfileKind, number: &str, body: &[u8]) -> Result<TakenProfile> {
    let file = kind.file(number, body);
    let path = folder.join(&file);
    let name = || path.display().to_string();
    if path.exists() {
        bail!("{} appeared meanwhile, and is not written over", name());
    }
    replace_file(&path, |out| out.write_all(body)).with_context(name)?;
    Ok(TakenProfile { profile: kind.name(), file, bytes: body.len() as u64 })
}

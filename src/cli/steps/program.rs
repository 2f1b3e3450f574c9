//! Snapshots of a running program: its profiles, each checked before it is kept.

use std::io;
use std::path::Path;

use anyhow::{Context, Error, Result, bail};

use crate::cli::options::{Taking, timestamp};
use crate::cli::steps::retries::{Retries, fetch_error};
use crate::cli::steps::{
    Clock, MissingProfile, Progress, ReadAs, Retry, Round, TakenProfile, read_from, refuse_secret, replace_private,
};
use crate::decode::decode_mem_stats;
use crate::input::http;
use crate::input::url::{self, Url};
use crate::input::{FetchError, Secrets};
use crate::profile::{MemStats, SampleType};

/// A program that serves its profiles.
pub(crate) struct Program {
    /// The URL of the list of profiles.
    pub(crate) url: Url,
    pub(crate) taking: Taking,
}

/// What to take in a round, and where to put it.
pub(crate) struct RoundPlan<'a> {
    pub(crate) folder: &'a Path,
    /// The number in the names of its files.
    pub(crate) number: &'a str,
    /// Whether it is the first round: then a program that is not reached is not waited for, as its address may be wrong.
    pub(crate) is_first: bool,
    /// Profiles taken after the heap.
    pub(crate) others: &'a [ProfileKind],
}

/// A profile of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProfileKind {
    Heap,
    /// The heap as text, after a collection of its own, so that the totals in it have no garbage.
    Text,
    Goroutine,
    ThreadCreate,
    /// Goroutines that are blocked for ever; Go 1.27 and later. It collects garbage, so it comes last.
    GoroutineLeak,
}

impl ProfileKind {
    /// What is taken after the heap by default, in the order of taking.
    pub(crate) const AFTER_HEAP: [ProfileKind; 3] =
        [ProfileKind::Text, ProfileKind::Goroutine, ProfileKind::ThreadCreate];

    /// The name in the manifest.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ProfileKind::Heap => "heap",
            ProfileKind::Text => "heap_text",
            ProfileKind::Goroutine => "goroutine",
            ProfileKind::ThreadCreate => "threadcreate",
            ProfileKind::GoroutineLeak => "goroutineleak",
        }
    }

    /// The path to fetch, below the list of profiles.
    fn target(self) -> &'static str {
        match self {
            ProfileKind::Heap => url::HEAP,
            ProfileKind::Text => "heap?debug=1&gc=1",
            ProfileKind::Goroutine | ProfileKind::ThreadCreate | ProfileKind::GoroutineLeak => self.name(),
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
            ProfileKind::Goroutine | ProfileKind::ThreadCreate | ProfileKind::GoroutineLeak => {
                SampleType::Named(self.name().to_owned())
            }
        };
        let how = ReadAs { sample_type, secrets: Secrets::of(url), ..ReadAs::default() };
        read_from(&url.to_string(), &|| Ok(Box::new(body)), &|| true, &how, &Progress::default())?;
        let totals = if self == ProfileKind::Text { decode_mem_stats(body).err() } else { None };
        totals.map_or(Ok(()), |error| refuse_secret(&error, &how.secrets)).with_context(|| url.to_string())
    }
}

impl Program {
    /// The program at a URL as users type it.
    pub(crate) fn new(url: &str, taking: Taking) -> Result<Self> {
        let url = Url::of_program(url).with_context(|| url::shown(url))?;
        Ok(Program { url, taking })
    }

    /// Takes a snapshot, after two garbage collections: the profile is of the last one, and the second also frees what the
    /// first only found to be dead, such as pools and objects with finalizers. `told` is called before each wait for
    /// another try.
    /// Fails without a heap profile; other missing profiles are listed in the result.
    pub(crate) fn snapshot(
        &self,
        plan: &RoundPlan<'_>,
        clock: &dyn Clock,
        told: &mut dyn FnMut(&Retry),
    ) -> Result<Round> {
        let begun = clock.elapsed();
        let mut snapshot = Round::new(timestamp(clock.now()));
        let mut retries = Retries::new(self.taking, plan.is_first, clock, told);
        self.fetch(ProfileKind::Heap, &mut retries)?;
        let heap = self.checked(ProfileKind::Heap, &mut retries)?;
        snapshot.files.push(keep(plan, ProfileKind::Heap, &heap)?);
        for &kind in plan.others {
            match self.checked(kind, &mut retries) {
                Ok(body) => {
                    if kind == ProfileKind::Text {
                        snapshot.mem_stats = last_mem_stats(&body).map(Box::new);
                    }
                    snapshot.files.push(keep(plan, kind, &body)?);
                }
                Err(error) => snapshot.failed.push(missing(kind, &error)),
            }
        }
        snapshot.retries = retries.into_done();
        snapshot.took = snapshot.retries.is_empty().then(|| clock.elapsed().saturating_sub(begun));
        Ok(snapshot)
    }

    /// Fetches a profile, and checks it.
    fn checked(&self, kind: ProfileKind, retries: &mut Retries<'_>) -> Result<Vec<u8>> {
        let body = self.fetch(kind, retries)?;
        kind.check(&body, &self.url.join(kind.target()))?;
        Ok(body)
    }

    fn fetch(&self, kind: ProfileKind, retries: &mut Retries<'_>) -> Result<Vec<u8>> {
        let url = self.url.join(kind.target());
        let once = || -> Result<Vec<u8>> {
            let mut body = Vec::new();
            io::copy(&mut http::get(&url, self.taking.limits)?, &mut body)?;
            Ok(body)
        };
        loop {
            match once() {
                Err(error) if retries.wait(kind.name(), &error) => {}
                fetched => return fetched.with_context(|| url.to_string()),
            }
        }
    }
}

/// Why a profile is missing.
fn missing(kind: ProfileKind, error: &Error) -> MissingProfile {
    let is_unknown = fetch_error(error).is_some_and(FetchError::is_not_found);
    MissingProfile {
        profile: kind.name(),
        is_expected: kind == ProfileKind::GoroutineLeak && is_unknown,
        error: format!("{error:#}"),
    }
}

/// The totals in a heap profile as text.
fn last_mem_stats(text: &[u8]) -> Option<MemStats> {
    decode_mem_stats(text).ok()?.into_iter().next_back()
}

/// Writes a profile to a new file, as a whole or not at all.
fn keep(plan: &RoundPlan<'_>, kind: ProfileKind, body: &[u8]) -> Result<TakenProfile> {
    let file = kind.file(plan.number, body);
    let path = plan.folder.join(&file);
    let name = || path.display().to_string();
    if path.exists() {
        bail!("{} appeared in the meantime, and is not overwritten", name());
    }
    replace_private(&path, |out| out.write_all(body)).with_context(name)?;
    Ok(TakenProfile { profile: kind.name(), file, bytes: body.len() as u64 })
}

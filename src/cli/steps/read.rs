//! Reads one file.

use std::fmt::Display;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Error, Result, bail};

use crate::cli::options::LoadOptions;
use crate::cli::steps::{Copies, Progress};
use crate::decode::{DecodeError, DecodeErrorKind, MemStatsError, decode_counting, decode_mem_stats};
use crate::input::{self, Compression, Limit, Secrets};
use crate::profile::{Invalid, MemStats, Profile, SampleType};

/// Reads one profile.
pub(crate) fn read_profile(
    path: &Path,
    load_options: &LoadOptions,
    progress: &Progress,
) -> Result<(Compression, Profile)> {
    let read =
        read_from(&input_name(path), &|| input::open(path), &|| path.is_file(), &how(path, load_options), progress);
    read.map_err(|error| if is_mem_stats(path, &error) { of_mem_stats(path) } else { error })
}

/// Whether a file that is not a profile has the runtime's own numbers, which another command reads.
fn is_mem_stats(path: &Path, error: &Error) -> bool {
    is_something_else(error, |_| false)
        && path.is_file()
        && read_mem_stats(path, &Progress::default()).is_ok_and(|read| read.is_ok())
}

fn of_mem_stats(path: &Path) -> Error {
    let (found, advice) = ("runtime.MemStats or metrics", "heapdiff memstats reads it");
    let kind = DecodeErrorKind::NotPprof { found, advice };
    Error::new(DecodeError { position: None, kind }).context(input_name(path))
}

/// Reads one profile, and copies it into `copies` if it cannot be read again; or reads the copy.
pub(crate) fn read_with_copy(
    path: &Path,
    load_options: &LoadOptions,
    progress: &Progress,
    copies: &Copies,
) -> Result<(Compression, Profile)> {
    let can_reopen = || path.is_file() || copies.has(path);
    read_from(&input_name(path), &|| copies.open(path), &can_reopen, &how(path, load_options), progress)
}

/// Reads one profile again, with its dead samples.
pub(crate) fn read_with_dead(
    path: &Path,
    load_options: &LoadOptions,
    progress: &Progress,
    copies: &Copies,
) -> Result<Profile> {
    let how = ReadAs { keeps_dead: true, ..how(path, load_options) };
    Ok(read_from(&input_name(path), &|| copies.open(path), &|| true, &how, progress)?.1)
}

fn how(path: &Path, load_options: &LoadOptions) -> ReadAs {
    ReadAs {
        sample_type: load_options.sample_type.clone(),
        limit: load_options.limit,
        keeps_dead: false,
        secrets: input::secrets(path),
    }
}

/// How a profile is read.
#[derive(Default)]
pub(crate) struct ReadAs {
    /// The columns to count.
    pub(crate) sample_type: SampleType,
    /// How much it may inflate to.
    pub(crate) limit: Limit,
    /// Whether dead samples are kept, which takes memory.
    pub(crate) keeps_dead: bool,
    /// What was sent to the server, which it may repeat.
    pub(crate) secrets: Secrets,
}

/// Reads the profile called `name`. `open` opens it. `can_reopen`: whether it can be opened a second time once
/// it was read, as [`Invalid::LiveColumnsElsewhere`] requires.
pub(crate) fn read_from<'a>(
    name: &str,
    open: &dyn Fn() -> io::Result<Box<dyn Read + 'a>>,
    can_reopen: &dyn Fn() -> bool,
    how: &ReadAs,
    progress: &Progress,
) -> Result<(Compression, Profile)> {
    let inflate = |raw| input::inflate(progress.count(raw), how.limit);
    let open = || open().and_then(inflate).with_context(|| name.to_owned());
    let (reader, compression, proof) = open()?;
    let mut result = decode_counting(reader, &how.sample_type, how.keeps_dead, || proof.has_checksum());
    if result.as_ref().is_err_and(needs_second_reading) && can_reopen() {
        let (reader, _, proof) = open()?;
        result = decode_counting(reader, &how.sample_type, true, || proof.has_checksum());
    }
    let profile = result.map_err(|error| {
        // Places count decompressed bytes.
        let inflated = compression != Compression::NONE && error.position.is_some();
        let error = refuse_secret(&error, &how.secrets).err().unwrap_or_else(|| Error::new(error));
        error.context(if inflated { format!("{name} (decompressed)") } else { name.to_owned() })
    })?;
    Ok((compression, profile))
}

fn needs_second_reading(error: &DecodeError) -> bool {
    matches!(error.kind, DecodeErrorKind::Invalid(Invalid::LiveColumnsElsewhere))
}

/// Reads the `runtime.MemStats` in a file; the inner error is about its contents.
pub(crate) fn read_mem_stats(path: &Path, progress: &Progress) -> Result<Result<Vec<MemStats>, MemStatsError>> {
    let (reader, ..) = input::open(path).and_then(|raw| input::inflate(progress.count(raw), Limit::default()))?;
    let decoded = decode_mem_stats(reader);
    decoded.as_ref().err().map_or(Ok(()), |error| refuse_secret(error, &input::secrets(path)))?;
    Ok(decoded)
}

/// Fails if an error on what a server sent may repeat what it was sent, with an error that does not.
pub(crate) fn refuse_secret(error: &impl Display, secrets: &Secrets) -> Result<()> {
    if secrets.may_be_in(&error.to_string()) { bail!(NO_PROFILE) } else { Ok(()) }
}

/// An error that says nothing of what was read.
const NO_PROFILE: &str = "the answer cannot be read; why is not shown, as it may repeat the password or the query";

/// What users know an input as.
pub(crate) fn input_name(path: &Path) -> String {
    if path == Path::new(input::STDIN) { "standard input".to_owned() } else { input::shown(path) }
}

/// Whether a file is not a profile at all, or a sound one of another kind, rather than a broken one.
pub(crate) fn is_something_else(error: &Error, is_other_kind: impl Fn(&Invalid) -> bool) -> bool {
    error.downcast_ref::<DecodeError>().is_some_and(|error| match &error.kind {
        DecodeErrorKind::NotPprof { .. } => true,
        DecodeErrorKind::Invalid(invalid) => is_other_kind(invalid),
        _ => false,
    })
}

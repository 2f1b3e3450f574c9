//! Reads one file.

use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Error, Result};

use crate::cli::options::LoadOptions;
use crate::cli::steps::{Copies, Progress};
use crate::decode::{DecodeError, DecodeErrorKind, MemStatsError, decode_counting, decode_mem_stats};
use crate::input::{self, Compression, Limit};
use crate::profile::{Invalid, MemStats, Profile, SampleType};

/// Reads one profile.
pub(crate) fn read_profile(
    path: &Path,
    load_options: &LoadOptions,
    progress: &Progress,
) -> Result<(Compression, Profile)> {
    read_from(&input_name(path), &|| input::open(path), &|| path.is_file(), &how(load_options), progress)
}

/// Reads one profile, and copies it into `copies` if it cannot be read again; or reads the copy.
pub(crate) fn read_with_copy(
    path: &Path,
    load_options: &LoadOptions,
    progress: &Progress,
    copies: &Copies,
) -> Result<(Compression, Profile)> {
    let can_reopen = || path.is_file() || copies.has(path);
    read_from(&input_name(path), &|| copies.open(path), &can_reopen, &how(load_options), progress)
}

/// Reads one profile again, with its dead samples.
pub(crate) fn read_with_dead(
    path: &Path,
    load_options: &LoadOptions,
    progress: &Progress,
    copies: &Copies,
) -> Result<Profile> {
    let how = ReadAs { keeps_dead: true, ..how(load_options) };
    Ok(read_from(&input_name(path), &|| copies.open(path), &|| true, &how, progress)?.1)
}

fn how(load_options: &LoadOptions) -> ReadAs {
    ReadAs { sample_type: load_options.sample_type.clone(), limit: load_options.limit, keeps_dead: false }
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
        Error::new(error).context(if inflated { format!("{name} (decompressed)") } else { name.to_owned() })
    })?;
    Ok((compression, profile))
}

fn needs_second_reading(error: &DecodeError) -> bool {
    matches!(error.kind, DecodeErrorKind::Invalid(Invalid::LiveColumnsElsewhere))
}

/// Reads the `runtime.MemStats` in a file; the inner error is about its contents.
pub(crate) fn read_mem_stats(path: &Path, progress: &Progress) -> Result<Result<Vec<MemStats>, MemStatsError>> {
    let (reader, ..) = input::open(path).and_then(|raw| input::inflate(progress.count(raw), Limit::default()))?;
    Ok(decode_mem_stats(reader))
}

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

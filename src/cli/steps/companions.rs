//! Reads goroutine profiles: those that were named, and those that lie beside a heap profile, as a capture leaves them.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, bail};

use crate::cli::options::{CompanionFiles, LoadOptions};
use crate::cli::steps::{Progress, ReadAs, input_name, is_something_else, read_from, warn};
use crate::decode::{DecodeError, DecodeErrorKind};
use crate::goroutines::Census;
use crate::input;
use crate::profile::{CountedThing, Invalid, SampleType};

/// Ends of names of profiles.
const ENDINGS: [&str; 7] = [".pb.gz", ".pb", ".txt.gz", ".txt", ".pprof", ".prof", ""];

/// Reads the goroutine profiles that were named, in time order: those of all goroutines, and those of leaked ones.
/// Files in folders that are something else are left aside.
pub(crate) fn censuses(
    files: &CompanionFiles,
    load_options: &LoadOptions,
    progress: &Progress,
) -> Result<[Vec<Census>; 2]> {
    let mut found = [Vec::new(), Vec::new()];
    for path in &files.paths {
        match census(path, load_options, progress) {
            Err(error) if files.is_folder && is_something_else(&error, is_another_profile) => {}
            Ok(census) => add(&mut found, census),
            Err(error) => return Err(error),
        }
    }
    if files.is_folder {
        for censuses in &mut found {
            // A folder may have each snapshot twice, as protobuf and as text, which has no time.
            if censuses.iter().filter(|census| census.time_nanos != 0).count() > 1 {
                censuses.retain(|census| census.time_nanos != 0);
            }
        }
    }
    let most = found.iter().map(Vec::len).max().unwrap_or_default();
    if most < 2 && !files.paths.is_empty() {
        match (files.is_folder, most) {
            (true, 0) => bail!("no goroutine profile in the folder"),
            (true, _) => bail!("only one goroutine profile in the folder; expected two"),
            (false, _) => bail!("expected two of one kind: all goroutines, or leaked ones"),
        }
    }
    for censuses in &mut found {
        if censuses.iter().all(|census| census.time_nanos != 0) {
            censuses.sort_by_key(|census| census.time_nanos);
        }
    }
    Ok(found)
}

fn add(found: &mut [Vec<Census>; 2], census: Census) {
    found[usize::from(census.thing == CountedThing::LeakedGoroutine)].push(census);
}

/// Reads a profile of goroutines or of leaked ones.
pub(crate) fn census(path: &Path, load_options: &LoadOptions, progress: &Progress) -> Result<Census> {
    let (sample_type, limit) = (SampleType::Goroutines, load_options.limit);
    let how = ReadAs { sample_type, limit, secrets: input::secrets(path), ..ReadAs::default() };
    let (_, profile) = read_from(&input_name(path), &|| input::open(path), &|| path.is_file(), &how, progress)?;
    let census = Census::new(&profile, &load_options.own);
    let census = census.map(|census| Census { input: input_name(path), ..census });
    census.ok_or_else(|| {
        let wanted = CountedThing::Goroutine.sample_type().to_owned();
        let found = profile.header().sample_types.iter().map(ToString::to_string).collect();
        let kind = DecodeErrorKind::Invalid(Invalid::NoSuchSampleType { wanted, found });
        Error::new(DecodeError { position: None, kind }).context(input_name(path))
    })
}

fn is_another_profile(invalid: &Invalid) -> bool {
    matches!(invalid, Invalid::NoSuchSampleType { .. } | Invalid::NotAHeapProfile { .. })
}

/// Finds and reads the goroutine profile of the same moment that lies beside a heap profile, if there is one. Warns of one that
/// cannot be read.
pub(crate) fn sibling_census(
    heap: &Path,
    thing: CountedThing,
    load_options: &LoadOptions,
    progress: &Progress,
) -> Option<Census> {
    let path = sibling(heap, thing)?;
    let found = census(&path, load_options, progress);
    let found = found.inspect_err(|error| warn(&format!("left aside: {error:#}"))).ok()?;
    (found.thing == thing).then_some(found)
}

/// The file beside a heap profile whose name has the name of another profile in place of `heap`, and the same number.
pub(crate) fn sibling(heap: &Path, thing: CountedThing) -> Option<PathBuf> {
    let name = heap.file_name()?.to_str()?;
    let kind = thing.sample_type();
    let (before, after) = name.rsplit_once("heap")?;
    let ending = ENDINGS.iter().find(|ending| after.ends_with(*ending))?;
    let number = after.strip_suffix(ending)?;
    let names = std::iter::once(ending).chain(&ENDINGS).map(|ending| format!("{before}{kind}{number}{ending}"));
    names.map(|name| heap.with_file_name(name)).find(|path| path.is_file())
}

//! Reads the profiles of one side and adds them up, in the order they were given in. Several are decoded at once, if
//! there are cores for it. Judges nothing of what the files say of themselves.

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::cli::options::{LoadOptions, Work};
use crate::cli::steps::{Copies, Progress, SideInfoBuilder, WorkTotals, in_order, read_profile, read_with_copy};
use crate::diagnose::SideInfo;
use crate::diff::Attribution;
use crate::input::{self, Compression};
use crate::matching::FunctionNames;
use crate::profile::{Header, InputFormat, MemStats, Profile};
use crate::render::messages;
use crate::site::{Granularity, NameArena, Observed, Renames, SiteShares, SiteTable, SiteTableBuilder};

/// One side, added up.
pub(crate) struct LoadedSide<'n> {
    pub(crate) info: SideInfo,
    /// The `runtime.MemStats` of the last file that has them.
    pub(crate) last_mem_stats: Option<MemStats>,
    pub(crate) sites: SiteTable<'n>,
    /// What each of its profiles has; only where means are compared, and runs are not.
    pub(crate) shares: Option<SiteShares<'n>>,
    /// What it has, whatever the filters leave; only where work is compared.
    pub(crate) work: WorkTotals,
    /// The names of all functions.
    pub(crate) names: FunctionNames,
    /// What was read, to read it again.
    pub(crate) sources: Vec<PathBuf>,
    pub(crate) copies: Copies,
}

impl LoadedSide<'_> {
    /// The `runtime.MemStats` of the side, if it is one profile.
    pub(crate) fn mem_stats(&self) -> Option<&MemStats> {
        self.last_mem_stats.as_ref().filter(|_| self.info.inputs.len() == 1)
    }

    /// The first file.
    pub(crate) fn name(&self) -> &str {
        self.info.inputs.first().map_or("", String::as_str)
    }
}

/// Reads the profiles of one side and adds them up. The names of its sites live in `names`. Fails with the first
/// file, in their order, that cannot be read; if such files are skipped, only if none is left. Fails for a difference.
pub(crate) fn load_side<'n>(
    paths: &[PathBuf],
    load_options: &LoadOptions,
    progress: &Progress,
    names: &'n NameArena,
) -> Result<LoadedSide<'n>> {
    let side = load_heap_or_difference(paths, load_options, progress, names)?;
    refuse_differences(&side)?;
    Ok(side)
}

/// The same, also of a difference.
pub(crate) fn load_heap_or_difference<'n>(
    paths: &[PathBuf],
    load_options: &LoadOptions,
    progress: &Progress,
    names: &'n NameArena,
) -> Result<LoadedSide<'n>> {
    let (copies, renames) = (Copies::default(), Renames::default());
    let side = load(paths, load_options, progress, (names, &copies, &renames))?;
    Ok(LoadedSide { copies, ..side })
}

/// Reads a side again, with other names for its functions. The names of its sites live in `names`.
pub(crate) fn load_again<'n>(
    side: &mut LoadedSide<'n>,
    renames: &Renames,
    load_options: &LoadOptions,
    progress: &Progress,
    names: &'n NameArena,
) -> Result<()> {
    let again = load(&side.sources, load_options, progress, (names, &side.copies, renames))?;
    // What the inputs say of themselves has not changed.
    let scale = side.sites.scale();
    (side.sites, side.shares) = (again.sites, again.shares);
    side.sites.set_scale(scale);
    Ok(())
}

fn load<'n>(
    paths: &[PathBuf],
    load_options: &LoadOptions,
    progress: &Progress,
    (names, copies, renames): (&'n NameArena, &Copies, &Renames),
) -> Result<LoadedSide<'n>> {
    let mut loader = SideLoader::new(load_options, names, renames, paths.len() == 1);
    let decode = |path: &PathBuf| match load_options.matches() {
        true => read_with_copy(path, load_options, progress, copies),
        false => read_profile(path, load_options, progress),
    };
    let mut first_error = None;
    // Counting cores takes as long as reading a small profile.
    let threads = if paths.len() > 1 { threads() } else { 1 };
    in_order(paths, threads, decode, |path, found: Result<(Compression, Profile)>| {
        let (compression, profile) = match found {
            Ok(found) => found,
            Err(error) if load_options.skip_unreadable => {
                loader.info_builder.skip(path, &error);
                first_error.get_or_insert(error);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        loader.add(path, compression, profile)
    })?;
    match first_error {
        Some(error) if loader.info_builder.info.inputs.is_empty() => {
            Err(error).context("no profile of this side can be read, so --skip-unreadable leaves nothing to compare")
        }
        _ => Ok(loader.finish()),
    }
}

/// Reads profiles that are a series of snapshots rather than one side, and calls `take` with each, or why it cannot be
/// read, in their order. Ends with the first error of `take`.
pub(crate) fn each_in_order(
    paths: &[PathBuf],
    load_options: &LoadOptions,
    progress: &Progress,
    mut take: impl FnMut(&Path, Result<LoadedSide<'_>>) -> Result<()>,
) -> Result<()> {
    let threads = if paths.len() > 1 { 2 * threads() } else { 1 };
    let decode = |path: &PathBuf| read_profile(path, load_options, progress);
    in_order(paths, threads, decode, |path, found| {
        let names = NameArena::default();
        take(
            path,
            found.and_then(|(compression, profile)| {
                let renames = Renames::default();
                let mut loader = SideLoader::new(load_options, &names, &renames, true);
                loader.add(path, compression, profile)?;
                let side = loader.finish();
                refuse_differences(&side)?;
                Ok(side)
            }),
        )
    })
}

/// Adds up the profiles of a side.
struct SideLoader<'n, 'm> {
    sites: SiteTableBuilder<'n, 'm>,
    function_names: FunctionNames,
    work: WorkTotals,
    sources: Vec<PathBuf>,
    info_builder: SideInfoBuilder,
    /// Adopts the strings of the only profile, whose names then need not be copied; `None` if there may be several.
    adopts: Option<&'n NameArena>,
    names: &'n NameArena,
    load_options: &'m LoadOptions,
    renames: &'m Renames,
    shares: Option<SiteShares<'n>>,
}

impl<'n, 'm> SideLoader<'n, 'm> {
    fn new(load_options: &'m LoadOptions, names: &'n NameArena, renames: &'m Renames, is_only_profile: bool) -> Self {
        let sites = SiteTableBuilder::new(load_options.granularity, &load_options.filter, names);
        let sites = sites.own(&load_options.own).renames(renames);
        let sites = if load_options.collect.cumulative { sites } else { sites.flat_only() };
        let sites = if load_options.collect.stacks { sites.keep_stacks() } else { sites };
        let sites = if load_options.collect.runs && !is_only_profile { sites.keep_runs() } else { sites };
        let sites = if load_options.per_profile { sites.per_profile() } else { sites };
        SideLoader {
            sites,
            function_names: FunctionNames::default(),
            work: WorkTotals::default(),
            sources: Vec::new(),
            info_builder: SideInfoBuilder::default(),
            adopts: is_only_profile.then_some(names),
            names,
            load_options,
            renames,
            shares: (load_options.per_profile && !load_options.collect.runs && !is_only_profile)
                .then(SiteShares::default),
        }
    }

    /// Adds a profile. Fails if it cannot be added to those before, or has not what is to be ranked.
    fn add(&mut self, path: &Path, compression: Compression, profile: Profile) -> Result<()> {
        let (before, header) = (self.sites.total(), profile.header().clone());
        let (info, name) = (&self.info_builder.info, input::shown(path));
        if let Some(first) = info.inputs.first() {
            check_one_kind([(first, info.format), (&name, header.format)])?;
        }
        // Those who ask for stacks get chains of references, whatever the granularity.
        if !self.load_options.collect.stacks {
            check_granularity((&name, header.format), self.load_options.granularity)?;
        }
        if let Some(names) = self.adopts {
            names.adopt(&profile);
        }
        if let Some(shares) = &mut self.shares {
            let LoadOptions { granularity, filter, own, .. } = self.load_options;
            let own_names = NameArena::default();
            let own_sites = SiteTableBuilder::new(*granularity, filter, &own_names).own(own).renames(self.renames);
            let mut own_sites = own_sites.flat_only();
            own_sites.add(&profile);
            shares.add(input::shown(path), &own_sites.finish(), self.names);
        }
        if self.load_options.work != Work::AsItIs {
            self.work.add(&profile);
        }
        if self.load_options.counted_thing().is_none() {
            self.function_names.add(&profile);
        }
        self.sources.push(path.to_path_buf());
        // 0 of what is no file.
        self.sites.note_file(fs::metadata(path).map_or(0, |file| file.len()));
        let seen = Seen::of(&self.sites);
        self.sites.absorb(profile);
        if is_difference(&header, seen, Seen::of(&self.sites)) {
            self.info_builder.info.differences.push((name, header.duration_nanos));
        }
        self.info_builder.note(path, compression, &header, self.sites.total() - before);
        Ok(())
    }

    fn finish(self) -> LoadedSide<'n> {
        let SideInfoBuilder { info, mem_stats, .. } = self.info_builder;
        LoadedSide {
            info,
            last_mem_stats: mem_stats,
            sites: self.sites.finish(),
            shares: self.shares,
            work: self.work,
            names: self.function_names,
            sources: self.sources,
            copies: Copies::default(),
        }
    }
}

/// What was seen in the profiles of a side that tells differences from heaps.
#[derive(Clone, Copy)]
struct Seen {
    live_beyond_allocated: u64,
    of_go: u64,
    of_others: u64,
}

impl Seen {
    fn of(sites: &SiteTableBuilder<'_, '_>) -> Self {
        let &Observed { live_beyond_allocated, of_go, of_others, .. } = sites.observed();
        Seen { live_beyond_allocated, of_go, of_others }
    }
}

/// Whether a profile is a difference of two heaps that Go subtracted, as for `heap?seconds=N`. `before` and `after`: what
/// was seen before it was added and after.
///
/// All columns are subtracted, so that no more is alive than was allocated; of a time without a collection all are 0, and
/// no sample is left. On whole heaps Pyroscope writes a time without what was allocated, and Datadog with what was
/// allocated in that time alone.
fn is_difference(header: &Header, before: Seen, after: Seen) -> bool {
    let has = |start: &str| header.sample_types.iter().any(|column| column.kind.starts_with(start));
    let is_go = after.of_go > before.of_go || header.samples == 0 && after.of_others == before.of_others;
    let is_subtracted = after.live_beyond_allocated == before.live_beyond_allocated;
    header.duration_nanos > 0 && has("alloc_") && has("inuse_") && is_go && is_subtracted
}

/// Fails if what is alive is counted in a difference of two heaps, which is no heap to compare nor to show.
fn refuse_differences(side: &LoadedSide<'_>) -> Result<()> {
    match side.info.differences.first() {
        Some((name, nanos)) if !side.sites.observed().is_allocation => {
            bail!("{name}: {}", messages::no_heap(*nanos, name))
        }
        _ => Ok(()),
    }
}

/// Fails if one of two inputs is of goref, and the other is not: they have nothing in common. Each with its name.
pub(crate) fn check_one_kind(inputs: [(&str, InputFormat); 2]) -> Result<()> {
    let [(goref, _), (other, _)] = match inputs.map(|(_, format)| format == InputFormat::Goref) {
        [true, false] => inputs,
        [false, true] => [inputs[1], inputs[0]],
        _ => return Ok(()),
    };
    bail!(
        "{goref} is goref output (what holds memory), {other} is a profile of what allocated it: they cannot be compared; \
         see heapdiff explain retainers"
    )
}

/// Fails if an input is of goref, which has roots alone, and something else is to be ranked. With its name.
pub(crate) fn check_granularity((name, format): (&str, InputFormat), granularity: Granularity) -> Result<()> {
    if format == InputFormat::Goref && granularity != Granularity::Owner {
        bail!("{name}: goref output has no {}; omit --by to list the variables that hold memory", granularity.name());
    }
    Ok(())
}

/// Fails if an input is of goref, whose roots have all that they hold, and callers are to be included. With its name.
pub(crate) fn check_attribution((name, format): (&str, InputFormat), attribution: Attribution) -> Result<()> {
    if format == InputFormat::Goref && attribution == Attribution::Cum {
        bail!("{name}: goref output has no callers, and each variable counts with all it holds; omit --cum");
    }
    Ok(())
}

/// Fails if a side is of goref, for a command that judges code.
pub(crate) fn refuse_goref<'a, 'n: 'a>(
    command: &str,
    sides: impl IntoIterator<Item = &'a LoadedSide<'n>>,
) -> Result<()> {
    match sides.into_iter().find(|side| side.info.format == InputFormat::Goref) {
        None => Ok(()),
        Some(side) => bail!(
            "{} is goref output, which shows what holds memory; {command} needs heap profiles, which show the code that \
             allocates it",
            side.name()
        ),
    }
}

/// Profiles of a side that are decoded at once: half the cores, as both sides are read at the same time.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get) / 2
}

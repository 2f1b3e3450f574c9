//! Reads the profiles of one side and adds them up, in the order they were given in. Where there are cores for
//! it, several are decoded at once. Knows what the files say of themselves, and judges nothing of it.

use std::collections::{HashSet, VecDeque};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result};

use super::plan::{Callers, Measure};
use super::progress::Progress;
use super::run::read;
use crate::input::{self, Compression};
use crate::profile::{Header, MemStats, Profile};
use crate::report::{Side, Skipped};
use crate::site::{NameArena, SiteTable, SiteTableBuilder, Values};
use crate::threads::join;

/// One side, added up.
pub(super) struct Added<'n> {
    pub(super) side: Side,
    /// The runtime's own numbers, of the last file that has them.
    pub(super) mem_stats: Option<MemStats>,
    pub(super) sites: SiteTable<'n>,
}

impl Added<'_> {
    /// The runtime's own numbers, if the side is one profile that has them.
    pub(super) fn mem_stats(&self) -> Option<&MemStats> {
        self.mem_stats.as_ref().filter(|_| self.side.inputs.len() == 1)
    }

    /// The first of its files.
    pub(super) fn name(&self) -> &str {
        self.side.inputs.first().map_or("", String::as_str)
    }
}

/// Reads the profiles of one side, and adds them up.
///
/// # Errors
///
/// Of the first file, in their order, that cannot be read; where those are skipped, only if there is no other.
pub(super) fn add_up(paths: &[PathBuf], measure: &Measure, progress: &Progress) -> Result<Added<'static>> {
    // Needed until the end of the program, which is soon, and freeing it would only take time.
    add_up_in(paths, measure, progress, Box::leak(Box::default()))
}

/// Likewise, with names that live in `names`.
pub(super) fn add_up_in<'n>(
    paths: &[PathBuf],
    measure: &Measure,
    progress: &Progress,
    names: &'n NameArena,
) -> Result<Added<'n>> {
    let alone = if paths.len() == 1 { Some(names) } else { None };
    let mut sum = Sum { alone, ..Sum::new(measure, names) };
    let decode = |path: &PathBuf| read(path, measure, progress);
    let mut first_error = None;
    // To count cores takes as long as to read a small profile.
    let threads = if paths.len() > 1 { threads() } else { 1 };
    in_order(paths, threads, decode, |path, found: Result<(Compression, Profile)>| {
        let (compression, profile) = match found {
            Ok(found) => found,
            Err(error) if measure.skip_unreadable => {
                sum.intake.skip(path, &error);
                first_error.get_or_insert(error);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        sum.add(path, compression, profile);
        Ok(())
    })?;
    match first_error {
        Some(error) if sum.intake.side.inputs.is_empty() => {
            Err(error).context("nothing of this side can be read, so --skip-unreadable leaves nothing to compare")
        }
        _ => Ok(sum.finish()),
    }
}

/// Reads profiles that are not of one side, but snapshots in a row, and takes each with what became of it.
///
/// # Errors
///
/// Those of `take`.
pub(super) fn each_in_order(
    paths: &[PathBuf],
    measure: &Measure,
    progress: &Progress,
    mut take: impl FnMut(&Path, Result<Added<'_>>) -> Result<()>,
) -> Result<()> {
    let threads = if paths.len() > 1 { 2 * threads() } else { 1 };
    let decode = |path: &PathBuf| read(path, measure, progress);
    in_order(paths, threads, decode, |path, found| {
        let names = NameArena::default();
        take(
            path,
            found.map(|(compression, profile)| {
                let mut sum = Sum { alone: Some(&names), ..Sum::new(measure, &names) };
                sum.add(path, compression, profile);
                sum.finish()
            }),
        )
    })
}

/// Profiles that are added up.
struct Sum<'n, 'm> {
    sites: SiteTableBuilder<'n, 'm>,
    intake: Intake,
    /// The names, if there is one profile only.
    alone: Option<&'n NameArena>,
}

impl<'n, 'm> Sum<'n, 'm> {
    fn new(measure: &'m Measure, names: &'n NameArena) -> Self {
        let sites = SiteTableBuilder::new(measure.granularity, &measure.filter, names).own(&measure.own);
        let sites = match measure.callers {
            Callers::Ignored => sites.flat_only(),
            Callers::Counted => sites,
            Callers::Kept => sites.flat_only().keep_stacks(),
            Callers::CountedAndKept => sites.keep_stacks(),
        };
        let sites = if measure.per_profile { sites.per_profile() } else { sites };
        Sum { sites, intake: Intake::default(), alone: None }
    }

    fn add(&mut self, path: &Path, compression: Compression, profile: Profile) {
        let (before, header) = (self.sites.total(), profile.header().clone());
        if let Some(names) = self.alone {
            names.adopt(&profile);
        }
        self.sites.absorb(profile);
        self.intake.note(path, compression, &header, self.sites.total() - before);
    }

    fn finish(self) -> Added<'n> {
        let Intake { side, mem_stats, .. } = self.intake;
        Added { side, mem_stats, sites: self.sites.finish() }
    }
}

/// How many profiles of a side are decoded at once: both sides are read at the same time.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get) / 2
}

/// Works on the items on so many threads, and takes the results in the items' order, whatever is done first.
///
/// An item is not begun before its turn is that close, so there are never more results than threads.
fn in_order<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> T + Sync,
    mut take: impl FnMut(&I, T) -> Result<()>,
) -> Result<()> {
    if threads.min(items.len()) < 2 {
        return items.iter().try_for_each(|item| take(item, work(item)));
    }
    thread::scope(|scope| {
        let work = &work;
        // What can have no thread is left to this one.
        let begin = |item| thread::Builder::new().spawn_scoped(scope, move || work(item)).ok();
        let mut next = items.iter().map(begin);
        let mut begun: VecDeque<_> = next.by_ref().take(threads).collect();
        items.iter().try_for_each(|item| {
            let result = begun.pop_front().flatten().map_or_else(|| work(item), join);
            take(item, result)?;
            begun.extend(next.next());
            Ok(())
        })
    })
}

/// What is still known of the profiles of a side when their samples are added up: what is the same in all of
/// them, once, since there may be thousands.
#[derive(Default)]
struct Intake {
    side: Side,
    /// What is alive in each: no two processes have all the same, though a text and a protobuf of one snapshot do.
    taken: HashSet<Values>,
    paths: HashSet<PathBuf>,
    mem_stats: Option<MemStats>,
}

impl Intake {
    fn skip(&mut self, path: &Path, error: &anyhow::Error) {
        let error = error.chain().skip(1).map(ToString::to_string).collect::<Vec<_>>().join(": ");
        self.side.skipped.push(Skipped { path: input::shown(path), error });
    }

    fn note(&mut self, path: &Path, compression: Compression, header: &Header, total: Values) {
        let side = &mut self.side;
        let name = input::shown(path);
        let columns = header.sample_types.iter().map(|column| (column.kind.clone(), column.unit.clone())).collect();
        if side.inputs.is_empty() {
            side.format = header.format;
            side.compression = compression.name();
            side.period_bytes = header.period;
            side.program.clone_from(&header.program);
            side.build_id.clone_from(&header.build_id);
            side.time_nanos = header.time_nanos;
            side.sample_types = columns;
        } else {
            let seen = &mut side.differing;
            if side.format != header.format {
                side.format = "mixed";
            }
            if side.compression != compression.name() {
                side.compression = "mixed";
            }
            differ(&mut seen.periods, side.period_bytes, header.period);
            differ(&mut seen.sample_types, side.sample_types.clone(), columns);
            // What a profile does not say is no difference.
            if !side.program.is_empty() && !header.program.is_empty() {
                differ(&mut seen.programs, side.program.clone(), header.program.clone());
            }
            if !side.build_id.is_empty() && !header.build_id.is_empty() {
                differ(&mut seen.builds, side.build_id.clone(), header.build_id.clone());
            }
            side.time_nanos = side.time_nanos.max(header.time_nanos);
        }
        if header.mem_stats.is_some() {
            self.mem_stats.clone_from(&header.mem_stats);
        }
        side.samples += header.samples;
        side.duration_nanos = side.duration_nanos.max(header.duration_nanos);
        side.is_saved_difference |= header.is_difference;
        let mut known = total != Values::default() && !self.taken.insert(total);
        if let Ok(path) = path.canonicalize() {
            side.paths.push(path.clone());
            known |= !self.paths.insert(path);
        }
        if known {
            side.repeated.push(name.clone());
        }
        side.inputs.push(name);
    }
}

/// Adds what differs to the values seen, the first of which all others are compared with.
fn differ<T: PartialEq>(seen: &mut Vec<T>, first: T, found: T) {
    if seen.is_empty() && first != found {
        seen.extend([first, found]);
    } else if !seen.is_empty() && !seen.contains(&found) {
        seen.push(found);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use anyhow::bail;

    use super::*;

    /// Items that take the longer the earlier they come.
    fn slow_first(item: &usize) -> usize {
        thread::sleep(Duration::from_micros(900 - 30 * *item as u64));
        *item * 10
    }

    #[test]
    fn results_are_taken_in_order_on_any_number_of_threads() {
        let items: Vec<_> = (0..29).collect();
        for threads in [0, 1, 2, 3, 8, 100] {
            let mut taken = Vec::new();
            let take = |item: &usize, result| {
                taken.push((*item, result));
                Ok(())
            };
            in_order(&items, threads, slow_first, take).unwrap();
            assert!(taken.iter().copied().eq(items.iter().map(|&item| (item, item * 10))), "{threads}: {taken:?}");
        }
        in_order(&[], 4, slow_first, |_, _| bail!("there is nothing to take")).unwrap();
    }

    #[test]
    fn the_first_error_in_order_ends_it() {
        for threads in [1, 4] {
            let items: Vec<_> = (0..29).collect();
            let worked = AtomicUsize::default();
            let work = |item: &usize| {
                worked.fetch_add(1, Ordering::Relaxed);
                slow_first(item)
            };
            let take = |item: &usize, _| if *item >= 5 { bail!("{item} is bad") } else { Ok(()) };
            let error = in_order(&items, threads, work, take).unwrap_err();
            assert_eq!(error.to_string(), "5 is bad");
            // Those that had begun, and none beyond.
            assert_eq!(worked.into_inner(), 5 + threads, "{threads}");
        }
    }

    #[test]
    fn no_more_results_wait_than_there_are_threads() {
        let items: Vec<_> = (0..40).collect();
        let (made, most) = (AtomicUsize::default(), AtomicUsize::default());
        let work = |item: &usize| {
            made.fetch_add(1, Ordering::Relaxed);
            *item
        };
        let take = |item: &usize, _| {
            thread::sleep(Duration::from_micros(200));
            most.fetch_max(made.load(Ordering::Relaxed) - item, Ordering::Relaxed);
            Ok(())
        };
        in_order(&items, 3, work, take).unwrap();
        let most = most.into_inner();
        assert!((1..=3).contains(&most), "{most}");
    }
}

//! How many times a diff asks for memory: a few times for each table, and never for each sample. And how much
//! memory a side takes: as much as its distinct stacks need, however many profiles it has. And how the memory that is asked
//! for grows with the number and the depth of names and of stacks.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "benches/generator.rs"]
#[allow(dead_code, reason = "it makes more than this test needs")]
mod generator;

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use generator::Shape;
use heapdiff::internals::decode::decode;
use heapdiff::internals::diff::{Attribution, Metric, diff};
use heapdiff::internals::evidence::Evidence;
use heapdiff::internals::input::Limit;
use heapdiff::internals::rank::rank;
use heapdiff::internals::render::{Bytes, Format, Look, render};
use heapdiff::internals::report::{Conclusions, Selection, report};
use heapdiff::internals::site::{Filter, Granularity, NameArena, SiteTable, SiteTableBuilder};
use proptest::prelude::*;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// There is one allocator for all tests.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn a_diff_allocates_for_tables_and_not_for_samples() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let shape = Shape::named("M").unwrap();
    let files = [0, 1].map(|step| {
        let mut raw = Vec::new();
        shape.write(step, 2, &mut raw).unwrap();
        generator::gzip(&raw, 1).unwrap()
    });
    let _profiler = dhat::Profiler::builder().testing().build();
    let (filter, names) = (Filter::default(), [NameArena::default(), NameArena::default()]);
    let table = |side: usize| -> SiteTable<'_> {
        let (reader, _, proof) = heapdiff::internals::input::inflate(&files[side][..], Limit::default()).unwrap();
        let mut sites = SiteTableBuilder::new(Granularity::Lines, &filter, &names[side]).flat_only();
        sites.absorb(decode(reader, || proof.has_checksum()).unwrap());
        sites.finish()
    };
    let tables = [table(0), table(1)];
    let deltas = diff(&tables[0], &tables[1], Attribution::Flat);
    let selection = Selection {
        sort: Some(Metric::Space),
        only_grown: true,
        only_confirmed: false,
        top: Some(20),
        ..Selection::default()
    };
    let report = report(
        Default::default(),
        &rank(&deltas, Some(20)),
        &Evidence::new(&deltas),
        Conclusions::default(),
        &selection,
    );
    let allocations = dhat::HeapStats::get().total_blocks;
    assert!(report.sites.len() >= 20);
    // Of 100,000 samples in 24,000 locations.
    assert!(allocations <= 1500, "{allocations}");
}

#[test]
fn many_profiles_take_little_more_memory_than_one() {
    const STEPS: usize = 5;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let shape = Shape::new(20_000, 4000);
    let write = |step: usize| {
        let mut raw = Vec::new();
        shape.write(step, STEPS, &mut raw).unwrap();
        raw
    };
    let files: Vec<_> = (0..STEPS).rev().map(write).collect();
    let filter = Filter::default();
    let peak = |profiles: usize| {
        let _profiler = dhat::Profiler::builder().testing().build();
        let names = NameArena::default();
        let mut sites = SiteTableBuilder::new(Granularity::Lines, &filter, &names);
        for file in files.iter().cycle().take(profiles) {
            sites.absorb(decode(&file[..], || true).unwrap());
        }
        assert!(sites.finish().sites().count() > 100);
        dhat::HeapStats::get().max_bytes
    };
    let (one, many) = (peak(1), peak(30));
    assert!(2 * many <= 3 * one, "{many} instead of {one}");
}

/// A heap profile as text, with `names` that have `elements` elements before their ending.
fn profile(unit: &str, elements: usize, names: usize, objects: usize) -> String {
    let space = 64 * objects;
    let (all, all_space) = (names * objects, names * space);
    let mut text = format!("heap profile: {all}: {all_space} [{all}: {all_space}] @ heap/1048576\n");
    for at in 1..=names {
        let (address, path) = (0x1000 * at, unit.repeat(elements));
        text += &format!("{objects}: {space} [{objects}: {space}] @ {address:#x}\n");
        text += &format!("#\t{:#x}\tp{at}/{path}x.f+0x1\tp{at}/{path}x.go:7\n\n", address - 1);
    }
    text + "\n# runtime.MemStats\n# DebugGC = false\n"
}

/// Bytes asked for from files to their reports, in every format of a diff: a count of steps, since each step on a name
/// copies a part of it.
fn work(unit: &str, elements: usize, names: usize) -> u64 {
    let files = [1, 90].map(|objects| profile(unit, elements, names, objects));
    let _profiler = dhat::Profiler::builder().testing().build();
    let (filter, arenas) = (Filter::default(), [NameArena::default(), NameArena::default()]);
    let table = |side: usize| -> SiteTable<'_> {
        let mut sites = SiteTableBuilder::new(Granularity::Lines, &filter, &arenas[side]);
        sites.absorb(decode(files[side].as_bytes(), || true).unwrap());
        sites.finish()
    };
    let tables = [table(0), table(1)];
    let deltas = diff(&tables[0], &tables[1], Attribution::Flat);
    let selection = Selection { sort: Some(Metric::Space), ..Selection::default() };
    let evidence = Evidence::new(&deltas);
    let report = report(Default::default(), &rank(&deltas, None), &evidence, Conclusions::default(), &selection);
    assert_eq!(report.sites.len(), names);
    for width in [40, 80, 200] {
        for format in [Format::Table, Format::Markdown, Format::Json, Format::Csv] {
            let look = Look { width, bytes: Bytes::Iec, verbose: true, color: false, links: false };
            let mut out = Vec::new();
            render(&report, format, look, &mut out).unwrap();
            assert!(!out.is_empty());
        }
    }
    dhat::HeapStats::get().total_bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn twice_the_names_or_their_depth_is_no_more_than_twice_the_work(
        unit in prop::sample::select(vec!["a/", "v2/", "/", "vendor/", "a%2e", "a b", "漢/", "\u{202e}/", ".func1", "[", "("]),
        elements in 1000..3000_usize,
        names in 2..10_usize,
    ) {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let once = work(unit, elements, names);
        let (deeper, more) = (work(unit, 2 * elements, names), work(unit, elements, 2 * names));
        prop_assert!(deeper <= 2 * once + once / 4, "{unit} {elements} {names}: {once} to {deeper}");
        prop_assert!(more <= 2 * once + once / 4, "{unit} {elements} {names}: {once} to {more}");
    }
}

/// What a profile has.
#[derive(Clone, Copy)]
struct Size {
    /// Functions with names of their own.
    functions: usize,
    /// Functions whose names differ only in the folders of their packages.
    equal_names: usize,
    /// Elements of each path.
    elements: usize,
    /// Distinct stacks.
    stacks: usize,
    /// Frames of each stack.
    depth: usize,
}

const SMALL: Size = Size { functions: 4, equal_names: 4, elements: 3, stacks: 24, depth: 4 };

impl Size {
    /// A function and its file.
    fn function(&self, at: usize) -> String {
        let path = "dir/".repeat(self.elements);
        match at.checked_sub(self.functions) {
            None => format!("{path}own{at}.work+0x1\t/{path}own{at}/x.go"),
            Some(at) => format!("{path}f{at}/own.work+0x1\t/{path}f{at}/own/x.go"),
        }
    }

    /// A heap profile as text, in which each stack has this many objects.
    fn profile(&self, objects: usize) -> String {
        let functions = self.functions + self.equal_names;
        let names: Vec<_> = (0..functions).map(|at| self.function(at)).collect();
        let (all, space) = (self.stacks * objects, 64 * self.stacks * objects);
        let mut text = format!("heap profile: {all}: {space} [{all}: {space}] @ heap/4096\n");
        for stack in 0..self.stacks {
            // The first frames count through all stacks, the others differ.
            let (mut rest, mut frames) = (stack, Vec::new());
            for at in 0..self.depth {
                let function = if rest > 0 { rest % functions } else { (7 * at + stack) % functions };
                rest /= functions;
                frames.push((function, 1 + at % 3));
            }
            let address = |(function, line): (usize, usize)| 0x10_000 + 0x100 * function + 0x10 * line;
            let addresses: Vec<_> = frames.iter().map(|&frame| format!("{:#x}", address(frame))).collect();
            let space = 64 * objects;
            text += &format!("{objects}: {space} [{objects}: {space}] @ {}\n", addresses.join(" "));
            for frame in frames {
                text += &format!("#\t{:#x}\t{}:{}\n", address(frame) - 1, names[frame.0], frame.1);
            }
            text += "\n";
        }
        text + "\n# runtime.MemStats\n# DebugGC = false\n"
    }
}

/// The commands that were not tried above, on the files a, b and c, with the ending of what they write.
const COMMANDS: [(&str, &str); 9] = [
    ("list . a b", "txt"),
    ("peek . a b", "txt"),
    ("stacks --full --all a b", "txt"),
    ("report a b", "html"),
    ("flame --min=0 a b", "svg"),
    ("trend --all a b c", "txt"),
    ("trend a b c", "html"),
    ("check --no-config --no-evidence a b", "txt"),
    ("check --no-config --no-evidence a b", "sarif"),
];

/// Bytes asked for by each of the commands, which must answer.
fn work_of_commands(size: Size) -> Vec<u64> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("allocations");
    fs::create_dir_all(&folder).unwrap();
    for (file, objects) in [("a", 1), ("b", 90), ("c", 180)] {
        fs::write(folder.join(file), size.profile(objects)).unwrap();
    }
    let work = |&(command, ending): &(&str, &str)| {
        let out = folder.join("out").with_extension(ending);
        let _ = fs::remove_file(&out);
        let in_folder =
            |word: &str| if word.len() == 1 && word != "." { folder.join(word).into() } else { word.into() };
        let mut args: Vec<OsString> = vec!["heapdiff".into()];
        args.extend(command.split(' ').map(in_folder));
        args.extend(["-o".into(), out.clone().into()]);
        let bytes = || dhat::HeapStats::get().total_bytes;
        let before = bytes();
        heapdiff::cli::main(args.into_iter());
        let bytes = bytes() - before;
        assert!(fs::metadata(&out).is_ok_and(|file| file.len() > 100), "{command} {ending}");
        bytes
    };
    COMMANDS.iter().map(work).collect()
}

/// What a profile has more of than [`SMALL`], by this number.
type Dimension = (&'static str, usize, fn(usize) -> Size);

/// With eight times as much, a part that grows with the square may be a fourteenth of all at most. What this does not hold
/// is work that asks for no memory, such as a loop over all pairs of functions.
#[test]
fn memory_requested_by_every_command_grows_with_names_and_stacks_and_not_with_their_square() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // One for all, with short stacks: to make one takes longer than a command.
    let _profiler = dhat::Profiler::builder().testing().trim_backtraces(Some(4)).build();
    let dimensions: [Dimension; 5] = [
        ("functions", 25, |more| Size { functions: 4 + more, stacks: 24 + more, ..SMALL }),
        ("equal names", 25, |more| Size { equal_names: 4 + more, stacks: 24 + more, ..SMALL }),
        ("elements of a path", 150, |more| Size { elements: 3 + more, ..SMALL }),
        ("stacks", 60, |more| Size { stacks: 24 + more, ..SMALL }),
        ("frames of a stack", 60, |more| Size { depth: 4 + more, ..SMALL }),
    ];
    let least = work_of_commands(SMALL);
    for (what, more, size) in dimensions {
        let [once, often] = [1, 8].map(|times| work_of_commands(size(times * more)));
        for (at, command) in COMMANDS.iter().enumerate() {
            // Without what a small profile takes.
            let [once, often] = [once[at], often[at]].map(|work| work.saturating_sub(least[at]));
            assert!(once > 0 && often <= 12 * once, "{what}, {command:?}: {once} to {often}");
        }
    }
}

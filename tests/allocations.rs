//! How many times a diff asks for memory: a few times for each table, and never for each sample. And how much
//! memory a side takes: as much as its distinct stacks need, however many profiles it has. And how the work on names
//! grows with their number and their depth.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "benches/generator.rs"]
#[allow(dead_code, reason = "it makes more than this test needs")]
mod generator;

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

/// There is one allocator for both tests.
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

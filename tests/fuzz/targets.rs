//! What is fuzzed, and replayed by the ordinary tests: functions that any bytes must get through.

// Each user takes what it needs.
#![allow(dead_code, unreachable_pub)]

use heapdiff::internals::cli::{check_budget, check_config};
use heapdiff::internals::decode::{
    decode, decode_bench_output, decode_counting, decode_keeping_dead, decode_mem_stats, may_count,
};
use heapdiff::internals::diagnose::{FindingInputs, Request, findings, notes};
use heapdiff::internals::diff::{Attribution, Metric, diff};
use heapdiff::internals::evidence::Evidence;
use heapdiff::internals::gate::{Comparison, CountedHeap, Rules, judge};
use heapdiff::internals::goroutines::{Census, GoroutineCourse, StartedHeap};
use heapdiff::internals::input::{Limit, inflate};
use heapdiff::internals::profile::{CountedThing, Line, Profile, SampleType};
use heapdiff::internals::rank::rank;
use heapdiff::internals::render::{
    Bytes, Export, Exported, FlamePage, Format, Look, export, flame, render, report_page,
};
use heapdiff::internals::report::{Conclusions, Selection, ShownMetric, SideInfo, StackGraph, report};
use heapdiff::internals::series::assess;
use heapdiff::internals::site::{Filter, Granularity, NameArena, Own, SiteTableBuilder, unify_line_keys};
use heapdiff::internals::stacks::StackComparison;

/// What takes any bytes.
pub type Target = fn(&[u8]);

/// The targets by the names of their corpora.
pub const TARGETS: [(&str, Target); 10] = [
    ("pprof", pprof),
    ("text", text),
    ("input", input),
    ("pipeline", pipeline),
    ("config", config),
    ("budget", budget),
    ("memstats", memstats),
    ("bench", bench),
    ("encodings", encodings),
    ("goroutines", goroutines),
];

/// A profile as protobuf, whole or not.
pub fn pprof(data: &[u8]) {
    for proven in [false, true] {
        if let Err(error) = decode(data, || proven) {
            assert!(!error.to_string().is_empty());
        }
    }
    if let Ok(profile) = decode_keeping_dead(data, || true) {
        walk(&profile);
    }
}

/// A profile as text, of any of the kinds; what it is is told from its first bytes.
pub fn text(data: &[u8]) {
    match decode(data, || false) {
        Ok(profile) => walk(&profile),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A file, compressed or not.
pub fn input(data: &[u8]) {
    if let Some(profile) = read(data) {
        walk(&profile);
    }
}

/// Two files, compared in every way: the first byte chooses how, three more where the second one starts.
pub fn pipeline(data: &[u8]) {
    let Some((how, [base, current])) = two_files(data) else { return };
    let (Some(base), Some(current)) = (read(base), read(current)) else { return };
    compare(&base, &current, how);
    compare_stacks(&base, &current, how);
}

/// A byte that chooses how, three where the second file starts, and two files.
fn two_files(data: &[u8]) -> Option<(u8, [&[u8]; 2])> {
    let ([how, at @ ..], files) = data.split_first_chunk::<4>()?;
    let at = u32::from_le_bytes([at[0], at[1], at[2], 0]) as usize;
    let (base, current) = files.split_at(at.min(files.len()));
    Some((*how, [base, current]))
}

/// `heapdiff.toml`.
pub fn config(data: &[u8]) {
    if let Err(error) = check_config(data) {
        assert!(format!("{error:#}").starts_with("heapdiff.toml"));
    }
}

/// A budget.
pub fn budget(data: &[u8]) {
    if let Err(error) = check_budget(data) {
        assert!(format!("{error:#}").starts_with("budget"));
    }
}

/// The runtime's own numbers, in any of the forms they come in.
pub fn memstats(data: &[u8]) {
    match decode_mem_stats(data) {
        Ok(snapshots) => drop(assess(&snapshots)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The output of a benchmark.
pub fn bench(data: &[u8]) {
    match decode_bench_output(data) {
        Ok(output) => assert!(output.runs.iter().all(|run| run.iterations > 0)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A profile, and the same one with its fields in other orders: the first byte chooses which.
pub fn encodings(data: &[u8]) {
    let Some((&how, data)) = data.split_first() else { return };
    let Some(mut fields) = fields(data) else { return };
    let first = fields.first().map(|(number, _)| *number);
    // A stable sort: fields of one number keep their order, as a table needs.
    fields.sort_by_key(|&(number, _)| number.wrapping_mul(u64::from(how) | 1) & 0xff);
    let other: Vec<u8> = fields.iter().flat_map(|(_, field)| *field).copied().collect();
    // One that begins with a field that no profile has may begin as another format does, such as xz.
    let is_known = |number: &u64| (1..=15).contains(number);
    if !first.as_ref().is_some_and(is_known) || !fields.first().map(|(number, _)| number).is_some_and(is_known) {
        return;
    }
    let [one, other] = [data, &other[..]].map(|data| decode(data, || true).ok());
    match (one, other) {
        (Some(one), Some(other)) => assert_eq!(contents(&one), contents(&other)),
        (None, None) => {}
        _ => panic!("one order is read, the other is not"),
    }
}

/// Two profiles of goroutines, texts or protobuf, compared in every way: four bytes as in [`pipeline`], then the files.
pub fn goroutines(data: &[u8]) {
    let Some((how, files)) = two_files(data) else { return };
    let profiles = files.map(|file| match decode_counting(file, &SampleType::Goroutines, how & 1 == 0, || true) {
        Ok(profile) => {
            walk(&profile);
            Some(profile)
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    });
    for (file, profile) in files.iter().zip(&profiles) {
        let counts = profile.as_ref().is_some_and(|profile| profile.header().counted_thing().is_some());
        assert!(!counts || may_count(file), "what counts goroutines is recognised");
    }
    let [Some(base), Some(current)] = profiles else { return };
    compare(&base, &current, how);
    compare_stacks(&base, &current, how);
}

/// How the number of goroutines developed, if that is what both profiles count.
fn course(base: &Profile, current: &Profile) -> Option<GoroutineCourse> {
    let own = Own::default();
    let (base_census, current_census) = (Census::new(base, &own)?, Census::new(current, &own)?);
    let totals = [base_census.total, current_census.total];
    let mut course = GoroutineCourse::new(CountedThing::Goroutine, &[base_census, current_census])?;
    assert_eq!(course.ends(), totals);
    let heaps = [base, current].map(|profile| {
        let mut heap = StartedHeap::default();
        heap.add(profile, &own);
        heap
    });
    course.join_heap(heaps.each_ref());
    Some(course)
}

/// The fields of a message with their numbers; `None` of damaged data.
fn fields(data: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    fn varint(data: &mut &[u8]) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = data.split_first()?;
            *data = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
    let (mut rest, mut fields) = (data, Vec::new());
    while !rest.is_empty() {
        let start = rest;
        let key = varint(&mut rest)?;
        let len = match key & 7 {
            0 => varint(&mut rest).map(|_| 0)?,
            1 => 8,
            2 => usize::try_from(varint(&mut rest)?).ok()?,
            5 => 4,
            _ => return None,
        };
        rest = rest.get(len..)?;
        fields.push((key >> 3, &start[..start.len() - rest.len()]));
    }
    Some(fields)
}

/// All that a profile says, in an order of its own.
fn contents(profile: &Profile) -> Vec<String> {
    let mut all = vec![format!("{:?}", profile.header())];
    profile.samples().for_each(|sample| {
        let stack: Vec<_> = sample
            .stack
            .iter()
            .map(|&id| {
                let location = profile.location(id);
                let mapping = location.mapping.and_then(|mapping| profile.mapping(mapping));
                let lines: Vec<_> = profile
                    .line_range(id)
                    .map(|line| {
                        let Line { function, line } = profile.lines()[line as usize];
                        let function = profile.function(function);
                        (profile.string(function.name), profile.string(function.filename), function.start_line, line)
                    })
                    .collect();
                (location.address, mapping.map(|mapping| profile.string(mapping.filename)), lines)
            })
            .collect();
        let values = (sample.objects, sample.space, sample.allocated_space, sample.block_size);
        all.push(format!("{stack:?} {values:?}"));
    });
    let fingerprint = profile.fingerprint();
    all.push(format!("{:?} {} {}", fingerprint.buckets, fingerprint.threshold, fingerprint.overflowed));
    all.sort();
    all
}

/// The profile in a file, if there is one.
fn read(data: &[u8]) -> Option<Profile> {
    let (reader, _, proof) = inflate(data, Limit::default()).ok()?;
    decode(reader, || proof.has_checksum()).ok()
}

/// Looks at all of a profile: every id must lead somewhere.
fn walk(profile: &Profile) {
    profile.samples().for_each(|sample| {
        for &id in sample.stack {
            let location = profile.location(id);
            location
                .mapping
                .and_then(|mapping| profile.mapping(mapping))
                .map(|mapping| profile.string(mapping.filename));
            for line in profile.line_range(id) {
                let function = profile.function(profile.lines()[line as usize].function);
                let _ = (profile.string(function.name), profile.string(function.filename));
            }
        }
    });
}

/// Compares two profiles, and renders what comes out in every format.
pub fn compare(base: &Profile, current: &Profile, how: u8) {
    let granularities =
        [Granularity::Lines, Granularity::Functions, Granularity::Files, Granularity::Packages, Granularity::Owner];
    let granularity = granularities[usize::from(how) % granularities.len()];
    let basis = if how & 0x80 == 0 { Attribution::Flat } else { Attribution::Cum };
    let filter = Filter {
        focus: if how & 0x40 == 0 { None } else { heapdiff::internals::site::compile_regex("main|net").ok() },
        ignore: if how & 0x20 == 0 { None } else { heapdiff::internals::site::compile_regex("runtime").ok() },
        hide: if how & 0x10 == 0 { None } else { heapdiff::internals::site::compile_regex("grow|alloc").ok() },
        show_from: if how & 0x08 == 0 { None } else { heapdiff::internals::site::compile_regex("serve|main").ok() },
        ..Filter::default()
    };
    let names = [NameArena::default(), NameArena::default()];
    let mut tables = [(base, &names[0]), (current, &names[1])].map(|(profile, names)| {
        let mut sites = SiteTableBuilder::new(granularity, &filter, names);
        sites.add(profile);
        sites.finish()
    });
    let [before, after] = &mut tables;
    unify_line_keys(&mut [before, after]);
    let deltas = diff(&tables[0], &tables[1], basis);
    let evidence = Evidence::new(&deltas);
    let sides = || [base, current].map(side);
    let notes = notes(sides().each_ref(), &deltas, &evidence, &Request::default());
    let course = course(base, current);
    let request = Request::default();
    let inputs = FindingInputs::new(&deltas, &evidence, &notes, &request);
    let findings = findings(FindingInputs { goroutines: course.as_ref(), ..inputs });
    let seen = Comparison {
        deltas: &deltas,
        evidence: &evidence,
        is_beyond_usual: false,
        is_partial: false,
        counted: CountedHeap::default(),
    };
    for top in [Some(3), None] {
        let selection = Selection {
            sort: Some(Metric::Space),
            only_grown: top.is_some(),
            by_certainty: top.is_some(),
            top,
            ..Selection::default()
        };
        let verdict = judge(seen, None, &Rules::default());
        let report = report(
            sides(),
            &rank(&deltas, top),
            &evidence,
            Conclusions {
                gate: Some(verdict),
                notes: notes.clone(),
                findings: findings.clone(),
                ..Conclusions::default()
            },
            &selection,
        );
        let look = Look { width: 80, color: top.is_some(), bytes: Bytes::Iec, verbose: false, links: false };
        for format in [
            Format::Table,
            Format::Json,
            Format::Ndjson,
            Format::Csv,
            Format::Markdown,
            Format::Github,
            Format::Junit,
            Format::Sarif,
            Format::CodeQuality,
        ] {
            assert!(render(&report, format, look, &mut Vec::new()).is_ok());
        }
    }
}

/// Compares the stacks of two profiles, and shows them in every way.
pub fn compare_stacks(base: &Profile, current: &Profile, how: u8) {
    let (filter, names) = (Filter::default(), NameArena::default());
    let granularity = if how & 1 == 0 { Granularity::Lines } else { Granularity::Owner };
    let mut tables = [base, current].map(|profile| {
        let mut sites = SiteTableBuilder::new(granularity, &filter, &names).flat_only().keep_stacks();
        sites.add(profile);
        sites.finish()
    });
    let [before, after] = &mut tables;
    unify_line_keys(&mut [before, after]);
    let deltas = diff(&tables[0], &tables[1], Attribution::Flat);
    let calls = StackComparison::new(&deltas);
    let metric = if how & 2 == 0 { Metric::Space } else { Metric::Objects };
    let functions: Vec<_> = (0..calls.functions.len()).map(|at| u32::try_from(at).unwrap_or_default()).collect();
    let _ = (calls.groups(metric, false, usize::MAX), calls.list(&functions, metric), calls.peek(&functions, metric));
    let metrics =
        || [Metric::Space, Metric::Objects].map(|metric| ShownMetric { metric, name: metric.name().to_owned() });
    let sides = [base, current].map(side);
    let exported = Exported { calls: &calls, metrics: metrics().into(), base: &sides[0], current: &sides[1] };
    for format in [Export::Folded, Export::Speedscope] {
        assert!(export(&exported, format, &mut Vec::new()).is_ok());
    }
    // Sums beyond 64 bits have no place there.
    let _ = export(&exported, Export::Pprof, &mut Vec::new());
    let ranking = rank(&deltas, None);
    let evidence = Evidence::new(&deltas);
    let significance = |site| evidence.significance(site);
    let graph = StackGraph::with_sites(&deltas, &calls, ranking.by(metric), significance, metric, 0.0);
    for as_html in [false, true] {
        let page = FlamePage {
            sides: [&sides[0], &sides[1]],
            metrics: &metrics(),
            graph: &graph,
            by_growth: how & 4 == 0,
            bytes: Bytes::Iec,
        };
        assert!(flame(&page, as_html, &mut Vec::new()).is_ok());
    }
    let evidence = Evidence::new(&deltas);
    let selection = Selection { sort: Some(metric), ..Selection::default() };
    let report = report([base, current].map(side), &ranking, &evidence, Conclusions::default(), &selection);
    assert!(report_page(&report, &graph, Bytes::Raw, &mut Vec::new()).is_ok());
}

fn side(profile: &Profile) -> SideInfo {
    let header = profile.header();
    SideInfo {
        inputs: vec!["-".to_owned()],
        compression: "none",
        time_nanos: header.time_nanos,
        period_bytes: header.period,
        samples: header.samples,
        sample_types: header.sample_types.iter().map(|column| (column.kind.clone(), column.unit.clone())).collect(),
        program: header.program.clone(),
        build_id: header.build_id.clone(),
        ..SideInfo::default()
    }
}

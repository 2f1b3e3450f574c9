//! The stages by themselves, on generated pairs S and M: `cargo bench`. Throughput is in bytes of the stage's
//! input. For whole runs beside the floor and pprof: `tests/benches/table.py`.

#![allow(missing_docs, clippy::unwrap_used)]

mod generator;

use std::hint::black_box;
use std::io::sink;
use std::sync::LazyLock;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::bufread::MultiGzDecoder;
use generator::{Layout, Shape};
use heapdiff::internals::decode::decode;
use heapdiff::internals::diff::{Attribution, Metric, diff};
use heapdiff::internals::evidence::Evidence;
use heapdiff::internals::profile::Profile;
use heapdiff::internals::rank::rank;
use heapdiff::internals::render::{Bytes, Format, Look, render};
use heapdiff::internals::report::{Conclusions, Selection, report};
use heapdiff::internals::site::{Filter, Granularity, NameArena, SiteTable, SiteTableBuilder};

static NO_FILTER: LazyLock<Filter> = LazyLock::new(Filter::default);

fn table<'n>(profile: &Profile, names: &'n NameArena) -> SiteTable<'n> {
    let mut sites = SiteTableBuilder::new(Granularity::Lines, &NO_FILTER, names);
    sites.add(profile);
    sites.finish()
}

fn stages(criterion: &mut Criterion) {
    for name in ["S", "M"] {
        let shape = Shape::named(name).unwrap();
        let raw = [0, 1].map(|step| {
            let mut bytes = Vec::new();
            shape.write(step, 2, &mut bytes).unwrap();
            bytes
        });
        let gzipped = generator::gzip(&raw[1], 1).unwrap();
        let profiles = raw.each_ref().map(|raw| decode(&raw[..], || false).unwrap());
        let names = NameArena::default();
        let tables = profiles.each_ref().map(|profile| table(profile, &names));
        let mut group = criterion.benchmark_group(name);

        group.throughput(Throughput::Bytes(raw[1].len() as u64));
        group.bench_function("inflate floor", |bencher| {
            bencher.iter(|| std::io::copy(&mut MultiGzDecoder::new(&gzipped[..]), &mut sink()).unwrap());
        });
        group.bench_function("decode", |bencher| bencher.iter(|| decode(black_box(&raw[1][..]), || false).unwrap()));
        let mut ordered = Vec::new();
        Shape { layout: Layout::Pprof, ..shape }.write(1, 2, &mut ordered).unwrap();
        group.bench_function("decode, google/pprof's order", |bencher| {
            bencher.iter(|| decode(black_box(&ordered[..]), || false).unwrap());
        });
        group.bench_function("inflate and decode", |bencher| {
            bencher.iter(|| decode(MultiGzDecoder::new(black_box(&gzipped[..])), || true).unwrap());
        });
        group.bench_function("aggregate", |bencher| {
            bencher.iter(|| {
                let names = NameArena::default();
                table(black_box(&profiles[1]), &names).total()
            })
        });
        group.bench_function("aggregate, flat only", |bencher| {
            bencher.iter(|| {
                let names = NameArena::default();
                let mut sites = SiteTableBuilder::new(Granularity::Lines, &NO_FILTER, &names).flat_only();
                sites.add(black_box(&profiles[1]));
                sites.finish().total()
            });
        });

        group.throughput(Throughput::Bytes(raw.iter().map(|raw| raw.len() as u64).sum()));
        group.bench_function("diff, rank, report, render", |bencher| {
            let look = Look { width: 80, color: false, bytes: Bytes::Iec, verbose: false, links: false };
            let selection = Selection {
                sort: Some(Metric::Space),
                by_certainty: true,
                only_grown: true,
                only_confirmed: false,
                top: Some(20),
                ..Selection::default()
            };
            bencher.iter(|| {
                let deltas = diff(&tables[0], &tables[1], Attribution::Flat);
                let report = report(
                    Default::default(),
                    &rank(&deltas, Some(20)),
                    &Evidence::new(&deltas),
                    Conclusions::default(),
                    &selection,
                );
                render(&report, Format::Table, look, &mut sink()).unwrap();
            });
        });
        group.bench_function("whole, one thread", |bencher| {
            bencher.iter(|| {
                let profiles = raw.each_ref().map(|raw| decode(black_box(&raw[..]), || false).unwrap());
                let names = NameArena::default();
                let tables = profiles.each_ref().map(|profile| table(profile, &names));
                diff(&tables[0], &tables[1], Attribution::Flat).total()
            });
        });
        group.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);

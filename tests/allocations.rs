//! How many times a diff asks for memory: a few times for each table, and never for each sample.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "benches/generator.rs"]
#[allow(dead_code, reason = "it makes more than this test needs")]
mod generator;

use generator::Shape;
use heapdiff::decode::decode;
use heapdiff::diff::{Basis, Metric, diff};
use heapdiff::evidence::Evidence;
use heapdiff::input::Limit;
use heapdiff::rank::rank;
use heapdiff::report::{Selection, report};
use heapdiff::site::{Aggregator, Filter, Granularity, Names, SiteTable};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

#[test]
fn a_diff_allocates_for_tables_and_not_for_samples() {
    let shape = Shape::named("M").unwrap();
    let files = [0, 1].map(|step| {
        let mut raw = Vec::new();
        shape.write(step, 2, &mut raw).unwrap();
        generator::gzip(&raw, 1).unwrap()
    });
    let _profiler = dhat::Profiler::builder().testing().build();
    let (filter, names) = (Filter::default(), [Names::default(), Names::default()]);
    let table = |side: usize| -> SiteTable<'_> {
        let (reader, _, proof) = heapdiff::input::inflate(&files[side][..], Limit::default()).unwrap();
        let mut sites = Aggregator::new(Granularity::Lines, &filter, &names[side]).flat_only();
        sites.absorb(decode(reader, || proof.is_whole()).unwrap());
        sites.finish()
    };
    let tables = [table(0), table(1)];
    let deltas = diff(&tables[0], &tables[1], Basis::Flat);
    let selection =
        Selection { lists: vec![Metric::Space, Metric::Objects], growers: true, confirmed: false, top: Some(20) };
    let report =
        report(Default::default(), &rank(&deltas, Some(20)), &Evidence::new(&deltas), None, Vec::new(), &selection);
    let allocations = dhat::HeapStats::get().total_blocks;
    assert!(report.sites.len() > 20);
    // Of 100,000 samples in 24,000 locations.
    assert!(allocations <= 1500, "{allocations}");
}

//! What holds of every diff, on random profiles.

use heapdiff::internals::decode::decode;
use heapdiff::internals::diff::{Attribution, Metric, diff};
use heapdiff::internals::profile::Profile;
use heapdiff::internals::rank::rank;
use heapdiff::internals::site::{Aggregator, Filter, Granularity, Names, SiteKey, SiteTable, Values};
use proptest::prelude::*;

use crate::proto::{self, Frame, Layout};

const FRAMES: [Frame; 8] = [
    ("main.main", "main.go", 10, 12),
    ("main.serve", "serve.go", 30, 33),
    ("main.serve", "serve.go", 30, 35),
    ("main.(*Cache[go.shape.int]).put", "cache.go", 5, 9),
    ("main.(*Cache[go.shape.string]).put", "cache.go", 5, 9),
    ("bytes.growSlice", "bytes/buffer.go", 100, 110),
    ("example.com/lib.alloc", "lib/alloc.go", 0, 7),
    ("encoding/json.Marshal", "encoding/json/encode.go", 200, 0),
];

const GRANULARITIES: [Granularity; 5] =
    [Granularity::Lines, Granularity::Functions, Granularity::Files, Granularity::Packages, Granularity::Owner];

type Raw = Vec<(Vec<Vec<usize>>, i32, i32)>;

/// Stacks of locations of frames, with objects and bytes; some dead, some below 0 as in a difference.
fn raw() -> impl Strategy<Value = Raw> {
    let stack = prop::collection::vec(prop::collection::vec(0..FRAMES.len(), 1..3), 0..5);
    prop::collection::vec((stack, -3..50i32, -100..5000i32), 0..30)
}

fn encode(raw: &Raw, layout: Layout) -> Vec<u8> {
    let mut profile = proto::Profile::go();
    for (stack, objects, space) in raw {
        let stack: Vec<Vec<Frame>> = stack.iter().map(|lines| lines.iter().map(|&at| FRAMES[at]).collect()).collect();
        let stack: Vec<&[Frame]> = stack.iter().map(Vec::as_slice).collect();
        profile.live(&stack, (*objects).into(), (*space).into());
    }
    profile.encode(layout)
}

fn profile(raw: &Raw) -> Profile {
    decode(&encode(raw, Layout::Go)[..], || false).unwrap()
}

fn names() -> &'static Names {
    Box::leak(Box::default())
}

fn table(profile: &Profile, granularity: Granularity) -> SiteTable<'static> {
    let filter = Filter::default();
    let mut sites = Aggregator::new(granularity, &filter, names());
    sites.add(profile);
    sites.finish()
}

/// Everything a comparison says, in its order.
fn compare<'p>(
    base: &SiteTable<'p>,
    current: &SiteTable<'p>,
    basis: Attribution,
) -> Vec<(SiteKey<'p>, Values, Values)> {
    let deltas = diff(base, current, basis);
    let ranking = rank(&deltas, None);
    let sites = ranking.by(Metric::Space).iter().map(|&at| &deltas.sites[at]);
    sites.map(|site| (deltas.key(site), site.change.base, site.change.current)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_profile_does_not_differ_from_itself(raw in raw()) {
        let profile = profile(&raw);
        for granularity in GRANULARITIES {
            let table = table(&profile, granularity);
            for (_, base, current) in compare(&table, &table, Attribution::Cum) {
                prop_assert_eq!(base, current);
            }
        }
    }

    #[test]
    fn swapped_sides_mirror(a in raw(), b in raw()) {
        let (a, b) = (profile(&a), profile(&b));
        for granularity in GRANULARITIES {
            let (a, b) = (table(&a, granularity), table(&b, granularity));
            for basis in [Attribution::Flat, Attribution::Cum] {
                let mut there = compare(&a, &b, basis);
                let mut back: Vec<_> = compare(&b, &a, basis).into_iter().map(|(key, b, a)| (key, a, b)).collect();
                there.sort_by_key(|site| site.0);
                back.sort_by_key(|site| site.0);
                prop_assert_eq!(there, back);
            }
        }
    }

    #[test]
    fn deltas_sum_to_the_totals(a in raw(), b in raw()) {
        let (sum_a, sum_b) = (a.iter().map(|s| i128::from(s.2)).sum::<i128>(), b.iter().map(|s| i128::from(s.2)).sum::<i128>());
        let (a, b) = (profile(&a), profile(&b));
        for granularity in GRANULARITIES {
            let (a, b) = (table(&a, granularity), table(&b, granularity));
            let deltas = diff(&a, &b, Attribution::Flat);
            let sum = deltas.sites.iter().fold(Values::default(), |sum, site| sum + site.change.delta());
            prop_assert_eq!(sum, deltas.total().delta());
            prop_assert_eq!(sum.space, sum_b - sum_a);
        }
    }

    #[test]
    fn the_order_of_samples_and_the_layout_do_not_matter(a in raw(), mut b in raw(), seed in any::<prop::sample::Index>()) {
        let base = profile(&a);
        let one = profile(&b);
        if !b.is_empty() {
            let by = seed.index(b.len());
            b.rotate_left(by);
            b.reverse();
        }
        for layout in [Layout::Go, Layout::Pprof, Layout::Backwards] {
            let other = decode(&encode(&b, layout)[..], || false).unwrap();
            for granularity in GRANULARITIES {
                let base = table(&base, granularity);
                let (one, other) = (table(&one, granularity), table(&other, granularity));
                prop_assert_eq!(compare(&base, &one, Attribution::Cum), compare(&base, &other, Attribution::Cum));
            }
        }
    }

    #[test]
    fn growers_come_first_and_the_order_is_total(a in raw(), b in raw()) {
        let (a, b) = (profile(&a), profile(&b));
        let (a, b) = (table(&a, Granularity::Lines), table(&b, Granularity::Lines));
        let deltas = diff(&a, &b, Attribution::Cum);
        let ranking = rank(&deltas, None);
        for metric in [Metric::Space, Metric::Objects] {
            prop_assert_eq!(ranking.by(metric).len(), deltas.sites.len());
            let order: Vec<_> = ranking
                .by(metric)
                .iter()
                .map(|&at| &deltas.sites[at])
                .map(|site| (std::cmp::Reverse(site.change.delta_of(metric)), deltas.key(site)))
                .collect();
            prop_assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", order);
            // Laid out less deep, the order and the ranks are the same.
            let depth = order.len() / 2;
            let shallow = rank(&deltas, Some(depth));
            prop_assert_eq!(shallow.by(metric), &ranking.by(metric)[..depth]);
            let sites: Vec<_> = (0..order.len()).rev().collect();
            prop_assert_eq!(shallow.ranks(metric, &sites), ranking.ranks(metric, &sites));
        }
    }

    #[test]
    fn counting_only_flat_values_changes_none_of_them(a in raw()) {
        let profile = profile(&a);
        for granularity in GRANULARITIES {
            let filter = Filter::default();
            let mut sites = Aggregator::new(granularity, &filter, names()).flat_only();
            sites.add(&profile);
            let flat = |table: &SiteTable<'_>| -> Vec<String> {
                let cells = |site| table.cells(site).map(|cell| {
                    (table.line(cell.line).key, cell.owner.map(|owner| table.line(owner).key), cell.values)
                });
                let mut sites: Vec<_> = table.allocating().map(|site| {
                    let mut cells: Vec<_> = cells(site).map(|cell| format!("{cell:?}")).collect();
                    cells.sort();
                    format!("{:?} {:?} {cells:?}", table.key(site), table.flat(site))
                }).collect();
                sites.sort();
                sites
            };
            prop_assert_eq!(flat(&sites.finish()), flat(&table(&profile, granularity)));
        }
    }

    #[test]
    fn a_coarser_granularity_sums_a_finer_one(a in raw()) {
        let a = profile(&a);
        let flat = |granularity| {
            let table = table(&a, granularity);
            let cells: Values = table
                .indexes()
                .flat_map(|site| table.cells(site).map(|cell| cell.values).collect::<Vec<_>>())
                .fold(Values::default(), |sum, values| sum + values);
            (cells, table.total())
        };
        let lines = flat(Granularity::Lines);
        prop_assert_eq!(lines.0, lines.1);
        for granularity in GRANULARITIES {
            prop_assert_eq!(flat(granularity), lines);
        }
    }
}

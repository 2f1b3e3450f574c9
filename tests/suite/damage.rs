//! Damaged files are refused, whatever was cut off or flipped, and never with a panic.

use std::fs;

use heapdiff::internals::decode::decode;
use heapdiff::internals::diff::{Attribution, Metric, diff};
use heapdiff::internals::evidence::Evidence;
use heapdiff::internals::rank::rank;
use heapdiff::internals::render::{Bytes, Format, Look, render};
use heapdiff::internals::report::{Conclusions, Selection, report};
use heapdiff::internals::site::{Filter, Granularity, NameArena, SiteTableBuilder};
use proptest::prelude::*;

use crate::proto::{Layout, Profile};
use crate::run::{command, folder, gzip, root, run};

/// Real captures: gzipped, as Go writes them; the same, raw; raw in google/pprof's order, with and without short
/// stacks.
fn fixtures() -> [(&'static str, Vec<u8>, bool); 4] {
    let capture = |name: &str| fs::read(root().join("testdata").join(name)).unwrap();
    let tracectx = capture("captures/tracectx/rate512k/heap_00.pb.gz");
    [
        ("gzip", capture("captures/tokenidx/rate512k/heap_00.pb.gz"), true),
        ("raw", inflate(&tracectx).unwrap(), false),
        ("pprof's order", inflate(&capture("reencoded/notifyd.pb.gz")).unwrap(), false),
        ("pprof's order, long stacks", inflate(&capture("reencoded/pqueue.pb.gz")).unwrap(), false),
    ]
}

fn inflate(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain)
}

/// The profile of a file with these bytes; `None` if it is refused.
fn accepts(bytes: &[u8], gzipped: bool) -> bool {
    if gzipped {
        decode(flate2::read::MultiGzDecoder::new(bytes), || true).is_ok()
    } else {
        decode(bytes, || false).is_ok()
    }
}

#[test]
fn no_prefix_is_a_profile() {
    for (name, bytes, gzipped) in fixtures() {
        assert!(accepts(&bytes, gzipped), "{name}");
        for len in 0..bytes.len() {
            assert!(!accepts(&bytes[..len], gzipped), "{name}: the first {len} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn no_prefix_of_any_layout_is_a_profile() {
    let mut profile = Profile::go();
    profile.live(&[&[("main.f", "main.go", 1, 2)], &[("main.main", "main.go", 5, 7)]], 2, 128);
    for layout in [Layout::Go, Layout::Pprof] {
        let bytes = profile.encode(layout);
        assert!(accepts(&bytes, false));
        for len in 0..bytes.len() {
            assert!(!accepts(&bytes[..len], false), "{layout:?}: the first {len} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn the_program_answers_every_damage_with_exit_0_or_2() {
    let folder = folder("damage");
    let base = root().join("testdata/captures/tokenidx/rate512k/heap_00.pb.gz");
    let damaged = |at: usize, bytes: &[u8]| {
        let path = folder.join("damaged");
        fs::write(&path, bytes).unwrap();
        let ran = run(command(&folder, &[base.to_str().unwrap(), "damaged"]), None);
        assert!(
            ran.exit == 2 && ran.stdout.is_empty() && ran.stderr.starts_with("error: damaged"),
            "{at}: {}",
            ran.stderr
        );
    };
    for (_, bytes, _) in fixtures() {
        for len in (0..bytes.len()).step_by(bytes.len() / 40) {
            damaged(len, &bytes[..len]);
        }
    }
    let gzipped = &fixtures()[0].1;
    for at in (0..gzipped.len()).step_by(gzipped.len() / 40) {
        // Flags, time and system in the header do not affect the content.
        if at > 10 {
            let mut flipped = gzipped.clone();
            flipped[at] ^= 0x10;
            damaged(at, &flipped);
        }
    }
}

#[test]
fn a_flipped_bit_in_gzip_data_is_reported_as_damage() {
    let mut bytes = gzip(&Profile::go().encode(Layout::Go));
    let checksum = bytes.len() - 6;
    bytes[checksum] ^= 1;
    let error = decode(heapdiff_reader(&bytes), || true).expect_err("damaged").to_string();
    assert!(error.contains("checksum"), "{error}");
}

fn heapdiff_reader(bytes: &[u8]) -> impl std::io::Read {
    flate2::read::MultiGzDecoder::new(bytes)
}

#[test]
fn a_profile_in_several_gzip_members_is_one() {
    let folder = folder("members");
    let bytes = fixtures()[1].1.clone();
    let members: Vec<u8> = bytes.chunks(1000).flat_map(gzip).collect();
    fs::write(folder.join("members"), members).unwrap();
    fs::write(folder.join("raw"), &bytes).unwrap();
    let ran = run(command(&folder, &["--json", "raw", "members"]), None);
    assert!(ran.exit == 0 && ran.stdout.contains("same_profile"), "{}", ran.stderr);
}

#[test]
fn gzip_members_that_end_within_a_profile_prove_nothing() {
    let folder = folder("lost-member");
    let bytes = &fixtures()[2].1;
    for cut in [bytes.len() - 2, bytes.len() - 6, bytes.len() - 29, bytes.len() / 2] {
        let members = [gzip(&bytes[..1000]), gzip(&bytes[1000..cut])].concat();
        fs::write(folder.join("lost"), members).unwrap();
        let ran = run(command(&folder, &["lost", "lost"]), None);
        assert_eq!(ran.exit, 2, "cut at {cut} of {}", bytes.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bits_never_panic(which in 0..4usize, flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8u8), 1..6)) {
        static FIXTURES: std::sync::LazyLock<[(&str, Vec<u8>, bool); 4]> = std::sync::LazyLock::new(fixtures);
        let mut bytes = FIXTURES[which].1.clone();
        for (at, bit) in flips {
            *at.get_mut(&mut bytes) ^= 1 << bit;
        }
        let gzipped = FIXTURES[which].2;
        let decoded = if gzipped {
            decode(flate2::read::MultiGzDecoder::new(&bytes[..]), || true)
        } else {
            decode(&bytes[..], || false)
        };
        // Both are right; what decodes must also pass the other stages.
        let Ok(profile) = decoded else { return Ok(()) };
        let base = decode(&FIXTURES[1].1[..], || false).unwrap();
        for granularity in [Granularity::Lines, Granularity::Packages, Granularity::Owner] {
            let (filter, names) = (Filter::default(), NameArena::default());
            let tables = [&base, &profile].map(|profile| {
                let mut sites = SiteTableBuilder::new(granularity, &filter, &names);
                sites.add(profile);
                sites.finish()
            });
            let flat: i128 = tables[1].sites().filter_map(|site| site.flat).map(|flat| flat.space).sum();
            prop_assert_eq!(flat, tables[1].total().space);
            let deltas = diff(&tables[0], &tables[1], Attribution::Cum);
            let ranking = rank(&deltas, Some(10));
            let selection = Selection { sort: Some(Metric::Space), by_certainty: true, only_grown: true, only_confirmed: false, top: Some(10), ..Selection::default() };
            let report = report(Default::default(), &ranking, &Evidence::new(&deltas), Conclusions::default(), &selection,);
            let look = Look { width: 80, color: true, bytes: Bytes::Iec, verbose: false, links: false };
            for format in [Format::Table, Format::Json, Format::Csv, Format::Markdown] {
                render(&report, format, look, &mut Vec::new()).unwrap();
            }
        }
    }
}

//! The call tree of both sides: its numbers, and that no sample is lost.

use std::fs;
use std::fs::File;

use heapdiff::internals::decode::decode;
use heapdiff::internals::diff::{Attribution, Change, Deltas, diff};
use heapdiff::internals::input::{Limit, inflate};
use heapdiff::internals::site::{Filter, Granularity, NameArena, SiteTable, SiteTableBuilder, Values, unify_line_keys};
use heapdiff::internals::stacks::{CallTree, StackComparison};

use crate::proto::{Frame, Layout, Profile};
use crate::run::{command, folder, json, root, run};

const MAIN: Frame = ("main.main", "main.go", 20, 25);
const SERVE: Frame = ("main.serve", "serve.go", 1, 3);
const ALLOC: Frame = ("bytes.growSlice", "buffer.go", 1, 9);

fn table<'n>(path: &str, names: &'n NameArena) -> SiteTable<'n> {
    let (reader, _, proof) = inflate(File::open(root().join(path)).unwrap(), Limit::default()).unwrap();
    let filter = Filter::default();
    let mut sites = SiteTableBuilder::new(Granularity::Lines, &filter, names).flat_only().keep_stacks();
    sites.absorb(decode(reader, || proof.has_checksum()).unwrap());
    sites.finish()
}

fn with_calls(base: &str, current: &str, see: impl FnOnce(&Deltas<'_, '_>, &StackComparison<'_>)) {
    let names = NameArena::default();
    let (mut base, mut current) = (table(base, &names), table(current, &names));
    unify_line_keys(&mut [&mut base, &mut current]);
    let deltas = diff(&base, &current, Attribution::Flat);
    see(&deltas, &StackComparison::new(&deltas));
}

#[test]
fn stacks_add_up_to_the_totals_and_to_what_each_line_allocates() {
    for [base, current] in [
        ["testdata/before.pb.gz", "testdata/after.pb.gz"],
        [
            "testdata/captures/orders/build_a/rate1/heap_06.pb.gz",
            "testdata/captures/orders/build_b/rate1/heap_06.pb.gz",
        ],
        ["testdata/memstats/heap/heap_00.txt", "testdata/memstats/heap/heap_06.txt"],
    ] {
        with_calls(base, current, |deltas, calls| {
            let mut total = Change::default();
            calls.stacks.iter().for_each(|stack| total += stack.change());
            assert_eq!(total, deltas.total(), "{base}");
            let mut by_line = vec![Change::default(); calls.frames.len()];
            for stack in &calls.stacks {
                by_line[*calls.frames_of(stack).last().unwrap() as usize] += stack.change();
            }
            let sites = deltas.by_key();
            for (frame, change) in calls.frames.iter().zip(by_line) {
                let Some(&site) = sites.get(&frame.line.key) else {
                    assert_eq!(change, Change::default(), "{:?}", frame.line.key.name());
                    continue;
                };
                assert_eq!(change, deltas.sites[site].change, "{:?}", frame.line.key.name());
            }
        });
    }
}

#[test]
fn a_tree_has_every_stack_once() {
    with_calls("testdata/before.pb.gz", "testdata/after.pb.gz", |deltas, calls| {
        let tree = CallTree::new(calls, |_| false, |_, _| true);
        assert_eq!((tree.nodes[0].cum, tree.left_out), (deltas.total(), 0));
        let mut flat = Change::default();
        tree.nodes.iter().for_each(|node| flat += node.flat);
        assert_eq!(flat, deltas.total());
        for (at, node) in tree.nodes.iter().enumerate().skip(1) {
            let parent = &tree.nodes[node.parent as usize];
            assert!((node.parent as usize) < at && node.depth == parent.depth + 1);
        }
        for (at, node) in tree.nodes.iter().enumerate() {
            let mut sum = node.flat;
            let below = tree.nodes.iter().enumerate().filter(|(child, node)| *child > 0 && node.parent as usize == at);
            below.for_each(|(_, child)| sum += child.cum);
            assert_eq!(sum, node.cum);
        }
        let grown = CallTree::new(calls, |_| false, |node, _| node.cum.delta().space > 0);
        assert!(grown.left_out > 0 && grown.nodes.len() < tree.nodes.len());
        assert_eq!(grown.nodes[0].cum, tree.nodes[0].cum);
    });
}

#[test]
fn stacks_of_two_builds_meet_and_show_where_the_line_was() {
    let folder = folder("calls-moved");
    let (mut base, mut current) = (Profile::go(), Profile::go());
    base.live(&[&[ALLOC], &[SERVE], &[MAIN]], 1, 100);
    current.live(&[&[ALLOC], &[("main.serve", "serve.go", 11, 13)], &[("main.main", "main.go", 30, 35)]], 3, 300);
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("current"), current.encode(Layout::Pprof)).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    with_calls(&path("base"), &path("current"), |_, calls| {
        let [stack] = &calls.stacks[..] else { panic!("{:?}", calls.stacks) };
        let lines: Vec<_> = calls.frames_of(stack).iter().map(|&frame| &calls.frames[frame as usize]).collect();
        let shown: Vec<_> = lines.iter().map(|frame| (frame.line.line, frame.base_line)).collect();
        assert_eq!(shown, [(35, Some(25)), (13, Some(3)), (9, Some(9))]);
        assert_eq!(stack.owner(), Some(1));
        let [base, current] = [(1, 100), (3, 300)].map(|(objects, space)| Values { objects, space });
        assert_eq!(stack.change(), Change { base, current });
    });
}

#[test]
fn folded_stacks_are_lines_with_two_numbers() {
    let folder = folder("calls-folded");
    let (mut base, mut current) = (Profile::go(), Profile::go());
    let odd: Frame = ("odd;name of\nmain.f", "f.go", 1, 2);
    base.live(&[&[ALLOC, SERVE], &[MAIN]], 1, 100);
    current.live(&[&[ALLOC, SERVE], &[MAIN]], 2, 250);
    current.live(&[&[odd], &[MAIN]], 5, 50);
    current.live(&[&[("main.f", "f.go", 1, 7)], &[("main.f", "f.go", 1, 8)], &[MAIN]], 1, 1);
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("current"), current.encode(Layout::Go)).unwrap();
    let folded = |args: &[&str]| run(command(&folder, &[args, &["base", "current"]].concat()), None).stdout;
    let expected = "main.main;main.f;main.f 0 1\nmain.main;main.serve;bytes.growSlice 100 250\nmain.main;odd:name of\\u{a}main.f 0 50\n";
    assert_eq!(folded(&["--format", "folded"]), expected);
    let objects = "main.main;main.f;main.f 0 1\nmain.main;main.serve;bytes.growSlice 1 2\n";
    assert_eq!(folded(&["--format", "folded", "--sort", "objects", "--ignore", "odd"]), objects);
}

#[test]
fn folded_sums_are_those_of_the_report() {
    let args = ["testdata/before.pb.gz", "testdata/after.pb.gz"];
    let report = json(root(), &args);
    for metric in ["space", "objects"] {
        let folded =
            run(command(root(), &[&["--format", "folded", "--sort", metric][..], &args].concat()), None).stdout;
        let mut sums = [0, 0];
        for line in folded.lines() {
            let numbers: Vec<i64> = line.rsplit(' ').take(2).map(|number| number.parse().unwrap()).collect();
            sums = [sums[0] + numbers[1], sums[1] + numbers[0]];
        }
        let totals = &report["totals"][format!("inuse_{metric}")];
        assert_eq!(
            [&totals["base"], &totals["current"]],
            [&sums[0].into(), &sums[1].into()] as [&serde_json::Value; 2]
        );
    }
}

#[test]
fn stacks_that_no_program_has_are_refused() {
    let folder = folder("calls-deep");
    let mut profile = Profile::go();
    // Each location may have many lines, and a stack many locations.
    let lines: Vec<Frame> = (0..4000).map(|line| ("main.deep", "deep.go", 1, line)).collect();
    let location: &[Frame] = &lines;
    profile.live(&[location, &[SERVE]].repeat(20), 1, 64);
    fs::write(folder.join("deep"), profile.encode(Layout::Go)).unwrap();
    let ran = run(command(&folder, &["--format", "folded", "deep", "deep"]), None);
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("the stacks of the base are too many or too deep"), "{}", ran.stderr);
    // The rest of the report needs no stacks.
    let ran = run(command(&folder, &["deep", "deep"]), None);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
}

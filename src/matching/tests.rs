//! Each way to find a pair, and each reason not to, on small profiles in which every object is counted.

use std::collections::BTreeMap;

use super::*;
use crate::profile::ProfileBuilder;

/// A sample: objects ever allocated and alive, their size, and the stack, leaf first, each frame as `name+line`.
type Sampled<'a> = (u64, u64, u64, &'a [&'a str]);

/// File and first line of a function; of others the file is `main.go`, and the line 10.
type At<'a> = (&'a str, &'a str, i64);

fn profile(samples: &[Sampled<'_>], places: &[At<'_>]) -> Profile {
    let mut strings: Vec<String> = vec![String::new()];
    let mut string = |text: &str| {
        let known = strings.iter().position(|known| known == text);
        i64::try_from(known.unwrap_or_else(|| {
            strings.push(text.to_owned());
            strings.len() - 1
        }))
        .unwrap()
    };
    let mut builder = ProfileBuilder::keeping_dead();
    for (kind, unit) in
        [("alloc_objects", "count"), ("alloc_space", "bytes"), ("inuse_objects", "count"), ("inuse_space", "bytes")]
    {
        builder.add_sample_type(string(kind), string(unit)).unwrap();
    }
    builder.period_type(string("space"), string("bytes")).unwrap();
    builder.singular(crate::profile::Singular::Period, 1).unwrap();
    let size_key = string("bytes").unsigned_abs();
    let mut locations: BTreeMap<&str, u64> = BTreeMap::new();
    let mut functions: BTreeMap<&str, u64> = BTreeMap::new();
    for frame in samples.iter().flat_map(|sample| sample.3) {
        if locations.contains_key(frame) {
            continue;
        }
        let (name, offset) = frame.rsplit_once('+').unwrap();
        let (_, file, start) = places.iter().find(|place| place.0 == name).copied().unwrap_or((name, "main.go", 10));
        let count = functions.len() as u64 + 1;
        let function = *functions.entry(name).or_insert(count);
        if function == count {
            builder.function(function, [string(name), string(name), string(file)], start).unwrap();
        }
        let id = locations.len() as u64 + 1;
        let line = crate::profile::LineRef { function_id: function, line: start + offset.parse::<i64>().unwrap() };
        builder.location(id, 0, id << 4, [line].into_iter()).unwrap();
        locations.insert(frame, id);
    }
    for &(allocated, live, size, stack) in samples {
        let values = [allocated, allocated * size, live, live * size];
        let stack: Vec<_> = stack.iter().map(|frame| locations[frame]).collect();
        let fate = builder.classify(&values, stack.first().copied());
        builder.sample(fate, &stack, &values, &[(size_key, size.cast_signed())]).unwrap();
    }
    strings.iter().for_each(|text| builder.string(text.as_bytes()).unwrap());
    builder.finish().unwrap()
}

fn matched(base: &[Sampled<'_>], current: &[Sampled<'_>], places: [&[At<'_>]; 2]) -> Matching {
    match_builds(&[profile(base, places[0])], &[profile(current, places[1])], &[], true)
}

/// The pairs as `old > new how`, sorted.
fn pairs(matching: &Matching) -> Vec<String> {
    let all = matching.other_names.iter().flat_map(|(new, others)| others.iter().map(move |other| (new, other)));
    let mut all: Vec<_> = all.map(|(new, other)| format!("{} > {new} {}", other.function, other.how.name())).collect();
    all.sort();
    all
}

const NOWHERE: [&[At<'static>]; 2] = [&[], &[]];

#[test]
fn names_that_differ_only_in_type_arguments_and_versions_are_one() {
    let base: &[Sampled<'_>] =
        &[(9, 9, 64, &["main.put+1", "main.main+1"]), (9, 9, 32, &["e.com/q.(*Q).Push+1", "main.main+2"])];
    let current: &[Sampled<'_>] = &[
        (9, 9, 64, &["main.put[go.shape.int]+1", "main.main+1"]),
        (9, 9, 32, &["e.com/q/v2.(*Q).Push+1", "main.main+2"]),
    ];
    let matching = matched(base, current, NOWHERE);
    assert_eq!(pairs(&matching), ["e.com/q.(*Q).Push > e.com/q/v2.(*Q).Push name", "main.put > main.put[...] name"]);
    assert_eq!(matching.other_names("main.put[...]")[0].confidence, 0.99);
    assert_eq!((matching.unpaired_gone.len(), matching.unpaired_new.len()), (0, 0));
}

#[test]
fn closures_at_one_line_are_one_whatever_they_were_inlined_into() {
    let base: &[Sampled<'_>] = &[
        (9, 9, 64, &["main.main.handler.func1+1", "main.main+1"]),
        (9, 9, 64, &["main.serve.handler.func3+1", "main.serve+1"]),
    ];
    let current: &[Sampled<'_>] =
        &[(9, 9, 64, &["main.handler.func1+1", "main.main+1"]), (9, 9, 64, &["main.handler.func1+1", "main.serve+1"])];
    let old = [("main.main.handler.func1", "h.go", 5), ("main.serve.handler.func3", "h.go", 5)];
    let matching = matched(base, current, [&old, &[("main.handler.func1", "h.go", 5)]]);
    assert_eq!(
        pairs(&matching),
        ["main.main.handler.func1 > main.handler.func1 line", "main.serve.handler.func3 > main.handler.func1 line"]
    );
    // The other way, two names of the current side count as one.
    let back = matched(current, base, [&[("main.handler.func1", "h.go", 5)], &old]);
    assert_eq!(pairs(&back), ["main.handler.func1 > main.main.handler.func1 line"]);
    assert_eq!(
        back.of_current().map(|(part, whole, _)| (part, whole)).collect::<Vec<_>>(),
        [("main.serve.handler.func3", "main.main.handler.func1")]
    );
}

#[test]
fn packages_move_with_what_is_in_them_and_functions_alone() {
    let base: &[Sampled<'_>] = &[
        (9, 9, 64, &["e.com/a/store.Put+1", "main.main+1"]),
        (9, 9, 32, &["e.com/a/store.get+1", "main.main+2"]),
        (9, 9, 16, &["main.checksumOf+3", "main.main+4"]),
    ];
    let current: &[Sampled<'_>] = &[
        (9, 9, 64, &["e.com/b/store.Put+1", "main.main+1"]),
        (9, 9, 32, &["e.com/b/store.get+1", "main.main+2"]),
        (9, 9, 16, &["e.com/b/sums.checksumOf+3", "main.main+4"]),
    ];
    let before =
        [("main.checksumOf", "main.go", 90), ("e.com/a/store.Put", "a.go", 7), ("e.com/a/store.get", "a.go", 8)];
    assert_eq!(
        pairs(&matched(base, current, [&before, &[]])),
        [
            "e.com/a/store.Put > e.com/b/store.Put package",
            "e.com/a/store.get > e.com/b/store.get package",
            "main.checksumOf > e.com/b/sums.checksumOf moved",
        ]
    );
}

/// A function that allocates on two lines and calls a library, by its name.
fn dedupe<'a>(stacks: &'a [[&'a str; 2]; 3], factor: u64) -> Vec<Sampled<'a>> {
    let amounts = [(40, 20, 64), (40, 20, 128), (10, 5, 512)];
    stacks.iter().zip(amounts).map(|(stack, (n, live, size))| (n * factor, live * factor, size, &stack[..])).collect()
}

const SEEN: [[&str; 2]; 3] =
    [["main.seen+1", "main.run+4"], ["main.seen+2", "main.run+4"], ["main.seen+3", "main.run+4"]];
const REMEMBER: [[&str; 2]; 3] =
    [["main.remember+1", "main.run+4"], ["main.remember+2", "main.run+4"], ["main.remember+3", "main.run+4"]];

#[test]
fn a_renamed_function_is_known_by_its_lines_callers_and_sizes() {
    let place: [&[At<'_>]; 2] = [&[("main.seen", "dedupe.go", 20)], &[("main.remember", "dedupe.go", 25)]];
    let matching = matched(&dedupe(&SEEN, 1), &dedupe(&REMEMBER, 1), place);
    assert_eq!(pairs(&matching), ["main.seen > main.remember evidence"]);
    assert!(matching.other_names("main.remember")[0].confidence >= 0.8);
    let file = matching.of_base().next().unwrap();
    assert_eq!(file, ("main.seen", "main.remember", Some("dedupe.go")));
}

#[test]
fn a_renamed_function_that_leaks_keeps_its_pair() {
    // The growth is judged under its new name.
    let place: [&[At<'_>]; 2] = [&[("main.seen", "dedupe.go", 20)], &[("main.remember", "dedupe.go", 25)]];
    assert_eq!(
        pairs(&matched(&dedupe(&SEEN, 1), &dedupe(&REMEMBER, 9), place)),
        ["main.seen > main.remember evidence"]
    );
}

#[test]
fn neither_the_same_caller_nor_the_same_lines_is_no_pair() {
    let other =
        [["main.remember+11", "main.stop+9"], ["main.remember+12", "main.stop+9"], ["main.remember+13", "main.stop+9"]];
    let matching = matched(&dedupe(&SEEN, 1), &dedupe(&other, 1), [&[("main.seen", "a.go", 20)], &[]]);
    assert_eq!(pairs(&matching), [""; 0]);
    assert_eq!(matching.unpaired_gone, ["main.run", "main.seen"]);
    assert_eq!(matching.unpaired_new, ["main.remember", "main.stop"]);
    assert_eq!(matching.gone_beside("main.remember").unwrap(), ["main.run", "main.seen"]);
    assert_eq!(matching.gone_beside("main.seen"), None);
}

#[test]
fn other_sizes_are_no_pair() {
    let mut current = dedupe(&REMEMBER, 1);
    current.iter_mut().for_each(|sample| sample.2 += 8);
    let place: [&[At<'_>]; 2] = [&[("main.seen", "dedupe.go", 20)], &[]];
    assert_eq!(pairs(&matched(&dedupe(&SEEN, 1), &current, place)), [""; 0]);
}

#[test]
fn of_two_alike_neither_is_paired() {
    let twin = [["main.twin+1", "main.run+4"], ["main.twin+2", "main.run+4"], ["main.twin+3", "main.run+4"]];
    let current = [dedupe(&REMEMBER, 1), dedupe(&twin, 1)].concat();
    let place: [&[At<'_>]; 2] =
        [&[("main.seen", "d.go", 20)], &[("main.remember", "d.go", 25), ("main.twin", "d.go", 45)]];
    let matching = matched(&dedupe(&SEEN, 1), &current, place);
    assert_eq!(pairs(&matching), [""; 0]);
    assert_eq!(matching.unpaired_new, ["main.remember", "main.twin"]);
}

#[test]
fn what_is_on_both_sides_is_not_paired() {
    let base = [dedupe(&SEEN, 1), dedupe(&REMEMBER, 1)].concat();
    let matching = matched(&base, &dedupe(&REMEMBER, 1), [&[("main.seen", "d.go", 20)], &[]]);
    assert_eq!(pairs(&matching), [""; 0]);
    assert_eq!(matching.unpaired_gone, ["main.seen"]);
}

#[test]
fn what_was_split_off_and_what_was_merged_counts_with_the_rest() {
    // The rest of the program.
    let other: Sampled<'_> = (1000, 10, 48, &["main.main+2"]);
    let whole: &[Sampled<'_>] =
        &[other, (50, 20, 64, &["main.load+1", "main.main+1"]), (50, 20, 256, &["main.load+2", "main.main+1"])];
    let split: &[Sampled<'_>] = &[
        other,
        (50, 20, 64, &["main.load+1", "main.main+1"]),
        (50, 20, 256, &["main.grow+1", "main.load+2", "main.main+1"]),
    ];
    let place: &[At<'_>] = &[("main.grow", "main.go", 50)];
    assert_eq!(pairs(&matched(whole, split, [&[], place])), ["main.grow > main.load split"]);
    assert_eq!(pairs(&matched(split, whole, [place, &[]])), ["main.grow > main.load merged"]);
    // Where the whole has lost nothing, the part is new.
    let more: &[Sampled<'_>] = &[
        other,
        (50, 20, 64, &["main.load+1", "main.main+1"]),
        (50, 20, 256, &["main.load+2", "main.main+1"]),
        (50, 20, 256, &["main.grow+1", "main.load+2", "main.main+1"]),
    ];
    let matching = matched(whole, more, [&[], place]);
    assert_eq!((pairs(&matching), matching.unpaired_new), (vec![], vec!["main.grow".to_owned()]));
}

#[test]
fn a_function_that_was_renamed_and_split_is_paired_as_a_whole() {
    let base: &[Sampled<'_>] =
        &[(50, 20, 64, &["main.load+1", "main.main+1"]), (50, 20, 256, &["main.load+2", "main.main+1"])];
    let current: &[Sampled<'_>] =
        &[(50, 20, 64, &["main.read+7", "main.main+1"]), (50, 20, 256, &["main.grow+9", "main.read+8", "main.main+1"])];
    let place: [&[At<'_>]; 2] = [&[("main.load", "a.go", 20)], &[("main.read", "a.go", 60), ("main.grow", "b.go", 8)]];
    assert_eq!(
        pairs(&matched(base, current, place)),
        ["main.grow > main.read split", "main.load > main.read evidence"]
    );
}

#[test]
fn closures_that_have_each_others_numbers_are_put_right() {
    let stacks = |[copy, parse]: [&'static str; 2]| {
        [["bytes.Clone+1", copy, "main.run+1"], ["strconv.Atoi+1", parse, "main.run+2"]]
    };
    fn sampled<'a>(stacks: &'a [[&'a str; 3]; 2]) -> [Sampled<'a>; 2] {
        [(50, 20, 64, &stacks[0]), (50, 20, 4096, &stacks[1])]
    }
    let before = stacks(["main.run.func1+1", "main.run.func2+1"]);
    let after = stacks(["main.run.func2+1", "main.run.func1+1"]);
    assert_eq!(
        pairs(&matched(&sampled(&before), &sampled(&after), NOWHERE)),
        ["main.run.func1 > main.run.func2 renumbered", "main.run.func2 > main.run.func1 renumbered"]
    );
    assert_eq!(pairs(&matched(&sampled(&before), &sampled(&before), NOWHERE)), [""; 0]);
}

#[test]
fn the_order_of_samples_and_profiles_does_not_matter() {
    let twin = [["main.twin+1", "main.run+6"], ["main.twin+2", "main.run+6"], ["main.twin+5", "main.run+6"]];
    let tripled = [["main.triple+1", "main.run+6"], ["main.triple+2", "main.run+6"], ["main.triple+5", "main.run+6"]];
    let mut base = [dedupe(&SEEN, 1), dedupe(&twin, 3)].concat();
    let mut current = [dedupe(&REMEMBER, 1), dedupe(&tripled, 3)].concat();
    let place: [&[At<'_>]; 2] = [
        &[("main.seen", "d.go", 20), ("main.twin", "d.go", 40)],
        &[("main.remember", "d.go", 25), ("main.triple", "d.go", 45)],
    ];
    let expected = matched(&base, &current, place);
    assert_eq!(pairs(&expected), ["main.seen > main.remember evidence", "main.twin > main.triple evidence"]);
    base.reverse();
    current.rotate_left(2);
    assert_eq!(matched(&base, &current, place), expected);
    let parts = |samples: &[Sampled<'_>], places| {
        let (first, second) = samples.split_at(2);
        [profile(second, places), profile(first, places)]
    };
    let apart = match_builds(&parts(&base, place[0]), &parts(&current, place[1]), &[], true);
    assert_eq!(apart, expected);
}

#[test]
fn thousands_of_names_on_one_side_end_in_time() {
    let side = |name: &str| -> Vec<[String; 2]> {
        (0..4000).map(|at| [format!("e.com/{name}/p{at}.{name}{at}+{}", at % 7), "main.main+1".to_owned()]).collect()
    };
    let frames = |side: &'_ [[String; 2]]| -> Vec<[&'static str; 2]> {
        side.iter().map(|stack| stack.each_ref().map(|frame| &*frame.clone().leak())).collect()
    };
    let (base, current) = (frames(&side("old")), frames(&side("new")));
    fn sampled<'a>(stacks: &'a [[&'a str; 2]]) -> Vec<Sampled<'a>> {
        stacks.iter().map(|stack| (9, 9, 64, &stack[..])).collect()
    }
    let matching = matched(&sampled(&base), &sampled(&current), NOWHERE);
    assert!(matching.is_limited);
    assert_eq!(matching.unpaired_gone.len(), 4000);
}

#[test]
fn what_the_user_says_counts_most() {
    let base: &[Sampled<'_>] = &[
        (9, 9, 64, &["e.com/a/x.F+1", "main.main+1"]),
        (9, 9, 64, &["e.com/a.G+1", "main.main+1"]),
        (9, 9, 32, &["main.seen.func1+1", "main.seen+1", "main.main+2"]),
    ];
    let current: &[Sampled<'_>] =
        &[(9, 9, 16, &["e.com/b/x.F+9", "main.main+5"]), (9, 9, 32, &["main.other+1", "main.main+2"])];
    let told = ["e.com/a/...=e.com/b/...", "main.seen=main.other", "main.none=main.other"]
        .map(|text| ToldRename::parse(text).unwrap());
    let sides = [[profile(base, &[])], [profile(current, &[])]];
    let matching = match_builds(&sides[0], &sides[1], &told, false);
    assert_eq!(
        pairs(&matching),
        [
            "e.com/a.G > e.com/b.G told",
            "e.com/a/x.F > e.com/b/x.F told",
            "main.seen > main.other told",
            "main.seen.func1 > main.other.func1 told",
        ]
    );
    let unmet =
        UnmetRename { rename: "main.none=main.other".to_owned(), number: 2, lacks: [Some(Lack::Function), None] };
    assert_eq!(matching.unmet, [unmet]);
    let told = ["e.com/none/...=e.com/b/...", "main.seen=main.nothing", "e.com/x.F=e.com/y.F"];
    let matching = match_builds(&sides[0], &sides[1], &told.map(|text| ToldRename::parse(text).unwrap()), false);
    let lacks: Vec<_> = matching.unmet.iter().map(|unmet| unmet.lacks).collect();
    let both = [Some(Lack::Package), Some(Lack::Package)];
    assert_eq!(lacks, [[Some(Lack::Package), None], [None, Some(Lack::Function)], both]);
}

#[test]
fn renames_as_people_write_them() {
    for text in ["main.a=main.b", "e.com/a/...=e.com/b/...", "e.com/a=e.com/b/v2", "main.(*T[int]).f = main.(*U).f"] {
        assert!(ToldRename::parse(text).is_ok(), "{text}");
    }
    for text in ["", "main.a", "=main.a", "main.a=", "main.a=main.a"] {
        assert!(matches!(ToldRename::parse(text), Err(told::ToldError::NotAPair(_))), "{text}");
    }
    for text in ["main.a=e.com/b", "e.com/a/...=e.com/b"] {
        assert!(matches!(ToldRename::parse(text), Err(told::ToldError::Mixed(_))), "{text}");
    }
}

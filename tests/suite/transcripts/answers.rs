//! Pairs of profiles that an answer must be short and plain for.

use std::fs;
use std::path::Path;

use crate::proto::{Frame, Layout, Profile};

/// Mean bytes between two samples.
const PERIOD: f64 = 524_288.0;

/// Writes both sides of each pair into `folder`, as `NAME-a.pb` and `NAME-b.pb`.
pub fn write_all(folder: &Path) {
    for (name, [a, mut b]) in
        [("two", two_leaks()), ("smaller", more_smaller_objects()), ("cpp", cpp()), ("thousand", thousand_sites())]
    {
        b.time_nanos = a.time_nanos + 600_000_000_000;
        for (side, profile) in [("a", a), ("b", b)] {
            fs::write(folder.join(format!("{name}-{side}.pb")), profile.encode(Layout::Go)).unwrap();
        }
    }
}

/// Adds what Go makes of `samples` samples of objects of `size` bytes.
fn add(profile: &mut Profile, stack: &[&[Frame]], samples: i64, size: i64) {
    if samples == 0 {
        return;
    }
    #[allow(clippy::cast_possible_truncation, reason = "small numbers")]
    let scaled = |number: i64| (number as f64 / (1.0 - libm::exp(-size as f64 / PERIOD))) as i64;
    profile.live(stack, scaled(samples), scaled(samples * size)).label[0].num = size;
}

/// Two functions that leak, beside one that does not.
fn two_leaks() -> [Profile; 2] {
    let main: &[Frame] = &[("main.main", "app/main.go", 10, 31)];
    let put = |line| -> Frame { ("main.(*index).put", "app/index/index.go", 40, line) };
    let add_to: Frame = ("main.(*store).add", "app/store/store.go", 20, 27);
    let load: Frame = ("main.load", "app/main.go", 50, 55);
    [[2, 1, 1, 30], [31, 14, 6, 30]].map(|[stored, tree, keys, loaded]| {
        let mut profile = Profile::go();
        add(&mut profile, &[&[add_to], main], stored, 256);
        add(&mut profile, &[&[("bytes.Clone", "bytes/bytes.go", 1, 9)], &[put(44)], main], tree, 64);
        add(&mut profile, &[&[put(47)], main], keys, 48);
        add(&mut profile, &[&[load], main], loaded, 4096);
        profile
    })
}

/// As many bytes as before, in more objects.
fn more_smaller_objects() -> [Profile; 2] {
    let split: Frame = ("main.(*log).split", "app/log.go", 20, 27);
    let main: &[Frame] = &[("main.main", "app/main.go", 10, 31)];
    [[41, 0], [12, 28]].map(|[large, small]| {
        let mut profile = Profile::go();
        add(&mut profile, &[&[split], main], large, 1024);
        add(&mut profile, &[&[split], main], small, 32);
        profile
    })
}

/// A program in C++ as pprof converts its heap: no function is known to be the program's own.
fn cpp() -> [Profile; 2] {
    let root: &[Frame] = &[("main", "/src/acme/main.cc", 0, 31)];
    let insert: Frame =
        ("acme::cache::Shard::insert(int, acme::cache::Entry const&)", "/src/acme/cache/shard.cc", 0, 88);
    let append: Frame = (
        "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::_M_append(char const*, unsigned long)",
        "/usr/include/c++/12/bits/basic_string.tcc",
        0,
        420,
    );
    let read: Frame = ("acme::net::Connection::read(int)", "/src/acme/net/connection.cc", 0, 140);
    [[3, 2, 12], [34, 25, 12]].map(|[inserted, appended, read_in]| {
        let mut profile = Profile::with_types(&["objects/count", "space/bytes"]);
        add(&mut profile, &[&[insert], root], inserted, 128);
        add(&mut profile, &[&[append], &[insert], root], appended, 64);
        add(&mut profile, &[&[read], root], read_in, 8192);
        profile
    })
}

/// A thousand functions: a few that leak, each less than the one before, and noise.
fn thousand_sites() -> [Profile; 2] {
    let serve: &[Frame] = &[("net/http.(*conn).serve", "net/http/server.go", 1, 2)];
    let frame = |at: i64, line: i64| -> Frame {
        let name = format!("github.com/acme/billing/internal/ledger/part{at}.(*Posting).apply");
        let file = format!("github.com/acme/billing/internal/ledger/part{at}/posting.go");
        (name.leak(), file.leak(), 30, line)
    };
    let frames: Vec<_> = (0..1000).map(|at| [frame(at, 41), frame(at, 52)]).collect();
    [false, true].map(|has_leaked| {
        let mut profile = Profile::go();
        for (at, [first, second]) in (0..).zip(&frames) {
            let (leaked, noise) = if has_leaked { (160 / (at + 4), at % 3 - 1) } else { (0, 0) };
            add(&mut profile, &[&[*first], serve], 2 + leaked * 2 / 3, 64);
            add(&mut profile, &[&[*second], serve], 2 + leaked / 3 + noise, 96);
        }
        profile
    })
}

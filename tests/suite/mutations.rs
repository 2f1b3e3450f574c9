//! The fuzzing corpus and thousands of mutations of it pass through every fuzz target.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::random::Random;
use crate::run::root;

#[path = "../fuzz/targets.rs"]
mod targets;

/// Boundary numbers, as text and as varints.
const NUMBERS: [&str; 8] =
    ["0", "1", "-1", "127", "4294967296", "9223372036854775807", "18446744073709551616", "0x7fffffffffff"];
const VARINTS: [&[u8]; 6] = [
    &[0],
    &[0x7f],
    &[0x80, 1],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
];

/// One mutation of a random kind.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    match random.below(8) {
        0 => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        1 => {
            let at = random.below(bytes.len());
            bytes[at] = random.next() as u8;
        }
        2 => bytes.truncate(random.below(bytes.len())),
        3 => {
            bytes.drain(random.range(bytes.len(), 64));
        }
        4 => {
            let part = bytes[random.range(bytes.len(), 256)].to_vec();
            let at = random.below(bytes.len());
            bytes.splice(at..at, part);
        }
        5 => {
            let part = if other.is_empty() { &[] } else { &other[random.range(other.len(), 1024)] };
            let at = random.range(bytes.len(), 256);
            bytes.splice(at, part.iter().copied());
        }
        6 => {
            let at = random.range(bytes.len(), 3);
            bytes.splice(at, VARINTS[random.below(VARINTS.len())].iter().copied());
        }
        _ => {
            let start = random.below(bytes.len());
            let Some(digit) = bytes[start..].iter().position(u8::is_ascii_digit) else { return };
            let digits = bytes[start + digit..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = NUMBERS[random.below(NUMBERS.len())];
            bytes.splice(start + digit..start + digit + digits, number.bytes());
        }
    }
}

#[test]
fn the_corpus_and_its_mutations_get_through_everything() {
    // Iterations per target: those that render all formats take the longest.
    let counts = [
        ("pprof", 2000),
        ("text", 2000),
        ("input", 1500),
        ("pipeline", 60),
        ("config", 3000),
        ("budget", 3000),
        ("memstats", 3000),
        ("bench", 2000),
        ("encodings", 2000),
        ("goroutines", 200),
    ];
    assert_eq!(counts.map(|(name, _)| name), targets::TARGETS.map(|(name, _)| name));
    for (name, count) in counts {
        let (_, target) = targets::TARGETS.iter().find(|(target, _)| *target == name).unwrap();
        let folder = root().join("tests/fuzz/corpus").join(name);
        let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        assert!(paths.len() >= 3, "{name}");
        let seeds: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
        let replay = |what: &str, bytes: &[u8]| {
            if catch_unwind(AssertUnwindSafe(|| target(bytes))).is_err() {
                let kept = crate::run::folder("mutations").join(name);
                fs::write(&kept, bytes).unwrap();
                panic!("{name}: {what} panics; it is kept as {}", kept.display());
            }
        };
        paths.iter().zip(&seeds).for_each(|(path, seed)| replay(&path.display().to_string(), seed));
        for round in 0..count {
            let mut random = Random(round);
            let mut bytes = seeds[random.below(seeds.len())].clone();
            let other = &seeds[random.below(seeds.len())];
            for _ in 0..=random.below(4) {
                change(&mut bytes, other, &mut random);
            }
            replay(&format!("mutation {round}"), &bytes);
        }
    }
}

//! The rule for the shape of a heap, tested on simulated heaps whose course is known: elements of one size in a container
//! that doubles, beside other objects whose number is noise.

use heapdiff::internals::series::{Course, Shape, Spacing};

use crate::simulation::Random;

const MIB: f64 = 1_048_576.0;
const TRIALS: usize = 1500;
/// The first snapshot of six or more does not count.
const SEVERAL: [usize; 3] = [5, 9, 20];

/// The share of the growth that is there at a time from 0 to 1.
type Growth = fn(f64) -> f64;

fn leak(time: f64) -> f64 {
    time
}

fn warm_up(time: f64) -> f64 {
    1.0 - libm::exp(-time / 0.25)
}

fn level_from_the_middle(time: f64) -> f64 {
    (time / 0.5).min(1.0)
}

fn level_from_70_percent(time: f64) -> f64 {
    (time / 0.7).min(1.0)
}

fn step(time: f64) -> f64 {
    if time < 0.6 { 0.0 } else { 1.0 }
}

/// A number between two, small ones as likely as large ones.
fn between(least: f64, most: f64, random: &mut Random) -> f64 {
    least * libm::pow(most / least, random.uniform())
}

/// Nearly normal, of mean 0 and deviation 1.
fn noise(random: &mut Random) -> f64 {
    (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0
}

/// Bytes and number of objects of a heap, by snapshot. `larger`: its elements grow, instead of their number.
fn heap(growth: Growth, larger: bool, snapshots: usize, random: &mut Random) -> [Vec<u64>; 2] {
    let (base, others) = (between(2.0, 30.0, random) * MIB, between(2000.0, 50_000.0, random));
    let total = between(2.0, 20.0, random) * MIB;
    let size = between(16.0, 8192.0, random);
    let entry = between(8.0, 256.0, random).min(2.0 * size);
    // So many that the elements and their container are the growth.
    let most = total / (size + 1.5 * entry);
    let deviation = between(0.0005, 0.005, random);
    let first = most * random.uniform();
    let mut numbers = [Vec::new(), Vec::new()];
    for at in 0..snapshots {
        let share = growth(at as f64 / (snapshots - 1) as f64);
        let moved = deviation * others * noise(random);
        let (bytes, objects) = if larger {
            (base + total * share + 64.0 * moved, others + moved)
        } else {
            let elements = first + most * share;
            let places = libm::exp2(libm::log2(elements.max(8.0)).ceil());
            (base + size * elements + entry * places + 64.0 * moved, others + elements + moved)
        };
        numbers[0].push(bytes as u64);
        numbers[1].push(objects as u64);
    }
    numbers
}

/// What heaps of one course are called.
#[derive(Debug, Default)]
struct Shares {
    leak: f64,
    bloat: f64,
    /// Either, by the rule for bytes alone.
    by_bytes: f64,
}

impl Shares {
    fn of(growth: Growth, larger: bool, snapshots: usize, random: &mut Random) -> Self {
        let mut found = Shares::default();
        let one = 1.0 / TRIALS as f64;
        for _ in 0..TRIALS {
            let [bytes, objects] = heap(growth, larger, snapshots, random);
            let from = usize::from(snapshots >= 6);
            let course = Course::of_heap(&bytes[from..], &objects[from..], &Spacing::even(bytes.len() - from)).unwrap();
            assert_eq!(course.shape == Shape::Growing, course.more_objects.is_some());
            match course.more_objects {
                Some(true) => found.leak += one,
                Some(false) => found.bloat += one,
                None => {}
            }
            if course.own_shape == Shape::Growing {
                found.by_bytes += one;
            }
        }
        found
    }
}

#[test]
fn a_leak_into_a_container_that_doubles_is_a_leak() {
    let random = &mut Random(21);
    for snapshots in SEVERAL {
        let shares = Shares::of(leak, false, snapshots, random);
        assert!(shares.leak >= 0.98 && shares.bloat <= 0.015, "{snapshots}: {shares:?}");
        assert!(shares.by_bytes <= 0.9, "{snapshots}: {shares:?}");
    }
}

#[test]
fn what_levels_off_is_seldom_a_leak() {
    let random = &mut Random(22);
    for snapshots in SEVERAL {
        for (growth, by_bytes) in [(warm_up as Growth, 0.02), (level_from_70_percent, 0.1)] {
            let shares = Shares::of(growth, false, snapshots, random);
            assert!(shares.leak + shares.bloat <= 0.02, "{snapshots}: {shares:?}");
            assert!(shares.by_bytes >= by_bytes, "{snapshots}: {shares:?}");
        }
        for growth in [level_from_the_middle as Growth, step] {
            let shares = Shares::of(growth, false, snapshots, random);
            assert!(shares.leak + shares.bloat <= 0.01, "{snapshots}: {shares:?}");
        }
    }
}

#[test]
fn elements_that_get_larger_are_bloat() {
    let random = &mut Random(23);
    for snapshots in SEVERAL {
        let shares = Shares::of(leak, true, snapshots, random);
        assert!(shares.bloat >= 0.95 && shares.leak <= 0.05, "{snapshots}: {shares:?}");
    }
}

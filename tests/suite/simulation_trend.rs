//! The rule for the trend of a site, held against sites whose course is known: what is alive of a site of small
//! objects is sampled, and goes on being so until it is freed, so that its estimates are alike from one snapshot
//! to the next.

use heapdiff::internals::evidence::{BucketTurnover, Significance, Tester};
use heapdiff::internals::series::{SiteHistory, SnapshotWindow, Trend, trend};
use heapdiff::internals::site::Rate;

use crate::simulation::{Random, Sampled};

const RATE: i64 = 512 << 10;
const SIZE: u64 = 64;
/// What is alive at first, and what is more of it at last, in samples.
const BASE: f64 = 16.0;
const GROWTH: f64 = 30.0;
/// The part of what is alive that is replaced from one snapshot to the next.
const TURNOVER: f64 = 0.02;
/// What a site must reach among others, as a rule.
const LEVEL: f64 = 0.005;
const TRIALS: u32 = 2000;

/// What is expected to be alive at a time from 0 to 1.
type Course = fn(f64) -> f64;

fn steady(_: f64) -> f64 {
    BASE
}

fn leak(time: f64) -> f64 {
    BASE + GROWTH * time
}

fn short_warm_up(time: f64) -> f64 {
    BASE + GROWTH * (1.0 - libm::exp(-time / 0.1))
}

fn long_warm_up(time: f64) -> f64 {
    BASE + GROWTH * (1.0 - libm::exp(-time / 0.25))
}

fn step_at_60_percent(time: f64) -> f64 {
    if time < 0.6 { BASE } else { BASE + GROWTH }
}

fn step_at_80_percent(time: f64) -> f64 {
    if time < 0.8 { BASE } else { BASE + GROWTH }
}

/// Fills and empties again and again, and is full at last.
fn sawtooth(time: f64) -> f64 {
    BASE + 4.0 * GROWTH * (4.99 * time).fract()
}

/// The trends of sites that all take this course.
struct Rates(Vec<Trend>);

impl Rates {
    fn of(course: Course, snapshots: u32, random: &mut Random) -> Self {
        let times: Vec<_> = (0..snapshots).map(|at| f64::from(at) / f64::from(snapshots - 1)).collect();
        let seen = 1.0 / Rate::new(RATE).objects_per_sample(SIZE);
        let first = Sampled::new(course(0.0), seen);
        // What is new from one snapshot to the next: the growth, and what replaces. And the part that goes.
        let steps = times.windows(2).map(|pair| {
            let [before, after] = [course(pair[0]), course(pair[1])];
            let born = Sampled::new((after - before).max(0.0) + TURNOVER * before, seen);
            (born, TURNOVER + (before - after).max(0.0) / before)
        });
        let steps: Vec<_> = steps.collect();
        let mut tester = Tester::new(Rate::new(RATE));
        Rates((0..TRIALS).map(|_| one(&first, &steps, &mut tester, random)).collect())
    }

    fn share(&self, wanted: Trend) -> f64 {
        self.0.iter().filter(|trend| **trend == wanted).count() as f64 / f64::from(TRIALS)
    }

    fn grew(&self) -> f64 {
        1.0 - self.share(Trend::Steady)
    }
}

/// One site: its samples by snapshot, told from as the program does.
fn one(first: &Sampled, steps: &[(Sampled, f64)], tester: &mut Tester, random: &mut Random) -> Trend {
    // Live samples, and those that were ever born.
    let mut snapshots = vec![(first.draw(random), 0)];
    for (births, goes) in steps {
        let (live, ever) = snapshots[snapshots.len() - 1];
        let died = (0..live).filter(|_| random.uniform() < *goes).count() as u64;
        let births = births.draw(random);
        snapshots.push((live - died + births, ever + births));
    }
    let window = SnapshotWindow::of(snapshots.len()).unwrap();
    let mut p_since = |from: usize| {
        let ((before, ever_before), (after, ever)) = (snapshots[from], snapshots[window.last]);
        let births = ever - ever_before;
        let deaths = births + before - after;
        tester.p_value(&[BucketTurnover { size: SIZE, born: births.min(after), died: deaths.min(before) }])
    };
    let (p, p_later) = (p_since(window.first), p_since(window.middle));
    let values: Vec<_> = snapshots.iter().map(|&(live, _)| i128::from(live) * i128::from(RATE)).collect();
    let verdict = if p <= LEVEL { Significance::Grew } else { Significance::Noise };
    trend(SiteHistory { values: &values, verdict, p_later: Some(p_later), negligible: 0 }, window, None)
}

const SEVERAL: [u32; 4] = [4, 6, 9, 20];

#[test]
fn what_is_only_replaced_is_no_leak() {
    let random = &mut Random(11);
    for snapshots in SEVERAL {
        let rates = Rates::of(steady, snapshots, random);
        assert!(rates.grew() <= 0.01 && rates.share(Trend::Leak) <= 0.005, "{snapshots}: {}", rates.grew());
    }
}

#[test]
fn steady_growth_is_a_leak() {
    let random = &mut Random(12);
    for snapshots in SEVERAL {
        let rates = Rates::of(leak, snapshots, random);
        assert!(rates.grew() >= 0.94, "{snapshots}: {}", rates.grew());
        assert!((0.83..=0.95).contains(&rates.share(Trend::Leak)), "{snapshots}: {}", rates.share(Trend::Leak));
        assert!(rates.share(Trend::OneStep) + rates.share(Trend::Fluctuating) <= 0.01, "{snapshots}");
    }
    // Three cannot tell.
    assert!(Rates::of(leak, 3, random).share(Trend::Grew) >= 0.99);
}

#[test]
fn a_warm_up_is_seldom_a_leak() {
    let random = &mut Random(13);
    for snapshots in SEVERAL {
        // What is replaced in the second half makes a few of them look as if they did not slow down.
        let rates = Rates::of(short_warm_up, snapshots, random);
        assert!(rates.share(Trend::Leak) <= 0.03, "{snapshots}: {}", rates.share(Trend::Leak));
        let rates = Rates::of(long_warm_up, snapshots, random);
        assert!(rates.share(Trend::Leak) <= 0.14, "{snapshots}: {}", rates.share(Trend::Leak));
        if snapshots >= 9 {
            assert!(rates.share(Trend::WarmUp) >= 0.65, "{snapshots}: {}", rates.share(Trend::WarmUp));
        }
    }
    // By the second of four it is over, and the first does not count.
    assert!(Rates::of(short_warm_up, 4, random).grew() <= 0.01);
}

#[test]
fn a_single_step_is_no_leak() {
    let random = &mut Random(14);
    for step in [step_at_60_percent, step_at_80_percent] {
        for snapshots in [4, 5, 6, 9, 20] {
            let rates = Rates::of(step, snapshots, random);
            assert!(rates.grew() >= 0.95, "{snapshots}: {}", rates.grew());
            assert!(rates.share(Trend::Leak) <= 0.005, "{snapshots}: {}", rates.share(Trend::Leak));
        }
        // Too few to tell.
        assert!(Rates::of(step, 5, random).share(Trend::Grew) >= 0.99);
        for snapshots in [9, 20] {
            assert!(Rates::of(step, snapshots, random).share(Trend::OneStep) >= 0.95, "{snapshots}");
        }
    }
    assert!(Rates::of(step_at_80_percent, 6, random).share(Trend::OneStep) >= 0.99);
}

#[test]
fn what_comes_and_goes_is_seldom_a_leak() {
    let random = &mut Random(15);
    assert!(Rates::of(sawtooth, 9, random).share(Trend::Leak) <= 0.01);
    let rates = Rates::of(sawtooth, 20, random);
    assert!(rates.share(Trend::Leak) <= 0.07, "{}", rates.share(Trend::Leak));
    assert!(rates.share(Trend::Fluctuating) >= 0.8, "{}", rates.share(Trend::Fluctuating));
}

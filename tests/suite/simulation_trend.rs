//! The rule for the trend of a site, tested on simulated sites of small objects whose course is known. An object that
//! is sampled stays so until it is freed, so that estimates are correlated from one snapshot to the next.

use std::collections::HashMap;

use heapdiff::internals::diff::Metric;
use heapdiff::internals::evidence::{BucketTurnover, SideWeights, Significance, Tester, growth_interval};
use heapdiff::internals::series::{Shape, SiteHistory, SnapshotTimes, SnapshotWindow, Trend, trend};
use heapdiff::internals::site::Rate;

use crate::simulation::{Random, Sampled};

const RATE: i64 = 512 << 10;
const SIZE: u64 = 64;
/// The level of a site among others, usually, and that of a suspect.
const LEVEL: f64 = 0.005;
const SUSPECT_LEVEL: f64 = 0.02;
const TRIALS: u32 = 1000;

/// The share of its growth that a site has at a time from 0 to 1.
type Growth = fn(f64) -> f64;

fn steady(_: f64) -> f64 {
    0.0
}

fn leak(time: f64) -> f64 {
    time
}

fn short_warm_up(time: f64) -> f64 {
    1.0 - libm::exp(-time / 0.1)
}

fn long_warm_up(time: f64) -> f64 {
    1.0 - libm::exp(-time / 0.2)
}

fn full_from_40_percent(time: f64) -> f64 {
    (time / 0.4).min(1.0)
}

fn step_at_60_percent(time: f64) -> f64 {
    if time < 0.6 { 0.0 } else { 1.0 }
}

fn step_at_80_percent(time: f64) -> f64 {
    if time < 0.8 { 0.0 } else { 1.0 }
}

/// Fills and empties again and again, and is full at last.
fn sawtooth(time: f64) -> f64 {
    4.0 * (4.99 * time).fract()
}

/// A site in a series.
#[derive(Clone, Copy)]
struct Simulated {
    growth: Growth,
    /// Expected live samples at first, and how many more there are when the growth is 1.
    base: f64,
    most: f64,
    /// The share of the live objects that is replaced from one snapshot to the next.
    turnover: f64,
    snapshots: u32,
    /// Whether the heap as a whole is known to keep growing.
    heap_grows: bool,
}

/// A site of usual size, of which samples alone are known.
fn site(growth: Growth, snapshots: u32) -> Simulated {
    Simulated { growth, base: 16.0, most: 30.0, turnover: 0.02, snapshots, heap_grows: false }
}

/// A new site in nine snapshots of a heap that is known to keep growing, because of another site.
fn beside_a_leak(growth: Growth, most: f64, turnover: f64) -> Simulated {
    Simulated { growth, base: 0.0, most, turnover, snapshots: 9, heap_grows: true }
}

/// P-values of sites of one size.
struct PValues {
    tester: Tester,
    above_a_half: HashMap<(u64, u64), bool>,
}

impl PValues {
    fn new() -> Self {
        PValues { tester: Tester::new(Rate::new(RATE), SideWeights::SUM), above_a_half: HashMap::new() }
    }

    /// The p-value; of those above 0.1 only on which side of 0.5 they are.
    fn of(&mut self, born: u64, died: u64) -> f64 {
        let bucket = BucketTurnover { size: SIZE, born, died, is_usual: false };
        let p = self.tester.p_value(&[bucket]);
        let is_above = self.above_a_half.entry((born, died)).or_insert_with(|| {
            growth_interval(&[bucket], Rate::new(RATE), SideWeights::SUM, 0.5, Metric::Space).low <= 0.0
        });
        if *is_above { 1.0 } else { p.min(0.5) }
    }
}

/// The trends of sites of one kind.
struct Rates(Vec<Trend>);

impl Rates {
    fn of(site: Simulated, random: &mut Random) -> Self {
        let at =
            |snapshot: u32| site.base + site.most * (site.growth)(f64::from(snapshot) / f64::from(site.snapshots - 1));
        let seen = 1.0 / Rate::new(RATE).objects_per_sample(SIZE);
        let first = Sampled::new(at(0), seen);
        // What is new since the last snapshot: growth and replacements; and the share that was freed.
        let steps = (1..site.snapshots).map(|snapshot| {
            let [before, after] = [at(snapshot - 1), at(snapshot)];
            let born = Sampled::new((after - before).max(0.0) + site.turnover * before, seen);
            (born, site.turnover + (before - after).max(0.0) / before.max(1e-9))
        });
        let steps: Vec<_> = steps.collect();
        let mut p_values = PValues::new();
        Rates((0..TRIALS).map(|_| one(site, &first, &steps, &mut p_values, random)).collect())
    }

    fn share(&self, wanted: Trend) -> f64 {
        self.0.iter().filter(|trend| **trend == wanted).count() as f64 / f64::from(TRIALS)
    }

    fn leak(&self) -> f64 {
        self.share(Trend::Leak)
    }

    fn grew(&self) -> f64 {
        1.0 - self.share(Trend::Steady)
    }

    /// Levelled off, at the end or before.
    fn ended(&self) -> f64 {
        self.share(Trend::WarmUp) + self.share(Trend::Levelled)
    }
}

/// The trend of one site, by its samples in each snapshot, as the program finds it.
fn one(
    site: Simulated,
    first: &Sampled,
    steps: &[(Sampled, f64)],
    p_values: &mut PValues,
    random: &mut Random,
) -> Trend {
    // Live samples, and those that were ever born.
    let mut snapshots = vec![(first.draw(random), 0)];
    for (births, goes) in steps {
        let (live, ever) = snapshots[snapshots.len() - 1];
        let died = (0..live).filter(|_| random.uniform() < *goes).count() as u64;
        let births = births.draw(random);
        snapshots.push((live - died + births, ever + births));
    }
    let times = SnapshotTimes::new(snapshots.iter().map(|_| 0));
    let window = SnapshotWindow::of(&times).unwrap();
    let mut p_since = |from: usize| {
        let ((before, ever_before), (after, ever)) = (snapshots[from], snapshots[window.last]);
        let births = ever - ever_before;
        let deaths = births + before - after;
        p_values.of(births.min(after), deaths.min(before))
    };
    let (p, p_later) = (p_since(window.first), p_since(window.middle));
    let samples: Vec<_> = snapshots.iter().map(|&(live, _)| i128::from(live)).collect();
    let values: Vec<_> = samples.iter().map(|live| live * i128::from(RATE)).collect();
    let verdict = match p {
        p if p <= LEVEL => Significance::Grew,
        p if p <= SUSPECT_LEVEL => Significance::Suspect,
        _ => Significance::Noise,
    };
    let history = SiteHistory {
        values: &values,
        samples: &samples,
        verdict,
        p_later: Some(p_later),
        is_replaced_by_larger: false,
        negligible: 0,
    };
    trend(history, &times, window, site.heap_grows.then_some(Shape::Growing))
}

const SEVERAL: [u32; 4] = [5, 6, 9, 20];

#[test]
fn what_is_only_replaced_is_no_leak() {
    let random = &mut Random(11);
    for snapshots in SEVERAL {
        let rates = Rates::of(site(steady, snapshots), random);
        assert!(rates.grew() <= 0.01 && rates.leak() <= 0.005, "{snapshots}: {}", rates.grew());
    }
}

#[test]
fn steady_growth_is_a_leak() {
    let random = &mut Random(12);
    for snapshots in SEVERAL {
        let rates = Rates::of(site(leak, snapshots), random);
        assert!(rates.grew() >= 0.94, "{snapshots}: {}", rates.grew());
        assert!((0.76..=0.95).contains(&rates.leak()), "{snapshots}: {}", rates.leak());
        assert!(rates.share(Trend::OneStep) + rates.share(Trend::Fluctuating) <= 0.01, "{snapshots}");
    }
    // Four cannot tell: the first does not count.
    for snapshots in [3, 4] {
        assert!(Rates::of(site(leak, snapshots), random).share(Trend::Grew) >= 0.95);
    }
}

#[test]
fn a_warm_up_is_seldom_a_leak() {
    let random = &mut Random(13);
    for snapshots in SEVERAL {
        // Replacements in the second half make a few of them look as if they did not slow down.
        for growth in [short_warm_up, long_warm_up, full_from_40_percent] {
            let rates = Rates::of(site(growth, snapshots), random);
            assert!(rates.leak() <= 0.06, "{snapshots}: {}", rates.leak());
        }
        if snapshots >= 9 {
            let rates = Rates::of(site(long_warm_up, snapshots), random);
            assert!(rates.ended() >= 0.55, "{snapshots}: {}", rates.ended());
            let rates = Rates::of(site(full_from_40_percent, snapshots), random);
            assert!(rates.ended() >= 0.85, "{snapshots}: {}", rates.ended());
        }
    }
    // By the second of four it is over, and the first does not count.
    assert!(Rates::of(site(short_warm_up, 4), random).grew() <= 0.01);
}

#[test]
fn a_single_step_is_no_leak() {
    let random = &mut Random(14);
    for growth in [step_at_60_percent as Growth, step_at_80_percent] {
        for snapshots in SEVERAL {
            let rates = Rates::of(site(growth, snapshots), random);
            assert!(rates.grew() >= 0.95, "{snapshots}: {}", rates.grew());
            // Five are too few to know a step from a leak where replacements add a rise.
            let limit = if snapshots == 5 { 0.03 } else { 0.01 };
            assert!(rates.leak() <= limit, "{snapshots}: {}", rates.leak());
            if snapshots >= 9 {
                assert!(rates.share(Trend::OneStep) + rates.ended() >= 0.93, "{snapshots}");
            }
        }
    }
    // Too few to tell.
    assert!(Rates::of(site(step_at_80_percent, 5), random).share(Trend::Grew) >= 0.99);
    for snapshots in [9, 20] {
        assert!(Rates::of(site(step_at_80_percent, snapshots), random).share(Trend::OneStep) >= 0.95, "{snapshots}");
    }
}

#[test]
fn what_comes_and_goes_is_seldom_a_leak() {
    let random = &mut Random(15);
    assert!(Rates::of(site(sawtooth, 9), random).leak() <= 0.01);
    let rates = Rates::of(site(sawtooth, 20), random);
    assert!(rates.leak() <= 0.08, "{}", rates.leak());
    assert!(rates.share(Trend::Fluctuating) >= 0.75, "{}", rates.share(Trend::Fluctuating));
}

/// The heap as a whole grows because of another site. If it alone decided, every site of these that is found to have
/// grown would be a leak.
#[test]
fn a_heap_that_grows_promotes_no_site() {
    let random = &mut Random(16);
    for (most, is_leak) in [(8.0, 0.55), (16.0, 0.9), (30.0, 0.94)] {
        let rates = Rates::of(beside_a_leak(leak, most, 0.02), random);
        assert!(rates.leak() >= is_leak, "{most}: {}", rates.leak());
    }
    let kinds: [(Growth, f64, [f64; 3]); 5] = [
        // A full cache, without and with entries that are replaced; one that fills ever more slowly; steps.
        (full_from_40_percent, 0.0, [0.005, 0.005, 0.005]),
        (full_from_40_percent, 0.1, [0.16, 0.13, 0.05]),
        (long_warm_up, 0.02, [0.18, 0.28, 0.15]),
        (step_at_60_percent, 0.02, [0.02, 0.005, 0.005]),
        (step_at_80_percent, 0.02, [0.005, 0.005, 0.005]),
    ];
    for (growth, turnover, limits) in kinds {
        for (most, limit) in [8.0, 16.0, 30.0].into_iter().zip(limits) {
            let site = beside_a_leak(growth, most, turnover);
            let rates = Rates::of(site, random);
            assert!(rates.leak() <= limit, "{most} {turnover}: {}", rates.leak());
            // Without exact totals growth needs more support.
            let alone = Rates::of(Simulated { heap_grows: false, ..site }, random);
            assert!(alone.leak() <= 0.05, "{most} {turnover}: {}", alone.leak());
            if most >= 16.0 {
                assert!(rates.grew() >= 0.55, "{most} {turnover}: {}", rates.grew());
            }
        }
    }
}

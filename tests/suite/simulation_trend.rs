//! The rule for the trend of a site, held against sites whose course is known: what is alive of a site of small
//! objects is sampled, and goes on being so until it is freed, so that its estimates are alike from one snapshot
//! to the next.

use heapdiff::evidence::{Moved, Tester, Verdict};
use heapdiff::series::{SiteCourse, Trend, Window, trend};
use heapdiff::site::Rate;

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
const TRIALS: u32 = 400;

/// What is expected to be alive at a time from 0 to 1.
type Course = fn(f64) -> f64;

fn steady(_: f64) -> f64 {
    BASE
}

fn leak(time: f64) -> f64 {
    BASE + GROWTH * time
}

fn short_warm_up(time: f64) -> f64 {
    BASE + GROWTH * (1.0 - (-time / 0.1).exp())
}

fn long_warm_up(time: f64) -> f64 {
    BASE + GROWTH * (1.0 - (-time / 0.25).exp())
}

fn step_at_60_percent(time: f64) -> f64 {
    if time < 0.6 { BASE } else { BASE + GROWTH }
}

fn step_at_80_percent(time: f64) -> f64 {
    if time < 0.8 { BASE } else { BASE + GROWTH }
}

/// The trends of sites that all take this course.
struct Rates(Vec<Trend>);

impl Rates {
    fn of(course: Course, snapshots: u32, random: &mut Random) -> Self {
        let times: Vec<_> = (0..snapshots).map(|at| f64::from(at) / f64::from(snapshots - 1)).collect();
        let seen = 1.0 / Rate::new(RATE).objects_per_sample(SIZE);
        let first = Sampled::new(course(0.0), seen);
        // What is new from one snapshot to the next: the growth, and what replaces.
        let born = times.windows(2).map(|pair| course(pair[1]) - course(pair[0]) + TURNOVER * course(pair[0]));
        let born: Vec<_> = born.map(|expected| Sampled::new(expected, seen)).collect();
        let mut tester = Tester::new(Rate::new(RATE));
        Rates((0..TRIALS).map(|_| one(&first, &born, &mut tester, random)).collect())
    }

    fn share(&self, wanted: Trend) -> f64 {
        self.0.iter().filter(|trend| **trend == wanted).count() as f64 / f64::from(TRIALS)
    }

    fn grew(&self) -> f64 {
        1.0 - self.share(Trend::Steady)
    }
}

/// One site: its samples by snapshot, told from as the program does.
fn one(first: &Sampled, born: &[Sampled], tester: &mut Tester, random: &mut Random) -> Trend {
    // Live samples, and those that were ever born.
    let mut snapshots = vec![(first.draw(random), 0)];
    for births in born {
        let (live, ever) = snapshots[snapshots.len() - 1];
        let died = (0..live).filter(|_| random.uniform() < TURNOVER).count() as u64;
        let births = births.draw(random);
        snapshots.push((live - died + births, ever + births));
    }
    let window = Window::of(snapshots.len()).unwrap();
    let mut p_since = |from: usize| {
        let ((before, ever_before), (after, ever)) = (snapshots[from], snapshots[window.last]);
        let births = ever - ever_before;
        let deaths = births + before - after;
        tester.p_value(&[Moved { size: SIZE, born: births.min(after), died: deaths.min(before) }])
    };
    let (p, p_later) = (p_since(window.first), p_since(window.middle));
    let values: Vec<_> = snapshots.iter().map(|&(live, _)| i128::from(live) * i128::from(RATE)).collect();
    let verdict = if p <= LEVEL { Verdict::Grew } else { Verdict::Noise };
    trend(SiteCourse { values: &values, verdict, p_later: Some(p_later) }, window, None)
}
#[test]
fn print_rates() {
    for (name, course) in [("steady", steady as Course), ("leak", leak), ("warm.1", short_warm_up), ("warm.25", long_warm_up), ("step60", step_at_60_percent), ("step80", step_at_80_percent)] {
        for k in [3, 4, 5, 6, 7, 9, 13, 20] {
            let r = Rates::of(course, k, &mut Random(8));
            println!("{name} {k} grew {:.3} leak {:.3} unclear {:.3} warm {:.3} step {:.3} fluct {:.3}", r.grew(), r.share(Trend::Leak), r.share(Trend::Unclear), r.share(Trend::WarmUp), r.share(Trend::OneStep), r.share(Trend::Fluctuating));
        }
    }
}

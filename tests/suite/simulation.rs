//! The statistics, held against the sampling they model: an object of `size` bytes is sampled with
//! probability `1 - e^(-size / rate)`, so of `n` objects, Binomial(n, p) are.

use heapdiff::internals::diff::Metric;
use heapdiff::internals::evidence::{
    BucketTurnover, GATE_ALPHA, LimitPower, SideWeights, Tester, detectable_growth, growth_interval, significant,
    testable,
};
use heapdiff::internals::site::Rate;

const RATE: i64 = 512 << 10;

/// Object sizes up to the rate. The limits do not hold for a few objects of 2 to 12 times the rate, nearly all of which
/// are sampled: see `p_value`.
const SIZES: [u64; 5] = [16, 4096, 131_072, 262_144, 524_288];

/// SplitMix64 (Steele, Lea & Flood 2014): the same numbers on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The number of sampled objects among a given number.
pub struct Sampled {
    /// By count: the probability of no more.
    cumulative: Vec<f64>,
}

impl Sampled {
    /// With this many samples expected, of objects that are sampled with probability `p`.
    pub fn new(expected: f64, p: f64) -> Self {
        let objects = (expected / p).round();
        let mut probability = libm::exp(objects * libm::log1p(-p));
        let mut cumulative = vec![probability];
        let mut sum = probability;
        while sum < 1.0 - 1e-12 && (cumulative.len() as f64) <= objects {
            let seen = cumulative.len() as f64;
            probability *= (objects - seen + 1.0) / seen * p / (1.0 - p);
            sum += probability;
            cumulative.push(sum);
        }
        Sampled { cumulative }
    }

    pub fn draw(&self, random: &mut Random) -> u64 {
        let place = random.uniform();
        self.cumulative.partition_point(|&cumulative| cumulative < place) as u64
    }
}

fn seen(size: u64) -> f64 {
    1.0 / Rate::new(RATE).objects_per_sample(size)
}

/// Tests sites of one object size at which equally many samples are expected to be born and to die.
fn p_values(size: u64, expected: [f64; 2], trials: usize, random: &mut Random) -> Vec<f64> {
    p_values_per(SideWeights::SUM, size, expected, trials, random)
}

fn p_values_per(per: SideWeights, size: u64, [born, died]: [f64; 2], trials: usize, random: &mut Random) -> Vec<f64> {
    let mut tester = Tester::new(Rate::new(RATE), per);
    let (births, deaths) = (Sampled::new(born, seen(size)), Sampled::new(died, seen(size)));
    let one = |_| {
        tester.p_value(&[BucketTurnover {
            size,
            born: births.draw(random),
            died: deaths.draw(random),
            is_usual: false,
        }])
    };
    (0..trials).map(one).collect()
}

fn share(p_values: &[f64], level: f64) -> f64 {
    p_values.iter().filter(|&&p| p <= level).count() as f64 / p_values.len() as f64
}

#[test]
fn what_was_only_replaced_is_seldom_taken_for_growth() {
    const TRIALS: usize = 20_000;
    let random = &mut Random(1);
    let mut greatest = 0.0f64;
    for size in SIZES {
        for expected in [0.5, 2.0, 5.0, 10.0, 30.0, 100.0] {
            let p_values = p_values(size, [expected; 2], TRIALS, random);
            // 5.7 % and 0.25 %, and three standard errors of as many trials.
            for (level, most) in [(0.05, 0.057), (0.001, 0.0025)] {
                let found = share(&p_values, level);
                let error = (most * (1.0 - most) / TRIALS as f64).sqrt();
                assert!(found <= most + 3.0 * error, "{size} {expected} {level}: {found}");
                greatest = greatest.max(found);
            }
        }
    }
    assert!(greatest > 0.04, "a test that never finds anything is no test");
}

#[test]
fn a_heap_that_was_all_replaced_seldom_has_a_site_that_grew() {
    const TRIALS: usize = 3000;
    let random = &mut Random(2);
    let mut tester = Tester::new(Rate::new(RATE), SideWeights::SUM);
    // Most sites have up to three samples, a few have many.
    let sizes = [16, 48, 64, 208, 1024, 8192, 65_536, 1 << 20];
    let sites: Vec<(u64, Sampled)> = (0..300u32)
        .map(|site| {
            let size = sizes[site as usize % sizes.len()];
            (size, Sampled::new(60.0 * libm::pow(f64::from(site + 1), -0.9), seen(size)))
        })
        .collect();
    let (mut alarms, mut divisors) = (0, 0);
    for _ in 0..TRIALS {
        let mut one = |(size, sampled): &(u64, Sampled)| {
            let (born, died) = (sampled.draw(random), sampled.draw(random));
            let bucket = [BucketTurnover { size: *size, born, died, is_usual: false }];
            (tester.p_value(&bucket), tester.min_attainable_p(&bucket))
        };
        let (p_values, min_p): (Vec<_>, Vec<_>) = sites.iter().map(&mut one).unzip();
        let able = testable(&min_p, 0.05);
        alarms += usize::from(significant(&p_values, &able).contains(&true));
        divisors += able.divisor;
    }
    let (alarms, divisor) = (alarms as f64 / TRIALS as f64, divisors as f64 / TRIALS as f64);
    // Three standard errors above 5 %.
    assert!(alarms <= 0.05 + 3.0 * (0.05 * 0.95 / TRIALS as f64).sqrt(), "{alarms}");
    assert!(divisor < 100.0, "{divisor}");
}

#[test]
fn growth_of_the_detectable_size_is_found_nine_times_in_ten() {
    let random = &mut Random(3);
    for level in [0.05, 0.005, 0.001] {
        for died in [0.0, 5.0, 20.0] {
            let samples = detectable_growth(Rate::new(RATE), SideWeights::SUM, level, died) / RATE as f64;
            let power = share(&p_values(64, [died + samples, died], 10_000, random), level);
            assert!((0.84..=0.96).contains(&power), "{level} {died}: {power}");
        }
    }
}

#[test]
fn the_interval_of_95_percent_contains_the_growth_as_often() {
    const TRIALS: usize = 3000;
    let random = &mut Random(4);
    for size in SIZES {
        for expected in [[3.0, 3.0], [10.0, 0.0], [30.0, 10.0], [100.0, 100.0]] {
            let [births, deaths] = expected.map(|expected| Sampled::new(expected, seen(size)));
            let [born, died] = expected.map(|expected| (expected / seen(size)).round());
            let grown = (born - died) * size as f64;
            let mut covered = 0;
            for _ in 0..TRIALS {
                let moved =
                    [BucketTurnover { size, born: births.draw(random), died: deaths.draw(random), is_usual: false }];
                let interval = growth_interval(&moved, Rate::new(RATE), SideWeights::SUM, 0.025, Metric::Space);
                // One byte, for rounding where every object is seen.
                covered += usize::from(interval.low - 1.0 <= grown && grown <= interval.high + 1.0);
            }
            let covered = covered as f64 / TRIALS as f64;
            assert!(covered >= 0.94, "{size} {expected:?}: {covered}");
        }
    }
}

#[test]
fn the_interval_of_a_whole_heap_contains_its_growth_as_often() {
    const TRIALS: usize = 2000;
    let random = &mut Random(8);
    let sizes = [16, 32, 48, 64, 96, 208, 1024, 8192, 65_536, 524_288, 4 << 20];
    // Samples born and died in all: a leak, a heap that is replaced, one that is both, a tiny one, and one that shrinks.
    for [births, deaths] in [[30.0, 0.0], [200.0, 200.0], [120.0, 80.0], [2.0, 1.0], [5.0, 40.0]] {
        // The first sizes have most of them.
        let share = |at: usize| 1.0 / (at + 1) as f64 / (1..=sizes.len()).map(|n| 1.0 / n as f64).sum::<f64>();
        let kinds: Vec<_> = sizes
            .into_iter()
            .enumerate()
            .map(|(at, size)| {
                let objects = [births, deaths].map(|all| (all * share(at) / seen(size)).round());
                (size, objects, objects.map(|objects| Sampled::new(objects * seen(size), seen(size))))
            })
            .collect();
        let grown: f64 = kinds.iter().map(|(size, [born, died], _)| (born - died) * *size as f64).sum();
        let [mut covered, mut above, mut below] = [0; 3];
        for _ in 0..TRIALS {
            let bucket = |(size, _, [births, deaths]): &(u64, [f64; 2], [Sampled; 2])| BucketTurnover {
                size: *size,
                born: births.draw(random),
                died: deaths.draw(random),
                is_usual: false,
            };
            let moved: Vec<_> = kinds.iter().map(bucket).collect();
            let interval = growth_interval(&moved, Rate::new(RATE), SideWeights::SUM, 0.025, Metric::Space);
            above += usize::from(interval.low > grown + 1.0);
            below += usize::from(interval.high < grown - 1.0);
            covered += usize::from(interval.low <= grown + 1.0 && grown - 1.0 <= interval.high);
        }
        let [covered, above, below] = [covered, above, below].map(|count| count as f64 / TRIALS as f64);
        assert!(covered >= 0.94 && above <= 0.035 && below <= 0.035, "{births} {deaths}: {covered} {above} {below}");
    }
}

/// Profiles on the base and on the current side.
const FLEETS: [[u32; 2]; 3] = [[3, 9], [9, 3], [7, 8]];

#[test]
fn fleets_of_different_size_that_were_only_replaced_are_seldom_taken_for_growth() {
    const TRIALS: usize = 10_000;
    let random = &mut Random(5);
    let mut greatest = 0.0f64;
    for [base, current] in FLEETS.into_iter().chain([[1, 20]]) {
        for size in SIZES {
            // In one profile.
            for expected in [0.1, 0.5, 2.0, 10.0] {
                let of_side = [current, base].map(|profiles| expected * f64::from(profiles));
                let p_values = p_values_per(SideWeights::mean_of(base, current), size, of_side, TRIALS, random);
                for (level, most) in [(0.05, 0.057), (0.001, 0.0025)] {
                    let found = share(&p_values, level);
                    let error = (most * (1.0 - most) / TRIALS as f64).sqrt();
                    assert!(found <= most + 3.0 * error, "{base}:{current} {size} {expected} {level}: {found}");
                    greatest = greatest.max(found);
                }
            }
        }
    }
    assert!(greatest > 0.04, "a test that never finds anything is no test");
}

#[test]
fn growth_of_the_detectable_size_is_found_between_fleets_of_different_size() {
    let random = &mut Random(6);
    for [base, current] in FLEETS {
        let per = SideWeights::mean_of(base, current);
        for level in [0.05, 0.005, 0.001] {
            for died in [0.0, 2.0, 5.0, 30.0] {
                let [of_base, of_current] = [base, current].map(f64::from);
                let samples = detectable_growth(Rate::new(RATE), per, level, died * of_base) / RATE as f64;
                let expected = [(died + samples) * of_current, died * of_base];
                let power = share(&p_values_per(per, 64, expected, 5000, random), level);
                // The formula is rough if few died on the smaller side.
                assert!((0.8..=0.98).contains(&power), "{base}:{current} {level} {died}: {power}");
            }
        }
    }
}

#[test]
fn the_interval_of_fleets_of_different_size_contains_the_growth_as_often() {
    const TRIALS: usize = 2000;
    let random = &mut Random(7);
    for [base, current] in FLEETS {
        for size in SIZES {
            for [before, after] in [[1.0, 1.0], [0.0, 3.0], [10.0, 3.0], [10.0, 15.0]] {
                let objects = |expected: f64, profiles: u32| (expected * f64::from(profiles) / seen(size)).round();
                let [born, died] = [objects(after, current), objects(before, base)];
                let [births, deaths] = [born, died].map(|objects| Sampled::new(objects * seen(size), seen(size)));
                let grown = (born / f64::from(current) - died / f64::from(base)) * size as f64;
                let covered = (0..TRIALS).filter(|_| {
                    let moved = [BucketTurnover {
                        size,
                        born: births.draw(random),
                        died: deaths.draw(random),
                        is_usual: false,
                    }];
                    let per = SideWeights::mean_of(base, current);
                    let interval = growth_interval(&moved, Rate::new(RATE), per, 0.025, Metric::Space);
                    interval.low - 1.0 <= grown && grown <= interval.high + 1.0
                });
                let covered = covered.count() as f64 / TRIALS as f64;
                assert!(covered >= 0.94, "{base}:{current} {size} {before} {after}: {covered}");
            }
        }
    }
}

/// What a check says a limit can miss, held against what it misses: growth of what the limit allows fails once in forty
/// times, growth of what the message says nine times in ten.
#[test]
fn a_limit_catches_what_the_message_says_and_spares_what_it_allows() {
    for (rate, size) in [(RATE, 64), (65536, 48), (4096, 64), (4096, 1024)] {
        limit_does_what_the_message_says(Rate::new(rate), size);
    }
}

fn limit_does_what_the_message_says(rate: Rate, size: u64) {
    const TRIALS: usize = 1500;
    // Three standard errors of as many trials above 2.5 %.
    const MOST_ALARMS: f64 = 0.0375;
    let random = &mut Random(11);
    let power = LimitPower::new(rate, SideWeights::SUM, GATE_ALPHA);
    let mut tester = Tester::new(rate, SideWeights::SUM);
    let seen = 1.0 / rate.objects_per_sample(size);
    let mut failed = |limit: f64, growth: f64, deaths: f64| {
        let births = Sampled::new(deaths + growth / size as f64 * seen, seen);
        let died = Sampled::new(deaths, seen);
        let fails = |_: &usize| {
            let moved = [BucketTurnover { size, born: births.draw(random), died: died.draw(random), is_usual: false }];
            let bounds = growth_interval(&moved, rate, SideWeights::SUM, 0.025, Metric::Space);
            bounds.low > limit && tester.p_value(&moved) <= GATE_ALPHA
        };
        (0..TRIALS).filter(fails).count() as f64 / TRIALS as f64
    };
    for deaths in [0.0, 3.0, 20.0] {
        for samples in [0.125, 2.0, 8.0, 32.0] {
            let limit = samples * rate.bytes();
            // A site is said to have turned over as much as it did, so growth found there is known to be in excess.
            let caught = failed(limit, power.caught(limit, deaths), deaths);
            assert!((0.85..=0.99).contains(&caught), "{rate:?} {samples} {deaths}: caught {caught}");
            let alarms = failed(limit, limit, deaths);
            assert!(alarms <= MOST_ALARMS, "{rate:?} {samples} {deaths}: {alarms} of what is allowed");
            assert!(failed(limit, 0.5 * limit, deaths) <= MOST_ALARMS, "{rate:?} {samples} {deaths}: of half of it");
            let finest = power.finest_limit(deaths);
            let caught = failed(finest, 2.0 * finest, deaths);
            assert!(caught >= 0.85, "{deaths}: caught {caught} of twice the finest limit");
        }
    }
    // A limit that the data cannot hold lets pass what it forbids, as the message says.
    let fine = rate.bytes() / 8.0;
    assert!(power.is_finer_than_data(fine, 0.0) && failed(fine, 4.0 * fine, 0.0) < 0.01);
}

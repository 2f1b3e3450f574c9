//! What the course of a site that grew says of it: in raw samples, which tell how much chance there is in it.

use super::trend::Trend;
use super::window::{MIN_INTERVALS, SnapshotTimes, SnapshotWindow};
use crate::evidence::{Significance, is_improbably_few};

/// What decides the trend of a site. Values and samples are by snapshot.
#[derive(Debug, Clone, Copy)]
pub struct SiteHistory<'a> {
    /// Its live bytes, or its objects if bytes are not counted.
    pub values: &'a [i128],
    /// Its live raw samples.
    pub samples: &'a [i128],
    /// Significance of its growth over the window.
    pub verdict: Significance,
    /// Probability of its growth over the second half by chance; `None` if unknown.
    pub p_later: Option<f64>,
    /// Whether over the window about as many objects died as were born, and these are larger.
    pub is_replaced_by_larger: bool,
    /// Growth up to this is none, however significant; bytes or objects.
    pub negligible: i128,
}

/// Level at which growth slowed down, where the whole heap is known to grow, and otherwise.
const SLOWER_ALPHA: [f64; 2] = [0.02, 0.05];
/// Greatest p-value at which growth of the second half supports a leak, where the whole heap is known to grow, and
/// otherwise.
const MAX_P_LATER: [f64; 2] = [0.5, 0.05];
/// Intervals between snapshots that a single step needs to be distinguished from a leak.
const MIN_STEP_INTERVALS: usize = 4;
/// Samples by which a site grows if more objects are to explain it: fewer are large objects.
const MIN_SAMPLES: i128 = 3;
/// Samples that a leak needs where nothing says that the whole heap grows.
const MIN_LEAK_SAMPLES: i128 = 5;
/// Samples from which a site that grew in one step, or went up and down, is known to have done so.
const MIN_SHAPE_SAMPLES: i128 = 8;

/// The trend of a site that grew, by its own course. `heap_grows`: whether the whole heap is known to keep growing.
pub(super) fn own_trend(
    site: SiteHistory<'_>,
    times: &SnapshotTimes,
    window: SnapshotWindow,
    heap_grows: bool,
) -> Trend {
    let by_heap = |[growing, otherwise]: [f64; 2]| if heap_grows { growing } else { otherwise };
    let SnapshotWindow { first, middle, last } = window;
    let intervals = window.intervals();
    let (Some(values), Some(samples)) = (site.values.get(first..=last), site.samples.get(first..=last)) else {
        return Trend::Grew;
    };
    let p_later = site.p_later.unwrap_or(1.0);
    let is_short = window.is_short();
    if is_short && !(heap_grows && intervals == MIN_INTERVALS - 1 && p_later <= MAX_P_LATER[1]) {
        return Trend::Grew;
    }
    let value = |at: usize| values[at - first];
    let sample = |at: usize| samples[at - first];
    // Half as fast in the second half as in the first.
    let [early, late] = [value(middle) - value(first), value(last) - value(middle)];
    let [early_time, late_time] = [times.between(first, middle), times.between(middle, last)].map(|time| time as f64);
    let is_slow = 2.0 * late as f64 * early_time < early as f64 * late_time;
    let new_samples = sample(last) - sample(first);
    let (first_half, second_half) = values.split_at(middle - first + 1);
    let [least_before, least_after] = [least(first_half), least(second_half)];
    if new_samples < MIN_SAMPLES || site.is_replaced_by_larger {
        // A large object that was there, was gone and is there again is no growth.
        if new_samples < MIN_SAMPLES && least_after <= least_before && largest_fall(samples) >= new_samples {
            return Trend::Fluctuating;
        }
        let rises = Rises::of(values);
        let goes_on = heap_grows
            && !is_short
            && p_later <= MAX_P_LATER[1]
            && !is_slow
            && rises.count >= 3
            && 10 * rises.largest < 7 * (early + late);
        return if goes_on { Trend::Bloat } else { Trend::GrewLarge };
    }
    // Whether fewer samples came after a snapshot than those before it make likely.
    let is_slower_from = |at: usize| {
        let [early, late] = [sample(at) - sample(first), sample(last) - sample(at)];
        let (early, late) = (u64::try_from(early).unwrap_or(0), u64::try_from(late).unwrap_or(0));
        let [since, whole] = [times.between(at, last), times.between(first, last)].map(|time| time as f64);
        early > 0 && is_improbably_few(late, early.saturating_add(late), since / whole, by_heap(SLOWER_ALPHA))
    };
    if is_slow && is_slower_from(middle) {
        // What falls by more than it grew is not levelling off.
        let is_up_and_down = new_samples >= MIN_SHAPE_SAMPLES && largest_fall(samples) >= new_samples;
        return if is_up_and_down { Trend::Fluctuating } else { Trend::WarmUp };
    }
    let end = window.level_from();
    let [before, after] = [sample(end) - sample(first), sample(last) - sample(end)].map(|number| number as f64);
    let is_level = 4.0 * after * (times.between(first, end) as f64) < before * times.between(end, last) as f64;
    if is_level && is_slower_from(end) {
        return Trend::Levelled;
    }
    let rises = Rises::of(samples);
    let has_shape = |shape| if new_samples >= MIN_SHAPE_SAMPLES { shape } else { Trend::Grew };
    let comes_down = 2 * largest_fall(samples) >= new_samples;
    if intervals >= MIN_STEP_INTERVALS && 10 * rises.largest >= 7 * new_samples {
        return has_shape(if comes_down { Trend::Fluctuating } else { Trend::OneStep });
    }
    if 4 * (least_after - least_before) < early + late {
        return if comes_down { has_shape(Trend::Fluctuating) } else { Trend::Grew };
    }
    let is_thin = p_later > by_heap(MAX_P_LATER)
        || rises.count < 3.min(intervals - 1)
        || !heap_grows && (is_slow || new_samples < MIN_LEAK_SAMPLES);
    if is_thin { Trend::Grew } else { Trend::Leak }
}

fn least(numbers: &[i128]) -> i128 {
    numbers.iter().copied().min().unwrap_or(0)
}

/// The largest fall of numbers from one snapshot to any later one; 0 if there is none.
fn largest_fall(numbers: &[i128]) -> i128 {
    let falls = numbers.iter().scan(i128::MIN, |most, &now| {
        *most = now.max(*most);
        Some(*most - now)
    });
    falls.max().unwrap_or(0)
}

/// The rises of numbers from one snapshot to the next.
#[derive(Default)]
struct Rises {
    count: usize,
    /// 0 if there is none.
    largest: i128,
}

impl Rises {
    fn of(numbers: &[i128]) -> Self {
        let rises = numbers.windows(2).map(|pair| pair[1] - pair[0]).filter(|&rise| rise > 0);
        let count = |found: Rises, rise| Rises { count: found.count + 1, largest: found.largest.max(rise) };
        rises.fold(Rises::default(), count)
    }
}

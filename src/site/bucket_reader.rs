//! The way back from the values of a sample to the number of raw samples.

use super::bucket::Bucket;
use super::rate::{Rate, is_census};
use crate::index::NONE;
use crate::profile::{BucketHash, InputFormat, MetricsPresent, Profile, Sample};

/// The column that raw sample counts are derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CountFrom {
    /// Bytes, which distinguish numbers of samples better than objects do.
    Space,
    /// Objects, in profiles that do not count bytes.
    Objects,
    /// None: things are counted one by one, and have no size, or any: objects that are held.
    Census,
}

impl CountFrom {
    fn new(profile: &Profile) -> Self {
        match profile.counted() {
            _ if is_census(profile.header()) || profile.header().format == InputFormat::Goref => CountFrom::Census,
            MetricsPresent { space: true, .. } => CountFrom::Space,
            _ => CountFrom::Objects,
        }
    }
}

/// Turns the samples of one profile into buckets.
pub(super) struct BucketReader {
    rate: Option<Rate>,
    from: CountFrom,
    /// The last object size, and the bytes or objects that one sample of it stands for: most samples have the size of
    /// the one before.
    last: (u32, f64),
}

impl BucketReader {
    pub(super) fn new(profile: &Profile) -> Self {
        BucketReader { rate: Rate::from_header(profile.header()), from: CountFrom::new(profile), last: (0, 1.0) }
    }

    pub(super) fn rate(&self) -> Option<Rate> {
        self.rate
    }

    /// The bucket of a sample, with no site yet.
    #[inline]
    pub(super) fn bucket(&mut self, profile: &Profile, sample: &Sample<'_>) -> Bucket {
        let label = sample.block_size.unwrap_or(if self.from == CountFrom::Census { 1 } else { 0 });
        let live = if self.from == CountFrom::Space { sample.space } else { sample.objects };
        let known = u32::try_from(label).ok().and_then(|size| Some((size, self.samples(size, live)?)));
        let (size, live) = known.unwrap_or((0, 0));
        let allocated = sample.allocated_space.filter(|_| self.from == CountFrom::Space);
        let allocated = allocated.and_then(|space| self.samples(size, space));
        // Fewer than are alive: the profile does not really count allocations.
        let allocated = allocated.filter(|&allocated| allocated >= live);
        Bucket {
            hash: BucketHash::new(sample.stack.iter().map(|&id| profile.address(id)), label),
            site: NONE,
            size,
            live,
            allocated: allocated.unwrap_or(Bucket::UNKNOWN),
        }
    }

    /// The raw samples that `amount` bytes or objects were scaled up from; `None` if unknown.
    #[inline]
    fn samples(&mut self, size: u32, amount: i64) -> Option<u32> {
        let rate = self.rate.filter(|_| size > 0)?;
        if self.last.0 != size {
            let objects = rate.objects_per_sample(size.into());
            self.last = (size, if self.from == CountFrom::Space { objects * f64::from(size) } else { objects });
        }
        raw_samples(amount, self.last.1)
    }
}

/// The raw samples that `amount` was scaled up from; `None` if no number of samples makes it, as in values not written
/// by Go's rule. Exact: Go rounds each sample's bytes down to a whole number, by less than an eighth of a sample.
#[inline]
pub(super) fn raw_samples(amount: i64, per_sample: f64) -> Option<u32> {
    let amount = u64::try_from(amount).ok()? as f64;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no number of samples has 32 bits")]
    let samples = (amount / per_sample + 0.5) as u32;
    let count = f64::from(samples);
    let fits = (count * per_sample - amount).abs() <= count + 1.0 && (count > 0.0 || amount == 0.0);
    (fits && samples < u32::MAX).then_some(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::cast_possible_truncation)]
    fn raw_counts_come_back_from_what_go_writes() {
        for (period, size) in [(524_288, 16), (524_288, 64), (524_288, 600_000), (65_536, 8), (4096, 24), (1, 64)] {
            let rate = Rate::new(period);
            let mut reader = BucketReader { rate: Some(rate), from: CountFrom::Space, last: (0, 1.0) };
            for count in [0u32, 1, 2, 3, 7, 100, 12_345] {
                // As scaleHeapSample does it.
                let space = (f64::from(count) * f64::from(size) * rate.objects_per_sample(size.into())) as i64;
                assert_eq!(reader.samples(size, space), Some(count), "{count} of {size} at {period}");
            }
            assert_eq!((reader.samples(size, -1), reader.samples(0, 5)), (None, None));
            let odd = (1.4 * rate.bytes_per_sample(size.into())) as i64;
            assert!(reader.samples(size, odd).is_none() || size <= 8 && period == 1, "{size} at {period}");
        }
        let mut unknown = BucketReader { rate: None, from: CountFrom::Space, last: (0, 1.0) };
        assert_eq!(unknown.samples(64, 64), None);
    }
}

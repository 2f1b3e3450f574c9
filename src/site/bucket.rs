//! What Go's profiler samples: buckets, each a stack and an object size, with raw sample counts.
//!
//! In: live samples, unsampled as the runtime writes them. Out: [`Buckets`], which say nothing of growth.

use crate::profile::{BucketHash, DeadBucket, Header, MetricsPresent, ProcessFingerprint, Profile, Sample};

/// The mean of the bytes between two samples: Go's `MemProfileRate`, a profile's period. At 1 or less every
/// object is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(f64);

impl Rate {
    /// Takes the period of a profile.
    pub fn new(period: i64) -> Self {
        Rate(period.max(1) as f64)
    }

    /// Whether nothing is left to chance.
    pub fn is_exact(self) -> bool {
        self.0 <= 1.0
    }

    /// The bytes that one sample of small objects stands for.
    pub fn bytes(self) -> f64 {
        self.0
    }

    /// The objects that one sample of this size stands for: `1 / (1 - e^(-size / rate))`.
    pub fn objects_per_sample(self, size: u64) -> f64 {
        if self.is_exact() { 1.0 } else { -1.0 / libm::expm1(-(size as f64) / self.0) }
    }

    /// Likewise the bytes.
    pub fn bytes_per_sample(self, size: u64) -> f64 {
        self.objects_per_sample(size) * size as f64
    }

    /// The probability that an object of this size is not sampled.
    pub fn unseen(self, size: u64) -> f64 {
        if self.is_exact() { 0.0 } else { libm::exp(-(size as f64) / self.0) }
    }
}

/// A bucket with live samples. Small, as there are as many as samples.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    /// What tells it from other buckets of the process; of several profiles, nothing.
    pub hash: BucketHash,
    /// Index of its site in the table; [`u32::MAX`] for one that a filter took out.
    pub site: u32,
    /// Bytes of an object; 0 if that or the number of samples is not known, or 4 GiB and more.
    pub size: u32,
    /// Raw samples that are alive.
    pub live: u32,
    /// Raw samples of all time; [`u32::MAX`] also stands for more and for unknown.
    pub allocated: u32,
}

/// The buckets of one side.
#[derive(Debug, Default)]
pub struct Buckets {
    /// Sorted by hash and size.
    pub(super) list: Vec<Bucket>,
    fingerprint: ProcessFingerprint,
    /// Of the first profile.
    rate: Option<Rate>,
    profiles: u32,
    /// Whether profiles have different rates.
    mixed: bool,
}

impl Buckets {
    /// The live ones.
    pub fn list(&self) -> &[Bucket] {
        &self.list
    }

    /// The fingerprint of the process, of a side that is one profile, unless it overflowed.
    pub fn fingerprint(&self) -> Option<&ProcessFingerprint> {
        (self.profiles == 1 && !self.fingerprint.overflowed).then_some(&self.fingerprint)
    }

    /// The samples that a dead bucket had, as [`Bucket::allocated`].
    pub fn allocated(&self, dead: &DeadBucket) -> u32 {
        let known = self.rate().zip(u64::try_from(dead.size).ok().filter(|&size| size > 0));
        let samples = known.and_then(|(rate, size)| raw(dead.allocated_space, rate.bytes_per_sample(size)));
        samples.unwrap_or(u32::MAX)
    }

    /// How often was sampled; `None` where that is not known or not the same in all profiles.
    pub fn rate(&self) -> Option<Rate> {
        self.rate.filter(|_| !self.mixed)
    }

    /// How many profiles they are of.
    pub fn profiles(&self) -> u32 {
        self.profiles
    }

    /// Takes note of a profile whose samples follow.
    pub(super) fn start(&mut self, profile: &Profile) -> Sampling {
        let rate = rate(profile.header());
        if self.profiles == 0 {
            (self.rate, self.fingerprint) = (rate, profile.fingerprint().clone());
        } else {
            self.fingerprint = ProcessFingerprint::default();
        }
        self.mixed |= self.rate != rate;
        self.profiles = self.profiles.saturating_add(1);
        Sampling { rate, of: Of::new(profile), last: (0, 1.0) }
    }

    /// Sorts, and adds up the buckets of the same stack and size; of several profiles, those of the same site
    /// and size: their processes have nothing in common, nor, where code is moved at random, their addresses.
    pub(super) fn merge(&mut self) {
        if self.profiles > 1 {
            self.list.retain(|bucket| bucket.site != u32::MAX);
            let of_any_stack = BucketHash::new([].into_iter(), 0);
            for bucket in &mut self.list {
                (bucket.hash, bucket.allocated) = (of_any_stack, u32::MAX);
            }
        }
        // One number is compared faster than three.
        self.list.sort_unstable_by_key(|bucket| {
            u128::from(bucket.hash.0) << 64 | u128::from(bucket.size) << 32 | u128::from(bucket.site)
        });
        self.list.dedup_by(|bucket, sum| {
            let same = (bucket.hash, bucket.size, bucket.site) == (sum.hash, sum.size, sum.site);
            if same {
                sum.live = sum.live.saturating_add(bucket.live);
                sum.allocated = sum.allocated.saturating_add(bucket.allocated);
            }
            same
        });
    }
}

fn rate(header: &Header) -> Option<Rate> {
    let of_bytes = header.period_type.kind == "space" && header.period_type.unit == "bytes";
    if of_bytes && header.period > 0 || is_census(header) { Some(Rate::new(header.period)) } else { None }
}

/// Whether it counts things one by one, as goroutine profiles do.
fn is_census(header: &Header) -> bool {
    header.period_type.unit == "count" && header.period == 1
}

/// What raw samples are worked out from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// The bytes: they tell numbers of samples apart better than the objects do.
    Space,
    /// The objects, where bytes are not counted.
    Objects,
    /// Nothing: things are counted one by one, and have no size.
    Census,
}

impl Of {
    fn new(profile: &Profile) -> Self {
        match profile.counted() {
            MetricsPresent { space: true, .. } => Of::Space,
            _ if is_census(profile.header()) => Of::Census,
            _ => Of::Objects,
        }
    }
}

/// How one profile was sampled.
pub(super) struct Sampling {
    rate: Option<Rate>,
    of: Of,
    /// The last size and its bytes, or objects, a sample: most samples have the size of the one before.
    last: (u32, f64),
}

impl Sampling {
    /// The bucket of a sample, of no site yet.
    #[inline]
    pub(super) fn bucket(&mut self, profile: &Profile, sample: &Sample<'_>) -> Bucket {
        let label = sample.block_size.unwrap_or(if self.of == Of::Census { 1 } else { 0 });
        let live = if self.of == Of::Space { sample.space } else { sample.objects };
        let known = u32::try_from(label).ok().and_then(|size| Some((size, self.samples(size, live)?)));
        let (size, live) = known.unwrap_or((0, 0));
        // More is alive than was ever allocated only where nobody counted.
        let allocated = sample.allocated_space.filter(|_| self.of == Of::Space);
        let allocated = allocated.and_then(|space| self.samples(size, space));
        let allocated = allocated.filter(|&allocated| allocated >= live);
        Bucket {
            hash: BucketHash::new(sample.stack.iter().map(|&id| profile.address(id)), label),
            site: u32::MAX,
            size,
            live,
            allocated: allocated.unwrap_or(u32::MAX),
        }
    }

    /// The samples that so many bytes, or objects, were made of, if they are known.
    #[inline]
    fn samples(&mut self, size: u32, amount: i64) -> Option<u32> {
        let rate = self.rate.filter(|_| size > 0)?;
        if self.last.0 != size {
            let objects = rate.objects_per_sample(size.into());
            self.last = (size, if self.of == Of::Space { objects * f64::from(size) } else { objects });
        }
        raw(amount, self.last.1)
    }
}

/// How many samples make up so many bytes; `None` where no number does, as in values that were not made by
/// Go's rule. Exact: Go cuts the bytes of each off to a whole number, which is less than an eighth of a sample.
#[inline]
fn raw(space: i64, bytes_per_sample: f64) -> Option<u32> {
    let space = u64::try_from(space).ok()? as f64;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no number of samples has 32 bits")]
    let samples = (space / bytes_per_sample + 0.5) as u32;
    let count = f64::from(samples);
    let fits = (count * bytes_per_sample - space).abs() <= count + 1.0 && (count > 0.0 || space == 0.0);
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
            let mut sampling = Sampling { rate: Some(rate), of: Of::Space, last: (0, 1.0) };
            for count in [0u32, 1, 2, 3, 7, 100, 12_345] {
                // As scaleHeapSample does it.
                let space = (f64::from(count) * f64::from(size) * rate.objects_per_sample(size.into())) as i64;
                assert_eq!(sampling.samples(size, space), Some(count), "{count} of {size} at {period}");
            }
            assert_eq!((sampling.samples(size, -1), sampling.samples(0, 5)), (None, None));
            let odd = (1.4 * rate.bytes_per_sample(size.into())) as i64;
            assert!(sampling.samples(size, odd).is_none() || size <= 8 && period == 1, "{size} at {period}");
        }
        let mut unknown = Sampling { rate: None, of: Of::Space, last: (0, 1.0) };
        assert_eq!(unknown.samples(64, 64), None);
    }
}

//! What Go's profiler samples: buckets, each a stack and an object size, with raw sample counts.
//!
//! In: live samples, scaled up as Go's runtime writes them. Out: [`Buckets`].

use super::bucket::Bucket;
use super::bucket_reader::{BucketReader, raw_samples};
use super::rate::Rate;
use crate::index::NONE;
use crate::paths::base_name;
use crate::profile::{BucketHash, DeadBucket, ProcessFingerprint, Profile};

/// The buckets of one side.
#[derive(Debug, Default)]
pub struct Buckets {
    /// Sorted by hash and size.
    pub(super) list: Vec<Bucket>,
    fingerprint: ProcessFingerprint,
    /// Path of the first profile's program, and its build id; empty if unknown.
    program: [String; 2],
    /// The rate of the first profile.
    rate: Option<Rate>,
    profiles: u32,
    /// Whether profiles have different rates.
    has_mixed_rates: bool,
}

impl Buckets {
    /// The buckets of one profile, from those of its samples, `list`, in any order.
    pub(super) fn of_one(profile: &Profile, list: Vec<Bucket>) -> Self {
        let mut buckets = Buckets::default();
        buckets.start(profile);
        buckets.list = list;
        buckets.merge();
        buckets
    }

    /// The buckets with live samples.
    pub fn list(&self) -> &[Bucket] {
        &self.list
    }

    /// The fingerprint of the process; `None` unless the side is one profile whose buckets can be identified.
    pub fn fingerprint(&self) -> Option<&ProcessFingerprint> {
        (self.profiles == 1 && !self.fingerprint.overflowed).then_some(&self.fingerprint)
    }

    /// Whether the profiles name different programs, or different builds of one.
    pub fn is_of_other_program(&self, other: &Buckets) -> bool {
        let [(path, build), (other_path, other_build)] = [self, other].map(|side| (&side.program[0], &side.program[1]));
        let differ = |one: &str, other: &str| !one.is_empty() && !other.is_empty() && one != other;
        differ(base_name(path), base_name(other_path)) || differ(build, other_build)
    }

    /// Whether the profiles name the same build, by its id.
    pub fn is_of_same_build(&self, other: &Buckets) -> bool {
        !self.program[1].is_empty() && self.program[1] == other.program[1]
    }

    /// Raw samples ever allocated in a dead bucket, as [`Bucket::allocated`].
    pub fn allocated(&self, dead: &DeadBucket) -> u32 {
        let known = self.rate().zip(u64::try_from(dead.size).ok().filter(|&size| size > 0));
        let samples = known.and_then(|(rate, size)| raw_samples(dead.allocated_space, rate.bytes_per_sample(size)));
        samples.unwrap_or(Bucket::UNKNOWN)
    }

    /// The sampling rate; `None` if it is unknown or differs between profiles.
    pub fn rate(&self) -> Option<Rate> {
        self.rate.filter(|_| !self.has_mixed_rates)
    }

    /// Number of profiles added.
    pub fn profiles(&self) -> u32 {
        self.profiles
    }

    /// Begins a profile, whose samples the result turns into buckets.
    pub(super) fn start(&mut self, profile: &Profile) -> BucketReader {
        let reader = BucketReader::new(profile);
        let rate = reader.rate();
        if self.profiles == 0 {
            (self.rate, self.fingerprint) = (rate, profile.fingerprint().clone());
            self.program = [profile.header().program.clone(), profile.header().build_id.clone()];
        } else {
            self.fingerprint = ProcessFingerprint::default();
        }
        self.has_mixed_rates |= self.rate != rate;
        self.profiles = self.profiles.saturating_add(1);
        reader
    }

    /// Sorts the buckets, and adds up those of the same stack and size; of several profiles, those of the same site and
    /// size, since addresses in several processes have nothing in common.
    pub(super) fn merge(&mut self) {
        if self.profiles > 1 {
            self.list.retain(|bucket| bucket.site != NONE);
            let any_stack = BucketHash::new([].into_iter(), 0);
            for bucket in &mut self.list {
                (bucket.hash, bucket.allocated) = (any_stack, Bucket::UNKNOWN);
            }
        }
        let key = |bucket: &Bucket| (bucket.hash, bucket.size, bucket.site);
        self.list.sort_unstable_by_key(key);
        self.list.dedup_by(|bucket, sum| {
            let same = key(bucket) == key(sum);
            if same {
                sum.live = sum.live.saturating_add(bucket.live);
                sum.allocated = sum.allocated.saturating_add(bucket.allocated);
            }
            same
        });
    }

    /// Gives each bucket's site its new index.
    pub(super) fn rekey(&mut self, new_index: impl Fn(u32) -> u32) {
        self.list.iter_mut().for_each(|bucket| bucket.site = new_index(bucket.site));
        self.merge();
    }
}

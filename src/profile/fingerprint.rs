//! A fingerprint of a process: a sample of its buckets without live objects, with all that they ever allocated.
//!
//! Profiles of one process have the same buckets, whose allocations never fall; those of two processes differ. Buckets
//! are chosen by a hash of the address of their leaf, so that both profiles choose the same ones.

use super::packed::{PackedSamples, UnpackedSample};
use super::samples::Columns;

/// The dead buckets that tell a process from others.
#[derive(Debug, Clone, Default)]
pub struct ProcessFingerprint {
    /// Sorted.
    pub buckets: Vec<DeadBucket>,
    /// All dead buckets of this [`BucketHash::rarity`] and above are here.
    pub threshold: u32,
    /// Whether there were too many to choose from, so that buckets are missing.
    pub overflowed: bool,
}

/// A bucket without live objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeadBucket {
    /// Hash of its stack and object size.
    pub hash: BucketHash,
    /// Bytes per object; 0 if unknown.
    pub size: i64,
    /// Bytes allocated since the start of the process.
    pub allocated_space: i64,
}

/// Hash of a bucket, which is a stack and an object size: the same in all profiles of a process.
///
/// The six low bits are the rarity of its leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketHash(pub(crate) u64);

impl BucketHash {
    const RARITY: u64 = 0x3f;

    /// Hashes the addresses of a stack, leaf first, and an object size in bytes.
    ///
    /// A polynomial of the mixed addresses: they are mixed independently of each other.
    pub fn new(mut addresses: impl Iterator<Item = u64>, size: i64) -> Self {
        const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;
        let leaf = addresses.next().unwrap_or(0);
        let add = |hash: u64, word: u64| hash.wrapping_mul(FACTOR).wrapping_add(mix(word));
        let hash = mix(addresses.fold(add(mix(size.cast_unsigned()), leaf), add));
        BucketHash(hash & !Self::RARITY | u64::from(rarity(leaf)))
    }

    /// Rarity of its leaf: one address in 2ⁿ has rarity n or more.
    pub fn rarity(self) -> u32 {
        (self.0 & Self::RARITY).to_le_bytes()[0].into()
    }
}

fn mix(word: u64) -> u64 {
    let product = u128::from(word ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
    #[allow(clippy::cast_possible_truncation, reason = "both halves are used")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

/// Rarity of an address: one in 2ⁿ has rarity n or more; at most 44.
pub(super) fn rarity(address: u64) -> u8 {
    (address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20).trailing_zeros().min(44).to_le_bytes()[0]
}

/// Rarity of a location whose address is not known yet; above that of any address.
pub(super) const UNKNOWN_RARITY: u8 = u8::MAX;

/// The dead samples chosen so far: all, or of a large profile those with a leaf that is rare enough. Which these are does
/// not depend on the order of the samples, nor on whether the locations come before or after them.
#[derive(Debug, Default)]
pub(super) struct FingerprintBuilder {
    chosen: Vec<Chosen>,
    /// The chosen samples, packed.
    packed: Vec<u8>,
    threshold: u8,
    /// Samples to choose from once the addresses of their leaves are known.
    undecided: PackedSamples,
    /// Whether there were too many of these, so that samples are missing.
    overflowed: bool,
}

#[derive(Debug)]
struct Chosen {
    /// Rarity of its leaf.
    rarity: u8,
    /// Length in [`FingerprintBuilder::packed`].
    len: usize,
}

/// Enough to tell processes apart.
const MAX_BUCKETS: usize = 1024;
/// Bytes of samples with an unknown leaf: about half a million samples of a Go server.
const MAX_UNDECIDED: usize = 32 << 20;

impl FingerprintBuilder {
    /// Whether a dead sample whose leaf has this rarity belongs here.
    #[inline(always)]
    pub(super) fn wants(&self, rarity: u8) -> bool {
        rarity >= self.threshold && !self.overflowed
    }

    pub(super) fn push(&mut self, rarity: u8, sample: &UnpackedSample) {
        if rarity == UNKNOWN_RARITY {
            self.undecided.push(sample);
            if self.undecided.bytes() > MAX_UNDECIDED {
                (self.overflowed, self.undecided) = (true, PackedSamples::default());
            }
            return;
        }
        let start = self.packed.len();
        sample.pack(&mut self.packed);
        self.chosen.push(Chosen { rarity, len: self.packed.len() - start });
        while self.chosen.len() > MAX_BUCKETS {
            self.threshold += 1;
            self.drop_common();
        }
    }

    /// Takes a dead sample, if it belongs here. `address`: address of a location by its index.
    pub(super) fn choose(&mut self, sample: &UnpackedSample, address: impl Fn(u32) -> u64) {
        let rarity = rarity(sample.stack.first().map_or(0, |&leaf| address(leaf)));
        if self.wants(rarity) {
            self.push(rarity, sample);
        }
    }

    /// Drops the samples below the threshold.
    fn drop_common(&mut self) {
        let (mut from, mut to) = (0, 0);
        self.chosen.retain(|&Chosen { rarity, len }| {
            let is_kept = rarity >= self.threshold;
            if is_kept {
                self.packed.copy_within(from..from + len, to);
                to += len;
            }
            from += len;
            is_kept
        });
        self.packed.truncate(to);
    }

    /// The fingerprint. `address`: address of a location by its index.
    pub(super) fn finish(mut self, columns: &Columns, address: impl Fn(u32) -> u64) -> ProcessFingerprint {
        std::mem::take(&mut self.undecided).drain(columns.count, |sample| self.choose(sample, &address));
        // All have leaves of one rarity.
        self.overflowed |= self.chosen.is_empty() && self.threshold > 0;
        let mut buckets = Vec::with_capacity(self.chosen.len());
        let (mut sample, mut packed) = (UnpackedSample::default(), &self.packed[..]);
        while sample.unpack(&mut packed, columns.count) {
            let size = columns.block_size(&sample).unwrap_or(0);
            let hash = BucketHash::new(sample.stack.iter().map(|&location| address(location)), size);
            let allocated_space = columns.allocated_space(&sample).unwrap_or(0);
            buckets.push(DeadBucket { hash, size, allocated_space });
        }
        buckets.sort_unstable();
        ProcessFingerprint { buckets, threshold: self.threshold.into(), overflowed: self.overflowed }
    }
}

//! A compact memory of the buckets whose objects are all gone: what tells two profiles of one process from
//! those of two, in which other stacks have allocated, and other amounts.

use super::samples::{Columns, Records};

/// What is remembered of the buckets without a live object.
#[derive(Debug, Clone, Default)]
pub struct DeadBuckets {
    /// Sorted.
    pub buckets: Vec<DeadBucket>,
    /// Those whose leaf is rarer than one in 2ⁿ addresses are there, by [`BucketHash::rarity`].
    pub level: u32,
    /// Whether the others are all there.
    pub complete: bool,
}

/// A bucket without a live object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeadBucket {
    /// What tells it from others.
    pub hash: BucketHash,
    /// Bytes of an object; 0 if that is not known.
    pub size: i64,
    /// Bytes that it ever allocated.
    pub allocated_space: i64,
}

/// What tells a bucket, a stack and an object size, from the others of its process: the same in all profiles
/// of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketHash(pub(crate) u64);

impl BucketHash {
    const RARITY: u64 = 0x3f;

    /// Of the addresses of a stack, leaf first, and a size.
    ///
    /// A polynomial of the mixed addresses, so that none waits to be mixed until the one before is.
    pub fn new(mut addresses: impl Iterator<Item = u64>, size: i64) -> Self {
        const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;
        let leaf = addresses.next().unwrap_or(0);
        let add = |hash: u64, word: u64| hash.wrapping_mul(FACTOR).wrapping_add(mix(word));
        let hash = mix(addresses.fold(add(mix(size.cast_unsigned()), leaf), add));
        BucketHash(hash & !Self::RARITY | u64::from(rarity(leaf)))
    }

    /// How rare the address of its leaf is: one in 2ⁿ is of rarity n or above.
    pub fn rarity(self) -> u32 {
        (self.0 & Self::RARITY).to_le_bytes()[0].into()
    }
}

fn mix(word: u64) -> u64 {
    let product = u128::from(word ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
    #[allow(clippy::cast_possible_truncation, reason = "both halves are wanted")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

fn rarity(address: u64) -> u32 {
    (address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20).trailing_zeros().min(44)
}

/// What is known of a location while samples are read, in a byte: whether it is on a live stack, and the
/// rarity of its address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark(u8);

impl Mark {
    const LIVE: u8 = 0x80;

    #[inline(always)]
    pub(super) fn set_live(&mut self) {
        self.0 |= Self::LIVE;
    }

    /// That of a location with an address, on no live stack so far.
    pub(super) fn of(address: u64) -> Self {
        Mark(rarity(address).to_le_bytes()[0])
    }

    pub(super) fn is_live(self) -> bool {
        self.0 & Self::LIVE != 0
    }

    pub(super) fn set_address(&mut self, address: u64) {
        self.0 = self.0 & Self::LIVE | Mark::of(address).0;
    }

    fn rarity(self) -> u32 {
        (self.0 & !Self::LIVE).into()
    }
}

/// Where a dead sample stands.
#[derive(Debug, Clone, Copy)]
pub struct DeadSample {
    /// How many samples come before it.
    pub index: u64,
    /// Offset of its field.
    pub offset: u64,
    /// Offset of what is in it.
    pub value_offset: u64,
}

/// The dead samples that are remembered: all, or of a large profile those whose leaf is rare enough. As they
/// stand in the file, since most are forgotten again, and no one need read those.
#[derive(Debug, Default)]
pub struct DeadSamples {
    samples: Vec<Remembered>,
    /// One behind the other.
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Remembered {
    sample: DeadSample,
    len: usize,
    /// Of its leaf, as far as that is known.
    rarity: u32,
}

impl DeadSamples {
    /// Each, with its bytes.
    pub fn iter(&self) -> impl Iterator<Item = (DeadSample, &[u8])> {
        let mut rest = &self.bytes[..];
        self.samples.iter().map(move |remembered| {
            let (bytes, tail) = rest.split_at(remembered.len);
            rest = tail;
            (remembered.sample, bytes)
        })
    }

    /// Forgets those whose leaf is too common.
    fn retain(&mut self, level: u32) {
        let (mut from, mut to) = (0, 0);
        self.samples.retain(|&Remembered { len, rarity, .. }| {
            let is_kept = rarity >= level;
            if is_kept {
                self.bytes.copy_within(from..from + len, to);
                to += len;
            }
            from += len;
            is_kept
        });
        self.bytes.truncate(to);
    }
}

/// What is known of dead samples.
#[derive(Debug, Default)]
pub(super) struct Dead {
    pub(super) samples: DeadSamples,
    /// The same, read.
    pub(super) records: Records,
    /// Those of a lower rarity are not remembered.
    level: u32,
    /// There were too many while no address was known yet.
    lost: bool,
    /// The least rarity that is remembered from now on.
    least: u32,
}

/// So many are enough to tell processes apart.
const ENOUGH: usize = 1024;

impl Dead {
    #[inline(always)]
    pub(super) fn wants(&self, leaf: Option<Mark>) -> bool {
        leaf.map_or(0, Mark::rarity) >= self.least
    }

    pub(super) fn push(&mut self, leaf: Option<Mark>, sample: DeadSample, bytes: &[u8]) {
        let rarity = leaf.map_or(0, Mark::rarity);
        self.samples.samples.push(Remembered { sample, len: bytes.len(), rarity });
        self.samples.bytes.extend_from_slice(bytes);
        while self.samples.samples.len() > ENOUGH && !self.lost {
            self.level += 1;
            self.samples.retain(self.level);
            self.lost = self.samples.samples.is_empty();
            self.least = if self.lost { u32::MAX } else { self.level };
        }
    }

    /// What is remembered. `address`: of a location by its index.
    pub(super) fn finish(self, columns: &Columns, address: impl Fn(u32) -> u64) -> DeadBuckets {
        let mut buckets = Vec::with_capacity(self.records.count());
        self.records.for_each(columns, |stack, allocated_space, size| {
            let size = size.unwrap_or(0);
            let hash = BucketHash::new(stack.iter().map(|&location| address(location)), size);
            buckets.push(DeadBucket { hash, size, allocated_space });
        });
        buckets.sort_unstable();
        DeadBuckets { buckets, level: self.level, complete: !self.lost }
    }
}

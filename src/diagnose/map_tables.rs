//! Recognises what may be tables of Go's maps by their size, which shows no more than that: in heap profiles Go leaves the
//! functions of maps out of stacks, and a buffer may be as large. A map splits into tables of 1,024 slots at most, and none is given back
//! when entries are deleted, so a map that was large once keeps objects of one large size.
//!
//! <https://go.dev/blog/swisstable>

use std::collections::BTreeMap;

use crate::evidence::Evidence;

/// Groups of a full table; each has eight slots, and eight bytes that say which are in use.
const GROUPS: u64 = 128;
/// The largest slot: a key and a value of 128 bytes each. Larger ones are kept elsewhere, by pointer.
const MAX_SLOT_BYTES: u64 = 256;
/// Sizes that the allocator rounds full tables of small slots up to, bytes.
const SMALL_TABLES: [(u64, u64); 4] = [(4, 5376), (8, 9472), (16, 18_432), (24, 27_264)];
/// Above its size classes the allocator rounds up to whole pages.
const PAGE_BYTES: u64 = 8192;
/// Share of a site's growth that is in objects of one size.
const MIN_SHARE: f64 = 0.9;

/// The size of the objects that a site grew by, if nearly all have one that full tables of maps have. Powers of two are
/// the sizes of buffers, too, and do not count.
pub(super) fn table_bytes(evidence: &Evidence, site: usize) -> Option<u64> {
    let rate = evidence.rate()?;
    let mut by_size: BTreeMap<u64, f64> = BTreeMap::new();
    for bucket in evidence.turnover(site) {
        let net = bucket.born as f64 - bucket.died as f64;
        *by_size.entry(bucket.size).or_default() += net * rate.bytes_per_sample(bucket.size);
    }
    let all: f64 = by_size.values().sum();
    let (size, most) = by_size.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    (most >= MIN_SHARE * all && is_table(size)).then_some(size)
}

fn is_table(size: u64) -> bool {
    let slots = (32..=MAX_SLOT_BYTES).step_by(8);
    let large = slots.map(|slot| (GROUPS * (8 + 8 * slot)).next_multiple_of(PAGE_BYTES));
    let small = SMALL_TABLES.map(|(_, size)| size);
    !size.is_power_of_two() && small.into_iter().chain(large).any(|table| table == size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_their_sizes() {
        for (slot, size) in SMALL_TABLES {
            assert!(GROUPS * (8 + 8 * slot) <= size && is_table(size), "{slot}");
        }
        // map[int]int, map[string]int64, map[int][128]byte
        for size in [18_432, 27_264, 147_456] {
            assert!(is_table(size), "{size}");
        }
        for size in [64, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 1 << 20, 20_480, 1_048_577] {
            assert!(!is_table(size), "{size}");
        }
    }
}

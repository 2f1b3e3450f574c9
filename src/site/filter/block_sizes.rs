//! Ranges of object sizes in pprof's syntax: `--tagfocus`.

use std::str::FromStr;

/// A range of object sizes, bytes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockSizes {
    min: Option<i128>,
    max: Option<i128>,
}

/// A text that is not a range of block sizes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid range of block sizes {0:?}: expected bytes=MIN:MAX, such as 1b:64b, 64b:, :1kb or 16b, in b, kb, mb, gb, \
     tb or pb; bytes= may be left out, and no other tag is supported"
)]
pub struct ParseBlockSizesError(String);

/// The tag of block sizes.
const TAG: &str = "bytes=";

/// The names of each unit, without a plural `s`; each unit is 1024 times the one before.
const UNITS: [[&str; 3]; 6] = [
    ["b", "byte", "byte"],
    ["kb", "kbyte", "kilobyte"],
    ["mb", "mbyte", "megabyte"],
    ["gb", "gbyte", "gigabyte"],
    ["tb", "tbyte", "terabyte"],
    ["pb", "pbyte", "petabyte"],
];

impl BlockSizes {
    /// Whether objects of `size` bytes are in the range.
    pub(in crate::site) fn contains(self, size: i64) -> bool {
        let size = i128::from(size);
        self.min.is_none_or(|min| min <= size) && self.max.is_none_or(|max| size <= max)
    }
}

impl FromStr for BlockSizes {
    type Err = ParseBlockSizesError;

    fn from_str(text: &str) -> Result<Self, ParseBlockSizesError> {
        parse(text.strip_prefix(TAG).unwrap_or(text)).ok_or_else(|| ParseBlockSizesError(text.to_owned()))
    }
}

fn parse(range: &str) -> Option<BlockSizes> {
    let Some((min, max)) = range.split_once(':') else {
        let (size, _) = parse_bytes(range, None)?;
        return Some(BlockSizes { min: Some(size), max: Some(size) });
    };
    let (min, unit) =
        if min.is_empty() { (None, None) } else { parse_bytes(min, None).map(|(size, unit)| (Some(size), unit))? };
    // As in pprof, the upper end may leave the unit to the lower one.
    let max = if max.is_empty() { None } else { Some(parse_bytes(max, unit)?.0) };
    (min.is_some() || max.is_some()).then_some(BlockSizes { min, max })
}

/// Parses a size, in bytes. Returns it with the bytes of its unit, which is `default` if it has none.
fn parse_bytes(text: &str, default: Option<i128>) -> Option<(i128, Option<i128>)> {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, name) = text.split_at(end);
    let number: i64 = number.parse().ok()?;
    let unit = if name.is_empty() { default } else { unit(name) };
    Some((i128::from(number).checked_mul(unit?)?, unit))
}

/// The bytes of a unit, by any of its names.
fn unit(name: &str) -> Option<i128> {
    let name = name.to_ascii_lowercase();
    let singular = if name.len() > 2 { name.strip_suffix('s').unwrap_or(&name) } else { &name };
    let at = UNITS.iter().position(|names| names.contains(&singular))?;
    Some(1 << (10 * at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_pprofs() {
        let range = |min: Option<i128>, max: Option<i128>| Ok(BlockSizes { min, max });
        for (text, expected) in [
            ("1b:64b", range(Some(1), Some(64))),
            ("bytes=1b:64b", range(Some(1), Some(64))),
            ("64b:", range(Some(64), None)),
            (":1kb", range(None, Some(1024))),
            ("16b", range(Some(16), Some(16))),
            ("16Bytes", range(Some(16), Some(16))),
            ("1kb:2", range(Some(1024), Some(2048))),
            ("+1KB:2megabytes", range(Some(1024), Some(2 << 20))),
            ("-1b:1pb", range(Some(-1), Some(1 << 50))),
            ("2b:1b", range(Some(2), Some(1))),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in [
            "",
            ":",
            "16",
            "1:64b",
            ":64",
            "b",
            "1ms",
            "1b:64ms",
            "1b:2b:3b",
            "small",
            "request=1kb",
            "=1b",
            "bytes=",
            "1.5kb",
            "1 kb",
            "99999999999999999999b",
            "1b-64b",
            "1kib",
        ] {
            assert_eq!(text.parse::<BlockSizes>(), Err(ParseBlockSizesError(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn ends_are_included() {
        let holds = |text: &str, size| text.parse::<BlockSizes>().is_ok_and(|sizes| sizes.contains(size));
        assert_eq!([15, 16, 64, 65].map(|size| holds("16b:64b", size)), [false, true, true, false]);
        assert_eq!([1023, 1024, 1025].map(|size| holds("1kb", size)), [false, true, false]);
        assert!(!holds("2b:1b", 1) && holds("8388607pb:", i64::MAX) == (8_388_607_i128 << 50 <= i128::from(i64::MAX)));
    }
}

//! `--tagfocus`: a range of block sizes, as pprof writes it.

use std::str::FromStr;

/// A range of sizes in bytes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    least: Option<i128>,
    most: Option<i128>,
}

/// What is no range of block sizes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no range of block sizes: expected one such as 1b:64b, 64b:, :1kb or 16b, with bytes= before it or \
     not, in b, kb, mb, gb, tb or pb; no other tag can be focused on"
)]
pub struct NoSizes(String);

/// What block sizes are called as a tag.
const KEY: &str = "bytes=";

/// The units, each 1024 times the one before, by all their names but for an `s` at the end.
const UNITS: [[&str; 3]; 6] = [
    ["b", "byte", "byte"],
    ["kb", "kbyte", "kilobyte"],
    ["mb", "mbyte", "megabyte"],
    ["gb", "gbyte", "gigabyte"],
    ["tb", "tbyte", "terabyte"],
    ["pb", "pbyte", "petabyte"],
];

impl Sizes {
    pub(super) fn contains(self, size: i64) -> bool {
        let size = i128::from(size);
        self.least.is_none_or(|least| least <= size) && self.most.is_none_or(|most| size <= most)
    }
}

impl FromStr for Sizes {
    type Err = NoSizes;

    fn from_str(text: &str) -> Result<Self, NoSizes> {
        parse(text.strip_prefix(KEY).unwrap_or(text)).ok_or_else(|| NoSizes(text.to_owned()))
    }
}

fn parse(range: &str) -> Option<Sizes> {
    let bytes = |text: &str, default: Option<i128>| {
        let (number, unit) = number_and_unit(text)?;
        let unit = if unit.is_empty() { default } else { self::unit(unit) };
        Some((i128::from(number).checked_mul(unit?)?, unit))
    };
    let Some((least, most)) = range.split_once(':') else {
        let (size, _) = bytes(range, None)?;
        return Some(Sizes { least: Some(size), most: Some(size) });
    };
    let (least, unit) =
        if least.is_empty() { (None, None) } else { bytes(least, None).map(|(size, unit)| (Some(size), unit))? };
    // As in pprof, the upper end may leave the unit to the lower one.
    let most = if most.is_empty() { None } else { Some(bytes(most, unit)?.0) };
    (least.is_some() || most.is_some()).then_some(Sizes { least, most })
}

fn number_and_unit(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

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
        let range = |least: Option<i128>, most: Option<i128>| Ok(Sizes { least, most });
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
            assert_eq!(text.parse::<Sizes>(), Err(NoSizes(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn ends_are_included() {
        let holds = |text: &str, size| text.parse::<Sizes>().is_ok_and(|sizes| sizes.contains(size));
        assert_eq!([15, 16, 64, 65].map(|size| holds("16b:64b", size)), [false, true, true, false]);
        assert_eq!([1023, 1024, 1025].map(|size| holds("1kb", size)), [false, true, false]);
        assert!(!holds("2b:1b", 1) && holds("8388607pb:", i64::MAX) == (8_388_607_i128 << 50 <= i128::from(i64::MAX)));
    }
}

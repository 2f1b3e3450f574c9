//! Sizes in bytes, as users type and read them.

/// Units that may be typed, longest first, so that none hides another.
const TYPED_UNITS: [(&str, i128); 13] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("K", 1 << 10),
    ("M", 1 << 20),
    ("G", 1 << 30),
    ("B", 1),
];

/// Units that are shown, each 1024 times the one before.
const SHOWN_UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// Parses a size such as `1000000`, `1_000`, `64KiB` or `1.5 GB`, in bytes; `None` if it is malformed or negative.
pub(crate) fn parse(text: &str) -> Option<i128> {
    let text = text.trim();
    let with_unit = TYPED_UNITS.iter().find_map(|&(unit, size)| Some((text.strip_suffix(unit)?, size)));
    let (number, size) = with_unit.unwrap_or((text, 1));
    let number = number.trim().replace('_', "");
    if let Ok(whole) = number.parse::<u64>() {
        return Some(i128::from(whole) * size);
    }
    let bytes = number.parse::<f64>().ok()? * size as f64;
    #[allow(clippy::cast_possible_truncation, reason = "checked to be far below")]
    (size > 1 && (0.0..1e18).contains(&bytes)).then_some(bytes.round() as i128)
}

/// Formats a size so that [`parse`] reads the same: in a unit of 1024 if that takes no more than two decimals.
pub(crate) fn exact(bytes: i128) -> String {
    let mut unit = 0;
    while unit + 1 < SHOWN_UNITS.len() && bytes >> (10 * (unit + 1)) != 0 {
        unit += 1;
    }
    let size = bytes as f64 / (1i128 << (10 * unit)) as f64;
    let texts = (0..3).map(|decimals| format!("{size:.decimals$}{}", SHOWN_UNITS[unit]));
    let mut exact = texts.filter(|text| unit > 0 && parse(text) == Some(bytes));
    exact.next().unwrap_or_else(|| bytes.to_string())
}

/// Formats a size with three digits and a unit of 1024: `1.50 MiB`.
pub(crate) fn iec(bytes: i128) -> String {
    let sign = if bytes < 0 { "-" } else { "" };
    let mut size = bytes.unsigned_abs() as f64;
    let mut unit = 0;
    // From 1023.5 on, three digits would read 1024.
    while size >= 1023.5 && unit + 1 < SHOWN_UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    // A size that would round up to one more digit already counts as having it.
    let decimals = match size {
        _ if unit == 0 => 0,
        size if size < 9.995 => 2,
        size if size < 99.95 => 1,
        _ => 0,
    };
    format!("{sign}{size:.decimals$} {}", SHOWN_UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_typed_with_and_without_units() {
        for (text, bytes) in [
            ("65536", 65536),
            ("1_000", 1000),
            ("64KiB", 65536),
            ("64K", 65536),
            (" 1.5 MiB ", 3 << 19),
            ("2MB", 2_000_000),
            ("0", 0),
            ("100B", 100),
            ("99999999999TB", 99_999_999_999_000_000_000_000),
        ] {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
        for text in ["", "x", "-1", "1.5", "5%", "1e400GiB", "64KiB5", "-1KiB", "NaNKiB"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_with_three_digits_in_units_of_1024() {
        for (number, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (-1536, "-1.50 KiB"),
            (10 << 10, "10.0 KiB"),
            (10_235, "10.0 KiB"),
            (1_048_063, "1023 KiB"),
            (1_048_064, "1.00 MiB"),
            (123 << 20, "123 MiB"),
            (i64::MAX.into(), "8.00 EiB"),
            (i128::from(i64::MAX) << 20, "8388608 EiB"),
        ] {
            assert_eq!(iec(number), text, "{number}");
        }
    }

    #[test]
    fn exact_sizes_are_read_as_they_were() {
        for (bytes, text) in
            [(0, "0"), (700, "700"), (1024, "1KiB"), (1126, "1.1KiB"), (130 << 10, "130KiB"), (4_928_307, "4.7MiB")]
        {
            assert_eq!(exact(bytes), text);
        }
        for bytes in [1, 1023, 1025, 65537, 1_234_567, (1 << 40) + 1, i128::from(u64::MAX)] {
            assert_eq!(parse(&exact(bytes)), Some(bytes));
        }
    }
}

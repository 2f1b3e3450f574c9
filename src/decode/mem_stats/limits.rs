//! Bounds on what a file may hold.

/// Maximum number of snapshots: one per second for three days. Bounds the memory that a file can ask for.
pub(super) const MAX_SNAPSHOTS: usize = 1 << 18;

/// An integer that is written as a float; `None` for other numbers.
pub(super) fn whole(number: f64) -> Option<u64> {
    // As a float, u64::MAX, which is NextGC with GOGC=off, reads 2^64.
    let fits = number.fract() == 0.0 && (0.0..=18_446_744_073_709_551_616.0).contains(&number);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked; saturates")]
    fits.then_some(number as u64)
}

/// A text of the file as an error message shows it: its start, without control characters.
pub(super) fn shown(text: &str) -> String {
    const MAX_CHARS: usize = 120;
    let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(end, _)| end);
    let dots = if end < text.len() { "…" } else { "" };
    let clean: String = text[..end].chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    clean + dots
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn texts_are_shown_in_short() {
        assert_eq!(shown("a\u{1b}[1m\"b\""), "a\u{fffd}[1m\"b\"");
        assert_eq!(shown(&"ü".repeat(121)), format!("{}…", "ü".repeat(120)));
    }

    #[test]
    fn floats_are_whole_or_nothing() {
        assert_eq!([0.0, 1.5, -1.0, 1e18].map(whole), [Some(0), None, None, Some(1_000_000_000_000_000_000)]);
        assert_eq!([f64::NAN, f64::INFINITY, 1e20].map(whole), [None; 3]);
        assert_eq!(whole("1.8446744073709552e+19".parse().unwrap()), Some(u64::MAX));
    }
}

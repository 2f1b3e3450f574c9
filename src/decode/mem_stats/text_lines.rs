//! The lines of a text that may be large, one at a time; long lines are truncated.

use std::io::BufRead;

use super::mem_stats_error::{MemStatsError, MemStatsErrorKind};

/// Bytes of a line that are kept. Lines that matter are shorter.
pub(super) const MAX_LINE: usize = 16 << 10;

/// A line of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    /// Its start, without the line break.
    pub(super) text: &'a [u8],
    /// Whether it has a line break.
    pub(super) is_whole: bool,
}

/// Calls `read` with each line. Adds the line number to its error.
pub(super) fn each(
    reader: &mut dyn BufRead,
    read: &mut dyn FnMut(Line<'_>) -> Result<(), MemStatsErrorKind>,
) -> Result<(), MemStatsError> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let is_whole = loop {
            let buffer = reader.fill_buf().map_err(MemStatsErrorKind::Read)?;
            let end = memchr::memchr(b'\n', buffer);
            let part = &buffer[..end.unwrap_or(buffer.len())];
            line.extend_from_slice(&part[..part.len().min(MAX_LINE - line.len())]);
            let (used, at_end) = (part.len() + usize::from(end.is_some()), buffer.is_empty());
            reader.consume(used);
            if end.is_some() || at_end {
                break end.is_some();
            }
        };
        if !is_whole && line.is_empty() {
            break;
        }
        let text = line.strip_suffix(b"\r").unwrap_or(&line);
        read(Line { number, text, is_whole }).map_err(|kind| kind.at(number))?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn lines_are_cut_and_counted() {
        let text = format!("a\n\r\n{}\nb", "x".repeat(3 * MAX_LINE));
        // Buffers of different sizes end at different places.
        for capacity in [1, 7, 1 << 20] {
            let mut lines = Vec::new();
            let mut reader = BufReader::with_capacity(capacity, text.as_bytes());
            each(&mut reader, &mut |line| {
                lines.push((line.text.len(), line.is_whole));
                Ok(())
            })
            .unwrap();
            assert_eq!(lines, [(1, true), (0, true), (MAX_LINE, true), (1, false)], "{capacity}");
        }
        let mut reader = text.as_bytes();
        let error = each(&mut reader, &mut |line| match line.text {
            b"b" => Err(MemStatsErrorKind::CutOff),
            _ => Ok(()),
        });
        assert_eq!(error.unwrap_err().line, Some(4));
    }
}

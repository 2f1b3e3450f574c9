//! Decodes bytes into one [`MemStats`] or a series of them.
//!
//! The format is recognised by the bytes: JSON (`encoding/json` of the struct, alone, in a wrapper or as expvar's
//! `/debug/vars`, or answers of Prometheus; one or many documents), or text (a heap profile with `debug=1`, a page for
//! Prometheus, what a console prints, `/proc/PID/status`). Knows no path and no compression.

mod console;
mod json;
mod json_document;
mod limits;
mod mem_stats_error;
mod metric_series;
mod metrics;
mod metrics_error;
mod process_status;
mod prometheus;
mod prometheus_json;
mod text;
mod text_lines;
mod trailer;

use std::io::{BufReader, Cursor, Read};

pub use mem_stats_error::{MemStatsError, MemStatsErrorKind};

use super::SNIFF;
use super::foreign_format::{ForeignFormat, foreign_format};
use crate::profile::MemStats;

/// Decodes the snapshots in decompressed data: one or more.
///
/// # Errors
///
/// If the data is damaged, or has no `runtime.MemStats`.
pub fn decode_mem_stats(mut reader: impl Read) -> Result<Vec<MemStats>, MemStatsError> {
    let mut head = Vec::with_capacity(SNIFF);
    reader.by_ref().take(SNIFF as u64).read_to_end(&mut head).map_err(MemStatsErrorKind::Read)?;
    if head.trim_ascii().is_empty() && head.len() < SNIFF {
        return Err(MemStatsErrorKind::Empty.into());
    }
    let is_console = console::starts(&head);
    let is_json = head.trim_ascii_start().starts_with(b"{") || head.trim_ascii_start().starts_with(b"[");
    let format = foreign_format(&head);
    let mut whole = BufReader::new(Cursor::new(head).chain(reader));
    let found = match format {
        _ if is_console => return text::read(&mut whole),
        _ if is_json => return json::read(&mut whole),
        Some(ForeignFormat::Text) => return text::read(&mut whole),
        Some(ForeignFormat::Known { found, .. }) => found,
        None => "a binary file, such as a heap profile without debug=1",
    };
    Err(MemStatsErrorKind::NotMemStats { found }.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<MemStats>, String> {
        decode_mem_stats(text.as_bytes()).map_err(|error| error.to_string())
    }

    const TRAILER: &str = "heap profile: 1: 64 [2: 128] @ heap/1048576\n1: 64 [2: 128] @ 0x1\n#\t0x0\tmain.f\n\n\
        # runtime.MemStats\n# Alloc = 9\n# HeapAlloc = 64\n# Stack = 5 / 7\n# PauseNs = [1 2]\n# NumGC = 3\n";

    #[test]
    fn a_trailer_is_read_and_the_profile_above_it_is_not() {
        let expected = MemStats {
            heap_alloc: Some(64),
            stack_inuse: Some(5),
            stack_sys: Some(7),
            num_gc: Some(3),
            ..MemStats::default()
        };
        assert_eq!(read(TRAILER), Ok(vec![expected.clone()]));
        assert_eq!(read(&TRAILER.replace('\n', "\r\n")), Ok(vec![expected.clone()]));
        // Several texts in one file, or trailers alone, are a series.
        let alone = &TRAILER[TRAILER.find("# runtime").unwrap()..];
        assert_eq!(read(&format!("{TRAILER}{TRAILER}{alone}")), Ok(vec![expected.clone(), expected.clone(), expected]));
    }

    #[test]
    fn truncation_is_reported() {
        let start = TRAILER.find("# runtime").unwrap();
        let error = |end: usize| read(&TRAILER[..end]).unwrap_err();
        assert!(error(start).contains("has no runtime.MemStats at its end"), "{}", error(start));
        // Within the last number, or right after it.
        assert!(error(TRAILER.len() - 1).contains("ends before NumGC"), "{}", error(TRAILER.len() - 1));
        assert!(error(TRAILER.len() - 12).contains("ends before NumGC"), "{}", error(TRAILER.len() - 12));
        let more = format!("{TRAILER}# DebugGC = fal");
        assert_eq!(read(&more).unwrap_err(), "at line 11: the file ends within this line: is it cut off?");
        let page = "go_memstats_heap_alloc_bytes 5\ngo_goroutines 4";
        assert_eq!(read(page).unwrap_err(), "at line 2: the file ends within this line: is it cut off?");
    }

    #[test]
    fn bad_numbers_have_a_position() {
        let text = TRAILER.replace("NumGC = 3", "NumGC = -3");
        assert_eq!(read(&text).unwrap_err(), "at line 10: NumGC is -3; expected a non-negative integer");
    }

    #[test]
    fn something_else_is_named() {
        for (text, found) in [
            ("hello\n", "text"),
            ("<html>", "HTML or XML"),
            ("\u{1}\u{2}", "a binary file, such as a heap profile without debug=1"),
            ("goroutine profile: total 3\n", "a goroutine profile as text"),
            ("{\"a\": 1}", "JSON"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(&format!("this is {found}, not runtime.MemStats")), "{error}");
        }
        assert!(read(" \n").unwrap_err().starts_with("the file is empty"));
    }
}

//! The struct as a JavaScript console prints it, or Go's `%+v`: `{ HeapAlloc: 5, … }`, with names that have no quotes.

use super::limits::whole;
use super::mem_stats_error::MemStatsErrorKind;
use crate::profile::MemStats;

/// Characters of a name or a number; other than these and brackets there are separators.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-')
}

/// Whether a text starts with an object whose first name has no quotes.
pub(super) fn starts(text: &[u8]) -> bool {
    let inside = text.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    inside.and_then(<[u8]>::first).is_some_and(u8::is_ascii_alphabetic)
}

/// Whether a line opens an object that may go on in the next lines.
fn opens(line: &[u8]) -> bool {
    line.trim_ascii() == b"{" || starts(line)
}

/// The objects found so far.
#[derive(Debug, Default)]
pub(super) struct Console {
    pub(super) snapshots: Vec<MemStats>,
    current: MemStats,
    /// Brackets that are open; 0 outside objects.
    depth: usize,
    /// The name before the value.
    name: Option<String>,
}

impl Console {
    /// Whether an object is open.
    pub(super) fn is_open(&self) -> bool {
        self.depth > 0
    }

    /// Reads a line if it is of an object; says whether it is.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<bool, MemStatsErrorKind> {
        if !self.is_open() && !opens(line) {
            return Ok(false);
        }
        let line = String::from_utf8_lossy(line);
        let mut rest: &str = &line;
        while let Some(c) = rest.chars().next() {
            let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(if len == 0 { c.len_utf8() } else { len });
            rest = after;
            match c {
                '{' | '[' => self.depth += 1,
                '}' | ']' => self.close()?,
                _ if len > 0 && self.depth == 1 => {
                    let value_follows = rest.trim_start_matches('"').trim_start().starts_with(':');
                    if value_follows {
                        self.name = Some(word.to_owned());
                    } else if let Some(name) = self.name.take() {
                        self.set(&name, word)?;
                    }
                }
                // A value of another kind.
                ',' if self.depth == 1 => self.name = None,
                _ => {}
            }
            if !self.is_open() {
                break;
            }
        }
        Ok(true)
    }

    fn set(&mut self, name: &str, text: &str) -> Result<(), MemStatsErrorKind> {
        let Some(field) = self.current.field(name) else { return Ok(()) };
        let number = text.parse().ok().or_else(|| text.parse().ok().and_then(whole));
        let wrong = || MemStatsErrorKind::Number { name: name.to_owned(), text: text.to_owned() };
        if field.replace(number.ok_or_else(wrong)?).is_some() {
            return Err(MemStatsErrorKind::FieldTwice { name: name.to_owned() });
        }
        Ok(())
    }

    /// Closes a bracket, and the object if it is the last.
    fn close(&mut self) -> Result<(), MemStatsErrorKind> {
        self.depth = self.depth.saturating_sub(1);
        self.name = None;
        if self.depth == 0 {
            let stats = std::mem::take(&mut self.current);
            match stats.heap_alloc {
                Some(_) => self.snapshots.push(stats),
                None if self.snapshots.is_empty() => {}
                None => return Err(MemStatsErrorKind::NoHeapAlloc),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<Vec<MemStats>, String> {
        let mut console = Console::default();
        text.lines().try_for_each(|line| console.read(line.as_bytes()).map(|_| ())).map_err(|e| e.to_string())?;
        assert!(!console.is_open());
        Ok(console.snapshots)
    }

    #[test]
    fn objects_of_consoles_are_read() {
        let expected = MemStats { heap_alloc: Some(5), next_gc: Some(1_000_000), ..MemStats::default() };
        for text in [
            "> debug.memStats()\n{\n  BySize: [{\n      HeapAlloc: 9\n  }, {\n      Size: 8\n  }],\n  Enable: true,\n  \
             HeapAlloc: 5,\n  NextGC: 1e+06\n}\n",
            "{HeapAlloc: 5, NextGC: 1000000}",
            "&\n{Enable:true HeapAlloc:5 PauseNs:[1 2] NextGC:1000000 BySize:[{Size:8 Mallocs:1}]}",
            "{\n \"HeapAlloc\": 5,\n \"NextGC\": 1000000\n}",
        ] {
            assert_eq!(found(text), Ok(vec![expected.clone()]), "{text}");
        }
        assert_eq!(found("{HeapAlloc: 1}\n{HeapAlloc: 2}").unwrap().len(), 2);
        assert_eq!(found("{Size: 1}"), Ok(vec![]));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, error) in [
            ("{HeapAlloc: -1}", "HeapAlloc is -1; expected a non-negative integer"),
            ("{HeapAlloc: 1.5}", "HeapAlloc is 1.5; expected a non-negative integer"),
            ("{HeapAlloc: 1, HeapAlloc: 2}", "HeapAlloc occurs twice in one object"),
            ("{HeapAlloc: 1}\n{Sys: 2}", "this document has no HeapAlloc, as those before it have"),
        ] {
            let found = found(text).unwrap_err();
            assert!(found.starts_with(error), "{found}");
        }
    }
}

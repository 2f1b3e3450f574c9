//! Heap profiles of jemalloc: text that starts with `heap_v2/`. Read as by its own `jeprof`, except that all addresses
//! of a stack are return addresses, including the leaf's.
//!
//! A line `@ addresses` is a stack, leaf first. A line for each thread follows it, and one for all of them: `t*: live
//! objects: live bytes [all objects: all bytes]`. Before the first stack such lines have the sums.

use std::io::Read;

use super::error::{DecodeErrorKind as Kind, Decoded};
use super::go_text::Symbols;
use super::maps::Maps;
use super::tables::Tables;
use super::text::{Lines, Scan, starts_map, unexpected};
use super::window::Window;
use crate::profile::{InputFormat, Profile, ProfileBuilder};

/// Start of the first line of a text of jemalloc.
pub(super) const START: &[u8] = b"heap_v2/";

/// Decodes the text that `window` streams into `builder`.
pub(super) fn decode<R: Read>(window: &mut Window<R>, builder: ProfileBuilder) -> Decoded<Profile> {
    let mut lines = Lines::new(window);
    let mut text = match lines.next()? {
        Some((number, line)) => Dump::new(line, builder).map_err(|kind| kind.in_line(number))?,
        None => return Err(Kind::Empty.anywhere()),
    };
    while let Some((number, line)) = lines.next()? {
        text.line(line).map_err(|kind| kind.in_line(number))?;
    }
    lines.check_end()?;
    let last = lines.number;
    text.finish().map_err(|kind| kind.in_line(last))
}

struct Dump {
    tables: Tables,
    /// Mean bytes between two samples.
    rate: i64,
    /// Whether the sums before the stacks were read.
    has_sums: bool,
    /// Whether `stack` was read and its counts must follow.
    has_stack: bool,
    stack: Vec<u64>,
    /// The format has no symbols; this only makes locations.
    symbols: Symbols,
    maps: Option<Maps>,
}

impl Dump {
    fn new(line: &[u8], builder: ProfileBuilder) -> Result<Self, Kind> {
        let mut scan = Scan(line);
        let rate = if scan.eat(START) { scan.number()? } else { None };
        let rate = rate.filter(|&rate| rate > 0 && scan.0.is_empty());
        Ok(Dump {
            tables: Tables::new(builder)?,
            rate: rate.ok_or_else(|| unexpected(line, "heap_v2/ and the bytes between two samples"))?,
            has_sums: false,
            has_stack: false,
            stack: Vec::new(),
            symbols: Symbols::default(),
            maps: None,
        })
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Kind> {
        if let Some(maps) = &mut self.maps {
            return maps.line(line);
        }
        let mut scan = Scan(line);
        if line.is_empty() {
        } else if starts_map(line) {
            self.check_counted()?;
            self.maps = Some(Maps::new());
        } else if scan.eat(b"@") {
            self.check_counted()?;
            if !self.has_sums {
                return Err(unexpected(line, "the sums of all threads, t*: objects: bytes [objects: bytes]"));
            }
            scan.addresses(&mut self.stack)?;
            self.has_stack = true;
        } else if scan.eat(b"t*:") {
            const EXPECTED: &str = "t*: objects: bytes [objects: bytes]";
            let counts = scan.counts()?.filter(|_| scan.0.is_empty()).ok_or_else(|| unexpected(line, EXPECTED))?;
            self.count(line, counts)?;
        } else if !(scan.eat(b"t") && !scan.take_while(u8::is_ascii_digit).is_empty() && scan.eat(b":")) {
            return Err(unexpected(line, "a stack (@ addresses) or the counts of a thread (t0: objects: bytes)"));
        }
        Ok(())
    }

    /// Reads the counts of all threads: of the last stack, or the sums before the stacks.
    fn count(&mut self, line: &[u8], counts: [i64; 4]) -> Result<(), Kind> {
        if !self.has_sums {
            self.has_sums = true;
            return Ok(self.tables.columns(counts, self.rate, self.rate)?);
        }
        if !std::mem::take(&mut self.has_stack) {
            return Err(unexpected(line, "a stack (@ addresses)"));
        }
        let stack = self.symbols.locations(&self.stack, &mut self.tables)?;
        self.tables.sample(stack, counts)
    }

    fn check_counted(&self) -> Result<(), Kind> {
        let missing = "the line t*: of the last stack";
        if self.has_stack { Err(Kind::TextEndsEarly { missing }) } else { Ok(()) }
    }

    fn finish(mut self) -> Result<Profile, Kind> {
        self.check_counted()?;
        if !self.has_sums {
            return Err(Kind::TextEndsEarly { missing: "the line t*: with the sums" });
        }
        match self.maps {
            Some(maps) => maps.finish(&mut self.tables)?,
            // Every dump has its heading, even if nothing follows it.
            None => return Err(Kind::TextEndsEarly { missing: "MAPPED_LIBRARIES:" }),
        }
        self.tables.builder.format(InputFormat::Jemalloc);
        Ok(self.tables.finish()?)
    }
}

//! The comments of Go's runtime in a heap profile as text (`debug=1`): symbols after each record, and
//! `runtime.MemStats` at the end.
//!
//! The runtime's protobuf has a location for each machine frame, whose lines are the functions that were inlined there.
//! In a text each of these has an address of its own; [`Symbols`] puts them together again. Without comments each
//! address is a location.

use std::collections::HashMap;

use super::error::DecodeErrorKind as Kind;
use super::tables::Tables;
use super::text::{Scan, unexpected};
use crate::profile::{LineRef, MemStats};

/// The symbols in the comments.
#[derive(Default)]
pub(super) struct Symbols {
    /// By address of the call.
    known: HashMap<u64, Known>,
    /// The first and the last address in the comments after the record.
    shown: Option<(u64, u64)>,
    frames: Vec<(u64, Option<Symbol>)>,
    /// By frame: the end of its machine frame, exclusive.
    ends: Vec<usize>,
    ids: Vec<u64>,
}

/// Symbol and location of an address.
#[derive(Clone, Copy, Default)]
struct Known {
    symbol: Option<Symbol>,
    /// The location that was added for it and the frames it was inlined into.
    made: Option<Made>,
}

#[derive(Clone, Copy)]
struct Symbol {
    /// Start of the machine code of this function, or of the one it was inlined into.
    entry: u64,
    function: u64,
    line: i64,
}

#[derive(Clone, Copy)]
struct Made {
    id: u64,
    frames: usize,
    /// Whether the stack was cut off there, so that more frames may belong to it.
    open: bool,
}

impl Symbols {
    /// Reads a comment: `address function+0xoffset file:line`, separated by tabs.
    pub(super) fn comment(&mut self, comment: &[u8], tables: &mut Tables) -> Result<(), Kind> {
        const EXPECTED: &str = "a frame: address, function+0xoffset, file:line";
        let mut fields = comment.split(|&byte| byte == b'\t').filter(|field| !field.is_empty());
        let address = fields.next().and_then(|field| field.strip_prefix(b"0x")).unwrap_or_default();
        let Some(address) = Scan(address).hex()? else { return Err(unexpected(comment, EXPECTED)) };
        self.shown = Some((self.shown.map_or(address, |(first, _)| first), address));
        if self.known.get(&address).is_some_and(|known| known.symbol.is_some()) {
            return Ok(());
        }
        let Some(function) = fields.next() else {
            // Code without a name has only an address.
            return Ok(());
        };
        let mut symbol = || {
            let place = fields.next()?;
            let plus = memchr::memrchr(b'+', function)?;
            let colon = memchr::memrchr(b':', place)?;
            let offset = Scan(function[plus + 1..].strip_prefix(b"0x")?).hex().ok()??;
            let line = Scan(&place[colon + 1..]).number().ok()??;
            Some((&function[..plus], offset, &place[..colon], line))
        };
        let Some((name, offset, file, line)) = symbol() else { return Err(unexpected(comment, EXPECTED)) };
        let function = tables.function(name, file)?;
        let symbol = Symbol { entry: address.wrapping_sub(offset), function, line };
        self.known.entry(address).or_default().symbol = Some(symbol);
        Ok(())
    }

    /// The location ids of a stack of return addresses whose comments were read.
    pub(super) fn locations(&mut self, stack: &[u64], tables: &mut Tables) -> Result<&[u64], Kind> {
        let mut calls = stack;
        // If the stack was not cut off, its last frame is runtime.goexit, which has no comment.
        let mut open = true;
        if let Some((first, end)) = self.shown.take() {
            // The runtime's own frames at the leaf are not shown.
            let hidden = stack.iter().position(|address| address.wrapping_sub(1) == first);
            let expected = "an address of this stack in the comment after it";
            calls = &stack[hidden.ok_or_else(|| unexpected(format!("{first:#x}").as_bytes(), expected))?..];
            if let Some((last, others)) = calls.split_last()
                && last.wrapping_sub(1) != end
            {
                (calls, open) = (others, false);
            }
        }
        let symbol = |address: &u64| {
            let call = address.wrapping_sub(1);
            (call, self.known.get(&call).and_then(|known| known.symbol))
        };
        self.frames.clear();
        self.frames.extend(calls.iter().map(symbol));
        self.find_ends();
        self.ids.clear();
        let mut at = 0;
        while at < self.frames.len() {
            let address = self.frames[at].0;
            let end = self.ends[at];
            let open = open && end == self.frames.len() && self.frames[at].1.is_some();
            let known = self.known.entry(address).or_default();
            let made = match known.made.filter(|made| open || !made.open) {
                Some(made) => made,
                None => {
                    let lines = self.frames[at..end].iter().filter_map(|(_, symbol)| *symbol);
                    let lines = lines.map(|symbol| LineRef { function_id: symbol.function, line: symbol.line });
                    let made = Made { id: tables.location(address, lines)?, frames: end - at, open };
                    known.made = Some(made);
                    made
                }
            };
            self.ids.push(made.id);
            at += made.frames;
        }
        Ok(&self.ids)
    }

    /// Finds the ends of the machine frames. Adjacent frames with the same start of their machine code are one function
    /// and the functions inlined into it; the last of them is that function itself. It may call itself, but is never
    /// inlined into itself, so a machine frame ends wherever it occurs.
    fn find_ends(&mut self) {
        self.ends.clear();
        let (mut end, mut outermost, mut caller) = (0, None, None);
        for (at, (_, symbol)) in self.frames.iter().enumerate().rev() {
            let entry = symbol.map(|symbol| symbol.entry);
            let function = symbol.map(|symbol| symbol.function);
            if entry.is_none() || entry != caller {
                outermost = function;
            }
            if function == outermost {
                end = at + 1;
            }
            self.ends.push(end);
            caller = entry;
        }
        self.ends.reverse();
    }
}

/// `runtime.MemStats` at the end of the text.
#[derive(Default)]
pub(super) struct Trailer {
    started: bool,
    /// Whether its last line was read; only the resident set may follow, which some systems do not have.
    pub(super) complete: bool,
    stats: MemStats,
}

impl Trailer {
    /// Reads the rest of a line after `# `.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), Kind> {
        if line == b"runtime.MemStats" {
            self.started = true;
            return Ok(());
        }
        let Some(equals) = memchr::memchr(b'=', line).filter(|_| self.started) else { return Ok(()) };
        let (name, value) = (line[..equals].trim_ascii_end(), line[equals + 1..].trim_ascii_start());
        let name = std::str::from_utf8(name).unwrap_or_default();
        // `in use / obtained from the system`.
        let obtained = memchr::memchr(b'/', value).map(|slash| value[slash + 1..].trim_ascii_start());
        let pairs = match name {
            "Stack" => [("StackInuse", Some(value)), ("StackSys", obtained)],
            "MSpan" => [("MSpanInuse", Some(value)), ("MSpanSys", obtained)],
            "MCache" => [("MCacheInuse", Some(value)), ("MCacheSys", obtained)],
            _ => [(name, Some(value)), (name, None)],
        };
        for (name, value) in pairs {
            let (Some(field), Some(value)) = (self.stats.field(name), value) else { continue };
            let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = std::str::from_utf8(&value[..digits]).ok().and_then(|digits| digits.parse().ok());
            *field = Some(number.ok_or_else(|| unexpected(line, "a number of bytes, of objects or of collections"))?);
        }
        self.complete |= matches!(name, "DebugGC" | "MaxRSS");
        Ok(())
    }

    /// The numbers; `None` if there is no trailer.
    pub(super) fn finish(self) -> Option<MemStats> {
        self.started.then_some(self.stats)
    }

    pub(super) fn has_started(&self) -> bool {
        self.started
    }
}

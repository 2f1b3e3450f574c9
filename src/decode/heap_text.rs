//! Heap profiles as text that start with `heap profile:`, of Go's runtime (`debug=1`), gperftools and tcmalloc.
//!
//! One record per line: `live objects: live bytes [all objects: all bytes] @ addresses`, leaf first. Read as by
//! google/pprof; of Go's also the symbols and numbers in the comments, which google/pprof ignores.

use std::io::Read;

use super::error::{DecodeErrorKind as Kind, Decoded};
use super::go_text::{Symbols, Trailer};
use super::maps::Maps;
use super::tables::Tables;
use super::text::{Lines, Scan, starts_map, unexpected};
use super::window::Window;
use crate::profile::{InputFormat, Profile, ProfileBuilder, Singular};

/// Start of the first line of a text of Go, gperftools or tcmalloc.
pub(super) const START: &[u8] = b"heap profile:";

/// Decodes the text that `window` streams into `builder`.
pub(super) fn decode<R: Read>(window: &mut Window<R>, builder: ProfileBuilder) -> Decoded<Profile> {
    let mut lines = Lines::new(window);
    let mut text = match lines.next()? {
        Some((number, line)) => HeapText::new(line, builder).map_err(|kind| kind.in_line(number))?,
        None => return Err(Kind::Empty.anywhere()),
    };
    while let Some((number, line)) = lines.next()? {
        text.line(number, line)?;
    }
    let last = lines.number;
    text.end_record()?;
    lines.check_end()?;
    text.check_end().map_err(|kind| kind.in_line(last))?;
    text.finish().map_err(Kind::anywhere)
}

struct HeapText {
    header: Header,
    tables: Tables,
    symbols: Symbols,
    trailer: Trailer,
    /// The memory map, from its heading on.
    maps: Option<Maps>,
    /// Line number and counts of the last record, whose comments may follow.
    record: Option<(u64, [i64; 4])>,
    stack: Vec<u64>,
    sums: [i128; 4],
    layout: Layout,
}

/// How records follow each other, which reveals a text of Go's runtime.
#[derive(Default)]
struct Layout {
    /// Whether comments or empty lines follow records, as in those of Go's runtime.
    apart: bool,
    /// Whether a record directly follows another.
    in_a_row: bool,
}

/// The first line.
struct Header {
    /// Sums of all records.
    totals: [i64; 4],
    /// Whether it is a growth or fragmentation profile, which has only two columns.
    is_growth: bool,
    /// Whether it is one of Go's, or one of old C++ code that looks the same.
    is_go: bool,
    /// Mean bytes between two samples; 0 if the line does not say.
    period: i64,
    /// Mean bytes between two samples; 1 if records are not sampled.
    rate: i64,
}

impl Header {
    fn new(line: &[u8]) -> Result<Self, Kind> {
        const EXPECTED: &str = "heap profile: objects: bytes [objects: bytes] @ kind/rate";
        let error = || unexpected(line, EXPECTED);
        let start = memchr::memmem::find(line, START).ok_or_else(error)?;
        let mut scan = Scan(&line[start + START.len()..]);
        let totals = scan.counts()?.ok_or_else(error)?;
        if !scan.eat(b"@") {
            return Err(error());
        }
        scan.skip_space();
        let kind = scan.take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let number = if scan.eat(b"/") { scan.number()?.unwrap_or(0) } else { 0 };
        let (period, is_sampled) = match kind {
            b"heap_v2" | b"heapz_v2" => (number, true),
            // The runtime prints twice its rate, as early C++ heap profilers did.
            b"heap" => (number / 2, true),
            b"heapprofile" | b"growth" | b"growthz" | b"fragmentation" | b"fragmentationz" => (1, false),
            _ => {
                let kinds = "heap, heap_v2, heapz_v2, heapprofile, growth(z) or fragmentation(z) after the @";
                return Err(unexpected(kind, kinds));
            }
        };
        Ok(Header {
            totals,
            is_growth: kind.starts_with(b"growth") || kind.starts_with(b"fragmentation"),
            is_go: kind == b"heap",
            period,
            rate: if is_sampled { period } else { 1 },
        })
    }
}

impl HeapText {
    fn new(line: &[u8], builder: ProfileBuilder) -> Result<Self, Kind> {
        let header = Header::new(line)?;
        let mut tables = Tables::new(builder)?;
        let [live, live_bytes, ..] = header.totals;
        let sums = if header.is_growth { [live, live_bytes, 0, 0] } else { header.totals };
        tables.columns(sums, header.rate, header.period)?;
        Ok(HeapText {
            header,
            tables,
            symbols: Symbols::default(),
            trailer: Trailer::default(),
            maps: None,
            record: None,
            stack: Vec::new(),
            sums: [0; 4],
            layout: Layout::default(),
        })
    }

    fn line(&mut self, number: u64, line: &[u8]) -> Decoded<()> {
        if let Some(maps) = &mut self.maps {
            return maps.line(line).map_err(|kind| kind.in_line(number));
        }
        let frame = line.strip_prefix(b"#\t");
        let follows_record = self.record.is_some();
        if frame.is_none() {
            self.end_record()?;
        }
        let taken = if let Some(frame) = frame.filter(|_| follows_record) {
            self.layout.apart = true;
            self.symbols.comment(frame, &mut self.tables)
        } else if line.is_empty() {
            self.layout.apart |= follows_record;
            Ok(())
        } else if let Some(comment) = line.strip_prefix(b"#") {
            self.trailer.line(comment.trim_ascii_start())
        } else if starts_map(line) {
            self.maps = Some(Maps::new());
            Ok(())
        } else if self.trailer.has_started() {
            Err(unexpected(line, "the numbers of runtime.MemStats or the end of the text"))
        } else {
            self.layout.in_a_row |= follows_record && !self.layout.apart;
            self.start_record(number, line)
        };
        taken.map_err(|kind| kind.in_line(number))
    }

    fn start_record(&mut self, number: u64, line: &[u8]) -> Result<(), Kind> {
        let mut scan = Scan(line);
        let Some(counts) = scan.counts()?.filter(|_| scan.eat(b"@")) else {
            return Err(unexpected(line, "a record: objects: bytes [objects: bytes] @ addresses"));
        };
        scan.addresses(&mut self.stack)?;
        self.record = Some((number, counts));
        Ok(())
    }

    /// Adds the last record as a sample, now that its comments were read.
    fn end_record(&mut self) -> Decoded<()> {
        let Some((number, counts)) = self.record.take() else { return Ok(()) };
        self.sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += i128::from(count));
        let stack = self.symbols.locations(&self.stack, &mut self.tables);
        stack.and_then(|stack| self.tables.sample(stack, counts)).map_err(|kind| kind.in_line(number))
    }

    /// Checks that the text did not end where its producer would have gone on. A checksum does not help: the text may
    /// have been cut off before it was compressed.
    ///
    /// Go's runtime ends with its numbers, and tcmalloc with the memory map. Without either, the records must reach the
    /// sums in the first line, and must not look like Go's, which have comments.
    fn check_end(&self) -> Result<(), Kind> {
        let missing = if self.trailer.has_started() && !self.trailer.complete {
            "the rest of runtime.MemStats"
        } else if self.trailer.complete || self.maps.is_some() {
            return Ok(());
        } else if self.layout.apart || !self.layout.in_a_row {
            "runtime.MemStats or the memory map"
        } else if self.sums[..2] != self.header.totals.map(i128::from)[..2] {
            "another record, by the sums in the first line,"
        } else {
            return Ok(());
        };
        Err(Kind::TextEndsEarly { missing })
    }

    /// Checks the sums in the first line. Go's runtime adds up what it prints. From Go 1.20 on it adds one byte if as
    /// much is live as was allocated.
    fn check_sums(&self) -> Result<(), Kind> {
        let [live, live_bytes, all, all_bytes] = self.header.totals.map(i128::from);
        let added = all_bytes - self.sums[3];
        let is_added = added == 0 || added == 1 && self.sums[1] == self.sums[3];
        let is_sum = self.sums[..3] == [live, live_bytes, all] && is_added;
        if self.trailer.has_started() && self.header.is_go && !is_sum {
            let text = |[a, b, c, d]: [i128; 4]| format!("{a}: {b} [{c}: {d}]");
            let expected = text(self.header.totals.map(i128::from));
            return Err(Kind::Totals { found: text(self.sums), expected });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Profile, Kind> {
        self.check_sums()?;
        let is_go = self.header.is_go && self.maps.is_none();
        self.tables.builder.format(if is_go { InputFormat::GoText } else { InputFormat::Gperftools });
        if let Some(mem_stats) = self.trailer.finish() {
            // The samples show the heap at the last collection.
            if let Some(time) = mem_stats.last_gc.and_then(|time| i64::try_from(time).ok()) {
                self.tables.builder.singular(Singular::Time, time)?;
            }
            self.tables.builder.mem_stats(mem_stats);
        }
        if let Some(maps) = self.maps {
            maps.finish(&mut self.tables)?;
        }
        Ok(self.tables.finish()?)
    }
}

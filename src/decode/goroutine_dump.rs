//! Dumps of all goroutines (`debug=2`), as an unrecovered panic prints them: one after the other, with its state.
//!
//! ```text
//! goroutine 12 [chan receive, 5 minutes]:
//! main.worker(0xc000012340)
//!     /src/main.go:14 +0x2c
//! created by main.main in goroutine 1
//!     /src/main.go:9 +0x65
//! ```
//!
//! Goroutines with the same stack become one sample. The runtime's own frames at the leaf are not printed; where the
//! state tells which one waits, it is put back, so that the dump says the same as a protobuf.

use std::io::Read;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::error::{DecodeErrorKind as Kind, Decoded};
use super::tables::Tables;
use super::text::{Lines, Scan, unexpected};
use super::window::Window;
use crate::profile::{CountedThing, InputFormat, LineRef, Profile, ProfileBuilder};

/// Functions of the runtime in which goroutines wait, by the start of their state.
const WAITS: [(&[u8], &[u8]); 4] = [
    (b"chan receive", b"runtime.chanrecv"),
    (b"chan send", b"runtime.chansend"),
    (b"select (no cases)", b"runtime.block"),
    (b"select", b"runtime.selectgo"),
];

/// Whether `line` begins a goroutine: `goroutine 12 [state]:`.
pub(super) fn starts(line: &[u8]) -> bool {
    state(line).is_some()
}

/// The state in the first line of a goroutine, which may have more than the state in its brackets.
fn state(line: &[u8]) -> Option<&[u8]> {
    let mut scan = Scan(line);
    let is_numbered = scan.eat(b"goroutine ") && !scan.take_while(u8::is_ascii_digit).is_empty();
    let open = memchr::memchr(b'[', scan.0).filter(|_| is_numbered && scan.0.starts_with(b" "))?;
    let close = open + memchr::memchr(b']', &scan.0[open..])?;
    scan.0.trim_ascii_end().ends_with(b":").then(|| &scan.0[open + 1..close])
}

/// Decodes the text that `window` streams into `builder`.
pub(super) fn decode<R: Read>(window: &mut Window<R>, builder: ProfileBuilder) -> Decoded<Profile> {
    let mut lines = Lines::new(window);
    let mut dump = Dump::new(builder).map_err(|error| error.in_line(1))?;
    while let Some((number, line)) = lines.next()? {
        if let Err(kind) = dump.line(line) {
            lines.check_end()?;
            return Err(kind.in_line(number));
        }
    }
    let last = lines.number;
    lines.check_end()?;
    dump.end().map_err(|kind| kind.in_line(last))?;
    dump.finish().map_err(Kind::anywhere)
}

struct Dump {
    tables: Tables,
    /// Location ids by function, file and line.
    locations: IndexMap<Vec<u8>, u64, RandomState>,
    /// Number of goroutines by stack, location ids, leaf first.
    stacks: IndexMap<Vec<u64>, i64, RandomState>,
    /// The stack of the goroutine being read.
    stack: Option<Vec<u64>>,
    expected: Expected,
    /// Number of goroutines that are marked as leaked.
    leaked: i64,
}

/// What the next line of a goroutine is.
enum Expected {
    /// A frame, where it was started, or the end.
    Frame,
    /// The place of a frame of this function.
    Place(Vec<u8>),
    /// The place where the goroutine was started.
    Start,
}

impl Dump {
    fn new(builder: ProfileBuilder) -> Result<Self, Kind> {
        let mut tables = Tables::new(builder)?;
        tables.counts(CountedThing::Goroutine)?;
        tables.builder.format(InputFormat::GoText);
        Ok(Dump {
            tables,
            locations: IndexMap::default(),
            stacks: IndexMap::default(),
            stack: None,
            expected: Expected::Frame,
            leaked: 0,
        })
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Kind> {
        match std::mem::replace(&mut self.expected, Expected::Frame) {
            Expected::Frame if line.is_empty() => self.end(),
            Expected::Frame if self.stack.is_none() => {
                let state = state(line).ok_or_else(|| unexpected(line, "a goroutine: goroutine 12 [state]:"))?;
                self.leaked += i64::from(memchr::memmem::find(state, b"(leaked)").is_some());
                let wait = WAITS.iter().find(|(start, _)| state.starts_with(start));
                let waits = wait.map(|(_, function)| self.location(function, b"", 0)).transpose()?;
                self.stack = Some(Vec::from_iter(waits));
                Ok(())
            }
            Expected::Frame => self.frame(line),
            Expected::Place(function) => {
                let Some((file, line)) = place(line) else {
                    return Err(unexpected(line, "the place of that function: file:line"));
                };
                let id = self.location(&function, file, line)?;
                self.stack.get_or_insert_default().push(id);
                Ok(())
            }
            Expected::Start => match place(line) {
                Some(_) => Ok(()),
                None => Err(unexpected(line, "the place where the goroutine was started: file:line")),
            },
        }
    }

    /// Reads a line at the beginning of a frame.
    fn frame(&mut self, line: &[u8]) -> Result<(), Kind> {
        if line.starts_with(b"created by ") {
            self.expected = Expected::Start;
        } else if let Some(open) = memchr::memrchr(b'(', line).filter(|&open| open > 0 && line.ends_with(b")")) {
            self.expected = Expected::Place(line[..open].to_vec());
        } else if !(line.starts_with(b"...") || line.starts_with(b"goroutine running on other thread")) {
            return Err(unexpected(line, "a frame: function(arguments)"));
        }
        Ok(())
    }

    /// Counts the goroutine that was read. Fails if the text ends within one.
    fn end(&mut self) -> Result<(), Kind> {
        let missing = match self.expected {
            Expected::Frame => None,
            Expected::Place(_) => Some("the place of a function"),
            Expected::Start => Some("the place where a goroutine was started"),
        };
        if let Some(missing) = missing {
            return Err(Kind::TextEndsEarly { missing });
        }
        if let Some(stack) = self.stack.take() {
            *self.stacks.entry(stack).or_default() += 1;
        }
        Ok(())
    }

    fn location(&mut self, function: &[u8], file: &[u8], line: i64) -> Result<u64, Kind> {
        let key = [function, file, &line.to_le_bytes()].join(&b'\t');
        if let Some(&known) = self.locations.get(&key) {
            return Ok(known);
        }
        let function_id = self.tables.function(function, file)?;
        let id = self.tables.location(0, std::iter::once(LineRef { function_id, line }))?;
        self.locations.insert(key, id);
        Ok(id)
    }

    fn finish(mut self) -> Result<Profile, Kind> {
        for (stack, &count) in &self.stacks {
            self.tables.count(stack, count)?;
        }
        self.tables.builder.marked_leaked(self.leaked);
        Ok(self.tables.finish()?)
    }
}

/// File and line of a place: `file:line`, and perhaps more after a space.
fn place(line: &[u8]) -> Option<(&[u8], i64)> {
    // A path may have spaces.
    let end =
        memchr::memmem::rfind(line, b" +0x").or_else(|| memchr::memmem::find(line, b" fp=0x")).unwrap_or(line.len());
    let colon = memchr::memrchr(b':', &line[..end])?;
    let mut scan = Scan(&line[colon + 1..end]);
    let number = scan.number().ok()??;
    (colon > 0 && scan.0.is_empty()).then(|| (&line[..colon], number))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::place;
    use crate::decode::decode_counting;
    use crate::profile::{Profile, SampleType};

    const TEXT: &str = "goroutine 12 [chan receive, 5 minutes, locked to thread]:\nmain.(*pool[...]).work(0xc0, {0x1?, 0x2})\n\
        \t/a b/main.go:14 +0x2c\ncreated by main.main in goroutine 1\n\t/a b/main.go:9 +0x65\n\n\
        goroutine 13 [chan receive (leaked)] {tenant: acme}:\nmain.(*pool[...]).work(0xc1, {0x1?, 0x2})\n\
        \t/a b/main.go:14 +0x2c\ncreated by main.main in goroutine 1\n\t/a b/main.go:9 +0x65\n\n\
        goroutine 1 gp=0xc002 m=0 mp=0x1 [running]:\nmain.main()\n\t/a b/main.go:20 +0x65 fp=0x1 sp=0x2 pc=0x3\n\
        ...additional frames elided...\n";

    fn read(text: &str) -> Result<Profile, String> {
        decode_counting(text.as_bytes(), &SampleType::Goroutines, false, || false).map_err(|error| error.to_string())
    }

    #[test]
    fn goroutines_with_one_stack_are_one_sample() {
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n"), format!("\u{feff}{TEXT}")] {
            let profile = read(&text).unwrap();
            let mut found = Vec::new();
            profile.samples().for_each(|sample| {
                let functions = sample.stack.iter().map(|&id| {
                    let line = profile.lines()[profile.line_range(id).start as usize];
                    let name = profile.string(profile.function(line.function).name);
                    format!("{}:{}", String::from_utf8_lossy(name), { line.line })
                });
                found.push((sample.objects, functions.collect::<Vec<_>>().join(" ")));
            });
            let expected = [(2, "runtime.chanrecv:0 main.(*pool[...]).work:14"), (1, "main.main:20")];
            assert_eq!(found, expected.map(|(count, stack)| (count, stack.to_owned())));
            assert_eq!(profile.header().marked_leaked, 1);
        }
    }

    #[test]
    fn damage_has_a_place() {
        let cut = |at: usize| read(&TEXT[..at]).unwrap_err();
        let end = |text: &str| TEXT.find(text).unwrap() + text.len();
        assert_eq!(
            cut(end("0x2})\n")),
            "line 2: the text ends where the place of a function should follow: it was cut off"
        );
        assert_eq!(
            cut(end("main.go:1")),
            "line 3: the text ends where the end of the line should follow: it was cut off"
        );
        let error = |from: &str, to: &str| read(&TEXT.replacen(from, to, 1)).unwrap_err();
        assert_eq!(
            error("main.go:14", "main.go"),
            "line 3: expected the place of that function: file:line, found \"/a b/main.go +0x2c\""
        );
        assert_eq!(
            error("goroutine 13 ", "x"),
            "line 7: expected a goroutine: goroutine 12 [state]:, found \"x[chan receive (leaked)] {tenant: acme}:\""
        );
    }

    #[test]
    fn places_may_have_spaces_and_drives() {
        assert_eq!(place(b"C:/a b/m.go:7 +0x2c"), Some((&b"C:/a b/m.go"[..], 7)));
        assert_eq!(place(b"/m.go:7"), Some((&b"/m.go"[..], 7)));
        assert_eq!([place(b"/m.go"), place(b":7"), place(b"m.go:7x")], [None; 3]);
    }
}

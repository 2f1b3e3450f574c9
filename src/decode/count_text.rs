//! Goroutine profiles as text that start with `goroutine profile: total`, of Go's runtime (`debug=1`); leaked ones start
//! with `goroutineleak profile: total`.
//!
//! A record is `count @ addresses`, leaf first, then perhaps a line of labels, then comments with the symbols. The
//! frames of the runtime at the leaf have addresses, and no symbols.

use std::io::Read;

use super::error::{DecodeErrorKind as Kind, Decoded};
use super::go_text::Symbols;
use super::tables::Tables;
use super::text::{Lines, Scan, unexpected};
use super::window::Window;
use crate::profile::{CountedThing, InputFormat, Profile, ProfileBuilder};

/// What follows the name of the profile in the first line.
const TOTAL: &[u8] = b" profile: total ";

/// What a text that starts with `line` counts; `None` if it is not such a text.
pub(super) fn counted(line: &[u8]) -> Option<CountedThing> {
    CountedThing::ALL.into_iter().find(|thing| {
        let rest = line.strip_prefix(thing.sample_type().as_bytes());
        rest.is_some_and(|rest| rest.starts_with(TOTAL))
    })
}

/// Decodes the text that `window` streams into `builder`.
pub(super) fn decode<R: Read>(window: &mut Window<R>, builder: ProfileBuilder) -> Decoded<Profile> {
    let mut lines = Lines::new(window);
    let mut text = match lines.next()? {
        Some((number, line)) => CountText::new(line, builder).map_err(|kind| kind.in_line(number))?,
        None => return Err(Kind::Empty.anywhere()),
    };
    while let Some((number, line)) = lines.next()? {
        if let Err(error) = text.line(number, line) {
            lines.check_end()?;
            return Err(error);
        }
    }
    let last = lines.number;
    text.end_record()?;
    lines.check_end()?;
    text.check_total().map_err(|kind| kind.in_line(last))?;
    text.tables.finish().map_err(|error| Kind::from(error).anywhere())
}

struct CountText {
    /// The number of all, by the first line.
    total: i64,
    tables: Tables,
    symbols: Symbols,
    /// Line number and count of the last record, whose comments may follow.
    record: Option<(u64, i64)>,
    stack: Vec<u64>,
    sum: i128,
    /// Whether records have comments, and the last one has, or ends without.
    has_comments: [bool; 2],
}

impl CountText {
    fn new(line: &[u8], builder: ProfileBuilder) -> Result<Self, Kind> {
        let error = || unexpected(line, "goroutine profile: total and a number");
        let thing = counted(line).ok_or_else(error)?;
        let mut scan = Scan(&line[thing.sample_type().len() + TOTAL.len()..]);
        let total = scan.number()?.filter(|&total| total >= 0 && scan.0.is_empty()).ok_or_else(error)?;
        let mut tables = Tables::new(builder)?;
        tables.counts(thing)?;
        tables.builder.format(InputFormat::GoText);
        Ok(CountText {
            total,
            tables,
            symbols: Symbols::default(),
            record: None,
            stack: Vec::new(),
            sum: 0,
            has_comments: [false; 2],
        })
    }

    fn line(&mut self, number: u64, line: &[u8]) -> Decoded<()> {
        let taken = if let Some(frame) = line.strip_prefix(b"#\t").filter(|_| self.record.is_some()) {
            self.has_comments = [true; 2];
            self.symbols.comment(frame, &mut self.tables)
        } else if line.is_empty() {
            // The end of a record: that of a goroutine which has just begun or ended has no frame but runtime.goexit, which Go
            // leaves out.
            self.has_comments[1] |= self.record.is_some();
            Ok(())
        } else if line.starts_with(b"# labels:") {
            Ok(())
        } else {
            self.end_record()?;
            self.start_record(number, line)
        };
        taken.map_err(|kind| kind.in_line(number))
    }

    fn start_record(&mut self, number: u64, line: &[u8]) -> Result<(), Kind> {
        let mut scan = Scan(line);
        let count = scan.number()?.filter(|&count| count > 0);
        scan.skip_space();
        let Some(count) = count.filter(|_| scan.eat(b"@")) else {
            return Err(unexpected(line, "a record: count @ addresses"));
        };
        scan.addresses(&mut self.stack)?;
        self.record = Some((number, count));
        self.has_comments[1] = false;
        Ok(())
    }

    /// Adds the last record as a sample, now that its comments were read.
    fn end_record(&mut self) -> Decoded<()> {
        let Some((number, count)) = self.record.take() else { return Ok(()) };
        self.sum += i128::from(count);
        let stack = self.symbols.locations(&self.stack, &mut self.tables);
        stack.and_then(|stack| Ok(self.tables.count(stack, count)?)).map_err(|kind| kind.in_line(number))
    }

    /// Checks that the records add up to the number in the first line, and that the last one has its frames.
    fn check_total(&self) -> Result<(), Kind> {
        if self.has_comments == [true, false] {
            return Err(Kind::TextEndsEarly { missing: "the frames of the last record" });
        }
        match self.sum - i128::from(self.total) {
            0 => Ok(()),
            ..0 => Err(Kind::TextEndsEarly { missing: "another record, by the total in the first line," }),
            _ => Err(Kind::Totals { found: self.sum.to_string(), expected: self.total.to_string() }),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use crate::decode::decode_counting;
    use crate::profile::{CountedThing, Profile, SampleType};

    const TEXT: &str = "goroutine profile: total 5\n3 @ 0x10 0x21 0x31\n# labels: {\"a\":\"[b]\"}\n\
        #\t0x20\tmain.work+0x4\t\tmain.go:7\n\n2 @ 0x41 0x31\n#\t0x40\tmain.main+0x9\tmain.go:9\n\n";

    fn read(text: &str) -> Result<Profile, String> {
        read_as(text, &SampleType::Goroutines)
    }

    fn read_as(text: &str, wanted: &SampleType) -> Result<Profile, String> {
        decode_counting(text.as_bytes(), wanted, false, || false).map_err(|error| error.to_string())
    }

    #[test]
    fn counts_and_stacks_are_read() {
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n"), format!("\u{feff}{TEXT}")] {
            let profile = read(&text).unwrap();
            let mut found = Vec::new();
            profile.samples().for_each(|sample| {
                assert_eq!(sample.stack.len(), 1);
                let line = profile.lines()[profile.line_range(sample.stack[0]).start as usize];
                let name = profile.string(profile.function(line.function).name);
                found.push((sample.objects, String::from_utf8_lossy(name).into_owned(), { line.line }));
            });
            assert_eq!(found, [(3, "main.work".to_owned(), 7), (2, "main.main".to_owned(), 9)]);
        }
    }

    #[test]
    fn leaked_goroutines_are_another_column() {
        let leaked = CountedThing::LeakedGoroutine.columns();
        let none = read_as("goroutineleak profile: total 0\n", &leaked);
        assert_eq!(none.unwrap().samples().count(), 0);
        let error = read_as(TEXT, &leaked).unwrap_err();
        assert_eq!(
            error,
            "the profile has no sample type goroutineleak; it has goroutine/count (with debug=2 \
             the profile has all goroutines: fetch it without debug, or with debug=1)"
        );
    }

    #[test]
    fn a_text_that_was_cut_off_is_never_a_smaller_one() {
        // Without its last, empty line it is complete.
        for end in 0..TEXT.len() - 1 {
            assert!(read(&TEXT[..end]).is_err(), "{end}");
        }
        assert!(read(&TEXT[..TEXT.len() - 1]).is_ok());
    }

    #[test]
    fn a_goroutine_without_frames_ends_a_text() {
        // Go leaves out runtime.goexit, all that is left of a goroutine that ends.
        let text = "goroutine profile: total 2\n1 @ 0x10\n#\t0xf\tmain.f+0x4\tmain.go:7\n\n1 @ 0x20\n\n";
        assert_eq!(read(text).unwrap().samples().count(), 2);
        assert_eq!(
            read(text.trim_end_matches('\n')).unwrap_err(),
            "line 5: the text ends where the end of the line should follow: it was cut off"
        );
        assert_eq!(
            read(&text[..text.len() - 1]).unwrap_err(),
            "line 5: the text ends where the frames of the last record should follow: it was cut off"
        );
    }

    #[test]
    fn damage_has_a_place() {
        let cut = |end: &str| read(&TEXT[..TEXT.find(end).unwrap()]).unwrap_err();
        assert_eq!(
            cut("2 @"),
            "line 5: the text ends where another record, by the total in the first line, should follow: it was cut off"
        );
        assert_eq!(
            cut(" 0x31\n\x23\t0x40"),
            "line 6: the text ends where the end of the line should follow: it was cut off"
        );
        let error = |from: &str, to: &str| read(&TEXT.replacen(from, to, 1)).unwrap_err();
        assert_eq!(
            error("total 5", "total x"),
            "line 1: expected goroutine profile: total and a number, found \"goroutine profile: total x\""
        );
        assert_eq!(
            error("3 @", "4 @"),
            "line 8: the records add up to 6, but the first line says 5: lines are missing or damaged"
        );
        assert_eq!(error("3 @", "-3 @"), "line 2: expected a record: count @ addresses, found \"-3 @ 0x10 0x21 0x31\"");
        assert!(error("0x20", "0x22").starts_with("line 2: expected an address of this stack in the comment after it"));
    }
}

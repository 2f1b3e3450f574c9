//! The common parts of heap profiles as text: lines, counts, addresses, and the scaling of samples.
//!
//! In: streamed lines, one in memory at a time. Out: numbers. Knows no format as a whole.

use std::io::Read;

use super::error::{DecodeErrorKind as Kind, Decoded};
use super::window::Window;

/// The lines of a text.
pub(super) struct Lines<'w, R> {
    window: &'w mut Window<R>,
    /// Number of the last line, from 1.
    pub(super) number: u64,
    /// Whether the last line has its line break.
    pub(super) ended: bool,
}

impl<'w, R: Read> Lines<'w, R> {
    pub(super) fn new(window: &'w mut Window<R>) -> Self {
        Lines { window, number: 0, ended: true }
    }

    /// The next line and its number, without a logger's prefix and surrounding space.
    pub(super) fn next(&mut self) -> Decoded<Option<(u64, &[u8])>> {
        let Some(line) = self.window.line()? else { return Ok(None) };
        self.number += 1;
        self.ended = line.ends_with(b"\n");
        Ok(Some((self.number, without_log_prefix(line).trim_ascii())))
    }

    /// Checks that the text ends with a line break: nothing else proves that its last line is complete.
    pub(super) fn check_end(&self) -> Decoded<()> {
        let missing = "the end of the line";
        if self.ended { Ok(()) } else { Err(Kind::TextEndsEarly { missing }.in_line(self.number)) }
    }
}

/// `line` without the prefix of glog: everything up to a `file:line] `.
fn without_log_prefix(line: &[u8]) -> &[u8] {
    let Some(at) = memchr::memchr2(b'[', b']', line) else { return line };
    let (before, after) = line.split_at(at);
    let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let is_place = digits > 0 && before[..before.len() - digits].ends_with(b":");
    match after {
        [b']', space, rest @ ..] if is_place && space.is_ascii_whitespace() => rest,
        _ => line,
    }
}

/// Whether `line` is the heading of the memory map, which follows the samples.
pub(super) fn starts_map(line: &[u8]) -> bool {
    let has = |heading| memchr::memmem::find(line, heading).is_some();
    // Records are longer, or do not have these letters.
    line.len() < 200 && (has(b"--- Memory map: ---") || has(b"MAPPED_LIBRARIES:"))
}

/// The error for an unexpected line.
#[cold]
pub(super) fn unexpected(line: &[u8], expected: &'static str) -> Kind {
    const MOST: usize = 60;
    let mut found = String::from_utf8_lossy(&line[..line.len().min(MOST)]).into_owned();
    if line.len() > MOST {
        found.push('…');
    }
    Kind::Line { expected, found }
}

/// The unread rest of a line.
#[derive(Clone, Copy)]
pub(super) struct Scan<'l>(pub(super) &'l [u8]);

impl<'l> Scan<'l> {
    pub(super) fn skip_space(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    /// Takes `prefix`; `false` if the rest does not start with it.
    pub(super) fn eat(&mut self, prefix: &[u8]) -> bool {
        let rest = self.0.strip_prefix(prefix);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Takes the leading bytes that are wanted.
    pub(super) fn take_while(&mut self, wanted: impl Fn(&u8) -> bool) -> &'l [u8] {
        let len = self.0.iter().take_while(|byte| wanted(byte)).count();
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    /// Takes a decimal number, if there is one.
    pub(super) fn number(&mut self) -> Result<Option<i64>, Kind> {
        let minus = self.eat(b"-");
        let digits = self.take_while(u8::is_ascii_digit);
        if digits.is_empty() {
            return Ok(None);
        }
        let digit = |number: i64, digit: &u8| number.checked_mul(10)?.checked_sub(i64::from(digit - b'0'));
        let number = digits.iter().try_fold(0, digit);
        let number = if minus { number } else { number.and_then(i64::checked_neg) };
        number.map(Some).ok_or_else(|| Kind::Number { digits: text(digits) })
    }

    /// Takes a hexadecimal number, if there is one.
    pub(super) fn hex(&mut self) -> Result<Option<u64>, Kind> {
        let digits = self.take_while(u8::is_ascii_hexdigit);
        if digits.is_empty() {
            return Ok(None);
        }
        let digit = |number: u64, digit: &u8| {
            let value = char::from(*digit).to_digit(16)?;
            number.checked_mul(16)?.checked_add(value.into())
        };
        digits.iter().try_fold(0, digit).map(Some).ok_or_else(|| Kind::Number { digits: text(digits) })
    }

    /// Takes `objects: bytes [objects: bytes]`, the live and all allocated ones; `None` for anything else.
    pub(super) fn counts(&mut self) -> Result<Option<[i64; 4]>, Kind> {
        let mut counts = [0; 4];
        for (count, end) in counts.iter_mut().zip([":", "[", ":", "]"]) {
            self.skip_space();
            let Some(number) = self.number()? else { return Ok(None) };
            *count = number;
            self.skip_space();
            if !self.eat(end.as_bytes()) {
                return Ok(None);
            }
        }
        self.skip_space();
        Ok(Some(counts))
    }

    /// Takes all addresses up to the end of the line into `stack`.
    pub(super) fn addresses(&mut self, stack: &mut Vec<u64>) -> Result<(), Kind> {
        stack.clear();
        loop {
            self.skip_space();
            if self.0.is_empty() {
                return Ok(());
            }
            let rest = self.0;
            let address = if self.eat(b"0x") { self.hex()? } else { None };
            let ends = self.0.first().is_none_or(u8::is_ascii_whitespace);
            stack.push(address.filter(|_| ends).ok_or_else(|| unexpected(rest, "an address such as 0x4f2a10"))?);
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned()
}

/// The values that a record of raw samples represents.
pub(super) struct Values {
    /// Live objects and bytes, then all allocated ones.
    pub(super) counts: [i64; 4],
    /// Bytes per live object, or if there are none per allocated one; 0 if unknown.
    pub(super) block_size: i64,
}

impl Values {
    /// Scales up a record that was sampled once in `rate` bytes on average, as Go's runtime and google/pprof do: an
    /// object of size s was sampled with probability 1 − e^(−s / rate), and the results are truncated.
    pub(super) fn unsampled(record: [i64; 4], rate: i64) -> Result<Self, Kind> {
        let [live, live_bytes, all, all_bytes] = record;
        let ([a, b], [c, d]) = (unsample(live, live_bytes, rate)?, unsample(all, all_bytes, rate)?);
        let size = |objects: i64, bytes: i64| bytes.checked_div(objects);
        let block_size = size(live, live_bytes).or_else(|| size(all, all_bytes)).unwrap_or(0);
        Ok(Values { counts: [a, b, c, d], block_size })
    }
}

fn unsample(objects: i64, bytes: i64, rate: i64) -> Result<[i64; 2], Kind> {
    if objects == 0 && bytes != 0 {
        return Err(Kind::BytesOfNothing { bytes });
    }
    if objects == 0 || bytes == 0 {
        return Ok([0, 0]);
    }
    if rate <= 1 {
        return Ok([objects, bytes]);
    }
    let size = bytes as f64 / objects as f64;
    let scale = 1.0 / (1.0 - libm::exp(-size / rate as f64));
    match [objects, bytes].map(|count| whole(count as f64 * scale)) {
        [Some(objects), Some(bytes)] => Ok([objects, bytes]),
        _ => Err(Kind::Unsampled { objects, bytes }),
    }
}

/// The integer part of a number, if it fits into 64 bits.
fn whole(number: f64) -> Option<i64> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    #[allow(clippy::cast_possible_truncation, reason = "checked, and meant to truncate")]
    (number.abs() < END).then_some(number as i64)
}

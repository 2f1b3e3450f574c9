//! Text in UTF-16, as PowerShell's `>` writes it, turned into UTF-8.

use std::io::{self, Read};

/// The byte order mark of little-endian UTF-16, followed by a character of ASCII that is no control character.
pub(super) fn starts(head: &[u8]) -> bool {
    matches!(head, [0xff, 0xfe, first, 0, ..] if first.is_ascii() && !first.is_ascii_control())
}

/// Reads UTF-16, little-endian and with a byte order mark, as UTF-8. What is no character becomes U+FFFD.
pub(super) struct Utf16<R> {
    reader: R,
    /// Bytes that were read and not decoded yet: half a character.
    raw: Vec<u8>,
    text: Vec<u8>,
    /// Number of bytes of `text` that were given out.
    given: usize,
}

impl<R: Read> Utf16<R> {
    pub(super) fn new(reader: R) -> Self {
        Utf16 { reader, raw: Vec::new(), text: Vec::new(), given: 0 }
    }

    /// Decodes the next part of the text. At the end of the data none is left.
    fn decode(&mut self) -> io::Result<()> {
        const PART: u64 = 16 << 10;
        self.text.clear();
        self.given = 0;
        let read = self.reader.by_ref().take(PART).read_to_end(&mut self.raw)?;
        let mut units: Vec<u16> = self.raw.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
        // A surrogate waits for its other half; at the end there is none.
        if read > 0 && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        let is_cut = read == 0 && self.raw.len() % 2 == 1;
        self.raw.drain(..2 * units.len() + usize::from(is_cut));
        let chars = char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
        let chars = chars.filter(|&char| char != '\u{feff}').chain(is_cut.then_some(char::REPLACEMENT_CHARACTER));
        self.text.extend(chars.collect::<String>().into_bytes());
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            self.decode()?;
            if self.text.is_empty() && self.raw.is_empty() {
                return Ok(0);
            }
        }
        let read = (&self.text[self.given..]).read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_whatever_its_length() {
        for text in ["", "a", "heap profile: é🦀", &"🦀".repeat(9000), &("a".to_owned() + &"🦀".repeat(9000))] {
            let bytes: Vec<_> =
                "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
            assert_eq!(io::read_to_string(Utf16::new(&bytes[..])).unwrap(), text);
        }
        assert_eq!(io::read_to_string(Utf16::new(&b"\xff\xfea\0\x3d\xd8b"[..])).unwrap(), "a\u{fffd}\u{fffd}");
    }

    #[test]
    fn only_text_is_taken_for_it() {
        assert!(starts(b"\xff\xfeh\0e\0"));
        assert!(!starts(b"\xff\xfe\x1f\0\xef\0"));
        assert!(!starts(b"\xff\xfe"));
    }
}

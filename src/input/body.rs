//! The body of an HTTP response. Its end is checked against what the server announced, so that a truncated body is never
//! taken for a complete one.

use std::io::{self, BufRead, BufReader, Read};

use super::codec::Proof;
use super::fetch_error::FetchError;
use super::gzip::Members;

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// By its length: bytes left.
    Length(u64),
    /// By chunks: bytes left in the current one.
    Chunk(u64),
    /// The last chunk was read.
    End,
    /// By the end of the connection.
    Close,
}

/// Maximum length of a line between chunks, bytes.
const MAX_LINE: u64 = 4 << 10;
/// Maximum number of lines after the last chunk.
const MAX_TRAILERS: usize = 100;

/// Reader of a body as it was sent, without the framing.
#[derive(Debug)]
struct Framed<R> {
    reader: R,
    framing: Framing,
    /// Whether a chunk was read, which a line break must end.
    within: bool,
}

impl<R: BufRead> Framed<R> {
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        match line.strip_suffix(b"\n") {
            Some(rest) => Ok(rest.strip_suffix(b"\r").unwrap_or(rest).to_vec()),
            None if line.len() as u64 == MAX_LINE => Err(FetchError::Chunk.into()),
            None => Err(FetchError::Cut { missing: None }.into()),
        }
    }

    /// Reads the header of the next chunk, or everything after the last one.
    fn next_chunk(&mut self) -> io::Result<Framing> {
        if self.within && !self.line()?.is_empty() {
            return Err(FetchError::Chunk.into());
        }
        self.within = true;
        let mut line = self.line()?;
        // httparse takes an empty line for a size of 0, and so a truncated body for a complete one.
        if !line.first().is_some_and(u8::is_ascii_hexdigit) {
            return Err(FetchError::Chunk.into());
        }
        line.extend_from_slice(b"\r\n");
        match httparse::parse_chunk_size(&line) {
            Ok(httparse::Status::Complete((_, 0))) => {}
            Ok(httparse::Status::Complete((_, size))) => return Ok(Framing::Chunk(size)),
            _ => return Err(FetchError::Chunk.into()),
        }
        for _ in 0..MAX_TRAILERS {
            if self.line()?.is_empty() {
                return Ok(Framing::End);
            }
        }
        Err(FetchError::Chunk.into())
    }
}

impl<R: BufRead> Read for Framed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.framing == Framing::Chunk(0) {
            self.framing = self.next_chunk()?;
        }
        let (Framing::Length(left) | Framing::Chunk(left)) = self.framing else {
            return if self.framing == Framing::End { Ok(0) } else { self.reader.read(buffer) };
        };
        if left == 0 {
            return Ok(0);
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.reader.read(&mut buffer[..most])?;
        if read == 0 {
            let missing = matches!(self.framing, Framing::Length(_)).then_some(left);
            return Err(FetchError::Cut { missing }.into());
        }
        let left = left - read as u64;
        self.framing = match self.framing {
            Framing::Length(_) => Framing::Length(left),
            _ => Framing::Chunk(left),
        };
        Ok(read)
    }
}

enum Coding<R> {
    Identity(Framed<R>),
    Gzip(Box<Members<BufReader<Framed<R>>>>),
}

/// Reader of a body, decompressed, up to a limit.
pub(super) struct Body<R> {
    coding: Coding<R>,
    limit: u64,
    left: u64,
}

impl<R: BufRead> Body<R> {
    /// `gzipped`: whether the server compressed it for the transfer; the profile within is compressed once more.
    /// `limit`: maximum size, bytes.
    pub(super) fn new(reader: R, framing: Framing, gzipped: bool, limit: u64) -> Self {
        let framed = Framed { reader, framing, within: false };
        let coding = if gzipped {
            Coding::Gzip(Box::new(Members::new(BufReader::new(framed), Proof::default())))
        } else {
            Coding::Identity(framed)
        };
        Body { coding, limit, left: limit }
    }
}

impl<R: BufRead> Read for Body<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.coding {
            Coding::Identity(framed) => framed.read(buffer),
            Coding::Gzip(members) => members.read(buffer),
        }?;
        self.left = self.left.checked_sub(read as u64).ok_or(FetchError::TooLarge { limit: self.limit })?;
        Ok(read)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn read(framing: Framing, sent: &[u8]) -> Result<String, String> {
        // Byte by byte, so that reads end in every state.
        let mut body = Body::new(BufReader::with_capacity(1, sent), framing, false, 20);
        let mut text = String::new();
        body.read_to_string(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    }

    #[test]
    fn lengths_are_kept() {
        assert_eq!(read(Framing::Length(0), b"xyz").unwrap(), "");
        assert_eq!(read(Framing::Length(3), b"abcxyz").unwrap(), "abc");
        let cut = read(Framing::Length(5), b"abc").unwrap_err();
        assert_eq!(cut, "the response is cut off: the server closed the connection, 2 B too early");
        assert_eq!(read(Framing::Close, b"abc").unwrap(), "abc");
    }

    #[test]
    fn chunks_are_joined() {
        for (sent, text) in [
            ("3\r\nabc\r\n0\r\n\r\n", "abc"),
            ("3;x=y\r\nabc\r\n00A\r\n0123456789\r\n0\r\nA: b\r\nC: d\r\n\r\n", "abc0123456789"),
            ("0\r\n\r\n3\r\n", ""),
            ("1\na\n0\n\n", "a"),
        ] {
            assert_eq!(read(Framing::Chunk(0), sent.as_bytes()).unwrap(), text, "{sent:?}");
        }
    }

    #[test]
    fn bad_chunks() {
        let cut = "the response is cut off: the server closed the connection within it";
        let bad = "the response is damaged: its chunks do not say how long they are";
        let many = format!("0\r\n{}\r\n", "a: b\r\n".repeat(101));
        let long = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(5000));
        for (sent, error) in [
            ("", cut),
            ("3", cut),
            ("3\r\nab", cut),
            ("3\r\nabc", cut),
            ("3\r\nabc\r\n", cut),
            ("3\r\nabc\r\n0\r\n", cut),
            ("3\r\nabcd\r\n0\r\n\r\n", bad),
            ("\r\n\r\n", bad),
            ("3\r\nabc\r\n;x\r\n\r\n", bad),
            ("x\r\n", bad),
            ("-1\r\na\r\n0\r\n\r\n", bad),
            ("11111111111111111\r\n", bad),
            (many.as_str(), bad),
            (long.as_str(), bad),
        ] {
            assert_eq!(read(Framing::Chunk(0), sent.as_bytes()).unwrap_err(), error, "{sent:?}");
        }
    }

    #[test]
    fn bodies_have_a_limit() {
        let limit = "the response is larger than the limit of 20 B";
        for (framing, sent) in [
            (Framing::Close, "x".repeat(21)),
            (Framing::Length(21), "x".repeat(21)),
            (Framing::Chunk(0), format!("20\r\n{}\r\n0\r\n\r\n", "x".repeat(32))),
        ] {
            assert_eq!(read(framing, sent.as_bytes()).unwrap_err(), limit);
        }
        assert_eq!(read(Framing::Close, &[b'x'; 20]).unwrap().len(), 20);
    }
}

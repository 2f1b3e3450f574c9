//! Decompression, told from the first bytes.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use flate2::bufread::GzDecoder;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, one or several members in a row.
    Gzip,
}

impl Compression {
    /// The word for it: `none` or `gzip`.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
        }
    }
}

/// Tells whether the data that was read is proven to be whole.
///
/// The checksum of a gzip member proves that the member is; behind several members one more may be missing.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    members: Rc<Cell<u64>>,
}

impl Proof {
    /// Whether it is, now that all was read.
    pub fn is_whole(&self) -> bool {
        self.members.get() == 1
    }
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const BUFFER: usize = 64 << 10;

/// Decompresses what `raw` gives, if it is compressed.
pub(super) fn inflate<R: Read>(mut raw: R) -> io::Result<(Plain<R>, Compression, Proof)> {
    let mut head = Vec::with_capacity(GZIP.len());
    raw.by_ref().take(GZIP.len() as u64).read_to_end(&mut head)?;
    let compressed = head == GZIP;
    let whole = Cursor::new(head).chain(raw);
    let proof = Proof::default();
    Ok(if compressed {
        let members = Members::new(BufReader::with_capacity(BUFFER, whole), proof.clone());
        (Plain::Gzip(Box::new(members)), Compression::Gzip, proof)
    } else {
        (Plain::Raw(whole), Compression::None, proof)
    })
}

type Whole<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The plain bytes.
pub(super) enum Plain<R> {
    Raw(Whole<R>),
    Gzip(Box<Members<BufReader<Whole<R>>>>),
}

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Plain::Raw(raw) => raw.read(buffer),
            Plain::Gzip(members) => members.read(buffer),
        }
    }
}

/// gzip members in a row, counted. What goes wrong says what the user has to know.
pub(super) struct Members<R> {
    /// `None` behind the last one.
    decoder: Option<GzDecoder<R>>,
    proof: Proof,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(reader: R, proof: Proof) -> Self {
        let mut members = Members { decoder: None, proof };
        members.start(reader);
        members
    }

    fn start(&mut self, reader: R) {
        self.proof.members.set(self.proof.members.get() + 1);
        self.decoder = Some(GzDecoder::new(reader));
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let read = decoder.read(buffer).map_err(gzip_error)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut rest) = self.decoder.take().map(GzDecoder::into_inner) else { break };
            match rest.fill_buf()? {
                [] => break,
                // A single byte at the end of a buffer is looked at by the next decoder.
                next if GZIP.starts_with(&next[..next.len().min(2)]) => self.start(rest),
                _ => {
                    let tail = "the gzip data is followed by something else; is the file damaged, or two files in one?";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, tail));
                }
            }
        }
        Ok(0)
    }
}

/// flate2's errors, in words that tell a file that was cut off from one that is damaged.
fn gzip_error(error: io::Error) -> io::Error {
    let text = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the gzip data is cut off: it ends before its checksum".to_owned(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => match error.to_string() {
            text if text.contains("checksum") => "the gzip data is damaged: its checksum does not match".to_owned(),
            text => format!("the gzip data is damaged: {text}"),
        },
        _ => return error,
    };
    io::Error::new(error.kind(), text)
}

//! gzip, one or several members in a row.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::error::{Bad, is_said};
use super::{Codec, Proof};

pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The members, counted.
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
        self.proof.start(true);
        self.decoder = Some(GzDecoder::new(reader));
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let read = decoder.read(buffer).map_err(told)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut rest) = self.decoder.take().map(GzDecoder::into_inner) else { break };
            match rest.fill_buf()? {
                [] => break,
                // A single byte at the end of a buffer is looked at by the next decoder.
                next if MAGIC.starts_with(&next[..next.len().min(2)]) => self.start(rest),
                _ => return Err(Bad::Tail(Codec::Gzip).into()),
            }
        }
        Ok(0)
    }
}

/// flate2's errors in our words.
fn told(error: io::Error) -> io::Error {
    let damaged = |reason| Bad::Damaged { codec: Codec::Gzip, reason };
    match error.kind() {
        _ if is_said(&error) => error,
        io::ErrorKind::UnexpectedEof => Bad::BeforeChecksum(Codec::Gzip).into(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => match error.to_string() {
            text if text.contains("checksum") => damaged("its checksum does not match".to_owned()).into(),
            text => damaged(text).into(),
        },
        _ => error,
    }
}

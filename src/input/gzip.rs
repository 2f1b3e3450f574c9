//! gzip, one or several members in a row.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::codec::{Codec, Proof};
use super::compression_error::{CompressionError, is_compression_error};

pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Reader of the members.
pub(super) struct Members<R> {
    /// `None` after the last member.
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
            let read = decoder.read(buffer).map_err(explained)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut rest) = self.decoder.take().map(GzDecoder::into_inner) else { break };
            match rest.fill_buf()? {
                [] => break,
                // If the buffer ends with the first byte, the next decoder checks the second.
                next if MAGIC.starts_with(&next[..next.len().min(2)]) => self.start(rest),
                _ => return Err(CompressionError::Tail(Codec::Gzip).into()),
            }
        }
        Ok(0)
    }
}

/// An error of flate2 in our words.
fn explained(error: io::Error) -> io::Error {
    let damaged = |reason| CompressionError::Damaged { codec: Codec::Gzip, reason };
    match error.kind() {
        _ if is_compression_error(&error) => error,
        io::ErrorKind::UnexpectedEof => CompressionError::BeforeChecksum(Codec::Gzip).into(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => match error.to_string() {
            text if text.contains("checksum") => damaged("its checksum does not match".to_owned()).into(),
            text => damaged(text).into(),
        },
        _ => error,
    }
}

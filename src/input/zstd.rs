//! zstd, one or several frames in a row, with skippable ones in between.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::codec::{Codec, Proof};
use super::compression_error::CompressionError;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Bytes of the magic number and the descriptor of a frame.
const HEAD: usize = 5;

/// Whether `head` starts a frame or a skippable one.
pub(super) fn starts(head: &[u8]) -> bool {
    head == MAGIC || matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18])
}

/// Reader of the frames.
pub(super) struct Frames<R> {
    source: Source<R>,
    decoder: FrameDecoder,
    proof: Proof,
    /// Bytes that the current frame gave so far; `None` between frames.
    given: Option<u64>,
}

impl<R: BufRead> Frames<R> {
    /// `window`: maximum window size of a frame, bytes.
    pub(super) fn new(reader: R, proof: Proof, window: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window);
        Frames { source: Source { reader, failed: None, ended: false }, decoder, proof, given: None }
    }

    /// Starts the next frame, or skips a skippable one. Must not be called at the end.
    fn start(&mut self) -> io::Result<()> {
        let mut head = Vec::with_capacity(HEAD);
        self.source.reader.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        if !starts(&head[..head.len().min(MAGIC.len())]) {
            return Err(CompressionError::Tail(Codec::Zstd).into());
        }
        match self.decoder.reset(head.chain(&mut self.source)) {
            Ok(()) => {
                const HAS_CHECKSUM: u8 = 1 << 2;
                self.proof.start(head.last().is_some_and(|descriptor| descriptor & HAS_CHECKSUM != 0));
                self.given = Some(0);
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let skipped = io::copy(&mut self.source.reader.by_ref().take(length.into()), &mut io::sink())?;
                if skipped < length.into() {
                    return Err(CompressionError::WithinFrame(Codec::Zstd).into());
                }
            }
            Err(error) => return Err(self.explained(&error)),
        }
        Ok(())
    }

    /// Decodes until bytes are available or the frame ends.
    fn decode(&mut self) -> io::Result<()> {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            self.decoder
                .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(|error| self.explained(&error))?;
        }
        Ok(())
    }

    /// Checks the checksum and the length of a frame that gave `given` bytes.
    fn check(&self, given: u64) -> io::Result<()> {
        let checksum = self.decoder.get_checksum_from_data();
        let reason = if checksum.is_some() && checksum != self.decoder.get_calculated_checksum() {
            "its checksum does not match"
        } else if ![0, given].contains(&self.decoder.content_size()) {
            "it has another length than it says"
        } else {
            return Ok(());
        };
        Err(CompressionError::Damaged { codec: Codec::Zstd, reason: reason.to_owned() }.into())
    }

    /// An error of the decoder in our words. Its own are not meant for users, and large.
    fn explained(&mut self, error: &FrameDecoderError) -> io::Error {
        let damaged = |reason: &str| CompressionError::Damaged { codec: Codec::Zstd, reason: reason.to_owned() };
        if let Some(error) = self.source.failed.take() {
            return error;
        }
        if self.source.ended {
            return CompressionError::WithinFrame(Codec::Zstd).into();
        }
        match *error {
            FrameDecoderError::WindowSizeTooBig { requested, max } => {
                CompressionError::Window { needed: requested, most: max }
            }
            FrameDecoderError::DictNotProvided { dict_id } => CompressionError::Dictionary { id: dict_id },
            FrameDecoderError::ReadFrameHeaderError(_) | FrameDecoderError::FrameHeaderError(_) => {
                damaged("a frame has a bad header")
            }
            _ => damaged("a block does not decode"),
        }
        .into()
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(given) = self.given else {
                if self.source.reader.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.start()?;
                continue;
            };
            self.decode()?;
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                self.given = Some(given + read as u64);
                return Ok(read);
            }
            self.given = None;
            self.check(given)?;
        }
    }
}

/// A reader that keeps its error, which those of the decoder would hide.
struct Source<R> {
    reader: R,
    failed: Option<io::Error>,
    ended: bool,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.reader.read(buffer) {
            Ok(read) => {
                self.ended |= read == 0 && !buffer.is_empty();
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }
}

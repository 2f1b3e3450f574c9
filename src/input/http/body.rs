//! The body of a response, decompressed if it was compressed for the transfer, up to a limit. The library checks its end
//! against what the server announced, so that a truncated body is never taken for a complete one.

use std::io::{self, BufReader, Read};
use std::time::Duration;

use reqwest::blocking::Response;
use reqwest::header::{CONTENT_ENCODING, TRANSFER_ENCODING};

use super::failure::body_failure;
use super::fetch_error::FetchError;
use super::limits::Limits;
use crate::input::codec::Proof;
use crate::input::gzip::Members;

/// A body as it was sent.
struct Sent {
    response: Response,
    timeout: Duration,
    /// Bytes that are still to come, if the server said how many.
    left: Option<u64>,
}

impl Read for Sent {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.response.read(buffer).map_err(|error| body_failure(&error, self.timeout, self.left))?;
        self.left = self.left.map(|left| left.saturating_sub(read as u64));
        Ok(read)
    }
}

enum Coding {
    Identity(Sent),
    Gzip(Box<Members<BufReader<Sent>>>),
}

/// Reader of a body, decompressed, up to a limit.
pub(super) struct Body {
    coding: Coding,
    limit: u64,
    left: u64,
}

impl Body {
    /// The body of a response, if its headers say how to read it and that it is not too large.
    pub(super) fn new(response: Response, limits: Limits) -> Result<Self, FetchError> {
        let header = |name| response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        if let Some(coding) = header(TRANSFER_ENCODING).filter(|coding| !coding.trim().eq_ignore_ascii_case("chunked"))
        {
            return Err(FetchError::Header { name: "Transfer-Encoding", value: coding.into_owned() });
        }
        // The profile within is compressed once more.
        let is_gzipped = match header(CONTENT_ENCODING).map(|coding| coding.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => false,
            Some("gzip" | "x-gzip") => true,
            Some(other) => return Err(FetchError::Header { name: "Content-Encoding", value: other.to_owned() }),
        };
        let left = response.content_length();
        if left.is_some_and(|length| length > limits.size) {
            return Err(FetchError::TooLarge { limit: limits.size });
        }
        let sent = Sent { response, timeout: limits.timeout, left };
        let coding = match is_gzipped {
            true => Coding::Gzip(Box::new(Members::new(BufReader::new(sent), Proof::default()))),
            false => Coding::Identity(sent),
        };
        Ok(Body { coding, limit: limits.size, left: limits.size })
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.coding {
            Coding::Identity(sent) => sent.read(buffer),
            Coding::Gzip(members) => members.read(buffer),
        }?;
        if read == 0 && self.left == self.limit && !buffer.is_empty() {
            return Err(FetchError::Empty.into());
        }
        self.left = self.left.checked_sub(read as u64).ok_or(FetchError::TooLarge { limit: self.limit })?;
        Ok(read)
    }
}

//! `--max-decompressed`, and sizes that are typed.

use clap::Args;

use crate::byte_size;
#[cfg(feature = "fetch")]
use crate::cli::options::connect::ConnectArgs;
use crate::input::Limit;

/// How profiles are read.
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// Refuse a profile that decompresses to more: 2GiB, 500MB or a number of bytes [default: 32 MiB for small files,
    /// about 64 times the file for large ones, 4 GiB at most]
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long, value_name = "SIZE", value_parser = decompressed_size)]
    max_decompressed: Option<u64>,
    #[cfg(feature = "fetch")]
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
}

impl ReadArgs {
    /// The limit that was typed, or the default.
    pub(crate) fn limit(&self) -> Limit {
        self.max_decompressed.map_or_else(Limit::default, Limit::Bytes)
    }

    /// The options on connections as words of another command on the same servers.
    pub(crate) fn connection(&self) -> Vec<String> {
        #[cfg(feature = "fetch")]
        let words = self.connect.words();
        #[cfg(not(feature = "fetch"))]
        let words = Vec::new();
        words
    }
}

fn decompressed_size(text: &str) -> Result<u64, &'static str> {
    parse_size(text).ok_or("expected bytes such as 2GiB, 500MB or 1048576")
}

/// The smallest growth that a check must not miss, as typed.
pub(crate) fn must_see(text: &str) -> Result<u64, &'static str> {
    match parse_size(text) {
        Some(0) => Err(GROWTH_OF_ZERO),
        size => size.ok_or("expected bytes such as 262144, 256KiB or 1MB"),
    }
}

/// Why a size of 0 cannot be growth that must be seen.
pub(super) const GROWTH_OF_ZERO: &str = "0 bytes are no growth: expected the smallest growth that must not be missed";

/// Parses a size in bytes.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    byte_size::parse(text).and_then(|bytes| u64::try_from(bytes).ok())
}

//! What the user can type behind `heapdiff capture`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::clock::duration;
use crate::diff::Metric;
use crate::gate::Limit;

pub(crate) const EXAMPLES: &str = "\
Before each snapshot the program is made to collect its garbage twice, so that only what is alive counts.
A snapshot is the heap, the heap as text (with runtime.MemStats), and which goroutines and threads there
are; manifest.json tells when each was taken. Nothing is written over.

Examples:
  $ heapdiff capture localhost:6060 -o captures
  $ heapdiff capture localhost:6060 -o captures --count 10 --every 5m
  $ heapdiff capture http://user:password@build.example:8080/admin/debug/pprof -o captures

Exit codes: 0 all snapshots were taken, 2 one was not (those before it are kept), or bad usage.";

/// The arguments of a capture.
#[derive(Debug, Args)]
pub struct CaptureArgs {
    /// The program's net/http/pprof: HOST:PORT, or an http URL, with what stands before /debug/pprof if anything does
    pub url: String,
    /// The folder to write to, which must be new or empty
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// How many snapshots to take
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub count: u32,
    /// How long after the beginning of one the next begins: 500ms, 10s, 5m or 1h
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub every: Duration,
    /// How long an answer may take
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = timeout)]
    pub timeout: Duration,
    /// How large an answer may be: 1000000, 64MiB or 1GB
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = size)]
    pub max_size: u64,
}

fn timeout(text: &str) -> Result<Duration, String> {
    let timeout = duration(text)?;
    if timeout.is_zero() { Err("expected more than nothing".to_owned()) } else { Ok(timeout) }
}

fn size(text: &str) -> Result<u64, String> {
    let bytes = match Limit::parse(text, Metric::Space) {
        Ok(Limit::Absolute(bytes)) => u64::try_from(bytes).ok().filter(|&bytes| bytes > 0),
        _ => None,
    };
    bytes.ok_or_else(|| "expected bytes such as 1000000, 64MiB or 1GB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_as_people_type_them() {
        assert_eq!(size("1000"), Ok(1000));
        assert_eq!(size("64MiB"), Ok(64 << 20));
        for text in ["", "0", "-1", "5%", "x", "99999999999TB"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(timeout("1s"), Ok(Duration::from_secs(1)));
        assert!(timeout("0s").is_err());
    }
}

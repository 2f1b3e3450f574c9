//! What the user can type behind `heapdiff capture`, and the plan made of it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::snapshot::{Kind, Program};
use crate::cli::clock::duration;
use crate::diff::Metric;
use crate::gate::Limit;
use crate::input::http::Limits;
use crate::input::url::{Url, shown};

pub(crate) const EXAMPLES: &str = "\
Before each snapshot the program is made to collect its garbage twice, so that only what is alive counts. \
A snapshot is the heap, the heap as text (with runtime.MemStats), and which goroutines and threads there are; manifest.json tells when each was taken. Nothing is written over.

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
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub count: usize,
    /// How they are taken.
    #[command(flatten)]
    pub take: TakeArgs,
}

/// How snapshots are taken.
#[derive(Debug, Args)]
pub struct TakeArgs {
    /// How long after the beginning of one the next begins: 500ms, 10s, 5m or 1h
    #[arg(long, value_name = "TIME", default_value = "60s")]
    pub every: String,
    /// How long an answer may take
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub timeout: String,
    /// How large an answer may be: 1000000, 64MiB or 1GB
    #[arg(long, value_name = "SIZE", default_value = "256MiB")]
    pub max_size: String,
}

impl TakeArgs {
    /// The program at `url`, of which `beside` is taken, too, and the time from snapshot to snapshot.
    pub(in crate::cli) fn read(&self, url: &str, beside: &'static [Kind]) -> Result<(Program, Duration)> {
        let timeout = duration(&self.timeout).context("--timeout")?;
        if timeout.is_zero() {
            bail!("--timeout: expected more than nothing");
        }
        let limits = Limits { timeout, size: size(&self.max_size).context("--max-size")? };
        let url = Url::of_program(url).with_context(|| shown(url))?;
        Ok((Program { url, limits, beside }, duration(&self.every).context("--every")?))
    }
}

/// A capture to make.
pub(in crate::cli) struct CapturePlan {
    pub(super) program: Program,
    pub(super) folder: PathBuf,
    pub(super) count: usize,
    pub(super) every: Duration,
}

impl CapturePlan {
    pub(in crate::cli) fn new(args: CaptureArgs) -> Result<Self> {
        if args.count == 0 {
            bail!("--count: expected at least 1");
        }
        let (program, every) = args.take.read(&args.url, &Kind::BESIDE_HEAP)?;
        Ok(CapturePlan { program, folder: args.output, count: args.count, every })
    }
}

fn size(text: &str) -> Result<u64> {
    let bytes = match Limit::parse(text, Metric::Space) {
        Ok(Limit::Absolute(bytes)) => u64::try_from(bytes).ok().filter(|&bytes| bytes > 0),
        _ => None,
    };
    bytes.context("expected bytes such as 1000000, 64MiB or 1GB")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_type_them() {
        assert_eq!(size("1000").unwrap(), 1000);
        assert_eq!(size("64MiB").unwrap(), 64 << 20);
        for text in ["", "0", "-1", "5%", "x", "99999999999TB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}

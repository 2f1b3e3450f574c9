//! Options of the commands that take snapshots of a running program.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::cli::options::size::parse_size;
use crate::input::http::Limits;

/// The longest duration that can be typed.
const MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// The time between two snapshots, if none is given.
const EVERY: &str = "60s";

/// How snapshots are taken.
#[derive(Debug, Args)]
pub(crate) struct TakeArgs {
    /// Time between the starts of two snapshots: 500ms, 10s, 5m or 1h; 0s for no pause
    #[arg(help_heading = "Capture")]
    #[arg(long, alias = "interval", value_name = "TIME", default_value = EVERY)]
    every: String,
    /// Repeat a request that is refused or late up to N times, after 2 s, 4 s, 8 s and so on, but never after more
    /// than --every
    #[arg(help_heading = "Capture", hide_short_help = true)]
    #[arg(long, value_name = "N", default_value_t = 3)]
    retries: u32,
    /// How long a response may take
    #[arg(help_heading = "Capture", hide_short_help = true)]
    #[arg(long, value_name = "TIME", default_value = "30s")]
    timeout: String,
    /// How large a response may be: 1000000, 64MiB or 1GB
    #[arg(help_heading = "Capture", hide_short_help = true)]
    #[arg(long, value_name = "SIZE", default_value = "256MiB")]
    max_size: String,
}

/// How snapshots are taken, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taking {
    /// Limits on each answer.
    pub(crate) limits: Limits,
    /// The time between the beginnings of two snapshots.
    pub(crate) every: Duration,
    /// How often requests of a snapshot are repeated.
    pub(crate) retries: u32,
}

impl TakeArgs {
    /// The time between two snapshots as words of another command; none if it is the default.
    pub(crate) fn words(&self) -> Vec<String> {
        if self.every == EVERY { Vec::new() } else { vec!["--every".to_owned(), self.every.clone()] }
    }

    /// Checks what was typed.
    pub(crate) fn read(&self) -> Result<Taking> {
        let timeout = duration(&self.timeout).context("--timeout")?;
        if timeout.is_zero() {
            bail!("--timeout: expected more than 0");
        }
        let limits = Limits { timeout, size: answer_size(&self.max_size).context("--max-size")? };
        Ok(Taking { limits, every: duration(&self.every).context("--every")?, retries: self.retries })
    }
}

/// Parses a duration such as 500ms, 10s, 1.5m or 1h.
fn duration(text: &str) -> Result<Duration> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let parsed = units.into_iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(unit)?;
        let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        Duration::try_from_secs_f64(number.parse::<f64>().ok().filter(|_| plain)? * seconds).ok()
    });
    let duration = parsed.context("expected a number and a unit, such as 500ms, 10s, 5m or 1h")?;
    if duration > MAX { bail!("expected at most 366 days") } else { Ok(duration) }
}

fn answer_size(text: &str) -> Result<u64> {
    parse_size(text).filter(|&bytes| bytes > 0).context("expected bytes such as 1000000, 64MiB or 1GB")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_as_people_type_them() {
        for (text, millis) in
            [("500ms", 500), ("0s", 0), ("10s", 10_000), ("1.5m", 90_000), ("1h", 3_600_000), ("8784h", 31_622_400_000)]
        {
            assert_eq!(duration(text).unwrap(), Duration::from_millis(millis), "{text}");
        }
        for text in ["", "10", "s", "-1s", "+1s", "1e3s", "infs", "NaNs", "1 s", "1d", "1.2.3s", "8785h", "ms"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_parsed_as_people_type_them() {
        assert_eq!(answer_size("1000").unwrap(), 1000);
        assert_eq!(answer_size("64MiB").unwrap(), 64 << 20);
        for text in ["", "0", "-1", "5%", "x", "99999999999TB"] {
            assert!(answer_size(text).is_err(), "{text}");
        }
    }
}

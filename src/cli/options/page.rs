//! Options of the commands that write pages: where a page goes, and what is left out of it.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::options::look::BytesArg;

/// The narrowest call that is drawn by default, as a share of the flame graph: 2 of 2,000 pixels.
pub(crate) const DEFAULT_MIN_SHARE: f64 = 0.001;

/// How a page looks.
#[derive(Debug, Args)]
pub(crate) struct PageArgs {
    /// Write to FILE, whose ending chooses the format
    #[arg(help_heading = "Output")]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Hide calls below this share of the flame graph; 0 shows them all
    #[arg(help_heading = "Output", hide_short_help = true)]
    #[arg(long = "min", value_name = "PERCENT", value_parser = share, default_value = "0.1%")]
    pub(crate) min_share: f64,
    /// How to print bytes: 1.50 MiB or 1572864
    #[arg(help_heading = "Output", hide_short_help = true)]
    #[arg(long, value_enum, value_name = "HOW", default_value_t = BytesArg::Iec)]
    pub(crate) bytes: BytesArg,
}

/// Parses a percentage below 100 % as a share of 1.
fn share(text: &str) -> Result<f64, &'static str> {
    let percent = text.strip_suffix('%').or_else(|| (text == "0").then_some("0"));
    let percent = percent.and_then(|percent| percent.trim().parse::<f64>().ok());
    let percent = percent.filter(|percent| (0.0..100.0).contains(percent));
    percent.map(|percent| percent / 100.0).ok_or("expected a percentage below 100 % such as 0.1%")
}

/// The file type of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    Html,
    Svg,
}

/// The type of a page, by the ending of its file. `kinds`: the types that `command` can write, the one for a pipe first. Fails for an unknown ending, or a terminal.
pub(crate) fn page_kind(output: Option<&Path>, kinds: &[PageKind], command: &str) -> Result<PageKind> {
    let name = |kind: &PageKind| match kind {
        PageKind::Html => ".html",
        PageKind::Svg => ".svg",
    };
    let names = kinds.iter().map(name).collect::<Vec<_>>().join(" or ");
    let Some(path) = output else {
        if io::stdout().is_terminal() {
            bail!(
                "{command} writes a file for a browser, not for a terminal: name it with -o FILE, which ends with {names}"
            );
        }
        return Ok(kinds[0]);
    };
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    let of_ending = match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("html" | "htm") => Some(PageKind::Html),
        Some("svg") => Some(PageKind::Svg),
        _ => None,
    };
    match of_ending.filter(|kind| kinds.contains(kind)) {
        Some(kind) => Ok(kind),
        None => bail!("{}: {command} writes files that end with {names}", path.display()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage() {
        for (text, expected) in [("0.05%", Some(0.0005)), ("0", Some(0.0)), ("5 %", Some(0.05)), ("0%", Some(0.0))] {
            assert_eq!(share(text).ok(), expected, "{text}");
        }
        for text in ["", "%", "5", "100%", "-1%", "NaN%", "inf%"] {
            share(text).unwrap_err();
        }
        assert_eq!(share("0.1%").unwrap(), DEFAULT_MIN_SHARE);
    }
}

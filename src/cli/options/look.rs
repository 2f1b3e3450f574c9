//! How the output looks, and where it goes: the terminal and its environment are looked at here and nowhere else.

use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::render::{Bytes, Look};

/// Columns of a page that is not on a terminal: what every terminal has.
const DEFAULT_WIDTH: usize = 80;

/// How the output looks.
#[derive(Debug, Clone, Args)]
pub(crate) struct LookArgs {
    /// Write to FILE; its ending chooses the format
    #[arg(help_heading = "Output")]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured
    #[arg(help_heading = "Output", hide_short_help = true)]
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,
    /// How to print bytes: 1.50 MiB or 1572864
    #[arg(help_heading = "Output", hide_short_help = true)]
    #[arg(long, value_enum, value_name = "HOW", default_value_t = BytesArg::Iec)]
    pub(crate) bytes: BytesArg,
}

/// What the table of a comparison has beside its numbers.
#[derive(Debug, Args)]
pub(crate) struct DetailArgs {
    /// Show p-values, intervals and sample counts in the table
    #[arg(help_heading = "Output")]
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// When to link places in the table to their files (OSC 8)
    #[arg(help_heading = "Output", hide_short_help = true)]
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = HyperlinkArg::Auto)]
    pub(crate) hyperlink: HyperlinkArg,
}

impl DetailArgs {
    /// The look of a table with these details.
    pub(crate) fn look(&self, args: &LookArgs) -> Look {
        let links = match self.hyperlink {
            HyperlinkArg::Always => true,
            HyperlinkArg::Never => false,
            HyperlinkArg::Auto => args.is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb"),
        };
        Look { verbose: self.verbose, links, ..args.look() }
    }

    /// The look of a file with these details.
    pub(crate) fn look_of_file(&self, args: &LookArgs) -> Look {
        let links = matches!(self.hyperlink, HyperlinkArg::Always);
        Look { verbose: self.verbose, links, ..args.look_of_file() }
    }
}

/// `--hyperlink`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum HyperlinkArg {
    /// On a terminal
    Auto,
    /// On any output
    Always,
    /// Never
    Never,
}

/// `--color`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal
    Auto,
    /// On any output
    Always,
    /// Never
    Never,
}

/// `--bytes`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum BytesArg {
    /// 1.50 MiB
    Iec,
    /// 1572864
    Raw,
}

impl From<BytesArg> for Bytes {
    fn from(bytes: BytesArg) -> Self {
        match bytes {
            BytesArg::Iec => Bytes::Iec,
            BytesArg::Raw => Bytes::Raw,
        }
    }
}

impl LookArgs {
    /// Whether the output goes to a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.output.is_none() && io::stdout().is_terminal()
    }

    /// The look, by the terminal as it is now.
    pub(crate) fn look(&self) -> Look {
        self.look_at(self.is_terminal())
    }

    /// The look of a file.
    pub(crate) fn look_of_file(&self) -> Look {
        self.look_at(false)
    }

    fn look_at(&self, terminal: bool) -> Look {
        let color = match self.color {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto => color_wanted(terminal),
        };
        Look { width: width(terminal), color, bytes: self.bytes.into(), verbose: false, links: false }
    }
}

/// By the conventions: <https://no-color.org> and <https://bixense.com/clicolors>.
fn color_wanted(terminal: bool) -> bool {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    terminal && set("TERM").is_none_or(|term| term != "dumb") && set("CLICOLOR").is_none_or(|value| value != "0")
}

/// Columns of the terminal; elsewhere `COLUMNS`, or else the default.
fn width(terminal: bool) -> usize {
    if terminal && let Some((width, _)) = terminal_size::terminal_size() {
        return width.0.into();
    }
    env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .filter(|&width| width > 0)
        .unwrap_or(DEFAULT_WIDTH)
}

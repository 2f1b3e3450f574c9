//! What the program needs, made of what was typed, the environment and the terminal. All three are
//! looked at here and nowhere else.

use std::env;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use regex::bytes::Regex;

use super::args::{By, BytesArg, ColorArg, DEFAULT_TOP, DiffArgs, FormatArg, Sort};
use crate::diff::{Basis, Metric};
use crate::input;
use crate::render::{Bytes, Format, Look};
use crate::report::{Asked, Selection};
use crate::site::{self, Filter, Granularity};

/// The width of a page that is not on a terminal: what every terminal has.
const DEFAULT_WIDTH: usize = 80;

/// A diff to make.
pub(super) struct DiffPlan {
    pub(super) base: Vec<PathBuf>,
    pub(super) current: Vec<PathBuf>,
    pub(super) granularity: Granularity,
    pub(super) basis: Basis,
    pub(super) filter: Filter,
    pub(super) asked: Asked,
    pub(super) selection: Selection,
    pub(super) format: Format,
    pub(super) look: Look,
    pub(super) output: Option<PathBuf>,
}

impl DiffPlan {
    pub(super) fn new(args: DiffArgs) -> Result<Self> {
        let base = if args.base_paths.is_empty() { args.base.into_iter().collect() } else { args.base_paths };
        let current =
            if args.current_paths.is_empty() { args.current.into_iter().collect() } else { args.current_paths };
        if base.iter().chain(&current).filter(|path| *path == Path::new(input::STDIN)).count() > 1 {
            bail!("standard input (-) can be read only once; give the other profile as a file");
        }
        let format = if args.json { Format::Json } else { format(args.format) };
        let lists = match args.sort {
            Some(Sort::Space) => vec![Metric::Space],
            Some(Sort::Objects) => vec![Metric::Objects],
            None if format.is_for_people() => vec![Metric::Space, Metric::Objects],
            None => vec![Metric::Space],
        };
        let top = args.top.or_else(|| (format.is_for_people() && !args.all).then_some(DEFAULT_TOP));
        Ok(DiffPlan {
            base: expand(&base)?,
            current: expand(&current)?,
            granularity: granularity(args.by),
            basis: if args.cum { Basis::Cum } else { Basis::Flat },
            filter: Filter {
                focus: compile("focus", args.focus.as_deref())?,
                ignore: compile("ignore", args.ignore.as_deref())?,
            },
            asked: Asked { focus: args.focus, ignore: args.ignore },
            selection: Selection {
                lists,
                growers: format.is_for_people() && !args.all,
                confirmed: args.confirmed,
                top,
            },
            format,
            look: look(args.color, args.bytes, args.output.is_some()),
            output: args.output,
        })
    }
}

/// The files that the paths stand for.
fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(input::files(path).with_context(|| path.display().to_string())?);
    }
    Ok(files)
}

fn compile(option: &str, pattern: Option<&str>) -> Result<Option<Regex>> {
    let compile =
        |pattern: &str| site::pattern(pattern).with_context(|| format!("--{option} is no regular expression"));
    pattern.map(compile).transpose()
}

fn granularity(by: By) -> Granularity {
    match by {
        By::Lines => Granularity::Lines,
        By::Functions => Granularity::Functions,
        By::Files => Granularity::Files,
        By::Packages => Granularity::Packages,
        By::Owner => Granularity::Owner,
    }
}

fn format(format: FormatArg) -> Format {
    match format {
        FormatArg::Table => Format::Table,
        FormatArg::Json => Format::Json,
        FormatArg::Ndjson => Format::Ndjson,
        FormatArg::Csv => Format::Csv,
        FormatArg::Markdown => Format::Markdown,
    }
}

fn look(color: ColorArg, bytes: BytesArg, to_file: bool) -> Look {
    let terminal = !to_file && io::stdout().is_terminal();
    let color = match color {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => color_wanted(terminal),
    };
    let bytes = match bytes {
        BytesArg::Iec => Bytes::Iec,
        BytesArg::Raw => Bytes::Raw,
    };
    Look { width: width(terminal), color, bytes }
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

/// The terminal's width, or what `COLUMNS` says where there is none.
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

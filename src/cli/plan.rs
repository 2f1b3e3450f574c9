//! What the program needs, made of what was typed, the environment and the terminal. All three are
//! looked at here and nowhere else.

use std::env;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::args::{By, BytesArg, ColorArg, DEFAULT_TOP, DiffArgs, FormatArg, LookArgs, SideArgs, Sort};
use super::beside::Beside;
use super::calls::LEAST;
use super::config;
use super::config::Config;
use super::date::Date;
use crate::diagnose::Request;
use crate::diff::{Attribution, Metric};
use crate::input::{self, Limit};
use crate::render::{Bytes, Export, Format, Look};
use crate::report::Selection;
use crate::site::{Filter, Granularity, Own};

/// The width of a page that is not on a terminal: what every terminal has.
const DEFAULT_WIDTH: usize = 80;

/// What is needed of those who called the code that allocates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Callers {
    Ignored,
    /// Their cumulative values.
    Counted,
    /// The stacks.
    Kept,
    /// Both.
    CountedAndKept,
}

impl Callers {
    pub(super) fn counted_if(wanted: bool) -> Self {
        if wanted { Callers::Counted } else { Callers::Ignored }
    }

    /// The same, and the stacks.
    pub(super) fn and_kept(self) -> Self {
        match self {
            Callers::Ignored | Callers::Kept => Callers::Kept,
            Callers::Counted | Callers::CountedAndKept => Callers::CountedAndKept,
        }
    }
}

/// How samples are added up.
#[derive(Clone)]
pub(super) struct Measure {
    pub(super) granularity: Granularity,
    pub(super) filter: Filter,
    /// The program's own packages.
    pub(super) own: Own,
    pub(super) callers: Callers,
    /// What counts instead of the live objects and bytes.
    pub(super) sample_type: Option<String>,
    /// Whether values are divided by the number of profiles.
    pub(super) per_profile: bool,
    /// Whether what cannot be read is left out.
    pub(super) skip_unreadable: bool,
    /// How much a file may inflate to.
    pub(super) limit: Limit,
}

/// A diff to make.
pub(super) struct DiffPlan {
    pub(super) base: Vec<PathBuf>,
    pub(super) current: Vec<PathBuf>,
    pub(super) measure: Measure,
    pub(super) beside: Beside,
    pub(super) basis: Attribution,
    pub(super) asked: Request,
    pub(super) selection: Selection,
    pub(super) format: Output,
    /// The share of a flame graph's width that is left out of it.
    pub(super) least: f64,
    pub(super) look: Look,
    pub(super) output: Option<PathBuf>,
}

impl DiffPlan {
    pub(super) fn new(args: DiffArgs) -> Result<Self> {
        let [base, current] = sides(args.sides, None)?;
        let format = if args.json { Output::Report(Format::Json) } else { output(args.format) };
        let for_people = matches!(format, Output::Report(format) if format.is_for_people());
        let for_stacks = matches!(format, Output::Stacks(_));
        let of_sites = [
            (args.cum, "--cum"),
            (args.confirmed, "--confirmed"),
            (args.top.is_some(), "--top"),
            (!matches!(args.by, By::Lines), "--by"),
        ];
        if let Some((_, option)) = of_sites.into_iter().find(|(is_given, _)| for_stacks && *is_given) {
            bail!("{option} chooses sites; this format has all stacks, by function and line");
        }
        if matches!(format, Output::Stacks(export) if export.is_binary()) && is_terminal(&args.look) {
            bail!("standard output is a terminal, and the format is binary: write it to a file with -o FILE");
        }
        let lists = match args.sort {
            Some(Sort::Space) => vec![Metric::Space],
            Some(Sort::Objects) => vec![Metric::Objects],
            None if for_people => vec![Metric::Space, Metric::Objects],
            None => vec![Metric::Space],
        };
        let top = args.top.or_else(|| (for_people && !args.all).then_some(DEFAULT_TOP));
        let basis = if args.cum { Attribution::Cum } else { Attribution::Flat };
        let (filter, asked, own) = args.filter.read(config_or_default(args.config, None)?.own)?;
        Ok(DiffPlan {
            base,
            current,
            beside: Beside::new(&args.beside)?,
            measure: Measure {
                // A frame of a stack is a line.
                granularity: if for_stacks { Granularity::Lines } else { granularity(args.by) },
                filter,
                own,
                callers: match format {
                    Output::Stacks(_) | Output::Page => Callers::Kept,
                    // Pages for people show cumulative values only where they rank by them.
                    Output::Report(_) => Callers::counted_if(!for_people || basis == Attribution::Cum),
                },
                sample_type: args.sample_type.clone(),
                per_profile: args.fleet.per_profile,
                skip_unreadable: args.fleet.skip_unreadable,
                limit: args.read.limit(),
            },
            basis,
            asked: Request { sample_type: args.sample_type.clone(), ..asked },
            selection: Selection {
                sample_type: args.sample_type.clone(),
                lists,
                growers: for_people && !args.all,
                confirmed: args.confirmed,
                top,
            },
            format,
            least: LEAST,
            look: look(&args.look),
            output: args.look.output,
        })
    }
}

/// The configuration that was named, or the one that holds here; an allowance that ended before `today`, if
/// that matters, is an error.
pub(super) fn config_or_default(named: Option<PathBuf>, today: Option<Date>) -> Result<Config> {
    match named.or_else(|| config::find(&env::current_dir().ok()?)) {
        Some(path) => config::read(&path, today),
        None => Ok(Config::default()),
    }
}

/// The files of both sides.
pub(super) fn sides(args: SideArgs, settled: Option<&Path>) -> Result<[Vec<PathBuf>; 2]> {
    let base = if args.base_paths.is_empty() { args.base.into_iter().collect() } else { args.base_paths };
    let current = if args.current_paths.is_empty() { args.current.into_iter().collect() } else { args.current_paths };
    let all = base.iter().chain(&current).map(PathBuf::as_path).chain(settled);
    if all.filter(|path| *path == Path::new(input::STDIN)).count() > 1 {
        bail!("standard input (-) can be read only once; give the other profile as a file");
    }
    Ok([expand(&base)?, expand(&current)?])
}

/// The files that the paths stand for.
pub(super) fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(input::files(path).with_context(|| path.display().to_string())?);
    }
    Ok(files)
}

pub(super) fn granularity(by: By) -> Granularity {
    match by {
        By::Lines => Granularity::Lines,
        By::Functions => Granularity::Functions,
        By::Files => Granularity::Files,
        By::Packages => Granularity::Packages,
        By::Owner => Granularity::Owner,
    }
}

/// How a diff is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// As a report on sites.
    Report(Format),
    /// As a page.
    Page,
    /// As stacks, for other programs.
    Stacks(Export),
}

fn output(format: FormatArg) -> Output {
    match format {
        FormatArg::Table => Output::Report(Format::Table),
        FormatArg::Json => Output::Report(Format::Json),
        FormatArg::Ndjson => Output::Report(Format::Ndjson),
        FormatArg::Csv => Output::Report(Format::Csv),
        FormatArg::Markdown => Output::Report(Format::Markdown),
        FormatArg::Folded => Output::Stacks(Export::Folded),
        FormatArg::Pprof => Output::Stacks(Export::Pprof),
        FormatArg::Speedscope => Output::Stacks(Export::Speedscope),
    }
}

/// Whether the output goes to a terminal.
fn is_terminal(args: &LookArgs) -> bool {
    args.output.is_none() && io::stdout().is_terminal()
}

pub(super) fn look(args: &LookArgs) -> Look {
    let terminal = is_terminal(args);
    let color = match args.color {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => color_wanted(terminal),
    };
    let bytes = match args.bytes {
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

//! Options of the commands on two sides: what is compared, and of those on stacks how much of it is shown.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, bail};
use clap::Args;
use regex::bytes::Regex;

use crate::cli::options::filters::ConfiguredFilterArgs;
use crate::cli::options::format::{self, OutputFormat};
use crate::cli::options::load_options::{Collect, LoadOptions};
use crate::cli::options::look::LookArgs;
use crate::cli::options::renames::RenameArgs;
use crate::cli::options::report_files::refuse_overwriting;
use crate::cli::options::sample_type::SampleTypeArgs;
use crate::cli::options::selection::{OrderArgs, Sort};
use crate::cli::options::sides::{FleetArgs, SideArgs};
use crate::cli::options::size::ReadArgs;
use crate::diagnose::Request;
use crate::diff::Metric;
use crate::input;
use crate::profile::SampleType;
use crate::render::quoted;
use crate::site::{self, Granularity};

/// Which profiles to compare, and what of them.
#[derive(Debug, Args)]
pub(crate) struct PairArgs {
    #[command(flatten)]
    pub(crate) sides: SideArgs,
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    renames: RenameArgs,
    #[command(flatten)]
    sample_type: SampleTypeArgs,
    #[command(flatten)]
    filter: ConfiguredFilterArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
}

/// Two sides to read with their stacks.
pub(crate) struct Pair {
    /// The files of the base and of the current side.
    pub(crate) sides: [Vec<PathBuf>; 2],
    pub(crate) load_options: LoadOptions,
    pub(crate) request: Request,
}

impl PairArgs {
    /// Finds the files, and reads the filters and the configuration. Fails if one of these is the `output`.
    ///
    /// `sort`: the metric that was asked for, whose name may choose what is counted.
    pub(crate) fn resolve(self, sort: Option<Sort>, output: Option<&Path>) -> Result<Pair> {
        let sides = self.sides.clone().resolve(None)?;
        self.resolve_of(sides, sort, output)
    }

    /// The same, of files that were found already.
    pub(crate) fn resolve_of(
        self,
        sides: [Vec<PathBuf>; 2],
        sort: Option<Sort>,
        output: Option<&Path>,
    ) -> Result<Pair> {
        let ((filter, request, own), renames) = self.filter.resolve_with_renames(self.renames)?;
        refuse_overwriting(output, sides.iter().flatten().chain(&request.config))?;
        let sample_type = self.sample_type.resolve(&sides, sort)?;
        let is_sample_type_default = sample_type == SampleType::Default;
        let named = sample_type.name().map(str::to_owned);
        let load_options = LoadOptions {
            collect: Collect { stacks: true, ..Collect::default() },
            sample_type,
            per_profile: self.fleet.per_profile,
            skip_unreadable: self.fleet.skip_unreadable,
            same_process: self.fleet.same_process,
            renames,
            ..LoadOptions::new(Granularity::Lines, filter, own, self.read.limit())
        };
        let connection = self.read.connection();
        let request = Request { sample_type: named, is_sample_type_default, connection, ..request };
        Ok(Pair { sides, load_options, request })
    }
}

/// Fails if one of the three arguments is missing, whichever it is.
pub(crate) fn refuse_too_few(command: &str, pattern: &str, sides: &SideArgs) -> Result<()> {
    let Some(base) = sides.alone() else { return Ok(()) };
    let [one, other] = [pattern, &*input::shown(&base)].map(quoted);
    bail!(
        "{command} needs FUNCTION, BASE and CURRENT; only {one} and {other} were given (heapdiff {command} FUNCTION \
         BASE CURRENT)"
    )
}

/// How much is shown, and how.
#[derive(Debug, Args)]
pub(crate) struct PickArgs {
    #[command(flatten)]
    order: OrderArgs,
    /// Output format [default: by the ending of FILE, else table]
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "FORMAT", value_parser = format::one_of(format::TABLE_OR_JSON))]
    format: Option<OutputFormat>,
    /// Same as --format json
    #[arg(help_heading = "Output")]
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

impl PickArgs {
    /// Checks the format, and the ending of the output file.
    pub(crate) fn check_format(&mut self) -> Result<()> {
        let format = format::chosen(self.format, self.json, self.look.output.as_deref(), format::TABLE_OR_JSON)?;
        self.format = Some(format);
        Ok(())
    }

    /// What was asked for as the metric that decides the order.
    pub(crate) fn sort(&self) -> Sort {
        self.order.sort
    }

    /// Whether all is to be shown.
    pub(crate) fn all(&self) -> bool {
        self.order.all
    }

    /// The metric that decides the order.
    pub(crate) fn metric(&self) -> Metric {
        self.order.sort.into()
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json || self.format == Some(OutputFormat::JSON)
    }

    /// The number of items that are shown at most.
    pub(crate) fn top(&self) -> usize {
        self.order.top(!self.is_json())
    }

    /// Drops the items that are not shown, and returns how many they were.
    pub(crate) fn cut<T>(&self, items: &mut Vec<T>) -> usize {
        let all = items.len();
        items.truncate(self.top());
        all - items.len()
    }
}

/// Which functions were asked for: by name, or by a regular expression.
pub(crate) struct NamePattern {
    /// What was typed.
    pub(crate) text: String,
    regex: Result<Regex, regex::Error>,
}

impl NamePattern {
    pub(crate) fn new(text: String) -> Self {
        NamePattern { regex: site::compile_regex(&text), text }
    }

    /// What was typed, as a name that reads otherwise as a regular expression, such as `(*store).create`.
    pub(crate) fn as_name(&self) -> Option<&str> {
        self.text.contains(['(', '[', '*', '{', '+', '$', '\\']).then_some(&self.text)
    }

    /// What was typed, as a regular expression.
    pub(crate) fn as_regex(&self) -> Result<&Regex> {
        match &self.regex {
            Ok(regex) => Ok(regex),
            Err(error) => {
                let known = "no function has this name, and as a regular expression it is invalid";
                Err(Error::new(error.clone()).context(known))
            }
        }
    }
}

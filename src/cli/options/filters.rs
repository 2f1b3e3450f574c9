//! The options that choose samples and frames.

use anyhow::{Context, Result};
use clap::Args;
use regex::bytes::Regex;

use crate::cli::options::config::ConfigArgs;
use crate::cli::options::renames::{RenameArgs, RenameOptions};
use crate::diagnose::Request;
use crate::render::quoted;
use crate::site::{self, BlockSizes, Filter, FilterKind, Own, TrimPath};

/// Which samples count, which of their frames, and which code is the program's own.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Keep only samples with a matching frame
    ///
    /// The regular expression is matched against the function, the file and the mapping of each frame.
    #[arg(help_heading = "Filters")]
    #[arg(long, value_name = "RE")]
    focus: Option<String>,
    /// Drop samples with a matching frame
    #[arg(help_heading = "Filters")]
    #[arg(long, value_name = "RE")]
    ignore: Option<String>,
    /// Remove matching frames from the stacks; what they allocated counts for their caller
    #[arg(help_heading = "Filters", hide_short_help = true)]
    #[arg(long, value_name = "RE")]
    hide: Option<String>,
    /// Remove all frames that do not match
    #[arg(help_heading = "Filters", hide_short_help = true)]
    #[arg(long, value_name = "RE")]
    show: Option<String>,
    /// Remove the callers of the outermost matching frame, and samples without one
    #[arg(help_heading = "Filters", hide_short_help = true)]
    #[arg(long, value_name = "RE")]
    show_from: Option<String>,
    /// Keep only objects of a block size: 1b:64b, 64b:, :1kb or 16b
    #[arg(help_heading = "Filters", hide_short_help = true)]
    #[arg(long, value_name = "RANGE")]
    tagfocus: Option<String>,
    /// Strip these folders from file names, separated by colons
    #[arg(help_heading = "Filters", hide_short_help = true)]
    #[arg(long, value_name = "FOLDERS")]
    trim_path: Option<String>,
    /// Your own code, by import path: example.com/acme/... is that package and everything below it, module is the main
    /// module without its dependencies [default: as heapdiff.toml says, or everything but Go's library]
    #[arg(help_heading = "Filters", hide_short_help = true)]
    #[arg(long, value_name = "PATTERN")]
    own: Vec<String>,
}

/// The filters, and the configuration that may say which code is the program's own.
#[derive(Debug, Args)]
pub(crate) struct ConfiguredFilterArgs {
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    config: ConfigArgs,
}

impl ConfiguredFilterArgs {
    /// Reads the configuration, and resolves the filters with it.
    pub(crate) fn resolve(self) -> Result<(Filter, Request, Own)> {
        Ok(self.resolve_with_renames(RenameArgs::default())?.0)
    }

    /// The filter, the request, whose code is the own, and the options on renames.
    pub(crate) fn resolve_with_renames(self, renames: RenameArgs) -> Result<((Filter, Request, Own), RenameOptions)> {
        let config = self.config.load(None)?;
        let (filter, request, own) = self.filter.resolve(config.own)?;
        Ok(((filter, Request { config: config.path, ..request }, own), renames.resolve(config.rename)?))
    }
}

impl FilterArgs {
    /// The filter, what was typed for it, and the program's own packages: those of `config` unless some were typed.
    /// Fails for an invalid regular expression or range.
    pub(crate) fn resolve(self, config: Vec<String>) -> Result<(Filter, Request, Own)> {
        // As in pprof, an empty option is none.
        let typed = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (tagfocus, trim_path) = (typed(self.tagfocus), typed(self.trim_path));
        let mut request = Request { own: if self.own.is_empty() { config } else { self.own }, ..Request::default() };
        let mut regex = |filter: FilterKind, text: Option<String>| -> Result<Option<Regex>> {
            let Some(text) = typed(text) else { return Ok(None) };
            let regex = site::compile_regex(&text).with_context(|| {
                let (option, literal) = (filter.name(), quoted(&regex::escape(&text)));
                format!("--{option}: invalid regular expression; to match the text as it is: --{option} {literal}")
            })?;
            request.filters.push((filter, text));
            Ok(Some(regex))
        };
        let filter = Filter {
            focus: regex(FilterKind::Focus, self.focus)?,
            ignore: regex(FilterKind::Ignore, self.ignore)?,
            hide: regex(FilterKind::Hide, self.hide)?,
            show: regex(FilterKind::Show, self.show)?,
            show_from: regex(FilterKind::ShowFrom, self.show_from)?,
            block_sizes: tagfocus.as_deref().map(str::parse::<BlockSizes>).transpose().context("--tagfocus")?,
            trim_path: TrimPath::new(trim_path.as_deref().unwrap_or_default()),
        };
        request.filters.extend(tagfocus.map(|text| (FilterKind::TagFocus, text)));
        request.filters.extend(trim_path.map(|text| (FilterKind::TrimPath, text)));
        let own = Own::new(request.own.clone());
        Ok((filter, request, own))
    }
}

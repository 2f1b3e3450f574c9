//! What a site is, and which sites are listed in which order.

use clap::{Args, ValueEnum};

use crate::diff::Metric;
use crate::profile::SampleType;
use crate::site::Granularity;

/// Sites in a list by default.
pub(crate) const DEFAULT_TOP: usize = 20;

/// `--by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// A line of a function
    #[value(aliases = ["line"])]
    Lines,
    /// A function
    #[value(aliases = ["function", "func", "funcs"])]
    Functions,
    /// A source file
    #[value(aliases = ["file"])]
    Files,
    /// A package
    #[value(aliases = ["package", "pkg", "pkgs"])]
    Packages,
    /// The function in your own code that the memory was allocated for
    #[value(aliases = ["owners"])]
    Owner,
}

impl From<By> for Granularity {
    fn from(by: By) -> Self {
        match by {
            By::Lines => Granularity::Lines,
            By::Functions => Granularity::Functions,
            By::Files => Granularity::Files,
            By::Packages => Granularity::Packages,
            By::Owner => Granularity::Owner,
        }
    }
}

/// The order, and how much of it is shown.
#[derive(Debug, Args)]
pub(crate) struct OrderArgs {
    /// Rank by this metric
    #[arg(long, value_enum, value_name = "METRIC", default_value_t = Sort::Space, help_heading = "Functions")]
    pub(crate) sort: Sort,
    /// Show at most N [default: 20; in JSON and CSV all]
    #[arg(long, value_name = "N", conflicts_with = "all", help_heading = "Functions")]
    top: Option<usize>,
    /// Show all of them
    #[arg(long, help_heading = "Functions")]
    pub(crate) all: bool,
}

impl OrderArgs {
    /// The number of items that are shown at most. `is_for_people`: whether the format is.
    pub(crate) fn top(&self, is_for_people: bool) -> usize {
        self.top.unwrap_or(if is_for_people && !self.all { DEFAULT_TOP } else { usize::MAX })
    }
}

/// `--sort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// Bytes
    #[value(aliases = ["bytes", "size"])]
    Space,
    /// Number of objects
    #[value(aliases = ["object", "count"])]
    Objects,
    /// Bytes that are alive, whatever the profiles mean
    #[value(name = "inuse_space", hide = true)]
    InuseSpace,
    /// Objects that are alive, whatever the profiles mean
    #[value(name = "inuse_objects", hide = true)]
    InuseObjects,
    /// Bytes that were allocated
    #[value(name = "alloc_space", hide = true)]
    AllocSpace,
    /// Objects that were allocated
    #[value(name = "alloc_objects", hide = true)]
    AllocObjects,
}

impl Sort {
    /// The columns that pprof's name of a metric also chooses.
    pub(crate) fn columns(self) -> Option<SampleType> {
        match self {
            Sort::Space | Sort::Objects => None,
            Sort::InuseSpace | Sort::InuseObjects => Some(SampleType::Live),
            Sort::AllocSpace | Sort::AllocObjects => Some(SampleType::Allocated),
        }
    }
}

impl From<Sort> for Metric {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Space | Sort::InuseSpace | Sort::AllocSpace => Metric::Space,
            Sort::Objects | Sort::InuseObjects | Sort::AllocObjects => Metric::Objects,
        }
    }
}

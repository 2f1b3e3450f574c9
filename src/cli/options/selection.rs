//! What a site is, and which sites are listed in which order.

use clap::ValueEnum;

use crate::diff::Metric;
use crate::site::Granularity;

/// Sites in a list by default.
pub(crate) const DEFAULT_TOP: usize = 20;

/// `--by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// A line of a function
    Lines,
    /// A function
    Functions,
    /// A source file
    Files,
    /// A package
    Packages,
    /// The function in your own code that the memory was allocated for
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

/// `--sort`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Sort {
    /// inuse_space, live bytes
    Space,
    /// inuse_objects, live objects
    Objects,
}

impl From<Sort> for Metric {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Space => Metric::Space,
            Sort::Objects => Metric::Objects,
        }
    }
}

//! What a site is called.

use crate::site::Granularity;

/// What a site is.
pub(in crate::render) fn site_noun(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Lines => "line",
        Granularity::Functions | Granularity::Owner => "function",
        Granularity::Files => "file",
        Granularity::Packages => "package",
    }
}

/// What several sites are.
pub(in crate::render) fn site_nouns(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Lines => "lines",
        Granularity::Functions | Granularity::Owner => "functions",
        Granularity::Files => "files",
        Granularity::Packages => "packages",
    }
}

//! What a site is called.

use crate::site::Granularity;

/// What a site is.
pub(in crate::render) fn site_noun(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Lines => "line",
        Granularity::Functions | Granularity::Owner => "function",
        Granularity::Roots => "root",
        Granularity::Files => "file",
        Granularity::Packages => "package",
    }
}

/// One more line below a site.
pub(in crate::render) fn more_parts(granularity: Granularity) -> &'static str {
    if granularity == Granularity::Roots { "more field" } else { "more line" }
}

/// What several sites are.
pub(in crate::render) fn site_nouns(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Lines => "lines",
        Granularity::Functions | Granularity::Owner => "functions",
        Granularity::Roots => "roots",
        Granularity::Files => "files",
        Granularity::Packages => "packages",
    }
}

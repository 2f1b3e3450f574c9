//! The allowances of heapdiff.toml.

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::cli::options::date::Date;
use crate::cli::options::document::Mistake;
use crate::cli::options::toml_values::{limit, text};
use crate::diff::Metric;
use crate::gate::Allow;

/// What makes an allowance invalid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowances {
    /// Those that ended before this day are over.
    pub(crate) today: Date,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct AllowTable {
    function: Option<String>,
    package: Option<String>,
    file: Option<String>,
    objects: Option<Spanned<Value>>,
    space: Option<Spanned<Value>>,
    reason: Spanned<String>,
    until: Option<Spanned<Value>>,
}

/// Reads an allowance. `place`: where it is written.
pub(super) fn allow(
    table: Spanned<AllowTable>,
    place: String,
    allowances: Option<Allowances>,
) -> Result<Allow, Mistake> {
    let span = table.span();
    let AllowTable { function, package, file, objects, space, reason, until } = table.into_inner();
    if function.is_none() && package.is_none() && file.is_none() {
        return Err(Mistake::new(span, "[[allow]] needs `function`, `package` or `file`"));
    }
    let mut ended = None;
    if reason.get_ref().trim().is_empty() {
        return Err(Mistake::new(reason.span(), "an empty reason: expected why the growth is fine"));
    }
    if let Some(until) = until {
        let text = text(until.get_ref());
        let Some(last) = Date::parse(&text) else {
            return Err(Mistake::new(until.span(), format!("invalid date {text:?}: expected one such as 2026-12-31")));
        };
        let is_over = allowances.is_some_and(|allowances| last < allowances.today);
        ended = is_over.then(|| last.to_string());
    }
    Ok(Allow {
        objects: limit(objects, Metric::Objects)?,
        space: limit(space, Metric::Space)?,
        function,
        package,
        file,
        reason: reason.into_inner(),
        place,
        ended,
    })
}

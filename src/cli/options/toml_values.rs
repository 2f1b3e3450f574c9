//! Values of heapdiff.toml that may be written as on the command line.

use toml::{Spanned, Value};

use crate::byte_size;
use crate::cli::options::document::Mistake;
use crate::cli::options::size::GROWTH_OF_ZERO;
use crate::diff::Metric;
use crate::gate::Limit;

/// A limit as it is written in the file.
pub(super) fn limit(value: Option<Spanned<Value>>, metric: Metric) -> Result<Option<Limit>, Mistake> {
    let parse = |value: Spanned<Value>| {
        Limit::parse(&text(value.get_ref()), metric).map_err(|error| Mistake::new(value.span(), error))
    };
    value.map(parse).transpose()
}

/// Growth in bytes, more than 0.
pub(super) fn growth(value: Spanned<Value>) -> Result<i128, Mistake> {
    let span = value.span();
    match bytes(value)? {
        0 => Err(Mistake::new(span, GROWTH_OF_ZERO)),
        bytes => Ok(bytes),
    }
}

/// A size in bytes.
fn bytes(value: Spanned<Value>) -> Result<i128, Mistake> {
    let text = text(value.get_ref());
    let message = || format!("{text:?} is not a size: expected bytes such as 262144 or 256KiB");
    byte_size::parse(&text).ok_or_else(|| Mistake::new(value.span(), message()))
}

/// The value as it would be typed on the command line.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

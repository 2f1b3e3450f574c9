//! Regular expressions in the syntax of Go and pprof.

use regex::bytes::Regex;

/// Compiles a regular expression in Go's syntax, of which only `\Q...\E` is unknown to this engine.
///
/// # Errors
///
/// The expression is invalid, or longer than 64 KiB.
pub fn compile_regex(expression: &str) -> Result<Regex, regex::Error> {
    // The parser takes hundreds of bytes of memory for each byte, and a profile may hold any expression.
    const MAX_BYTES: usize = 64 << 10;
    if expression.len() > MAX_BYTES {
        return Err(regex::Error::CompiledTooBig(MAX_BYTES));
    }
    let mut parts = expression.split(r"\Q");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (quoted, rest) = part.split_once(r"\E").unwrap_or((part, ""));
        plain += &regex::escape(quoted);
        plain += rest;
    }
    Regex::new(&plain)
}

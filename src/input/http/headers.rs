//! Headers that users add to requests.
//!
//! In: lines such as `Authorization: Bearer TOKEN`. Out: headers, or errors that repeat no value, which may be secret.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue, TRANSFER_ENCODING};
use thiserror::Error;

/// A header of each request.
pub type Header = (HeaderName, HeaderValue);

/// What is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// No name.
    #[error("expected NAME: VALUE, such as 'Authorization: Bearer TOKEN'")]
    Name,
    /// A character that no header has.
    #[error("the value of {0} has a character that no header may have, such as a line break")]
    Value(String),
    /// A header that only the client knows.
    #[error("{0} is set by heapdiff itself")]
    Reserved(String),
}

/// Parses a header.
///
/// # Errors
///
/// If it is not one, or one of those that the client sets itself.
pub fn parse(line: &str) -> Result<Header, HeaderError> {
    let (name, value) = line.split_once(':').ok_or(HeaderError::Name)?;
    let name: HeaderName = name.trim().parse().map_err(|_| HeaderError::Name)?;
    if [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(&name) {
        return Err(HeaderError::Reserved(name.to_string()));
    }
    let mut value = HeaderValue::from_str(value.trim()).map_err(|_| HeaderError::Value(name.to_string()))?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// Shortest word of a value that is taken for a secret; shorter ones are in any text.
const MIN_SECRET: usize = 4;
/// Words before a secret that are none themselves.
const SCHEMES: [&str; 4] = ["basic", "bearer", "digest", "token"];

/// What a server may repeat of headers: the words of their values, and what is encoded in them; in lower case.
pub(super) fn secrets(headers: &[Header]) -> Vec<String> {
    let values = headers.iter().filter_map(|(_, value)| value.to_str().ok());
    let words = values
        .flat_map(str::split_whitespace)
        .filter(|word| word.len() >= MIN_SECRET && !SCHEMES.contains(&word.to_lowercase().as_str()));
    let mut secrets = Vec::new();
    for word in words {
        secrets.push(word.to_lowercase());
        if let Some(text) = BASE64_STANDARD.decode(word).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            let password = text.split_once(':').map_or(text.as_str(), |(_, password)| password);
            secrets.extend((password.len() >= MIN_SECRET).then(|| password.to_lowercase()));
        }
    }
    secrets
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn headers_have_a_name_and_a_value() {
        for (line, name, value) in [
            ("Authorization: Bearer a.b", "authorization", "Bearer a.b"),
            ("X-Scope-OrgID:1", "x-scope-orgid", "1"),
            ("Cookie: a=b; c=d:e ", "cookie", "a=b; c=d:e"),
            ("Empty:", "empty", ""),
        ] {
            let (found, header) = parse(line).unwrap();
            assert_eq!((found.as_str(), header.to_str().unwrap()), (name, value), "{line}");
        }
        for (line, error) in [
            ("", HeaderError::Name),
            ("Bearer secret", HeaderError::Name),
            (": secret", HeaderError::Name),
            ("a b: secret", HeaderError::Name),
            ("a: b\r\nc: d", HeaderError::Value("a".to_owned())),
            ("Content-Length: 1", HeaderError::Reserved("content-length".to_owned())),
        ] {
            assert_eq!(parse(line).unwrap_err(), error, "{line}");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn values_are_secrets_as_words_and_decoded() {
        let headers = ["Authorization: Bearer aBcDef", "a: Basic dXNlcjpwYXNzd29yZA==", "Accept: */*", "b: 1"];
        let headers: Vec<_> = headers.into_iter().map(|line| parse(line).unwrap()).collect();
        assert_eq!(secrets(&headers), ["abcdef", "dxnlcjpwyxnzd29yza==", "password"]);
    }
}

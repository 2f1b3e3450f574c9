//! What a request carries that only the server may see: the password of its URL, the values of its query, and headers.
//!
//! A server may repeat what it was sent, in any form, so what it says is shown only if it was sent none of these, or if
//! it cannot contain any of them.

use super::percent::decoded;
use super::query;
use super::url::Url;

/// Bytes of a secret that text must not have in a row; shorter ones count as a whole.
const PART: usize = 6;

/// Secrets that were sent along with a request, as they are written in the URL, decoded, and as they are sent.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Those of a URL, and of the headers that are sent along.
    pub fn of(url: &Url) -> Self {
        let header = url.authorization.as_deref().and_then(|header| header.split(' ').nth(1));
        let written = query::secrets(&url.target).chain(url.password.as_deref());
        let forms =
            written.flat_map(|secret| [secret.to_owned(), String::from_utf8_lossy(&decoded(secret)).into_owned()]);
        let forms = forms.chain(header.map(str::to_owned)).filter(|secret| !secret.is_empty());
        #[cfg(feature = "fetch")]
        let forms = forms.chain(super::http::secrets_of_headers().iter().cloned());
        Secrets(forms.map(|secret| secret.to_lowercase()).collect())
    }

    /// Whether there are none.
    #[cfg(any(test, feature = "fetch"))]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `text` has a part of one.
    pub fn may_be_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let has = |part: &[u8]| memchr::memmem::find(text.as_bytes(), part).is_some();
        self.0.iter().any(|secret| secret.as_bytes().windows(PART.min(secret.len())).any(has))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn text_with_a_part_of_a_secret_is_not_shown() {
        let secrets = Secrets::of(&Url::parse("http://me:pass%20word1@h/x?token=abcdefghij&gc=1&k%3d").unwrap());
        for text in
            ["PASS word1!", "pass%20word1", "..cdefgh", "GHIJ abcdef", "bWU6cGFzcyB3b3JkMQ==", "mU6cGFzcyB3b3", "k="]
        {
            assert!(secrets.may_be_in(text), "{text}");
        }
        for text in ["", "no such page", "abcde", "gc=1", "me"] {
            assert!(!secrets.may_be_in(text), "{text}");
        }
        let none = Secrets::of(&Url::parse("http://h/debug/pprof/heap?gc=1&debug=0").unwrap());
        assert!(none.is_empty() && !none.may_be_in("1"));
    }
}

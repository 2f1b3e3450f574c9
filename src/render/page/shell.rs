//! What all pages have around their content: head, policy, style, data and script.

use std::io::{self, Write};

use super::super::junit::escape;
use super::super::text::sanitize;
use super::data::Data;

/// The style of all pages.
pub(super) const BASE_CSS: &str = include_str!("base.css");
/// The style of a flame graph, in a page as in a picture.
pub(super) const FLAME_CSS: &str = include_str!("flame.css");
pub(super) const UNITS_JS: &str = include_str!("units.js");
pub(super) const CALLS_JS: &str = include_str!("calls.js");
pub(super) const FLAME_JS: &str = include_str!("flame.js");

/// Escapes text for markup, in elements as in attributes.
pub(super) fn markup(text: &str) -> String {
    escape(&sanitize(text))
}

/// As [`markup`], for sentences: a line does not end between a number and its unit.
pub(super) fn prose(text: &str) -> String {
    let mut words = text.split(' ').peekable();
    let mut whole = String::with_capacity(text.len());
    while let Some(word) = words.next() {
        whole.push_str(word);
        if let Some(next) = words.peek() {
            let unit = next.trim_end_matches([',', ';', '.', ')', ':']);
            let is_unit =
                unit == "%" || unit == "B" || matches!(unit.strip_suffix("iB"), Some(prefix) if prefix.len() == 1);
            let after_digit = word.ends_with(|c: char| c.is_ascii_digit());
            whole.push(if is_unit && after_digit { '\u{a0}' } else { ' ' });
        }
    }
    markup(&whole)
}

/// A style and a script, with the hashes by which the page's policy allows them: SHA-256 in base64, checked by a test.
pub(super) struct Code {
    pub(super) css: String,
    pub(super) css_hash: &'static str,
    pub(super) script: String,
    pub(super) script_hash: &'static str,
}

/// A page of HTML without its body.
pub(super) struct PageShell<'a> {
    pub(super) title: &'a str,
    pub(super) code: Code,
    pub(super) data: &'a Data,
}

impl PageShell<'_> {
    /// Writes the page. `body`: writes the markup of the body, in front of the data and the scripts.
    pub(super) fn write(
        &self,
        out: &mut dyn Write,
        body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let Code { css, css_hash, script, script_hash } = &self.code;
        writeln!(
            out,
            r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-{script_hash}'; style-src 'sha256-{css_hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="heapdiff {}">
<title>{}</title>
<style>{css}</style>
</head>
<body>"#,
            env!("CARGO_PKG_VERSION"),
            markup(self.title),
        )?;
        body(out)?;
        write!(out, r#"<script type="application/json" id="data">"#)?;
        self.data.write(out)?;
        writeln!(out, "</script>\n<script>{script}</script>\n</body>\n</html>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_ends_between_a_number_and_its_unit() {
        for (text, expected) in [
            ("f grew by 3 MiB, g by 10 B", "f grew by 3\u{a0}MiB, g by 10\u{a0}B"),
            ("95 % interval: +1 to +2 KiB (+39.0 %)", "95\u{a0}% interval: +1 to +2\u{a0}KiB (+39.0\u{a0}%)"),
            ("build 7 <B> is 4 B.", "build 7 &lt;B&gt; is 4\u{a0}B."),
        ] {
            assert_eq!(prose(text), expected);
        }
    }
}

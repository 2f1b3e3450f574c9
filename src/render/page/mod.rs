//! Pages for a browser: one file each, which loads nothing else and runs only its own scripts.
//!
//! Names come from profiles, and are not trusted: in markup they are escaped, in the data they cannot end the element
//! around them, the scripts set them as text only, and a policy in the page forbids all other scripts.

mod data;
mod flame;
mod graph;
mod report;
mod sites;
mod svg;

use std::io::{self, Write};

pub use flame::{FlamePage, write as flame};
pub use report::{diff as report_page, trend as trend_page};

use super::junit::escape;
use super::text::sanitize;
use data::Data;

/// The style of all pages.
const BASE_CSS: &str = include_str!("base.css");
/// The style of a flame graph, in a page as in a picture.
const FLAME_CSS: &str = include_str!("flame.css");
const UNITS_JS: &str = include_str!("units.js");
const FLAME_JS: &str = include_str!("flame.js");

/// Escapes text for markup, in elements as in attributes.
fn markup(text: &str) -> String {
    escape(&sanitize(text))
}

/// A style and a script, with the hashes by which a policy allows them: SHA-256, in base64, which a test checks.
struct Code {
    css: String,
    css_hash: &'static str,
    script: String,
    script_hash: &'static str,
}

/// A page of HTML.
struct Page<'a> {
    title: &'a str,
    code: Code,
    data: &'a Data,
}

impl Page<'_> {
    /// Writes it; `body` writes the markup of the body but for the data and the scripts.
    fn write(&self, out: &mut dyn Write, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
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

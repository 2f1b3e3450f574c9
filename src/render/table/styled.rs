//! Text with styles and links, whose width is known.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

/// How a piece of text looks on a terminal with colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Dim,
    Bold,
    /// Growth that is certain.
    Sure,
    /// Growth that may be chance.
    Unsure,
    Green,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Dim => "\u{1b}[2m",
            Style::Bold => "\u{1b}[1m",
            Style::Sure => "\u{1b}[1;31m",
            Style::Unsure => "\u{1b}[33m",
            Style::Green => "\u{1b}[32m",
        }
    }
}

/// A piece of text of one style.
#[derive(Debug, Clone)]
struct Span {
    text: String,
    style: Style,
    /// URL of an OSC 8 link.
    link: Option<String>,
}

/// A line of text, or a part of one.
#[derive(Debug, Clone, Default)]
pub(super) struct Line(Vec<Span>);

impl Line {
    /// A piece of one style.
    pub(super) fn new(text: impl Into<String>, style: Style) -> Self {
        let mut line = Line::default();
        line.push(text, style);
        line
    }

    /// Columns that it takes.
    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|span| span.text.width()).sum()
    }

    pub(super) fn push(&mut self, text: impl Into<String>, style: Style) {
        self.0.push(Span { text: text.into(), style, link: None });
    }

    /// Adds text that leads to a URL, if there is one.
    pub(super) fn push_link(&mut self, text: impl Into<String>, style: Style, link: Option<String>) {
        self.0.push(Span { text: text.into(), style, link });
    }

    pub(super) fn spaces(&mut self, columns: usize) {
        self.push(" ".repeat(columns), Style::Plain);
    }

    /// Adds `text` aligned to the right of `columns` columns.
    pub(super) fn right(&mut self, text: &str, columns: usize, style: Style) {
        self.spaces(columns.saturating_sub(text.width()));
        self.push(text, style);
    }

    pub(super) fn append(&mut self, mut other: Line) {
        self.0.append(&mut other.0);
    }

    /// Writes it, without spaces at the end.
    pub(super) fn write(mut self, color: bool, out: &mut dyn Write) -> io::Result<()> {
        while let Some(last) = self.0.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if !last.text.is_empty() {
                break;
            }
            self.0.pop();
        }
        for Span { text, style, link } in self.0 {
            let (on, off) = if color && style != Style::Plain { (style.code(), "\u{1b}[0m") } else { ("", "") };
            match link {
                Some(url) => write!(out, "{on}\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\{off}")?,
                None => write!(out, "{on}{text}{off}")?,
            }
        }
        writeln!(out)
    }
}

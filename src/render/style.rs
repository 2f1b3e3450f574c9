//! Colours of text that is laid out already.

use super::Look;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// What grew, and how sure that is.
    Alarm,
    /// What grew, less sure.
    Warning,
    /// What is in order.
    Good,
    /// What matters less than the rest.
    Dim,
    /// What is read first.
    Strong,
}

impl Look {
    /// A text in colour, if colours are wanted.
    pub(super) fn painted(self, style: Style, text: &str) -> String {
        let code = match style {
            _ if !self.color || text.is_empty() => return text.to_owned(),
            Style::Alarm => "1;31",
            Style::Warning => "33",
            Style::Good => "32",
            Style::Dim => "2",
            Style::Strong => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

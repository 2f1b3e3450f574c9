//! Text on a terminal, renewed in place; elsewhere, one text after the other.
//!
//! In: whole texts. Out: standard output. Knows nothing of what they say.

use std::env;
use std::io::{self, IsTerminal, Write};

/// Standard output, as a screen.
pub(crate) struct Screen {
    /// Whether printed lines can be removed.
    is_terminal: bool,
    /// Lines that are removed before the next text.
    shown: usize,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let knows_codes = env::var_os("TERM").is_none_or(|term| term != "dumb");
        Screen { is_terminal: io::stdout().is_terminal() && knows_codes, shown: 0 }
    }

    /// Shows a text in place of the one before, clipped to the screen. A broken pipe means that nobody reads any more.
    pub(crate) fn show(&mut self, text: &str) -> io::Result<()> {
        let height = terminal_size::terminal_size().map_or(usize::MAX, |(_, height)| height.0.into());
        let text = if self.is_terminal { clipped(text, height) } else { format!("{text}\n") };
        self.print(&text)?;
        self.shown = text.lines().count();
        Ok(())
    }

    /// Shows a text in place of the one before, as a whole, and keeps it.
    pub(crate) fn end(&mut self, text: &str) -> io::Result<()> {
        self.print(text)?;
        self.shown = 0;
        Ok(())
    }

    /// Keeps the text that is shown, as something else was printed below it.
    pub(crate) fn leave(&mut self) {
        self.shown = 0;
    }

    fn print(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.is_terminal && self.shown > 0 {
            // To the first line shown, and clear from there.
            write!(out, "\u{1b}[{}F\u{1b}[J", self.shown)?;
        }
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// Clips a text to a screen, with one line left for the status line.
fn clipped(text: &str, height: usize) -> String {
    let lines = text.lines().count();
    if lines < height {
        return text.to_owned();
    }
    let kept = height.saturating_sub(2);
    let mut clipped: String = text.split_inclusive('\n').take(kept).collect();
    clipped.push_str(&format!("… {} more lines at the end\n", lines - kept));
    clipped
}

#[cfg(test)]
mod tests {
    use super::clipped;

    #[test]
    fn no_more_is_shown_than_can_be_taken_back() {
        assert_eq!(clipped("a\nb\nc\n", 4), "a\nb\nc\n");
        assert_eq!(clipped("a\nb\nc\n", 3), "a\n… 2 more lines at the end\n");
        assert_eq!(clipped("a\nb\n", 0), "… 2 more lines at the end\n");
    }
}

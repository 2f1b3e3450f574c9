//! What is on the screen, renewed in place; or, where there is none, one text behind the other.
//!
//! In: whole texts. Out: standard output. Knows nothing of what they say.

use std::env;
use std::io::{self, IsTerminal, Write};

/// Standard output.
pub(super) struct Screen {
    /// Whether what was printed can be taken back.
    is_terminal: bool,
    /// How many lines of it can.
    shown: usize,
}

impl Screen {
    pub(super) fn new() -> Self {
        let knows_codes = env::var_os("TERM").is_none_or(|term| term != "dumb");
        Screen { is_terminal: io::stdout().is_terminal() && knows_codes, shown: 0 }
    }

    /// Shows a text instead of the one before, as far as the screen goes.
    ///
    /// # Errors
    ///
    /// Nobody may read on.
    pub(super) fn show(&mut self, text: &str) -> io::Result<()> {
        let height = terminal_size::terminal_size().map_or(usize::MAX, |(_, height)| height.0.into());
        let text = if self.is_terminal { clipped(text, height) } else { format!("{text}\n") };
        self.print(&text)?;
        self.shown = text.lines().count();
        Ok(())
    }

    /// Shows a text instead of the one before, as a whole, and leaves it there.
    pub(super) fn end(&mut self, text: &str) -> io::Result<()> {
        self.print(text)?;
        self.shown = 0;
        Ok(())
    }

    /// Leaves what is shown where it is, as something else was printed below.
    pub(super) fn leave(&mut self) {
        self.shown = 0;
    }

    fn print(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.is_terminal && self.shown > 0 {
            // Up to the first line that was shown, and away with it all.
            write!(out, "\u{1b}[{}F\u{1b}[J", self.shown)?;
        }
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// The lines of a text that a screen has place for, with one to spare for what is done now.
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

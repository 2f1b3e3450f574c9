//! Text that is safe and fits on a page.

use unicode_width::UnicodeWidthStr;

/// Replaces what text from a file must not bring onto a page: control characters, and those that turn the direction of
/// what follows or have no width, among them the marks that `table` sets for colours.
pub fn sanitize(text: &str) -> String {
    let is_hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    text.chars().map(|c| if c.is_control() || is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// Breaks `text` into lines of at most `width` columns: between words, and inside a word that is too long by itself
/// where an identifier or a path element ends. A part that is still too wide is not cut.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Lines { lines: vec![String::new()], width, used: 0 };
    for word in words(text) {
        let columns = word.width();
        if columns <= width {
            lines.push(" ", word, columns);
        } else {
            let mut glue = " ";
            // Does not break at the dot of `main.go:60`.
            let is_place =
                word.trim_end_matches(',').rsplit_once(':').is_some_and(|(_, line)| line.parse::<u64>().is_ok());
            for part in word.split_inclusive(|c| c == '/' || (c == '.' && !is_place)) {
                lines.push(glue, part, part.width());
                glue = "";
            }
        }
    }
    lines.lines
}

/// Lines of a page. Nothing is measured twice, so that a long text takes no more than its length.
struct Lines {
    lines: Vec<String>,
    /// Columns of a line.
    width: usize,
    /// Columns of the last line that are taken.
    used: usize,
}

impl Lines {
    /// Adds `part`, of so many columns, to the last line, or to a new one if it does not fit there.
    fn push(&mut self, glue: &str, part: &str, columns: usize) {
        match self.lines.last_mut() {
            Some(line) if line.is_empty() => {
                line.push_str(part);
                self.used = columns;
            }
            Some(line) if self.used + glue.len() + columns <= self.width => {
                line.extend([glue, part]);
                self.used += glue.len() + columns;
            }
            _ => {
                self.lines.push(part.to_owned());
                self.used = columns;
            }
        }
    }
}

/// The words of a text. A number and its unit, and both sides of an arrow, are one.
fn words(text: &str) -> Vec<&str> {
    const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "%", "→"];
    let mut words: Vec<&str> = Vec::new();
    let (mut start, mut at) = (0, 0);
    for word in text.split(' ') {
        let end = at + word.len();
        let is_unit = UNITS.contains(&word.trim_end_matches([',', ';', ':', '.', ')']));
        let is_number = text[start..at].trim_end().ends_with(|c: char| c.is_ascii_digit());
        let follows_arrow = text[..at].ends_with("→ ");
        match words.last_mut() {
            // After a number or its unit; a letter may also be a name.
            Some(last) if follows_arrow || word == "→" || is_unit && is_number => *last = &text[start..end],
            _ => {
                start = at;
                words.push(word);
            }
        }
        at = end + 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_identifiers_only() {
        assert_eq!(wrap("http.(*conn).serve", 40), ["http.(*conn).serve"]);
        assert_eq!(wrap("storage.(*Replica).applySnapshot.func1", 20), ["storage.(*Replica).", "applySnapshot.func1"]);
        assert_eq!(wrap("anIdentifierThatIsFarTooLong.f", 10), ["anIdentifierThatIsFarTooLong.", "f"]);
        assert_eq!(wrap("a/long/path/main.go:60, new", 12), ["a/long/path/", "main.go:60,", "new"]);
        assert_eq!(wrap("a few words", 5), ["a few", "words"]);
        assert_eq!(wrap("by 6.1 MiB, 35 % of 1 B", 8), ["by", "6.1 MiB,", "35 % of", "1 B"]);
        assert_eq!(wrap("of 27.0 → 37.6 MiB now", 17), ["of", "27.0 → 37.6 MiB", "now"]);
        assert_eq!(wrap("new, for main.(*store).create", 24), ["new, for", "main.(*store).create"]);
    }
}

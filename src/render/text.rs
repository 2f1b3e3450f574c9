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
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if word.width() <= width {
            push(&mut lines, " ", word, width);
        } else {
            let mut glue = " ";
            // Does not break at the dot of `main.go:60`.
            let is_place =
                word.trim_end_matches(',').rsplit_once(':').is_some_and(|(_, line)| line.parse::<u64>().is_ok());
            for part in word.split_inclusive(|c| matches!(c, '/' | '\\') || (c == '.' && !is_place)) {
                push(&mut lines, glue, part, width);
                glue = "";
            }
        }
    }
    lines
}

/// Adds `part` to the last line, or to a new one if it does not fit there.
fn push(lines: &mut Vec<String>, glue: &str, part: &str, width: usize) {
    match lines.last_mut() {
        Some(line) if line.is_empty() => line.push_str(part),
        Some(line) if line.width() + glue.width() + part.width() <= width => line.extend([glue, part]),
        _ => lines.push(part.to_owned()),
    }
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
        assert_eq!(wrap("new, for main.(*store).create", 24), ["new, for", "main.(*store).create"]);
    }
}

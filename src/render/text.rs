//! Text that is safe and fits on a page.

use unicode_width::UnicodeWidthStr;

/// Makes text from a file or a server harmless at a terminal, on a page and in the log of a CI job: what is not seen, or
/// turns the direction of what follows, and what such a log obeys are escaped, as in `\u{202e}`.
///
/// - GitHub's runner obeys `::error …` at the start of a line, after blanks; and as Azure's and TeamCity's do, `##[…]`,
///   `##vso[…]` and `##teamcity[…]` anywhere. A page may break a line at a blank, a slash or a dot, and shorten a name to
///   what comes after one, so `::` is escaped there, and stays in `std::vector`.
/// - The marks that `table` sets for colours are among what is not seen.
///
/// Text that was made harmless stays as it is.
pub fn sanitize(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let may_start = before.is_none_or(|c: char| c.is_whitespace() || r"/\.,;…".contains(c));
        match c {
            ':' if may_start && chars.peek() == Some(&':') => {
                chars.next();
                safe.push_str(r":\u{3a}");
            }
            '#' if before == Some('#') => safe.extend(c.escape_unicode()),
            _ if is_hidden(c) => safe.extend(c.escape_unicode()),
            _ => safe.push(c),
        }
        before = Some(c);
    }
    safe
}

/// Whether a character is not seen, or changes how others are: control characters, format characters, and letters that
/// are blank.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
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
            for part in parts(word, is_place) {
                lines.push(glue, part, part.width());
                glue = "";
            }
        }
    }
    lines.lines
}

/// The parts of a word between which a line may break: after a slash, and after a dot unless it is of a place. Never
/// within an escape, such as `\u{202e}`.
fn parts(word: &str, is_place: bool) -> impl Iterator<Item = &str> {
    let mut rest = word;
    let may_break = move |rest: &str, (at, c): (usize, char)| match c {
        '/' => true,
        '\\' => !rest[at + 1..].starts_with("u{"),
        '.' => !is_place,
        _ => false,
    };
    std::iter::from_fn(move || {
        let end = rest.char_indices().find(|&found| may_break(rest, found)).map_or(rest.len(), |(at, _)| at + 1);
        let (part, after) = rest.split_at(end);
        rest = after;
        (!part.is_empty()).then_some(part)
    })
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
    /// Adds `part`, which takes this many columns, to the last line, or to a new one if it does not fit there.
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

/// The words of a text. A number and its unit, both sides of an arrow, and a field and its type, `body. ([]uint8)`, are one.
fn words(text: &str) -> Vec<&str> {
    const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "%", "→"];
    let mut words: Vec<&str> = Vec::new();
    let (mut start, mut at) = (0, 0);
    for word in text.split(' ') {
        let end = at + word.len();
        let is_unit = UNITS.contains(&word.trim_end_matches([',', ';', ':', '.', ')']));
        let is_number = text[start..at].trim_end().ends_with(|c: char| c.is_ascii_digit());
        let follows_arrow = text[..at].ends_with("→ ");
        // A sentence in brackets has more than one word before the last.
        let is_type = word.starts_with('(') && word.contains(['*', '[', ')']) && text[start..at].ends_with(". ");
        match words.last_mut() {
            // After a number or its unit; a letter may also be a name.
            Some(last) if follows_arrow || word == "→" || is_unit && is_number || is_type => {
                *last = &text[start..end]
            }
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
    fn what_is_not_seen_or_obeyed_is_escaped() {
        for (text, safe) in [
            ("std::vector<a>::push(int)::x", "std::vector<a>::push(int)::x"),
            ("::error::x", r":\u{3a}error::x"),
            ("a  ::error::x", r"a  :\u{3a}error::x"),
            ("a/::error::x", r"a/:\u{3a}error::x"),
            ("a.::error::x", r"a.:\u{3a}error::x"),
            ("\u{a0}::error::x", "\u{a0}:\\u{3a}error::x"),
            ("##[error]x ###vso[x]", r"#\u{23}[error]x #\u{23}\u{23}vso[x]"),
            ("a\n::error::\t", r"a\u{a}:\u{3a}error::\u{9}"),
            ("\u{202e}\u{61c}\u{85}\u{ad}\u{3164}\u{e0041}", r"\u{202e}\u{61c}\u{85}\u{ad}\u{3164}\u{e0041}"),
            ("http://[::1]:6060/", "http://[::1]:6060/"),
            (r"C:\a\b.go 漢 é 1 # 2", r"C:\a\b.go 漢 é 1 # 2"),
        ] {
            assert_eq!(sanitize(text), safe);
            assert_eq!(sanitize(safe), safe);
        }
    }

    #[test]
    fn lines_break_between_identifiers_only() {
        assert_eq!(wrap("http.(*conn).serve", 40), ["http.(*conn).serve"]);
        assert_eq!(wrap("storage.(*Replica).applySnapshot.func1", 20), ["storage.(*Replica).", "applySnapshot.func1"]);
        assert_eq!(wrap("anIdentifierThatIsFarTooLong.f", 10), ["anIdentifierThatIsFarTooLong.", "f"]);
        assert_eq!(wrap("a/long/path/main.go:60, new", 12), ["a/long/path/", "main.go:60,", "new"]);
        assert_eq!(wrap(r"C:\a\main\u{202e}\u{ad}b\x.go", 6), [r"C:\a\", r"main\u{202e}\u{ad}b\", "x.go"]);
        assert_eq!(wrap("a few words", 5), ["a few", "words"]);
        assert_eq!(wrap("by 6.1 MiB, 35 % of 1 B", 8), ["by", "6.1 MiB,", "35 % of", "1 B"]);
        assert_eq!(wrap("of 27.0 → 37.6 MiB now", 17), ["of", "27.0 → 37.6 MiB", "now"]);
        assert_eq!(wrap("is body. ([]uint8) now", 16), ["is", "body. ([]uint8)", "now"]);
        assert_eq!(wrap("a sentence. (Next to it)", 12), ["a sentence.", "(Next to it)"]);
        assert_eq!(wrap("new, for main.(*store).create", 24), ["new, for", "main.(*store).create"]);
    }
}

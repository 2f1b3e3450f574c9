//! The source of a function, if it was found.

/// A part of a source file, around a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Path where it was found.
    pub path: String,
    /// The number of its first line.
    pub first: usize,
    /// Its lines; long ones are cut.
    pub lines: Vec<String>,
}

/// Why there is no source to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSource {
    /// It is in none of the folders that may be read.
    NotFound,
    /// The file is too large for a source.
    TooLarge,
    /// It is not UTF-8 text.
    NotText,
    /// It ends before a line that the profile has.
    TooShort {
        /// Number of its lines.
        lines: usize,
    },
    /// No function begins where the profile says this one does.
    OtherVersion {
        /// That line.
        line: usize,
    },
}

impl NoSource {
    /// Name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            NoSource::NotFound => "not_found",
            NoSource::TooLarge => "too_large",
            NoSource::NotText => "not_text",
            NoSource::TooShort { .. } => "too_short",
            NoSource::OtherVersion { .. } => "other_version",
        }
    }
}

/// Characters that a longer line is cut to.
const MAX_LINE_CHARS: usize = 1000;
/// Lines shown around each line that has values.
const CONTEXT_LINES: usize = 3;
/// Longest function that is shown whole, lines.
const MAX_WHOLE_LINES: usize = 60;

impl Excerpt {
    /// As [`Excerpt::cut`], for the function with a name.
    ///
    /// # Errors
    ///
    /// The file cannot be the source of the function.
    pub fn of_function(
        path: &str,
        text: &str,
        name: &str,
        start: Option<i64>,
        numbered: &[i64],
    ) -> Result<Self, NoSource> {
        // Functions that the compiler adds, such as main.f.gowrap1, begin at any line.
        let last = name.rsplit('.').next().unwrap_or_default();
        let begins = path.ends_with(".go") && !last.contains("wrap") && !last.contains('-');
        Excerpt::cut(path, text, start, numbered, begins)
    }

    /// Cuts a function out of the file at `path`.
    ///
    /// `start`: the function's first line, if known. `numbered`: lines that the file must have. `is_go`: whether the
    /// first line must look like that of a Go function.
    ///
    /// # Errors
    ///
    /// The file cannot be the source of the function.
    pub fn cut(path: &str, text: &str, start: Option<i64>, numbered: &[i64], is_go: bool) -> Result<Self, NoSource> {
        let all: Vec<&str> = text.lines().collect();
        let within = |line: i64| usize::try_from(line).ok().filter(|&line| line > 0);
        let numbered: Vec<_> = numbered.iter().filter_map(|&line| within(line)).collect();
        let start = start.and_then(within);
        let most = numbered.iter().copied().chain(start).max().unwrap_or(0);
        if most > all.len() {
            return Err(NoSource::TooShort { lines: all.len() });
        }
        let (Some(least), Some(begin)) =
            (numbered.iter().copied().min(), start.or_else(|| numbered.iter().copied().min()))
        else {
            return Err(NoSource::NotFound);
        };
        let (first, last) = match start {
            Some(line) if is_go && !all[line - 1].contains("func") => return Err(NoSource::OtherVersion { line }),
            Some(line) if line <= least => (line, end(&all, line, most)),
            _ => (least.min(begin).saturating_sub(CONTEXT_LINES).max(1), (most + CONTEXT_LINES).min(all.len())),
        };
        let lines = all[first - 1..last].iter().map(|line| shorten(line)).collect();
        Ok(Excerpt { path: path.to_owned(), first, lines })
    }

    /// The text of a line.
    pub fn line(&self, number: i64) -> Option<&str> {
        let at = usize::try_from(number).ok()?.checked_sub(self.first)?;
        self.lines.get(at).map(String::as_str)
    }

    /// Numbers of the lines to show: all of a short function; of a long one the first line, and those around the lines in
    /// `numbered`, which are in order. A gap of a single line is shown, too.
    pub fn shown(&self, numbered: &[i64]) -> Vec<usize> {
        let last = self.first + self.lines.len();
        if self.lines.len() <= MAX_WHOLE_LINES {
            return (self.first..last).collect();
        }
        let mut shown = vec![self.first];
        for line in numbered.iter().filter_map(|&line| usize::try_from(line).ok()) {
            let next = shown.last().map_or(self.first, |&last| last + 1);
            let mut from = line.saturating_sub(CONTEXT_LINES).max(next);
            if from == next + 1 {
                from = next;
            }
            shown.extend(from..(line + CONTEXT_LINES + 1).min(last));
        }
        if shown.last().is_some_and(|&at| at + 2 == last) {
            shown.push(last - 1);
        }
        shown
    }
}

/// The last line of a function that begins at line `start` and reaches line `most`: the next one that closes a brace and
/// is not further indented. Without one, a few lines after `most`.
fn end(all: &[&str], start: usize, most: usize) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let depth = indent(all[start - 1]);
    let closes = |line: &&str| line.trim_start().starts_with('}') && indent(line) <= depth;
    match all[most - 1..].iter().position(closes) {
        Some(after) => most + after,
        None => (most + CONTEXT_LINES).min(all.len()),
    }
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(MAX_LINE_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const TEXT: &str = "package a\n\nfunc f() {\n\tg()\n\tif x {\n\t\th()\n\t}\n\ti()\n}\n\nfunc j() {\n}\n";

    #[test]
    fn a_function_ends_at_its_brace() {
        let code = Excerpt::cut("a.go", TEXT, Some(3), &[6], true).unwrap();
        assert_eq!((code.first, code.lines.len(), code.line(9)), (3, 7, Some("}")));
        assert_eq!((code.line(2), code.line(10), code.line(-1)), (None, None, None));
        assert_eq!(code.shown(&[6]), [3, 4, 5, 6, 7, 8, 9]);
        let code = Excerpt::cut("a.go", TEXT, None, &[12], true).unwrap();
        assert_eq!((code.first, code.lines.len()), (9, 4));
    }

    #[test]
    fn what_cannot_be_the_source_is_not_shown() {
        let of = |text: &str, start: Option<i64>, numbered: &[i64]| Excerpt::cut("a.go", text, start, numbered, true);
        assert_eq!(of(TEXT, Some(3), &[99]), Err(NoSource::TooShort { lines: 12 }));
        assert_eq!(of(TEXT, Some(4), &[6]), Err(NoSource::OtherVersion { line: 4 }));
        assert_eq!(of(TEXT, None, &[0]), Err(NoSource::NotFound));
        assert_eq!(of(TEXT, Some(i64::MIN), &[i64::MIN]), Err(NoSource::NotFound));
        assert_eq!(of(TEXT, Some(i64::MAX), &[6]), Err(NoSource::TooShort { lines: 12 }));
        assert_eq!(of("", None, &[1]), Err(NoSource::TooShort { lines: 0 }));
        // A start after the line that it should contain is ignored.
        assert_eq!(of(TEXT, Some(11), &[6]).unwrap().first, 3);
    }

    #[test]
    fn lines_between_are_left_out_and_long_ones_cut() {
        let text = format!("func f() {{\n{}}}\n", "\tg()\n".repeat(59));
        let code = Excerpt::cut("a.go", &text, Some(1), &[10, 30], true).unwrap();
        let shown = code.shown(&[10, 30]);
        assert_eq!(shown, [&[1][..], &(7..=13).collect::<Vec<_>>(), &(27..=33).collect::<Vec<_>>()].concat());
        let code = Excerpt::cut("a.js", &"ö".repeat(5000), None, &[1], false).unwrap();
        assert_eq!(code.lines[0].chars().count(), MAX_LINE_CHARS + 1);
    }
}

//! Shortens names and paths that are wider than their column, in the middle, where they say least.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A name or a path in at most `width` columns: first without elements in the middle of its path, then without letters
/// in the middle.
pub(super) fn fit(name: &str, width: usize) -> String {
    if name.width() <= width {
        return name.to_owned();
    }
    // Receivers and type arguments may have slashes, too.
    let end = name.find(['(', '[', ' ', '<']).unwrap_or(name.len());
    let slashes: Vec<_> = name[..end].match_indices('/').map(|(at, _)| at).collect();
    if let Some(&first) = slashes.first() {
        for &slash in &slashes[1..] {
            let short = format!("{}/…{}", &name[..first], &name[slash..]);
            if short.width() <= width {
                return short;
            }
        }
        if let Some(&last) = slashes.last() {
            let short = format!("…{}", &name[last..]);
            if short.width() <= width {
                return short;
            }
        }
    }
    // The end of a name says more than its start.
    let room = width.saturating_sub(1);
    let tail = take_width(name.chars().rev(), room - room / 3);
    let head = take_width(name.chars(), room / 3);
    format!("{head}…{}", tail.chars().rev().collect::<String>())
}

/// The first characters that take no more than `width` columns.
fn take_width(chars: impl Iterator<Item = char>, width: usize) -> String {
    let mut left = width;
    let fits = |c: &char| match left.checked_sub(c.width().unwrap_or(0)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    chars.take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_middle() {
        assert_eq!(fit("main.create", 11), "main.create");
        assert_eq!(fit("github.com/a/b/c/store.(*Map).Put", 30), "github.com/…/store.(*Map).Put");
        assert_eq!(fit("github.com/a/b/c/store.(*Map).Put", 20), "…/store.(*Map).Put");
        assert_eq!(fit("server.(*Gateway).handleUpload.func1", 21), "server…leUpload.func1");
        assert_eq!(fit("漢字漢字漢字", 6), "…漢字");
        assert_eq!(fit("abc", 0), "…");
    }
}

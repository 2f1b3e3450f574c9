//! Shortens names and paths that are wider than their column, in the middle, where they say least.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A name or a path in at most `width` columns: first without the arguments of a C++ function, then of its templates,
/// then without elements in the middle of its path, then without letters in the middle.
pub(super) fn fit(name: &str, width: usize) -> String {
    if name.width() <= width {
        return name.to_owned();
    }
    let plain = without_arguments(name);
    let plain = if plain.width() <= width { plain } else { without_template_arguments(&plain) };
    if plain.width() <= width {
        return plain;
    }
    let name = &plain;
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

/// The name of a C++ function, with its arguments as `(…)`. Names of Go end with no bracket but that of a receiver.
fn without_arguments(name: &str) -> String {
    let end = name.trim_end_matches(" const");
    let Some(arguments) = end.strip_suffix(')') else { return name.to_owned() };
    let mut depth = 1;
    let start = arguments.char_indices().rev().find(|&(_, c)| {
        depth += match c {
            ')' => 1,
            '(' => -1,
            _ => 0,
        };
        depth == 0
    });
    match start {
        Some((at, _)) if at > 0 && !name[..at].ends_with('.') && at + 2 < end.len() => {
            format!("{}(…){}", &name[..at], &name[end.len()..])
        }
        _ => name.to_owned(),
    }
}

/// The name of a C++ function, with the arguments of templates as `<…>`.
fn without_template_arguments(name: &str) -> String {
    // An operator's name may be such a bracket.
    if !name.contains("::") || name.contains("operator") {
        return name.to_owned();
    }
    let (mut short, mut depth) = (String::new(), 0_usize);
    for c in name.chars() {
        match c {
            '<' => {
                depth += 1;
                if depth == 1 {
                    short += "<…";
                }
            }
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            short.push(c);
        }
    }
    short
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
        assert_eq!(fit("acme::Shard::insert(int, acme::Entry const&)", 30), "acme::Shard::insert(…)");
        assert_eq!(fit("acme::Shard::find(void (*)(int)) const", 30), "acme::Shard::find(…) const");
        assert_eq!(fit("std::vector<std::pair<int, int> >::push(int)", 30), "std::vector<…>::push(…)");
        assert_eq!(fit("漢字漢字漢字", 6), "…漢字");
        assert_eq!(fit("abc", 0), "…");
    }
}

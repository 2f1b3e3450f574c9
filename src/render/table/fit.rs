//! Shortens names and paths that are wider than their column, in the middle, where they say least.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A name or a path in at most `width` columns: first without the arguments of a C++ function, then of its templates,
/// then without elements in the middle of its path, then without letters in the middle.
pub(super) fn fit(name: &str, width: usize) -> String {
    fit_measured(name, width, |text| text.width())
}

/// As [`fit`]; `measure` gives the columns of a text.
fn fit_measured(name: &str, width: usize, mut measure: impl FnMut(&str) -> usize) -> String {
    if measure(name) <= width {
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
    let path = &name[..end];
    if let (Some(first), Some(last)) = (path.find('/'), path.rfind('/')) {
        let head = measure(&name[..first]) + "/…".width();
        // Each element is measured once: a name may have as many as it has letters.
        let mut tail = measure(&name[first..]);
        let mut slash = first;
        while slash < last {
            let next = path[slash + 1..].find('/').map_or(last, |at| slash + 1 + at);
            tail = tail.saturating_sub(measure(&name[slash..next]));
            slash = next;
            if head + tail <= width {
                return format!("{}/…{}", &name[..first], &name[slash..]);
            }
        }
        if "…".width() + tail <= width {
            return format!("…{}", &name[last..]);
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

    #[test]
    fn each_letter_of_a_deep_name_is_measured_a_few_times() {
        for element in ["a/", "漢/", "é\u{301}/", "/"] {
            for ending in ["f", "aVeryLongNameThatDoesNotFit.(*T).Method"] {
                let name = element.repeat(10_000) + ending;
                let mut measured = 0;
                let short = fit_measured(&name, 30, |text| {
                    measured += text.len();
                    text.width()
                });
                assert!(short.width() <= 30 && measured <= 4 * name.len(), "{element} {ending}: {measured}");
                assert_eq!(short, fit(&name, 30));
            }
        }
    }
}

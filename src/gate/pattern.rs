//! Patterns of functions and packages.

/// Whether `text` is as `pattern` says, in which `*` stands for anything.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [
            ("main.f", "main.f"),
            ("main.(*Cache).put", "main.(*Cache).put"),
            ("main.*", "main.f"),
            ("*", ""),
            ("*.init", "example.com/a.init"),
            ("a*b*c", "a1b2c"),
            ("a**c", "abc"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("main.f", "main.f1"), ("main.f", "xmain.f"), ("a*b*c", "acb"), ("", "x"), ("a*a", "a")]
        {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }
}

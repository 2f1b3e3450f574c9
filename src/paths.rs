//! Paths of any platform, in profiles and as inputs: `/` and `\` separate folders, and a drive letter with its colon is
//! one.

/// The last element of a path.
pub fn base_name(path: &str) -> &str {
    // Separators are single bytes of UTF-8.
    &path[folders(path.as_bytes())..]
}

/// The last element of a path that need not be UTF-8.
pub fn base_name_of_bytes(path: &[u8]) -> &[u8] {
    &path[folders(path)..]
}

/// The folder of a path and its last element; `None` of a path without a folder.
pub fn folder_and_name(path: &str) -> Option<(&str, &str)> {
    let (folder, name) = path.split_at(folders(path.as_bytes()));
    Some((folder.strip_suffix(['/', '\\'])?, name))
}

/// Whether a path begins with the letter of a drive and a slash.
pub fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

/// Length of all but the last element.
fn folders(path: &[u8]) -> usize {
    let drive = if matches!(path, [letter, b':', ..] if letter.is_ascii_alphabetic()) { 2 } else { 0 };
    memchr::memrchr2(b'/', b'\\', path).map_or(drive, |slash| slash + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_any_platform_are_left_out() {
        for (path, name) in [
            ("/tmp/go-build1/b001/x.test", "x.test"),
            (r"C:\Users\bob\AppData\Local\Temp\go-build1\x.test.exe", "x.test.exe"),
            ("C:/Users/bob/x.test.exe", "x.test.exe"),
            (r"\\server\share\x", "x"),
            ("C:x", "x"),
            ("x:", ""),
            ("ab:x", "ab:x"),
            ("x", "x"),
            ("", ""),
            ("/a/", ""),
        ] {
            assert_eq!(base_name(path), name, "{path}");
            assert_eq!(base_name_of_bytes(path.as_bytes()), name.as_bytes(), "{path}");
        }
        assert_eq!(folder_and_name(r"C:\a\b/c.pb"), Some((r"C:\a\b", "c.pb")));
        assert_eq!((folder_and_name("/c"), folder_and_name("c")), (Some(("", "c")), None));
        assert_eq!(["C:/a", r"d:\a", "C:a", "/a", "1:/a", ""].map(has_drive), [true, true, false, false, false, false]);
    }
}

//! go.mod files.

/// The path of the module that a go.mod declares.
pub(crate) fn module_path(go_mod: &str) -> Option<String> {
    let line = go_mod.lines().find_map(|line| line.trim().strip_prefix("module"))?;
    let path = line.split("//").next()?.trim().trim_matches('"');
    (line.starts_with([' ', '\t', '"']) && !path.is_empty()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::module_path;

    #[test]
    fn go_mod_names_its_module() {
        for text in [
            "module example.com/a\n\ngo 1.27\n",
            "// x\nmodule \"example.com/a\" // y\n",
            "go 1.27\nmodule\texample.com/a",
        ] {
            assert_eq!(module_path(text).as_deref(), Some("example.com/a"), "{text}");
        }
        assert_eq!(module_path("modules x\n"), None);
        assert_eq!(module_path("module // nothing\n"), None);
    }
}

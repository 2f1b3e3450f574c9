//! go.mod files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest go.mod that is read, bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A module: its path, and the folder of its go.mod.
pub(crate) type Module = (String, PathBuf);

/// The module that a folder is in: that of the nearest go.mod, in the folder or above it.
pub(crate) fn module_around(folder: &Path) -> Option<Module> {
    folder.ancestors().find_map(module_in)
}

/// The module whose go.mod is in a folder.
pub(crate) fn module_in(folder: &Path) -> Option<Module> {
    let path = folder.join("go.mod");
    let mut text = String::new();
    // Reading a pipe could block.
    let file = if path.is_file() { File::open(path).ok()? } else { return None };
    file.take(MAX_BYTES + 1).read_to_string(&mut text).ok()?;
    if text.len() as u64 > MAX_BYTES { None } else { Some((module_path(&text)?, folder.to_path_buf())) }
}

/// The path of the module that a go.mod declares.
fn module_path(go_mod: &str) -> Option<String> {
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

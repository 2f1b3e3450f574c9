//! go.mod files.

use std::env;
use std::path::{Path, PathBuf};
use std::str;

use crate::cli::steps::resolved_within;
use crate::input::read_small;

/// Largest go.mod that is read, bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A module: its path, and the folder of its go.mod.
pub(crate) type Module = (String, PathBuf);

/// The module that the working directory, given without links, is in: that of the nearest go.mod, in it or above it, but
/// not above its repository. As for Go, a go.mod in the system's folder of temporary files is of no module: anybody can
/// put one there.
pub(crate) fn own_module(here: &Path) -> Option<Module> {
    let shared = env::temp_dir().canonicalize().ok();
    for folder in here.ancestors().take_while(|&folder| Some(folder) != shared.as_deref()) {
        if let Some(module) = module_in(folder) {
            return Some(module);
        }
        // A file in a work tree or a submodule.
        if folder.join(".git").symlink_metadata().is_ok() {
            return None;
        }
    }
    None
}

/// The module whose go.mod is in a folder, given without links.
pub(crate) fn module_in(folder: &Path) -> Option<Module> {
    let file = resolved_within(&[folder.to_path_buf()], &folder.join("go.mod"))?;
    let bytes = read_small(&file, MAX_BYTES).ok()?;
    Some((module_path(str::from_utf8(&bytes).ok()?)?, folder.to_path_buf()))
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

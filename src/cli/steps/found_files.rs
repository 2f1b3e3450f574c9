//! The files of a report that are on this machine, so that its places can be opened.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use crate::cli::steps::sources::Sources;
use crate::report::{FoundFile, Report};

/// The files of the sites that are shown, and of their lines.
pub(crate) fn found_files(report: &Report) -> BTreeMap<String, FoundFile> {
    let (sources, here) = (Sources::new(&[]), env::current_dir().unwrap_or_default());
    let here = here.canonicalize().unwrap_or(here);
    let lines = report.sites.iter().flat_map(|site| site.main_lines()).filter_map(|line| line.file.as_deref());
    let owners = report.sites.iter().filter_map(|site| site.owner.as_ref()?.file.as_deref());
    let files = report.sites.iter().filter_map(|site| site.file.as_deref()).chain(lines).chain(owners);
    let mut found = BTreeMap::new();
    for file in files {
        if !found.contains_key(file)
            && let Some(path) = sources.locate(file)
        {
            let relative = path.strip_prefix(&here).ok().and_then(Path::to_str).map(str::to_owned);
            found.insert(file.to_owned(), FoundFile { relative, url: url(&path) });
        }
    }
    found
}

/// The URL of a file.
fn url(path: &Path) -> String {
    let mut url = "file://".to_owned();
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~+@".contains(&byte) {
            url.push(byte.into());
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_escaped() {
        assert_eq!(url(Path::new("/a b/c%;\u{1b}.go")), "file:///a%20b/c%25%3B%1B.go");
    }
}

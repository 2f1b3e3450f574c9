//! Finds the source file that a profile names: in the folders that the user allows, in Go modules there, in Go's library
//! and its module cache. A path in a profile never leads out of these.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::cli::steps::{Module, module_in, own_module, resolved_within, under};
use crate::input::{SmallFileError, read_small};
use crate::report::{Excerpt, FunctionCode, NoSource, StackGraph};
use crate::site::is_standard;

/// Largest source file that is read, bytes.
const MAX_SOURCE_BYTES: u64 = 8 << 20;
/// Folders that are searched for nested modules.
const MAX_FOLDERS: usize = 5000;
/// Levels below a root that are searched for nested modules.
const MAX_DEPTH: usize = 6;

/// The path that is shown for a file, and its text.
type Found = Result<Rc<(String, String)>, NoSource>;

/// The places where sources are looked for.
pub(crate) struct Sources {
    /// The folders that may be read, without symbolic links; the user's first.
    allowed: Vec<PathBuf>,
    /// How many of these are the user's, the working directory included.
    roots: usize,
    /// The modules of the user's folders, and the one around the working directory.
    modules: Vec<Module>,
    /// Modules within the user's folders.
    nested: OnceCell<Vec<Module>>,
    /// The folder of Go's distribution.
    library: Option<PathBuf>,
    /// The module cache.
    cache: Option<PathBuf>,
    /// Files looked up before, by their name in the profile.
    known: HashMap<String, Found>,
    /// The files that were read.
    pub(crate) read: Vec<PathBuf>,
}

impl Sources {
    /// `roots`: the folders that were named; the working directory follows them.
    pub(crate) fn new(roots: &[PathBuf]) -> Self {
        let here = env::current_dir().unwrap_or_default();
        let folder = |path: &PathBuf| path.canonicalize().ok().filter(|path| path.is_dir());
        let mut allowed: Vec<_> = roots.iter().chain([&here]).filter_map(folder).collect();
        let roots = allowed.len();
        let own = allowed.get(roots.saturating_sub(1)).and_then(|here| own_module(here));
        let modules: Vec<_> = allowed.iter().filter_map(|root| module_in(root)).chain(own).collect();
        let var = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let library = go_root(var("GOROOT")).as_ref().and_then(folder);
        let home = || Some(var("GOPATH").or_else(|| Some(var("HOME")?.join("go")))?.join("pkg/mod"));
        let cache = var("GOMODCACHE").or_else(home).as_ref().and_then(folder);
        allowed.extend(modules.iter().map(|(_, folder)| folder.clone()).chain(library.clone()).chain(cache.clone()));
        Sources {
            allowed,
            roots,
            modules,
            nested: OnceCell::new(),
            library,
            cache,
            known: HashMap::new(),
            read: Vec::new(),
        }
    }

    /// The path of a file, by its name in a profile, where such files usually are.
    pub(crate) fn locate(&self, file: &str) -> Option<PathBuf> {
        self.usual(file).into_iter().find_map(|path| resolved_within(&self.allowed, &path))
    }

    /// As [`Sources::new`], but nothing outside of `roots` and the working directory is read, not even the module
    /// around them, and nothing is searched for: for a page, which is passed on, and must not wait.
    pub(crate) fn below(roots: &[PathBuf]) -> Self {
        let mut sources = Sources::new(roots);
        sources.allowed.truncate(sources.roots);
        Sources { nested: OnceCell::from(Vec::new()), library: None, cache: None, ..sources }
    }

    /// The text of a file, by its name in a profile, and where it was found.
    pub(crate) fn find(&mut self, file: &str) -> Found {
        if let Some(known) = self.known.get(file) {
            return known.clone();
        }
        let found = self.look_up(file).map(|(path, shown, text)| {
            self.read.push(path);
            Rc::new((shown, text))
        });
        self.known.insert(file.to_owned(), found.clone());
        found
    }

    fn look_up(&self, file: &str) -> Result<(PathBuf, String, String), NoSource> {
        let candidates = self.usual(file).into_iter().chain(std::iter::once_with(|| self.unusual(file)).flatten());
        let path =
            candidates.filter_map(|path| resolved_within(&self.allowed, &path)).next().ok_or(NoSource::NotFound)?;
        let text = read(&path)?;
        let here = &self.allowed[self.roots.saturating_sub(1)];
        let shown = path.strip_prefix(here).unwrap_or(&path);
        let shown = shown.display().to_string();
        Ok((path, shown, text))
    }

    /// The paths where a file usually is.
    fn usual(&self, file: &str) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        let roots = &self.allowed[..self.roots];
        if file.starts_with('/') {
            for root in roots {
                let inside = Path::new(file).strip_prefix(root).ok().and_then(Path::to_str);
                // In a checkout elsewhere, the part after the name that the folder has here, too.
                paths.extend(inside.or_else(|| after_name(root, file)).and_then(|rest| under(root, rest)));
            }
            let after = |folder: &str| file.split_once(folder).map(|(_, rest)| rest);
            paths.extend(after("/pkg/mod/").and_then(|rest| under(self.cache.as_ref()?, rest)));
            paths.extend(after("/src/").and_then(|rest| self.in_library(rest)));
            return paths;
        }
        paths.extend(roots.iter().filter_map(|root| under(root, file)));
        // In a checkout without go.mod, the part after the name of its folder.
        paths.extend(roots.iter().filter_map(|root| under(root, after_name(root, file)?)));
        paths.extend(in_modules(&self.modules, file));
        paths.extend(self.in_library(file));
        paths.extend(self.in_cache(file));
        paths
    }

    /// Further paths, which take a walk through folders.
    fn unusual(&self, file: &str) -> Vec<PathBuf> {
        if file.starts_with('/') {
            return Vec::new();
        }
        in_modules(self.nested.get_or_init(|| nested(&self.allowed[..self.roots])), file).collect()
    }

    fn in_library(&self, file: &str) -> Option<PathBuf> {
        let package = file.strip_prefix("vendor/").map_or(file, |_| "vendor");
        (package == "vendor" || is_standard(package.as_bytes())).then_some(())?;
        under(&self.library.as_ref()?.join("src"), file)
    }

    /// `path@version/file` in the module cache, or vendored.
    fn in_cache(&self, file: &str) -> Vec<PathBuf> {
        let Some((module, rest)) = file.split_once('@') else { return Vec::new() };
        let Some((version, rest)) = rest.split_once('/') else { return Vec::new() };
        let cached = format!("{}@{}/{rest}", escaped(module), escaped(version));
        let vendored = format!("vendor/{module}/{rest}");
        let cached = self.cache.iter().filter_map(|cache| under(cache, &cached));
        cached.chain(self.modules.iter().filter_map(|(_, folder)| under(folder, &vendored))).collect()
    }
}

/// Endings of the source files whose text goes into a page.
const SOURCE_ENDINGS: [&str; 12] = ["go", "s", "c", "cc", "cpp", "cxx", "h", "hh", "hpp", "rs", "swift", "zig"];

/// Adds the sources of the functions that grew. A profile names the files, and a page is passed on: only sources are read.
pub(crate) fn add_sources(graph: &mut StackGraph, sources: &mut Sources) {
    let source = |code: &FunctionCode, sources: &mut Sources| -> Result<Excerpt, NoSource> {
        let ending = Path::new(&code.file).extension().and_then(|ending| ending.to_str());
        ending.filter(|ending| SOURCE_ENDINGS.contains(ending)).ok_or(NoSource::NotFound)?;
        let found = sources.find(&code.file)?;
        code.excerpt(&found.0, &found.1)
    };
    graph.code.iter_mut().for_each(|code| code.source = source(code, sources));
}

/// The part of a path after the name of a folder.
fn after_name<'f>(folder: &Path, file: &'f str) -> Option<&'f str> {
    let name = folder.file_name()?.to_str()?;
    file.split_once(&format!("/{name}/")).map(|(_, rest)| rest)
}

/// The paths of a file in the modules whose path it begins with.
fn in_modules<'a>(modules: &'a [Module], file: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
    modules.iter().filter_map(|(module, folder)| under(folder, file.strip_prefix(module.as_str())?.strip_prefix('/')?))
}

/// The modules in these folders, nested ones first. Follows no links, and stops after [`MAX_FOLDERS`].
fn nested(roots: &[PathBuf]) -> Vec<Module> {
    let mut left = MAX_FOLDERS;
    let mut folders: VecDeque<_> = roots.iter().map(|root| (root.clone(), 0)).collect();
    let mut modules = BTreeMap::new();
    while let Some((folder, depth)) = folders.pop_front() {
        if left == 0 {
            break;
        }
        left -= 1;
        // If a module is there twice, the first counts.
        if let Some((module, folder)) = module_in(&folder) {
            modules.entry(module).or_insert(folder);
        }
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let entries = entries.filter_map(Result::ok);
        let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
        let is_hidden = |name: &[u8]| name.starts_with(b".") || name == b"node_modules";
        let inside = entries.filter(|entry| is_folder(entry) && !is_hidden(entry.file_name().as_encoded_bytes()));
        if depth < MAX_DEPTH {
            let inside: BTreeSet<_> = inside.map(|entry| entry.path()).collect();
            folders.extend(inside.into_iter().map(|path| (path, depth + 1)));
        }
    }
    // In reverse order a nested path comes before the path that it extends.
    modules.into_iter().rev().collect()
}

/// The folder of Go's distribution: the one named, that of the `go` in PATH, or the usual one.
fn go_root(named: Option<PathBuf>) -> Option<PathBuf> {
    let of_path = || env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join("go")).find(|go| go.is_file());
    let of_go = || of_path()?.canonicalize().ok()?.ancestors().nth(2).map(Path::to_path_buf);
    let candidates = named.into_iter().chain(of_go()).chain([PathBuf::from("/usr/local/go")]);
    candidates.into_iter().find(|root| root.join("src/runtime").is_dir())
}

/// A path as the module cache spells it: a capital letter as `!` and the lower-case one.
fn escaped(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(c.to_ascii_lowercase());
    }
    escaped
}

/// The text of a source file.
fn read(path: &Path) -> Result<String, NoSource> {
    let bytes = read_small(path, MAX_SOURCE_BYTES).map_err(|error| match error {
        SmallFileError::TooLarge { .. } => NoSource::TooLarge,
        SmallFileError::Io(_) | SmallFileError::NotRegular(_) => NoSource::NotFound,
    })?;
    String::from_utf8(bytes).map_err(|_| NoSource::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_escaped() {
        assert_eq!(escaped("github.com/BurntSushi/toml@v1.0.0-RC1"), "github.com/!burnt!sushi/toml@v1.0.0-!r!c1");
    }
}

//! Where in the checkout the lines of a report are: what an annotation can point at.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::profile::{Function, Profile};
use crate::report::{Report, Source, ViolationRow};
use crate::site::{Filter, Name};

/// Looks for the source line of each violation: that of the site, or else of its owner, or else of the first
/// caller that is checked out, for which `profiles` of the later side are looked through. The report was
/// made with `filter`.
pub(super) fn find(report: &mut Report, filter: &Filter, profiles: impl Iterator<Item = Profile>) {
    let Some(judgement) = &mut report.judgement else { return };
    let checkout = Checkout::here();
    for violation in &mut judgement.violations {
        let Some(site) = violation.site.map(|site| &report.sites[site]) else { continue };
        let owner = site.owner.as_ref().map(|owner| (&owner.file, owner.line));
        let lines = [Some((&site.file, site.line)), owner];
        violation.source = lines
            .into_iter()
            .flatten()
            .find_map(|(file, line)| Some(Source { file: checkout.path(file.as_deref()?)?, line: line? }));
    }
    let missing = |violation: &&mut ViolationRow| violation.source.is_none();
    let name = |violation: &ViolationRow| report.sites[violation.site?].function.clone();
    let wanted: Vec<_> = judgement.violations.iter_mut().filter(missing).filter_map(|found| name(found)).collect();
    if wanted.is_empty() {
        return;
    }
    let mut callers = Callers::default();
    profiles.for_each(|profile| callers.add(&profile, filter, &wanted, &checkout));
    for violation in judgement.violations.iter_mut().filter(missing) {
        violation.source = name(violation).and_then(|name| callers.most(&name));
    }
}

/// By function, the lines of its callers that are checked out, and the live bytes they cause.
#[derive(Default)]
struct Callers(BTreeMap<String, BTreeMap<(String, i64), i128>>);

impl Callers {
    /// Adds the samples with one of the functions that are wanted: each to the first line behind it that is
    /// checked out.
    fn add(&mut self, profile: &Profile, filter: &Filter, wanted: &[String], checkout: &Checkout) {
        let functions = profile.functions();
        let folded = |name| Name::new(profile.string(name)).text().into_owned();
        let wanted: Vec<_> = functions.iter().map(|function| wanted.contains(&folded(function.name))).collect();
        let path = |function: &Function| {
            let (name, file) = (profile.string(function.name), profile.string(function.filename));
            let file =
                filter.keeps_function(name, file).then(|| String::from_utf8_lossy(filter.trim_path.trim(file)))?;
            checkout.path(&file)
        };
        let paths: Vec<_> = functions.iter().map(path).collect();
        profile.samples().for_each(|sample| {
            let lines = sample.stack.iter().flat_map(|&id| profile.lines_of(id)).map(|at| profile.lines()[at as usize]);
            let mut behind = lines.skip_while(|line| !wanted[{ line.function }.index()]);
            let Some(site) = behind.next() else { return };
            let found = behind.find_map(|line| Some((paths[{ line.function }.index()].clone()?, line.line)));
            if let Some(place) = found {
                let name = folded(functions[{ site.function }.index()].name);
                *self.0.entry(name).or_default().entry(place).or_default() += i128::from(sample.space);
            }
        });
    }

    /// The line that causes most.
    fn most(&self, function: &str) -> Option<Source> {
        let (place, _) = self.0.get(function)?.iter().max_by_key(|(_, space)| **space)?;
        Some(Source { file: place.0.clone(), line: place.1 })
    }
}

/// What is checked out where the program runs.
struct Checkout {
    /// Paths are given relative to it.
    root: PathBuf,
    /// The path of the module, and the folder of its go.mod.
    module: Option<(String, PathBuf)>,
}

impl Checkout {
    fn here() -> Self {
        let here = env::current_dir().unwrap_or_default();
        let module = here.ancestors().find_map(|folder| {
            let text = fs::read_to_string(folder.join("go.mod")).ok()?;
            Some((module_path(&text)?, folder.to_path_buf()))
        });
        // Where the job checked out, whatever folder it works in.
        let workspace = env::var_os("GITHUB_WORKSPACE").map(PathBuf::from).filter(|folder| here.starts_with(folder));
        Checkout { root: workspace.unwrap_or(here), module }
    }

    /// The path of a file of a profile, if it is checked out.
    fn path(&self, file: &str) -> Option<String> {
        let of_module = self.module.as_ref().and_then(|(module, folder)| {
            let rest = file.strip_prefix(module.as_str())?.strip_prefix('/')?;
            Some(folder.join(rest))
        });
        let found = of_module.into_iter().chain([self.root.join(file)]).find(|path| path.is_file())?;
        found.strip_prefix(&self.root).map(Path::to_path_buf).ok()?.to_str().map(str::to_owned)
    }
}

/// The path of the module that a go.mod declares.
pub(super) fn module_path(go_mod: &str) -> Option<String> {
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

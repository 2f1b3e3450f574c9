//! Where in the checkout the lines of a report are, so that annotations can point at them.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};
use std::slice;

use crate::cli::steps::{Module, own_module, resolved_within, under};
use crate::profile::{Function, Profile};
use crate::report::{Report, Source};
use crate::site::{Filter, Name};

/// Sets the source line of each site that breaks a rule, or is warned of, and of the most grown one where the whole heap breaks
/// one: that of the site, or else of its owner, or else of the first caller that is checked out. `profiles` of the current side have the callers; `filter` is the one that the report was made with.
pub(crate) fn find(report: &mut Report, filter: &Filter, profiles: impl Iterator<Item = Profile>) {
    let Some(result) = &report.gate else { return };
    let checkout = Checkout::here();
    let mut missing = BTreeSet::new();
    let broken = result.violations.iter().filter_map(|found| found.site.or(found.most_grown.first().copied()));
    let larger = result.must_see.iter().flat_map(|must_see| &must_see.larger).map(|found| found.site);
    for at in broken.chain(larger) {
        let site = &mut report.sites[at];
        let owner = site.owner.as_ref().map(|owner| (&owner.file, owner.line));
        let lines = [Some((&site.file, site.line)), owner];
        site.source = lines
            .into_iter()
            .flatten()
            .find_map(|(file, line)| Some(Source { file: checkout.path(file.as_deref()?)?, line: line? }));
        if site.source.is_none() && site.function.is_some() {
            missing.insert(at);
        }
    }
    if missing.is_empty() {
        return;
    }
    let wanted: Vec<_> = missing.iter().filter_map(|&at| report.sites[at].function.clone()).collect();
    let mut callers = Callers::default();
    profiles.for_each(|profile| callers.add(&profile, filter, &wanted, &checkout));
    for at in missing {
        let site = &mut report.sites[at];
        site.source = site.function.as_ref().and_then(|name| callers.most(name));
    }
}

/// By function, the lines of its callers that are checked out, and the live bytes that each causes.
#[derive(Default)]
struct Callers(BTreeMap<String, BTreeMap<(String, i64), i128>>);

impl Callers {
    /// Adds each sample with one of the `wanted` functions to the first line above it that is checked out.
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
            let lines =
                sample.stack.iter().flat_map(|&id| profile.line_range(id)).map(|at| profile.lines()[at as usize]);
            let mut from_site = lines.skip_while(|line| !wanted[{ line.function }.index()]);
            let Some(site) = from_site.next() else { return };
            let found = from_site.find_map(|line| Some((paths[{ line.function }.index()].clone()?, line.line)));
            if let Some(place) = found {
                let name = folded(functions[{ site.function }.index()].name);
                *self.0.entry(name).or_default().entry(place).or_default() += i128::from(sample.space);
            }
        });
    }

    /// The line that causes most bytes.
    fn most(&self, function: &str) -> Option<Source> {
        let (place, _) = self.0.get(function)?.iter().max_by_key(|(_, space)| **space)?;
        Some(Source { file: place.0.clone(), line: place.1 })
    }
}

/// The checkout that the program runs in.
struct Checkout {
    /// The folder that paths are relative to, without links.
    root: PathBuf,
    module: Option<Module>,
}

impl Checkout {
    fn here() -> Self {
        let without_links = |folder: PathBuf| folder.canonicalize().unwrap_or(folder);
        let here = without_links(env::current_dir().unwrap_or_default());
        let module = own_module(&here);
        // The folder that the job checked out to, even if it works in another.
        let workspace = env::var_os("GITHUB_WORKSPACE").map(PathBuf::from).map(without_links);
        Checkout { root: workspace.filter(|folder| here.starts_with(folder)).unwrap_or(here), module }
    }

    /// The path of a file of a profile, if it is checked out.
    fn path(&self, file: &str) -> Option<String> {
        let of_module = self.module.as_ref().and_then(|(module, folder)| {
            let rest = file.strip_prefix(module.as_str())?.strip_prefix('/')?;
            under(folder, rest)
        });
        let file = Path::new(file).is_absolute().then(|| PathBuf::from(file)).or_else(|| under(&self.root, file));
        let candidates = of_module.into_iter().chain(file);
        let found = candidates.filter_map(|path| resolved_within(slice::from_ref(&self.root), &path)).next()?;
        found.strip_prefix(&self.root).ok()?.to_str().map(str::to_owned)
    }
}

//! Where in the checkout the lines of a report are, so that annotations can point at them.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};
use std::slice;

use crate::cli::steps::{Module, own_module, resolved_within, under};
use crate::paths::base_name;
use crate::profile::{Function, Profile};
use crate::report::{Finding, Note, Report, SiteRow, Source};
use crate::site::{Filter, Name, RuntimeClass, import_path, is_standard};

/// Sets the source line of each site that breaks a rule, or is warned of, and of the most grown one where the whole heap
/// breaks one: that of the site, or else of its owner, or else of the first caller that is checked out; of goroutines that of
/// the program's own code at which most of them wait. Keeps a note on the first site of the program's own that has none.
/// `profiles` of the current side have the callers; `filter` is the one that the report was made with.
pub(crate) fn find(report: &mut Report, filter: &Filter, profiles: impl Iterator<Item = Profile>) {
    let checkout = Checkout::here();
    let waiting = waiting(&report.findings, &checkout);
    let Some(result) = &mut report.gate else { return };
    for found in &mut result.leaked {
        found.source = waiting.iter().find(|(owner, _)| *owner == found.function).map(|(_, place)| place.clone());
    }
    let mut missing = BTreeSet::new();
    let broken = result.violations.iter().filter_map(|found| found.site.or(found.most_grown.first().copied()));
    let larger = result.must_see.iter().flat_map(|must_see| &must_see.larger).map(|found| found.site);
    let failing: Vec<_> = broken.chain(larger).collect();
    for &at in &failing {
        let site = &mut report.sites[at];
        let owner = site.owner.as_ref().map(|owner| (&owner.function, &owner.file, owner.line));
        let lines = [site.function.as_ref().map(|function| (function, &site.file, site.line)), owner];
        let found = lines
            .into_iter()
            .flatten()
            .find_map(|(function, file, line)| Some((checkout.file_of(function.as_bytes(), file.as_deref()?)?, line?)));
        let is_goroutines = site.runtime_class == Some(RuntimeClass::Goroutines);
        let found = found.or_else(|| waiting.first().filter(|_| is_goroutines).map(|(_, place)| place.clone()));
        site.source = found.map(|(file, line)| Source { file, line });
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
    for &at in &missing {
        let site = &mut report.sites[at];
        site.source = site.function.as_ref().and_then(|name| callers.most(name));
    }
    let sourceless = failing.into_iter().map(|at| &report.sites[at]).filter(|site| site.source.is_none());
    report.sourceless = sourceless.into_iter().find_map(|site| checkout.note_on(site));
}

/// Where goroutines wait that there are more of, if that is checked out: function, file and line, the most grown first.
fn waiting(findings: &[Finding], checkout: &Checkout) -> Vec<(String, (String, i64))> {
    let courses = findings.iter().filter_map(|finding| match finding {
        Finding::Leaked(course) | Finding::Goroutines(course) => Some(course),
        _ => None,
    });
    let grown = courses.flat_map(|course| &course.groups).filter(|found| found.delta() > 0);
    grown
        .filter_map(|found| {
            let (owner, (file, line)) = (&found.group.owner, found.place.as_ref()?);
            Some((owner.clone(), (checkout.file_of(owner.as_bytes(), file)?, *line)))
        })
        .collect()
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
            checkout.file_of(name, &file)
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

/// Most beginnings of a path that are tried as the root of another machine's checkout.
const MAX_ROOTS: usize = 16;

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

    /// The path of the file of a function, if it is checked out: by its path in the profile, or else, where that is of another
    /// machine, by its package in the module.
    fn file_of(&self, function: &[u8], file: &str) -> Option<String> {
        self.path(file).or_else(|| {
            let package = import_path(Name::new(function).package()?);
            let (module, _) = self.module.as_ref()?;
            let is_own =
                package.strip_prefix(module.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            // Tests of another package are in the same folder.
            let package = match file.ends_with("_test.go") {
                true => package.strip_suffix("_test").unwrap_or(&package),
                false => &package,
            };
            is_own.then(|| self.path(&format!("{package}/{}", base_name(file)))).flatten()
        })
    }

    /// That a site of the program's own has no source here, and how its path is made to fit.
    fn note_on(&self, site: &SiteRow) -> Option<Note> {
        let is_library = site.package.as_deref().is_none_or(|package| is_standard(package.as_bytes()));
        let file =
            site.file.as_ref().filter(|file| !is_library && !file.contains('@') && !file.contains("/vendor/"))?;
        // The parts of the path that are not here, such as /build of /build/server/server.go.
        let mut roots = file.match_indices('/').filter(|(at, _)| *at > 0).take(MAX_ROOTS).map(|(at, _)| &file[..at]);
        let root = roots.find(|root| self.path(&file[root.len() + 1..]).is_some());
        Some(Note::SourceNotFound { function: site.name.clone(), file: file.clone(), root: root.map(str::to_owned) })
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

//! A runner of GitHub Actions, as far as the manual's workflows and this project's action need one: steps with
//! conditions, expressions and files of commands, caches and artifacts. Shells run for real; `gh` is `tests/suite/gh`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::ci_module::{copy, git};
use crate::run::{folder, root, run};

/// A repository on a server: its caches, artifacts, pull requests and comments, over all its jobs.
pub struct Repository {
    folder: PathBuf,
    /// `url` of the action's inputs: where the files of the release are.
    pub release: String,
}

/// What starts a job.
#[derive(Default)]
pub struct Event<'a> {
    pub name: &'a str,
    /// Values of `github.` beside those that every job has, such as `event.pull_request.number`.
    pub github: Vec<(&'a str, String)>,
}

/// What a job came to.
#[derive(Debug)]
pub struct Outcome {
    /// Of the step that failed, or 0.
    pub exit: i32,
    /// Everything the steps printed.
    pub log: String,
    /// The job's summary, in Markdown.
    pub summary: String,
    /// Outputs of the steps with an id, as `steps.ID.outputs.NAME`.
    pub outputs: BTreeMap<String, String>,
}

/// A job while it runs.
struct Job<'a> {
    repository: &'a Repository,
    checkout: &'a Path,
    temporary: PathBuf,
    variables: BTreeMap<String, String>,
    log: String,
}

/// What expressions of a list of steps can name.
type Context = BTreeMap<String, String>;

impl Repository {
    pub fn new(name: &str) -> Repository {
        let folder = folder(&format!("repository-{name}"));
        fs::create_dir_all(folder.join("caches")).unwrap();
        Repository { folder, release: String::new() }
    }

    /// The folder of `gh`'s stand-in.
    pub fn server(&self) -> &Path {
        &self.folder
    }

    /// The comments of the pull request, as the server holds them.
    pub fn comments(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("comments.json")).unwrap_or_else(|_| "[]".to_owned());
        let comments: Vec<Value> = serde_json::from_str(&text).unwrap();
        comments.iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }

    /// What the server answers for a list of pull requests.
    pub fn set_pulls(&self, pulls: &Value) {
        fs::write(self.folder.join("pulls.json"), pulls.to_string()).unwrap();
    }

    /// Commits that profiles are kept of.
    pub fn kept(&self) -> Vec<String> {
        let caches = fs::read_dir(self.folder.join("caches")).unwrap().map(|entry| entry.unwrap().file_name());
        caches.map(|key| key.to_str().unwrap().rsplit('-').next().unwrap().to_owned()).collect()
    }

    /// Runs a job of a workflow in a checkout.
    pub fn run(&self, workflow: &Value, job: &str, checkout: &Path, event: &Event<'_>) -> Outcome {
        let temporary = self.folder.join("temporary");
        let _ = fs::remove_dir_all(&temporary);
        fs::create_dir_all(&temporary).unwrap();
        let job_text = &workflow["jobs"][job];
        let may_write = workflow["permissions"]["pull-requests"] == "write";
        let mut github: Context =
            event.github.iter().map(|(name, value)| (format!("github.{name}"), value.clone())).collect();
        let mut set = |name: &str, value: &str| {
            github.entry(format!("github.{name}")).or_insert_with(|| value.to_owned());
        };
        let head = git(checkout, &["rev-parse", "HEAD"]);
        for (name, value) in [
            ("event_name", event.name),
            ("repository", "example/svc"),
            ("run_id", "42"),
            ("server_url", "https://forge.test"),
            ("sha", &head),
            ("token", if may_write { "writes" } else { "reads" }),
            ("workspace", checkout.to_str().unwrap()),
        ] {
            set(name, value);
        }
        let mut variables: BTreeMap<String, String> =
            ["event_name", "repository", "server_url", "sha", "workspace", "base_ref"]
                .iter()
                .filter_map(|name| {
                    Some((format!("GITHUB_{}", name.to_uppercase()), github.get(&format!("github.{name}"))?.clone()))
                })
                .collect();
        variables.extend(
            [
                ("RUNNER_OS", "Linux"),
                ("RUNNER_ARCH", if cfg!(target_arch = "aarch64") { "ARM64" } else { "X64" }),
                ("RUNNER_TEMP", temporary.to_str().unwrap()),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let mut context = github;
        context.insert("runner.temp".to_owned(), temporary.to_str().unwrap().to_owned());
        variables.extend(texts(&job_text["env"], &context));
        let mut job = Job { repository: self, checkout, temporary, variables, log: String::new() };
        let exit = job.steps(&job_text["steps"], &mut context, None);
        let summary = fs::read_to_string(job.temporary.join("summary")).unwrap_or_default();
        Outcome { exit, log: job.log, summary, outputs: context }
    }
}

impl Job<'_> {
    /// Runs steps until one fails, and those for always; returns the exit code of the one that failed, or 0.
    fn steps(&mut self, steps: &Value, context: &mut Context, action: Option<&Path>) -> i32 {
        let mut failed = 0;
        for step in steps.as_array().unwrap() {
            let condition = step["if"].as_str().unwrap_or_default();
            let is_due = condition.is_empty() || !evaluate(condition, context).is_empty();
            if !is_due || failed != 0 && !condition.contains("always()") {
                continue;
            }
            let (exit, outputs) = match step["uses"].as_str() {
                Some(uses) => self.uses(uses, &texts(&step["with"], context), context),
                None => self.script(step, context, action),
            };
            if let Some(id) = step["id"].as_str() {
                let outcome = if exit == 0 { "success" } else { "failure" };
                context.insert(format!("steps.{id}.outcome"), outcome.to_owned());
                context.extend(outputs.into_iter().map(|(name, value)| (format!("steps.{id}.outputs.{name}"), value)));
            }
            if exit != 0 && failed == 0 && step["continue-on-error"] != true {
                failed = exit;
            }
        }
        failed
    }

    fn script(&mut self, step: &Value, context: &Context, action: Option<&Path>) -> (i32, Vec<(String, String)>) {
        let text = step["run"].as_str().unwrap();
        assert!(!text.contains("${{"), "an expression in a script is a way in for who names a branch: {text}");
        let output = self.temporary.join("output");
        fs::write(&output, "").unwrap();
        let stubs = root().join("tests/suite/bin");
        let path = format!("{}:{}", stubs.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", text])
            .current_dir(self.checkout)
            .env_clear();
        for name in ["HOME", "GOROOT", "GOFLAGS", "GOCACHE", "GOTOOLCHAIN"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("PATH", path).env("SERVER", &self.repository.folder).envs(&self.variables);
        command.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", self.temporary.join("summary"));
        if let Some(action) = action {
            command.env("GITHUB_ACTION_PATH", action);
        }
        let ran = run(
            {
                command.envs(texts(&step["env"], context));
                command
            },
            None,
        );
        self.log += &format!("{}{}", ran.stdout, ran.stderr);
        let outputs = fs::read_to_string(&output).unwrap();
        let outputs = outputs.lines().map(|line| line.split_once('=').unwrap());
        (ran.exit, outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn uses(&mut self, uses: &str, with: &BTreeMap<String, String>, context: &Context) -> (i32, Vec<(String, String)>) {
        let (name, version) = uses.rsplit_once('@').unwrap();
        let store = &self.repository.folder;
        let place = |path: &str| self.checkout.join(path);
        match name {
            "actions/checkout" | "actions/setup-go" => {}
            "actions/cache/restore" => {
                let keys = fs::read_dir(store.join("caches")).unwrap().map(|entry| entry.unwrap().path());
                let is_key = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap() == with["key"];
                let is_like =
                    |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(&with["restore-keys"]);
                let mut keys: Vec<_> = keys.filter(is_like).collect();
                keys.sort_by_key(|path| (is_key(path), fs::metadata(path).unwrap().modified().unwrap()));
                let Some(found) = keys.pop() else { return (0, Vec::new()) };
                copy(&found, &place(&with["path"]));
                let found = found.file_name().unwrap().to_str().unwrap().to_owned();
                return (0, vec![("cache-matched-key".to_owned(), found)]);
            }
            "actions/cache/save" => {
                let cache = store.join("caches").join(&with["key"]);
                if !cache.exists() {
                    copy(&place(&with["path"]), &cache);
                }
            }
            "actions/upload-artifact" => copy(&place(&with["path"]), &store.join("artifacts").join(&with["name"])),
            "actions/download-artifact" => {
                let artifact = store.join("artifacts").join(&with["name"]);
                if !artifact.exists() {
                    self.log += "Unable to download artifact(s): Artifact not found\n";
                    return (1, Vec::new());
                }
                copy(&artifact, &place(&with["path"]));
            }
            "github/codeql-action/upload-sarif" => {
                let sarif: Value = serde_json::from_slice(&fs::read(place(&with["sarif_file"])).unwrap()).unwrap();
                assert_eq!(sarif["version"], "2.1.0");
            }
            _ => {
                let (_, path) = name.split_once("/heapdiff/").unwrap_or_else(|| panic!("uses {uses}"));
                assert_eq!(version, concat!("v", env!("CARGO_PKG_VERSION")), "{uses}");
                return self.composite(&root().join(path), with, context);
            }
        }
        (0, Vec::new())
    }

    fn composite(
        &mut self,
        action: &Path,
        with: &BTreeMap<String, String>,
        outer: &Context,
    ) -> (i32, Vec<(String, String)>) {
        let text: Value = yaml(&fs::read_to_string(action.join("action.yml")).unwrap());
        let mut context: Context = outer
            .iter()
            .filter(|(name, _)| name.starts_with("github."))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        context.insert("github.action_repository".to_owned(), "someone/heapdiff".to_owned());
        let declared = text["inputs"].as_object().unwrap();
        assert!(with.keys().all(|name| declared.contains_key(name)), "{with:?}");
        for (name, input) in declared {
            let value = with.get(name).cloned().or_else(|| input["default"].as_str().map(str::to_owned));
            let value = value.filter(|value| name != "url" || !value.is_empty());
            let value = if name == "url" { value.or_else(|| Some(self.repository.release.clone())) } else { value };
            context.insert(format!("inputs.{name}"), value.unwrap_or_else(|| panic!("input {name} is required")));
        }
        let exit = self.steps(&text["runs"]["steps"], &mut context, Some(action));
        let outputs = text["outputs"].as_object().unwrap().iter();
        (
            exit,
            outputs
                .map(|(name, output)| (name.clone(), substitute(output["value"].as_str().unwrap(), &context)))
                .collect(),
        )
    }
}

/// A YAML document.
pub fn yaml(text: &str) -> Value {
    serde_yaml_ng::from_str(text).unwrap()
}

/// A map of texts in which expressions are replaced by their values.
fn texts(map: &Value, context: &Context) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let entries = map.as_object().into_iter().flatten();
    entries.map(|(name, value)| (name.clone(), substitute(&text(value), context))).collect()
}

fn substitute(text: &str, context: &Context) -> String {
    let mut parts = text.split("${{");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        let (expression, rest) = part.split_once("}}").unwrap();
        text + &evaluate(expression, context) + rest
    })
}

/// The value of an expression; empty is false.
fn evaluate(expression: &str, context: &Context) -> String {
    let expression = expression.trim();
    let truth = |is: bool| if is { "true".to_owned() } else { String::new() };
    if let Some((left, right)) = expression.split_once("||") {
        return Some(evaluate(left, context))
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| evaluate(right, context));
    }
    if let Some((left, right)) = expression.split_once("&&") {
        return if evaluate(left, context).is_empty() { String::new() } else { evaluate(right, context) };
    }
    if let Some((left, right)) = expression.split_once("!=") {
        return truth(evaluate(left, context) != evaluate(right, context));
    }
    if let Some((left, right)) = expression.split_once("==") {
        return truth(evaluate(left, context) == evaluate(right, context));
    }
    if let Some(text) = expression.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return text.to_owned();
    }
    if expression == "always()" {
        return truth(true);
    }
    let known = ["github.", "inputs.", "steps.", "runner."];
    assert!(known.iter().any(|prefix| expression.starts_with(prefix)), "{expression}");
    context.get(expression).cloned().unwrap_or_default()
}

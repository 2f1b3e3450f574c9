//! Runs the command of a golden file and compares.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

use super::{diff, filter, fixtures};
use crate::run::{Ran, assert_valid, command, folder, root, run};

/// The folder that commands run in. They only read the fixtures.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = folder("transcripts");
    fixtures::write_all(&folder);
    folder
});

/// Runs the command in the first line of a golden file and compares the rest with what it printed, or, with
/// `HEAPDIFF_UPDATE` set, writes it there.
pub fn check(test: &str) {
    let path = goldens().join(test.replace('_', "-")).with_extension("txt");
    let golden = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; mod.rs says how to add a transcript", path.display()));
    let first = golden.lines().next().unwrap_or_default();
    let line = first.strip_prefix("$ ").unwrap_or_else(|| panic!("{}: starts with no `$ command`", path.display()));
    let found = transcript(&FOLDER, line);
    if env::var_os("HEAPDIFF_UPDATE").is_some() {
        fs::write(&path, found).unwrap();
    } else if golden != found {
        panic!(
            "{} (-) and the program (+) differ; if this is meant, HEAPDIFF_UPDATE=1 rewrites it\n{}",
            path.strip_prefix(root()).unwrap().display(),
            diff::lines(&golden, &found)
        );
    }
}

/// Fails for a golden file that no test has the name of. A test without a file fails by itself.
pub fn check_names(tests: &[&str]) {
    let tests: BTreeSet<_> = tests.iter().map(|name| format!("{}.txt", name.replace('_', "-"))).collect();
    let files: BTreeSet<_> =
        fs::read_dir(goldens()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let untested: Vec<_> = files.difference(&tests).collect();
    assert!(untested.is_empty(), "files that the list of transcripts does not name: {untested:?}");
}

fn goldens() -> PathBuf {
    root().join("testdata/cases")
}

fn transcript(folder: &Path, line: &str) -> String {
    let (shell, filter) = match line.split_once(" | ") {
        Some((shell, filter)) => (shell, Some(filter)),
        None => (line, None),
    };
    let (words, input) = match shell.split_once(" < ") {
        Some((words, file)) => (words, Some(fs::read(folder.join(file)).unwrap())),
        None => (shell, None),
    };
    let mut words = words.split(' ').peekable();
    let mut environment = Vec::new();
    while let Some(set) = words.next_if(|word| *word != "heapdiff") {
        environment.push(set.split_once('=').unwrap());
    }
    let args: Vec<_> = words.skip(1).collect();
    let ran = heapdiff(folder, &args, &environment, input.as_deref());
    if args.contains(&"--json") && ran.exit == 0 {
        assert_valid(&serde_json::from_str(&ran.stdout).unwrap());
    }
    // Colours are readable, and a golden is text.
    let stdout = ran.stdout.replace('\u{1b}', "\\e");
    let shown = match filter.map(|filter| filter.split(", ").collect::<Vec<_>>()).as_deref() {
        None => stdout,
        Some(["numbers", kept @ ..]) => filter::numbers(&stdout, kept),
        Some(["news"]) => filter::news(&stdout, &heapdiff(folder, &["--help"], &[], None).stdout),
        Some(other) => panic!("no such filter: {other:?}"),
    };
    format!("$ {line}\nexit {}\n--- stdout\n{shown}--- stderr\n{}", ran.exit, ran.stderr)
}

fn heapdiff(folder: &Path, args: &[&str], environment: &[(&str, &str)], input: Option<&[u8]>) -> Ran {
    let mut command = command(folder, args);
    // No library's source is found, on any machine.
    for variable in ["GOROOT", "GOMODCACHE", "PATH"] {
        command.env(variable, "/nowhere");
    }
    command.envs(environment.iter().copied());
    run(command, input)
}

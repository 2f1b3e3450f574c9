//! Checkouts of changes to the module `testdata/ci`, as a runner of GitHub or GitLab makes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{folder, root};

/// What a change does to `server/server.go`: texts and what they become.
pub type Change = &'static [(&'static str, &'static str)];

pub const NOTHING: Change = &[("// ServeHTTP serves", "// ServeHTTP answers")];
pub const REFACTOR: Change = &[("s.open(user)", "newSession(user)"), ("func (s *Server) open(", "func newSession(")];
pub const LEAK: Change = &[("delete(s.sessions, user)", "s.sessions[user].state[0] = 1")];
/// Allocates twice for each log-in, and keeps no more than before.
pub const TWICE: Change = &[("s.sessions[user] = s.open(user)", "for range 2 { s.sessions[user] = s.open(user) }")];

/// A checkout of the merge of a change into main, as for a pull request; also the commit of main.
pub fn merge(name: &str, change: Change, base_has_test: bool) -> (PathBuf, String) {
    let repository = folder(&format!("ci-{name}"));
    copy(&root().join("testdata/ci"), &repository);
    let test = repository.join("server/heap_test.go");
    let text = fs::read(&test).unwrap();
    if !base_has_test {
        fs::remove_file(&test).unwrap();
    }
    git(&repository, &["init", "--quiet"]);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "--quiet", "-m", "base"]);
    git(&repository, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let base = git(&repository, &["rev-parse", "HEAD"]);
    git(&repository, &["checkout", "--quiet", "-b", "change"]);
    fs::write(&test, text).unwrap();
    apply(&repository, change);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "--quiet", "-m", "change"]);
    git(&repository, &["checkout", "--quiet", "--detach", &base]);
    git(&repository, &["merge", "--quiet", "--no-ff", "-m", "merge", "change"]);
    (repository, base)
}

/// Makes the change to a checkout's source.
pub fn apply(repository: &Path, change: Change) {
    let source = repository.join("server/server.go");
    let changed = change.iter().fold(fs::read_to_string(&source).unwrap(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    });
    fs::write(source, changed).unwrap();
}

/// The line of the module's source that allocates sessions.
pub fn line_of_leak() -> usize {
    let source = fs::read_to_string(root().join("testdata/ci/server/server.go")).unwrap();
    1 + source.lines().position(|line| line.contains("&session{")).unwrap()
}

/// Whether Go and the other tools of a runner are there. `.ci/run` installs them.
pub fn has_tools() -> bool {
    let has = |tool: &str, arg: &str| Command::new(tool).arg(arg).output().is_ok_and(|output| output.status.success());
    let tools = [("go", "version"), ("git", "--version"), ("curl", "--version"), ("jq", "--version")];
    let missing: Vec<_> = tools.iter().filter(|(tool, arg)| !has(tool, arg)).collect();
    assert!(missing.is_empty() || std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "not installed: {missing:?}");
    missing.is_empty()
}

pub fn git(repository: &Path, args: &[&str]) -> String {
    let identity = ["-c", "user.name=A Developer", "-c", "user.email=dev@example.com", "-c", "init.defaultBranch=main"];
    // The same commits every time have the same ids.
    let dates = ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"].map(|name| (name, "2026-01-02T03:04:05Z"));
    let output = Command::new("git").args(identity).args(args).current_dir(repository).envs(dates).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Copies a file or a folder over what is there.
pub fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

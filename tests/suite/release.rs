//! A release on a server of the test's own: archives as `.ci/release` makes them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use crate::run::{folder, root};
use crate::server::{Server, ok, send, unknown};

/// The files of the release for this machine: the archive and SHA256SUMS. The program in the archive is a script that
/// starts the one that is tested, which with its debug information is large.
pub fn files() -> PathBuf {
    static FILES: LazyLock<PathBuf> = LazyLock::new(|| {
        let dist = folder("release");
        let program = dist.join("heapdiff");
        fs::write(&program, format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_heapdiff"))).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let target = target();
        let mut made = Command::new("bash");
        made.arg(root().join(".ci/release")).args(["archive", target]).arg(&program).env("DIST", &dist);
        let made = made.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let name = format!("heapdiff-v{}-{target}", env!("CARGO_PKG_VERSION"));
        assert_eq!(String::from_utf8(made.stdout).unwrap(), format!("{}/{name}.tar.gz\n", dist.display()));
        dist
    });
    FILES.clone()
}

fn target() -> &'static str {
    if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-musl" } else { "x86_64-unknown-linux-musl" }
}

/// Serves the release, each file changed by `change`, which gets its name; `None` is not there.
pub fn serve(change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>> + Send + 'static) -> Server {
    let files = files();
    Server::start(move |_, target, stream| {
        let name = target.trim_start_matches("/release/");
        let body = fs::read(files.join(name)).ok().and_then(|bytes| change(name, bytes));
        send(stream, &body.map_or_else(unknown, |body| ok("", &body)));
    })
}

#[test]
fn an_archive_has_what_a_user_needs() {
    let name = format!("heapdiff-v{}-{}", env!("CARGO_PKG_VERSION"), target());
    let listed = Command::new("tar").arg("tzf").arg(files().join(format!("{name}.tar.gz"))).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for file in [
        "heapdiff",
        "heapdiff.1",
        "README.md",
        "LICENSE",
        "THIRD-PARTY-LICENSES",
        "completions/heapdiff.bash",
        "completions/heapdiff.zsh",
    ] {
        assert!(listed.lines().any(|line| line == format!("{name}/{file}")), "{file}: {listed}");
    }
    assert!(listed.lines().all(|line| line.starts_with(&format!("{name}/"))), "{listed}");
}

#[test]
fn an_archive_can_be_verified_and_tried_where_it_was_unpacked() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let name = format!("heapdiff-v{}-{}", env!("CARGO_PKG_VERSION"), target());
    let folder = folder("release-tried");
    for file in [&format!("{name}.tar.gz"), "SHA256SUMS"] {
        fs::copy(files().join(file), folder.join(file)).unwrap();
    }
    let verify = "sha256sum --check --ignore-missing SHA256SUMS";
    assert!(readme.contains(&format!("\n{verify} && tar xzf ")));
    let first = readme.lines().find_map(|line| line.strip_prefix("$ heapdiff ")).unwrap();
    let lines = format!("{verify}\ntar xzf {name}.tar.gz\ncd {name}\n./heapdiff {first}");
    let mut shell = Command::new("bash");
    shell.args(["-e", "-c", &lines]).current_dir(&folder);
    let ran = crate::run::run(shell, None);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let answer = format!("{name}.tar.gz: OK\nmain.(*store).create grew by 10.5 MiB");
    assert!(ran.stdout.starts_with(&answer), "{}", ran.stdout);
}

#[test]
fn a_release_needs_the_version_and_the_address_in_the_manifest() {
    let workflow = crate::runner::yaml(&fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap());
    let script = workflow["jobs"]["names"]["steps"][1]["run"].as_str().unwrap().to_owned();
    let folder = folder("release-names");
    let exit = |tag: &str, repository: &str| {
        fs::write(folder.join("Cargo.toml"), format!("version = \"1.2.3\"\n{repository}")).unwrap();
        let mut names = Command::new("bash");
        names.args(["-e", "-c", &script]).current_dir(&folder).env("GITHUB_REF_NAME", tag);
        names.env("GITHUB_SERVER_URL", "https://forge.test").env("GITHUB_REPOSITORY", "someone/heapdiff");
        crate::run::run(names, None).exit
    };
    let repository = "repository = \"https://forge.test/someone/heapdiff\"\n";
    assert_eq!(exit("v1.2.3", repository), 0);
    assert_eq!(exit("v1.2.4", repository), 1);
    assert_eq!(exit("v1.2.3", ""), 1);
}

/// The first commands of README, on a server in place of the real one.
#[test]
fn the_lines_of_the_readme_install_a_release() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let lines =
        readme.split_once("## Install").unwrap().1.split_once("```sh\n").unwrap().1.split_once("```").unwrap().0;
    let server = serve(|_, bytes| Some(bytes));
    let name = format!("heapdiff-v{}-x86_64-unknown-linux-musl", env!("CARGO_PKG_VERSION"));
    let page = format!("https://github.com/OWNER/heapdiff/releases/download/v{}", env!("CARGO_PKG_VERSION"));
    assert!(lines.starts_with(&format!("page={page} name={name}\n")), "{lines}");
    let folder = folder("release-installed");
    let lines = lines
        .replace(&page, &server.url("/release"))
        .replace(&name, &name.replace("x86_64-unknown-linux-musl", target()))
        .replace("sudo ", "")
        .replace("/usr/local/bin", &folder.display().to_string());
    let run = |lines: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", lines]).current_dir(&folder);
        crate::run::run(shell, None)
    };
    let ran = run(&lines);
    assert!(ran.exit == 0 && ran.stdout.contains(".tar.gz: OK\n"), "{}{}", ran.stdout, ran.stderr);
    // What is not the file of the release is not installed.
    let ran = run(&lines.replace("sha256sum --check", "echo >>\"$name.tar.gz\"; sha256sum --check"));
    assert!(ran.exit != 0 && ran.stdout.contains(".tar.gz: FAILED\n"), "{}{}", ran.stdout, ran.stderr);
    let version = Command::new(folder.join("heapdiff")).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8(version.stdout).unwrap(), concat!("heapdiff ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_readme_names_the_oldest_compiler() {
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(root().join("Cargo.toml")).unwrap()).unwrap();
    let oldest = manifest["package"]["rust-version"].as_str().unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let numbers: Vec<_> = readme.split("Rust ").skip(1).filter(|rest| rest.starts_with(char::is_numeric)).collect();
    assert_eq!(numbers.len(), 2);
    for number in numbers {
        let number = number.split(|c: char| c != '.' && !c.is_numeric()).next().unwrap();
        assert_eq!(number.trim_end_matches('.'), oldest);
    }
}

/// Where the release workflow's programs are for `cargo binstall`, by its rules.
#[test]
fn cargo_binstall_finds_the_archives() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let workflow = crate::runner::yaml(&fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap());
    let built = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().unwrap();
    let built: Vec<_> = built.iter().map(|target| target["target"].as_str().unwrap()).collect();
    for asked in built.iter().chain(&["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]) {
        let own = binstall["overrides"].get(asked).unwrap_or(binstall);
        let text = |key: &str| {
            let values = [("name", "heapdiff"), ("version", "1.2.3"), ("target", asked), ("bin", "heapdiff")];
            values.iter().fold(own[key].as_str().unwrap().to_owned(), |text, (name, value)| {
                text.replace(&format!("{{ {name} }}"), value)
            })
        };
        let given = asked.replace("linux-gnu", "linux-musl");
        assert!(built.contains(&given.as_str()), "{given}");
        let archive = format!("heapdiff-v1.2.3-{given}");
        assert_eq!(text("pkg-url"), format!("{{ repo }}/releases/download/v1.2.3/{archive}.tar.gz"));
        assert_eq!(text("bin-dir").replace("{ binary-ext }", ""), format!("{archive}/heapdiff"));
    }
}

//! Files that somebody else may have written: a checkout with pipes, devices, links and endless files in place of small
//! ones, and paths in a profile that lead out of it.
#![cfg(unix)]

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::proto::{Layout, Profile};
use crate::run::{Ran, command, folder, root, run};

/// A folder with two profiles, `a.pb.gz` and `b.pb.gz`.
fn with_profiles(name: &str) -> PathBuf {
    let folder = folder(name);
    for (name, of) in [("a.pb.gz", "before.pb.gz"), ("b.pb.gz", "after.pb.gz")] {
        fs::copy(root().join("testdata").join(of), folder.join(name)).unwrap();
    }
    folder
}

/// Runs it; waiting for a pipe, or reading without end, is a failure.
fn run_at_once(mut command: Command) -> Ran {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("{command:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    Ran { exit: output.status.code().unwrap(), stdout: String::new(), stderr }
}

/// What is no small file, by what is said of it.
const ODD: [(&str, &str); 5] = [
    ("pipe", "it is a pipe, not a regular file"),
    ("to-pipe", "it is a pipe, not a regular file"),
    ("to-zero", "it is a device, not a regular file"),
    ("folder", "it is a folder, not a regular file"),
    ("endless", "larger than "),
];

fn make_odd(folder: &Path) {
    assert!(Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
    for (link, to) in [("to-pipe", "pipe"), ("to-zero", "/dev/zero"), ("loop", "loop")] {
        symlink(to, folder.join(link)).unwrap();
    }
    fs::create_dir(folder.join("folder")).unwrap();
    File::create(folder.join("endless")).unwrap().set_len(10 << 30).unwrap();
}

#[test]
fn what_is_no_small_file_is_refused_at_once() {
    let folder = with_profiles("checkout-odd");
    make_odd(&folder);
    let testdata = root().join("testdata/benchmarks");
    let [old, new] = ["old.pb.gz", "new.pb.gz"].map(|name| testdata.join(name).to_str().unwrap().to_owned());
    for (odd, said) in ODD {
        let mut runs: Vec<Vec<&str>> = vec![
            vec!["check", "--config", odd, "a.pb.gz", "b.pb.gz"],
            vec!["check", "--budget", odd, "a.pb.gz", "b.pb.gz"],
            vec!["--config", odd, "a.pb.gz", "b.pb.gz"],
            vec!["check", "--update-budget", odd, "a.pb.gz", "b.pb.gz"],
            vec!["check", "--bench", odd, odd, &old, &new],
        ];
        // Found, not named.
        for name in ["heapdiff.toml", "manifest.json"] {
            let link = folder.join(name);
            symlink(odd, &link).unwrap();
            for args in [&["check", "a.pb.gz", "b.pb.gz"][..], &["a.pb.gz", "b.pb.gz"]] {
                let ran = run_at_once(command(&folder, args));
                assert!(ran.exit == 2 && ran.stderr.contains(said), "{name} {odd} {args:?}: {}", ran.stderr);
                assert!(ran.stderr.contains(name), "{}", ran.stderr);
            }
            fs::remove_file(link).unwrap();
        }
        for args in runs.drain(..) {
            let ran = run_at_once(command(&folder, &args));
            assert!(ran.exit == 2 && ran.stderr.contains(said), "{odd} {args:?}: {}", ran.stderr);
        }
        // Without any of these there is an answer all the same.
        let link = folder.join("go.mod");
        symlink(odd, &link).unwrap();
        for args in
            [&["list", "create", "a.pb.gz", "b.pb.gz"][..], &["check", "--format", "github", "a.pb.gz", "b.pb.gz"]]
        {
            assert!([0, 1].contains(&run_at_once(command(&folder, args)).exit), "{odd} {args:?}");
        }
        fs::remove_file(link).unwrap();
    }
    for args in
        [["check", "--config", "loop", "a.pb.gz", "b.pb.gz"], ["check", "--budget", "loop", "a.pb.gz", "b.pb.gz"]]
    {
        assert_eq!(run_at_once(command(&folder, &args)).exit, 2);
    }
}

/// Two profiles in which a function of each of these files grew.
fn write_profiles(folder: &Path, files: &[&str]) {
    for (name, objects) in [("a.pb", 0), ("b.pb", 5000)] {
        let mut profile = Profile::go();
        profile.period = 1;
        profile.time_nanos += objects;
        for (at, file) in files.iter().enumerate() {
            let function: &'static str = Box::leak(format!("main.f{at}").into_boxed_str());
            let file: &'static str = Box::leak((*file).to_owned().into_boxed_str());
            let sample = profile.live(&[&[(function, file, 1, 1)]], objects, objects * 64);
            sample.label[0].num = 64;
        }
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
}

/// A checkout in a folder that has a go.mod and a source, too, and links out of it.
fn checkout(name: &str, own_module: bool) -> PathBuf {
    let outside = folder(name);
    let checkout = outside.join("checkout");
    fs::create_dir_all(checkout.join(".git")).unwrap();
    fs::write(outside.join("go.mod"), "module example.com/outside\n").unwrap();
    for secret in [outside.join("secret.go"), checkout.join(".git/config.go"), checkout.join(".env")] {
        fs::write(secret, "func f() {} // S3CRET\n").unwrap();
    }
    fs::write(checkout.join("own.go"), "func f() {} // OWN\n").unwrap();
    if own_module {
        fs::write(checkout.join("go.mod"), "module example.com/own\n").unwrap();
    }
    let links = [
        ("out.go", "../secret.go"),
        ("hidden.go", ".git/config.go"),
        ("env.go", ".env"),
        ("zero.go", "/dev/zero"),
        ("up", ".."),
    ];
    for (link, to) in links {
        symlink(to, checkout.join(link)).unwrap();
    }
    checkout
}

#[test]
fn list_and_annotations_stay_in_the_checkout() {
    for own_module in [true, false] {
        let checkout = checkout(&format!("checkout-outside-{own_module}"), own_module);
        let secret = checkout.join("../secret.go");
        let own = if own_module { "example.com/own/own.go" } else { "own.go" };
        let files = [
            own,
            "example.com/outside/secret.go",
            "example.com/own/../secret.go",
            "../secret.go",
            "out.go",
            "hidden.go",
            "env.go",
            "zero.go",
            "up/secret.go",
            ".git/config.go",
            secret.to_str().unwrap(),
        ];
        write_profiles(&checkout, &files);
        for root in [".", "up/checkout"] {
            let ran = run(command(&checkout, &["list", "--source-root", root, "--all", "main", "a.pb", "b.pb"]), None);
            assert_eq!(ran.exit, 0, "{}", ran.stderr);
            assert!(ran.stdout.contains("OWN") && !ran.stdout.contains("S3CRET"), "{}", ran.stdout);
        }
        let mut command = command(&checkout, &["check", "--format", "github", "a.pb", "b.pb"]);
        command.env_remove("GITHUB_WORKSPACE");
        let text = run(command, None).stdout;
        let places: Vec<_> = text.split("file=").skip(1).filter_map(|rest| rest.split(',').next()).collect();
        let outside: Vec<_> = places.iter().filter(|&&place| place != "own.go").collect();
        assert!(outside.is_empty() && places.contains(&"own.go"), "{places:?}");
    }
}

#[test]
fn sources_of_another_machine_are_found_by_package_or_said_to_be_missing() {
    let checkout = folder("checkout-elsewhere");
    fs::create_dir(checkout.join(".git")).unwrap();
    fs::create_dir(checkout.join("server")).unwrap();
    fs::write(checkout.join("go.mod"), "module example.com/own\n").unwrap();
    for file in ["server/server.go", "server/ext_test.go", "main.go"] {
        fs::write(checkout.join(file), "package x\n").unwrap();
    }
    let github = |function: &'static str, file: &'static str, args: &[&str]| {
        for (name, objects) in [("a.pb", 0), ("b.pb", 5000)] {
            let mut profile = Profile::go();
            profile.period = 1;
            profile.time_nanos += objects;
            let sample = profile.live(&[&[(function, file, 1, 1)]], objects, objects * 64);
            sample.label[0].num = 64;
            fs::write(checkout.join(name), profile.encode(Layout::Go)).unwrap();
        }
        let mut command = command(&checkout, &[&["check", "--format", "github", "a.pb", "b.pb"], args].concat());
        command.env_remove("GITHUB_WORKSPACE");
        let ran = run(command, None);
        assert_eq!(ran.exit, 1, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stderr, "");
        (ran.stdout.clone(), ran.stdout)
    };
    for (function, file, place) in [
        ("example.com/own/server.(*S).f", "/build/svc/server/server.go", "file=server/server.go,line=1,"),
        ("example.com/own/server_test.f", "/build/svc/server/ext_test.go", "file=server/ext_test.go,line=1,"),
    ] {
        let (text, notes) = github(function, file, &[]);
        assert!(text.starts_with(&format!("::error {place}")) && !notes.contains("no source of"), "{text}{notes}");
    }
    // A program's package has no path.
    let (text, notes) = github("main.f", "/build/svc/main.go", &[]);
    assert!(text.starts_with("::error title="), "{text}");
    let says = "no source of main.f in this checkout, the profile has it as /build/svc/main.go: --trim-path=/build/svc \
                makes it relative";
    assert!(notes.contains(says), "{notes}");
    let (text, notes) = github("main.f", "/build/svc/main.go", &["--trim-path=/build/svc"]);
    assert!(text.starts_with("::error file=main.go,line=1,") && !notes.contains("no source of"), "{text}{notes}");
    let (_, notes) = github("main.f", "/build/none.go", &[]);
    assert!(notes.contains("--trim-path ROOT makes paths below ROOT relative"), "{notes}");
    // What is not the program's own is nowhere here.
    let (_, notes) = github("example.com/lib.f", "/go/pkg/mod/example.com/lib@v1.2.3/lib.go", &[]);
    assert!(!notes.contains("no source of"), "{notes}");
}

#[test]
fn a_named_root_does_not_open_its_module() {
    let outside = folder("checkout-root");
    fs::create_dir_all(outside.join("module/part")).unwrap();
    fs::create_dir_all(outside.join("here/.git")).unwrap();
    fs::write(outside.join("module/go.mod"), "module example.com/m\n").unwrap();
    fs::write(outside.join("module/other.go"), "func f() {} // OTHER\n").unwrap();
    fs::write(outside.join("module/part/in.go"), "func f() {} // INSIDE\n").unwrap();
    let here = outside.join("here");
    write_profiles(&here, &["example.com/m/other.go", "example.com/m/part/in.go"]);
    let ran = run(command(&here, &["list", "--source-root", "../module/part", "--all", "main", "a.pb", "b.pb"]), None);
    assert!(ran.stdout.contains("INSIDE") && !ran.stdout.contains("OTHER"), "{}", ran.stdout);
    // Below the module's folder, it is that of the working directory.
    let inside = outside.join("module/part");
    write_profiles(&inside, &["example.com/m/other.go", "example.com/m/part/in.go"]);
    let ran = run(command(&inside, &["list", "--all", "main", "a.pb", "b.pb"]), None);
    assert!(ran.stdout.contains("INSIDE") && ran.stdout.contains("OTHER"), "{}", ran.stdout);
}

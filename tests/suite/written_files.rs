//! What is written: never over an input, whole or not at all, and an error where it does not fit.
#![cfg(unix)]

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Ran, command, folder, root, run};

fn with_profiles(name: &str) -> PathBuf {
    let folder = folder(name);
    for (name, of) in [("a.pb.gz", "before.pb.gz"), ("b.pb.gz", "after.pb.gz"), ("c.pb.gz", "after.pb.gz")] {
        fs::copy(root().join("testdata").join(of), folder.join(name)).unwrap();
    }
    folder
}

fn ran(folder: &Path, args: &[&str]) -> Ran {
    run(command(folder, args), None)
}

/// Every command that writes a file, the file last, and then its inputs.
const WRITING: [(&[&str], &[&str]); 10] = [
    (&["-o"], &["a.pb.gz", "b.pb.gz"]),
    (&["list", "create", "--format", "table", "-o"], &["a.pb.gz", "b.pb.gz"]),
    (&["peek", "create", "--format", "table", "-o"], &["a.pb.gz", "b.pb.gz"]),
    (&["stacks", "--format", "table", "-o"], &["a.pb.gz", "b.pb.gz"]),
    (&["flame", "-o"], &["a.pb.gz", "b.pb.gz"]),
    (&["report", "-o"], &["a.pb.gz", "b.pb.gz"]),
    (&["trend", "--format", "table", "-o"], &["a.pb.gz", "b.pb.gz", "c.pb.gz"]),
    (&["calibrate", "-o"], &["a.pb.gz", "b.pb.gz", "c.pb.gz"]),
    (&["check", "--format", "table", "-o"], &["a.pb.gz", "b.pb.gz"]),
    (&["check", "--update-budget"], &["a.pb.gz", "b.pb.gz"]),
];

#[test]
fn an_output_is_no_input() {
    let folder = with_profiles("written-inputs");
    let before = fs::read(folder.join("a.pb.gz")).unwrap();
    // Names that fit what is written.
    for link in ["link.html", "link.txt"] {
        std::os::unix::fs::symlink("a.pb.gz", folder.join(link)).unwrap();
    }
    fs::write(folder.join("heapdiff.toml"), "# settings\n").unwrap();
    for (start, inputs) in WRITING {
        let is_page = matches!(start[0], "flame" | "report");
        let link = if is_page { "link.html" } else { "link.txt" };
        for output in ["a.pb.gz", link, "./heapdiff.toml"] {
            let ran = ran(&folder, &[start, &[output], inputs].concat());
            let said = match output {
                _ if is_page && output != link => "writes files that end with",
                "./heapdiff.toml" if start == ["-o"] => "heapdiff does not write .toml files",
                _ => "is an input",
            };
            // Trends have settings, too, as far as whose code it is.
            assert!(ran.exit == 2 && ran.stderr.contains(said), "{start:?} {output}: {} {}", ran.exit, ran.stderr);
        }
    }
    assert_eq!(fs::read(folder.join("a.pb.gz")).unwrap(), before);
    assert_eq!(fs::read_to_string(folder.join("heapdiff.toml")).unwrap(), "# settings\n");
    let text = root().join("testdata/memstats/heap/heap_01.txt");
    fs::copy(text, folder.join("m.txt")).unwrap();
    assert!(ran(&folder, &["memstats", "-o", "m.txt", "m.txt"]).stderr.contains("is an input"));
}

#[test]
fn what_was_there_survives_a_full_disk() {
    let folder = with_profiles("written-full");
    let names = || -> Vec<_> {
        let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    for (start, inputs) in WRITING {
        if start.contains(&"--update-budget") || start[0] == "check" {
            continue;
        }
        let out = if matches!(start[0], "flame" | "report") { "out.html" } else { "out.txt" };
        fs::write(folder.join(out), "earlier").unwrap();
        let before = names();
        let args = [start, &[out], inputs].concat().join(" ");
        // Ignored, the signal becomes an error of writing.
        let script = format!("trap '' XFSZ; ulimit -f 0; {} {args} 2>/dev/null", env!("CARGO_BIN_EXE_heapdiff"));
        let mut bash = Command::new("bash");
        bash.args(["-c", &script]).current_dir(&folder);
        assert_eq!(run(bash, None).exit, 2, "{args}");
        assert_eq!(fs::read_to_string(folder.join(out)).unwrap(), "earlier", "{args}");
        assert_eq!(names(), before, "{args}");
    }
    fs::write(folder.join("budget.toml"), "version = 2\ngranularity = 'owner'\n").unwrap();
    let script = format!(
        "trap '' XFSZ; ulimit -f 0; {} check --update-budget budget.toml a.pb.gz b.pb.gz 2>/dev/null",
        env!("CARGO_BIN_EXE_heapdiff")
    );
    let mut bash = Command::new("bash");
    bash.args(["-c", &script]).current_dir(&folder);
    assert_eq!(run(bash, None).exit, 2);
    assert_eq!(fs::read_to_string(folder.join("budget.toml")).unwrap(), "version = 2\ngranularity = 'owner'\n");
}

#[test]
fn whatever_is_printed_to_a_full_device_is_an_error() {
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else { return };
    let folder = with_profiles("written-device");
    for args in [
        "--help",
        "-h",
        "--version",
        "help",
        "help check",
        "check --help",
        "schema",
        "completions bash",
        "man",
        "explain",
        "explain H003",
        "a.pb.gz b.pb.gz",
        "check --no-config a.pb.gz b.pb.gz",
        "trend a.pb.gz b.pb.gz c.pb.gz",
        "-o /dev/full a.pb.gz b.pb.gz",
    ] {
        let args: Vec<_> = args.split(' ').collect();
        let mut command = command(&folder, &args);
        let output = command.stdout(full.try_clone().unwrap()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && stderr.contains("No space left"), "{args:?}: {stderr}");
    }
    // Nobody reads: no error.
    for args in ["--help", "--version", "schema", "completions zsh", "man", "explain"] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output = command(&folder, &args.split(' ').collect::<Vec<_>>()).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{args}");
    }
}

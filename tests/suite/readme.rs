//! The console blocks of README and of the manual show what the program prints.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::root;

/// The commands of the console blocks, each with the output under it.
fn examples(readme: &str) -> Vec<(String, String)> {
    let mut examples: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match (inside, line) {
            (false, "```console") => inside = true,
            (true, "```") => inside = false,
            (true, line) => match line.strip_prefix("$ ") {
                Some(command) => examples.push((command.to_owned(), String::new())),
                None => {
                    let output = &mut examples.last_mut().expect("output without a command").1;
                    output.push_str(line);
                    output.push('\n');
                }
            },
            _ => {}
        }
    }
    examples
}

#[test]
fn every_console_block_is_real() {
    let manual = fs::read_dir(root().join("src/manual")).unwrap().map(|entry| entry.unwrap().path());
    let mut ran = 0;
    for path in manual.chain([root().join("README.md")]) {
        for (command, expected) in examples(&fs::read_to_string(&path).unwrap()) {
            // If a tool that an example pipes into is missing, only .ci/run, which installs it, fails.
            let missing =
                ["jq", "duckdb"].into_iter().find(|tool| command.contains(&format!("{tool} ")) && !installed(tool));
            if let Some(tool) = missing {
                assert!(std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "{tool} is not installed");
                continue;
            }
            assert_eq!(output(&command), expected, "{}: $ {command}", path.display());
            ran += 1;
        }
    }
    assert!(ran >= 10, "{ran} examples");
}

#[test]
fn readme_is_short_and_its_links_lead_to_chapters() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 250, "README is for the first minutes: the rest belongs into the manual");
    let links: Vec<_> = readme.split("](").skip(1).map(|link| link.split(')').next().unwrap()).collect();
    let files: Vec<_> = links.iter().filter(|link| !link.contains("://")).collect();
    assert!(files.len() >= 10, "{links:?}");
    for file in files {
        assert!(root().join(file).is_file(), "{file}");
    }
}

/// What a shell prints for a command, errors included, in the folder of the project.
fn output(command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_heapdiff")).parent().unwrap().display();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("{command} 2>&1")]).current_dir(root()).env("PATH", path);
    shell.env_remove("COLUMNS").env_remove("CLICOLOR_FORCE");
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

fn installed(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

//! The console blocks of README show what the program prints.

use std::fs;
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
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let program = env!("CARGO_BIN_EXE_heapdiff");
    let path =
        format!("{}:{}", std::path::Path::new(program).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut ran = 0;
    for (command, expected) in examples(&readme) {
        // If a tool that README pipes into is missing, only .ci/run, which installs it, fails.
        let missing =
            ["jq", "duckdb"].into_iter().find(|tool| command.contains(&format!("{tool} ")) && !installed(tool));
        if let Some(tool) = missing {
            assert!(std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "{tool} is not installed");
            continue;
        }
        let output = Command::new("bash")
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(root())
            .env("PATH", &path)
            .env_remove("COLUMNS")
            .env_remove("CLICOLOR_FORCE")
            .output()
            .unwrap();
        let found = String::from_utf8(output.stdout).unwrap();
        assert_eq!(found, expected, "$ {command}");
        ran += 1;
    }
    assert!(ran >= 3, "{ran} examples");
}

fn installed(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

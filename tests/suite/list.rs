//! `heapdiff list`: the lines of the ground truth, where sources are found, and which files a profile cannot make it
//! read.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::proto::{Frame, Layout, Profile};
use crate::run::{self, command, folder, root, run};

fn list(folder: &Path, args: &[&str]) -> Value {
    run::json_of("list", folder, args)
}

fn lines(function: &Value) -> impl Iterator<Item = &Value> {
    function["lines"].as_array().unwrap().iter()
}

fn grew(line: &Value) -> bool {
    line["cum"]["inuse_space"]["delta"].as_i64().unwrap() > 0
}

#[test]
fn the_ground_truths_lines_are_marked() {
    // Comments in the sources mark the lines that leak or grow. If every object is counted, exactly these grow; at Go's
    // default rate, the line that grows most is one of them.
    let truth = [
        ("auditd", r"^main\.\(\*trail\)\.record$", 2),
        ("notifyd", r"^main\.(render|deliver)$", 2),
        ("orders/build_c", r"^main\.remember$", 1),
        ("pqueue", r"^main\.newJob$", 2),
        ("pricecache", r"^main\.\(\*instrument\)\.extend$", 1),
        ("sessiond", r"^main\.\(\*store\)\.create$", 6),
        ("tokenidx", r"^main\.readDocument$", 1),
        ("tracectx", r"^main\.enter$", 2),
    ];
    let captures = root().join("testdata/captures");
    let names = ["heap_01.pb.gz", "heap_06.pb.gz"];
    for (program, pattern, least) in truth {
        for rate in ["rate1", "rate512k"] {
            let [base, current] = names.map(|name| format!("{program}/{rate}/{name}"));
            let json = list(&captures, &[pattern, &base, &current]);
            let functions = json["functions"].as_array().unwrap();
            let text = |line: &Value| line["text"].as_str().unwrap_or_default().to_owned();
            let all: Vec<_> = functions.iter().flat_map(lines).filter(|line| grew(line)).collect();
            let marked: Vec<_> = all.iter().map(|line| text(line)).collect();
            let most = all.iter().max_by_key(|line| line["cum"]["inuse_space"]["delta"].as_i64()).unwrap();
            let leaks = |line: &Value| text(line).contains("// LEAK ") || text(line).contains("// GROW ");
            assert!(leaks(most), "{program} {rate}: {most}");
            if rate == "rate1" {
                assert!(marked.len() >= least, "{program}: {marked:#?}");
                // Others grow by next to nothing, such as fmt's pools.
                let delta = |line: &Value| line["cum"]["inuse_space"]["delta"].as_i64().unwrap();
                let other = all.iter().find(|line| !leaks(line) && delta(line) > delta(most) / 20);
                assert_eq!(other, None, "{program}");
            }
            // And the page marks them.
            let ran = run(command(&captures, &["list", pattern, &base, &current]), None);
            let is_marked = |line: &&str| line.starts_with('+') && !line.contains(" → ");
            let marks = ran.stdout.lines().map(str::trim_start).filter(is_marked).count();
            assert_eq!((ran.exit, marks >= marked.len()), (0, true), "{program} {rate}:\n{}", ran.stdout);
        }
    }
}

/// Profiles of `main.f`, whose line 4 grew, in the given file.
fn profiles(folder: &Path, file: &'static str) -> [String; 2] {
    let names = ["base.pb", "current.pb"];
    for (name, objects) in names.into_iter().zip([1, 5]) {
        let mut profile = Profile::go();
        profile.time_nanos += objects;
        let frame: Frame = ("main.f", file, 3, 4);
        profile.live(&[&[frame]], objects, 64 * objects);
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    names.map(str::to_owned)
}

const SOURCE: &str = "package main\n\nfunc f() {\n\tkeep(\"this one\")\n}\n";

/// The text of the line of `main.f`, or why there is none.
fn found(folder: &Path, file: &'static str, args: &[&str], environment: &[(&str, &Path)]) -> String {
    let [base, current] = profiles(folder, file);
    let mut command = command(folder, &[&["list", "--json", "main", &base, &current], args].concat());
    for variable in ["GOROOT", "GOMODCACHE", "GOPATH"] {
        command.env(variable, "/nowhere");
    }
    command.env("PATH", "/nowhere").envs(environment.iter().copied());
    let ran = run(command, None);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    run::assert_valid(&json);
    let function = &json["functions"][0];
    let text = function["lines"][0]["text"].as_str().map(|text| text.trim().to_owned());
    text.or_else(|| function["no_source"].as_str().map(str::to_owned)).unwrap()
}

#[test]
fn a_source_root_is_a_folder() {
    let folder = run::folder("list-no-root");
    let [base, current] = profiles(&folder, "main.go");
    fs::write(folder.join("file"), "").unwrap();
    for root in ["nowhere", "file"] {
        let ran = run(command(&folder, &["list", "main", &base, &current, "--source-root", root]), None);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
        assert_eq!(ran.stderr, format!("error: --source-root {root}: expected a folder\n"));
    }
}

#[test]
fn sources_are_found_where_they_may_be() {
    let folder = run::folder("list-sources");
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let here = r#"keep("this one")"#;
    let work = folder.join("app");
    write("app/plain/main.go", SOURCE);
    assert_eq!(found(&work, "plain/main.go", &[], &[]), here);
    assert_eq!(found(&work, "/build/x/plain/main.go", &[], &[]), "not_found");
    assert_eq!(found(&work, "/build/x/plain/main.go", &["--trim-path", "/build/x"], &[]), here);
    // A checkout elsewhere, in a folder of the same name.
    assert_eq!(found(&work, "/build/app/plain/main.go", &[], &[]), here);
    assert_eq!(found(&work, "example.test/team/app/plain/main.go", &[], &[]), here);
    // An absolute path in the working directory itself.
    let absolute: &'static str = work.join("plain/main.go").to_str().unwrap().to_owned().leak();
    assert_eq!(found(&work, absolute, &[], &[]), here);
    // In a module: above the working directory, in a source root, and within.
    write("go.mod", "module example.test/svc\n\ngo 1.27\n");
    write("job/main.go", SOURCE);
    assert_eq!(found(&work, "example.test/svc/job/main.go", &[], &[]), here);
    write("other/go.mod", "module example.test/other\n");
    write("other/main.go", SOURCE);
    assert_eq!(found(&work, "example.test/other/main.go", &[], &[]), "not_found");
    assert_eq!(found(&work, "example.test/other/main.go", &["--source-root", "../other"], &[]), here);
    write("app/deep/inside/go.mod", "module example.test/inside\n");
    write("app/deep/inside/cmd/main.go", SOURCE);
    assert_eq!(found(&work, "example.test/inside/cmd/main.go", &[], &[]), here);
    write("app/node_modules/x/go.mod", "module example.test/hidden\n");
    write("app/node_modules/x/main.go", SOURCE);
    assert_eq!(found(&work, "example.test/hidden/main.go", &[], &[]), "not_found");
    // In Go's library and in the module cache, and vendored.
    write("goroot/src/runtime/x.go", "package runtime\n");
    write("goroot/src/net/http/server.go", SOURCE);
    let go_root = folder.join("goroot");
    assert_eq!(found(&work, "net/http/server.go", &[], &[]), "not_found");
    assert_eq!(found(&work, "net/http/server.go", &[], &[("GOROOT", &go_root)]), here);
    assert_eq!(found(&work, "/usr/lib/go/src/net/http/server.go", &[], &[("GOROOT", &go_root)]), here);
    write("cache/github.com/!burnt!sushi/toml@v1.0.0/decode.go", SOURCE);
    let cached = "github.com/BurntSushi/toml@v1.0.0/decode.go";
    let cache = folder.join("cache");
    assert_eq!(found(&work, cached, &[], &[("GOMODCACHE", &cache)]), here);
    write("path/pkg/mod/github.com/!burnt!sushi/toml@v1.0.0/decode.go", SOURCE);
    let go_path = folder.join("path");
    assert_eq!(found(&work, cached, &[], &[("GOPATH", &go_path), ("GOMODCACHE", Path::new(""))]), here);
    assert_eq!(found(&work, cached, &[], &[]), "not_found");
    write("vendor/github.com/BurntSushi/toml/decode.go", SOURCE);
    assert_eq!(found(&work, cached, &[], &[]), here);
}

#[test]
fn a_profile_cannot_lead_out_of_the_folders() {
    let folder = run::folder("list-hostile");
    let work = folder.join("app");
    fs::create_dir_all(work.join(".git")).unwrap();
    for path in ["secret.go", "app/.env.go", "app/.git/config.go"] {
        fs::write(folder.join(path), SOURCE).unwrap();
    }
    std::os::unix::fs::symlink(folder.join("secret.go"), work.join("link.go")).unwrap();
    std::os::unix::fs::symlink(&folder, work.join("up")).unwrap();
    let absolute: &'static str = folder.join("secret.go").to_str().unwrap().to_owned().leak();
    let climbing: &'static str = work.join("../secret.go").to_str().unwrap().to_owned().leak();
    for file in [
        "../secret.go",
        "x/../../secret.go",
        absolute,
        climbing,
        "link.go",
        "up/secret.go",
        ".env.go",
        ".git/config.go",
        "/etc/passwd",
        "/proc/self/environ",
        "",
        "/",
        "\u{1b}[31m.go",
    ] {
        assert_eq!(found(&work, file, &[], &[]), "not_found", "{file}");
    }
    // Files outside are refused, not links as such.
    fs::write(work.join("main.go"), SOURCE).unwrap();
    std::os::unix::fs::symlink("main.go", work.join("inside.go")).unwrap();
    assert_eq!(found(&work, "inside.go", &[], &[]), r#"keep("this one")"#);
}

#[test]
fn what_cannot_be_the_source_is_told() {
    let folder = run::folder("list-unfit");
    let has = |bytes: &[u8]| {
        fs::write(folder.join("main.go"), bytes).unwrap();
        found(&folder, "main.go", &[], &[])
    };
    assert_eq!(has(b"package main\n\nfunc f() {\n\tkeep(\"\xff\")\n}\n"), "not_text");
    assert_eq!(has(b"package main\n"), "too_short");
    assert_eq!(has(SOURCE.replace("\n\n", "\n").as_bytes()), "other_version");
    assert_eq!(has(&b"//\n".repeat(3 << 20)), "too_large");
    assert_eq!(has(SOURCE.as_bytes()), r#"keep("this one")"#);
    // A source cannot send escape sequences to a terminal.
    fs::write(folder.join("main.go"), SOURCE.replace("this", "\u{1b}]0;x\u{7}")).unwrap();
    let [base, current] = profiles(&folder, "main.go");
    let ran = run(command(&folder, &["list", "main", &base, &current]), None);
    assert!(
        ran.exit == 0 && !ran.stdout.contains(['\u{1b}', '\u{7}']) && ran.stdout.contains("keep("),
        "{}",
        ran.stdout
    );
}

#[test]
fn recursion_counts_once() {
    let folder = run::folder("list-recursion");
    for (name, objects) in [("base.pb", 1), ("current.pb", 11)] {
        let mut profile = Profile::go();
        profile.period = 1;
        profile.time_nanos += objects;
        let at = |line: i64| -> Frame { ("main.walk", "walk.go", 3, line) };
        profile.live(&[&[at(5)], &[at(7)], &[at(7)], &[("main.main", "walk.go", 20, 21)]], objects, 64 * objects);
        profile.live(&[&[("main.leaf", "walk.go", 30, 31)], &[at(7)], &[at(7)]], objects, 32 * objects);
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    let json = list(&folder, &["walk", "base.pb", "current.pb"]);
    let function = &json["functions"][0];
    let values = |value: &Value| {
        let delta = |value: &Value| value["inuse_space"]["delta"].as_i64().unwrap();
        (delta(value), delta(&value["cum"]))
    };
    assert_eq!(values(function), (640, 960));
    let lines: Vec<_> = lines(function).map(|line| (line["line"].as_i64().unwrap(), values(line))).collect();
    assert_eq!(lines, [(5, (640, 640)), (7, (0, 960))]);
}

#[test]
fn two_arguments_of_three_are_too_few() {
    let folder = folder("list-too-few");
    fs::create_dir_all(folder.join("decode")).unwrap();
    fs::copy(root().join("testdata/after.pb.gz"), folder.join("cur.pb")).unwrap();
    for name in ["list", "peek"] {
        // The name of a function may be that of a folder, too.
        for one in ["cur.pb", "decode", "main.work"] {
            let ran = run(command(&folder, &[name, one, "cur.pb"]), None);
            let error = format!(
                "error: {name} needs FUNCTION, BASE and CURRENT; only {one} and cur.pb were given (heapdiff {name} \
                 FUNCTION BASE CURRENT)\n"
            );
            assert_eq!((ran.exit, ran.stdout.as_str(), ran.stderr), (2, "", error));
        }
    }
}

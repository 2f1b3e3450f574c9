//! Runs the program, as a user would.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

/// The result of a run of the program.
pub struct Ran {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The folder of the project: the one that was compiled, or a copy of it in `HEAPDIFF_CHECKOUT`. No output may depend
/// on how long its path is; `.ci/run` tests that with copies.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> =
        LazyLock::new(|| env::var_os(CHECKOUT).map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from));
    &ROOT
}

const CHECKOUT: &str = "HEAPDIFF_CHECKOUT";

/// A command that runs the program in `folder`, without the variables that change its output.
pub fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heapdiff"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(variable);
    }
    let proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].map(str::to_owned);
    for variable in proxies.iter().chain(&proxies.clone().map(|name| name.to_lowercase())) {
        command.env_remove(variable);
    }
    for variable in ["HEAPDIFF_HEADER", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        command.env_remove(variable);
    }
    command
}

/// Runs it, with `stdin` if any.
pub fn run(mut command: Command, stdin: Option<&[u8]>) -> Ran {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if stdin.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    if let Some(bytes) = stdin {
        child.stdin.take().unwrap().write_all(bytes).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    Ran {
        exit: output.status.code().expect("ended by a signal"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The JSON of a run that must succeed, checked against the schema.
pub fn json(folder: &Path, args: &[&str]) -> Value {
    let args: Vec<_> = ["--json"].iter().chain(args).copied().collect();
    let ran = run(command(folder, &args), None);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
    let json = serde_json::from_str(&ran.stdout).unwrap();
    assert_valid(&json);
    json
}

/// The JSON of another command than the diff, as [`json`].
pub fn json_of(name: &str, folder: &Path, args: &[&str]) -> Value {
    let ran = run(command(folder, &[&[name, "--json"], args].concat()), None);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{name} {args:?}");
    let json = serde_json::from_str(&ran.stdout).unwrap();
    assert_valid(&json);
    json
}

/// Checks a document or an NDJSON line against the schema, which must know every field of it.
pub fn assert_valid(json: &Value) {
    static STRICT: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let mut schema: Value = serde_json::from_str(heapdiff::internals::render::SCHEMA).unwrap();
        forbid_unknown(&mut schema);
        jsonschema::validator_for(&schema).unwrap()
    });
    let errors: Vec<_> = STRICT.iter_errors(json).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{json:#}");
}

/// Forbids fields that the schema does not know: readers must ignore them, but here they are a mistake.
fn forbid_unknown(schema: &mut Value) {
    if let Value::Object(map) = schema {
        if map.contains_key("properties") {
            map.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        map.values_mut().for_each(forbid_unknown);
    } else if let Value::Array(items) = schema {
        items.iter_mut().for_each(forbid_unknown);
    }
}

/// An empty folder for a test's files.
pub fn folder(name: &str) -> PathBuf {
    let folder = match env::var_os(CHECKOUT) {
        Some(_) => root().join("target/tmp").join(name),
        None => Path::new(env!("CARGO_TARGET_TMPDIR")).join(name),
    };
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

//! The program itself: `heapdiff --version --json`.

use std::env::consts::{ARCH, OS};
use std::io::{self, Write};

use serde::Serialize;

use super::values::write_line;
use crate::report::SCHEMA_VERSION;

#[derive(Serialize)]
struct VersionJson {
    name: &'static str,
    version: &'static str,
    /// That of the documents of `--format json`.
    schema_version: &'static str,
    target: Target,
    features: Vec<&'static str>,
}

/// What it was built for.
#[derive(Serialize)]
struct Target {
    os: &'static str,
    arch: &'static str,
    /// The kind of the system's library, where there is a choice.
    env: Option<&'static str>,
}

/// Writes the name and the version of the program, and how it was built.
pub fn write_version(out: &mut dyn Write) -> io::Result<()> {
    let env =
        [(cfg!(target_env = "gnu"), "gnu"), (cfg!(target_env = "musl"), "musl"), (cfg!(target_env = "msvc"), "msvc")];
    let features = [(cfg!(feature = "fetch"), "fetch")];
    let chosen = |list: &[(bool, &'static str)]| {
        list.iter().filter(|(is_on, _)| *is_on).map(|(_, name)| *name).collect::<Vec<_>>()
    };
    let version = VersionJson {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        schema_version: SCHEMA_VERSION,
        target: Target { os: OS, arch: ARCH, env: chosen(&env).first().copied() },
        features: chosen(&features),
    };
    write_line(&version, out)
}

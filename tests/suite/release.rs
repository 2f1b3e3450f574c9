//! A release on a server of the test's own: archives as `.github/package` makes them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use crate::ci_module::copy;
use crate::run::{folder, root};
use crate::server::{Server, ok, send, unknown};

/// The files of the release for this machine: the archive and SHA256SUMS. The program in the archive is a script that
/// starts the one that is tested, which with its debug information is large.
pub fn files() -> PathBuf {
    static FILES: LazyLock<PathBuf> = LazyLock::new(|| {
        let copy_of_project = folder("release");
        for file in ["Cargo.toml", "README.md", "LICENSE", ".github/package"] {
            copy(&root().join(file), &copy_of_project.join(file));
        }
        let program = copy_of_project.join("heapdiff");
        fs::write(&program, format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_heapdiff"))).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let target = concat_target();
        let made = Command::new("bash").arg(copy_of_project.join(".github/package")).arg(target).arg(&program).output();
        let made = made.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let name = format!("heapdiff-v{}-{target}", env!("CARGO_PKG_VERSION"));
        assert_eq!(String::from_utf8(made.stdout).unwrap(), format!("dist/{name}.tar.gz\n"));
        copy_of_project.join("dist")
    });
    FILES.clone()
}

fn concat_target() -> &'static str {
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

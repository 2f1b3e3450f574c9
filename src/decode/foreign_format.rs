//! Formats that are not heap profiles, recognised to give advice.

/// What data that is not a pprof profile looks like.
pub(super) enum ForeignFormat {
    /// Text of an unknown kind, or of a kind that only other decoders know.
    Text,
    /// A known kind that holds no heap profile, and advice.
    Known { found: &'static str, advice: &'static str },
}

impl ForeignFormat {
    /// Its name, and what to do about it.
    pub(super) fn description(&self) -> (&'static str, &'static str) {
        match *self {
            ForeignFormat::Text => ("text", "expected protobuf, gzipped or not"),
            ForeignFormat::Known { found, advice } => (found, advice),
        }
    }
}

/// The foreign format of data that starts with `head`; `None` if it may be a pprof profile.
pub(super) fn foreign_format(head: &[u8]) -> Option<ForeignFormat> {
    const MAGIC: &[(&[u8], &str, &str)] = &[
        (b"\x1f\x8b", "gzip data", "at most two layers of compression are removed: remove the others first (gunzip)"),
        (
            b"\x28\xb5\x2f\xfd",
            "zstd data",
            "at most two layers of compression are removed: remove the others first (zstd -d)",
        ),
        (
            b"\xff\xfe\x1f\0",
            "gzip data that PowerShell's > damaged, as it writes all output as UTF-16 text",
            "fetch it again with curl.exe -o FILE or Invoke-WebRequest -OutFile FILE",
        ),
        (b"BZh", "bzip2 data", "decompress it first (bunzip2)"),
        (b"\xfd7zXZ\0", "xz data", "decompress it first (unxz)"),
        (b"\x04\x22\x4d\x18", "lz4 data", "decompress it first (lz4 -d)"),
        (b"PK\x03\x04", "a zip archive", "give the profile that is in it"),
        (b"\x7fELF", "a program", "give a profile of it"),
        (b"go 1.", "a Go execution trace", "fetch /debug/pprof/heap instead"),
        (b"JAVA PROFILE", "a Java heap dump", "only pprof profiles are read"),
    ];
    const TEXT: &[(&str, &str, &str)] = &[
        ("--- heapz", "a heap profile of Java as text", "only those of Go, gperftools, tcmalloc and jemalloc are read"),
        ("--- ", "a profile of something else than a heap as text", "give a heap profile"),
        ("goroutine profile:", "a goroutine profile as text", "fetch /debug/pprof/heap instead"),
        ("goroutine ", "a goroutine dump", "fetch /debug/pprof/heap instead"),
        ("<", "HTML or XML", "is it a login or error page instead of /debug/pprof/heap?"),
        ("{", "JSON", "give the profile itself"),
        ("[", "JSON", "give the profile itself"),
    ];
    if let Some(&(_, found, advice)) = MAGIC.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Some(ForeignFormat::Known { found, advice });
    }
    let text = readable(head)?.trim_start();
    let known = TEXT.iter().find(|(start, ..)| text.starts_with(start));
    Some(known.map_or(ForeignFormat::Text, |&(_, found, advice)| ForeignFormat::Known { found, advice }))
}

/// `head` as text, if it has no control characters, which protobuf has within its first few bytes.
fn readable(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // `head` ends within a character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    (!text.is_empty() && text.chars().all(plain)).then_some(text)
}

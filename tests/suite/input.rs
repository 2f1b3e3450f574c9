//! Inputs: files in any mix of compression, pipes, folders and devices, whole or damaged.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use heapdiff::internals::input::{Limit, inflate};

use crate::proto::{Layout, Profile};
use crate::run::{Ran, command, folder, gzip, json, root, run};

/// A file of the captures, as it is and decompressed.
fn capture() -> (Vec<u8>, Vec<u8>) {
    let packed = fs::read(root().join("testdata/captures/tracectx/rate512k/heap_00.pb.gz")).unwrap();
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(&packed[..]).read_to_end(&mut plain).unwrap();
    (packed, plain)
}

/// A zstd frame, made by the encoder that belongs to the decoder: with a checksum, and without a size.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A zstd frame of one stored block; on request with its size and with a given checksum.
fn stored(bytes: &[u8], size: Option<u8>, checksum: Option<[u8; 4]>) -> Vec<u8> {
    let descriptor = if size.is_some() { 0x20 } else { 0 } | if checksum.is_some() { 4 } else { 0 };
    let block = (u32::try_from(bytes.len()).unwrap() << 3 | 1).to_le_bytes();
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, descriptor, size.unwrap_or(0x58)];
    frame.extend_from_slice(&block[..3]);
    frame.extend_from_slice(bytes);
    frame.extend_from_slice(checksum.as_ref().map_or(&[], |checksum| &checksum[..]));
    frame
}

/// A frame that decoders skip.
fn skippable(bytes: &[u8]) -> Vec<u8> {
    [&[0x53, 0x2a, 0x4d, 0x18], &u32::try_from(bytes.len()).unwrap().to_le_bytes()[..], bytes].concat()
}

/// The inflated bytes, the words for how they were compressed, and whether they are proven to be complete.
fn inflated(bytes: &[u8]) -> Result<(Vec<u8>, &'static str, bool), String> {
    let (mut reader, compression, proof) = inflate(bytes, Limit::default()).map_err(|error| error.to_string())?;
    let mut plain = Vec::new();
    reader.read_to_end(&mut plain).map_err(|error| error.to_string())?;
    Ok((plain, compression.name(), proof.has_checksum()))
}

/// Runs the program with a file of a folder as both sides.
fn heapdiff(folder: &Path, options: &[&str], file: &str) -> Ran {
    run(command(folder, &[options, &[file, file]].concat()), None)
}

#[test]
fn two_layers_are_removed_in_any_mix() {
    let (packed, plain) = capture();
    let folder = folder("layers");
    for (bytes, name) in [
        (plain.clone(), "none"),
        (packed.clone(), "gzip"),
        (zstd(&plain), "zstd"),
        (gzip(&packed), "gzip+gzip"),
        (zstd(&packed), "gzip+zstd"),
        (gzip(&zstd(&plain)), "zstd+gzip"),
        (zstd(&zstd(&plain)), "zstd+zstd"),
    ] {
        assert_eq!(inflated(&bytes), Ok((plain.clone(), name, name != "none")), "{name}");
        fs::write(folder.join(name), bytes).unwrap();
        assert_eq!(json(&folder, &[name, "none"])["base"]["compression"], name);
        assert_eq!(json(&folder, &[name, "none"])["totals"], json(&folder, &["none", "none"])["totals"]);
    }
    for (bytes, found) in [(gzip(&gzip(&packed)), "gzip data"), (gzip(&gzip(&zstd(&plain))), "zstd data")] {
        fs::write(folder.join("thrice"), bytes).unwrap();
        let ran = heapdiff(&folder, &[], "thrice");
        let expected = format!("error: thrice: this is {found}, not a pprof heap profile; at most two layers");
        assert!(ran.exit == 2 && ran.stderr.starts_with(&expected), "{}", ran.stderr);
    }
}

#[test]
fn zstd_frames_are_read_one_behind_the_other() {
    let (_, plain) = capture();
    let frames: Vec<u8> = plain.chunks(1000).flat_map(|chunk| [zstd(chunk), skippable(b"an index")].concat()).collect();
    assert_eq!(inflated(&frames), Ok((plain.clone(), "zstd", false)), "behind several frames one more may be missing");
    assert_eq!(inflated(&[skippable(b""), zstd(&plain)].concat()), Ok((plain, "zstd", true)));
    assert_eq!(inflated(&skippable(b"nothing else")), Ok((Vec::new(), "zstd", false)));
    assert_eq!(inflated(&stored(b"plain", None, None)), Ok((b"plain".to_vec(), "zstd", false)), "no checksum");
    assert_eq!(inflated(&stored(b"plain", Some(5), None)), Ok((b"plain".to_vec(), "zstd", false)));
    assert_eq!(inflated(&stored(b"", None, None)), Ok((Vec::new(), "zstd", false)));
}

#[test]
fn what_is_wrong_with_zstd_data_is_told() {
    let plain = capture().1;
    let whole = zstd(&plain);
    for len in (6..whole.len()).step_by(97) {
        assert_eq!(
            inflated(&whole[..len]),
            Err("the zstd data is cut off: it ends within a frame".to_owned()),
            "{len}"
        );
    }
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(inflated(&damaged), Err("the zstd data is damaged: its checksum does not match".to_owned()));
    let error = |bytes: &[u8]| inflated(bytes).expect_err("bad");
    assert_eq!(error(&stored(b"plain", Some(6), None)), "the zstd data is damaged: it has another length than it says");
    assert!(error(&stored(b"plain", None, Some([0; 4]))).contains("its checksum does not match"));
    assert!(error(&[&whole[..], b"and so on"].concat()).contains("is followed by something else"));
    assert!(error(&[&whole[..], b"?"].concat()).contains("is followed by something else"));
    assert!(error(&skippable(b"short")[..10]).contains("cut off"));
    let with_dictionary = [0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 0, 1, 0, 0];
    assert!(error(&with_dictionary).contains("compressed with a dictionary (id 7)"), "{}", error(&with_dictionary));
    let mut refused = 0;
    for at in 6..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        match inflated(&damaged) {
            // Not every bit has a meaning.
            Ok((found, ..)) => assert!(found == plain, "a flip at {at} went unseen"),
            Err(error) => {
                assert!(error.starts_with("the zstd data "), "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > whole.len() * 9 / 10, "{refused} of {}", whole.len());
}

#[test]
fn a_layer_that_is_damaged_is_called_by_its_name() {
    let (packed, plain) = capture();
    let cut = |bytes: &[u8]| bytes[..bytes.len() - 7].to_vec();
    for (bytes, expected) in [
        (cut(&zstd(&packed)), "the zstd data is cut off"),
        (zstd(&cut(&packed)), "the gzip data is cut off"),
        (cut(&gzip(&zstd(&plain))), "the gzip data is cut off"),
        (gzip(&cut(&zstd(&plain))), "the zstd data is cut off"),
        (gzip(&cut(&packed)), "the gzip data is cut off"),
    ] {
        let error = inflated(&bytes).expect_err("cut");
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_large_window_of_zstd_must_be_asked_for() {
    let window = |descriptor: u8| {
        let mut frame = stored(b"plain", None, None);
        frame[5] = descriptor;
        frame
    };
    assert!(inflated(&window(0x78)).is_ok(), "32 MiB");
    let error = inflated(&window(0x88)).expect_err("128 MiB");
    assert!(error.contains("a window of 128 MiB; expected at most 32 MiB (--max-decompressed SIZE takes"), "{error}");
    assert!(inflate(&window(0x88)[..], Limit::Bytes(5)).unwrap().0.read_to_end(&mut Vec::new()).is_ok());
    let error = inflated(&window(0x90)).expect_err("256 MiB");
    assert!(error.ends_with("expected at most 32 MiB"), "{error}");
}

#[test]
fn bombs_do_not_go_off() {
    let folder = folder("bombs");
    // An endless run of unknown fields, which are valid.
    let key = [0x82, 1, 0xff, 0xff, 3];
    let gzipped = gzip(&[&key[..], &[0; 0xffff]].concat().repeat(16)).repeat(40);
    // The key stored, the zeros as a run-length block.
    let mut frame = stored(&key, None, None);
    frame[6] &= !1;
    frame.extend_from_slice(&(0xffff_u32 << 3 | 2 | 1).to_le_bytes()[..3]);
    frame.push(0);
    let zstded = frame.repeat(640);
    for (name, bytes) in [("twice", gzip(&gzipped)), ("gzip", gzipped), ("zstd", zstded)] {
        fs::write(folder.join(name), bytes).unwrap();
        let ran = heapdiff(&folder, &[], name);
        let expected =
            "inflate to more than 32 MiB, which no usual profile does; if it is one, --max-decompressed SIZE";
        assert!(ran.exit == 2 && ran.stderr.contains(expected), "{}", ran.stderr);
        let ran = heapdiff(&folder, &["--max-decompressed", "1GiB"], name);
        assert!(ran.exit == 2 && ran.stderr.contains("no sample_type"), "{}", ran.stderr);
    }
    // An endless inner layer of empty gzip members.
    fs::write(folder.join("members"), gzip(&gzip(b"").repeat(1 << 16)).repeat(32)).unwrap();
    let ran = heapdiff(&folder, &[], "members");
    assert!(ran.exit == 2 && ran.stderr.contains("inflate to more than 32 MiB"), "{}", ran.stderr);
}

#[test]
fn max_decompressed_is_a_limit_on_any_file() {
    let folder = folder("max-decompressed");
    let (packed, plain) = capture();
    fs::write(folder.join("packed"), packed).unwrap();
    fs::write(folder.join("plain"), &plain).unwrap();
    let exact = plain.len().to_string();
    let short = (plain.len() - 1).to_string();
    for file in ["packed", "plain"] {
        assert_eq!(heapdiff(&folder, &["--max-decompressed", &exact], file).exit, 0);
        for options in [&["--max-decompressed", &short][..], &["check", "--max-decompressed", "1KiB"]] {
            let ran = heapdiff(&folder, options, file);
            assert!(ran.exit == 2 && ran.stderr.contains("the profile takes more than"), "{}", ran.stderr);
        }
        let ran = run(command(&folder, &["calibrate", "--max-decompressed", "1_000B", file, "other", "third"]), None);
        assert!(ran.exit == 2 && ran.stderr.contains("more than 1000 B, the limit"), "{}", ran.stderr);
    }
    for size in ["many", "-1", "5%", "1e99", ""] {
        let ran = heapdiff(&folder, &[&format!("--max-decompressed={size}")], "plain");
        assert!(
            ran.exit == 2 && ran.stderr.contains("expected bytes such as 2GiB, 500MB or 1048576"),
            "{}",
            ran.stderr
        );
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};
    use std::thread;

    use super::*;

    fn fifo(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[test]
    fn pipes_are_read_once() {
        let folder = folder("pipes");
        let (packed, plain) = capture();
        fs::write(folder.join("file"), &packed).unwrap();
        for (name, bytes) in [("one", packed), ("two", plain)] {
            let path = folder.join(name);
            fifo(&path);
            // A thread for each: opening a pipe waits for the reader.
            thread::spawn(move || fs::write(path, bytes));
        }
        let ran = run(command(&folder, &["--json", "one", "two"]), None);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
        let by_pipes: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(by_pipes["totals"], json(&folder, &["file", "file"])["totals"]);
    }

    #[test]
    fn a_pipe_without_an_end_is_given_up() {
        let folder = folder("endless");
        fs::write(folder.join("file"), capture().0).unwrap();
        let mut program = command(&folder, &["--max-decompressed", "1MB", "file", "-"]);
        let mut child = program.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let samples = [0x12, 0].repeat(1 << 10);
        while stdin.write_all(&samples).is_ok() {}
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && stderr.contains("standard input: at byte"), "{stderr}");
        assert!(stderr.contains("the profile takes more than 1000000 B, the limit"), "{stderr}");
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let folder = folder("unreadable");
        fs::write(folder.join("file"), capture().0).unwrap();
        let error = |path: &str| {
            let ran = run(command(&folder, &["file", path]), None);
            assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{path}");
            ran.stderr
        };
        assert_eq!(error("/dev/null"), "error: /dev/null: the file is empty; expected a heap profile\n");
        assert!(error("/dev/zero").starts_with("error: /dev/zero: at byte 0: "), "{}", error("/dev/zero"));
        assert_eq!(error("missing"), "error: missing: No such file or directory (os error 2)\n");
        assert_eq!(error("file/missing"), "error: file/missing: Not a directory (os error 20)\n");
        fs::create_dir_all(folder.join("outer/inner")).unwrap();
        fs::write(folder.join("outer/inner/file"), capture().0).unwrap();
        assert!(error("outer").contains("outer: the directory has no files"), "{}", error("outer"));
        fs::write(folder.join("locked"), b"").unwrap();
        fs::set_permissions(folder.join("locked"), fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser may read it; it is empty.
        let locked = error("locked");
        assert!(
            locked.contains("locked: Permission denied") || locked.contains("locked: the file is empty"),
            "{locked}"
        );
    }

    #[test]
    fn a_folder_stands_for_its_files_alone() {
        let folder = folder("folders");
        let (packed, _) = capture();
        fs::create_dir_all(folder.join("outer/inner")).unwrap();
        for file in ["file", "outer/one", "outer/inner/two", "outer/.hidden"] {
            fs::write(folder.join(file), &packed).unwrap();
        }
        let json = json(&folder, &["file", "outer"]);
        assert_eq!(json["current"]["inputs"], serde_json::json!(["outer/one"]));
        let mut go = Profile::go();
        go.live(&[&[("main.f", "main.go", 1, 2)]], 2, 128);
        fs::write(folder.join("outer/raw"), go.encode(Layout::Go)).unwrap();
        let json = crate::run::json(&folder, &["file", "outer"]);
        assert_eq!(json["current"]["compression"], "mixed");
    }
}

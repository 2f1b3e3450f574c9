//! Takes snapshots of a running program, so that they compare well.
//!
//! In: the URL of its `net/http/pprof`. Out: a folder of profiles whose names sort by time, and what to do with them.

mod args;
mod manifest;
mod snapshot;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

pub use args::{CaptureArgs, TakeArgs};
pub(super) use args::{CapturePlan, EXAMPLES};
pub(super) use manifest::{Failed, Manifest, Snapshot};
pub(super) use snapshot::{Kind, Program};

use super::Exit;
use super::clock::{Clock, SystemClock, repeat};
use super::progress::Line;
use super::run::write_to;
use crate::input::url::Url;
use crate::render::sanitize;

/// Takes the snapshots that were asked for. Those that were taken before something went wrong stay.
pub(super) fn run_capture(plan: CapturePlan) -> Result<Exit> {
    let clock = SystemClock::new();
    let (folder, url) = (&plan.folder, &plan.program.url);
    let is_new = prepare(folder).with_context(|| folder.display().to_string())?;
    let mut manifest = Manifest::new(url.to_string(), clock.now(), Some(plan.count), plan.every.as_secs_f64());
    let taken = take(&plan, &mut manifest, &clock);
    if manifest.snapshots.is_empty() {
        if is_new {
            // So that the same command works once the program does. What is in it stays, and so does the folder.
            let _ = fs::remove_dir(folder);
        }
        return taken.map(|()| Exit::NoAnswer);
    }
    let result = taken.with_context(|| {
        let kept = manifest.snapshots.len();
        format!("snapshot {} of {} was not taken, {kept} before it kept in {}", kept + 1, plan.count, folder.display())
    });
    if let Err(error) = &result {
        manifest.error = Some(format!("{error:#}"));
    }
    let written = manifest.write(folder);
    let next = next(&manifest, folder, url);
    write_to(None, |out| out.write_all(next.as_bytes()))?;
    result.and(written).map(|()| Exit::Success)
}

/// Makes sure that there is a folder without anything in it but hidden files, and tells whether it is new.
pub(super) fn prepare(folder: &Path) -> Result<bool> {
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        return Ok(true);
    }
    for entry in folder.read_dir()? {
        let name = entry?.file_name();
        if !name.as_encoded_bytes().starts_with(b".") {
            bail!("the folder is not empty ({}); give a new or an empty one", Path::new(&name).display());
        }
    }
    Ok(false)
}

/// Takes the snapshots. The manifest always tells of those that are there.
fn take(plan: &CapturePlan, manifest: &mut Manifest, clock: &dyn Clock) -> Result<()> {
    let line = Line::new();
    let count = plan.count;
    let digits = (count - 1).to_string().len().max(2);
    let waits = |&round: &usize, left: Duration| {
        line.say(&format!("snapshot {} of {count} in {:.0} s", round + 1, left.as_secs_f64().ceil()))
    };
    repeat(0..count, plan.every, clock, waits, |round| {
        line.say(&format!("snapshot {} of {count}", round + 1));
        let snapshot = plan.program.snapshot(&plan.folder, &format!("{round:0digits$}"), clock.now());
        line.clear();
        let snapshot = snapshot?;
        snapshot.failed.iter().for_each(|missing| warn(round + 1, missing));
        manifest.snapshots.push(snapshot);
        manifest.write(&plan.folder)
    })
}

/// What a snapshot lacks. That nobody reads it is no error.
pub(super) fn warn(number: usize, missing: &Failed) {
    let text = format!("snapshot {number} has no {}: {}", missing.profile, missing.error);
    let _ = writeln!(io::stderr(), "warning: {}", sanitize(&text));
}

/// What was taken, and the commands that read it.
fn next(manifest: &Manifest, folder: &Path, url: &Url) -> String {
    let heaps: Vec<_> = manifest.snapshots.iter().filter_map(|snapshot| Some(&snapshot.files.first()?.file)).collect();
    let quoted = |file: &str| shell(&folder.join(file).display().to_string());
    let taken = match heaps.len() {
        1 => "1 snapshot".to_owned(),
        taken => format!("{taken} snapshots"),
    };
    let mut text = format!("{taken} in {}. Next:\n", folder.display());
    match heaps[..] {
        [] => {}
        [only] => text.push_str(&format!("  heapdiff {} {}\n", quoted(only), shell(&url.to_string()))),
        [first, .., last] => text.push_str(&format!("  heapdiff {} {}\n", quoted(first), quoted(last))),
    }
    if heaps.len() > 2 {
        text.push_str(&format!("  heapdiff trend {}\n", shell(&folder.display().to_string())));
    }
    text
}

/// A word as a shell reads it.
fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-:@+,=".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::shell;

    #[test]
    fn words_can_be_pasted() {
        for (word, quoted) in [
            ("captures/heap_00.pb.gz", "captures/heap_00.pb.gz"),
            ("a b", "'a b'"),
            ("http://h/heap?gc=1", "'http://h/heap?gc=1'"),
            ("it's", r"'it'\''s'"),
        ] {
            assert_eq!(shell(word), quoted);
        }
    }
}

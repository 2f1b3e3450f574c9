//! `heapdiff capture`: takes snapshots of a running program, so that they compare well.
//!
//! In: the URL of its `net/http/pprof`. Out: a folder of profiles whose names sort by time, and what to do with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::cli::options::TakeArgs;
use crate::cli::steps::{
    Clock, Manifest, ProfileKind, Program, StatusLine, SystemClock, prepare, repeat, warn, write_to,
};
use crate::input::url::Url;

pub(crate) const EXAMPLES: &str = "\
Before each snapshot the program is made to collect its garbage twice, so that only what is alive counts. \
A snapshot is the heap, the heap as text (with runtime.MemStats), and which goroutines and threads there are; manifest.json tells when each was taken. Nothing is written over.

Examples:
  $ heapdiff capture localhost:6060 -o captures
  $ heapdiff capture localhost:6060 -o captures --count 10 --every 5m
  $ heapdiff capture http://user:password@build.example:8080/admin/debug/pprof -o captures

Exit codes: 0 all snapshots were taken, 2 one was not (those before it are kept), or bad usage.";

#[derive(Debug, Args)]
pub(crate) struct CaptureArgs {
    /// The program's net/http/pprof: HOST:PORT, or an http URL, with what stands before /debug/pprof if anything does
    url: String,
    /// The folder to write to, which must be new or empty
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// How many snapshots to take
    #[arg(long, value_name = "N", default_value_t = 2)]
    count: usize,
    #[command(flatten)]
    take: TakeArgs,
}

/// A capture to make.
struct CapturePlan {
    program: Program,
    folder: PathBuf,
    count: usize,
    every: Duration,
}

impl CapturePlan {
    fn new(args: CaptureArgs) -> Result<Self> {
        if args.count == 0 {
            bail!("--count: expected at least 1");
        }
        let (limits, every) = args.take.read()?;
        let program = Program::new(&args.url, limits, &ProfileKind::AFTER_HEAP)?;
        Ok(CapturePlan { program, folder: args.output, count: args.count, every })
    }
}

/// Runs the command. If something goes wrong, the snapshots taken before are kept.
pub(crate) fn run(args: CaptureArgs) -> Result<()> {
    let plan = CapturePlan::new(args)?;
    let clock = SystemClock::new();
    let (folder, url) = (&plan.folder, &plan.program.url);
    let is_new = prepare(folder).with_context(|| folder.display().to_string())?;
    let mut manifest = Manifest::new(url.to_string(), clock.now(), Some(plan.count), plan.every.as_secs_f64());
    let taken = take(&plan, &mut manifest, &clock);
    if manifest.snapshots.is_empty() {
        if is_new {
            // So that the same command works once the program does. A folder with files in it stays.
            let _ = fs::remove_dir(folder);
        }
        return taken;
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
    result.and(written)
}

/// Takes the snapshots, and writes the manifest after each.
fn take(plan: &CapturePlan, manifest: &mut Manifest, clock: &dyn Clock) -> Result<()> {
    let line = StatusLine::new();
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
        snapshot.failed.iter().for_each(|missing| warn(&missing.warning(round + 1)));
        manifest.snapshots.push(snapshot);
        manifest.write(&plan.folder)
    })
}

/// Says what was taken, and which commands read it.
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

/// Quotes a word for a shell.
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

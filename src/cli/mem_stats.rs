//! A series of `runtime.MemStats`: reads it, and reports what it suggests.

use std::path::Path;

use anyhow::{Context, Error, Result, bail};

use super::Exit;
use super::progress::Progress;
use super::run::write_to;
use super::series::MemStatsPlan;
use crate::decode::{MemStatsError, MemStatsErrorKind, decode_mem_stats};
use crate::input::{self, Limit};
use crate::profile::MemStats;
use crate::render;
use crate::report::MemStatsReport;
use crate::series::{Assessment, HeapPattern};

/// Reads the snapshots, and reports.
pub(super) fn run_mem_stats(plan: MemStatsPlan) -> Result<Exit> {
    let progress = Progress::of(plan.files.iter().map(|(path, _)| path));
    let (mut files, mut skipped) = (Vec::new(), Vec::new());
    for (path, is_listed) in &plan.files {
        let name = name(path);
        match read(path, &progress).with_context(|| name.clone())? {
            Ok(snapshots) => files.push((name, snapshots)),
            // A folder has other things in it, too.
            Err(error) if *is_listed && matches!(error.kind, MemStatsErrorKind::NotMemStats { .. }) => {
                skipped.push(name);
            }
            Err(error) => return Err(Error::new(error).context(name)),
        }
    }
    if files.is_empty() {
        bail!(
            "no file in the folder has runtime.MemStats, not {}; expected heap profiles as text \
             (/debug/pprof/heap?debug=1&gc=1), JSON of the struct, /debug/vars, or pages for Prometheus",
            skipped.first().map_or("", String::as_str)
        );
    }
    let report = MemStatsReport::new(files, skipped);
    let exit = exit(&report.assessment, &plan.fail_on);
    write_to(plan.output.as_deref(), |out| match plan.json {
        true => render::mem_stats_json(&report, out),
        false => render::mem_stats_table(&report, plan.look, out),
    })?;
    Ok(exit)
}

fn name(path: &Path) -> String {
    if path == Path::new(input::STDIN) { "standard input".to_owned() } else { path.display().to_string() }
}

/// The snapshots in a file; the inner error is about what is in it.
pub(super) fn read(path: &Path, progress: &Progress) -> Result<Result<Vec<MemStats>, MemStatsError>> {
    let (reader, ..) = input::open(path).and_then(|raw| input::inflate(progress.count(raw), Limit::default()))?;
    Ok(decode_mem_stats(reader))
}

/// By what must not be found. What cannot be told is no answer to that.
fn exit(assessment: &Assessment, fail_on: &[String]) -> Exit {
    let has = |finding: &HeapPattern| fail_on.iter().any(|code| code == finding.code());
    let cannot_tell = |finding: &HeapPattern| matches!(finding, HeapPattern::Unknown(_) | HeapPattern::Grew);
    match &assessment.patterns {
        findings if findings.iter().any(has) => Exit::LimitExceeded,
        findings if !fail_on.is_empty() && findings.iter().any(cannot_tell) => Exit::NoAnswer,
        _ => Exit::Success,
    }
}

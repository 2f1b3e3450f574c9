//! The sentences on snapshots of a running program: what went wrong while they were taken, and what to do with them.

use std::iter;
use std::time::Duration;

use super::super::text::sanitize;
use super::commands::{header_file, pasteable, quoted};
use super::live_heap::next_gc_reason;
use crate::series::{Assessment, HeapPattern, LiveHeapSource, MemStatsNote, UnknownCause};

/// What `--insecure` means.
pub const INSECURE: &str = "--insecure: certificates are not verified, so that anybody between may read the token and change \
                            the profile; --cacert FILE trusts one authority";

/// A capture at its end.
#[derive(Debug)]
pub struct Taken {
    /// Snapshots taken, those of earlier processes included.
    pub snapshots: usize,
    /// Their folder.
    pub folder: String,
    /// The program, without secrets.
    pub url: String,
    /// The options by which it was asked, without secrets.
    pub connection: Vec<String>,
    /// The option with the time between two snapshots; none if it is the default.
    pub every: Vec<String>,
    /// The sentence on the totals.
    pub totals: String,
    /// The heap profiles of the last process, in time order.
    pub heaps: Vec<String>,
}

/// A snapshot lacks a profile. Snapshots are counted from 1.
pub fn missing_profile(snapshot: usize, profile: &str, error: &str) -> String {
    format!("snapshot {snapshot} has no {profile}: {error}")
}

/// A snapshot lacks a profile that older versions of Go do not have.
pub fn missing_by_version(snapshot: usize, profile: &str) -> String {
    format!("note: snapshot {snapshot} has no {profile}: the server does not have it (built with Go before 1.27)")
}

/// A request is repeated.
pub fn retrying(snapshot: usize, reason: &str, wait: Duration) -> String {
    format!("snapshot {snapshot}: {reason}, retrying in {}", short(wait))
}

/// A snapshot took longer than the time between two of them.
pub fn interval_not_kept(took: Duration, every: Duration) -> String {
    format!(
        "--every {} cannot be kept: a snapshot took {}; the next one starts when the one before ends",
        short(every),
        short(took)
    )
}

/// The program was restarted before a snapshot of a capture.
pub fn restarted_before(snapshot: usize) -> String {
    format!(
        "the program was restarted before snapshot {snapshot} (the counters of its runtime fell): trend uses the snapshots \
         since then, memstats those of one process only"
    )
}

/// What the verdict of a watch rests on after a restart.
pub fn rests_on(counted: usize, left_out: usize) -> String {
    format!("the program was restarted: the verdict uses the last {counted} snapshots, not the {left_out} before")
}

/// Why a watch with a gate gives no answer.
pub fn no_pass(has_ended: bool) -> &'static str {
    if has_ended {
        "--fail-on: the program no longer answers; nothing was found, but a crash is not a pass"
    } else {
        "--fail-on: the program was restarted; nothing was found since, but a crash is not a pass"
    }
}

/// How far the totals of a capture can be trusted. `texts`: the number of texts of the last process.
pub fn totals_trust(found: &Assessment, texts: usize) -> String {
    if texts == 0 {
        return "The totals cannot be trusted: no text has runtime.MemStats.".to_owned();
    }
    let garbage = found.notes.iter().find_map(|note| match note {
        MemStatsNote::Garbage(_) => Some("HeapAlloc includes garbage, though collections were forced"),
        MemStatsNote::NotForced { .. } => Some("the server does not collect before each snapshot, as ?gc=1 asks"),
        _ => None,
    });
    let is_one =
        found.patterns.iter().any(|pattern| matches!(pattern, HeapPattern::Unknown(UnknownCause::OneSnapshot)));
    match found.source {
        None if is_one => "One snapshot: take two or more to know whether its totals are exact.".to_owned(),
        Some(source @ (LiveHeapSource::HeapAlloc | LiveHeapSource::HeapLive)) => {
            let what = match source {
                LiveHeapSource::HeapAlloc => " (HeapAlloc right after a collection)",
                _ => "",
            };
            format!("The heap's exact size is known for each snapshot{what}.")
        }
        Some(_) => {
            format!("The totals are approximate (NextGC): {}.", garbage.unwrap_or("HeapAlloc includes garbage"))
        }
        None => format!("The totals cannot be trusted: {}.", no_totals(found, garbage)),
    }
}

/// Why there are no totals.
fn no_totals(found: &Assessment, garbage: Option<&str>) -> String {
    let cause = found.patterns.iter().find_map(|pattern| match pattern {
        HeapPattern::Unknown(cause) => Some(*cause),
        _ => None,
    });
    match (cause, garbage) {
        (Some(UnknownCause::NoCollection), _) => "no garbage was collected in between".to_owned(),
        (Some(UnknownCause::Missing(name)), _) => format!("{name} is missing"),
        (Some(cause), Some(garbage)) => format!("{garbage}, and {}", next_gc_reason(cause)),
        (Some(cause), None) => next_gc_reason(cause).to_owned(),
        (None, _) => "the live heap cannot be followed".to_owned(),
    }
}

/// That a watch was stopped before its verdict. `left_out`: snapshots of an earlier process; `folder`: where snapshots are
/// kept, if they are.
pub fn stopped_early(snapshots: usize, left_out: usize, folder: Option<&str>) -> String {
    let plural = if snapshots == 1 { "" } else { "s" };
    let restarted = if left_out > 0 { " since the program was restarted" } else { "" };
    let kept = folder.map_or_else(|| "nothing is kept".to_owned(), |folder| format!("kept in {}", sanitize(folder)));
    format!(
        "stopped after {snapshots} snapshot{plural}{restarted}: a verdict needs 3, which a shorter --every takes sooner; \
         {kept}"
    )
}

/// What was taken, which commands read it, and how far its totals can be trusted.
pub fn capture_end(taken: &Taken) -> String {
    let plural = if taken.snapshots == 1 { "" } else { "s" };
    let mut text = format!("{} snapshot{plural} in {}. Next:\n", taken.snapshots, sanitize(&taken.folder));
    let folder = quoted(&taken.folder);
    let all = |words: &mut dyn Iterator<Item = &String>| words.map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let program = || iter::once(&taken.url).chain(&taken.connection);
    let url = all(&mut program());
    let more = format!("heapdiff capture {} --count 9", all(&mut program().chain(&taken.every)));
    let commands = match &taken.heaps[..] {
        [] => Vec::new(),
        [only] => vec![
            (format!("heapdiff {}", quoted(only)), "what is alive"),
            (format!("heapdiff {} {url}", quoted(only)), "what grew until now"),
            (more, "more snapshots, for a trend"),
        ],
        [first, last] => {
            let pair = format!("{} {}", quoted(first), quoted(last));
            vec![
                (format!("heapdiff {pair}"), "what grew"),
                (format!("heapdiff report -o report.html {pair}"), "the same as a page, with a flame graph"),
                (more, "more snapshots, for a trend"),
            ]
        }
        [first, .., last] => {
            let pair = format!("{} {}", quoted(first), quoted(last));
            vec![
                (format!("heapdiff {folder}"), "what keeps growing, and the process's memory"),
                (format!("heapdiff {pair}"), "what grew from first to last"),
                (format!("heapdiff report -o report.html {pair}"), "the same as a page, with a flame graph"),
            ]
        }
    };
    let commands = commands.into_iter().filter_map(|(command, what)| Some((pasteable(command)?, what)));
    let commands: Vec<_> = commands.collect();
    if let Some(file) = header_file(&taken.connection).filter(|_| commands.iter().any(|(it, _)| it.contains("@FILE"))) {
        text.push_str(&format!("  {file}\n"));
    }
    for (command, what) in commands {
        text.push_str(&format!("  # {what}\n  {command}\n"));
    }
    text.push_str(&format!("{}\n", taken.totals));
    text
}

/// A time in seconds, or in milliseconds below a second.
fn short(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{} ms", time.as_millis()),
        seconds if seconds < 10.0 && time.subsec_millis() >= 50 => format!("{seconds:.1} s"),
        seconds => format!("{seconds:.0} s"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::profile::MemStats;
    use crate::series::assess;

    #[test]
    fn times_are_short() {
        let times = [1, 999, 1000, 1040, 1250, 9990, 60_000].map(Duration::from_millis);
        assert_eq!(times.map(short), ["1 ms", "999 ms", "1 s", "1 s", "1.2 s", "10.0 s", "60 s"]);
    }

    #[test]
    fn totals_say_how_far_they_can_be_trusted() {
        let trust = |forced: u64, next: u64| {
            let stats = |at: u64| MemStats {
                heap_alloc: Some((20 + 2 * at) << 20),
                heap_objects: Some(1000 * at),
                next_gc: Some((40 + next * at) << 20),
                num_gc: Some(3 * at),
                num_forced_gc: Some(forced * at),
                ..MemStats::default()
            };
            let all: Vec<_> = (1..=4).map(stats).collect();
            totals_trust(&assess(&all), all.len())
        };
        let exact = "The heap's exact size is known for each snapshot (HeapAlloc right after a collection).";
        assert_eq!(trust(3, 4), exact);
        let approximate =
            "The totals are approximate (NextGC): the server does not collect before each snapshot, as ?gc=1 asks.";
        assert_eq!(trust(0, 4), approximate);
        assert!(
            trust(0, 0).starts_with("The totals cannot be trusted: the server does not collect before each snapshot")
        );
        assert_eq!(totals_trust(&assess(&[]), 0), "The totals cannot be trusted: no text has runtime.MemStats.");
        let one = totals_trust(&assess(&[MemStats::default()]), 1);
        assert_eq!(one, "One snapshot: take two or more to know whether its totals are exact.");
    }
}

//! The trailer of a heap profile as text (`debug=1`): a line `# Name = number` for each field of `runtime.MemStats`.

use super::mem_stats_error::MemStatsErrorKind;
use crate::profile::MemStats;

/// The line above the trailer.
pub(in crate::decode) const START: &[u8] = b"# runtime.MemStats";

/// Reads a line of the trailer; ignores those of other fields.
pub(in crate::decode) fn read(stats: &mut MemStats, line: &[u8]) -> Result<(), MemStatsErrorKind> {
    let Some((name, value)) =
        std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix("# ")?.split_once(" = "))
    else {
        return Ok(());
    };
    // `in use / obtained from the system`.
    let (in_use, obtained) = value.split_once(" / ").map_or((value, None), |(in_use, sys)| (in_use, Some(sys)));
    let pairs: [(&str, Option<&str>); 2] = match name {
        "Stack" => [("StackInuse", Some(in_use)), ("StackSys", obtained)],
        "MSpan" => [("MSpanInuse", Some(in_use)), ("MSpanSys", obtained)],
        "MCache" => [("MCacheInuse", Some(in_use)), ("MCacheSys", obtained)],
        _ => [(name, Some(value)), (name, None)],
    };
    for (name, value) in pairs {
        let (Some(field), Some(value)) = (stats.field(name), value) else { continue };
        let wrong = |_| MemStatsErrorKind::Number { name: name.to_owned(), text: value.to_owned() };
        *field = Some(value.parse().map_err(wrong)?);
    }
    Ok(())
}

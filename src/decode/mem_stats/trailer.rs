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
    let (name, value) = match (name, value.split_once(" / ")) {
        ("Stack", Some((in_use, _))) => ("StackInuse", in_use),
        _ => (name, value),
    };
    let Some(field) = stats.field(name) else { return Ok(()) };
    let number = value.parse();
    *field = Some(number.map_err(|_| MemStatsErrorKind::Number { name: name.to_owned(), text: value.to_owned() })?);
    Ok(())
}

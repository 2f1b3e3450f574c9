//! The lines that allocate for a site: where in the owner's code, and which function allocates there.

use std::cmp::Reverse;

use crate::diff::{Change, Deltas, Metric, SiteDelta};
use crate::order::sorted;
use crate::site::{CodeLine, Name, SiteKey, SiteTable, Values};

/// What a site allocates at one of its lines, by one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLine {
    /// The function that allocates there, if that is another one than the site's.
    pub callee: Option<String>,
    /// File of the line, as the current profile has it, or else the base.
    pub file: Option<String>,
    /// Number of the line.
    pub line: Option<i64>,
    /// Number of the same line in the base profile.
    pub base_line: Option<i64>,
    /// What is alive of it on both sides.
    pub change: Change,
}

/// A line of the site, and the function that allocates there.
type Key<'p> = (SiteKey<'p>, Option<Name<'p>>);

/// What one side has alive at a line.
#[derive(Clone, Copy)]
struct Cell<'p> {
    is_base: bool,
    line: CodeLine<'p>,
    values: Values,
}

/// The lines of a site at the granularities `owner` and `roots`, the most grown in `metric` first. Their sum is the site's flat value;
/// none where it is not, as growth beyond the usual has no lines, and none at other granularities.
pub(super) fn site_lines(deltas: &Deltas<'_, '_>, site: &SiteDelta, flat: Change, metric: Metric) -> Vec<SiteLine> {
    if !deltas.current.granularity().is_by_owner() {
        return Vec::new();
    }
    let mut cells: Vec<(Key<'_>, Cell<'_>)> = Vec::new();
    for (table, at, is_base) in [(deltas.current, site.current, false), (deltas.base, site.base, true)] {
        for cell in at.into_iter().flat_map(|at| table.cells(at)) {
            let line = table.line(cell.line);
            let callee = cell.allocator.and_then(|allocator| callee(table, line, allocator));
            let key = if is_base { deltas.current_key(line.key) } else { line.key };
            cells.push(((key, callee), Cell { is_base, line, values: deltas.only_counted(cell.values) }));
        }
    }
    // Of several lines with one key, as those of the runtime, each side gives the one where it has most.
    cells.sort_unstable_by_key(|&(key, Cell { is_base, line, values })| {
        (key, is_base, Reverse(metric.of(values)), line.file, line.line)
    });
    let (mut found, mut sum) = (Vec::new(), Change::default());
    for cells in cells.chunk_by(|(one, _), (other, _)| one == other) {
        let Some(((_, callee), first)) = cells.first() else { continue };
        let base = cells.iter().find(|(_, cell)| cell.is_base);
        let mut line = SiteLine::new(first.line, *callee);
        line.base_line = base.and_then(|(_, cell)| number(cell.line.line));
        for (_, cell) in cells {
            if cell.is_base { line.change.base += cell.values } else { line.change.current += cell.values }
        }
        sum += line.change;
        found.push(line);
    }
    if sum != flat {
        return Vec::new();
    }
    let by_growth = |line: &SiteLine| {
        let Values { objects, space } = line.change.delta();
        Reverse(if metric == Metric::Space { (space, objects) } else { (objects, space) })
    };
    // Keys depend on whether the first lines of functions are known; places do not.
    let place = |line: &SiteLine| (line.file.clone(), line.line, line.callee.clone());
    sorted(found, |a, b| by_growth(a).cmp(&by_growth(b)).then_with(|| place(a).cmp(&place(b))))
}

/// The function that allocates, if it is another one than that of the line.
fn callee<'p>(table: &SiteTable<'p>, line: CodeLine<'p>, allocator: u32) -> Option<Name<'p>> {
    table.line(allocator).function().filter(|&function| line.function() != Some(function))
}

fn number(line: i64) -> Option<i64> {
    (line != 0).then_some(line)
}

impl SiteLine {
    fn new(line: CodeLine<'_>, callee: Option<Name<'_>>) -> Self {
        SiteLine {
            callee: callee.map(|name| name.text().into_owned()),
            file: (!line.file.is_empty()).then(|| String::from_utf8_lossy(line.file).into_owned()),
            line: number(line.line),
            base_line: None,
            change: Change::default(),
        }
    }
}

//! Finds where the growth of a site comes from: the line of it that grew most, and the code it allocates for.

use crate::diff::{Deltas, Metric, SiteDelta};
use crate::site::{CodeLine, SiteKey, SiteTable, Values, owner_key};

/// The line and the owner of a site that grew most.
#[derive(Debug, Clone)]
pub struct Origin<'p> {
    /// The line, as the current side has it, or else the base.
    pub line: Option<CodeLine<'p>>,
    /// Number of that line in the base.
    pub base_line: Option<i64>,
    /// The owner; `None` if the site allocates for no other function.
    pub owner: Option<Owner>,
}

/// The function that a site allocates for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its name, type arguments folded.
    pub function: String,
    /// File of its line that grew most.
    pub file: Option<String>,
    /// That line.
    pub line: Option<i64>,
    /// Whether nearly all of the site's growth is for it, at least four fifths.
    pub has_nearly_all: bool,
}

/// Finds the line and the owner of a site that grew most in `metric`.
pub fn origin<'p>(deltas: &Deltas<'_, 'p>, site: &SiteDelta, metric: Metric) -> Origin<'p> {
    let shares = shares(deltas, site);
    let most = most_grown(&shares, metric, |share| Some(share.line.key));
    Origin {
        line: most.map(|share| share.line),
        base_line: most.and_then(|share| share.base_line),
        owner: most_grown_owner(&shares, metric, site.runtime_class.is_some()),
    }
}

/// The owner that grew most, and its line that did. `is_runtime`: whether all of them are the runtime's memory, which
/// has another name even where it is allocated by its owner's own line.
fn most_grown_owner<'p>(shares: &[Share<'p>], metric: Metric, is_runtime: bool) -> Option<Owner> {
    let owner = |share: &Share<'p>| share.owner.or(Some(share.line).filter(|_| is_runtime));
    let name = |share: &Share<'p>| owner(share).and_then(|owner| owner.function()).map(owner_key);
    let most = name(&most_grown(shares, metric, name)?)?;
    let of_owner: Vec<_> = shares.iter().filter(|share| name(share) == Some(most)).copied().collect();
    let sum = |shares: &[Share<'p>]| shares.iter().map(|share| metric.of(share.delta)).sum::<i128>();
    let has_nearly_all = 5 * sum(&of_owner) >= 4 * sum(shares);
    let line = most_grown(&of_owner, metric, |share| owner(share).map(|owner| owner.key)).as_ref().and_then(owner)?;
    let file = (!line.file.is_empty()).then(|| String::from_utf8_lossy(line.file).into_owned());
    Some(Owner {
        function: most.name().into_owned(),
        file,
        line: (line.line != 0).then_some(line.line),
        has_nearly_all,
    })
}

/// What one side has at a line of a site for an owner; negative for the base.
#[derive(Clone, Copy)]
struct Share<'p> {
    line: CodeLine<'p>,
    /// Number of the line in the base, if this is the base's share.
    base_line: Option<i64>,
    owner: Option<CodeLine<'p>>,
    delta: Values,
}

/// What each line and owner contribute to a site, from both sides.
fn shares<'p>(deltas: &Deltas<'_, 'p>, site: &SiteDelta) -> Vec<Share<'p>> {
    let mut shares = Vec::new();
    if let Some(at) = site.current {
        let table = deltas.current;
        shares.extend(table.cells(at).map(|cell| Share {
            line: table.line(cell.line),
            base_line: None,
            owner: cell.owner.map(|owner| table.line(owner)),
            delta: cell.values,
        }));
    }
    let in_current = |line: CodeLine<'p>| CodeLine { key: deltas.current_key(line.key), ..line };
    if let Some(at) = site.base {
        let table = deltas.base;
        shares.extend(table.cells(at).map(|cell| Share {
            line: in_current(table.line(cell.line)),
            base_line: Some(table.line(cell.line).line),
            owner: cell.owner.map(|owner| in_current(table.line(owner))),
            delta: Values::default() - cell.values,
        }));
    }
    // A side that only calls there has lines all the same.
    let only_calls = |side: Option<usize>, table: &SiteTable<'p>| side.filter(|&at| !table.allocates(at));
    let caller = |line, base_line| Share { line, base_line, owner: None, delta: Values::default() };
    if let Some(at) = only_calls(site.current, deltas.current) {
        shares.splice(0..0, deltas.current.lines_of(at).map(|line| caller(line, None)));
    }
    if let Some(at) = only_calls(site.base, deltas.base) {
        shares.extend(deltas.base.lines_of(at).map(|line| caller(in_current(line), Some(line.line))));
    }
    shares
}

/// Adds the shares up by `key` and returns one with the greatest sum: of the current side where that has one, and with
/// the base's line. Shares without a key are ignored; of equal sums the smallest key wins. Of several lines with one key,
/// as those of the runtime, each side gives the one where it has most.
fn most_grown<'p>(
    shares: &[Share<'p>],
    metric: Metric,
    key: impl Fn(&Share<'p>) -> Option<SiteKey<'p>>,
) -> Option<Share<'p>> {
    let mut keyed: Vec<(SiteKey<'p>, &Share<'p>)> =
        shares.iter().filter_map(|share| Some((key(share)?, share))).collect();
    keyed.sort_by_key(|&(key, share)| {
        let place = |line: CodeLine<'p>| (line.file, line.line);
        let most_first = std::cmp::Reverse(metric.of(share.delta).abs());
        (key, share.base_line.is_some(), most_first, place(share.line), share.owner.map(place))
    });
    let groups = keyed.chunk_by(|a, b| a.0 == b.0);
    let sum = |group: &[(SiteKey<'p>, &Share<'p>)]| group.iter().map(|(_, share)| metric.of(share.delta)).sum::<i128>();
    // The first of equals, which max_by_key does not return.
    let most = groups.min_by_key(|group| std::cmp::Reverse(sum(group)))?;
    let base_line = most.iter().find_map(|(_, share)| share.base_line);
    Some(Share { base_line, ..*most.first()?.1 })
}

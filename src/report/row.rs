//! One site, ready to be shown.

use std::cell::RefCell;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::diff::{Attribution, Change, Delta, Deltas, Metric};
use crate::evidence::{BucketTurnover, Evidence, GrowthClass, Interval, Significance, Unit};
use crate::profile::Counted;
use crate::site::{CodeLine, Granularity, Name, SiteKey, SiteTable, Values, import_path};

/// What happened to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// The base has nothing there.
    New,
    /// The current side has nothing there any more.
    Gone,
    /// More bytes, or as many in more objects.
    Grew,
    /// Fewer bytes, or as many in fewer objects.
    Shrank,
    /// The same.
    Unchanged,
}

impl ChangeKind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::New => "new",
            ChangeKind::Gone => "gone",
            ChangeKind::Grew => "grew",
            ChangeKind::Shrank => "shrank",
            ChangeKind::Unchanged => "unchanged",
        }
    }

    fn of(change: Change) -> Self {
        let delta = change.delta();
        let nothing = Values::default();
        match (delta.space, delta.objects) {
            (0, 0) => ChangeKind::Unchanged,
            _ if change.base == nothing => ChangeKind::New,
            _ if change.current == nothing => ChangeKind::Gone,
            (space, objects) if space > 0 || (space == 0 && objects > 0) => ChangeKind::Grew,
            _ => ChangeKind::Shrank,
        }
    }
}

/// What drives a growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// More objects: something is retained.
    Objects,
    /// Larger objects: something is swelling.
    Size,
}

impl Growth {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Growth::Objects => "objects",
            Growth::Size => "size",
        }
    }

    /// The factor that grew more of the two whose product the bytes are: the number of objects or
    /// their mean size. `None` if neither bytes nor objects grew; more but smaller objects are more.
    fn of(change: Change) -> Option<Self> {
        let (delta, base, current) = (change.delta(), change.base, change.current);
        if delta.space <= 0 {
            return (delta.objects > 0).then_some(Growth::Objects);
        }
        if base.objects <= 0 || base.space <= 0 {
            return Some(Growth::Objects);
        }
        if current.objects <= 0 {
            return Some(Growth::Size);
        }
        let count = current.objects as f64 / base.objects as f64;
        let size = current.space as f64 / base.space as f64 / count;
        Some(if size > count { Growth::Size } else { Growth::Objects })
    }
}

/// The code for which a site allocates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its function, type arguments folded.
    pub function: String,
    /// The file of its line that grew most.
    pub file: Option<String>,
    /// That line.
    pub line: Option<i64>,
}

/// A site.
#[derive(Debug, Clone)]
pub struct SiteRow {
    /// Its place, from 1, by growth of `inuse_space` among all sites.
    pub space_rank: usize,
    /// Likewise of `inuse_objects`.
    pub objects_rank: usize,
    /// An id that is the same in other builds.
    pub site_id: String,
    /// What to call it: the function, the file or the package.
    pub name: String,
    /// Its function; `None` at the granularities `files` and `packages`.
    pub function: Option<String>,
    /// Import path of the package; `None` where names have none.
    pub package: Option<String>,
    /// File of the line that grew most, as the current profile has it, or else the base.
    pub file: Option<String>,
    /// That line, likewise.
    pub line: Option<i64>,
    /// The same line in the base profile.
    pub base_line: Option<i64>,
    /// Whose code it allocates for, where that is another function's.
    pub owner: Option<Owner>,
    /// What the site allocates itself.
    pub flat: Change,
    /// That and what it calls; 0 in a report for people that does not rank by it.
    pub cum: Change,
    /// What happened to it.
    pub change: ChangeKind,
    /// What drives its growth.
    pub growth: Option<Growth>,
    /// How sure that is.
    pub evidence: RowEvidence,
}

/// What the samples say of what a site allocates itself.
#[derive(Debug, Clone, Copy)]
pub struct RowEvidence {
    /// What it comes to.
    pub verdict: Significance,
    /// Raw live samples on the earlier side.
    pub samples_base: u64,
    /// Raw live samples on the later side.
    pub samples_current: u64,
    /// How likely such a growth is by chance; `None` where that is unknown.
    pub p_value: Option<f64>,
    /// The growth in objects, between bounds that hold with 95 %; likewise.
    pub objects: Option<Interval>,
    /// That in bytes.
    pub space: Option<Interval>,
    /// Whether it is one of objects or of their size, by what was born and what died; `None` without growth.
    pub class: Option<GrowthClass>,
}

impl SiteRow {
    /// Its values.
    pub fn values(&self, basis: Attribution) -> Change {
        match basis {
            Attribution::Flat => self.flat,
            Attribution::Cum => self.cum,
        }
    }
}

/// Makes rows of sites.
pub(super) struct Rows<'d, 't, 'p> {
    pub(super) deltas: &'d Deltas<'t, 'p>,
    pub(super) evidence: &'d Evidence,
    /// Decides which line and which owner of a site grew most.
    pub(super) sort: Metric,
    /// Of sites with a single bucket, of which many are alike.
    known: RefCell<HashMap<BucketTurnover, Weighed, RandomState>>,
}

/// How sure the growth of a site is, and its bounds in objects and in bytes.
#[derive(Clone, Copy)]
struct Weighed {
    p_value: Option<f64>,
    objects: Option<Interval>,
    space: Option<Interval>,
}

impl<'d, 't, 'p> Rows<'d, 't, 'p> {
    pub(super) fn new(deltas: &'d Deltas<'t, 'p>, evidence: &'d Evidence, sort: Metric) -> Self {
        Rows { deltas, evidence, sort, known: RefCell::default() }
    }

    /// The row of a site, by its index in [`Deltas::sites`], with its ranks by space and by objects.
    pub(super) fn row(&self, site: usize, [space_rank, objects_rank]: [usize; 2]) -> SiteRow {
        let delta = &self.deltas.sites[site];
        let shares = self.shares(delta);
        let line = most_grown(&shares, self.sort, |share| Some(share.line.key));
        let owner = self.owner(&shares);
        let key = self.deltas.key(delta);
        let code = line.map(|share| share.line);
        let function = match key {
            SiteKey::File(_) | SiteKey::Package(_) | SiteKey::Binary(_) => None,
            key => Some(key.name().into_owned()),
        };
        let package = match key {
            SiteKey::Package(package) => Some(package),
            // Code without a package has at least the name of its binary.
            SiteKey::Binary(binary) if self.deltas.current.granularity() == Granularity::Packages => {
                Some(binary).filter(|binary| !binary.is_empty())
            }
            _ => code.and_then(|code| code.function()).and_then(Name::package),
        };
        let change = delta.change;
        SiteRow {
            space_rank,
            objects_rank,
            site_id: key.site_id(),
            name: key.name().into_owned(),
            function,
            package: package.map(|package| import_path(package).into_owned()),
            file: match key {
                SiteKey::Binary(binary) if self.deltas.current.granularity() == Granularity::Files => text(binary),
                _ => code.and_then(|code| text(code.file)),
            },
            line: code.and_then(|code| number(code.line)),
            base_line: line.and_then(|share| share.base_line).and_then(number),
            owner,
            flat: self.deltas.change(delta, Attribution::Flat),
            cum: self.deltas.change(delta, Attribution::Cum),
            change: ChangeKind::of(change),
            // Of one metric alone nobody can tell.
            growth: if self.deltas.counted == Counted::BOTH { Growth::of(change) } else { None },
            evidence: self.evidence(site),
        }
    }

    fn evidence(&self, site: usize) -> RowEvidence {
        let flat = self.deltas.change(&self.deltas.sites[site], Attribution::Flat);
        let [samples_base, samples_current] = self.evidence.live_samples(site);
        let verdict = self.evidence.significance(site);
        let Weighed { p_value, objects, space } = match self.evidence.turnover(site) {
            [bucket] if verdict != Significance::Unknown => {
                *self.known.borrow_mut().entry(*bucket).or_insert_with(|| self.weigh(site))
            }
            _ => self.weigh(site),
        };
        RowEvidence {
            verdict,
            samples_base,
            samples_current,
            p_value,
            objects,
            space,
            class: if flat.delta().space > 0 && self.deltas.counted == Counted::BOTH {
                self.evidence.class(site, &flat)
            } else {
                None
            },
        }
    }

    fn weigh(&self, site: usize) -> Weighed {
        Weighed {
            p_value: self.evidence.p_value(site),
            objects: self.bounds(site, Metric::Objects),
            space: self.bounds(site, Metric::Space),
        }
    }

    fn bounds(&self, site: usize, metric: Metric) -> Option<Interval> {
        let unit = if metric == Metric::Objects { Unit::Objects } else { Unit::Bytes };
        self.evidence.growth(site, unit).filter(|_| self.deltas.counts(metric))
    }

    /// The owner that grew most, and its line that did.
    fn owner(&self, shares: &[Share<'p>]) -> Option<Owner> {
        let function = |share: &Share<'p>| share.owner.and_then(|owner| owner.function());
        let name = function(&most_grown(shares, self.sort, |share| function(share).map(SiteKey::Function))?)?;
        let lines: Vec<_> = shares.iter().filter(|share| function(share) == Some(name)).copied().collect();
        let line = most_grown(&lines, self.sort, |share| share.owner.map(|owner| owner.key))?.owner?;
        Some(Owner { function: name.text().into_owned(), file: text(line.file), line: number(line.line) })
    }

    /// What each line and owner contribute to a site, from both sides.
    fn shares(&self, delta: &Delta) -> Vec<Share<'p>> {
        let mut shares = Vec::new();
        if let Some(site) = delta.current {
            let table = self.deltas.current;
            shares.extend(table.cells(site).map(|cell| Share {
                line: table.line(cell.line),
                base_line: None,
                owner: cell.owner.map(|owner| table.line(owner)),
                delta: cell.values,
            }));
        }
        let moved = |line: CodeLine<'p>| CodeLine { key: self.deltas.current_key(line.key), ..line };
        if let Some(site) = delta.base {
            let table = self.deltas.base;
            shares.extend(table.cells(site).map(|cell| Share {
                line: moved(table.line(cell.line)),
                base_line: Some(table.line(cell.line).line),
                owner: cell.owner.map(|owner| moved(table.line(owner))),
                delta: Values::default() - cell.values,
            }));
        }
        let missing = |side: Option<usize>, table: &SiteTable<'p>| side.filter(|&site| !table.allocates(site));
        let caller = |line, base_line| Share { line, base_line, owner: None, delta: Values::default() };
        // A side that only calls has lines all the same.
        if let Some(site) = missing(delta.current, self.deltas.current) {
            shares.splice(0..0, self.deltas.current.lines_of(site).map(|line| caller(line, None)));
        }
        if let Some(site) = missing(delta.base, self.deltas.base) {
            shares.extend(self.deltas.base.lines_of(site).map(|line| caller(moved(line), Some(line.line))));
        }
        shares
    }
}

/// What one side has at a line of a site for an owner, negative for the base.
#[derive(Clone, Copy)]
struct Share<'p> {
    line: CodeLine<'p>,
    /// The line's number, if this is the base's share.
    base_line: Option<i64>,
    owner: Option<CodeLine<'p>>,
    delta: Values,
}

/// Adds the shares up by `key` and gives one of those with the greatest sum, of the current side where
/// it has one, and with the base's line. Shares without a key do not count; equal sums go by key.
fn most_grown<'p>(
    shares: &[Share<'p>],
    metric: Metric,
    key: impl Fn(&Share<'p>) -> Option<SiteKey<'p>>,
) -> Option<Share<'p>> {
    let mut keyed: Vec<(SiteKey<'p>, &Share<'p>)> =
        shares.iter().filter_map(|share| Some((key(share)?, share))).collect();
    // Stable, so the current side's shares stay in front.
    keyed.sort_by_key(|&(key, _)| key);
    let groups = keyed.chunk_by(|a, b| a.0 == b.0);
    let sum = |group: &[(SiteKey<'p>, &Share<'p>)]| group.iter().map(|(_, share)| metric.of(share.delta)).sum::<i128>();
    // The first of equals: max_by_key would give the last.
    let most = groups.min_by_key(|group| std::cmp::Reverse(sum(group)))?;
    let base_line = most.iter().find_map(|(_, share)| share.base_line);
    Some(Share { base_line, ..*most.first()?.1 })
}

fn text(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
}

fn number(line: i64) -> Option<i64> {
    (line != 0).then_some(line)
}

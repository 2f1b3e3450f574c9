//! One site, ready to be shown.

use std::cell::RefCell;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::site_line::{SiteLine, site_lines};
use crate::diagnose::{Origin, Owner, origin};
use crate::diff::{Attribution, Change, Deltas, Metric};
use crate::evidence::{BucketTurnover, Evidence, GrowthKind, Interval, Significance, growth_kind_by_values};
use crate::matching::{Matching, OtherName};
use crate::profile::MetricsPresent;
use crate::site::{Granularity, Name, RuntimeClass, SiteKey, Values, import_path};

/// What happened to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// The base has nothing at the site.
    New,
    /// The current side has nothing at the site.
    Gone,
    /// More bytes, or as many in more objects.
    Grew,
    /// Fewer bytes, or as many in fewer objects.
    Shrank,
    /// The same on both sides.
    Unchanged,
}

impl ChangeKind {
    /// Name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::New => "new",
            ChangeKind::Gone => "gone",
            ChangeKind::Grew => "grew",
            ChangeKind::Shrank => "shrank",
            ChangeKind::Unchanged => "unchanged",
        }
    }

    /// `is_renamed`: whether the function has another name on the other side; then lines that only one side has are lines
    /// of it that changed.
    fn of(change: Change, is_renamed: bool) -> Self {
        let delta = change.delta();
        let nothing = Values::default();
        let grew = delta.space > 0 || (delta.space == 0 && delta.objects > 0);
        // Values below 0, as in differences, are neither new nor gone.
        match grew {
            _ if delta == nothing => ChangeKind::Unchanged,
            true if change.base == nothing && !is_renamed => ChangeKind::New,
            true => ChangeKind::Grew,
            false if change.current == nothing && !is_renamed => ChangeKind::Gone,
            false => ChangeKind::Shrank,
        }
    }
}

/// Decided by the values of both sides; `None` if neither bytes nor objects grew, or a value is below 0. More but smaller objects are more.
fn growth_kind(change: Change) -> Option<GrowthKind> {
    let delta = change.delta();
    if [change.base, change.current].iter().any(|values| values.space < 0 || values.objects < 0) {
        return None;
    }
    if delta.space <= 0 {
        return (delta.objects > 0).then_some(GrowthKind::MoreObjects);
    }
    Some(growth_kind_by_values(change.base.into(), change.current.into()))
}

/// A row of a report: one site.
#[derive(Debug, Clone)]
pub struct SiteRow {
    /// Rank among all sites by growth in `inuse_space`, from 1.
    pub space_rank: usize,
    /// Rank among all sites by growth in `inuse_objects`, from 1.
    pub objects_rank: usize,
    /// An id that is the same in other builds.
    pub site_id: String,
    /// Its name: the function, the file or the package.
    pub name: String,
    /// Its function; `None` at the granularities `files` and `packages`.
    pub function: Option<String>,
    /// Import path of the package; `None` where names have none.
    pub package: Option<String>,
    /// File of the line that grew most, as the current profile has it, or else the base.
    pub file: Option<String>,
    /// Number of that line.
    pub line: Option<i64>,
    /// Number of the same line in the base profile.
    pub base_line: Option<i64>,
    /// The function it allocates for, if that is another one.
    pub owner: Option<Owner>,
    /// At the granularity `owner`, what it allocates at each line, the most grown first. Their sum is `flat`, unless there
    /// are none.
    pub lines: Vec<SiteLine>,
    /// How many of them, from the first on, matter to people; 0 if the most grown one is nearly all.
    pub shown_lines: usize,
    /// Flat values: what the site itself allocates.
    pub flat: Change,
    /// What the site and its callees allocate; 0 in a report for people that does not rank by it.
    pub cum: Change,
    /// Whether it is new, gone, grew or shrank.
    pub change_kind: ChangeKind,
    /// What made it grow, by the values of both sides. Tables show this one, which is known without evidence, too.
    pub kind_by_values: Option<GrowthKind>,
    /// What the samples say of that.
    pub evidence: RowEvidence,
    /// The class of its memory, if that is the runtime's own.
    pub runtime_class: Option<RuntimeClass>,
    /// Other names under which its memory is.
    pub other_names: Vec<OtherName>,
    /// Of a function that only the current side has: the functions of its package that are gone, none of which matches it.
    pub unmatched: Option<Vec<String>>,
    /// Where it is in the checkout, if it is there and was looked for.
    pub source: Option<Source>,
}

/// What the samples say of the flat values of a site.
#[derive(Debug, Clone, Copy)]
pub struct RowEvidence {
    /// Class of significance.
    pub significance: Significance,
    /// Raw live samples on the earlier side.
    pub samples_base: u64,
    /// Raw live samples on the later side.
    pub samples_current: u64,
    /// Probability of such growth by chance; `None` where unknown.
    pub p_value: Option<f64>,
    /// Growth in objects with 95 % bounds; `None` where unknown.
    pub objects: Option<Interval>,
    /// Growth in bytes with 95 % bounds; `None` where unknown.
    pub space: Option<Interval>,
    /// What made it grow, by what was born and what died, so it can differ from [`SiteRow::kind_by_values`]; `None`
    /// without growth.
    pub kind_by_turnover: Option<GrowthKind>,
    /// Whether it varies from run to run by more than sampling, so that its bounds and its p-value are by that variation
    /// where that is more.
    pub varies: bool,
}

impl SiteRow {
    /// Rank among all sites by growth in a metric, from 1.
    pub fn rank(&self, metric: Metric) -> usize {
        match metric {
            Metric::Space => self.space_rank,
            Metric::Objects => self.objects_rank,
        }
    }

    /// The lines that matter to people.
    pub fn main_lines(&self) -> &[SiteLine] {
        &self.lines[..self.shown_lines]
    }

    /// How many other lines changed, and by how much together.
    pub fn other_lines(&self) -> (usize, Values) {
        let changed = self.lines[self.shown_lines..].iter().filter(|line| line.change.base != line.change.current);
        changed.fold((0, Values::default()), |(count, sum), line| (count + 1, sum + line.change.delta()))
    }

    /// Its values by an attribution.
    pub fn values(&self, attribution: Attribution) -> Change {
        match attribution {
            Attribution::Flat => self.flat,
            Attribution::Cum => self.cum,
        }
    }
}

/// A line of a file of the checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path relative to the root of the checkout.
    pub file: String,
    /// Line number, from 1.
    pub line: i64,
}

/// Makes rows of sites.
pub(super) struct Rows<'d, 't, 'p> {
    deltas: &'d Deltas<'t, 'p>,
    evidence: &'d Evidence,
    /// Metric that decides which line and which owner of a site grew most.
    sort: Metric,
    matching: &'d Matching,
    /// Results for single buckets, which many sites share.
    known: RefCell<HashMap<BucketTurnover, Weighed, RandomState>>,
}

/// The p-value of a site's growth, and its bounds in objects and in bytes.
#[derive(Clone, Copy)]
struct Weighed {
    p_value: Option<f64>,
    objects: Option<Interval>,
    space: Option<Interval>,
}

impl<'d, 't, 'p> Rows<'d, 't, 'p> {
    pub(super) fn new(
        deltas: &'d Deltas<'t, 'p>,
        evidence: &'d Evidence,
        sort: Metric,
        matching: &'d Matching,
    ) -> Self {
        Rows { deltas, evidence, sort, matching, known: RefCell::default() }
    }

    /// The row of a site, by its index in [`Deltas::sites`], with its ranks by space and by objects.
    pub(super) fn row(&self, site: usize, [space_rank, objects_rank]: [usize; 2]) -> SiteRow {
        let delta = &self.deltas.sites[site];
        let Origin { line, base_line, owner } = origin(self.deltas, delta, self.sort);
        let key = self.deltas.key(delta);
        let function = match key {
            SiteKey::File(_) | SiteKey::Package(_) | SiteKey::Binary(_) => None,
            key => Some(key.name().into_owned()),
        };
        let package = match key {
            SiteKey::Package(package) => Some(package),
            SiteKey::Runtime(_) => Some(&b"runtime"[..]),
            // Code without a package has at least the name of its binary.
            SiteKey::Binary(binary) if self.deltas.current.granularity() == Granularity::Packages => {
                Some(binary).filter(|binary| !binary.is_empty())
            }
            _ => line.and_then(|line| line.function()).and_then(Name::package),
        };
        let change = delta.change;
        let flat = self.deltas.change(delta, Attribution::Flat);
        let other_names = match key {
            SiteKey::Package(package) => self.matching.other_names_of_package(package),
            SiteKey::File(file) => self.matching.other_names_of_file(file),
            _ => function.as_deref().map_or(&[][..], |function| self.matching.other_names(function)),
        };
        SiteRow {
            space_rank,
            objects_rank,
            site_id: key.site_id(),
            name: key.name().into_owned(),
            package: package.map(|package| import_path(package).into_owned()),
            file: match key {
                SiteKey::Binary(binary) if self.deltas.current.granularity() == Granularity::Files => text(binary),
                _ => line.and_then(|line| text(line.file)),
            },
            line: line.and_then(|line| number(line.line)),
            base_line: base_line.and_then(number),
            owner,
            lines: site_lines(self.deltas, delta, flat, self.sort),
            shown_lines: 0,
            flat,
            cum: self.deltas.change(delta, Attribution::Cum),
            change_kind: ChangeKind::of(change, !other_names.is_empty()),
            // One metric alone does not tell.
            kind_by_values: if self.deltas.counted == MetricsPresent::BOTH { growth_kind(change) } else { None },
            evidence: self.evidence(site),
            runtime_class: delta.runtime_class,
            other_names: other_names.to_vec(),
            unmatched: function.as_deref().and_then(|function| self.matching.gone_beside(function)),
            source: None,
            function,
        }
    }

    fn evidence(&self, site: usize) -> RowEvidence {
        let flat = self.deltas.change(&self.deltas.sites[site], Attribution::Flat);
        let [samples_base, samples_current] = self.evidence.live_samples(site);
        let significance = self.evidence.significance(site);
        let Weighed { p_value, objects, space } = match self.evidence.turnover(site) {
            [bucket] if significance != Significance::Unknown && self.evidence.variation(site).is_none() => {
                *self.known.borrow_mut().entry(*bucket).or_insert_with(|| self.weigh(site))
            }
            _ => self.weigh(site),
        };
        RowEvidence {
            significance,
            samples_base,
            samples_current,
            varies: self.evidence.variation(site).is_some(),
            p_value,
            objects,
            space,
            kind_by_turnover: if flat.delta().space > 0 && self.deltas.counted == MetricsPresent::BOTH {
                self.evidence.growth_kind(site, &flat)
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
        self.evidence.growth_interval(site, metric).filter(|_| self.deltas.counts(metric))
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
}

fn number(line: i64) -> Option<i64> {
    (line != 0).then_some(line)
}

//! Tells what the numbers of a comparison suggest. In: the comparison, its evidence, and what is known beside it.
//! Out: [`Finding`]s, the most important first. Proves nothing.

use super::{Asked, Finding, Note, SiteGrew, Waiting, Which, row};
use crate::diff::{Attribution, Change, Deltas, Metric};
use crate::evidence::{Evidence, GrowthClass, Process, Significance};
use crate::order::sorted;
use crate::profile::MemStats;
use crate::series::{self, Assessment, Trend, Why, assess};
use crate::site::Rate;

/// So many samples must have been taken for one to speak of churn, and at most a twentieth of them be left.
const MUCH: u64 = 64;
const LEFT: i128 = 20;
/// A site that grew by less is no one's concern, in bytes; nor by less than so much of all that grew, in percent.
const NOTICEABLE: i128 = 64 << 10;
const SHARE: i128 = 5;
/// Objects of up to so many bytes are small; so many are many.
const SMALL: i128 = 64;
const MANY: i128 = 10_000;
/// More than that, and a quarter of it, cannot be the program's code and libraries.
const OUTSIDE: u64 = 64 << 20;
/// Stacks that grow by less are no one's concern.
const STACKS: i128 = 16 << 20;

/// All that findings rest on.
pub struct Seen<'a, 't, 'p> {
    /// The comparison.
    pub deltas: &'a Deltas<'t, 'p>,
    /// How sure it is.
    pub evidence: &'a Evidence,
    /// What else the user is told of it.
    pub notes: &'a [Note],
    /// What was asked for.
    pub asked: &'a Asked,
    /// The trend of each site, as in [`Deltas::sites`]; `None` of two profiles.
    pub trends: Option<&'a [Trend]>,
    /// What a series of the runtime's own numbers suggests.
    pub assessment: Option<&'a Assessment>,
    /// Those of either side, where it is one profile that has them.
    pub mem_stats: [Option<&'a MemStats>; 2],
    /// Functions with more goroutines.
    pub goroutines: Vec<Waiting>,
    /// Functions that made more threads.
    pub threads: Vec<Waiting>,
}

/// What a comparison suggests, the most important first.
pub fn findings(mut seen: Seen<'_, '_, '_>) -> Vec<Finding> {
    let mut found = comparability(seen.notes);
    let is_comparable = found.is_empty();
    let goroutines = std::mem::take(&mut seen.goroutines);
    let threads = std::mem::take(&mut seen.threads);
    let is_counted = !goroutines.is_empty();
    found.extend(is_counted.then_some(Finding::Goroutines(goroutines)));
    // Of another column, or of a comparison that means nothing, the sites suggest nothing.
    if is_comparable && seen.asked.sample_type.is_none() {
        seen.of_sites(is_counted, &mut found);
    }
    if !threads.is_empty() {
        found.push(Finding::Threads(threads));
    }
    let of_both = match (seen.assessment, seen.mem_stats) {
        (None, [Some(base), Some(current)]) => Some(assess(&[base.clone(), current.clone()])),
        (None, [None, Some(current)]) => Some(assess(std::slice::from_ref(current))),
        _ => None,
    };
    if let Some(assessment) = seen.assessment.or(of_both.as_ref()) {
        seen.of_the_runtime(assessment, &mut found);
    }
    let used = seen.mem_stats[1].and_then(|stats| stats.max_rss.zip(stats.sys));
    let outside = used.filter(|&(max_rss, sys)| max_rss.saturating_sub(sys) > OUTSIDE.max(sys / 4));
    found.extend(outside.map(|(max_rss, sys)| Finding::Outside { max_rss, sys }));
    let profiler = seen.notes.iter().find_map(|note| match *note {
        Note::ProfilerGrew { objects, space, percent } => Some(Finding::Profiler { objects, space, percent }),
        _ => None,
    });
    found.extend(profiler);
    sorted(found, |a, b| order(a).cmp(&order(b)))
}

/// The smaller, the more important.
fn order(finding: &Finding) -> u8 {
    match finding {
        Finding::NotComparable(_) => 0,
        Finding::Negative(_) => 1,
        Finding::Stale(_) => 2,
        Finding::Goroutines(_) => 3,
        Finding::PilingUp(_) => 4,
        Finding::GoroutineObjects(_) | Finding::GoroutineCount(_) => 5,
        Finding::WarmUp(_) => 6,
        Finding::Larger(_) => 7,
        Finding::ManySmall(_) => 8,
        Finding::Threads(_) | Finding::Outside { .. } | Finding::Stacks(_) => 9,
        Finding::Fragmentation(_) => 10,
        Finding::Idle(_) => 11,
        Finding::Churn { .. } => 12,
        Finding::Noise(_) => 13,
        Finding::Profiler { .. } => 14,
        Finding::Retainer { .. } => 15,
    }
}

/// What the notes say already, with a page to read on.
fn comparability(notes: &[Note]) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_unlike = |note: &&Note| {
        let unlike =
            matches!(note, Note::ProgramDiffers { .. } | Note::PeriodDiffers { .. } | Note::ProducerDiffers { .. });
        unlike
            || matches!(note, Note::TimeReversed { .. })
            || note.is_incomparable() && !matches!(note, Note::NoCollectionBetween | Note::NegativeValues { .. })
    };
    let codes: Vec<_> = notes.iter().filter(is_unlike).map(Note::code).collect();
    if !codes.is_empty() {
        found.push(Finding::NotComparable(codes));
    }
    if notes.contains(&Note::NoCollectionBetween) {
        found.push(Finding::Stale(Some(Note::NoCollectionBetween.code())));
    }
    let mut negative = [0; 2];
    for note in notes {
        if let Note::NegativeValues { side, samples } = note {
            negative[usize::from(*side == Which::Current)] = *samples;
        }
    }
    if negative != [0; 2] {
        found.push(Finding::Negative(negative));
    }
    found
}

/// The site that grew most of those of which something is true.
#[derive(Default)]
struct Most {
    site: Option<(usize, i128)>,
    count: usize,
}

impl Most {
    fn offer(&mut self, site: usize, growth: i128, earlier: impl Fn(usize) -> bool) {
        self.count += 1;
        if self.site.is_none_or(|(most, most_growth)| growth > most_growth || growth == most_growth && earlier(most)) {
            self.site = Some((site, growth));
        }
    }
}

impl Seen<'_, '_, '_> {
    fn of_sites(&self, goroutines_are_counted: bool, found: &mut Vec<Finding>) {
        let (deltas, evidence) = (self.deltas, self.evidence);
        let metric = if deltas.counts(Metric::Space) { Metric::Space } else { Metric::Objects };
        let is_same = evidence.process() != Process::Different;
        let [mut noise, mut piling, mut larger, mut small, mut confirmed, mut warm] =
            std::array::from_fn::<_, 6, _>(|_| Most::default());
        let (mut descriptors, mut is_noise, mut all) = (None, true, 0);
        for (at, site) in deltas.sites.iter().enumerate() {
            let change = self.change(at);
            let growth = metric.of(change.delta());
            if growth <= 0 {
                continue;
            }
            all += growth;
            // Of equals the one with the smaller key, as no order of sites means anything.
            let earlier = |other: usize| deltas.key(site) < deltas.key(&deltas.sites[other]);
            match evidence.significance(at) {
                Significance::Grew => {}
                Significance::Noise => {
                    let [before, after] = evidence.live_samples(at);
                    if after > before {
                        noise.offer(at, growth, earlier);
                    }
                    continue;
                }
                _ => {
                    is_noise = false;
                    continue;
                }
            }
            is_noise = false;
            confirmed.offer(at, growth, earlier);
            if deltas.key(site).name() == "runtime.malg" {
                descriptors = Some(at);
            }
            match self.trends.map(|trends| trends[at]) {
                Some(Trend::WarmUp) => {
                    warm.offer(at, growth, earlier);
                    continue;
                }
                Some(Trend::OneStep | Trend::Fluctuating | Trend::Steady) => continue,
                _ => {}
            }
            let delta = change.delta();
            if deltas.counts(Metric::Space) && delta.space < NOTICEABLE {
                continue;
            }
            let class = evidence.class(at, &change).filter(|_| delta.space > 0);
            let [born, died] = evidence.born_and_died(at);
            if class == Some(GrowthClass::Bloat) {
                larger.offer(at, growth, earlier);
            } else if is_same && died.saturating_mul(2) <= born {
                piling.offer(at, growth, earlier);
            }
            if delta.objects >= MANY && delta.space > 0 && delta.space <= SMALL * delta.objects {
                small.offer(at, growth, earlier);
            }
        }
        if let Some((site, _)) = noise.site
            && is_noise
            && evidence.rate().is_some_and(|rate| !rate.is_exact())
        {
            found.push(Finding::Noise(self.grew(site, noise.count)));
        }
        let of = [
            (piling, Finding::PilingUp as fn(SiteGrew) -> Finding),
            (larger, Finding::Larger),
            (small, Finding::ManySmall),
            (warm, |site| Finding::WarmUp(Some(site))),
        ];
        for (most, finding) in of {
            let site = most.site.filter(|(_, growth)| 100 * growth >= SHARE * all);
            found.extend(site.map(|(site, _)| finding(self.grew(site, most.count))));
        }
        if let Some(site) = descriptors.filter(|_| !goroutines_are_counted) {
            found.push(Finding::GoroutineObjects(self.grew(site, 1)));
        }
        if let Some((site, _)) = confirmed.site {
            let delta = &deltas.sites[site];
            let owner = row::Rows::new(deltas, evidence, metric).row(site, [0, 0]).owner;
            let owner = owner.map(|owner| owner.function);
            found.push(Finding::Retainer { site: deltas.key(delta).name().into_owned(), owner });
        }
        found.extend(self.churn());
    }

    fn change(&self, site: usize) -> Change {
        self.deltas.change(&self.deltas.sites[site], Attribution::Flat)
    }

    fn grew(&self, site: usize, count: usize) -> SiteGrew {
        SiteGrew {
            site: self.deltas.key(&self.deltas.sites[site]).name().into_owned(),
            change: self.change(site),
            samples: self.evidence.live_samples(site),
            moved: self.evidence.born_and_died(site),
            is_exact: self.evidence.rate().is_some_and(Rate::is_exact),
            others: count.saturating_sub(1),
            trend: self.trends.map(|trends| trends[site]),
        }
    }

    /// Much was allocated at what lives on both sides, and next to nothing of it stayed.
    fn churn(&self) -> Option<Finding> {
        let (taken, rate) = (self.evidence.samples_taken_between(), self.evidence.rate()?);
        // A sample stands for so many bytes at least.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let allocated = (taken as f64 * rate.bytes()) as u64;
        let growth = self.deltas.total().delta().space;
        let is_churn = !rate.is_exact() && taken >= MUCH && LEFT * growth <= i128::from(allocated);
        (is_churn && self.deltas.counts(Metric::Space)).then_some(Finding::Churn { allocated, growth })
    }

    /// What the runtime's own numbers suggest.
    fn of_the_runtime(&self, assessment: &Assessment, found: &mut Vec<Finding>) {
        let is_same = self.evidence.process() != Process::Different;
        for finding in &assessment.findings {
            let more = match finding {
                series::HeapPattern::GoroutineLeak => assessment.goroutines.map(Finding::GoroutineCount),
                series::HeapPattern::Fragmentation => assessment.held.map(Finding::Fragmentation),
                series::HeapPattern::RetainedIdle => assessment.held.map(Finding::Idle),
                series::HeapPattern::Decelerating => Some(Finding::WarmUp(None)),
                series::HeapPattern::Unknown(Why::NoGc) if is_same => Some(Finding::Stale(None)),
                _ => None,
            };
            // What is known of a site or a function says more.
            found.extend(more.filter(|more| !found.iter().any(|known| known.code() == more.code())));
        }
        let heap = self.deltas.total().delta().space;
        let stacks = assessment.stacks.filter(|ends| is_same && ends.delta() >= STACKS && ends.delta() > heap);
        found.extend(stacks.map(Finding::Stacks));
    }
}

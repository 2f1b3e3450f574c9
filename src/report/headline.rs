//! What a comparison comes to: the facts of its first sentence.

use super::site_list::{ShownSites, Tier};
use super::{WholeHeap, WholeVerdict};
use crate::diff::{Attribution, Deltas, Metric};
use crate::evidence::{Evidence, Significance};
use crate::site::{Rate, RuntimeClass, Values};

/// Sites that a headline names.
const MAX_NAMED: usize = 2;
/// Smallest growth that is named beside the greatest, percent of that.
const MIN_NAMED_PERCENT: i128 = 10;
/// Growth of all others that is not worth a word, percent of the greatest.
const MIN_OTHERS_PERCENT: i128 = 2;
/// Growth that is hardly any where everything was counted: bytes, and parts of what was there.
const HARDLY_BYTES: i128 = 64 << 10;
const HARDLY_PART: i128 = 100;

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// What is said of the sites.
    pub claim: Claim,
    /// The sites that it names, the most grown first: indexes in [`Report::sites`](super::Report::sites).
    pub named: Vec<usize>,
    /// The other sites that it is said of.
    pub others: usize,
    /// Growth of the others.
    pub others_delta: Values,
    /// Share of all growth that is of these sites, named or not, percent; `None` without any.
    pub explained_percent: Option<u32>,
    /// Flat growth of these sites, named or not, in the metric that ranks them.
    pub certain: i128,
    /// Flat growth of all others, those that shrank within noise included. What shrank for certain is not in it.
    pub uncertain: i128,
    /// Growth of the runtime's structs of goroutines, if nothing grew more.
    pub goroutine_structs: Option<Values>,
}

/// What a headline says of sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// They grew, with 95 % confidence.
    Confirmed,
    /// They grew: everything was counted.
    Counted,
    /// They grew by next to nothing: everything was counted.
    CountedHardly,
    /// They may have grown.
    Suspected,
    /// They grew, or chance makes it look so: which is not known.
    Unweighed,
    /// No site is known to have grown, but the heap as a whole is.
    Spread,
    /// No site grew by more than sampling noise.
    Noise,
    /// Nothing grew.
    NoGrowth,
}

impl Headline {
    /// The headline of a comparison; `metric` decides what grew most. The sites that it names are added to `shown`. Those
    /// `aside` are named only if no other is as certain.
    pub(super) fn new(
        deltas: &Deltas<'_, '_>,
        evidence: &Evidence,
        metric: Metric,
        whole: Option<&WholeHeap>,
        aside: &[usize],
        shown: &mut ShownSites,
    ) -> Self {
        let growth = |site: usize| {
            let Values { objects, space } = deltas.sites[site].change.delta();
            if metric == Metric::Space { (space, objects) } else { (objects, space) }
        };
        let grew = |&site: &usize| growth(site) > (0, 0) || growth(site).1 > 0;
        // What the runtime keeps for itself is not the program's doing.
        let is_asked = |site: &usize| !deltas.sites[*site].is_exempt() && grew(site);
        let tier = |site: usize| Tier::of(evidence.significance(site));
        let asked: Vec<_> = (0..deltas.sites.len()).filter(is_asked).collect();
        let best = asked.iter().map(|&site| tier(site)).min();
        let mut sites: Vec<_> = asked.into_iter().filter(|&site| Some(tier(site)) == best).collect();
        if sites.iter().any(|site| !aside.contains(site)) {
            sites.retain(|site| !aside.contains(site));
        }
        sites.sort_unstable_by(|&a, &b| {
            let key = |site: usize| deltas.key(&deltas.sites[site]);
            growth(b).cmp(&growth(a)).then_with(|| key(a).cmp(&key(b)))
        });
        let is_hardly = |site: usize| {
            let base = metric.of(deltas.total().base);
            metric == Metric::Space && growth(site).0 < HARDLY_BYTES && HARDLY_PART * growth(site).0 < base
        };
        let claim = match best {
            None => Claim::NoGrowth,
            Some(Tier::Confirmed) if evidence.rate().is_some_and(Rate::is_exact) => match is_hardly(sites[0]) {
                true => Claim::CountedHardly,
                false => Claim::Counted,
            },
            Some(Tier::Confirmed) => Claim::Confirmed,
            Some(Tier::Possible) if sites.iter().all(|&site| evidence.is_unknown(site)) => Claim::Unweighed,
            Some(Tier::Possible) => Claim::Suspected,
            Some(_) if whole.is_some_and(|whole| whole.verdict == WholeVerdict::Grew) => Claim::Spread,
            Some(_) => Claim::Noise,
        };
        if claim == Claim::Suspected {
            sites.retain(|&site| !evidence.is_unknown(site));
        }
        let goroutine_structs = goroutine_structs(deltas, metric);
        if matches!(claim, Claim::Spread | Claim::Noise | Claim::NoGrowth) {
            return Headline {
                claim,
                named: Vec::new(),
                others: 0,
                others_delta: Values::default(),
                explained_percent: None,
                certain: 0,
                uncertain: 0,
                goroutine_structs,
            };
        }
        let most = growth(sites[0]);
        let is_part = |growth: (i128, i128), percent: i128| match most.0 {
            1.. => 100 * growth.0 >= percent * most.0,
            _ => 100 * growth.1 >= percent * most.1,
        };
        let large = sites.iter().take_while(|&&site| is_part(growth(site), MIN_NAMED_PERCENT)).count().max(1);
        // One more is named rather than counted.
        let is_one_more = sites.len() == MAX_NAMED + 1 && large == sites.len();
        let named = if is_one_more { large } else { large.min(MAX_NAMED) };
        let flat = |site: usize| deltas.change(&deltas.sites[site], Attribution::Flat).delta();
        let rest = sites[named..].iter().map(|&site| growth(site).0).sum::<i128>();
        let has_rest = most.0 <= 0 || 100 * rest >= MIN_OTHERS_PERCENT * most.0;
        let grown = |site: usize| metric.of(flat(site)).max(0);
        let all: i128 = (0..deltas.sites.len()).map(grown).sum();
        let of_these: i128 = sites.iter().map(|&site| grown(site)).sum();
        let explained_percent = u32::try_from(100 * of_these / all.max(1)).ok().filter(|_| all > 0);
        let is_certainly_less = |site: &usize| evidence.significance(*site) == Significance::Shrank;
        let rest = (0..deltas.sites.len()).filter(|site| !sites.contains(site) && !is_certainly_less(site));
        let uncertain = rest.map(|site| metric.of(flat(site))).sum();
        let others = if has_rest { &sites[named..] } else { &[] };
        Headline {
            claim,
            named: sites[..named].iter().map(|&site| shown.insert_full(site).0).collect(),
            others: others.len(),
            others_delta: others.iter().fold(Values::default(), |sum, &site| sum + flat(site)),
            explained_percent,
            certain: of_these,
            uncertain,
            goroutine_structs,
        }
    }
}

/// Growth of the runtime's structs of goroutines, if nothing else grew as much.
fn goroutine_structs(deltas: &Deltas<'_, '_>, metric: Metric) -> Option<Values> {
    let structs = deltas.runtime_memory(RuntimeClass::Goroutines).delta();
    let others = deltas.sites.iter().filter(|site| site.runtime_class != Some(RuntimeClass::Goroutines));
    let most = others.map(|site| metric.of(site.change.delta())).max().unwrap_or_default();
    (structs.objects > 0 && metric.of(structs) > most).then_some(structs)
}

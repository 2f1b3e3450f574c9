//! The answer to a series, in a sentence: what keeps growing, how fast, how sure that is; or that nothing does.

use super::super::display_names::DisplayNames;
use super::super::text::sanitize;
use super::super::units::{Bytes, count, delta, range, value};
use super::goroutines::{growing_goroutines, growing_group};
use super::nouns::site_noun;
use super::trend::{
    counts_bytes, is_allocation, is_count_rising, leading_metric, leading_row, over_window, pace_label, pace_of_whole,
    unit_of, whole_noun,
};
use crate::diff::Metric;
use crate::evidence::Significance;
use crate::report::{Finding, HeapHint, SeriesNote, TrendReport, TrendRow};
use crate::series::{MemoryPart, Shape, Trend};

/// Sites named beside the first one; of more, only their number is said.
const MAX_NAMED: usize = 2;

/// What a series comes to, as the last line of a watch.
#[cfg(feature = "fetch")]
pub fn trend_verdict(report: &TrendReport) -> String {
    format!("verdict: {}", trend_headline(report, Bytes::Iec))
}

/// What a series comes to.
pub(in crate::render) fn trend_headline(report: &TrendReport, bytes: Bytes) -> String {
    let answer = Answer::new(report, bytes);
    let goroutines = answer.goroutines().filter(|_| counts_bytes(report));
    let heap_grows = report.process == Some(Shape::Growing) || report.rows.iter().any(|row| row.trend.goes_on());
    let sentences = match goroutines {
        None => vec![answer.sentence()],
        Some(goroutines) if heap_grows => vec![answer.sentence(), goroutines],
        // What leaks is said first.
        Some(goroutines) if report.process == Some(Shape::Flat) => {
            let sentence = answer.sentence();
            let level = sentence
                .split_once(": the live heap")
                .map_or(sentence.clone(), |(_, what)| format!("The live heap{what}"));
            vec![goroutines, level.replace(" (exact)", "")]
        }
        Some(goroutines) => vec![goroutines, answer.sentence()],
    };
    sentences.into_iter().map(ended).collect::<Vec<_>>().join(" ")
}

/// A sentence with a full stop, unless it ends with a question.
fn ended(sentence: String) -> String {
    if sentence.ends_with('?') { sentence } else { format!("{sentence}.") }
}

/// The parts of the sentence.
struct Answer<'r> {
    report: &'r TrendReport,
    bytes: Bytes,
    metric: Metric,
    names: DisplayNames<'r>,
    /// The whole that the profiles are of.
    whole: &'static str,
}

impl<'r> Answer<'r> {
    fn new(report: &'r TrendReport, bytes: Bytes) -> Self {
        let names = DisplayNames::of_report(&report.comparison);
        Answer { report, bytes, metric: leading_metric(report), names, whole: whole_noun(report) }
    }

    fn sentence(&self) -> String {
        let (report, whole) = (self.report, self.whole);
        let of_sites = [Trend::Leak, Trend::Bloat].into_iter().find_map(|trend| self.goes_on(trend));
        match (of_sites, report.process, report.hint, report.candidates.first()) {
            (Some(sentence), ..) => sentence,
            (None, Some(Shape::Growing), ..) => {
                let (word, how) = self.growth_of_whole_in_words().unwrap_or(("Growing", ""));
                let (pace, no_site) = (pace_of_whole(report, self.bytes), self.no_site_and_candidates());
                format!("{word}: {whole} keeps growing by {pace}{how} (exact), but {no_site}")
            }
            (None, None, Some(hint), _) => self.hint(hint),
            (None, None | Some(Shape::Grew), _, Some(&first)) => {
                let row = &report.rows[first];
                let others = self.others(report.candidates.get(1..).unwrap_or_default(), " and ");
                let they = if others.is_empty() { "it still grows" } else { "they still grow" };
                format!(
                    "Grew: {} by {} ({}){others}; {} to say whether {they}",
                    self.name(row),
                    self.growth(row),
                    self.certainty(row),
                    self.too_little()
                )
            }
            (None, process, ..) => self.ended(process),
        }
    }

    /// The sites that keep growing, by more or by larger objects.
    fn goes_on(&self, trend: Trend) -> Option<String> {
        let mut rows: Vec<_> = (0..self.report.rows.len()).filter(|&at| self.report.rows[at].trend == trend).collect();
        let leading = leading_row(self.report);
        rows.sort_by_key(|&at| Some(at) != leading);
        let (&first, others) = rows.split_first()?;
        let row = &self.report.rows[first];
        let (word, how) = if trend == Trend::Leak { ("Leak", "") } else { ("Bloat", ", by larger objects") };
        let word = if is_allocation(self.report) { "Allocating" } else { word };
        let word = if self.is_unconfirmed(row) { format!("Likely {}", word.to_lowercase()) } else { word.to_owned() };
        let growth = self.report.comparison.sites[row.site].flat.delta_of(self.metric);
        let (name, certainty) = (self.name(row), self.certainty(row));
        let pace = pace_label(self.report, growth, self.metric, self.bytes);
        if self.report.process == Some(Shape::Growing) && counts_bytes(self.report) {
            let whole = pace_of_whole(self.report, self.bytes);
            // The whole is exact: its kind of growth is the answer, whatever its largest part does.
            let (word, how_of_whole) = self.growth_of_whole_in_words().unwrap_or((&word, ""));
            let how = if how == how_of_whole { "" } else { how };
            let others = self.others(others, if others.len() == 2 { ", " } else { " and " });
            return Some(format!(
                "{word}: {} keeps growing by {whole}{how_of_whole} (exact): {name} by {pace}{how} ({certainty}){others}",
                self.whole
            ));
        }
        if let Some(goroutines) = self.goroutines_of(row) {
            let others = match self.others(others, "; ") {
                none if none.is_empty() => none,
                names => format!("{names} grow, too"),
            };
            return Some(format!("{word}: {goroutines} ({certainty}){others}"));
        }
        let keep = if others.len() == 1 { "keeps" } else { "keep" };
        let others = match self.others(others, "; ") {
            none if none.is_empty() => none,
            others => format!("{others} {keep} growing, too"),
        };
        match self.is_unconfirmed(row) {
            true => Some(format!(
                "{word}: {name} keeps growing by {pace}{how}, by samples; the heap's own totals cannot confirm it{others}"
            )),
            false => Some(format!("{word}: {name} keeps growing by {pace}{how} ({certainty}){others}")),
        }
    }

    /// Whether totals that are there cannot say whether the heap keeps growing, as a site does by its samples.
    fn is_unconfirmed(&self, row: &TrendRow) -> bool {
        let has_totals = self.report.notes.iter().any(|note| matches!(note, SeriesNote::NoTotals { .. }));
        let is_confirmed = self.report.comparison.sites[row.site].evidence.significance == Significance::Grew;
        let is_sampled = self.report.comparison.sampling.is_sampled();
        has_totals && is_confirmed && is_sampled && counts_bytes(self.report) && self.report.process.is_none()
    }

    /// How the whole heap keeps growing, as the runtime's own numbers name it; `None` where the number of objects is not
    /// known.
    fn growth_of_whole_in_words(&self) -> Option<(&'static str, &'static str)> {
        self.report.more_objects.map(|more| if more { ("Leak", "") } else { ("Bloat", ", by larger objects") })
    }

    /// The goroutines that keep growing beside the heap.
    fn goroutines(&self) -> Option<String> {
        let found = self.report.goroutines.as_ref().filter(|found| found.shape == Shape::Growing)?;
        let growing = growing_goroutines(found, &self.names, |by| self.pace_of_count(by));
        Some(format!("Goroutine leak: {growing}{}", self.stacks().unwrap_or_default()))
    }

    /// What the stacks of goroutines grew by, where that is most of what the process grew by.
    fn stacks(&self) -> Option<String> {
        self.report.comparison.findings.iter().find_map(|finding| match finding {
            Finding::Memory(growth) if growth.part == MemoryPart::Stacks => {
                let [first, last] = growth.ends.map(i128::from);
                Some(format!("; stacks {}", delta(Metric::Space, last - first, self.bytes)))
            }
            _ => None,
        })
    }

    /// The goroutines of a site that keeps growing in number, with what they wait for.
    fn goroutines_of(&self, row: &TrendRow) -> Option<String> {
        let found = self.report.goroutines.as_ref().filter(|_| !counts_bytes(self.report))?;
        let function = self.report.comparison.sites[row.site].function.as_deref()?;
        let group = found.groups.iter().find(|found| found.group.owner == function)?;
        Some(growing_group(group, &self.names, |by| self.pace_of_count(by)))
    }

    /// How much a number grew, and the unit of time or of snapshots for that.
    fn pace_of_count(&self, by: i128) -> (i128, &'static str) {
        over_window(self.report, by).pace(self.report.span_seconds())
    }

    /// Some rows by name, or their number; with what is said before them. Empty without rows.
    fn others(&self, rows: &[usize], before: &str) -> String {
        let noun = site_noun(self.report.comparison.granularity);
        match rows {
            [] => String::new(),
            [..] if rows.len() <= MAX_NAMED => {
                let names: Vec<_> = rows.iter().map(|&at| self.name(&self.report.rows[at])).collect();
                format!("{before}{}", names.join(" and "))
            }
            [..] => format!("{before}{}", count(rows.len(), &format!("other {noun}"))),
        }
    }

    fn no_site_and_candidates(&self) -> String {
        let noun = site_noun(self.report.comparison.granularity);
        let names: Vec<_> = self.report.candidates.iter().map(|&at| self.name(&self.report.rows[at])).collect();
        match &names[..] {
            [] => format!("no single {noun} is certain to"),
            [only] => format!("no single {noun} is certain to; best candidate: {only}"),
            _ => format!("no single {noun} is certain to; candidates, best first: {}", names.join(", ")),
        }
    }

    /// Growth of the whole heap that no site shows.
    fn hint(&self, hint: HeapHint) -> String {
        let rest = self.no_site_and_candidates();
        match hint {
            HeapHint::NextGc => format!("Growing: NextGC, an estimate of the live heap, keeps growing, but {rest}"),
            HeapHint::Samples(growth) => {
                #[allow(clippy::cast_possible_truncation, reason = "bytes")]
                let [estimate, low, high] =
                    [growth.estimate, growth.low, growth.high].map(|bytes| bytes.round() as i128);
                format!(
                    "Grew: the live heap by {} (95 %: {}), but {}",
                    value(Metric::Space, estimate, self.bytes),
                    range(Metric::Space, [low, high], false, self.bytes),
                    rest.replace("is certain to", "is certain to have grown")
                )
            }
        }
    }

    /// Growth that is known not to go on, or none.
    fn ended(&self, process: Option<Shape>) -> String {
        let whole = self.whole;
        let grew = |rows: &[&TrendRow]| {
            rows.first().map(|row| match row.trend {
                Trend::Fluctuating => self.up_and_down(row),
                _ => format!("{} grew by {}", self.name(row), self.growth(row)),
            })
        };
        let rows: Vec<_> =
            self.report.rows.iter().filter(|row| !matches!(row.trend, Trend::Steady | Trend::Unknown)).collect();
        let noun = site_noun(self.report.comparison.granularity);
        let Some(shape) = process else {
            let Some(row) = rows.first() else {
                return match self.report.comparison.sampling.is_sampled() {
                    _ if self.is_one_picture() => {
                        "Cannot tell: all snapshots are identical, so no garbage was collected in between".to_owned()
                    }
                    _ if self.is_unknown() => "Cannot tell: growth cannot be distinguished from noise".to_owned(),
                    true if self.report.is_undecided() => format!(
                        "Cannot tell: no {noun} grew beyond sampling noise, but the samples rose by {}, and {} are too few to tell",
                        value(self.metric, self.growth_of_whole(), self.bytes),
                        self.snapshots()
                    ),
                    false if self.report.is_undecided() => self.rose(),
                    true => format!("No growth: no {noun} grew beyond sampling noise"),
                    false => format!("No growth: no {noun} grew"),
                };
            };
            let (word, how) = match row.trend {
                Trend::WarmUp => ("Levelling off", "ever more slowly, as in a warm-up".to_owned()),
                Trend::Levelled => {
                    ("Levelled off", format!("hardly after snapshot {}", self.report.window.level_from() + 1))
                }
                Trend::OneStep => ("One step", "at once".to_owned()),
                Trend::Fluctuating => return format!("No steady growth: {}", self.up_and_down(row)),
                _ => ("Grew", format!("by larger objects; {} to say whether it still grows", self.too_little())),
            };
            let certainty = self.certainty(row);
            return format!("{word}: {} grew by {} ({certainty}), {how}", self.name(row), self.growth(row));
        };
        let amount = value(self.metric, self.growth_of_whole(), self.bytes);
        let answer = match shape {
            Shape::Flat if self.report.is_undecided() => self.rose(),
            Shape::Flat if self.report.runtime_heap.as_ref().is_some_and(|heap| heap.tolerance.is_some()) => {
                format!("Hardly any growth: {whole} grew by {amount} (exact), too little to judge")
            }
            Shape::Flat if is_count_rising(self.report) => {
                format!("Hardly any growth: {whole} grew by {amount} (exact), too little to judge")
            }
            Shape::Flat => format!("No growth: {whole} is level (exact)"),
            Shape::Decelerating => {
                format!("Levelling off: {whole} grew by {amount} (exact), ever more slowly, as in a warm-up")
            }
            Shape::Levelled => format!("Levelled off: {whole} grew by {amount} (exact), hardly at the end"),
            Shape::Fluctuating => format!("Up and down: {whole} grew by {amount} (exact), and shrank in between"),
            Shape::OneStep => format!("One step: {whole} grew by {amount} (exact), most of it at once"),
            Shape::Growing | Shape::Grew => {
                format!("Grew: {whole} by {amount} (exact); too few snapshots to say whether it still grows")
            }
        };
        match (grew(&rows), shape) {
            (Some(site), _) => format!("{answer}; {site}"),
            (None, Shape::Flat) => answer,
            (None, _) => format!("{answer}; no single {noun} stands out"),
        }
    }

    /// That the whole rose, in too few snapshots to say more.
    fn rose(&self) -> String {
        let amount = value(Metric::Space, self.growth_of_whole(), self.bytes);
        format!("Cannot tell: {} rose by {amount} (exact), and {} are too few to tell", self.whole, self.snapshots())
    }

    /// How many snapshots there are, in words.
    fn snapshots(&self) -> String {
        match self.report.snapshots.len() {
            3 => "three snapshots".to_owned(),
            number => count(number, "snapshot"),
        }
    }

    /// What a site did that went up and down.
    fn up_and_down(&self, row: &TrendRow) -> String {
        let (name, certainty) = (self.name(row), self.certainty(row));
        match self.report.alive(row) {
            Some((alive, 1)) => format!(
                "one object of {} in {name} comes and goes, alive in {alive} of {} snapshots",
                self.growth(row),
                self.report.snapshots.len()
            ),
            _ => format!("{name} goes up and down, {} more at the end ({certainty})", self.growth(row)),
        }
    }

    /// Whether all snapshots show the same moment.
    fn is_one_picture(&self) -> bool {
        let repeats = |note: &SeriesNote| match note {
            SeriesNote::NoCollection { inputs } => inputs.len() + 1 >= self.report.snapshots.len(),
            _ => false,
        };
        self.report.notes.iter().any(repeats)
    }

    /// Whether a site without evidence seems to have grown.
    fn is_unknown(&self) -> bool {
        let grew = |row: &TrendRow| self.report.comparison.sites[row.site].flat.delta_of(self.metric) > 0;
        self.report.rows.iter().any(|row| row.trend == Trend::Unknown && grew(row))
    }

    fn too_little(&self) -> &'static str {
        let is_sampled = self.report.comparison.sampling.is_sampled();
        if self.report.window.is_short() || !is_sampled { "too few snapshots" } else { "too few samples" }
    }

    fn growth_of_whole(&self) -> i128 {
        let by_runtime = self.report.runtime_heap.as_ref().and_then(|heap| heap.growth(self.metric));
        by_runtime.unwrap_or(self.report.comparison.totals.delta_of(self.metric))
    }

    fn growth(&self, row: &TrendRow) -> String {
        let growth = self.report.comparison.sites[row.site].flat.delta_of(self.metric);
        format!("{}{}", value(self.metric, growth, self.bytes), unit_of(self.report, self.metric))
    }

    /// How sure it is that a site grew, and by what.
    fn certainty(&self, row: &TrendRow) -> &'static str {
        let is_alone = self.report.process.is_none() && row.trend.goes_on() && !is_allocation(self.report);
        match self.report.comparison.sites[row.site].evidence.significance {
            _ if !self.report.comparison.sampling.is_sampled() => "exact",
            Significance::Grew if is_alone => "confirmed from samples, without exact heap totals",
            Significance::Grew => "confirmed",
            Significance::Suspect => "suspect",
            Significance::Noise | Significance::Shrank => "within sampling noise",
            Significance::Unknown => "not known how sure",
        }
    }

    fn name(&self, row: &TrendRow) -> String {
        let site = &self.report.comparison.sites[row.site];
        sanitize(self.names.site(site))
    }
}

//! The sentences on the result of a check, for people and for CI.

use super::super::text::sanitize;
use super::super::units::{Bytes, count, delta, delta_and_sides, probability, value};
use super::follow_up::{allow_key, likely_cause};
use super::runs::scale_label;
use super::{
    comparison_label, count_sites, coverage, gate, headline, more_goroutines, other_names_label, significance_word,
    site_noun, unmatched_label, whole_sentence,
};
use crate::diff::{Change, Metric};
use crate::evidence::Significance;
use crate::gate::{BrokenRule, GateResult, Status, Violation};
use crate::report::{Report, SiteRow, Source};
use crate::site::{Granularity, RuntimeClass, is_standard};

/// The result of a check, in a sentence.
pub(in crate::render) fn gate_headline(report: &Report, result: &GateResult) -> String {
    let all = count_sites(report, report.site_count);
    match result.status {
        Status::Pass => match report.site_count {
            0 => "nothing grew beyond its limit".to_owned(),
            1 => format!("the only {} did not grow beyond its limit", site_noun(report.granularity)),
            _ => format!("none of {all} grew beyond its limit"),
        },
        Status::Inconclusive => "the data cannot tell whether anything grew beyond its limit".to_owned(),
        Status::Fail => {
            let guilty = site_violations(report, result).filter(|found| found.site.is_some()).count();
            let whole = result.violations.iter().any(|violation| violation.site.is_none());
            let its = if guilty == 1 { "its limit" } else { "their limits" };
            match (guilty, whole) {
                (0, false) if !result.leaked.is_empty() => "more goroutines are leaked than may be".to_owned(),
                (0, _) => "the whole heap grew beyond its limit".to_owned(),
                (_, false) => format!("{guilty} of {all} grew beyond {its}"),
                (_, true) => format!("{guilty} of {all} and the whole heap grew beyond their limits"),
            }
        }
    }
}

/// The result, what grew, the heap as a whole, the reasons, the rules, and what they could have caught.
pub(in crate::render) fn gate_summary(report: &Report, result: &GateResult, bytes: Bytes) -> Vec<String> {
    let mut lines = vec![gate_headline(report, result)];
    lines.extend(pairs_label(report));
    lines.extend(headline(report, bytes));
    lines.extend(whole_sentence(report, bytes).map(|sentence| sanitize(&sentence)));
    lines.extend(gate::reasons(report, result).iter().map(|reason| sanitize(reason)));
    lines.push(rules_line(report, result));
    lines.extend(coverage(report, result, bytes));
    lines
}

/// The files of both builds, where pairs are compared.
pub(in crate::render) fn pairs_label(report: &Report) -> Option<String> {
    report.usual.as_ref().map(|_| comparison_label(report))
}

/// The applied rules in a line.
pub(in crate::render) fn rules_line(report: &Report, result: &GateResult) -> String {
    let word = if result.rules.len() == 1 { "rule" } else { "rules" };
    format!("{word}: {}", sanitize(&gate::rules(report.granularity, result).join("; ")))
}

/// All violations of one site, or of the whole heap.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct SiteViolations<'r> {
    report: &'r Report,
    violations: &'r [Violation],
    /// The site; `None` for the whole heap.
    pub(in crate::render) site: Option<&'r SiteRow>,
}

/// The violations of each site and of the whole heap, the worst first.
pub(in crate::render) fn site_violations<'r>(
    report: &'r Report,
    result: &'r GateResult,
) -> impl Iterator<Item = SiteViolations<'r>> {
    let same = |a: &Violation, b: &Violation| a.site == b.site;
    result.violations.chunk_by(same).map(|violations| SiteViolations::new(report, violations))
}

impl<'r> SiteViolations<'r> {
    /// `violations`: of the same site, or of the whole heap.
    pub(in crate::render) fn new(report: &'r Report, violations: &'r [Violation]) -> Self {
        let site = violations.first().and_then(|violation| violation.site);
        SiteViolations { report, violations, site: site.and_then(|site| report.sites.get(site)) }
    }

    /// Name of the site, or the whole heap.
    pub(in crate::render) fn name(&self) -> &'r str {
        self.site.map_or("the whole heap", |site| &site.name)
    }

    /// The rules that are broken.
    pub(super) fn rules(&self) -> impl Iterator<Item = &'r BrokenRule> {
        self.violations.iter().map(|violation| &violation.rule)
    }

    /// The site to point at: for the whole heap the one that has at least half of its growth.
    pub(in crate::render) fn pointed_at(&self) -> Option<&'r SiteRow> {
        self.site.or_else(|| {
            let violation = self.violations.first()?;
            let most = self.report.sites.get(*violation.most_grown.first()?)?;
            (2 * most.flat.delta_of(violation.metric) >= violation.delta).then_some(most)
        })
    }

    /// Where that is in the checkout.
    pub(in crate::render) fn source(&self) -> Option<&'r Source> {
        self.pointed_at()?.source.as_ref()
    }

    /// The limits that are exceeded, and what they allow.
    pub(in crate::render) fn limits(&self, bytes: Bytes) -> String {
        let limit = |violation: &Violation| {
            let rule = sanitize(&gate::broken_rule(violation));
            let metric = violation.metric;
            let allowed = value(metric, violation.allowed, bytes);
            let tested = violation.low.filter(|_| self.report.sampling.is_sampled() || self.varies());
            let tested = tested.map(|low| match self.is_counted(violation) {
                true => format!(", but grew by {}, as the runtime counted", value(metric, low, bytes)),
                false => format!(", but grew by at least {}", value(metric, low, bytes)),
            });
            let tested = tested.unwrap_or_default();
            let objects = self.tested_objects(violation, bytes);
            let rule = if rule == "default" { "the default".to_owned() } else { rule };
            format!("{} may grow by {allowed} ({rule}){tested}{objects}", sanitize(self.report.name(metric)))
        };
        self.violations.iter().map(limit).collect::<Vec<_>>().join("; ")
    }

    /// Whether its bounds are by its variation from run to run.
    fn varies(&self) -> bool {
        let runs = self.report.runs.as_ref();
        self.site.map_or(runs.is_some_and(|runs| runs.total_varies), |site| site.evidence.varies)
    }

    /// The whole heap on both sides, if the runtime counted it.
    fn counted(&self, metric: Metric) -> Option<[i128; 2]> {
        self.report.whole.as_ref()?.counted(metric)
    }

    /// Whether a violation is by what the runtime counted of the whole heap.
    fn is_counted(&self, violation: &Violation) -> bool {
        let counted = self.counted(violation.metric);
        let is_growth = counted.is_some_and(|[base, current]| current - base == violation.delta);
        violation.site.is_none() && violation.p_value.is_none() && violation.low.is_some() && is_growth
    }

    /// The growth in objects that the default rule asks for beside that in bytes.
    fn tested_objects(&self, violation: &Violation, bytes: Bytes) -> String {
        let is_by_bytes = violation.rule == BrokenRule::Tolerance && violation.metric == Metric::Space;
        let Some(site) = self.site.filter(|_| is_by_bytes && self.report.shows(Metric::Objects)) else {
            return String::new();
        };
        let (metric, delta) = (Metric::Objects, site.flat.delta_of(Metric::Objects));
        let name = sanitize(self.report.name(metric));
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        let low = site.evidence.objects.map(|growth| growth.low.floor() as i128);
        match low.filter(|&low| low > 0 && (self.report.sampling.is_sampled() || self.varies())) {
            Some(low) => format!(", and {name} by at least {}", value(metric, low, bytes)),
            None => format!(", and {name} by {}", value(metric, delta, bytes)),
        }
    }

    /// Whether it is the whole heap, and was judged by what the runtime counted.
    fn is_by_count(&self) -> bool {
        self.site.is_none() && self.violations.iter().any(|violation| self.is_counted(violation))
    }

    /// Its values on both sides; those of the whole heap as the runtime counted them, if that was judged.
    pub(in crate::render) fn change(&self) -> Change {
        let Some(site) = self.site else {
            let mut total = self.report.totals;
            for metric in [Metric::Objects, Metric::Space] {
                if let Some(ends) = self.counted(metric).filter(|_| self.is_by_count()) {
                    total.set(metric, ends);
                }
            }
            return total;
        };
        site.flat
    }

    /// Its growth in all metrics.
    pub(in crate::render) fn growth(&self, bytes: Bytes) -> String {
        let change = self.change();
        let one = |metric| {
            let is_sampled = self.is_by_count() && self.counted(metric).is_none();
            let how = if is_sampled { " by samples" } else { "" };
            format!("{} {}{how}", sanitize(self.report.name(metric)), delta_and_sides(change, metric, bytes))
        };
        let mut text = self.report.shown_metrics().map(one).collect::<Vec<_>>().join(", ") + &scale_label(self.report);
        if self.site.is_some_and(|site| site.name == RuntimeClass::Goroutines.name()) {
            text += &format!(": {}", more_goroutines(change, bytes));
        }
        text
    }

    /// How significant the growth is.
    pub(in crate::render) fn significance(&self, bytes: Bytes) -> String {
        let p_value = self.violations.first().and_then(|violation| violation.p_value);
        let is_counted = self.report.sampling.rate_bytes.is_some_and(|rate| rate <= 1.0) && !self.varies();
        if p_value.is_some() && is_counted {
            return "certain: everything was counted".to_owned();
        }
        if self.violations.first().is_some_and(|violation| self.is_counted(violation)) {
            return "certain: the runtime counted it".to_owned() + &self.most_grown(bytes);
        }
        if p_value.is_none() && self.violations.first().is_some_and(|violation| violation.low.is_some()) {
            return "more than noise of sampling can be, though the samples cannot be counted".to_owned();
        }
        let word = match p_value {
            None => "taken as it is, chance left aside",
            Some(_) => significance_word(self.site.map_or(Significance::Grew, |site| site.evidence.significance)),
        };
        let mut text = word.to_owned();
        if let Some(p_value) = p_value {
            text += &format!(", p {}", probability(p_value));
        }
        let varies = if self.varies() { ", by its variation from run to run" } else { "" };
        let Some(evidence) = self.site.map(|site| &site.evidence) else {
            let space = self.report.whole.as_ref().and_then(|whole| whole.space?.bounds);
            text += &space.map(|space| format!("; 95 %: {}", between(space, bytes))).unwrap_or_default();
            return text + varies + &self.most_grown(bytes);
        };
        let samples = usize::try_from(evidence.samples_current).unwrap_or(usize::MAX);
        text += &format!(", {}, up from {}", count(samples, "sample"), evidence.samples_base);
        if let Some(space) = evidence.space {
            // Rounded outwards, as in JSON.
            #[allow(clippy::cast_possible_truncation, reason = "a bound beyond any number is that number")]
            let bounds = [space.low.floor() as i128, space.high.ceil() as i128];
            text += &format!("; 95 %: {}", between(bounds, bytes));
        }
        text + varies
    }

    /// Whether the site is a function of Go's library that owns stacks without the program's own code: the memory was
    /// allocated for it, and the program may keep it all the same.
    pub(in crate::render) fn is_allocated_for(&self) -> bool {
        let is_library = |site: &SiteRow| {
            site.runtime_class.is_none()
                && site.package.as_deref().is_some_and(|package| is_standard(package.as_bytes()))
        };
        self.report.granularity == Granularity::Owner && self.site.is_some_and(is_library)
    }

    /// The sites that grew most of the whole heap.
    fn most_grown(&self, bytes: Bytes) -> String {
        let Some(violation) = self.violations.first() else { return String::new() };
        let rows = violation.most_grown.iter().filter_map(|&site| self.report.sites.get(site));
        let one = |row: &SiteRow| {
            format!("{} {}", sanitize(&row.name), delta(violation.metric, row.flat.delta_of(violation.metric), bytes))
        };
        let named: Vec<_> = rows.map(one).collect();
        if named.is_empty() { String::new() } else { format!("; most grown: {}", named.join(", ")) }
    }

    /// File and line of the site, as the profile has them.
    pub(in crate::render) fn place(&self) -> Option<String> {
        let site = self.site?;
        place(site.file.as_deref(), site.line)
    }

    /// What it is called on the other side, or that it is not there.
    pub(in crate::render) fn names(&self) -> Option<String> {
        let site = self.site?;
        other_names_label(site).or_else(|| unmatched_label(site))
    }

    /// The place of the site and of its owner, in full.
    pub(in crate::render) fn whereabouts(&self) -> Option<String> {
        let site = self.site?;
        let function = site.function.as_deref().unwrap_or(&site.name);
        let at = self.place().map(|place| format!(" at {place}")).unwrap_or_default();
        let owner = site.owner.as_ref().map(|owner| {
            let at = place(owner.file.as_deref(), owner.line).map(|place| format!(" at {place}")).unwrap_or_default();
            format!(", for {}{at}", owner.function)
        });
        let preposition = if self.is_allocated_for() { "allocated for" } else { "in" };
        Some(sanitize(&format!("{preposition} {function}{at}{}", owner.unwrap_or_default())))
    }
}

/// A failure in lines: what grew, how significant that is, where, what is allowed, the likely cause, and how it is allowed.
pub(in crate::render) fn violation_lines(violations: &SiteViolations<'_>, bytes: Bytes) -> Vec<String> {
    let mut lines = vec![
        format!("{} grew: {}", sanitize(violations.name()), violations.growth(bytes)),
        violations.significance(bytes),
    ];
    lines.extend(violations.whereabouts());
    lines.extend(violations.names());
    lines.push(format!("limit: {}", violations.limits(bytes)));
    let cause = violations.site.and_then(|site| likely_cause(violations.report, site, bytes));
    // No line ends with a full stop, as some formats put something between them.
    lines.extend(cause.map(|cause| cause.trim_end_matches('.').to_owned()));
    let key = violations.site.and_then(|site| allow_key(violations.report, site));
    lines.extend(key.map(|key| format!("If that growth is meant: [[allow]] {key} in heapdiff.toml, with a reason")));
    lines
}

fn place(file: Option<&str>, line: Option<i64>) -> Option<String> {
    match (file?, line) {
        (file, Some(line)) => Some(sanitize(&format!("{file}:{line}"))),
        (file, None) => Some(sanitize(file)),
    }
}

/// Bounds of a growth in bytes.
fn between(bounds: [i128; 2], bytes: Bytes) -> String {
    let [low, high] = bounds.map(|bound| delta(Metric::Space, bound, bytes));
    format!("{low} to {high}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn the_headline_counts_sites_once() {
        let mut report = sample::report(Status::Fail);
        let say = |report: &Report| gate_headline(report, report.gate.as_ref().unwrap());
        assert_eq!(say(&report), "2 of 31 functions grew beyond their limits");
        let result = report.gate.as_mut().unwrap();
        result.violations.push(sample::total_violation());
        assert_eq!(say(&report), "2 of 31 functions and the whole heap grew beyond their limits");
        report.gate.as_mut().unwrap().violations.truncate(2);
        assert_eq!(say(&report), "1 of 31 functions grew beyond its limit");
        report.gate.as_mut().unwrap().violations = vec![sample::total_violation()];
        assert_eq!(say(&report), "the whole heap grew beyond its limit");
    }

    #[test]
    fn significance_depends_on_what_was_weighed() {
        let mut report = sample::report(Status::Fail);
        let say = |report: &Report| {
            site_violations(report, report.gate.as_ref().unwrap())
                .map(|violations| violations.significance(Bytes::Iec))
                .next()
        };
        let samples = "26 samples, up from 5; 95 %: +6.12 MiB to +16.1 MiB";
        assert_eq!(say(&report).unwrap(), format!("confirmed, p = 5.6e-7, {samples}"));
        let violation = &mut report.gate.as_mut().unwrap().violations[0];
        (violation.p_value, violation.low) = (None, None);
        assert_eq!(say(&report).unwrap(), format!("taken as it is, chance left aside, {samples}"));
        report.gate.as_mut().unwrap().violations[0].low = Some(0);
        let uncounted = "more than noise of sampling can be, though the samples cannot be counted";
        assert_eq!(say(&report).unwrap(), uncounted);
        report.gate.as_mut().unwrap().violations[0].p_value = Some(1e-26);
        report.sampling.rate_bytes = Some(1.0);
        assert_eq!(say(&report).unwrap(), "certain: everything was counted");
    }
}

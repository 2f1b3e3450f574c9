//! What the formats for people and for CI say of a judgement, in the same words.

use super::units::{Bytes, both, count, delta, value};
use super::words::plain;
use crate::diff::{Change, Metric};
use crate::evidence::{Interval, Verdict};
use crate::gate::{Scope, Status};
use crate::profile::InputFormat;
use crate::report::{Judgement, Owner, Report, SiteRow, Source, ViolationRow};
use crate::site::Granularity;

/// So many sites are named in the commands to look further.
const SITES_IN_COMMAND: usize = 5;

/// What it comes to, in a sentence.
pub(super) fn headline(report: &Report, judgement: &Judgement) -> String {
    match judgement.status {
        Status::Pass => match report.listed {
            0 => "no site grows more than it may".to_owned(),
            1 => "the only site grows no more than it may".to_owned(),
            all => format!("none of {} grows more than it may", count(all, "site")),
        },
        Status::Inconclusive => "the data cannot tell whether anything grows more than it may".to_owned(),
        Status::Fail => {
            let guilty = findings(report, judgement).filter(|finding| finding.site.is_some()).count();
            let whole = judgement.violations.iter().any(|violation| violation.scope == Scope::Total);
            let sites = format!("{guilty} of {}", count(report.listed, "site"));
            match (guilty, whole) {
                (0, _) => "the whole heap grows more than it may".to_owned(),
                (1, false) => format!("{sites} grows more than it may"),
                (_, false) => format!("{sites} grow more than they may"),
                (_, true) => format!("{sites} and the whole heap grow more than they may"),
            }
        }
    }
}

/// The rules that were applied.
pub(super) fn rules(judgement: &Judgement) -> String {
    let word = if judgement.limits.len() == 1 { "rule" } else { "rules" };
    format!("{word}: {}", plain(&judgement.limits.join("; ")))
}

/// What grew more than it may, with all the limits that it exceeds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finding<'r> {
    report: &'r Report,
    violations: &'r [ViolationRow],
    /// The site; `None` for the whole heap.
    pub(super) site: Option<&'r SiteRow>,
}

/// Everything that grew more than it may, the worst first, each once.
pub(super) fn findings<'r>(report: &'r Report, judgement: &'r Judgement) -> impl Iterator<Item = Finding<'r>> {
    let same = |a: &ViolationRow, b: &ViolationRow| a.scope == b.scope && a.site == b.site;
    judgement.violations.chunk_by(same).map(|violations| Finding::new(report, violations))
}

impl<'r> Finding<'r> {
    /// Of violations by the same site, or by the whole heap.
    pub(super) fn new(report: &'r Report, violations: &'r [ViolationRow]) -> Self {
        let site = violations.first().and_then(|violation| violation.site);
        Finding { report, violations, site: site.and_then(|site| report.sites.get(site)) }
    }

    /// What to call it.
    pub(super) fn name(&self) -> &'r str {
        self.site.map_or("the whole heap", |site| &site.name)
    }

    /// Where it is in the checkout.
    pub(super) fn source(&self) -> Option<&'r Source> {
        self.violations.iter().find_map(|violation| violation.source.as_ref())
    }

    /// The limits that it exceeds, and what they come to.
    pub(super) fn limits(&self, bytes: Bytes) -> String {
        // Where nothing is allowed the rule says so, or what it tolerates.
        let limit = |violation: &ViolationRow| {
            if violation.allowed == 0 {
                return plain(&violation.limit);
            }
            let allowed = value(violation.metric, violation.allowed, bytes);
            format!("{} ({} may grow by {allowed})", plain(&violation.limit), plain(self.report.name(violation.metric)))
        };
        self.violations.iter().map(limit).collect::<Vec<_>>().join("; ")
    }

    /// What it has on both sides.
    pub(super) fn change(&self) -> Change {
        self.site.map_or(self.report.totals, |site| site.flat)
    }

    /// By how much it grew, in all metrics.
    pub(super) fn growth(&self, bytes: Bytes) -> String {
        let change = self.change();
        let one = |metric: Metric| {
            let sides = both(metric, change.base_of(metric), change.current_of(metric), bytes);
            format!("{} {} ({sides})", plain(self.report.name(metric)), delta(metric, change.delta_of(metric), bytes))
        };
        let per_profile = if self.report.per_profile.is_some() { ", per profile" } else { "" };
        self.report.metrics.iter().map(|column| one(column.metric)).collect::<Vec<_>>().join(", ") + per_profile
    }

    /// How sure that is.
    pub(super) fn how_sure(&self, bytes: Bytes) -> String {
        let p_value = self.violations.first().and_then(|violation| violation.p_value);
        if p_value.is_some() && self.report.sampling.rate_bytes.is_some_and(|rate| rate <= 1.0) {
            return "certain: everything was counted".to_owned();
        }
        let word = match (p_value, self.site.map(|site| site.evidence.verdict)) {
            (None, _) => "taken as it is, chance left aside",
            (_, None | Some(Verdict::Grew)) => "confirmed",
            (_, Some(Verdict::Suspect)) => "suspect",
            (_, Some(Verdict::Noise | Verdict::Shrank)) => "within noise",
            (_, Some(Verdict::Unknown)) => "unknown",
        };
        let mut text = word.to_owned();
        if let Some(p_value) = p_value {
            text += &format!(", p = {}", probability(p_value));
        }
        let Some(evidence) = self.site.map(|site| &site.evidence) else { return text };
        let before = if evidence.samples_base == 0 { "none".to_owned() } else { evidence.samples_base.to_string() };
        let samples = usize::try_from(evidence.samples_current).unwrap_or(usize::MAX);
        text += &format!(", {} where there were {before}", count(samples, "sample"));
        if let Some(space) = evidence.space {
            text += &format!("; 95 %: {}", between(space, bytes));
        }
        text
    }

    /// Its file and line, as the profile has them.
    pub(super) fn place(&self) -> Option<String> {
        let site = self.site?;
        place(site.file.as_deref(), site.line)
    }

    /// Whose code it allocates for, where that is another function's.
    pub(super) fn owner(&self) -> Option<&'r Owner> {
        self.site?.owner.as_ref()
    }

    /// Where it is and for whom it allocates, in full.
    pub(super) fn whereabouts(&self) -> Option<String> {
        let site = self.site?;
        let function = site.function.as_deref().unwrap_or(&site.name);
        let at = self.place().map(|place| format!(" at {place}")).unwrap_or_default();
        let owner = self.owner().map(|owner| {
            let at = place(owner.file.as_deref(), owner.line).map(|place| format!(" at {place}")).unwrap_or_default();
            format!(", for {}{at}", owner.function)
        });
        Some(plain(&format!("in {function}{at}{}", owner.unwrap_or_default())))
    }
}

/// What failed, in lines: what grew, how sure that is, where, and what it may.
pub(super) fn lines(finding: &Finding<'_>, bytes: Bytes) -> Vec<String> {
    let mut lines = vec![format!("{} grew: {}", plain(finding.name()), finding.growth(bytes)), finding.how_sure(bytes)];
    lines.extend(finding.whereabouts());
    lines.push(format!("limit: {}", finding.limits(bytes)));
    lines
}

/// The commands that show more of what failed, ready to be pasted. None where the inputs cannot be named
/// again: several that were summed, or standard input.
pub(super) fn commands(report: &Report, judgement: &Judgement) -> Vec<String> {
    let [Some(base), Some(current)] = [&report.base.inputs, &report.current.inputs].map(|inputs| only(inputs)) else {
        return Vec::new();
    };
    let Some(worst) = judgement.violations.first() else { return Vec::new() };
    let sites = findings(report, judgement).filter_map(|finding| finding.site);
    let patterns: Vec<_> = sites.take(SITES_IN_COMMAND).map(pattern).collect();
    let focus = |option: &str| match patterns.is_empty() {
        true => String::new(),
        false => format!("{option}{} ", in_quotes(&patterns.join("|"))),
    };
    let (base, current) = (quoted(base), quoted(current));
    let instead = report.name(worst.metric);
    let sample_type =
        if instead == worst.metric.name() { String::new() } else { format!("--sample-type {} ", quoted(instead)) };
    let mut commands = vec![format!("heapdiff {sample_type}{}{base} {current}", focus("--focus "))];
    // The source has functions, and no packages or files to match.
    if matches!(report.granularity, Granularity::Lines | Granularity::Functions | Granularity::Owner)
        && !patterns.is_empty()
    {
        commands.insert(0, format!("heapdiff list {sample_type}{}{base} {current}", focus("")));
    }
    // Of texts it shows one unknown site, or nothing.
    if [&report.base, &report.current].iter().all(|side| side.format == InputFormat::Pprof) {
        let options = format!("-sample_index={instead} -diff_base={base}");
        commands.push(format!("go tool pprof {options} {}{current}", focus("-focus=")));
    }
    // What cannot be shown as it is cannot be pasted.
    if commands.iter().any(|command| plain(command) != *command) { Vec::new() } else { commands }
}

fn only(inputs: &[String]) -> Option<&str> {
    match inputs {
        [input] if input != "-" => Some(input),
        _ => None,
    }
}

/// A regular expression for the site, in the syntax of Go and of this program.
fn pattern(site: &SiteRow) -> String {
    let name = site.function.as_deref().unwrap_or(&site.name);
    // Folded type arguments stand there in full in some profiles.
    regex::escape(name).replace(r"\[\.\.\.\]", r"\[.*\]")
}

/// A word for a shell, quoted only if it has to be.
fn quoted(word: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_safe) { word.to_owned() } else { in_quotes(word) }
}

fn in_quotes(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn place(file: Option<&str>, line: Option<i64>) -> Option<String> {
    match (file?, line) {
        (file, Some(line)) => Some(plain(&format!("{file}:{line}"))),
        (file, None) => Some(plain(file)),
    }
}

/// A growth in bytes that lies between bounds.
fn between(bounds: Interval, bytes: Bytes) -> String {
    // Outwards, as in JSON.
    #[allow(clippy::cast_possible_truncation, reason = "a bound beyond any number is that number")]
    let (low, high) = (bounds.low.floor() as i128, bounds.high.ceil() as i128);
    format!("{} to {}", delta(Metric::Space, low, bytes), delta(Metric::Space, high, bytes))
}

/// Two digits of a probability.
fn probability(p: f64) -> String {
    match p {
        p if p >= 0.1 => format!("{p:.2}"),
        p if p >= 0.001 => format!("{p:.4}").trim_end_matches('0').to_owned(),
        p => format!("{p:.1e}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_headline_counts_sites_once() {
        let mut report = sample::report(Status::Fail);
        let say = |report: &Report| headline(report, report.judgement.as_ref().unwrap());
        assert_eq!(say(&report), "2 of 31 sites grow more than they may");
        let judgement = report.judgement.as_mut().unwrap();
        judgement.violations.push(sample::total_violation());
        assert_eq!(say(&report), "2 of 31 sites and the whole heap grow more than they may");
        report.judgement.as_mut().unwrap().violations.truncate(2);
        assert_eq!(say(&report), "1 of 31 sites grows more than it may");
        report.judgement.as_mut().unwrap().violations = vec![sample::total_violation()];
        assert_eq!(say(&report), "the whole heap grows more than it may");
    }

    #[test]
    fn probabilities_have_two_digits() {
        for (p, text) in
            [(0.5, "0.50"), (0.049, "0.049"), (0.0123, "0.0123"), (0.002, "0.002"), (5.6e-7, "5.6e-7"), (0.0, "0.0e0")]
        {
            assert_eq!(probability(p), text);
        }
    }

    #[test]
    fn commands_can_be_pasted() {
        let mut report = sample::report(Status::Fail);
        let say = |report: &Report| commands(report, report.judgement.as_ref().unwrap());
        assert_eq!(
            say(&report),
            [
                r"heapdiff list 'main\.\(\*store\[.*\]\)\.create|main\.load' base.pb.gz 'after it'\''s warm.pb.gz'",
                r"heapdiff --focus 'main\.\(\*store\[.*\]\)\.create|main\.load' base.pb.gz 'after it'\''s warm.pb.gz'",
                r"go tool pprof -sample_index=inuse_objects -diff_base=base.pb.gz -focus='main\.\(\*store\[.*\]\)\.create|main\.load' 'after it'\''s warm.pb.gz'",
            ]
        );
        report.judgement.as_mut().unwrap().violations = vec![sample::total_violation()];
        report.current.inputs = vec!["current.pb.gz".to_owned()];
        assert_eq!(
            say(&report),
            [
                "heapdiff base.pb.gz current.pb.gz",
                "go tool pprof -sample_index=inuse_space -diff_base=base.pb.gz current.pb.gz"
            ]
        );
        for inputs in [&["-"][..], &["a", "b"], &["line\nfeed"]] {
            report.current.inputs = inputs.iter().map(|&input| input.to_owned()).collect();
            assert_eq!(say(&report), [""; 0], "{inputs:?}");
        }
    }

    #[test]
    fn how_sure_depends_on_what_was_weighed() {
        let mut report = sample::report(Status::Fail);
        let say = |report: &Report| {
            findings(report, report.judgement.as_ref().unwrap()).map(|finding| finding.how_sure(Bytes::Iec)).next()
        };
        let samples = "26 samples where there were 5; 95 %: +6.12 MiB to +16.1 MiB";
        assert_eq!(say(&report).unwrap(), format!("confirmed, p = 5.6e-7, {samples}"));
        report.judgement.as_mut().unwrap().violations[0].p_value = None;
        assert_eq!(say(&report).unwrap(), format!("taken as it is, chance left aside, {samples}"));
        report.judgement.as_mut().unwrap().violations[0].p_value = Some(1e-26);
        report.sampling.rate_bytes = Some(1.0);
        assert_eq!(say(&report).unwrap(), "certain: everything was counted");
    }
}

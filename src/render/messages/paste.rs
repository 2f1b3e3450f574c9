//! How growth is accepted that is meant, ready to be pasted.

use super::super::text::sanitize;
use super::acceptance::{acceptance, has_budget};
use super::commands::{pasteable, quoted, sample_type_option};
use super::follow_up::allow_key;
use super::site_violations;
use crate::gate::{BrokenRule, GateResult};
use crate::report::{Report, SettingSource};
use crate::site::{Granularity, Scale};

/// What accepts growth that is meant.
pub(in crate::render) struct Paste {
    /// What stands above it.
    pub(in crate::render) heading: String,
    /// Lines for heapdiff.toml.
    pub(in crate::render) config: Vec<String>,
    /// The command that accepts all of it in a budget.
    pub(in crate::render) command: Option<String>,
}

/// What is to be written to accept the growth of at most `most` sites; `None` where nothing of the kind fails.
pub(in crate::render) fn acceptance_to_paste(report: &Report, result: &GateResult, most: usize) -> Option<Paste> {
    let short = acceptance(report, result)?;
    // An allowance of its own is to be raised.
    let has_allowance = |violations: &super::SiteViolations<'_>| {
        violations.rules().any(|rule| matches!(rule, BrokenRule::Allow { .. }))
    };
    let sites = site_violations(report, result).filter(|found| !has_allowance(found)).filter_map(|found| found.site);
    let keys: Vec<_> = sites.filter_map(|site| allow_key(report, site)).collect();
    let until = report.config.suggested_until.as_ref();
    let mut config = Vec::new();
    for key in keys.iter().take(most) {
        config.extend(["[[allow]]".to_owned(), key.clone(), r#"reason = ""  # yours: why it may grow"#.to_owned()]);
        config.extend(until.map(|until| format!("until = {until}  # yours: the last day on which it may")));
    }
    if keys.len() > most {
        config.push(format!("# and {} more", keys.len() - most));
    }
    if config.is_empty() {
        return Some(Paste { heading: short, config, command: None });
    }
    let file = report.config.name.as_deref().unwrap_or("heapdiff.toml");
    let heading = format!("If that growth is meant, for {}:", sanitize(file));
    Some(Paste { heading, config, command: budget_command(report) })
}

/// What stands above the command.
pub(in crate::render) const BUDGET_HEADING: &str = "or all of it, in a budget:";

/// The command that writes the growth into a budget; `None` where the report does not know all of its options.
fn budget_command(report: &Report) -> Option<String> {
    let config = &report.config;
    if !has_budget(report) || config.is_filtered {
        return None;
    }
    let list = |inputs: &[String]| inputs.iter().map(|input| quoted(input)).collect::<Vec<_>>().join(" ");
    let pairs = |option: &str, [first, second]: [&[String]; 2]| {
        let pairs = first.iter().zip(second).map(|(one, two)| format!("--{option} {} {}", quoted(one), quoted(two)));
        (first.len() == second.len()).then(|| pairs.collect::<Vec<_>>().join(" "))
    };
    let (base, current) = (&report.base.inputs[..], &report.current.inputs[..]);
    if base.iter().chain(current).any(|input| input == "-") {
        return None;
    }
    let sides = match &report.usual {
        Some([before, after]) => {
            let usual = pairs("base-pair", [&before.inputs, &after.inputs])?;
            format!("{usual} {}", pairs("current-pair", [base, current])?)
        }
        None if base.len() == 1 && current.len() == 1 => format!("{} {}", list(base), list(current)),
        None => {
            let per_profile = if matches!(report.scales[1], Scale::PerProfile(_)) { "--per-profile " } else { "" };
            format!("{per_profile}--base {} --current {}", list(base), list(current))
        }
    };
    let mut options = format!("--update-budget {} ", quoted(config.budget.as_deref().unwrap_or("heap-budget.toml")));
    if report.granularity != Granularity::Owner {
        options += &format!("--by {} ", report.granularity.name());
    }
    options += &sample_type_option(report, report.metrics.first()?.metric);
    // One that was found by itself is found again.
    let name = config.name.as_deref().filter(|name| name.trim_start_matches("../") != "heapdiff.toml");
    options += &name.map(|name| format!("--config {} ", quoted(name))).unwrap_or_default();
    for setting in config.settings.iter().filter(|setting| setting.source == SettingSource::CommandLine) {
        options += &match setting.value.as_str() {
            "true" => format!("--{} ", setting.name),
            value => format!("--{} {} ", setting.name, quoted(value)),
        };
    }
    let connection: Vec<_> = report.connection.iter().map(|word| format!(" {}", quoted(word))).collect();
    pasteable(format!("heapdiff check {options}{sides}{}", connection.concat()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::gate::Status;
    use crate::render::sample;
    use crate::report::{SideInfo, UsedSetting};

    fn paste(report: &Report) -> Paste {
        acceptance_to_paste(report, report.gate.as_ref().unwrap(), 3).unwrap()
    }

    #[test]
    fn a_function_is_allowed_by_its_full_name_and_with_a_reason() {
        let mut report = sample::report(Status::Fail);
        report.sites[0].name = "example.com/svc/server.(*T[...]).open".to_owned();
        report.config.suggested_until = Some("2027-01-31".to_owned());
        let found = paste(&report);
        assert_eq!(found.heading, "If that growth is meant, for heapdiff.toml:");
        assert_eq!(
            found.config,
            [
                "[[allow]]",
                "function = \"example.com/svc/server.(*T[...]).open\"",
                "reason = \"\"  # yours: why it may grow",
                "until = 2027-01-31  # yours: the last day on which it may",
            ]
        );
        let command = "heapdiff check --update-budget heap-budget.toml base.pb.gz 'after it'\\''s warm.pb.gz'";
        assert_eq!(found.command.as_deref(), Some(command));
        report.gate.as_mut().unwrap().violations = vec![sample::total_violation()];
        let found = paste(&report);
        assert_eq!(found.heading, "If that growth is meant: --total-tolerance or --max-total-space");
        assert!(found.config.is_empty() && found.command.is_none());
    }

    #[test]
    fn the_command_has_every_run_and_option() {
        let side = |inputs: &[&str]| SideInfo {
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
            ..SideInfo::default()
        };
        let mut report = sample::report(Status::Fail);
        (report.base, report.current) = (side(&["c1", "c3"]), side(&["c2", "c4"]));
        report.usual = Some([side(&["b1"]), side(&["b 2"])]);
        report.granularity = Granularity::Packages;
        report.config.budget = Some("budget.toml".to_owned());
        report.config.name = Some("ci/heap.toml".to_owned());
        let setting =
            |name, value: &str| UsedSetting { name, value: value.to_owned(), source: SettingSource::CommandLine };
        report.config.settings = vec![setting("strict", "true"), setting("max-site-space", "65536")];
        assert_eq!(
            paste(&report).command.as_deref(),
            Some(
                "heapdiff check --update-budget budget.toml --by packages --config ci/heap.toml --strict --max-site-space \
                 65536 --base-pair b1 'b 2' --current-pair c1 c2 --current-pair c3 c4"
            )
        );
        report.usual = None;
        report.scales = [Scale::PerProfile(2); 2];
        assert!(paste(&report).command.unwrap().ends_with(" --per-profile --base c1 c3 --current c2 c4"));
        report.config.is_filtered = true;
        assert_eq!(paste(&report).command, None);
    }
}

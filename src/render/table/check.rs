//! The parts of a check: the verdict, what breaks its rules, and the rules.

use std::io::{self, Write};

use super::page::{GREEN, RED, RESET, TablePage, YELLOW};
use super::sites::{Entry, SitesTable};
use crate::gate::{GateResult, Status};
use crate::render::messages::{
    BUDGET_HEADING, acceptance_to_paste, caught_and_accepted, gate_headline, other_reasons, rules_line, site_violations,
};
use crate::render::text::sanitize;

/// Functions of which it is shown how their growth is allowed.
const MAX_ALLOWED: usize = 3;
/// Violations shown.
const MAX_VIOLATIONS: usize = 20;

impl TablePage<'_> {
    /// PASS, FAIL or INCONCLUSIVE, and why.
    pub(super) fn verdict(&self, result: &GateResult, out: &mut dyn Write) -> io::Result<()> {
        let (color, word) = match result.status {
            Status::Pass => (GREEN, "PASS"),
            Status::Fail => (RED, "FAIL"),
            Status::Inconclusive => (YELLOW, "INCONCLUSIVE"),
        };
        self.paragraph(&format!("{color}{word}:{RESET} {}", gate_headline(self.report, result)), "  ", out)
    }

    /// How growth that is meant is accepted. What is to be pasted is not wrapped.
    pub(super) fn acceptance(&self, result: &GateResult, out: &mut dyn Write) -> io::Result<()> {
        let Some(paste) = acceptance_to_paste(self.report, result, MAX_ALLOWED) else { return Ok(()) };
        writeln!(out)?;
        self.paragraph(&paste.heading, "  ", out)?;
        paste.config.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        match paste.command {
            Some(command) => writeln!(out, "{BUDGET_HEADING}\n  {command}"),
            None => Ok(()),
        }
    }

    /// The violations, the reasons, the rules and what they could have caught.
    pub(super) fn gate(&self, result: &GateResult, out: &mut dyn Write) -> io::Result<()> {
        let bytes = self.look.bytes;
        let violations: Vec<_> = site_violations(self.report, result).take(MAX_VIOLATIONS).collect();
        let entries: Vec<_> = violations
            .iter()
            .filter_map(|found| {
                let of_site = [found.significance(bytes), format!("limit: {}", found.limits(bytes))];
                Some(Entry { site: found.site?, remarks: of_site.into_iter().chain(found.names()).collect() })
            })
            .collect();
        if !entries.is_empty() {
            writeln!(out)?;
            let table = SitesTable::new(self, &entries);
            table.write(out)?;
        }
        for found in violations.iter().filter(|found| found.site.is_none()) {
            writeln!(out)?;
            self.paragraph(&format!("{RED}{}{RESET} {}", found.name(), found.growth(bytes)), "  ", out)?;
            for text in [found.significance(bytes), format!("limit: {}", found.limits(bytes))] {
                self.lines(&text, "  ", "    ", out)?;
            }
        }
        let more = site_violations(self.report, result).skip(MAX_VIOLATIONS).count();
        if more > 0 {
            writeln!(out, "\nand {more} more; --json lists them all")?;
        }
        writeln!(out)?;
        let reasons = other_reasons(self.report, result);
        reasons.iter().try_for_each(|reason| self.paragraph(&sanitize(reason), "  ", out))?;
        self.paragraph(&rules_line(self.report, result), "  ", out)?;
        caught_and_accepted(self.report, result, bytes)
            .iter()
            .try_for_each(|sentence| self.paragraph(sentence, "  ", out))
    }
}

//! The result of `calibrate`, as a section of heapdiff.toml.

use std::io::{self, Write};

use super::messages::calibration::{comment, introduction, outcome};
use crate::diff::Metric;
use crate::gate::{Limit, Proposal, Scope, Variation};
use crate::profile::InputFormat;
use crate::site::Granularity;

/// Writes the natural variation as comments, and the limits; of a limit that would hide more than it says, why.
pub fn write(
    variation: &Variation,
    profiles: usize,
    granularity: Granularity,
    format: InputFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    let proposals: Vec<_> = variation.proposals().into_iter().collect();
    let suggested = proposals.iter().filter(|proposal| proposal.refusal.is_none()).count();
    writeln!(out, "# {}", outcome(suggested, proposals.len()))?;
    for line in introduction(variation, profiles, granularity) {
        writeln!(out, "# {line}")?;
    }
    writeln!(out, "[limits]")?;
    for proposal in proposals {
        for line in comment(&proposal, granularity, format) {
            writeln!(out, "# {line}")?;
        }
        if proposal.refusal.is_none() {
            writeln!(out, "{} = {}", key(&proposal), value(proposal.limit))?;
        }
    }
    Ok(())
}

fn key(proposal: &Proposal) -> &'static str {
    match (proposal.scope, proposal.metric) {
        (Scope::Site, Metric::Objects) => "site-objects",
        (Scope::Site, Metric::Space) => "site-space",
        (Scope::Total, Metric::Objects) => "total-objects",
        (Scope::Total, Metric::Space) => "total-space",
    }
}

fn value(limit: Limit) -> String {
    match limit {
        Limit::Absolute(most) => most.to_string(),
        limit @ Limit::Percent(_) => format!("\"{limit}\""),
    }
}

//! The result of `calibrate`, as a section of heapdiff.toml.

use std::io::{self, Write};

use super::text::sanitize;
use super::units::{Bytes, count, delta};
use crate::diff::Metric;
use crate::gate::{Greatest, Limit, Variation};
use crate::site::Granularity;

/// Writes the natural variation as comments, and the limits.
pub fn write(variation: &Variation, profiles: usize, granularity: Granularity, out: &mut dyn Write) -> io::Result<()> {
    let greatest = |metric: Metric, found: &Greatest| {
        let site = if found.site.is_empty() { String::new() } else { format!(" ({})", sanitize(&found.site)) };
        format!("{} in {}{site}", delta(metric, found.delta, Bytes::Iec), metric.name())
    };
    let pairs = count(variation.comparisons, "comparison");
    writeln!(out, "# {} in which nothing changed, by {}: {pairs}", count(profiles, "profile"), granularity.name())?;
    let doubt = if variation.significant_sites > 0 { "; is it true that nothing changed?" } else { "" };
    writeln!(out, "# confirmed growth: {}{doubt}", count(variation.significant_sites, "site"))?;
    writeln!(out, "# greatest growth of a site: {}", greatest(Metric::Objects, &variation.site_objects))?;
    writeln!(out, "#                            {}", greatest(Metric::Space, &variation.site_space))?;
    writeln!(
        out,
        "# greatest growth of the heap: {:+.1} % in inuse_objects, {:+.1} % in inuse_space",
        variation.total_objects, variation.total_space
    )?;
    writeln!(out, "[limits]")?;
    let limits = variation.limits();
    let named = [
        ("site-objects", limits.site_objects),
        ("site-space", limits.site_space),
        ("total-objects", limits.total_objects),
        ("total-space", limits.total_space),
    ];
    for (name, limit) in named {
        match limit {
            Some(Limit::Absolute(most)) => writeln!(out, "{name} = {most}")?,
            Some(limit) => writeln!(out, "{name} = \"{limit}\"")?,
            None => {}
        }
    }
    Ok(())
}

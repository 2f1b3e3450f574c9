//! The result of `calibrate`, as a section of heapdiff.toml.

use std::io::{self, Write};

use super::messages::gate::variation_comments;
use crate::gate::{Limit, Variation};
use crate::site::Granularity;

/// Writes the natural variation as comments, and the limits.
pub fn write(variation: &Variation, profiles: usize, granularity: Granularity, out: &mut dyn Write) -> io::Result<()> {
    for comment in variation_comments(variation, profiles, granularity) {
        writeln!(out, "{comment}")?;
    }
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

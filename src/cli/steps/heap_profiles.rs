//! Finds the heap profiles of a folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cli::options::LoadOptions;
use crate::cli::steps::{Progress, is_something_else, read_profile};
use crate::input::{self, Limit};
use crate::order::sorted;
use crate::profile::Invalid;
use crate::site::{Filter, Granularity, Own};

/// The heap profiles of a folder in time order, or of more than `most` the first ones that are found. Where each is there
/// as protobuf and as text, the protobufs. Other profiles and other files are left aside. Fails for a damaged profile.
pub(crate) fn heap_profiles(folder: &Path, most: usize) -> Result<Vec<PathBuf>> {
    let options = LoadOptions::new(Granularity::Functions, Filter::default(), Own::default(), Limit::default());
    let (mut protobufs, mut texts) = (Vec::new(), Vec::new());
    for path in input::files(folder).with_context(|| folder.display().to_string())? {
        let profile = match read_profile(&path, &options, &Progress::default()) {
            Ok((_, profile)) => profile,
            Err(error) if is_something_else(&error, |invalid| matches!(invalid, Invalid::NotAHeapProfile { .. })) => {
                continue;
            }
            Err(error) => return Err(error),
        };
        let header = profile.header();
        let found = if header.mem_stats.is_some() { &mut texts } else { &mut protobufs };
        found.push((header.time_nanos, path));
        if found.len() > most {
            break;
        }
    }
    let found = if protobufs.len() < texts.len() { texts } else { protobufs };
    Ok(sorted(found, Ord::cmp).into_iter().map(|(_, path)| path).collect())
}

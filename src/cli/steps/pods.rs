//! Profiles of several processes at about one time, as of the pods of a service, which are no series.

use std::path::PathBuf;

use anyhow::Result;

use crate::cli::options::LoadOptions;
use crate::cli::steps::{Progress, each_in_order};
use crate::diagnose::Outlier;
use crate::diff::Metric;
use crate::evidence::process_relation;
use crate::input;
use crate::site::{Buckets, NameArena, SiteShares};

/// Fewer processes are restarts of one.
const MIN_PROCESSES: usize = 3;

/// Profiles of several processes.
pub(crate) struct Pods {
    pub(crate) profiles: usize,
    pub(crate) processes: usize,
    /// The process whose latest profile has most of a site.
    pub(crate) outlier: Option<Outlier>,
}

/// The latest profile of a process.
struct Latest {
    buckets: Buckets,
    time_nanos: i64,
    path: PathBuf,
}

impl Pods {
    /// Finds the processes of some files; `None` if there are few. What is not a heap profile does not count.
    pub(crate) fn find(files: &[PathBuf], load_options: &LoadOptions, progress: &Progress) -> Result<Option<Self>> {
        let (mut processes, mut profiles) = (Vec::<Latest>::new(), 0);
        each_in_order(files, load_options, progress, |path, loaded| {
            let Ok(loaded) = loaded else { return Ok(()) };
            profiles += 1;
            let time_nanos = loaded.info.time_nanos;
            let buckets = loaded.sites.into_buckets();
            let is_same = |known: &&mut Latest| process_relation(&known.buckets, &buckets).is_same();
            match processes.iter_mut().find(is_same) {
                Some(known) if known.time_nanos > time_nanos => {}
                Some(known) => *known = Latest { buckets, time_nanos, path: path.to_owned() },
                None => processes.push(Latest { buckets, time_nanos, path: path.to_owned() }),
            }
            Ok(())
        })?;
        if processes.len() < MIN_PROCESSES {
            return Ok(None);
        }
        let names = NameArena::default();
        let (mut shares, mut counts_bytes) = (SiteShares::default(), true);
        let latest: Vec<_> = processes.into_iter().map(|process| process.path).collect();
        each_in_order(&latest, load_options, progress, |path, loaded| {
            let sites = loaded?.sites;
            counts_bytes &= sites.counted().space;
            shares.add(input::shown(path), &sites, &names);
            Ok(())
        })?;
        let metric = if counts_bytes { Metric::Space } else { Metric::Objects };
        Ok(Some(Pods { profiles, processes: latest.len(), outlier: Outlier::of(&shares, metric, |_| true) }))
    }
}

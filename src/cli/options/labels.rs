//! `--label` and `--labels-from`: where the profiles of a fleet are from.

use std::path::{Component as Step, Path};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::cli::options::path_pattern::{KEY_RULE, Label, PathPattern, is_key};
use crate::input;

/// Where the profiles are from.
#[derive(Debug, Args)]
pub(crate) struct LabelArgs {
    /// Label every row of --format ndjson, such as cluster=eu-1; once for each label
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Output")]
    label: Vec<String>,
    /// Take labels of --format ndjson from the end of each path: '{deploy}/{pod}/*.pb.gz' is deploy and pod by the
    /// two folders of a file; {KEY} and * stand for at least one character of a name
    #[arg(long, value_name = "PATTERN", help_heading = "Output")]
    labels_from: Option<String>,
}

/// The labels of profiles.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// Those of all profiles.
    given: Vec<Label>,
    pattern: Option<PathPattern>,
}

impl LabelArgs {
    /// Whether none were asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.label.is_empty() && self.labels_from.is_none()
    }

    /// Parses what was typed. Fails if it is malformed, or a label would get two values.
    pub(crate) fn resolve(self) -> Result<Labels> {
        let mut given: Vec<Label> = Vec::new();
        for text in self.label {
            let Some((key, value)) = text.split_once('=') else {
                bail!("--label {text}: expected KEY=VALUE, such as pod=cart-0");
            };
            ensure!(is_key(key), "--label {text}: {KEY_RULE}");
            ensure!(given.iter().all(|(known, _)| known != key), "--label {key} is given twice");
            given.push((key.to_owned(), value.to_owned()));
        }
        let parse = |text: String| PathPattern::parse(&text).with_context(|| format!("--labels-from {text}"));
        let pattern = self.labels_from.map(parse).transpose()?;
        for key in pattern.iter().flat_map(PathPattern::keys) {
            ensure!(given.iter().all(|(known, _)| known != key), "{key} is in both --label and --labels-from");
        }
        Ok(Labels { given, pattern })
    }
}

impl Labels {
    /// The labels of a profile. Fails if its path does not end as the pattern says, or does in two ways.
    pub(crate) fn of(&self, path: &Path) -> Result<Vec<Label>> {
        let mut labels = self.given.clone();
        let Some(pattern) = &self.pattern else { return Ok(labels) };
        let shown = input::shown(path);
        if path == Path::new(input::STDIN) || input::is_url(path) {
            bail!("{shown}: --labels-from takes labels from paths of files; use --label here");
        }
        let steps = path.components().filter(|step| matches!(step, Step::Normal(_)));
        let steps: Vec<_> = steps.map(|step| step.as_os_str().to_string_lossy()).collect();
        labels.extend(pattern.read(&steps).with_context(|| shown)?);
        Ok(labels)
    }
}

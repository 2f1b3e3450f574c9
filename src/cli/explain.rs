//! `heapdiff explain`: what a finding means, and the manual.

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::options::nearest;
use crate::cli::steps::{SeveralLines, write_to};
use crate::render::{self, sanitize};

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The code of a finding, such as H003, or a chapter of the manual, such as ci
    #[arg(value_name = "CODE or TOPIC")]
    subject: Option<String>,
}

pub(crate) fn run(args: ExplainArgs) -> Result<()> {
    let Some(page) = render::explain(args.subject.as_deref()) else {
        let list = render::explain(None).unwrap_or_default();
        let subject = sanitize(&args.subject.unwrap_or_default());
        bail!(SeveralLines(format!(
            "no finding or chapter is called {subject}{} There are:\n\n{list}",
            meant(&subject)
        )));
    };
    write_to(None, |out| out.write_all(page.as_bytes()))
}

/// What may be meant by a word that is no code and no topic.
fn meant(word: &str) -> String {
    let of_leaks = ["leak", "leaks", "leaking"].contains(&word.to_lowercase().as_str());
    let near = if of_leaks { vec!["trend".to_owned()] } else { nearest(word, render::explained()) };
    if near.is_empty() { ".".to_owned() } else { format!("; did you mean {}?", near.join(" or ")) }
}

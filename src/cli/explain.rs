//! `heapdiff explain`: what a finding means, and the manual.

use anyhow::{Result, bail};
use clap::Args;

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
        bail!(SeveralLines(format!("there is neither a finding nor a chapter {subject}; there are:\n\n{list}")));
    };
    write_to(None, |out| out.write_all(page.as_bytes()))
}

//! `heapdiff explain`: what a finding means.

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::steps::write_to;
use crate::render;

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Code of a finding, such as H003
    code: Option<String>,
}

pub(crate) fn run(args: ExplainArgs) -> Result<()> {
    let Some(page) = render::explain(args.code.as_deref()) else {
        bail!("no finding has the code {}; heapdiff explain lists them all", args.code.unwrap_or_default());
    };
    write_to(None, |out| out.write_all(page.as_bytes()))
}

//! `heapdiff report`: the diff as a page for a browser.

use anyhow::Result;
use clap::Args;

use super::page::{PageArgs, PageKind, kind};
use super::{CallsArgs, CallsPlan};
use crate::cli::args::By;
use crate::cli::beside::{Beside, BesideArgs};
use crate::cli::plan::{DiffPlan, Measure, Output, granularity};
use crate::diff::{Attribution, Metric};
use crate::render::Look;
use crate::report::Selection;

pub(in crate::cli) const EXAMPLES: &str = "\
One file that needs no network: what it comes to, a flame graph, and every site with its bounds
and its stacks. For a series of snapshots: heapdiff trend --report FILE.

Examples:
  $ heapdiff report -o report.html before.pb.gz after.pb.gz
  $ heapdiff report --by owner -o report.html before.pb.gz after.pb.gz

Exit codes: 0 the report was made, 2 no answer (bad usage or input).";

/// The arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Which profiles to compare, and what of them.
    #[command(flatten)]
    pub calls: CallsArgs,
    /// What a site is
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Lines)]
    pub by: By,
    /// What was profiled beside the heap.
    #[command(flatten)]
    pub beside: BesideArgs,
    /// How the page looks.
    #[command(flatten)]
    pub page: PageArgs,
}

impl DiffPlan {
    /// A diff of all sites, with their stacks, as a page.
    pub(in crate::cli) fn of_page(args: ReportArgs) -> Result<Self> {
        let page = args.page;
        kind(page.output.as_deref(), &[PageKind::Html], "report")?;
        let CallsPlan { base, current, measure, asked } = CallsPlan::new(args.calls)?;
        Ok(DiffPlan {
            base,
            current,
            measure: Measure { granularity: granularity(args.by), ..measure },
            beside: Beside::new(&args.beside)?,
            basis: Attribution::Flat,
            selection: Selection {
                lists: vec![Metric::Space],
                sample_type: asked.sample_type.clone(),
                ..Selection::default()
            },
            asked,
            format: Output::Page,
            least: page.least,
            look: Look { width: 0, color: false, bytes: page.bytes() },
            output: page.output,
        })
    }
}

//! `heapdiff flame`: both sides as one flame graph, in a file for a browser.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::page::{PageArgs, PageKind, kind};
use super::{CallsArgs, CallsPlan};

use crate::cli::Exit;
use crate::cli::args::Sort;
use crate::cli::run::{calls, compare, tell, write_to};
use crate::diagnose::{Note, Severity, notes};
use crate::diff::{Attribution, Metric};
use crate::evidence::Evidence;
use crate::render::{self, FlamePage};
use crate::report::{Column, StackGraph};

pub(in crate::cli) const EXAMPLES: &str = "\
Root on top; as wide as what is alive on the later side, or with --width delta as what grew; red
grew, blue shrank. An SVG is a picture anywhere; in a browser it is zoomed and searched, too.

Examples:
  $ heapdiff flame -o growth.svg before.pb.gz after.pb.gz
  $ heapdiff flame --width delta -o growth.html before.pb.gz after.pb.gz
  $ heapdiff flame --focus 'acme/cache' before.pb.gz after.pb.gz > growth.svg

Exit codes: 0 the picture was made, 2 no answer (bad usage or input).";

/// The arguments of `flame`.
#[derive(Debug, Args)]
pub struct FlameArgs {
    /// Which profiles to compare, and what of them.
    #[command(flatten)]
    pub calls: CallsArgs,
    /// What is wide: what is alive on the later side, or what grew
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Width::Current)]
    pub width: Width,
    /// Which metric is shown first, and alone where no script runs
    #[arg(long, value_enum, value_name = "METRIC", default_value_t = Sort::Space)]
    pub sort: Sort,
    /// How the page looks.
    #[command(flatten)]
    pub page: PageArgs,
}

/// `--width`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Width {
    /// What is alive on the later side
    Current,
    /// What grew: only stacks that did
    Delta,
}

/// Reads both sides, and draws them.
pub(in crate::cli) fn run_flame(args: FlameArgs) -> Result<Exit> {
    let page = args.page;
    let kind = kind(page.output.as_deref(), &[PageKind::Svg, PageKind::Html], "flame")?;
    let plan = CallsPlan::new(args.calls)?;
    let [base, current] = plan.read()?;
    let deltas = compare(&base.sites, &current.sites, Attribution::Flat)?;
    let graph = StackGraph::flame_only(&calls(&deltas)?, page.least);
    // Of evidence a picture says nothing.
    let mut notes = notes([&base.side, &current.side], &deltas, &Evidence::new(&deltas), &plan.asked);
    notes.retain(|note| note.severity() == Severity::Warning || matches!(note, Note::PerProfile { .. }));
    tell(&notes);
    let mut metrics = vec![Metric::Space, Metric::Objects];
    if matches!(args.sort, Sort::Objects) {
        metrics.reverse();
    }
    let name = |metric: Metric| plan.asked.sample_type.clone().unwrap_or_else(|| metric.name().to_owned());
    let shown = metrics.into_iter().filter(|&metric| deltas.counts(metric));
    let metrics: Vec<_> = shown.map(|metric| Column { metric, name: name(metric) }).collect();
    let flame = FlamePage {
        sides: [&base.side, &current.side],
        metrics: &metrics,
        graph: &graph,
        by_growth: args.width == Width::Delta,
        bytes: page.bytes(),
    };
    write_to(page.output.as_deref(), |out| render::flame(&flame, kind == PageKind::Html, out))
}

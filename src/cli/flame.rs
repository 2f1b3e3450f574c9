//! `heapdiff flame`: both sides as one flame graph, in a file for a browser.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cli::options::{LoadOptions, PageArgs, PageKind, PairArgs, Sort, page_kind};
use crate::cli::steps::{
    Progress, compare_loaded, load_comparable_pair, matching_notes, print_notes, stacks_of, write_to,
};
use crate::diagnose::{Note, Severity, notes};
use crate::diff::Attribution;
use crate::evidence::Evidence;
use crate::render::{self, FlamePage};
use crate::report::{ShownMetric, StackGraph};
use crate::site::Granularity;

pub(crate) const EXAMPLES: &str = "\
The root is at the top. A frame is as wide as its live memory on the later side, or with --width delta as its \
growth; red grew, blue shrank, hatched is within sampling noise. An SVG is a picture anywhere; in a browser it can be \
zoomed and searched, and shows the callers of a function over all stacks.

A picture, or a page:
  $ heapdiff flame -o growth.svg before.pb.gz after.pb.gz
  $ heapdiff flame --width delta -o growth.html before.pb.gz after.pb.gz

A part of the program, to a pipe:
  $ heapdiff flame --focus 'acme/cache' before.pb.gz after.pb.gz > growth.svg

Exit status: 0 the picture was made, 2 no answer (bad usage or input).";

#[derive(Debug, Args)]
pub(crate) struct FlameArgs {
    #[command(flatten)]
    pub(crate) pair: PairArgs,
    /// What the width of a frame shows: live memory on the later side, or growth
    #[arg(help_heading = "Output")]
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Width::Current)]
    width: Width,
    /// Metric to show first, and the only one where scripts do not run
    #[arg(help_heading = "Output")]
    #[arg(long, value_enum, value_name = "METRIC", default_value_t = Sort::Space)]
    sort: Sort,
    #[command(flatten)]
    page: PageArgs,
}

/// `--width`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Width {
    /// What is alive on the later side
    Current,
    /// Growth, of the stacks that grew
    Delta,
}

pub(crate) fn run(args: FlameArgs) -> Result<()> {
    let page = args.page;
    let kind = page_kind(page.output.as_deref(), &[PageKind::Svg, PageKind::Html], "flame")?;
    let pair = args.pair.resolve(Some(args.sort), page.output.as_deref())?;
    // What is noise is decided by owner, as in the other commands.
    let load_options = LoadOptions { granularity: Granularity::Owner, ..pair.load_options };
    let mut names = Default::default();
    let progress = Progress::new(pair.sides.iter().flatten());
    let ([base, current], matching) = load_comparable_pair(&pair.sides, &load_options, &progress, &mut names)?;
    let deltas = compare_loaded([&base, &current], &load_options, Attribution::Flat)?;
    let evidence = Evidence::new(&deltas);
    let significance = |site| evidence.significance(site);
    let graph = StackGraph::flame_only(&deltas, &stacks_of(&deltas)?, significance, page.min_share);
    let mut notes = notes([&base.info, &current.info], &deltas, &evidence, &pair.request);
    notes.extend(matching_notes(&matching));
    // A picture shows no evidence, so notes on evidence do not concern it.
    notes.retain(|note| note.severity() == Severity::Warning || matches!(note, Note::PerProfile { .. }));
    print_notes(&notes);
    let flame = FlamePage {
        sides: [&base.info, &current.info],
        metrics: &ShownMetric::counted(&deltas, args.sort.into(), pair.request.sample_type.as_deref()),
        graph: &graph,
        by_growth: args.width == Width::Delta,
        bytes: page.bytes.into(),
    };
    write_to(page.output.as_deref(), |out| render::flame(&flame, kind == PageKind::Html, out))
}

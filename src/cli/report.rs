//! `heapdiff report`: the diff as a page for a browser.

use anyhow::Result;
use clap::Args;

use crate::cli::options::{
    By, CompanionArgs, LoadOptions, MemStatsPairArgs, PageArgs, PageKind, Pair, PairArgs, SourceArgs, page_kind,
    refuse_overwriting,
};
use crate::cli::steps::companion_growth::Accompanied;
use crate::cli::steps::{
    ComparisonPlan, Progress, Sources, add_mem_stats, add_sources, build_report, check_granularity, check_stacks,
    companion_growth, compare_loaded, load_comparable_pair, write_to,
};
use crate::diff::{Attribution, Metric};
use crate::evidence::Significance;
use crate::rank::rank;
use crate::render;
use crate::report::{Selection, StackGraph, WholeVerdict};
use crate::site::Values;
use crate::stacks::StackComparison;
use crate::threads::join2;

pub(crate) const EXAMPLES: &str = "\
One file that needs no network: what grew, its lines, a flame graph, and every function with its interval and stacks. \
The lines come with their source where it is below the working directory or --source-root.

A page on two profiles:
  $ heapdiff report -o report.html before.pb.gz after.pb.gz
  $ heapdiff report --source-root ~/src/svc -o report.html before.pb.gz after.pb.gz
  $ heapdiff report --by lines -o report.html before.pb.gz after.pb.gz

A page on a series:
  $ heapdiff trend --report report.html snapshots/

Exit status: 0 the report was made, 2 no answer (bad usage or input).";

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) pair: PairArgs,
    /// What is listed
    #[arg(help_heading = "Functions")]
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    by: By,
    #[command(flatten)]
    companions: CompanionArgs,
    #[command(flatten)]
    mem_stats: MemStatsPairArgs,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    page: PageArgs,
}

pub(crate) fn run(args: ReportArgs) -> Result<()> {
    let (page, source_roots) = (args.page, args.source.roots()?);
    page_kind(page.output.as_deref(), &[PageKind::Html], "report")?;
    refuse_overwriting(page.output.as_deref(), args.companions.paths().chain(&args.mem_stats.files))?;
    let Pair { sides, load_options, request } = args.pair.resolve(None, page.output.as_deref())?;
    let plan = ComparisonPlan {
        sides,
        load_options: LoadOptions { granularity: args.by.into(), ..load_options },
        companions: args.companions.resolve()?,
        mem_stats: args.mem_stats.files,
        selection: Selection {
            sort: Some(Metric::Space),
            sample_type: request.sample_type.clone(),
            ..Selection::default()
        },
        request,
    };
    let mut names = Default::default();
    let progress = Progress::new(plan.sides.iter().flatten());
    let ([mut base, mut current], matching) =
        load_comparable_pair(&plan.sides, &plan.load_options, &progress, &mut names)?;
    check_granularity((base.name(), base.info.format), plan.load_options.granularity)?;
    add_mem_stats([&mut base, &mut current], &plan.mem_stats, &progress)?;
    let deltas = compare_loaded([&base, &current], &plan.load_options, Attribution::Flat)?;
    check_stacks(&deltas)?;
    let metric = deltas.ranking_metric();
    let sites = rank(&deltas, None).by(metric).to_vec();
    let companions = companion_growth::read_and_compare(
        &plan.companions,
        &Accompanied::sides(&plan.sides),
        &plan.load_options,
        &progress,
    )?;
    let (report, calls) = join2(
        || build_report(&plan, [&base, &current], &deltas, &companions, matching.clone()),
        || StackComparison::new(&deltas),
    );
    let mut significance = vec![Significance::Unknown; deltas.sites.len()];
    for (row, &site) in report.sites.iter().zip(&sites) {
        significance[site] = row.evidence.significance;
    }
    let mut graph = StackGraph::with_sites(&deltas, &calls, &sites, |site| significance[site], metric, page.min_share);
    if report.whole.as_ref().is_some_and(|whole| whole.verdict != WholeVerdict::NoChange) {
        // The whole is known to have changed, even if no site is.
        graph.flame.nodes.iter_mut().take(1).for_each(|root| root.noise = Values::default());
    }
    add_sources(&mut graph, &mut Sources::below(&source_roots));
    write_to(page.output.as_deref(), |out| render::report_page(&report, &graph, page.bytes.into(), out))
}

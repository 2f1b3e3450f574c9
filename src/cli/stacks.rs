//! `heapdiff stacks`: the stacks that grew most.

use anyhow::Result;
use clap::Args;

use crate::cli::options::{PairArgs, PickArgs};
use crate::cli::steps::{report_stacks, write_to};
use crate::render;
use crate::report::StacksReport;
use crate::stacks::RankedGroups;

pub(crate) const EXAMPLES: &str = "\
Stacks that are the same from the root to the owner, the function in your own code that the memory was allocated \
for, are added up, whatever the library calls below it. In the table, the frames of Go's library at the root, such \
as those of net/http, are one line.

The stacks that grew most:
  $ heapdiff stacks before.pb.gz after.pb.gz
  $ heapdiff stacks --full --top 3 --sort objects before.pb.gz after.pb.gz

Those of a part of the program:
  $ heapdiff stacks --focus 'store.*create' before.pb.gz after.pb.gz

For scripts:
  $ heapdiff stacks --json before.pb.gz after.pb.gz | jq '.stacks[0].frames[].function'

Exit status: 0 the report was made, 2 no answer (bad usage or input).";

#[derive(Debug, Args)]
pub(crate) struct StacksArgs {
    #[command(flatten)]
    pub(crate) pair: PairArgs,
    /// Show every frame, including those of Go's library at the root
    #[arg(help_heading = "Output")]
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    pick: PickArgs,
}

pub(crate) fn run(args: StacksArgs) -> Result<()> {
    let mut pick = args.pick;
    pick.check_format()?;
    let pair = args.pair.resolve(Some(pick.sort()), pick.look.output.as_deref())?;
    report_stacks(&pair, pick.metric(), |_, _, mut of| {
        let only_grown = !pick.all() && !pick.is_json();
        let RankedGroups { groups, omitted } = of.calls.groups(of.sort, only_grown, pick.top());
        of.omitted = omitted;
        let report = StacksReport { groups, only_grown, of };
        write_to(pick.look.output.as_deref(), |out| match pick.is_json() {
            true => render::stacks_json(&report, out),
            false => render::stacks_table(&report, args.full, pick.look.look(), out),
        })
    })
}

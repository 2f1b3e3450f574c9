//! `heapdiff stacks`: the stacks that grew most.

use anyhow::Result;
use clap::Args;

use super::{CallsArgs, CallsPlan, PickArgs, Picked, compared};
use crate::cli::Exit;
use crate::cli::run::write_to;
use crate::render;
use crate::report::StacksReport;

pub(in crate::cli) const EXAMPLES: &str = "\
Stacks that are the same from the root to the owner, the function in your own code that the
memory was allocated for, are one: what the library allocated below it is added up. In the
table the frames of Go's library at the root, such as net/http's, stand in one line.

Examples:
  $ heapdiff stacks before.pb.gz after.pb.gz
  $ heapdiff stacks --full --top 3 --sort objects before.pb.gz after.pb.gz
  $ heapdiff stacks --focus 'store.*create' before.pb.gz after.pb.gz
  $ heapdiff stacks --json before.pb.gz after.pb.gz | jq '.stacks[0].frames[].function'

Exit codes: 0 the report was made, 2 no answer (bad usage or input).";

/// The arguments of `stacks`.
#[derive(Debug, Args)]
pub struct StacksArgs {
    #[command(flatten)]
    pub calls: CallsArgs,
    /// Show every frame, also those of Go's library at the root
    #[arg(long)]
    pub full: bool,
    #[command(flatten)]
    pub pick: PickArgs,
}

/// Runs the command.
pub(in crate::cli) fn run_stacks(args: StacksArgs) -> Result<Exit> {
    let picked = Picked::new(args.pick);
    let plan = CallsPlan::new(args.calls)?;
    compared(&plan, picked.sort, &mut |_, _, mut of| {
        let mut groups = of.calls.groups(of.sort);
        let all = groups.len();
        let growers = !picked.all && !picked.json;
        groups.retain(|group| !growers || group.change.delta_of(of.sort) > 0);
        picked.cut(&mut groups);
        of.omitted = all - groups.len();
        let report = StacksReport { groups, growers, of };
        write_to(picked.output.as_deref(), |out| match picked.json {
            true => render::stacks_json(&report, out),
            false => render::stacks_table(&report, args.full, picked.look, out),
        })
    })
}

//! `heapdiff peek`: functions between their callers and callees.

use anyhow::Result;
use clap::Args;

use crate::cli::options::{PairArgs, PickArgs, parse_pattern};
use crate::cli::steps::{matching, report_stacks, write_to};
use crate::render;
use crate::report::PeekReport;

pub(crate) const EXAMPLES: &str = "\
The callers add up to what the function allocates with all that it calls, and so do the callees
and the function itself. Of a function that calls itself the outermost call has the caller, and
the innermost the callee.

Examples:
  $ heapdiff peek 'hex.EncodeToString' before.pb.gz after.pb.gz
  $ heapdiff peek --sort objects '^main\\.handle' before.pb.gz after.pb.gz
  $ heapdiff peek --json 'bytes.growSlice' before.pb.gz after.pb.gz | jq '.functions[0].callers'

Exit codes: 0 the report was made, 2 no answer (bad usage or input, or no function matches).";

#[derive(Debug, Args)]
pub(crate) struct PeekArgs {
    /// Which functions: a regular expression that some part of their name matches
    #[arg(value_name = "RE")]
    pattern: String,
    #[command(flatten)]
    pair: PairArgs,
    #[command(flatten)]
    pick: PickArgs,
}

pub(crate) fn run(args: PeekArgs) -> Result<()> {
    let pick = args.pick;
    let matches = parse_pattern(&args.pattern)?;
    let pair = args.pair.resolve(pick.look.output.as_deref())?;
    report_stacks(&pair, pick.metric(), |_, _, mut of| {
        // Cut first: callers and callees take memory for each pair.
        let mut functions = of.calls.most_grown(matching(&of, &matches, &args.pattern)?, of.sort);
        of.omitted = pick.cut(&mut functions);
        let peeks = of.calls.peek(&functions, of.sort);
        let report = PeekReport { peeks, pattern: args.pattern.clone(), of };
        write_to(pick.look.output.as_deref(), |out| match pick.is_json() {
            true => render::peek_json(&report, out),
            false => render::peek_table(&report, pick.top(), pick.look.look(), out),
        })
    })
}

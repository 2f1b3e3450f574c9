//! `heapdiff peek`: functions between their callers and callees.

use anyhow::Result;
use clap::Args;

use super::{CallsArgs, CallsPlan, PickArgs, Picked, compared, matching, pattern};
use crate::cli::Exit;
use crate::cli::run::write_to;
use crate::render;
use crate::report::PeekReport;

pub(in crate::cli) const EXAMPLES: &str = "\
The callers add up to what the function allocates with all that it calls, and so do the callees
and the function itself. Of a function that calls itself the outermost call has the caller, and
the innermost the callee.

Examples:
  $ heapdiff peek 'hex.EncodeToString' before.pb.gz after.pb.gz
  $ heapdiff peek --sort objects '^main\\.handle' before.pb.gz after.pb.gz
  $ heapdiff peek --json 'bytes.growSlice' before.pb.gz after.pb.gz | jq '.functions[0].callers'

Exit codes: 0 the report was made, 2 no answer (bad usage or input, or no function matches).";

/// The arguments of `peek`.
#[derive(Debug, Args)]
pub struct PeekArgs {
    /// Which functions: a regular expression that some part of their name matches
    #[arg(value_name = "RE")]
    pub pattern: String,
    #[command(flatten)]
    pub calls: CallsArgs,
    #[command(flatten)]
    pub pick: PickArgs,
}

/// Runs the command.
pub(in crate::cli) fn run_peek(args: PeekArgs) -> Result<Exit> {
    let picked = Picked::new(args.pick);
    let matches = pattern(&args.pattern)?;
    let plan = CallsPlan::new(args.calls)?;
    compared(&plan, picked.sort, &mut |_, _, mut of| {
        // Cut before their callers and callees are told apart, which takes memory for each pair.
        let mut functions = of.calls.most_grown(matching(&of, &matches, &args.pattern)?, of.sort);
        of.omitted = picked.cut(&mut functions);
        let peeks = of.calls.peek(&functions, of.sort);
        let report = PeekReport { peeks, pattern: args.pattern.clone(), of };
        write_to(picked.output.as_deref(), |out| match picked.json {
            true => render::peek_json(&report, out),
            false => render::peek_table(&report, picked.calls(), picked.look, out),
        })
    })
}

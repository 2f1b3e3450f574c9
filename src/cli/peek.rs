//! `heapdiff peek`: functions between their callers and callees.

use anyhow::Result;
use clap::Args;

use crate::cli::options::{NamePattern, PairArgs, PickArgs, refuse_too_few};
use crate::cli::steps::{matching, report_stacks, write_to};
use crate::render;
use crate::report::PeekReport;

pub(crate) const EXAMPLES: &str = "\
The callers add up to what the function allocates together with its callees, and so do the callees and the \
function itself. A function that calls itself has the callers of its outermost call and the callees of its \
innermost.

A function, by its name as tables print it:
  $ heapdiff peek hex.EncodeToString before.pb.gz after.pb.gz

Functions, by a regular expression:
  $ heapdiff peek --sort objects '^main\\.handle' before.pb.gz after.pb.gz

For scripts:
  $ heapdiff peek --json bytes.growSlice before.pb.gz after.pb.gz | jq '.functions[0].callers'

Exit status: 0 the report was made, 2 no answer (bad usage or input, or no function matches).";

#[derive(Debug, Args)]
pub(crate) struct PeekArgs {
    /// Functions: a name as the tables print it, or a regular expression that matches part of the name
    #[arg(value_name = "FUNCTION")]
    pattern: String,
    #[command(flatten)]
    pub(crate) pair: PairArgs,
    #[command(flatten)]
    pick: PickArgs,
}

pub(crate) fn run(args: PeekArgs) -> Result<()> {
    let mut pick = args.pick;
    pick.check_format()?;
    refuse_too_few("peek", &args.pattern, &args.pair.sides)?;
    let pattern = NamePattern::new(args.pattern);
    let pair = args.pair.resolve(Some(pick.sort()), pick.look.output.as_deref())?;
    report_stacks(&pair, pick.metric(), |_, _, mut of| {
        // Cut first: callers and callees take memory for each pair.
        let mut functions = of.calls.most_grown(matching(&of, &pattern)?, of.sort);
        of.omitted = pick.cut(&mut functions);
        let peeks = of.calls.peek(&functions, of.sort);
        of.omitted += functions.len() - peeks.len();
        let report = PeekReport { peeks, pattern: pattern.text.clone(), of };
        write_to(pick.look.output.as_deref(), |out| match pick.is_json() {
            true => render::peek_json(&report, out),
            false => render::peek_table(&report, pick.top(), pick.look.look(), out),
        })
    })
}

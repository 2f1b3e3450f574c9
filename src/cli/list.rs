//! `heapdiff list`: functions line by line, with their source.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::options::{PairArgs, PickArgs, parse_pattern, refuse_overwriting};
use crate::cli::steps::{Sources, matching, report_stacks, write_to};
use crate::diff::Change;
use crate::render;
use crate::report::{Excerpt, ListReport, ListedFunction, NoSource};
use crate::site::SiteKey;
use crate::stacks::{FunctionListing, ListedLine};

pub(crate) const EXAMPLES: &str = "\
A line's numbers are what was allocated there or in anything it called; > marks a line that grew.
Sources are looked for in --source-root and the working directory, in Go modules there, in Go's
library and its module cache, and read nowhere else. Profiles of builds without -trimpath name
the folders of the machine that built them: --trim-path takes those away.

Examples:
  $ heapdiff list 'store.*create' before.pb.gz after.pb.gz
  $ heapdiff list --source-root ~/src/svc 'main.handle' before.pb.gz after.pb.gz
  $ heapdiff list --trim-path /build/svc '^main\\.' before.pb.gz after.pb.gz
  $ heapdiff list --json create before.pb.gz after.pb.gz | jq '.functions[].lines[]'

Exit codes: 0 the report was made, 2 no answer (bad usage or input, or no function matches).";

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Which functions: a regular expression that some part of their name matches
    #[arg(value_name = "RE")]
    pattern: String,
    /// A folder with sources; the working directory is always looked through
    #[arg(long, value_name = "DIR")]
    source_root: Vec<PathBuf>,
    #[command(flatten)]
    pair: PairArgs,
    #[command(flatten)]
    pick: PickArgs,
}

pub(crate) fn run(args: ListArgs) -> Result<()> {
    let pick = args.pick;
    let pattern = parse_pattern(&args.pattern)?;
    let pair = args.pair.resolve(pick.look.output.as_deref())?;
    if let Some(root) = args.source_root.iter().find(|root| !root.is_dir()) {
        bail!("--source-root {}: expected a folder", root.display());
    }
    let mut sources = Sources::new(&args.source_root);
    report_stacks(&pair, pick.metric(), |deltas, evidence, mut of| {
        let mut listed = of.calls.list(&matching(&of, &pattern, &args.pattern)?, of.sort);
        of.omitted = pick.cut(&mut listed);
        let by_key = deltas.by_key();
        let significance = |line: &ListedLine| {
            let site = by_key.get(&of.calls.frames[line.frame as usize].line.key)?;
            (line.flat != Change::default()).then(|| evidence.significance(*site))
        };
        let functions = listed.into_iter().map(|listed| ListedFunction {
            significances: listed.lines.iter().map(significance).collect(),
            source: source(&listed, &mut sources, of.calls.functions[listed.function as usize]),
            listed,
        });
        let report = ListReport { functions: functions.collect(), pattern: args.pattern.clone(), of };
        refuse_overwriting(pick.look.output.as_deref(), &sources.read)?;
        write_to(pick.look.output.as_deref(), |out| match pick.is_json() {
            true => render::list_json(&report, out),
            false => render::list_table(&report, pick.look.look(), out),
        })
    })
}

/// The lines around the listed ones, from the file that the profile names.
fn source(listed: &FunctionListing<'_>, sources: &mut Sources, function: SiteKey<'_>) -> Result<Excerpt, NoSource> {
    let file = std::str::from_utf8(listed.file).ok().filter(|file| !file.is_empty()).ok_or(NoSource::NotFound)?;
    let found = sources.find(file)?;
    let numbered: Vec<_> = listed.lines.iter().map(|line| line.line).collect();
    // Functions that the compiler adds, such as main.f.gowrap1, begin at any line.
    let name = function.name();
    let last = name.rsplit('.').next().unwrap_or_default();
    let begins = file.ends_with(".go") && !last.contains("wrap") && !last.contains('-');
    Excerpt::cut(&found.0, &found.1, listed.start_line, &numbered, begins)
}

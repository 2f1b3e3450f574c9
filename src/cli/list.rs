//! `heapdiff list`: functions line by line, with their source.

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::options::{NamePattern, PairArgs, PickArgs, SourceArgs, refuse_overwriting, refuse_too_few};
use crate::cli::steps::{Sources, matching, report_stacks, write_to};
use crate::diff::Change;
use crate::render;
use crate::report::{Excerpt, ListReport, ListedFunction, NoSource};
use crate::site::SiteKey;
use crate::stacks::{FunctionListing, ListedLine};

pub(crate) const EXAMPLES: &str = "\
The numbers of a line are what was allocated there or in anything it called; the mark before its number says how \
certain the growth is. Sources are looked up in --source-root and the working directory, in Go modules there, in Go's library and in its module \
cache, and read from nowhere else. Profiles of builds without -trimpath name folders of the machine that built \
them: --trim-path strips those.

A function, by its name as tables print it:
  $ heapdiff list 'main.(*store).create' before.pb.gz after.pb.gz

Functions, by a regular expression:
  $ heapdiff list 'store.*create' before.pb.gz after.pb.gz

Sources elsewhere:
  $ heapdiff list --source-root ~/src/svc 'main.handle' before.pb.gz after.pb.gz
  $ heapdiff list --trim-path /build/svc '^main\\.' before.pb.gz after.pb.gz

For scripts:
  $ heapdiff list --json create before.pb.gz after.pb.gz | jq '.functions[].lines[]'

Exit status: 0 the report was made, 2 no answer (bad usage or input, or no function matches).";

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Functions: a name as the tables print it, or a regular expression that matches part of the name
    #[arg(value_name = "FUNCTION")]
    pattern: String,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    pub(crate) pair: PairArgs,
    #[command(flatten)]
    pick: PickArgs,
}

pub(crate) fn run(args: ListArgs) -> Result<()> {
    let mut pick = args.pick;
    pick.check_format()?;
    refuse_too_few("list", &args.pattern, &args.pair.sides)?;
    let pattern = NamePattern::new(args.pattern);
    let pair = args.pair.resolve(Some(pick.sort()), pick.look.output.as_deref())?;
    let mut sources = Sources::new(&args.source.roots()?);
    report_stacks(&pair, pick.metric(), |deltas, evidence, mut of| {
        if of.calls.are_references {
            let name = of.comparison.current.inputs.first().map_or("", String::as_str);
            bail!(
                "{name}: goref output has no lines of code; heapdiff peek shows what a variable holds, field by field"
            );
        }
        let mut listed = of.calls.list(&matching(&of, &pattern)?, of.sort);
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
        let report = ListReport { functions: functions.collect(), pattern: pattern.text.clone(), of };
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
    Excerpt::of_function(&found.0, &found.1, &function.name(), listed.start_line, &numbered)
}

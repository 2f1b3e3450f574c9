//! Runs commands.

use anyhow::Result;
use clap::CommandFactory;

use super::commands::{Cli, Command};
use super::folder;
use super::typed::{Alone, Typed, parse_as};
use crate::cli::exit::Exit;
#[cfg(feature = "fetch")]
use crate::cli::steps::warn;
use crate::cli::steps::{is_difference_file, write_to};
use crate::cli::{calibrate, check, diff, explain, flame, list, memstats, peek, report, stacks, top, trend};
#[cfg(feature = "fetch")]
use crate::cli::{capture, watch};
use crate::render;

/// Runs what was typed.
pub(super) fn run(typed: Typed) -> Result<Exit> {
    match typed {
        Typed::Command(command) => run_command(*command),
        Typed::Alone(alone) => run_alone(*alone),
        Typed::Version => write_to(None, |out| render::version_json(out)).map(|()| Exit::Success),
    }
}

/// Runs what one input means: a folder is a capture, a difference is shown as such, any other profile has its largest
/// sites shown.
fn run_alone(alone: Alone) -> Result<Exit> {
    if alone.path.is_dir() {
        return folder::run(&alone, run_command);
    }
    match alone.diff {
        Some(diff) if is_difference_file(&alone.path) => run_command(Command::Diff(diff)),
        _ => run_command(parse_as("top", &alone.args)?),
    }
}

fn run_command(command: Command) -> Result<Exit> {
    #[cfg(feature = "fetch")]
    set_up_requests(&command)?;
    match command {
        Command::Diff(args) => diff::run(args),
        Command::Top(args) => top::run(*args),
        Command::Check(args) => return check::run(*args),
        Command::Calibrate(args) => calibrate::run(args),
        Command::List(args) => list::run(*args),
        Command::Peek(args) => peek::run(*args),
        Command::Stacks(args) => stacks::run(*args),
        Command::Flame(args) => flame::run(*args),
        Command::Report(args) => report::run(*args),
        Command::Trend(args) => return trend::run(args),
        Command::Memstats(args) => return memstats::run(args),
        #[cfg(feature = "fetch")]
        Command::Capture(args) => capture::run(args),
        #[cfg(feature = "fetch")]
        Command::Watch(args) => return watch::run(*args),
        Command::Explain(args) => explain::run(args),
        Command::Schema => write_to(None, |out| out.write_all(render::SCHEMA.as_bytes())),
        Command::Completions { shell } => write_to(None, |out| {
            // Written to memory first, as clap_complete panics on a closed pipe.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "heapdiff", &mut script);
            out.write_all(&script)
        }),
        // clap_mangen leaves out the text of options that -h hides.
        Command::Man => {
            let command = Cli::command().mut_args(|arg| arg.hide_short_help(false));
            write_to(None, |out| clap_mangen::Man::new(command).render(out))
        }
    }
    .map(|()| Exit::Success)
}

/// Makes the options on requests hold for all URLs of a command.
#[cfg(feature = "fetch")]
fn set_up_requests(command: &Command) -> Result<()> {
    let connect = match command {
        Command::Diff(args) => &args.pair.read.connect,
        Command::Top(args) => &args.read.connect,
        Command::Trend(args) => &args.read.connect,
        Command::Memstats(args) => &args.connect,
        Command::Check(args) => &args.read.connect,
        Command::Calibrate(args) => &args.read.connect,
        Command::List(args) => &args.pair.read.connect,
        Command::Peek(args) => &args.pair.read.connect,
        Command::Stacks(args) => &args.pair.read.connect,
        Command::Flame(args) => &args.pair.read.connect,
        Command::Report(args) => &args.pair.read.connect,
        Command::Capture(args) => &args.connect,
        Command::Watch(args) => &args.read.connect,
        Command::Explain(_) | Command::Schema | Command::Completions { .. } | Command::Man => return Ok(()),
    };
    connect.apply()?;
    if connect.is_insecure() {
        warn(render::INSECURE);
    }
    Ok(())
}

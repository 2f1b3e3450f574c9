//! What can be typed, and what it becomes: options that several commands share. Knows no command and no step.

mod allowances;
mod companions;
pub(crate) mod config;
#[cfg(feature = "fetch")]
mod connect;
pub(crate) mod counted;
mod date;
pub(crate) mod document;
mod filters;
pub(crate) mod format;
mod labels;
mod load_options;
mod look;
mod mem_stats;
mod nearest;
mod page;
mod pair;
mod path_pattern;
mod renames;
mod report_files;
mod sample_type;
mod selection;
mod sides;
mod size;
mod snapshots;
mod source;
#[cfg(feature = "fetch")]
mod take;
mod toml_values;
mod words;
mod work;

pub(crate) use allowances::Allowances;
pub(crate) use companions::{CompanionArgs, CompanionFiles, Companions};
pub(crate) use config::Inconclusive;
#[cfg(feature = "fetch")]
pub(crate) use connect::ConnectArgs;
pub(crate) use date::{Date, timestamp};
pub(crate) use document::Mistake;
pub(crate) use filters::{ConfiguredFilterArgs, FilterArgs};
pub(crate) use format::OutputFormat;
pub(crate) use labels::{LabelArgs, Labels};
pub(crate) use load_options::{Collect, LoadOptions};
#[cfg(feature = "fetch")]
pub(crate) use look::{BytesArg, ColorArg};
pub(crate) use look::{DetailArgs, LookArgs};
pub(crate) use mem_stats::MemStatsPairArgs;
pub(crate) use nearest::nearest;
pub(crate) use page::{DEFAULT_MIN_SHARE, PageArgs, PageKind, page_kind};
pub(crate) use pair::{NamePattern, Pair, PairArgs, PickArgs, refuse_too_few};
pub(crate) use renames::{RenameArgs, RenameOptions};
pub(crate) use report_files::{ReportFile, TypedOptions, TypedOutputs, is_in_folder, is_same_file, refuse_overwriting};
pub(crate) use sample_type::SampleTypeArgs;
pub(crate) use selection::{By, DEFAULT_TOP, OrderArgs, Sort};
pub(crate) use sides::{FleetArgs, SideArgs, expand, listed, refuse_stdin_twice};
pub(crate) use size::{ReadArgs, must_see, parse_size};
pub(crate) use snapshots::{SeriesPlan, TRENDS, heap_limit, trends};
pub(crate) use source::SourceArgs;
#[cfg(feature = "fetch")]
pub(crate) use take::{TakeArgs, Taking};
pub(crate) use words::first_bare;
pub(crate) use work::{Work, WorkArgs};

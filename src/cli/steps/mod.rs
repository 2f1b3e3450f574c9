//! What commands do: reading sides, comparing, writing. Knows no command.

mod captured;
pub(crate) mod checkout;
#[cfg(feature = "fetch")]
mod clock;
pub(crate) mod companion_growth;
mod companions;
mod compare;
mod comparison_report;
mod copies;
mod difference;
#[cfg(feature = "fetch")]
mod folder;
mod found_files;
mod go_mod;
mod heap_profiles;
mod in_order;
mod loaded_series;
#[cfg(feature = "fetch")]
mod manifest;
mod match_sides;
mod mem_stats_files;
mod operations;
mod output;
mod outputs;
mod pods;
#[cfg(feature = "fetch")]
mod program;
mod progress;
mod read;
mod replace;
#[cfg(feature = "fetch")]
mod retries;
mod side;
mod side_info_builder;
mod sources;
mod stacks_report;
#[cfg(feature = "fetch")]
mod stop;
mod totals;
mod trend_report;
mod within;
mod work;
mod work_totals;

#[cfg(feature = "fetch")]
pub(crate) use clock::{Clock, Pace, SystemClock, repeat};
pub(crate) use companions::{census, censuses, sibling, sibling_census};
pub(crate) use compare::{
    PairNames, SideNames, check_stacks, compare_loaded, compare_sides, counted, load_comparable_pair, load_pair,
    stacks_of, unify_side_keys,
};
pub(crate) use comparison_report::{ComparisonPlan, build_report};
pub(crate) use copies::Copies;
pub(crate) use difference::{is_difference_file, load_difference};
#[cfg(feature = "fetch")]
pub(crate) use folder::{Folder, prepare, prune};
pub(crate) use found_files::found_files;
pub(crate) use go_mod::{Module, module_in, own_module};
pub(crate) use heap_profiles::heap_profiles;
pub(crate) use in_order::in_order;
pub(crate) use loaded_series::{LoadedSeries, read_series};
#[cfg(feature = "fetch")]
pub(crate) use manifest::{Manifest, MissingProfile, Round, TakenProfile, Totals};
pub(crate) use match_sides::{match_sides, matching_notes};
pub(crate) use mem_stats_files::{MemStatsFiles, read_mem_stats_files};
pub(crate) use output::{SeveralLines, append_to, print_line, print_notes, warn, write_to};
pub(crate) use outputs::{Outputs, Reports, write_failure_to};
pub(crate) use pods::Pods;
#[cfg(feature = "fetch")]
pub(crate) use program::{ProfileKind, Program, RoundPlan};
pub(crate) use progress::Progress;
#[cfg(feature = "fetch")]
pub(crate) use progress::StatusLine;
pub(crate) use read::{
    ReadAs, input_name, is_something_else, read_from, read_mem_stats, read_profile, read_with_copy, read_with_dead,
    refuse_secret,
};
pub(crate) use replace::replace_file;
#[cfg(feature = "fetch")]
pub(crate) use replace::{replace_private, unguessable};
#[cfg(feature = "fetch")]
pub(crate) use retries::Retry;
pub(crate) use side::{
    LoadedSide, check_attribution, check_granularity, check_one_kind, each_in_order, load_again,
    load_heap_or_difference, load_side, refuse_goref,
};
pub(crate) use side_info_builder::SideInfoBuilder;
pub(crate) use sources::{Sources, add_sources};
pub(crate) use stacks_report::{matching, report_stacks};
#[cfg(feature = "fetch")]
pub(crate) use stop::{PATIENCE, stop_flag, until_stopped};
pub(crate) use totals::{add_mem_stats, mem_stats_of_series};
pub(crate) use trend_report::{exit, trend_report};
pub(crate) use within::{resolved_within, under};
pub(crate) use work::scale_sides;
pub(crate) use work_totals::WorkTotals;

//! Every English sentence of the reports, in one place for whoever edits or translates them.
//!
//! In: codes and data, as `diagnose`, `gate` and `report` have them. Out: sentences.

mod acceptance;
mod alerts;
mod amounts;
mod budget;
pub(super) mod calibration;
mod commands;
mod explain;
mod findings;
mod follow_up;
pub(crate) mod gate;
mod goroutine_headline;
mod goroutines;
mod growth_kind;
mod header;
mod headline;
mod live_heap;
mod mem_stats;
mod note_lines;
mod notes;
mod nouns;
mod page;
mod parts;
mod paste;
mod pods;
mod power;
mod renames;
mod rows;
mod runs;
mod series;
mod settings;
mod sites;
mod source;
pub(super) mod stacks;
#[cfg(feature = "fetch")]
mod taking;
pub(crate) mod top;
mod trend;
mod trend_headline;
mod trend_next;
mod verdict;
mod whole;

pub(super) use acceptance::acceptance;
pub(crate) use alerts::UNFINISHED;
pub(super) use alerts::{NO_CHECK, alert_rule_texts};
pub(super) use amounts::objects_unit;
pub(crate) use commands::no_heap;
pub use commands::{no_series, one_moment, quoted};
pub(super) use commands::{steps, steps_heading};
pub(super) use explain::does_not_prove;
pub use explain::{explain, explained};
pub(super) use findings::{finding_lines, finding_message, finding_title, findings_heading, next_step};
pub(super) use header::{comparison_label, header_parts, inputs, origin, scope_label};
pub(super) use headline::{answer, cautions, headline, other_reasons};
pub(super) use mem_stats::{
    Step, mem_stats_headline, mem_stats_note_message, no_judgement, other_files, other_files_read, pattern_headline,
    pattern_message, pattern_next_step, snapshots_label,
};
pub(super) use note_lines::{NoteLine, note_lines};
pub(super) use notes::labelled;
pub use notes::note_message;
pub(super) use nouns::{more_parts, site_noun};
pub(super) use page::{
    CODE_HEADING, COLOR_LEGEND, FLAME_HEADING, NO_SOURCES, callees_label, code_place, flame_use, grown_stacks,
    page_headline, page_lead, total_certainty, total_pace, undrawn_calls, width_legend,
};
pub(super) use parts::{given_rss_message, measure_label, memory_growth, part_label, single_snapshot_message};
pub(super) use paste::{BUDGET_HEADING, acceptance_to_paste};
pub use pods::not_a_series;
pub(crate) use power::gate_remarks;
pub(super) use power::{caught_and_accepted, coverage, larger_growth};
pub(crate) use renames::mistyped_rename;
pub(super) use renames::{other_names_label, unmatched_label};
pub(super) use rows::{more_lines, noise_heading, number_titles, row_certainty, row_label, row_rank, row_tag};
pub(super) use runs::scale_label;
pub use series::file_names;
pub(super) use series::{series_news, series_note_message, snapshots_read, trend_footnotes, trend_limit, whole_course};
pub(super) use sites::{
    NO_PROOF, count_sites, empty_list, footnotes, growth_and_significance, legend, mark_words, more_goroutines,
    noise_line, power_details, sampling_sentence, significance_label, significance_word,
};
pub(super) use source::no_source_message;
#[cfg(feature = "fetch")]
pub use taking::{
    INSECURE, Taken, capture_end, interval_not_kept, missing_by_version, missing_profile, no_pass, restarted_before,
    rests_on, retrying, stopped_early, totals_trust,
};
pub(super) use trend::{trend_details, trend_status};
pub(super) use trend_headline::trend_headline;
#[cfg(feature = "fetch")]
pub use trend_headline::trend_verdict;
pub(super) use trend_next::trend_next;
pub(super) use verdict::{
    SiteViolations, gate_headline, gate_summary, pairs_label, rules_line, site_violations, violation_lines,
};
pub(super) use whole::{capitalised, percent, whole_line, whole_parts, whole_sentence};

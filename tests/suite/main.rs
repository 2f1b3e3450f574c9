//! All tests, as one program. They share `proto` and `run`.

// A test fails by panicking, and its modules are public to each other.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Numbers are small here.
#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)]

mod agreement;
mod answer;
mod call_tree;
mod calls;
#[cfg(feature = "fetch")]
mod capture;
mod checkout_files;
#[cfg(all(unix, feature = "fetch"))]
mod ci_action;
mod ci_formats;
#[cfg(all(unix, feature = "fetch"))]
mod ci_gitlab;
#[cfg(all(unix, feature = "fetch"))]
mod ci_go;
#[cfg(all(unix, feature = "fetch"))]
mod ci_lint;
#[cfg(all(unix, feature = "fetch"))]
mod ci_module;
#[cfg(all(unix, feature = "fetch"))]
mod ci_rules;
#[cfg(all(unix, feature = "fetch"))]
mod ci_workflows;
mod damage;
mod decode;
mod encodings;
mod exports;
#[cfg(feature = "fetch")]
mod fetch;
mod filters;
mod findings;
mod fleet;
mod fleet_rows;
mod gate;
mod gate_rules;
mod goroutines;
mod guesses;
mod heap_text;
mod hostile;
mod hostile_names;
#[cfg(feature = "fetch")]
mod https;
mod input;
mod intervals;
mod junit;
mod kinds;
mod laws;
mod layering;
mod list;
mod matching;
mod mem_stats;
mod mem_stats_inputs;
mod mem_stats_parts;
mod mem_stats_situations;
mod memory;
mod mutations;
mod native;
mod numbers;
mod oracle;
mod owners;
mod pages;
mod process;
mod producers;
mod proto;
#[cfg(feature = "fetch")]
mod proxies;
mod random;
mod readme;
#[cfg(all(unix, feature = "fetch"))]
mod release;
mod reports;
mod run;
#[cfg(all(unix, feature = "fetch"))]
mod runner;
mod runs;
#[cfg(feature = "fetch")]
mod secrets;
#[cfg(feature = "fetch")]
mod server;
#[cfg(feature = "fetch")]
mod servers;
mod simulation;
mod simulation_shape;
mod simulation_trend;
mod sites;
mod text;
mod thresholds;
mod transcripts;
mod trend;
mod trend_totals;
mod truth;
mod unfit;
#[cfg(feature = "fetch")]
mod watch;
mod whole;
mod written_files;

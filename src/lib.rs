//! Tells which allocation sites of a program really grew between two heap profiles.
//!
//! The pipeline, a module for each stage:
//!
//! ```text
//! bytes ─decode─▶ Profile ─site─▶ SiteTable ┐
//! bytes ─decode─▶ Profile ─site─▶ SiteTable ┴─diff─▶ Deltas ─evidence─▶ Evidence ─gate─▶ Significance ┐
//!                                                       ├─rank─▶ Ranking ─────────────────report─▶ Report ─render─▶ text, page
//!                                                       └─calls─▶ Calls of the stacks ────report─▶ Picture ─render─┘
//!
//! bytes ─decode─▶ MemStats of N snapshots ─series─▶ Assessment ─report─▶ MemStatsReport ─render─▶ text
//! ```
//!
//! # Words
//!
//! Those of pprof and `profile.proto`: profile, sample, stack (leaf first), location, line, function,
//! mapping, value type. *flat*: the site is the leaf. *cum*: it is anywhere on the stack, counted
//! once per sample. *site*: an allocation site at a granularity. *owner*: the first frame from the
//! leaf in the program's own code. *base*, *current*, *delta* = current − base.
//!
//! # Example
//!
//! ```
//! use std::fs::File;
//!
//! use heapdiff::decode::decode;
//! use heapdiff::diff::{Attribution, Metric, diff};
//! use heapdiff::evidence::{Evidence, Significance};
//! use heapdiff::input::Limit;
//! use heapdiff::rank::rank;
//! use heapdiff::site::{Filter, Granularity, NameArena, SiteTableBuilder};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let read = |path| -> Result<_, Box<dyn std::error::Error>> {
//!     let (reader, _, proof) = heapdiff::input::inflate(File::open(path)?, Limit::default())?;
//!     Ok(decode(reader, || proof.is_whole())?)
//! };
//! let profiles = [read("testdata/captures/sessiond/rate512k/heap_01.pb.gz")?, read("testdata/captures/sessiond/rate512k/heap_06.pb.gz")?];
//!
//! let (filter, names) = (Filter::default(), NameArena::default());
//! let tables = profiles.each_ref().map(|profile| {
//!     let mut sites = SiteTableBuilder::new(Granularity::Functions, &filter, &names);
//!     sites.add(profile);
//!     sites.finish()
//! });
//! let deltas = diff(&tables[0], &tables[1], Attribution::Flat);
//! let ranking = rank(&deltas, Some(20));
//! let evidence = Evidence::new(&deltas);
//!
//! let most = ranking.by(Metric::Space)[0];
//! assert_eq!(deltas.sites[most].change.delta().space, 11_038_972 - 1_572_936);
//! assert_eq!(evidence.significance(most), Significance::Grew);
//! # Ok(())
//! # }
//! ```

pub mod cli;
pub mod decode;
pub mod diff;
pub mod evidence;
pub mod gate;
pub mod input;
mod order;
pub mod profile;
pub mod rank;
pub mod render;
pub mod report;
pub mod series;
pub mod site;
pub mod stacks;
mod threads;

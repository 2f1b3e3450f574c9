//! Everything a renderer may show, and nothing it must compute.
//!
//! In: ranked [`Deltas`](crate::diff::Deltas), their evidence, and what `diagnose` and `gate` found. Out: a [`Report`], a
//! [`TrendReport`] and so on. Knows no format of output, and no sentence.

mod build;
mod excerpt;
mod flame;
mod function_code;
mod headline;
mod mem_stats;
mod model;
mod row;
mod runs;
mod runtime_growth;
mod sampling;
mod shown_lines;
mod site_line;
mod site_list;
mod site_stacks;
mod stack_graph;
mod stacks;
mod top;
mod trend;

pub use build::{Conclusions, gone_with_growth, report};
pub use excerpt::{Excerpt, NoSource};
pub use flame::{Flame, FlameNode};
pub use function_code::FunctionCode;
pub use headline::{Claim, Headline};
pub use mem_stats::{MemStatsReport, OtherFiles};
pub use model::{FoundFile, GoneSite, Report, SettingSource, ShownMetric, UsedConfig, UsedSetting};
pub use row::{ChangeKind, RowEvidence, SiteRow, Source};
pub use runs::{RunsSummary, VaryingSite};
pub use runtime_growth::RuntimeGrowth;
pub use sampling::Sampling;
pub use site_line::SiteLine;
pub use site_list::{List, Selection, SiteSum};
pub use site_stacks::SiteStacks;
pub use stack_graph::StackGraph;
pub use stacks::{ListReport, ListedFunction, PeekReport, StackContext, StacksReport};
pub use top::{Origin, Place, TopLine, TopReport, TopSelection, TopSite};
pub use trend::{
    HeapHint, Reach, RuntimeHeap, Snapshot, TrendReport, TrendRow, Watched, candidates, reach, trend_rows,
};

#[cfg(test)]
pub use crate::matching::Matching;
pub use crate::matching::{How, OtherName};

pub use crate::diagnose::{
    Finding, FindingCode, FunctionCounts, GrownSite, LibraryPattern, MemoryGrowth, MixedField, NoEvidence, Note,
    Operations, Outlier, Owner, SeriesNote, Severity, SideInfo, Unfit, WhichSide, WholeBasis, WholeGrowth, WholeHeap,
    WholeSubject, WholeVerdict, WorkNote, goroutine_data,
};

/// Version of the JSON documents. Minor: fields were added. Major: their meaning changed.
pub const SCHEMA_VERSION: &str = "1.0";

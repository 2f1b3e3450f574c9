//! Decides what should be said of a comparison or a series: how comparable its inputs are, what the numbers suggest,
//! which functions made more threads. In: the comparison, its evidence, and what the inputs say of themselves.
//! Out: notes and findings as codes with data. Knows no sentence; those are in `render::messages`.

mod comparability;
mod finding;
mod finding_code;
mod findings;
mod function_counts;
mod library_pattern;
mod map_tables;
mod mem_stats_note;
mod mixed_field;
mod note;
mod notes;
mod operations;
mod origin;
mod outlier;
mod request;
mod series_note;
mod series_notes;
mod severity;
mod side;
mod site_findings;
mod unfit;
mod whole_heap;
mod work_note;

pub use finding::{Finding, FunctionCounts, GrownSite, MemoryGrowth, goroutine_data};
pub use finding_code::FindingCode;
pub use findings::{FindingInputs, findings};
pub use function_counts::growing_functions;
pub use library_pattern::LibraryPattern;
pub use mixed_field::MixedField;
pub use note::{NoEvidence, Note};
pub use notes::notes;
pub use operations::{Operations, OperationsBasis};
pub use origin::{Origin, Owner, origin};
pub use outlier::Outlier;
pub use request::Request;
pub use series_note::SeriesNote;
pub use series_notes::{SeriesInputs, series_notes};
pub use severity::{Comparability, Severity};
pub use side::{DifferencePart, Differing, SideInfo, Skipped, WhichSide};
pub use unfit::Unfit;
pub use whole_heap::{WholeBasis, WholeGrowth, WholeHeap, WholeSubject, WholeVerdict};
pub use work_note::WorkNote;

/// As a JSON number of 64 bits, the nearest one there is.
fn saturating_i64(value: i128) -> i64 {
    i64::try_from(value.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or_default()
}

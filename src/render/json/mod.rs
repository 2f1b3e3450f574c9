//! The JSON of all documents: the contract with scripts. The types here are the wire's, apart from the model.

mod failure;
mod head;
mod lazy;
mod notes;
mod report;
mod safe;
mod site;
mod stacks;
mod top;
mod top_rows;
mod trend;
mod values;
mod verdict;
mod version;
mod whole;

pub(super) use failure::{write_document as write_failed_document, write_line as write_failed_line};
pub(super) use lazy::Lazy;
pub(super) use notes::{FindingJson, NoteJson};
pub(super) use report::{write_document, write_lines};
pub(crate) use safe::to_writer;
pub use stacks::{write_list, write_peek, write_stacks};
pub use top::write as write_top;
pub use top_rows::write as write_top_rows;
pub use trend::write as write_trend;
pub(super) use values::write_line;
pub(crate) use values::{TOOL, Tool};
pub use version::write_version;

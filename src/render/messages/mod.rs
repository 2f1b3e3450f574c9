//! Every sentence that the formats for people and JSON share, a file for each subject.

pub(crate) mod gate;

//! Why the source of a function is not shown.

use crate::report::NoSource;

/// The sentence on why there is no source.
pub(in crate::render) fn no_source_message(why: NoSource) -> String {
    let reason = match why {
        NoSource::NotFound => "not found here; --source-root DIR says where it is".to_owned(),
        NoSource::TooLarge => "the file is too large for a source".to_owned(),
        NoSource::NotText => "the file is not UTF-8 text".to_owned(),
        NoSource::TooShort { lines } => {
            format!("the file ends at line {lines}, so it is not the version that was running")
        }
        NoSource::OtherVersion { line } => {
            format!("no function begins at line {line} of the file, so it is not the version that was running")
        }
    };
    format!("no source: {reason}")
}

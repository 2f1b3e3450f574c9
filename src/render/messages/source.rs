//! Why the source of a function is not shown.

use crate::report::NoSource;

/// The sentence on why there is no source.
pub(in crate::render) fn no_source_message(why: NoSource) -> String {
    let reason = match why {
        NoSource::NotFound => "it is not found here; --source-root says where it is".to_owned(),
        NoSource::TooLarge => "the file is too large for a source".to_owned(),
        NoSource::NotText => "the file is no text in UTF-8".to_owned(),
        NoSource::TooShort { lines } => {
            format!("the file ends at line {lines}: it is not of the version that was running")
        }
        NoSource::OtherVersion { line } => {
            format!("no function begins at line {line} of the file: it is not of the version that was running")
        }
    };
    format!("no source: {reason}")
}

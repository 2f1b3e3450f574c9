//! The exit codes.

use std::process::ExitCode;

/// How the program ends; decided before the report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The report was made.
    Success,
    /// A limit is exceeded.
    LimitExceeded,
    /// No answer: bad usage, unreadable input, or inconclusive data.
    NoAnswer,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => ExitCode::SUCCESS,
            Exit::LimitExceeded => ExitCode::from(1),
            Exit::NoAnswer => ExitCode::from(2),
        }
    }
}

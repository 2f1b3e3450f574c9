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

impl Exit {
    /// The code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::LimitExceeded => 1,
            Exit::NoAnswer => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

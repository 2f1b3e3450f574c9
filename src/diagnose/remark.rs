//! Codes and data of the remarks on a series of `runtime.MemStats`.

use serde_json::{Value, json};

use super::Severity;
use crate::series::{Ends, Remark};

impl Remark {
    /// The code in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Remark::FirstLeftOut => "first_left_out",
            Remark::NotForced { .. } => "gc_not_forced",
            Remark::NotRightAfterGc(..) => "not_right_after_gc",
            Remark::Missing(_) => "numbers_missing",
            Remark::GoroutinesGrew(_) => "goroutines_grew",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            Remark::FirstLeftOut => Severity::Info,
            Remark::NotForced { .. } | Remark::NotRightAfterGc(..) | Remark::Missing(_) | Remark::GoroutinesGrew(_) => {
                Severity::Warning
            }
        }
    }

    /// The values behind it, a JSON object.
    pub fn data(&self) -> Value {
        match self {
            Remark::FirstLeftOut => json!({}),
            Remark::NotForced { known } => json!({ "known": known }),
            Remark::NotRightAfterGc(at, percent) => json!({ "snapshot": at + 1, "percent": percent }),
            Remark::Missing(names) => json!({ "names": names }),
            Remark::GoroutinesGrew(Ends { first, last }) => json!({ "first": first, "last": last }),
        }
    }
}

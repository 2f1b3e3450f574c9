//! Codes and data of the notes on a series of `runtime.MemStats`.

use serde_json::{Value, json};

use super::Severity;
use crate::series::{Endpoints, MemStatsNote};

impl MemStatsNote {
    /// The code in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            MemStatsNote::FirstLeftOut => "first_left_out",
            MemStatsNote::NotForced { .. } => "gc_not_forced",
            MemStatsNote::Garbage(_) => "not_right_after_gc",
            MemStatsNote::Missing(_) => "numbers_missing",
            MemStatsNote::GoroutinesGrew(_) => "goroutines_grew",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        if matches!(self, MemStatsNote::FirstLeftOut) { Severity::Info } else { Severity::Warning }
    }

    /// The values behind it, a JSON object.
    pub fn data(&self) -> Value {
        match self {
            MemStatsNote::FirstLeftOut => json!({}),
            MemStatsNote::NotForced { known } => json!({ "known": known }),
            MemStatsNote::Garbage(bytes) => json!({ "bytes": bytes }),
            MemStatsNote::Missing(names) => json!({ "names": names }),
            MemStatsNote::GoroutinesGrew(Endpoints { first, last }) => json!({ "first": first, "last": last }),
        }
    }
}

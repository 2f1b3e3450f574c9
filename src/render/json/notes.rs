//! Notes and findings, as all documents have them.

use serde::Serialize;
use serde_json::Value;

use super::super::messages::{does_not_prove, finding_message, finding_title, next_step, note_message};
use super::super::units::Bytes;
use crate::report::{Finding, Note, Severity};

/// A note, whatever it is on.
#[derive(Serialize)]
pub(in crate::render) struct NoteJson {
    code: &'static str,
    severity: &'static str,
    message: String,
    data: Value,
}

impl NoteJson {
    pub(in crate::render) fn new(code: &'static str, severity: Severity, message: String, data: Value) -> Self {
        NoteJson { code, severity: severity.name(), message, data }
    }
}

/// The notes on a comparison or on a profile.
pub(super) fn notes(notes: &[Note]) -> impl Iterator<Item = NoteJson> {
    notes.iter().map(|note| NoteJson::new(note.code(), note.severity(), note_message(note), note.data()))
}

/// A finding.
#[derive(Serialize)]
pub(in crate::render) struct FindingJson {
    pub(in crate::render) code: &'static str,
    pub(in crate::render) title: &'static str,
    pub(in crate::render) message: String,
    data: Value,
    pub(in crate::render) does_not_prove: &'static str,
    pub(in crate::render) next: &'static str,
}

impl FindingJson {
    pub(in crate::render) fn new(finding: &Finding) -> Self {
        let code = finding.code();
        FindingJson {
            code: code.id(),
            title: finding_title(code),
            message: finding_message(finding, Bytes::Iec),
            data: finding.data(),
            does_not_prove: does_not_prove(code),
            next: next_step(finding),
        }
    }
}

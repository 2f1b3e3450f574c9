//! What a table of a check says.

use super::super::{Format, sample};
use super::*;

fn text(status: Status, color: bool) -> String {
    sample::text(&sample::report(status), Format::Table, color)
}

#[test]
fn names_from_a_file_are_sanitized_and_every_site_that_fails_is_shown() {
    let second = r#"
main.load�::error::�[31m]]>&<b>`|"'100%�
  inuse_space +128 KiB (0 B → 128 KiB), inuse_objects +2 (0 → 2)
  confirmed, p = 5.6e-7, 1 sample where there were none
  limit: allowed 65536: a <cache> | 50% full (inuse_space may grow by 64.0 KiB
    and grew by at least 64.0 KiB)
"#;
    let text = text(Status::Fail, false);
    assert!(text.contains("\n\nmain.(*store[...]).create\n") && text.contains(second), "{text}");
}

#[test]
fn the_verdict_has_a_colour() {
    for (status, start) in [
        (Status::Pass, "\u{1b}[32mPASS:\u{1b}[0m "),
        (Status::Fail, "\u{1b}[31mFAIL:\u{1b}[0m "),
        (Status::Inconclusive, "\u{1b}[33mINCONCLUSIVE:\u{1b}[0m "),
    ] {
        let text = text(status, true);
        assert!(text.starts_with(start), "{text}");
    }
}

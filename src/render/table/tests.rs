//! What a table of a check says.

use crate::gate::Status;
use crate::render::{Format, sample};

fn text(status: Status, color: bool) -> String {
    sample::text(&sample::report(status), Format::Table, color)
}

#[test]
fn names_from_a_file_are_sanitized_and_every_site_that_fails_is_shown() {
    let text = text(Status::Fail, false);
    let second = r#"|"'100%\u{202e}"#;
    assert!(
        text.contains(second)
            && !text.contains(['\u{1b}', '\u{202e}'])
            && text.contains(" main.(*store[...]).create\n"),
        "{text}"
    );
    assert!(text.contains("     limit: inuse_space may grow by 64.0 KiB (allowed 65536: a <cache> | 50%\n"), "{text}");
}

#[test]
fn the_verdict_has_a_colour() {
    for (status, start) in [
        (Status::Pass, "\u{1b}[32mPASS:\u{1b}[0m "),
        (Status::Fail, "\u{1b}[31mFAIL:\u{1b}[0m "),
        (Status::Inconclusive, "\u{1b}[33mINCONCLUSIVE:\u{1b}[0m "),
    ] {
        let text = text(status, true);
        assert!(text.contains(start), "{text}");
    }
}

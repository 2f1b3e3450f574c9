//! What a table of a check says.

use super::super::{Format, sample};
use super::*;

fn text(status: Status, color: bool) -> String {
    sample::text(&sample::report(status), Format::Table, color)
}

/// What every table ends in.
const TOTALS: &str = "
total inuse_space    +10.0 MiB  2.00 MiB → 12.0 MiB  +500.0 %
total inuse_objects    +12,288  4,096 → 16,384       +300.0 %
sampled every 512 KiB: at this rate a site must grow by about 3.00 MiB to be
  seen; GODEBUG=memprofilerate=4096 makes it 32.0 KiB
warning: base and current are the same profile
";

#[test]
fn a_failure_says_what_how_much_how_sure_and_where() {
    let expected = r#"FAIL: 2 of 31 sites grow more than they may
base.pb.gz → after it's warm.pb.gz, by owner
rules: max-site-objects 1000; max-site-space 65536

main.(*store[...]).create
  inuse_space +9.00 MiB (1.00 MiB → 10.0 MiB), inuse_objects +9,216 (1,024 →
    10,240)
  confirmed, p = 5.6e-7, 26 samples where there were 5; 95 %: +6.12 MiB to
    +16.1 MiB
  at sessiond/main.go:48, for main.newSession sessiond/session.go:60
  limit: max-site-objects 1000 (inuse_objects may grow by 1,000);
    max-site-space 65536 (inuse_space may grow by 64.0 KiB)

main.load�::error::�[31m]]>&<b>`|"'100%�
  inuse_space +128 KiB (0 B → 128 KiB), inuse_objects +2 (0 → 2)
  confirmed, p = 5.6e-7, 1 sample where there were none
  limit: allowed 65536: a <cache> | 50% full (inuse_space may grow by 64.0
    KiB)

look further:
  heapdiff list 'main\.\(\*store\[.*\]\)\.create|main\.load' base.pb.gz 'after it'\''s warm.pb.gz'
  heapdiff --focus 'main\.\(\*store\[.*\]\)\.create|main\.load' base.pb.gz 'after it'\''s warm.pb.gz'
  go tool pprof -sample_index=inuse_objects -diff_base=base.pb.gz -focus='main\.\(\*store\[.*\]\)\.create|main\.load' 'after it'\''s warm.pb.gz'
"#;
    assert_eq!(text(Status::Fail, false), expected.to_owned() + TOTALS);
}

#[test]
fn a_pass_and_a_doubt_say_by_which_rules() {
    let rules = "base.pb.gz → after it's warm.pb.gz, by owner\nrules: max-site-objects 1000; max-site-space 65536\n";
    assert_eq!(text(Status::Pass, false), format!("PASS: none of 31 sites grows more than it may\n{rules}{TOTALS}"));
    assert_eq!(
        text(Status::Inconclusive, false),
        format!(
            "INCONCLUSIVE: the data cannot tell whether anything grows more than it may\n{rules}\n\
                 the profiles do not say how often was sampled, or not the same: growth cannot\n  \
                 be told from noise (--no-evidence compares the numbers as they are)\n{TOTALS}"
        )
    );
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

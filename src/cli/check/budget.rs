//! Budget files: what each site may grow by, written from one run and checked in later ones.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use toml::{Spanned, Value};

use crate::cli::options::{Mistake, document};
use crate::cli::steps::replace_file;
use crate::gate::{Budget, BudgetSite};
use crate::render::messages::gate::BUDGET_HEADER;

/// Version of the format.
const VERSION: i64 = 1;

/// The version, which says how to read the rest.
#[derive(Debug, Deserialize)]
struct Version {
    version: Spanned<Value>,
}

/// The file, as it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadFile {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    granularity: Spanned<String>,
    #[serde(default)]
    site: Vec<ReadSite>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct ReadSite {
    site: Spanned<String>,
    objects: Spanned<Value>,
    space: Spanned<Value>,
}

/// The file, as it is written.
#[derive(Debug, Serialize)]
struct WrittenFile<'a> {
    version: i64,
    granularity: &'a str,
    site: Vec<WrittenSite<'a>>,
}

#[derive(Debug, Serialize)]
struct WrittenSite<'a> {
    site: &'a str,
    objects: i64,
    space: i64,
}

/// Reads a budget for sites of this granularity.
pub(crate) fn read(path: &Path, granularity: &str) -> Result<Budget> {
    document::read(path, |text| parse(text, granularity))
}

fn parse(text: &str, granularity: &str) -> Result<Budget, Mistake> {
    let Version { version } = document::parse(text)?;
    if *version.get_ref() != Value::Integer(VERSION) {
        let message = format!("a budget of version {}: expected version {VERSION}", version.get_ref());
        return Err(Mistake::new(version.span(), message));
    }
    let file: ReadFile = document::parse(text)?;
    if file.granularity.get_ref() != granularity {
        let made = file.granularity.get_ref();
        let message =
            format!("a budget by {made}, but the check is by {granularity}: check by {made}, or make the budget anew");
        return Err(Mistake::new(file.granularity.span(), message));
    }
    let mut sites = BTreeMap::new();
    for ReadSite { site, objects, space } in file.site {
        let span = site.span();
        match sites.entry(site.into_inner()) {
            Entry::Vacant(entry) => entry.insert((count(&objects)?, count(&space)?)),
            Entry::Occupied(entry) => {
                return Err(Mistake::new(span, format!("duplicate site {}", entry.key())));
            }
        };
    }
    let sites = sites.into_iter().map(|(site, (objects, space))| BudgetSite { site, objects, space }).collect();
    Ok(Budget { sites })
}

fn count(value: &Spanned<Value>) -> Result<i128, Mistake> {
    match *value.get_ref() {
        Value::Integer(count) if count >= 0 => Ok(count.into()),
        ref other => {
            Err(Mistake::new(value.span(), format!("invalid budget {other}: expected a whole number, 0 or more")))
        }
    }
}

/// Writes a budget, as a whole or not at all.
pub(crate) fn write(path: &Path, budget: &Budget, granularity: &str) -> Result<()> {
    let name = || path.display().to_string();
    let text = print(budget, granularity).with_context(name)?;
    replace_file(path, |out| out.write_all(text.as_bytes())).with_context(name)
}

/// Formats a budget, sorted by site. Of sites with the same name, which the check does not distinguish, the largest counts.
fn print(budget: &Budget, granularity: &str) -> Result<String> {
    let mut sites = BTreeMap::new();
    for BudgetSite { site, objects, space } in &budget.sites {
        // At least 0: what shrank need not shrink again.
        let most: &mut (i128, i128) = sites.entry(site).or_default();
        *most = (most.0.max(*objects), most.1.max(*space));
    }
    let written = sites.into_iter().map(|(site, (objects, space))| {
        Ok(WrittenSite { site, objects: i64::try_from(objects)?, space: i64::try_from(space)? })
    });
    let site = written.collect::<Result<_>>()?;
    let file = WrittenFile { version: VERSION, granularity, site };
    Ok(format!("{BUDGET_HEADER}{}", toml::to_string(&file)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::{env, fs, process};

    use super::*;

    fn site(site: &str, objects: i128, space: i128) -> BudgetSite {
        BudgetSite { site: site.to_owned(), objects, space }
    }

    fn budget(text: &str) -> Result<Budget> {
        document::parse_bytes("b.toml", text.as_bytes(), |text| parse(text, "owner"))
    }

    #[track_caller]
    fn assert_error(text: &str, expected: &str) {
        assert_eq!(format!("{:#}", budget(text).unwrap_err()), expected);
    }

    #[test]
    fn what_is_written_is_sorted_and_reviewable() {
        let sites = vec![site("main.b", 2, 20), site("main.(*store).create", 1024, 65536), site("main.b", 3, -1)];
        let expected = r#"version = 1
granularity = "owner"

[[site]]
site = "main.(*store).create"
objects = 1024
space = 65536

[[site]]
site = "main.b"
objects = 3
space = 20
"#;
        assert_eq!(print(&Budget { sites }, "owner").unwrap().strip_prefix(BUDGET_HEADER), Some(expected));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let names = [
            "",
            "a\"b",
            "a\nb",
            "a'b",
            "a\\b",
            "\u{1b}[31m",
            "main.(*T[...]).f",
            "ä\u{fffd}",
            "'''\"\"\"\n",
            "<unknown>",
        ];
        let mut sites: Vec<_> = names.iter().map(|name| site(name, i64::MAX.into(), 0)).collect();
        let text = print(&Budget { sites: sites.clone() }, "owner").unwrap();
        sites.sort();
        assert_eq!(budget(&text).unwrap(), Budget { sites });
        let none = print(&Budget::default(), "owner").unwrap();
        assert_eq!(budget(&none).unwrap(), Budget::default());
        assert!(print(&Budget { sites: vec![site("a", i128::MAX, 0)] }, "owner").is_err());
    }

    #[test]
    fn what_is_read_need_not_be_sorted() {
        let text = "version = 1\ngranularity = 'owner'\nsite = [{site = 'b', objects = 1, space = 2}, {site = 'a', objects = 0, space = 0}]";
        assert_eq!(budget(text).unwrap().sites, [site("a", 0, 0), site("b", 1, 2)]);
    }

    #[test]
    fn what_is_no_budget() {
        let start = "version = 1\ngranularity = 'owner'\n";
        let with = |rest: &str| format!("{start}{rest}");
        assert_error("", "b.toml:1:1: missing key `version`");
        assert_error("version = 2\nunheard-of = true", "b.toml:1:11: a budget of version 2: expected version 1");
        assert_error("version = '1'", r#"b.toml:1:11: a budget of version "1": expected version 1"#);
        assert_error("version = 1", "b.toml:1:1: missing key `granularity`");
        assert_error(
            "version = 1\ngranularity = 'lines'",
            "b.toml:2:15: a budget by lines, but the check is by owner: check by lines, or make the budget anew",
        );
        assert_error(
            &with("sites = []"),
            "b.toml:3:1: unknown key `sites`, expected one of `version`, `granularity`, `site`",
        );
        assert_error(
            &with("[[site]]\nsite = 'a'\nobjects = 1\nspace = 1\nreason = 'r'"),
            "b.toml:7:1: unknown key `reason`, expected one of `site`, `objects`, `space`",
        );
        assert_error(&with("[[site]]\nsite = 'a'\nobjects = 1"), "b.toml:3:1: missing key `space`");
        assert_error(
            &with("[[site]]\nsite = 'a'\nobjects = -1\nspace = 1"),
            "b.toml:5:11: invalid budget -1: expected a whole number, 0 or more",
        );
        assert_error(
            &with("[[site]]\nsite = 'a'\nobjects = 1\nspace = '64KiB'"),
            r#"b.toml:6:9: invalid budget "64KiB": expected a whole number, 0 or more"#,
        );
        let twice = "[[site]]\nsite = 'a'\nobjects = 2\nspace = 2\n[[site]]\nsite = 'a'\nobjects = 1\nspace = 1\n";
        assert_error(&with(twice), "b.toml:8:8: duplicate site a");
    }

    #[test]
    fn files_are_replaced_whole() {
        let folder = env::temp_dir().join(format!("heapdiff-budget-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("budget.toml");
        for sites in [vec![site("a", 1, 2), site("b", 3, 4)], vec![site("a", 0, 0)]] {
            let budget = Budget { sites };
            write(&path, &budget, "owner").unwrap();
            assert_eq!(read(&path, "owner").unwrap(), budget);
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no temporary file is left");
        assert!(write(&folder, &Budget::default(), "owner").is_err());
        assert!(write(&folder.join("none/b.toml"), &Budget::default(), "owner").is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}

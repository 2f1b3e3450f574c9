//! Budget files: what each site may grow by, written from one run and checked in later ones.
//!
//! A line for each site, which depends on nothing but that site, so that two branches' changes merge by line.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::{Spanned, Value};

use crate::byte_size;
use crate::cli::options::{Mistake, document};
use crate::cli::steps::replace_file;
use crate::gate::{Budget, BudgetSite};
use crate::input;
use crate::render::messages::gate::BUDGET_HEADER;

/// Version of the format that is written.
const VERSION: i64 = 2;

/// Largest budget that is read, bytes: about 100,000 sites.
const MAX_BYTES: u64 = 16 << 20;

/// The version, which says how to read the rest.
#[derive(Debug, Deserialize)]
struct Version {
    version: Spanned<Value>,
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    granularity: Spanned<String>,
    #[serde(default)]
    sites: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
struct Entry {
    site: Spanned<String>,
    space: Spanned<Value>,
    objects: Spanned<Value>,
    base_space: Option<Spanned<Value>>,
    base_objects: Option<Spanned<Value>>,
    rate: Option<u64>,
    #[serde(default)]
    reason: String,
}

/// The file of version 1, which did not say what growth was measured against.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstFile {
    #[serde(rename = "version")]
    _version: IgnoredAny,
    granularity: Spanned<String>,
    #[serde(default)]
    site: Vec<FirstEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct FirstEntry {
    site: Spanned<String>,
    objects: Spanned<Value>,
    space: Spanned<Value>,
}

/// Reads a budget for sites of this granularity.
pub(crate) fn read(path: &Path, granularity: &str) -> Result<Budget> {
    document::read(path, MAX_BYTES, |text| parse(text, granularity))
}

/// Checks the contents of a budget by lines.
pub fn check(bytes: &[u8]) -> Result<()> {
    document::parse_bytes("budget", bytes, |text| parse(text, "lines")).map(drop)
}

fn parse(text: &str, granularity: &str) -> Result<Budget, Mistake> {
    let Version { version } = document::parse(text)?;
    match version.get_ref() {
        Value::Integer(1) => parse_first(text, granularity),
        Value::Integer(VERSION) => {
            let file: File = document::parse(text)?;
            check_granularity(&file.granularity, granularity)?;
            Ok(Budget::new(file.sites.into_iter().map(Entry::read).collect::<Result<_, _>>()?))
        }
        other => {
            let message = format!(
                "a budget of version {other}: expected version 1 or {VERSION}; --update-budget with another file makes one"
            );
            Err(Mistake::new(version.span(), message))
        }
    }
}

fn parse_first(text: &str, granularity: &str) -> Result<Budget, Mistake> {
    let file: FirstFile = document::parse(text)?;
    check_granularity(&file.granularity, granularity)?;
    let (mut sites, mut known) = (Vec::new(), HashSet::new());
    for FirstEntry { site, objects, space } in file.site {
        let span = site.span();
        let site = site.into_inner();
        if !known.insert(site.clone()) {
            return Err(Mistake::new(span, format!("duplicate site {site}")));
        }
        let (objects, space) = (count(&objects)?, size(&space)?);
        sites.push(BudgetSite { site, objects, space, ..BudgetSite::default() });
    }
    Ok(Budget::new(sites))
}

fn check_granularity(made: &Spanned<String>, granularity: &str) -> Result<(), Mistake> {
    let by = made.get_ref();
    let message = format!("a budget by {by}, but the check is by {granularity}: check by {by}, or make another budget");
    if by == granularity { Ok(()) } else { Err(Mistake::new(made.span(), message)) }
}

impl Entry {
    fn read(self) -> Result<BudgetSite, Mistake> {
        let base_objects = self.base_objects.as_ref().map(count).transpose()?;
        let base_space = self.base_space.as_ref().map(size).transpose()?;
        Ok(BudgetSite {
            objects: count(&self.objects)?,
            space: size(&self.space)?,
            base: base_objects.zip(base_space).map(<[i128; 2]>::from),
            rate: self.rate,
            reason: self.reason,
            site: self.site.into_inner(),
        })
    }
}

fn count(value: &Spanned<Value>) -> Result<i128, Mistake> {
    match *value.get_ref() {
        Value::Integer(count) if count >= 0 => Ok(count.into()),
        ref other => {
            Err(Mistake::new(value.span(), format!("invalid budget {other}: expected a whole number, 0 or more")))
        }
    }
}

fn size(value: &Spanned<Value>) -> Result<i128, Mistake> {
    let parsed = match value.get_ref() {
        Value::Integer(bytes) if *bytes >= 0 => Some((*bytes).into()),
        Value::String(text) => byte_size::parse(text),
        _ => None,
    };
    let message = || format!("invalid budget {}: expected bytes such as 65536 or \"64KiB\"", value.get_ref());
    parsed.ok_or_else(|| Mistake::new(value.span(), message()))
}

/// Writes a budget, as a whole or not at all.
pub(crate) fn write(path: &Path, budget: &Budget, granularity: &str) -> Result<()> {
    let name = || input::shown(path);
    let text = print(budget, granularity).with_context(name)?;
    replace_file(path, |out| out.write_all(text.as_bytes())).with_context(name)
}

/// Formats a budget, sorted by site.
fn print(budget: &Budget, granularity: &str) -> Result<String> {
    let mut text = format!("{BUDGET_HEADER}version = {VERSION}\ngranularity = \"{granularity}\"\nsites = [\n");
    for site in &budget.sites {
        text += &format!("  {{ {} }},\n", fields(site)?.join(", "));
    }
    text += "]\n";
    Ok(text)
}

fn fields(site: &BudgetSite) -> Result<Vec<String>> {
    let size = |bytes: i128| format!("\"{}\"", byte_size::exact(bytes));
    let mut fields = vec![
        format!("site = {}", quoted(&site.site)?),
        format!("space = {}", size(site.space)),
        format!("objects = {}", i64::try_from(site.objects)?),
    ];
    if let Some([objects, space]) = site.base {
        fields.extend([format!("base-space = {}", size(space)), format!("base-objects = {objects}")]);
    }
    fields.extend(site.rate.map(|rate| format!("rate = {rate}")));
    fields.push(format!("reason = {}", quoted(&site.reason)?));
    Ok(fields)
}

/// A string of TOML on one line, which JSON's is but for one character.
fn quoted(text: &str) -> Result<String> {
    Ok(serde_json::to_string(text)?.replace('\u{7f}', "\\u007F"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::{env, fs, process};

    use super::*;

    fn site(site: &str, objects: i128, space: i128) -> BudgetSite {
        BudgetSite { site: site.to_owned(), objects, space, ..BudgetSite::default() }
    }

    fn budget(text: &str) -> Result<Budget> {
        document::parse_bytes("b.toml", text.as_bytes(), |text| parse(text, "owner"))
    }

    #[track_caller]
    fn assert_error(text: &str, expected: &str) {
        assert_eq!(format!("{:#}", budget(text).unwrap_err()), expected);
    }

    fn full(name: &str, reason: &str) -> BudgetSite {
        let base = Some([30_600, 2_621_440]);
        BudgetSite { base, rate: Some(4096), reason: reason.to_owned(), ..site(name, 120_000, 14 << 20) }
    }

    #[test]
    fn what_is_written_is_sorted_a_line_a_site() {
        let sites = vec![site("main.b", 2, 20), full("main.(*store).create", "grows with \"users\"\n")];
        let expected = r#"version = 2
granularity = "owner"
sites = [
  { site = "main.(*store).create", space = "14MiB", objects = 120000, base-space = "2.5MiB", base-objects = 30600, rate = 4096, reason = "grows with \"users\"\n" },
  { site = "main.b", space = "20", objects = 2, reason = "" },
]
"#;
        let printed = print(&Budget::new(sites.clone()), "owner").unwrap();
        assert_eq!(printed.strip_prefix(BUDGET_HEADER), Some(expected));
        assert_eq!(budget(&printed).unwrap(), Budget::new(sites));
    }

    #[test]
    fn lines_of_both_sides_of_a_merge_hold() {
        let [mine, theirs] =
            ["", "why"].map(|reason| print(&Budget::new(vec![full("main.f", reason)]), "owner").unwrap());
        let line = |text: &str| text.lines().find(|line| line.contains("main.f")).unwrap().to_owned();
        let merged =
            mine.replace(&line(&mine), &format!("{}\n{}", line(&mine), line(&theirs).replace("14MiB", "7MiB")));
        assert_eq!(budget(&merged).unwrap().sites, [full("main.f", "why")]);
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
        sites.sort();
        let text = print(&Budget::new(sites.clone()), "owner").unwrap();
        let lines = text.strip_prefix(BUDGET_HEADER).unwrap().lines().count();
        assert_eq!(lines, names.len() + 4, "a line a site");
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
        assert_error(
            "version = 2\nunheard-of = true",
            "b.toml:2:1: unknown key `unheard-of`, expected one of `version`, `granularity`, `sites`",
        );
        let way_out = "expected version 1 or 2; --update-budget with another file makes one";
        assert_error("version = 3", &format!("b.toml:1:11: a budget of version 3: {way_out}"));
        assert_error("version = '1'", &format!("b.toml:1:11: a budget of version \"1\": {way_out}"));
        assert_error("version = 1", "b.toml:1:1: missing key `granularity`");
        assert_error(
            "version = 1\ngranularity = 'lines'",
            "b.toml:2:15: a budget by lines, but the check is by owner: check by lines, or make another budget",
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
            &with("[[site]]\nsite = 'a'\nobjects = 1\nspace = 'much'"),
            r#"b.toml:6:9: invalid budget "much": expected bytes such as 65536 or "64KiB""#,
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

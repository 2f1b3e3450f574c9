//! heapdiff.toml: settings of a project.

use std::env;
use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::iter;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Deserialize;
use toml::{Spanned, Value};

use crate::cli::options::allowances::{AllowTable, Allowances, allow};
use crate::cli::options::date::Date;
use crate::cli::options::document::{self, Mistake};
use crate::cli::options::toml_values::{growth, limit};
use crate::diff::Metric;
use crate::gate::{Allow, Limit, Limits};
use crate::matching::ToldRename;

/// The name of the file.
const FILE_NAME: &str = "heapdiff.toml";

/// Largest configuration that is read, bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The settings of a heapdiff.toml.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Config {
    /// Patterns of the import paths that are the program's own code.
    pub(crate) own: Vec<String>,
    /// The limits of a check.
    pub(crate) limits: Limits,
    /// What the whole heap may grow by without limits.
    pub(crate) total_tolerance: Option<Limit>,
    /// Exceptions for some sites, in the file's order.
    pub(crate) allow: Vec<Allow>,
    /// Whether a check is strict.
    pub(crate) is_strict: bool,
    /// Growth of a site, in bytes, that a check must be able to see.
    pub(crate) must_see: Option<i128>,
    /// The file; `None` if there is none.
    pub(crate) path: Option<PathBuf>,
    /// How a check ends whose data are inconclusive.
    pub(crate) inconclusive: Option<Inconclusive>,
    /// Functions and packages that the later build calls otherwise.
    pub(crate) rename: Vec<ToldRename>,
}

/// How a check ends whose data are inconclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Inconclusive {
    /// Pass the check
    Pass,
    /// Fail the check
    Fail,
    /// Exit with status 2
    Error,
}

impl Display for Inconclusive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Inconclusive::Pass => "pass",
            Inconclusive::Fail => "fail",
            Inconclusive::Error => "error",
        })
    }
}

/// The file, key by key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    own: Vec<String>,
    inconclusive: Option<Inconclusive>,
    #[serde(default)]
    strict: bool,
    must_see: Option<Spanned<Value>>,
    #[serde(default)]
    limits: LimitsTable,
    #[serde(default)]
    allow: Vec<Spanned<AllowTable>>,
    #[serde(default)]
    rename: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
struct LimitsTable {
    site_objects: Option<Spanned<Value>>,
    site_space: Option<Spanned<Value>>,
    total_objects: Option<Spanned<Value>>,
    total_space: Option<Spanned<Value>>,
    total_tolerance: Option<Spanned<Value>>,
}

/// Which configuration is read.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Read this heapdiff.toml [default: the nearest one, in the working directory or above]
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read no heapdiff.toml
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long, conflicts_with = "config")]
    no_config: bool,
}

impl ConfigArgs {
    /// The file that is named, or else the one that applies to the working directory.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        if self.no_config { None } else { self.config.clone().or_else(nearest) }
    }

    /// Reads the configuration. Where allowances do not matter, `allowances` is `None`.
    pub(crate) fn load(&self, allowances: Option<Allowances>) -> Result<Config> {
        self.path().map_or_else(|| Ok(Config::default()), |path| read(&path, allowances))
    }
}

/// The file that applies to the working directory.
pub(crate) fn nearest() -> Option<PathBuf> {
    find(&env::current_dir().ok()?)
}

/// The path of a file for people: from the working directory, if the file was found in it or above.
pub(crate) fn name_from_here(path: &Path) -> String {
    let from_here = || {
        let (here, folder) = (env::current_dir().ok()?, path.parent().filter(|folder| folder.is_absolute())?);
        let above = here.strip_prefix(folder).ok()?.components().count();
        Some(iter::repeat_n(OsStr::new(".."), above).chain(path.file_name()).collect::<PathBuf>())
    };
    from_here().unwrap_or_else(|| path.to_owned()).display().to_string()
}

/// The file in a folder, given by its absolute path, or in the nearest folder above that has one.
fn find(from: &Path) -> Option<PathBuf> {
    // An unreadable file or a dangling link is found, too: skipping it would drop limits.
    from.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.symlink_metadata().is_ok())
}

fn read(path: &Path, allowances: Option<Allowances>) -> Result<Config> {
    let name = path.file_name().map_or_else(|| FILE_NAME.into(), |name| name.to_string_lossy());
    let config = document::read(path, MAX_BYTES, |text| parse(&name, text, allowances))?;
    Ok(Config { path: Some(path.to_owned()), ..config })
}

/// Checks the contents of a configuration, as of a day on which no allowance is over.
pub fn check(bytes: &[u8]) -> Result<()> {
    let today = Date::parse("2000-01-01").map(|today| Allowances { today });
    document::parse_bytes(FILE_NAME, bytes, |text| parse(FILE_NAME, text, today)).map(drop)
}

/// `name`: of the file, in the places of allowances.
fn parse(name: &str, text: &str, allowances: Option<Allowances>) -> Result<Config, Mistake> {
    let file: File = document::parse(text)?;
    let limits = Limits {
        site_objects: limit(file.limits.site_objects, Metric::Objects)?,
        site_space: limit(file.limits.site_space, Metric::Space)?,
        total_objects: limit(file.limits.total_objects, Metric::Objects)?,
        total_space: limit(file.limits.total_space, Metric::Space)?,
    };
    let allow = |table: Spanned<AllowTable>| {
        let place = format!("{name}:{}", document::line(text, table.span()));
        allow(table, place, allowances)
    };
    let rename =
        |text: Spanned<String>| ToldRename::parse(text.get_ref()).map_err(|error| Mistake::new(text.span(), error));
    Ok(Config {
        own: file.own,
        limits,
        total_tolerance: limit(file.limits.total_tolerance, Metric::Space)?,
        allow: file.allow.into_iter().map(allow).collect::<Result<_, _>>()?,
        inconclusive: file.inconclusive,
        is_strict: file.strict,
        must_see: file.must_see.map(growth).transpose()?,
        path: None,
        rename: file.rename.into_iter().map(rename).collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::{fs, process};

    use super::*;

    fn today() -> Option<Allowances> {
        Some(Allowances { today: Date::parse("2026-11-21").unwrap() })
    }

    fn config(text: &str) -> Result<Config> {
        document::parse_bytes(FILE_NAME, text.as_bytes(), |text| parse(FILE_NAME, text, today()))
    }

    #[track_caller]
    fn assert_error(text: &str, expected: &str) {
        assert_eq!(format!("{:#}", config(text).unwrap_err()), expected);
    }

    #[test]
    fn everything_that_can_be_said() {
        let text = r#"
            own = ["example.com/acme/", "main"]
            inconclusive = "fail"
            rename = ["main.load=main.read", "example.com/a/...=example.com/b/..."]
            strict = true
            must-see = "256KiB"
            [limits]
            site-objects = 1_000
            site-space = "64KiB"
            total-objects = "5%"
            total-space = 10485760
            total-tolerance = "20%"
            [[allow]]
            function = "main.(*cache).*"
            package = "example.com/acme/cache"
            objects = 5000
            space = "1MiB"
            reason = "bounded by the LRU, issue 123"
            until = 2026-12-31
            [[allow]]
            package = "example.com/b"
            file = "*_test.go"
            reason = "ends today"
            until = "2026-11-21"
        "#;
        let expected = Config {
            own: vec!["example.com/acme/".to_owned(), "main".to_owned()],
            inconclusive: Some(Inconclusive::Fail),
            rename: ["main.load=main.read", "example.com/a/...=example.com/b/..."]
                .map(|text| ToldRename::parse(text).unwrap())
                .into(),
            is_strict: true,
            must_see: Some(256 << 10),
            total_tolerance: Some(Limit::Percent(20.0)),
            path: None,
            limits: Limits {
                site_objects: Some(Limit::Absolute(1000)),
                site_space: Some(Limit::Absolute(65536)),
                total_objects: Some(Limit::Percent(5.0)),
                total_space: Some(Limit::Absolute(10 << 20)),
            },
            allow: vec![
                Allow {
                    function: Some("main.(*cache).*".to_owned()),
                    package: Some("example.com/acme/cache".to_owned()),
                    objects: Some(Limit::Absolute(5000)),
                    space: Some(Limit::Absolute(1 << 20)),
                    reason: "bounded by the LRU, issue 123".to_owned(),
                    place: "heapdiff.toml:13".to_owned(),
                    ..Allow::default()
                },
                Allow {
                    package: Some("example.com/b".to_owned()),
                    file: Some("*_test.go".to_owned()),
                    reason: "ends today".to_owned(),
                    place: "heapdiff.toml:20".to_owned(),
                    ..Allow::default()
                },
            ],
        };
        assert_eq!(config(text).unwrap(), expected);
        assert_eq!(config("").unwrap(), Config::default());
    }

    #[test]
    fn unknown_keys() {
        assert_error(
            "owned = []",
            "heapdiff.toml:1:1: unknown key `owned`, expected one of `own`, `inconclusive`, `strict`, `must-see`, `limits`, `allow`, `rename`",
        );
        assert_error(
            "[limits]\nsite_objects = 1",
            "heapdiff.toml:2:1: unknown key `site_objects`, expected one of `site-objects`, `site-space`, `total-objects`, `total-space`, `total-tolerance`",
        );
        assert_error(
            "[[allow]]\nreason = 'r'\nfunction = 'f'\nsite-space = 1",
            "heapdiff.toml:4:1: unknown key `site-space`, expected one of `function`, `package`, `file`, `objects`, `space`, `reason`, `until`",
        );
    }

    #[test]
    fn wrong_types() {
        assert_error(
            "own = 'example.com'",
            r#"heapdiff.toml:1:7: invalid type: string "example.com", expected an array"#,
        );
        assert_error("own = [1]", "heapdiff.toml:1:8: invalid type: integer `1`, expected a string");
        assert_error(
            "inconclusive = 'maybe'",
            "heapdiff.toml:1:16: unknown variant `maybe`, expected one of `pass`, `fail`, `error`",
        );
        assert_error("inconclusive = true", "heapdiff.toml:1:16: wanted string or table");
        assert_error("limits = 5", "heapdiff.toml:1:10: invalid type: integer `5`, expected a table");
        assert_error(
            "[allow]\nfunction = 'f'\nreason = 'r'",
            "heapdiff.toml:1:1: invalid type: table, expected an array",
        );
        assert_error("allow = ['f']", r#"heapdiff.toml:1:10: invalid type: string "f", expected a table"#);
        assert_error(
            "[[allow]]\nfunction = 1\nreason = 'r'",
            "heapdiff.toml:2:12: invalid type: integer `1`, expected a string",
        );
    }

    #[test]
    fn wrong_renames() {
        assert_error(
            "rename = ['main.load']",
            "heapdiff.toml:1:11: \"main.load\" is not a rename: expected OLD=NEW, such as main.load=main.read or \
             example.com/a/...=example.com/b/...",
        );
    }

    #[test]
    fn wrong_limits() {
        assert_error(
            "[limits]\nsite-objects = '64KiB'",
            r#"heapdiff.toml:2:16: "64KiB" is not a limit on objects: expected a count such as 1000, or a percentage such as 5%"#,
        );
        assert_error(
            "[limits]\ntotal-space = true",
            r#"heapdiff.toml:2:15: "true" is not a limit on space: expected bytes such as 65536, 64KiB or 1MB, or a percentage such as 5%"#,
        );
        assert_error(
            "[limits]\ntotal-objects = 2026-12-31",
            r#"heapdiff.toml:2:17: "2026-12-31" is not a limit on objects: expected a count such as 1000, or a percentage such as 5%"#,
        );
        assert_error(
            "[[allow]]\nfunction = 'f'\nreason = 'r'\nspace = '1 elephant'",
            r#"heapdiff.toml:4:9: "1 elephant" is not a limit on space: expected bytes such as 65536, 64KiB or 1MB, or a percentage such as 5%"#,
        );
    }

    #[test]
    fn allowances_that_allow_nothing_or_too_much() {
        assert_error("\n[[allow]]\nreason = 'r'", "heapdiff.toml:2:1: [[allow]] needs `function`, `package` or `file`");
        assert_error("\n[[allow]]\nfunction = 'f'", "heapdiff.toml:2:1: missing key `reason`");
        assert_error(
            "\n[[allow]]\nfunction = 'f'\nreason = ' '",
            "heapdiff.toml:4:10: an empty reason: expected why the growth is fine",
        );
        let ended = "[[allow]]\npackage = 'a'\nreason = 'r'\nuntil = 2026-11-20";
        assert_eq!(config(ended).unwrap().allow[0].ended.as_deref(), Some("2026-11-20"));
        // Only a check cares for the date.
        assert_eq!(parse(FILE_NAME, ended, None).unwrap().allow[0].ended, None);
        assert_error(
            "must-see = 0",
            "heapdiff.toml:1:12: 0 bytes are no growth: expected the smallest growth that must not be missed",
        );
        assert_error(
            "must-see = 'all'",
            r#"heapdiff.toml:1:12: "all" is not a size: expected bytes such as 262144 or 256KiB"#,
        );
        assert_error(
            "[[allow]]\nfunction = 'f'\nreason = 'r'\nuntil = '2026-02-30'",
            r#"heapdiff.toml:4:9: invalid date "2026-02-30": expected one such as 2026-12-31"#,
        );
        assert_error(
            "[[allow]]\nfunction = 'f'\nreason = 'r'\nuntil = 2026-12-31T10:00:00Z",
            r#"heapdiff.toml:4:9: invalid date "2026-12-31T10:00:00Z": expected one such as 2026-12-31"#,
        );
        assert_error(
            "[[allow]]\nfunction = 'f'\nreason = 'r'\nuntil = 2026",
            r#"heapdiff.toml:4:9: invalid date "2026": expected one such as 2026-12-31"#,
        );
        assert_error(
            "[[allow]]\nfunction = 'f'\nreason = 'r'\nuntil = 2026-02-30",
            "heapdiff.toml:4:9: invalid date, expected day between 01 and 28",
        );
    }

    #[test]
    fn the_nearest_file_above_holds() {
        let root = env::temp_dir().join(format!("heapdiff-config-{}", process::id()));
        let folder = root.join("a/b");
        fs::create_dir_all(&folder).unwrap();
        fs::write(root.join(FILE_NAME), "inconclusive = 'pass'").unwrap();
        assert_eq!(find(&folder), Some(root.join(FILE_NAME)));
        let read = read(&root.join(FILE_NAME), today()).unwrap();
        assert_eq!(read.inconclusive, Some(Inconclusive::Pass));
        fs::write(root.join("a").join(FILE_NAME), "").unwrap();
        assert_eq!(find(&folder), Some(root.join("a").join(FILE_NAME)));
        fs::write(folder.join(FILE_NAME), "").unwrap();
        assert_eq!(find(&folder), Some(folder.join(FILE_NAME)));
        fs::remove_dir_all(root).unwrap();
    }
}

//! Renames that the user says: `OLD=NEW`.

use std::collections::BTreeMap;

use thiserror::Error;

use super::functions::FunctionId;
use super::pairing::Pairing;
use super::result::{How, Lack, UnmetRename};
use crate::site::{Name, split_name};

/// A rename that the user says: of a function with its closures, of a package, or of all packages below a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRename {
    old: String,
    new: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    Package,
    /// A path, written with `/...` at its end.
    Below,
}

/// What is wrong with a rename.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ToldError {
    #[error(
        "{0:?} is not a rename: expected OLD=NEW, such as main.load=main.read or example.com/a/...=example.com/b/..."
    )]
    NotAPair(String),
    #[error("{0:?} renames one kind of thing to another: expected two functions, two packages, or two paths with /...")]
    Mixed(String),
}

impl ToldRename {
    /// Parses `OLD=NEW`.
    ///
    /// # Errors
    ///
    /// A [`ToldError`] that says what was expected.
    pub fn parse(text: &str) -> Result<Self, ToldError> {
        let (old, new) = text.split_once('=').map(|(old, new)| (old.trim(), new.trim())).unwrap_or_default();
        if old.is_empty() || new.is_empty() || old == new {
            return Err(ToldError::NotAPair(text.to_owned()));
        }
        let kind = kind(old);
        if kind != self::kind(new) {
            return Err(ToldError::Mixed(text.to_owned()));
        }
        let plain = |text: &str| match kind {
            Kind::Function => Name::new(text.as_bytes()).text().into_owned(),
            Kind::Package => text.to_owned(),
            Kind::Below => text.trim_end_matches("/...").to_owned(),
        };
        Ok(ToldRename { old: plain(old), new: plain(new), kind })
    }

    /// The new name of a function with a canonical name; `None` if the rename is not of it.
    fn apply(&self, name: &str) -> Option<String> {
        self.rest(&self.old, name).map(|rest| format!("{}{rest}", self.new))
    }

    /// What follows `pattern`, the old or the new name, in a canonical name; `None` if the pattern is not of it.
    fn rest<'a>(&self, pattern: &str, name: &'a str) -> Option<&'a str> {
        let rest = name.strip_prefix(pattern)?;
        let fits = match self.kind {
            Kind::Function => {
                rest.is_empty()
                    || [".func", ".gowrap", ".deferwrap", "-range"].iter().any(|start| rest.starts_with(start))
            }
            Kind::Package => split_name(name).0 == pattern,
            Kind::Below => {
                let package = split_name(name).0;
                package == pattern || package.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('/'))
            }
        };
        fits.then_some(rest)
    }

    /// What of it some functions lack: `None` if one of them has the pattern, the old or the new name.
    fn lack<'a>(&self, pattern: &str, mut names: impl Iterator<Item = &'a str> + Clone) -> Option<Lack> {
        if names.clone().any(|name| self.rest(pattern, name).is_some()) {
            return None;
        }
        let package = split_name(pattern).0;
        let has_package = self.kind == Kind::Function && names.any(|name| split_name(name).0 == package);
        Some(if has_package { Lack::Function } else { Lack::Package })
    }
}

impl std::fmt::Display for ToldRename {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let dots = if self.kind == Kind::Below { "/..." } else { "" };
        write!(f, "{}{dots}={}{dots}", self.old, self.new)
    }
}

fn kind(text: &str) -> Kind {
    match text {
        _ if text.ends_with("/...") => Kind::Below,
        _ if split_name(text).0.is_empty() => Kind::Package,
        _ => Kind::Function,
    }
}

/// The renames that a side has nothing of.
pub(super) fn unmet(pairing: &Pairing<'_>, renames: &[ToldRename]) -> Vec<UnmetRename> {
    let functions = pairing.functions;
    let own = functions.ids().filter(|&id| functions.is_own(id));
    let base = own.clone().filter(|&id| pairing.base.has(id)).map(|id| functions.name(id));
    let current = own.filter(|&id| pairing.current.has(id)).map(|id| functions.name(id));
    let unmet = renames.iter().enumerate().map(|(number, rename)| UnmetRename {
        rename: rename.to_string(),
        number,
        lacks: [rename.lack(&rename.old, base.clone()), rename.lack(&rename.new, current.clone())],
    });
    unmet.filter(|rename| rename.lacks != [None, None]).collect()
}

/// Pairs what the user says; returns the new names that the current side does not have, by name of the base.
pub(super) fn pair_told(pairing: &mut Pairing<'_>, renames: &[ToldRename]) -> BTreeMap<FunctionId, String> {
    let mut elsewhere = BTreeMap::new();
    for base in pairing.functions.ids() {
        if renames.is_empty() || !pairing.base.has(base) || !pairing.functions.is_own(base) {
            continue;
        }
        let told = renames.iter().find_map(|rename| rename.apply(pairing.functions.name(base)));
        let Some(new) = told else { continue };
        match pairing.functions.id(new.as_bytes()).filter(|&current| pairing.current.has(current)) {
            Some(current) => pairing.take(base, current, How::Told, 1.0),
            None => {
                pairing.gone.remove(&base);
                elsewhere.insert(base, new);
            }
        }
    }
    elsewhere
}

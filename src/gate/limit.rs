//! Limits on growth, as users write them: `1000`, `64KiB`, `5%`.

use std::fmt;

use thiserror::Error;

use crate::byte_size;
use crate::diff::Metric;

/// What a limit is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Each site.
    Site,
    /// The whole heap.
    Total,
}

impl Scope {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Site => "site",
            Scope::Total => "total",
        }
    }
}

/// How much something may grow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Objects or bytes.
    Absolute(i128),
    /// Share of its base, percent.
    Percent(f64),
}

/// What is wrong with a limit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LimitError {
    #[error("{0:?} is not a limit on objects: expected a count such as 1000, or a percentage such as 5%")]
    Objects(String),
    #[error("{0:?} is not a limit on space: expected bytes such as 65536, 64KiB or 1MB, or a percentage such as 5%")]
    Space(String),
}

impl Limit {
    /// Parses a limit on `metric`: a count of objects, a size in bytes, or a percentage.
    ///
    /// # Errors
    ///
    /// A [`LimitError`] that says what was expected.
    pub fn parse(text: &str, metric: Metric) -> Result<Self, LimitError> {
        let trimmed = text.trim();
        let limit = match (trimmed.strip_suffix('%'), metric) {
            (Some(percent), _) => parse_percent(percent).map(Limit::Percent),
            (None, Metric::Objects) => parse_count(trimmed).map(Limit::Absolute),
            (None, Metric::Space) => byte_size::parse(trimmed).map(Limit::Absolute),
        };
        limit.ok_or_else(|| match metric {
            Metric::Objects => LimitError::Objects(text.to_owned()),
            Metric::Space => LimitError::Space(text.to_owned()),
        })
    }

    /// Allowed growth of something that was `base` large.
    pub fn allowed(self, base: i128) -> i128 {
        match self {
            Limit::Absolute(most) => most,
            #[allow(clippy::cast_possible_truncation, reason = "saturates")]
            Limit::Percent(percent) => (base.max(0) as f64 * percent / 100.0).floor() as i128,
        }
    }
}

fn parse_percent(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().parse().ok()?;
    (percent.is_finite() && percent >= 0.0).then_some(percent)
}

fn parse_count(text: &str) -> Option<i128> {
    text.replace('_', "").parse::<u64>().ok().map(i128::from)
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Absolute(most) => write!(f, "{most}"),
            Limit::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// The limits of a check; `None` where there is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// On the objects of each site.
    pub site_objects: Option<Limit>,
    /// On the bytes of each site.
    pub site_space: Option<Limit>,
    /// On the objects of the whole heap.
    pub total_objects: Option<Limit>,
    /// On the bytes of the whole heap.
    pub total_space: Option<Limit>,
}

impl Limits {
    /// Whether there is no limit at all, so that the tolerances hold.
    pub fn is_empty(&self) -> bool {
        *self == Limits::default()
    }

    /// The limit on a metric of each site, or of the whole heap.
    pub fn on(&self, scope: Scope, metric: Metric) -> Option<Limit> {
        match (scope, metric) {
            (Scope::Site, Metric::Objects) => self.site_objects,
            (Scope::Site, Metric::Space) => self.site_space,
            (Scope::Total, Metric::Objects) => self.total_objects,
            (Scope::Total, Metric::Space) => self.total_space,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_as_people_write_them() {
        let space = |text| Limit::parse(text, Metric::Space);
        let objects = |text| Limit::parse(text, Metric::Objects);
        assert_eq!(space("64KiB"), Ok(Limit::Absolute(65536)));
        assert_eq!(space("5%"), Ok(Limit::Percent(5.0)));
        assert_eq!(objects("1_000"), Ok(Limit::Absolute(1000)));
        assert_eq!(objects("0.5 %"), Ok(Limit::Percent(0.5)));
        for text in ["", "x", "-1", "1.5", "5%%", "-5%", "inf%", "NaN%"] {
            assert_eq!(space(text), Err(LimitError::Space(text.to_owned())), "{text}");
            assert_eq!(objects(text), Err(LimitError::Objects(text.to_owned())), "{text}");
        }
        assert_eq!(objects("64KiB"), Err(LimitError::Objects("64KiB".to_owned())));
        assert_eq!(Limit::Percent(5.0).allowed(119), 5);
        assert_eq!(Limit::Percent(5.0).allowed(-1), 0);
    }
}

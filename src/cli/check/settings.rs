//! Where each setting of a check comes from: what was typed comes first, then heapdiff.toml.

use std::fmt::Display;

use crate::cli::options::Inconclusive;
use crate::gate::Limits;
use crate::report::{SettingSource, UsedSetting};

/// Settings that are not the default, noted as they are chosen.
#[derive(Debug, Default)]
pub(super) struct Settings(Vec<UsedSetting>);

impl Settings {
    /// The value that was typed, or else the configured one.
    pub(super) fn choose<T: Display>(
        &mut self,
        name: &'static str,
        typed: Option<T>,
        configured: Option<T>,
    ) -> Option<T> {
        let source = if typed.is_some() { SettingSource::CommandLine } else { SettingSource::Config };
        let chosen = typed.or(configured);
        self.0.extend(chosen.as_ref().map(|value| UsedSetting { name, value: value.to_string(), source }));
        chosen
    }

    /// Each limit that was typed, or else the configured one.
    pub(super) fn choose_limits(&mut self, typed: Limits, configured: Limits) -> Limits {
        Limits {
            site_objects: self.choose("max-site-objects", typed.site_objects, configured.site_objects),
            site_space: self.choose("max-site-space", typed.site_space, configured.site_space),
            total_objects: self.choose("max-total-objects", typed.total_objects, configured.total_objects),
            total_space: self.choose("max-total-space", typed.total_space, configured.total_space),
        }
    }

    /// Whether something was asked for.
    pub(super) fn choose_flag(&mut self, name: &'static str, typed: bool, configured: bool) -> bool {
        self.choose(name, typed.then_some(true), configured.then_some(true)).is_some()
    }

    /// How a check ends whose data are inconclusive.
    pub(super) fn inconclusive(
        &mut self,
        typed: Option<Inconclusive>,
        configured: Option<Inconclusive>,
    ) -> Inconclusive {
        self.choose("inconclusive", typed, configured).unwrap_or(Inconclusive::Error)
    }

    /// All that were noted.
    pub(super) fn into_used(self) -> Vec<UsedSetting> {
        self.0
    }
}

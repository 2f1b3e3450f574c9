//! Which files and settings shaped a verdict, so that a change to them in the change that is checked does not go unseen.

use crate::report::{Report, SettingSource, UsedConfig, UsedSetting};

/// The configuration, the budget and all settings that are not the default, each with where it comes from; `None` where
/// there is nothing of it.
pub(super) fn settings_sentence(report: &Report) -> Option<String> {
    let UsedConfig { name, budget, settings, .. } = &report.config;
    let of = |source: SettingSource| {
        let from_it = settings.iter().filter(|setting| setting.source == source).map(setting_text);
        let texts: Vec<_> = from_it.collect();
        if texts.is_empty() { String::new() } else { format!(" ({})", texts.join(", ")) }
    };
    let typed = of(SettingSource::CommandLine);
    let parts = [
        name.as_ref().map(|name| format!("{name}{}", of(SettingSource::Config))),
        budget.as_ref().map(|budget| format!("budget {budget}")),
        (!typed.is_empty()).then(|| format!("command line{typed}")),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("settings: {}", parts.join("; ")))
}

fn setting_text(setting: &UsedSetting) -> String {
    // Of what is only on or off, the name says it.
    if setting.value == "true" { setting.name.to_owned() } else { format!("{} {}", setting.name, setting.value) }
}

//! What is said of an option that a command does not have.

use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The error with the options of `command` that begin with the same word, in place of the advice to write `--` before
/// what is no file.
pub(super) fn with_options_like_it(mut error: clap::Error, command: Option<&clap::Command>) -> clap::Error {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidArg) else { return error };
    let is_option = error.kind() == ErrorKind::UnknownArgument && typed.starts_with("--") && !Path::new(typed).exists();
    if !is_option || error.get(ContextKind::SuggestedArg).is_some() {
        return error;
    }
    let word = typed.trim_start_matches('-').split('-').next().unwrap_or_default();
    let begins = |name: &&str| name.split('-').next() == Some(word);
    let names = command.into_iter().flat_map(clap::Command::get_arguments).filter_map(clap::Arg::get_long);
    let alike: Vec<_> = names.filter(begins).map(|name| format!("--{name}")).collect();
    error.remove(ContextKind::Suggested);
    if !alike.is_empty() {
        let tip = format!("there are {}", alike.join(", "));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

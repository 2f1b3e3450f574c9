//! Flags of `go tool pprof`, which people type by habit: the command of this program that does the same.

use crate::render::quoted;

/// What a flag of pprof is here. `{}` stands for its value.
enum Here {
    /// These options, or nothing where it is the default.
    Options(&'static str),
    /// Another command, with its options.
    Command(&'static str),
    /// The base, which is the first argument.
    Base,
    /// Which values are shown, by their name.
    SampleIndex,
    /// Nothing.
    Missing,
}

/// The flags, each with whether it takes a value.
const FLAGS: &[(&str, bool, Here)] = &[
    ("diff_base", true, Here::Base),
    ("base", true, Here::Base),
    ("sample_index", true, Here::SampleIndex),
    ("inuse_space", false, Here::Options("--sort inuse_space")),
    ("inuse_objects", false, Here::Options("--sort inuse_objects")),
    ("alloc_space", false, Here::Options("--sort alloc_space")),
    ("alloc_objects", false, Here::Options("--sort alloc_objects")),
    ("top", false, Here::Options("")),
    ("text", false, Here::Options("")),
    ("flat", false, Here::Options("")),
    ("cum", false, Here::Options("--cum")),
    ("lines", false, Here::Options("--by lines")),
    ("functions", false, Here::Options("--by functions")),
    ("filefunctions", false, Here::Options("--by functions")),
    ("files", false, Here::Options("--by files")),
    ("granularity", true, Here::Options("--by {}")),
    ("nodecount", true, Here::Options("--top {}")),
    ("focus", true, Here::Options("--focus {}")),
    ("ignore", true, Here::Options("--ignore {}")),
    ("hide", true, Here::Options("--hide {}")),
    ("show", true, Here::Options("--show {}")),
    ("show_from", true, Here::Options("--show-from {}")),
    ("tagfocus", true, Here::Options("--tagfocus {}")),
    ("trim_path", true, Here::Options("--trim-path {}")),
    ("source_path", true, Here::Options("--source-root {}")),
    ("output", true, Here::Options("-o {}")),
    ("proto", false, Here::Options("--format pprof")),
    ("list", true, Here::Command("list {}")),
    ("peek", true, Here::Command("peek {}")),
    ("tree", false, Here::Command("peek .")),
    ("traces", false, Here::Command("stacks")),
    ("svg", false, Here::Command("flame -o growth.svg")),
    ("web", false, Here::Command("flame -o growth.svg")),
    ("http", true, Here::Command("report -o report.html")),
    ("weblist", true, Here::Command("list {}")),
    ("dot", false, Here::Missing),
    ("png", false, Here::Missing),
    ("pdf", false, Here::Missing),
    ("gif", false, Here::Missing),
    ("callgrind", false, Here::Missing),
    ("disasm", true, Here::Missing),
    ("raw", false, Here::Missing),
    ("tags", false, Here::Missing),
    ("tagignore", true, Here::Missing),
    ("unit", true, Here::Missing),
    ("seconds", true, Here::Missing),
    ("nodefraction", true, Here::Missing),
    ("edgefraction", true, Here::Missing),
    ("normalize", false, Here::Options("--normalize")),
    ("relative_percentages", false, Here::Missing),
    ("symbolize", true, Here::Missing),
];

/// Flags that are options of this program when they are typed with two dashes.
const OURS: [&str; 10] = ["base", "cum", "focus", "ignore", "hide", "normalize", "show", "top", "output", "tagfocus"];

/// The command of this program that does what was typed, if flags of pprof are in it. `args`: without the program's
/// name.
pub(super) fn advice(args: &[&str]) -> Option<String> {
    let (mut words, mut command, mut base) = (Vec::new(), None, None);
    let (mut flags, mut missing) = (Vec::new(), Vec::new());
    let mut args = args.iter();
    while let Some(&arg) = args.next() {
        let Some((name, value, takes_value, here)) = flag(arg) else {
            words.push(quoted(arg));
            continue;
        };
        let value = match value {
            None if takes_value => args.next().copied().unwrap_or_default(),
            value => value.unwrap_or_default(),
        };
        let filled = |text: &str| text.replace("{}", &quoted(value));
        match here {
            Here::Options("") => {}
            Here::Options(options) => words.insert(0, filled(options)),
            Here::Command(name) => command = Some(filled(name)),
            Here::Base => base = Some(quoted(value)),
            Here::SampleIndex => words.insert(0, sample_index(value)),
            Here::Missing => missing.push(format!("-{name}")),
        }
        flags.push(format!("-{name}"));
    }
    if flags.is_empty() {
        return None;
    }
    words.insert(words.len().saturating_sub(1), base.unwrap_or_default());
    let words = ["heapdiff".to_owned(), command.unwrap_or_default()].into_iter().chain(words);
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let (is, flags) = match &flags[..] {
        [only] => ("is a flag", only.clone()),
        [others @ .., last] => ("are flags", format!("{} and {last}", others.join(", "))),
        [] => return None,
    };
    let missing = match missing.is_empty() {
        true => String::new(),
        false => format!(" ({} has no counterpart here)", missing.join(", ")),
    };
    Some(format!("{flags} {is} of go tool pprof{missing}; the command here is\n  {line}"))
}

/// The flag of pprof that was typed, its value if that follows `=`, and whether it takes one.
fn flag(arg: &str) -> Option<(&'static str, Option<&str>, bool, &'static Here)> {
    let text = arg.strip_prefix('-')?;
    let (text, is_double) = text.strip_prefix('-').map_or((text, false), |text| (text, true));
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    let (name, takes_value, here) = FLAGS.iter().find(|(known, ..)| *known == name)?;
    (!is_double || !OURS.contains(name)).then_some((*name, value, *takes_value, here))
}

/// The options for pprof's name of a sample type.
fn sample_index(name: &str) -> String {
    match name {
        "inuse_space" | "inuse_objects" | "alloc_space" | "alloc_objects" => format!("--sort {name}"),
        name => format!("--sample-type {}", quoted(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn flags_of_pprof_are_translated() {
        for (typed, here) in [
            ("-diff_base=old new", "heapdiff old new"),
            ("-top -base old new", "heapdiff old new"),
            ("-top new", "heapdiff new"),
            ("--diff_base=old --lines new", "heapdiff --by lines old new"),
            ("-sample_index=inuse_objects old new", "heapdiff --sort inuse_objects old new"),
            ("-sample_index goroutine old new", "heapdiff --sample-type goroutine old new"),
            ("-list=a.*b -diff_base=old new", "heapdiff list 'a.*b' old new"),
            ("-http=:8080 -diff_base=old new", "heapdiff report -o report.html old new"),
            ("-nodecount=10 -focus=x -cum old new", "heapdiff --cum --focus x --top 10 old new"),
            ("-png -inuse_space --json old new", "heapdiff --sort inuse_space --json old new"),
            ("-base=old", "heapdiff old"),
        ] {
            let found = advice(&typed.split(' ').collect::<Vec<_>>());
            let found = found.as_ref().and_then(|text| text.split_once("\n  ")).map(|(_, line)| line);
            assert_eq!(found, Some(here), "{typed}");
        }
        for typed in [
            "old new",
            "--top 3 --focus x --cum old new",
            "-o x -output.json -h",
            "--base a --current b",
            "check --normalize old new",
            "-",
        ] {
            assert_eq!(advice(&typed.split(' ').collect::<Vec<_>>()), None, "{typed}");
        }
    }
}

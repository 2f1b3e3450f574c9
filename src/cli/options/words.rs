//! The words of a command line, one by one: what each is also where they make no sense as a whole. clap itself stops at the
//! first word that it does not know.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

/// A word, as clap would take it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Word<'a> {
    /// An option, by the long name, with its first value if it has one.
    Option(&'a str, Option<&'a OsStr>),
    /// One more value of the option before it, or a path after `--`.
    Value(&'a OsStr),
    /// Neither an option nor a value, and its place.
    Bare(usize, &'a OsStr),
}

/// The words in order. `known` has the options, its subcommands more of them; any other option takes no value but one
/// after `=`.
pub(crate) fn words<'a>(args: &'a [OsString], known: &'a Command) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    let mut rest = args.iter().enumerate().peekable();
    while let Some((at, arg)) = rest.next() {
        if arg == "--" {
            words.extend(rest.by_ref().map(|(_, path)| Word::Value(path)));
        } else if !is_like_option(arg) {
            words.push(Word::Bare(at, arg));
        } else if let Some(OptionWord { name, joined, most_values }) = arg.to_str().map(|arg| option(arg, known)) {
            let is_separate = joined.is_none();
            let next = || rest.next_if(|(_, arg)| !is_like_option(arg)).map(|(_, value)| value.as_os_str());
            let mut values = std::iter::from_fn(next).take(if is_separate { most_values } else { 0 });
            words.push(Word::Option(name, joined.map(OsStr::new).or_else(|| values.next())));
            words.extend(values.map(Word::Value));
        }
    }
    words
}

/// The place of the first word that is neither an option nor a value: a command's name, or the first path.
pub(crate) fn first_bare(args: &[OsString], known: &Command) -> Option<usize> {
    words(args, known).iter().find_map(|word| match word {
        Word::Bare(at, _) => Some(*at),
        Word::Option(..) | Word::Value(_) => None,
    })
}

/// Whether it cannot be a separate value: it begins with `-`, and is more than that.
fn is_like_option(arg: &OsStr) -> bool {
    arg.len() > 1 && arg.as_encoded_bytes().starts_with(b"-")
}

/// An option, or short ones in a word.
struct OptionWord<'a> {
    /// The long name, or for what is unknown the word.
    name: &'a str,
    /// The value in the same word.
    joined: Option<&'a str>,
    /// The number of separate values that it takes at most.
    most_values: usize,
}

fn option<'a>(arg: &'a str, known: &'a Command) -> OptionWord<'a> {
    let split = arg.split_once('=').map_or((arg, None), |(name, value)| (name, Some(value)));
    let long = |name: &str| find(known, |option| option.get_long() == Some(name));
    if let (Some(name), joined) = (split.0.strip_prefix("--"), split.1) {
        return OptionWord { name, joined, most_values: long(name).map_or(0, most_values) };
    }
    let unknown = OptionWord { name: split.0, joined: split.1, most_values: 0 };
    // With one dash by mistake, as pprof has it.
    if long(&split.0[1..]).is_some() {
        return unknown;
    }
    let mut letters = arg[1..].chars();
    while let Some(letter) = letters.next() {
        match find(known, |option| option.get_short() == Some(letter)) {
            Some(option) if most_values(option) > 0 => {
                let joined = Some(letters.as_str()).filter(|joined| !joined.is_empty());
                let joined = joined.map(|joined| joined.strip_prefix('=').unwrap_or(joined));
                return OptionWord { name: option.get_long().unwrap_or(arg), joined, most_values: most_values(option) };
            }
            Some(_) => {}
            None => return unknown,
        }
    }
    unknown
}

fn find(known: &Command, is: impl Fn(&Arg) -> bool) -> Option<&Arg> {
    [known].into_iter().chain(known.get_subcommands()).flat_map(Command::get_arguments).find(|option| is(option))
}

fn most_values(option: &Arg) -> usize {
    match option.get_action().takes_values() {
        true => option.get_num_args().map_or(1, |number| number.max_values()),
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ArgAction;

    #[test]
    fn words_are_read_as_clap_reads_them() {
        let output = Arg::new("output").short('o').long("output");
        let verbose = Arg::new("verbose").short('v').long("verbose").action(ArgAction::SetTrue);
        let pair = Command::new("check").arg(Arg::new("pair").long("pair").num_args(2));
        let known = Command::new("heapdiff").args([output, verbose]).subcommand(pair);
        let option = |name, value: Option<&'static str>| Word::Option(name, value.map(OsStr::new));
        let value = |text: &'static str| Word::Value(OsStr::new(text));
        let bare = |at, text: &'static str| Word::Bare(at, OsStr::new(text));
        for (typed, expected) in [
            ("check -o a b", vec![bare(0, "check"), option("output", Some("a")), bare(3, "b")]),
            ("-oa -o=a", vec![option("output", Some("a")), option("output", Some("a"))]),
            ("-vo a", vec![option("output", Some("a"))]),
            ("-vvoa --output=a=b", vec![option("output", Some("a")), option("output", Some("a=b"))]),
            ("-o - -", vec![option("output", Some("-")), bare(2, "-")]),
            ("-o -v", vec![option("output", None), option("-v", None)]),
            ("-o -- -o a", vec![option("output", None), value("-o"), value("a")]),
            ("--output= x", vec![option("output", Some("")), bare(1, "x")]),
            ("--pair a b c", vec![option("pair", Some("a")), value("b"), bare(3, "c")]),
            ("--pair a -v b", vec![option("pair", Some("a")), option("-v", None), bare(3, "b")]),
            ("--nosuch a --nosuch=b", vec![option("nosuch", None), bare(1, "a"), option("nosuch", Some("b"))]),
            ("-output a -xo b", vec![option("-output", None), bare(1, "a"), option("-xo", None), bare(3, "b")]),
        ] {
            let args: Vec<_> = typed.split(' ').map(OsString::from).collect();
            assert_eq!(words(&args, &known), expected, "{typed}");
        }
    }
}

//! The pattern of `--labels-from`: folders and names with places for labels.

use std::borrow::Cow;

use anyhow::{Result, bail, ensure};

/// A name and its value.
pub(crate) type Label = (String, String);

/// What a key must be, so that a query can name it without quotes.
pub(super) const KEY_RULE: &str = "a key is letters, digits and _, not beginning with a digit";

/// Whether a label can have this name.
pub(super) fn is_key(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The end of a path, such as `{deploy}/{pod}-*.pb.gz`.
#[derive(Debug)]
pub(super) struct PathPattern {
    text: String,
    steps: Vec<Step>,
}

/// A folder or a file: text, then places, each with the text after it.
#[derive(Debug)]
struct Step {
    first: String,
    places: Vec<Place>,
}

/// At least one character of a folder or a file.
#[derive(Debug)]
struct Place {
    /// The label that it is; `None` for `*`.
    key: Option<String>,
    literal: String,
}

/// What the places of a step stand for.
enum Reading<'t> {
    No,
    One(Vec<&'t str>),
    Several([Vec<&'t str>; 2]),
}

impl PathPattern {
    /// Parses a pattern. Fails if it has no label, a label twice, or two places that nothing tells apart.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let steps = text.split('/').map(Step::parse).collect::<Result<_>>()?;
        let pattern = PathPattern { text: text.to_owned(), steps };
        let keys: Vec<_> = pattern.keys().collect();
        ensure!(!keys.is_empty(), "expected a label, such as {{pod}}/*.pb.gz");
        if let Some((_, key)) = keys.iter().enumerate().find(|(at, key)| keys[..*at].contains(key)) {
            bail!("{{{key}}} is there twice");
        }
        Ok(pattern)
    }

    /// The names of its labels.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| &step.places).filter_map(|place| place.key.as_deref())
    }

    /// The labels of a path, given as folders and file. Fails if it does not match, or in two ways.
    pub(super) fn read(&self, path: &[Cow<'_, str>]) -> Result<Vec<Label>> {
        let mut labels = Vec::new();
        let start = path.len().checked_sub(self.steps.len());
        let Some(end) = start.and_then(|start| path.get(start..)) else { bail!(self.mismatch()) };
        for (step, text) in self.steps.iter().zip(end) {
            match step.read(text) {
                Reading::No => bail!(self.mismatch()),
                Reading::One(values) => labels.extend(step.labels(&values)),
                Reading::Several([one, other]) => {
                    let [one, other] = [one, other].map(|values| step.shown(&values));
                    bail!(
                        "--labels-from {} can be read in two ways: {one}, or {other}; folders keep labels apart",
                        self.text
                    );
                }
            }
        }
        Ok(labels)
    }

    fn mismatch(&self) -> String {
        format!("the path does not end with {}, as --labels-from says", self.text)
    }
}

impl Step {
    fn parse(text: &str) -> Result<Self> {
        ensure!(!text.is_empty() && text != "." && text != "..", "expected names of folders and files between /");
        let mut rest = text;
        let mut literal = || {
            let (literal, after) = rest.split_at(rest.find(['{', '*']).unwrap_or(rest.len()));
            ensure!(!literal.contains('}'), "a }} without {{ before it");
            let (key, after) = match after.strip_prefix('{') {
                Some(after) => {
                    let Some((key, after)) = after.split_once('}') else { bail!("a {{ without }} after it") };
                    ensure!(is_key(key), "{{{key}}}: {KEY_RULE}");
                    (Some(Some(key.to_owned())), after)
                }
                None => (after.starts_with('*').then_some(None), after.strip_prefix('*').unwrap_or_default()),
            };
            rest = after;
            Ok((literal.to_owned(), key))
        };
        let (first, mut next) = literal()?;
        let mut places: Vec<Place> = Vec::new();
        while let Some(key) = next {
            let (text, after) = literal()?;
            ensure!(!text.is_empty() || after.is_none(), "nothing separates two labels, or a label and *");
            places.push(Place { key, literal: text });
            next = after;
        }
        Ok(Step { first, places })
    }

    /// The places in `text`: with the literals between them as early as they can be, and as late.
    fn read<'t>(&self, text: &'t str) -> Reading<'t> {
        let Some((last, inner)) = self.places.split_last() else {
            return if text == self.first { Reading::One(Vec::new()) } else { Reading::No };
        };
        let middle = text.strip_prefix(&self.first).and_then(|rest| rest.strip_suffix(&last.literal));
        match middle.and_then(|middle| Some([early(middle, inner)?, late(middle, inner)?])) {
            None => Reading::No,
            Some([one, other]) if one == other => Reading::One(one),
            Some(both) => Reading::Several(both),
        }
    }

    fn labels(&self, values: &[&str]) -> impl Iterator<Item = Label> {
        let keys = self.places.iter().map(|place| place.key.as_ref());
        keys.zip(values).filter_map(|(key, value)| Some((key?.clone(), (*value).to_owned())))
    }

    fn shown(&self, values: &[&str]) -> String {
        let labels = self.places.iter().zip(values);
        let label = |(place, value): (&Place, &&str)| format!("{}={value}", place.key.as_deref().unwrap_or("*"));
        labels.map(label).collect::<Vec<_>>().join(" ")
    }
}

fn early<'t>(mut rest: &'t str, inner: &[Place]) -> Option<Vec<&'t str>> {
    let mut values = Vec::new();
    for Place { literal, .. } in inner {
        let first = rest.chars().next()?.len_utf8();
        let at = first + rest.get(first..)?.find(literal)?;
        values.push(&rest[..at]);
        rest = &rest[at + literal.len()..];
    }
    values.push(rest);
    (!rest.is_empty()).then_some(values)
}

fn late<'t>(mut rest: &'t str, inner: &[Place]) -> Option<Vec<&'t str>> {
    let mut values = Vec::new();
    for Place { literal, .. } in inner.iter().rev() {
        let (last, _) = rest.char_indices().next_back()?;
        let at = rest[..last].rfind(literal)?;
        values.push(&rest[at + literal.len()..]);
        rest = &rest[..at];
    }
    values.push(rest);
    values.reverse();
    (!rest.is_empty()).then_some(values)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    fn read(pattern: &str, path: &str) -> Result<String> {
        let path: Vec<_> = path.split('/').map(Cow::from).collect();
        let labels = PathPattern::parse(pattern)?.read(&path)?;
        Ok(labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn labels_are_read_from_the_end_of_a_path() {
        for (pattern, path, expected) in [
            ("{pod}/*.pb.gz", "x/cart-0/heap_01.pb.gz", "pod=cart-0"),
            ("{deploy}/{pod}.pb.gz", "v1/cart-0.pb.gz", "deploy=v1 pod=cart-0"),
            ("{pod}/{deploy}-{time}.pb.gz", "cart-0/v1-20261120T10.pb.gz", "pod=cart-0 deploy=v1 time=20261120T10"),
            ("{pod}@{deploy}.pb.gz", "cart-0@v1.2.pb.gz", "pod=cart-0 deploy=v1.2"),
            ("heap_{pod}", "heap_é", "pod=é"),
            ("{a}--{b}", "x--y", "a=x b=y"),
        ] {
            assert_eq!(read(pattern, path).unwrap(), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_ambiguous_or_does_not_match_is_refused() {
        for (pattern, path, expected) in [
            ("{pod}-{deploy}", "cart-0-v1", "two ways: pod=cart deploy=0-v1, or pod=cart-0 deploy=v1;"),
            ("{pod}--{deploy}", "a---b", "two ways: pod=a deploy=-b, or pod=a- deploy=b;"),
            ("{pod}-*.pb", "a-b-1.pb", "two ways: pod=a *=b-1, or pod=a-b *=1;"),
            ("{deploy}/{pod}.pb", "a.pb", "does not end with {deploy}/{pod}.pb"),
            ("{pod}.pb", ".pb", "does not end"),
            ("{pod}.pb", "a.pb.gz", "does not end"),
            ("{pod}-{time}", "-a", "does not end"),
            ("x/{pod}", "y/a", "does not end"),
            ("a.pb", "a.pb", "expected a label"),
            ("{pod}{time}", "ab", "nothing separates"),
            ("{pod}*", "ab", "nothing separates"),
            ("{pod", "a", "a { without }"),
            ("pod}", "a", "a } without {"),
            ("{pod}/{pod}", "a/a", "{pod} is there twice"),
            ("{}", "a", "{}: a key is letters"),
            ("{po d}", "a", "{po d}: a key is letters"),
            ("/{pod}", "a", "between /"),
            ("{pod}/../x", "a", "between /"),
        ] {
            let error = read(pattern, path).unwrap_err().to_string();
            assert!(error.contains(expected), "{pattern} {path}: {error}");
        }
    }
}

//! JUnit files: a parser for what the program writes, and the rules of `junit-10.xsd` of Jenkins' xUnit plugin, written
//! down again as a table.

/// An element of a document.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str) -> usize {
        self.attribute(name).unwrap_or_else(|| panic!("{name} of {self:?}")).parse().unwrap()
    }

    pub fn named(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Rules for an element: the attributes it must have, those it may have, its children in any order, whether it has text.
type Rules = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str], bool);

const SCHEMA: [Rules; 8] = [
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"], false),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
        &["testsuite", "properties", "testcase", "system-out", "system-err"],
        false,
    ),
    (
        "testcase",
        &["name"],
        &["time", "classname", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
        false,
    ),
    ("failure", &[], &["type", "message"], &[], true),
    ("error", &[], &["type", "message"], &[], true),
    ("skipped", &[], &["type", "message"], &[], true),
    ("system-out", &[], &[], &[], true),
    ("system-err", &[], &[], &[], true),
];

/// Parses a document and checks it against the schema, its counts, and that GitLab keeps all of its cases.
pub fn parse(text: &str) -> Element {
    let text = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    let mut rest = text;
    let root = element(&mut rest);
    assert_eq!(rest, "\n", "after the root");
    assert_eq!(root.name, "testsuites");
    check(&root);
    let [suite] = &root.children[..] else { panic!("{root:?}") };
    let cases: Vec<_> = suite.named("testcase").collect();
    let with = |outcome: &str| cases.iter().filter(|case| case.named(outcome).next().is_some()).count();
    for counted in [&root, suite] {
        assert_eq!(counted.number("tests"), cases.len(), "{text}");
        assert_eq!(counted.number("failures"), with("failure"), "{text}");
        assert_eq!(counted.number("errors"), with("error"), "{text}");
    }
    assert_eq!(suite.number("skipped"), with("skipped"), "{text}");
    let mut names: Vec<_> = cases.iter().map(|case| (case.attribute("classname"), case.attribute("name"))).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), cases.len(), "GitLab drops a case that is named like another: {text}");
    root
}

fn check(element: &Element) {
    let rules = SCHEMA.iter().find(|(name, ..)| *name == element.name);
    let &(_, required, optional, children, has_text) = rules.unwrap_or_else(|| panic!("unknown {element:?}"));
    for name in required {
        assert!(element.attribute(name).is_some(), "{name} is missing: {element:?}");
    }
    for (at, (name, _)) in element.attributes.iter().enumerate() {
        assert!(required.contains(&&**name) || optional.contains(&&**name), "{name} in {element:?}");
        assert!(element.attributes[..at].iter().all(|(other, _)| other != name), "{name} twice in {element:?}");
    }
    assert!(has_text || element.text.trim().is_empty(), "text in {element:?}");
    for child in &element.children {
        assert!(children.contains(&&*child.name), "{} in {}", child.name, element.name);
        check(child);
    }
}

/// Reads an element from the start of `rest`.
fn element(rest: &mut &str) -> Element {
    let (tag, after) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).expect("a tag");
    *rest = after;
    let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
    let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut found = Element { name: name.to_owned(), ..Element::default() };
    while !attributes.is_empty() {
        let (name, value) = attributes.split_once("=\"").expect("a quoted attribute");
        let (value, after) = value.split_once('"').expect("the end of an attribute");
        assert!(!value.contains(['\n', '\t', '<']), "not in an attribute: {value:?}");
        found.attributes.push((name.to_owned(), unescape(value)));
        attributes = after.strip_prefix(' ').unwrap_or(after);
        assert!(after.is_empty() || after.starts_with(' '), "{after}");
    }
    if is_empty {
        return found;
    }
    loop {
        let (text, tag) = rest.split_at(rest.find('<').expect("the end of an element"));
        found.text += &unescape(text);
        if let Some(end) = tag.strip_prefix("</") {
            *rest = end.strip_prefix(&format!("{name}>")).expect("the end of this element");
            return found;
        }
        *rest = tag;
        found.children.push(element(rest));
    }
}

/// The text that XML stands for, which must be text that XML can hold.
fn unescape(text: &str) -> String {
    assert!(!text.contains(|c: char| c == '>' || (c.is_control() && c != '\n')), "{text:?}");
    for entity in text.split('&').skip(1) {
        let (name, _) = entity.split_once(';').expect("an entity");
        assert!(["amp", "lt", "gt", "quot", "apos"].contains(&name), "{name}");
    }
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

#[test]
fn the_schema_refuses_what_jenkins_does() {
    let suite = |inside: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites><testsuite name=\"s\" tests=\"1\" failures=\"0\" \
             errors=\"0\" skipped=\"0\">{inside}</testsuite></testsuites>\n"
        )
    };
    let refuses = |text: String| std::panic::catch_unwind(|| parse(&text)).is_err();
    assert!(!refuses(
        suite("<testcase name=\"a\"/>").replace("<testsuites>", "<testsuites tests=\"1\" failures=\"0\" errors=\"0\">")
    ));
    for inside in [
        "<testcase name=\"a\" file=\"main.go\"/>",
        "<testcase classname=\"a\"/>",
        "<testcase name=\"a\"><properties/></testcase>",
        "<testcase name=\"a\"/>text",
        "<case name=\"a\"/>",
    ] {
        let text = suite(inside).replace("<testsuites>", "<testsuites tests=\"1\" failures=\"0\" errors=\"0\">");
        assert!(refuses(text), "{inside}");
    }
}

//! The manual: chapters in Markdown, which `heapdiff explain` shows as they are.

/// A chapter of the manual.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chapter {
    /// What `heapdiff explain` calls it.
    pub(super) topic: &'static str,
    /// Its text; the first line is the title.
    pub(super) text: &'static str,
}

/// All chapters, in the order in which one would read them.
pub(super) const CHAPTERS: [Chapter; 15] = [
    Chapter { topic: "profiles", text: include_str!("../manual/profiles.md") },
    Chapter { topic: "diff", text: include_str!("../manual/diff.md") },
    Chapter { topic: "formats", text: include_str!("../manual/formats.md") },
    Chapter { topic: "source", text: include_str!("../manual/source.md") },
    Chapter { topic: "retainers", text: include_str!("../manual/retainers.md") },
    Chapter { topic: "trend", text: include_str!("../manual/trend.md") },
    Chapter { topic: "fleet", text: include_str!("../manual/fleet.md") },
    Chapter { topic: "goroutines", text: include_str!("../manual/goroutines.md") },
    Chapter { topic: "ci", text: include_str!("../manual/ci.md") },
    Chapter { topic: "gitlab", text: include_str!("../manual/gitlab-ci.yml") },
    Chapter { topic: "check", text: include_str!("../manual/check.md") },
    Chapter { topic: "benchmarks", text: include_str!("../manual/benchmarks.md") },
    Chapter { topic: "json", text: include_str!("../manual/json.md") },
    Chapter { topic: "methods", text: include_str!("../manual/methods.md") },
    Chapter { topic: "changelog", text: include_str!("../manual/changelog.md") },
];

impl Chapter {
    /// The chapter with this topic.
    pub(super) fn find(topic: &str) -> Option<Chapter> {
        CHAPTERS.into_iter().find(|chapter| chapter.topic.eq_ignore_ascii_case(topic))
    }

    /// Its title.
    pub(super) fn title(self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }
}

#[cfg(test)]
mod tests {
    use super::CHAPTERS;

    #[test]
    fn chapters_open_with_their_title() {
        for chapter in CHAPTERS {
            assert!(chapter.text.starts_with("# "), "{}", chapter.topic);
            assert!(!chapter.title().is_empty());
        }
    }
}

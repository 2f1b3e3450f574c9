//! The texts of a row: the name, what else is said of a site, and its lines.

use unicode_width::UnicodeWidthStr;

use super::fit::fit;
use super::page::TablePage;
use super::styled::{Line, Style};
use crate::diff::Change;
use crate::render::messages::{other_names_label, row_certainty, row_label, row_rank, row_tag};
use crate::render::text::wrap;
use crate::report::SiteRow;

/// The texts of a site.
pub(super) struct RowText {
    pub(super) name: String,
    /// What stands right after the name.
    pub(super) tag: Option<&'static str>,
    /// URL of the file that it is in.
    pub(super) link: Option<String>,
    place: Option<Place>,
    details: Vec<String>,
    /// Its lines that are shown, with their places.
    pub(super) lines: Vec<(Change, Place)>,
}

/// A line of a file, and the function that allocates there if that is another one.
#[derive(Clone)]
pub(super) struct Place {
    text: String,
    /// Whether an editor can open it by its text.
    is_found: bool,
    link: Option<String>,
    callee: Option<String>,
}

/// What is said of a site beside or below its name.
#[derive(Clone, Default)]
pub(super) struct Details {
    place: Option<Place>,
    others: Vec<String>,
}

impl RowText {
    pub(super) fn new(page: &TablePage<'_>, site: &SiteRow) -> Self {
        let report = page.report;
        let lines: Vec<_> = site
            .main_lines()
            .iter()
            .map(|line| {
                let place = page.place(line.file.as_deref(), line.line);
                let callee = line.callee.as_deref().map(|name| page.function(name));
                (line.change, Place { callee, ..Place::new(place) })
            })
            .collect();
        let place = Place::new(page.place(site.file.as_deref(), site.line));
        let link = place.link.clone();
        let only = site.lines.first().filter(|_| site.lines.len() == 1);
        let callee = only.and_then(|line| line.callee.as_deref()).map(|name| page.function(name));
        let place = Some(Place { callee, ..place }).filter(|place| lines.is_empty() && !place.text.is_empty());
        let owner = site.owner.as_ref().filter(|_| site.runtime_class.is_none()).map(|owner| {
            let (place, ..) = page.place(owner.file.as_deref(), owner.line);
            format!("for {} {place}", page.function(&owner.function)).trim_end().to_owned()
        });
        let tag = row_tag(site);
        let label = row_label(site).map(str::to_owned);
        let certainty = if page.look.verbose { row_certainty(report, site, page.look.bytes) } else { Vec::new() };
        let mut details: Vec<_> =
            [label, row_rank(report, site), owner, other_names_label(site)].into_iter().flatten().collect();
        details.extend(certainty);
        RowText { name: page.site_name(site), tag, link, place, details, lines }
    }

    /// Columns of the name and the tag.
    pub(super) fn width(&self) -> usize {
        self.name.width() + self.tag.map_or(0, |tag| 1 + tag.width())
    }

    /// `has_tag`: whether the tag stands after the name already.
    pub(super) fn details(&self, has_tag: bool) -> Details {
        let tag = self.tag.filter(|_| !has_tag).map(str::to_owned);
        Details { place: self.place.clone(), others: tag.into_iter().chain(self.details.iter().cloned()).collect() }
    }
}

impl Place {
    fn new((text, is_found, link): (String, bool, Option<String>)) -> Self {
        Place { text, is_found, link, callee: None }
    }

    pub(super) fn width(&self) -> usize {
        self.text.width() + self.callee.as_ref().map_or(0, |callee| self.gap().width() + callee.width())
    }

    /// What is between the place and the function: nothing where the place is not known.
    fn gap(&self) -> &'static str {
        if self.text.is_empty() { "" } else { "  " }
    }

    /// In at most `width` columns: if the function does not fit beside the place, without the folder of a file that could
    /// not be opened by it, or else on a line of its own.
    pub(super) fn fitted(&self, width: usize) -> Vec<Line> {
        let base_name = self.text.rsplit(['/', '\\']).next().unwrap_or(&self.text);
        let gap = self.gap();
        let beside = self.callee.as_ref().map_or(0, |callee| gap.width() + callee.width());
        let text = match () {
            () if self.text.width() + beside <= width => self.text.clone(),
            () if !self.is_found && beside > 0 && base_name.width() + beside <= width => base_name.to_owned(),
            () => fit(&self.text, width),
        };
        let fits = text.width() + beside <= width;
        let mut line = Line::default();
        line.push_link(text, Style::Plain, self.link.clone());
        match &self.callee {
            Some(callee) if fits => line.push(format!("{gap}{callee}"), Style::Dim),
            Some(callee) if gap.is_empty() => line.push(fit(callee, width), Style::Dim),
            Some(callee) => {
                return vec![line, Line::new(format!("  {}", fit(callee, width.saturating_sub(2))), Style::Dim)];
            }
            None => {}
        }
        vec![line]
    }
}

impl Details {
    pub(super) fn width(&self) -> usize {
        let all = self.place.iter().map(Place::width).chain(self.others.iter().map(|text| text.width()));
        let (count, sum) = all.fold((0, 0), |(count, sum), width| (count + 1, sum + width));
        sum + 2 * usize::saturating_sub(count, 1)
    }

    /// Takes the first text besides the place if it has at most `width` columns.
    pub(super) fn take_first(&mut self, width: usize) -> Option<Line> {
        let fits = self.others.first().is_some_and(|text| text.width() <= width);
        fits.then(|| Line::new(self.others.remove(0), Style::Dim))
    }

    /// All on one line.
    pub(super) fn line(self) -> Line {
        let mut line = Line::default();
        if let Some(place) = &self.place {
            place.fitted(place.width()).into_iter().for_each(|part| line.append(part));
            if !self.others.is_empty() {
                line.spaces(2);
            }
        }
        line.push(self.others.join("  "), Style::Dim);
        line
    }

    /// On as many lines as it takes.
    pub(super) fn wrapped(self, width: usize) -> Vec<Line> {
        let mut lines: Vec<_> = self.place.iter().flat_map(|place| place.fitted(width)).collect();
        for text in self.others {
            match lines.last_mut() {
                Some(last) if last.width() + 2 + text.width() <= width => last.push(format!("  {text}"), Style::Dim),
                _ => {
                    // Names are shortened rather than broken.
                    let words: Vec<_> = text.split(' ').map(|word| fit(word, width)).collect();
                    lines.extend(wrap(&words.join(" "), width).into_iter().map(|text| Line::new(text, Style::Dim)));
                }
            }
        }
        lines
    }
}

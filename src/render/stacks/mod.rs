//! `table` of the commands on stacks: what they have in common.

pub(super) mod groups;
pub(super) mod list;
pub(super) mod peek;

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::Look;
use super::display_names::DisplayNames;
use super::messages::stacks::FrameWords;
use super::messages::{inputs, objects_unit, sampling_sentence, scale_label};
use super::table::TablePage;
use super::text::sanitize;
use super::units::{sides, value};
use crate::diff::{Change, Metric};
use crate::report::{Report, StackContext};
use crate::site::SiteKey;
use crate::stacks::StackComparison;

/// From this width on, both sides are beside the delta rather than below it, columns.
const WIDE_COLUMNS: usize = 150;

/// A page with functions and lines.
struct Sheet<'r> {
    page: TablePage<'r>,
    report: &'r Report,
    look: Look,
    names: DisplayNames<'r>,
    paths: DisplayNames<'r>,
}

/// A change with its text.
struct Entry {
    change: Change,
    text: String,
    /// Indent of the text, columns.
    indent: usize,
}

impl<'r> Sheet<'r> {
    /// A page with the functions and frames of these indexes.
    fn new(of: &'r StackContext<'_, '_>, functions: &[u32], frames: &[u32], look: Look) -> Self {
        let names = functions.iter().filter_map(|&function| go_name(of.calls, function));
        let path = |&frame: &u32| String::from_utf8_lossy(of.calls.frames[frame as usize].line.file);
        Sheet {
            page: TablePage::new(&of.comparison, look),
            report: &of.comparison,
            look,
            names: DisplayNames::functions(names),
            paths: DisplayNames::paths(frames.iter().map(path)),
        }
    }

    fn is_wide(&self) -> bool {
        self.look.width >= WIDE_COLUMNS
    }

    /// Writes the answer, and below it what is compared.
    fn head(&self, answer: &str, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        self.page.paragraph(&format!("{answer}."), "  ", out)?;
        let scale = scale_label(report);
        self.page.paragraph(&format!("{} → {}{scale}", inputs(&report.base), inputs(&report.current)), "  ", out)
    }

    /// Writes the totals, sentences and notes.
    fn foot(&self, more: &[String], out: &mut dyn Write) -> io::Result<()> {
        writeln!(out)?;
        self.page.totals(out)?;
        for sentence in more.iter().cloned().chain(sampling_sentence(self.report)) {
            self.page.paragraph(&sentence, "  ", out)?;
        }
        self.page.notes(out)
    }

    /// Short name of a function.
    fn name(&self, calls: &StackComparison<'_>, function: u32) -> String {
        let name = calls.functions[function as usize].name();
        sanitize(self.names.get(&name))
    }

    fn metrics(&self) -> impl Iterator<Item = Metric> {
        self.report.shown_metrics()
    }

    /// Title of a metric's column.
    fn title(&self, metric: Metric) -> String {
        sanitize(self.report.name(metric))
    }

    fn delta(&self, change: Change, metric: Metric) -> String {
        self.page.painted(metric, change.delta_of(metric))
    }

    fn both(&self, change: Change, metric: Metric) -> String {
        sides(change, metric, self.look.bytes)
    }

    /// Unit of a number of the objects that are counted.
    fn unit(&self, number: i128) -> String {
        objects_unit(self.report, number)
    }

    /// Writes entries, each with its delta and its value at the end, or on a wide page both sides.
    fn entries(&self, entries: Vec<Entry>, out: &mut dyn Write) -> io::Result<()> {
        self.sections(&[(String::new(), entries)], out)
    }

    /// Writes sections of entries, each under its title.
    fn sections(&self, sections: &[(String, Vec<Entry>)], out: &mut dyn Write) -> io::Result<()> {
        let metrics: Vec<_> = self.metrics().collect();
        let changes = || sections.iter().flat_map(|(_, entries)| entries).map(|entry| entry.change);
        let current = |change: Change, metric: Metric| value(metric, change.current_of(metric), self.look.bytes);
        let widest =
            |metric: &Metric| changes().map(|change| current(change, *metric).width()).max().unwrap_or_default();
        let current_widths: Vec<_> = metrics.iter().map(widest).collect();
        let numbers = |change: Change| -> Vec<String> {
            let cells = |(&metric, &width): (&Metric, &usize)| match self.is_wide() {
                true => vec![self.delta(change, metric), self.both(change, metric)],
                false => vec![format!("{} → {:<width$}", self.delta(change, metric), current(change, metric))],
            };
            metrics.iter().zip(&current_widths).flat_map(cells).collect()
        };
        let titles: Vec<_> = metrics.iter().map(|&metric| self.title(metric)).collect();
        let titles: Vec<_> = match self.is_wide() {
            true => titles.into_iter().flat_map(|title| [title, "base → current".to_owned()]).collect(),
            false => titles,
        };
        let mut widths: Vec<_> = titles.iter().map(|title| title.width()).collect();
        for row in sections.iter().flat_map(|(_, entries)| entries).map(|entry| numbers(entry.change)) {
            widths.iter_mut().zip(row).for_each(|(width, cell)| *width = (*width).max(cell.width()));
        }
        let line = |cells: &[String], text: &str| {
            let cells: String = widths.iter().enumerate().map(|(at, &width)| pad(cells.get(at), width)).collect();
            format!("{cells}{text}")
        };
        for (at, (title, entries)) in sections.iter().enumerate() {
            if at == 0 || !title.is_empty() {
                self.page.print(&line(if at == 0 { &titles } else { &[] }, title), out)?;
            }
            for Entry { change, text, indent } in entries {
                // A name is not cut, nor wrapped.
                self.page.print(&line(&numbers(*change), &format!("{}{text}", " ".repeat(*indent))), out)?;
            }
        }
        Ok(())
    }
}

/// The words for the stacks of a comparison.
fn words(calls: &StackComparison<'_>) -> &'static FrameWords {
    FrameWords::of(calls.are_references)
}

/// Name of a Go function; `None` for other code, which is not shortened.
fn go_name(calls: &StackComparison<'_>, function: u32) -> Option<String> {
    match calls.functions[function as usize] {
        SiteKey::Function(name) if name.package().is_some() => Some(name.text().into_owned()),
        _ => None,
    }
}

/// A cell aligned to the right of its column, and the gap after it.
fn pad(cell: Option<&String>, width: usize) -> String {
    let cell = cell.map_or("", String::as_str);
    format!("{}{cell}  ", " ".repeat(width.saturating_sub(cell.width())))
}

/// A line of source with spaces for tabs, in full.
fn code(line: &str, tab: usize) -> String {
    sanitize(&line.trim_end().replace('\t', &" ".repeat(tab)))
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn source_is_whole_and_has_no_escapes() {
        assert_eq!(code("\tx := 1  ", 4), "    x := 1");
        assert_eq!(code("0123456789", 4), "0123456789");
        assert_eq!(code("\u{1b}[31mred\u{202e}", 4), r"\u{1b}[31mred\u{202e}");
    }
}

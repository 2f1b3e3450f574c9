//! `table` of `stacks`: the stacks that grew most, one line per frame.

use std::collections::BTreeMap;
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::super::Look;
use super::super::messages::stacks::{
    FOLDED_HINT, allocated_in, folded_frames, growth_comes_through, largest_stack, omitted_sentence, percent_of,
    stacks_heading,
};
use super::super::text::sanitize;
use super::super::units::value;
use super::{Sheet, words};
use crate::diff::Metric;
use crate::report::StacksReport;
use crate::site::{SiteKey, is_standard};
use crate::stacks::{StackComparison, StackGroup};

/// Places below an owner that are named.
const MAX_LEAVES: usize = 3;
/// Smallest part of the growth that makes a function the answer, percent.
const MIN_PERCENT: i128 = 50;

/// Writes the stacks. `full`: with the frames of Go's library at the root.
pub fn write(report: &StacksReport<'_, '_>, full: bool, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let calls = report.of.calls;
    let leaves = report.groups.iter().flat_map(|group| &group.leaves).map(|&(leaf, _)| leaf);
    let frames: Vec<_> = report.groups.iter().flat_map(|group| group.frames.iter().copied()).chain(leaves).collect();
    let functions: Vec<_> = frames.iter().map(|&frame| calls.frames[frame as usize].function).collect();
    let sheet = Sheet::new(&report.of, &functions, &frames, look);
    let metric = sheet.title(report.of.sort);
    let heading = stacks_heading(report.groups.is_empty(), report.only_grown, &metric, words(calls));
    let answer = comes_through(&sheet, report).or_else(|| largest(&sheet, report)).unwrap_or(heading);
    sheet.head(&answer, out)?;
    for (at, group) in report.groups.iter().enumerate() {
        writeln!(out)?;
        let folded = if full { 0 } else { folded(calls, group) };
        write_group(&sheet, calls, at + 1, group, folded, out)?;
    }
    let is_folded = !full && report.groups.iter().any(|group| folded(calls, group) > 0);
    let hint = is_folded.then(|| FOLDED_HINT.to_owned());
    sheet
        .foot(&omitted_sentence(report.of.omitted, words(calls).stack).into_iter().chain(hint).collect::<Vec<_>>(), out)
}

/// Whether a step of a chain of references leads to an element: of an array, a slice or a map.
fn is_element(step: &str) -> bool {
    ["[", "$mapkey. (", "$mapval. ("].iter().any(|start| step.starts_with(start))
}

/// The frames of a group that may be the answer: in a chain of references not the last, which holds memory rather than
/// references, unless it is alone.
fn holders<'a>(calls: &StackComparison<'_>, group: &'a StackGroup) -> &'a [u32] {
    match &*group.frames {
        [rest @ .., _] if calls.are_references && !rest.is_empty() => rest,
        frames => frames,
    }
}

/// Which function most of the growth comes through: the one nearest to where memory is allocated. What shrank elsewhere
/// below it counts, too.
fn comes_through(sheet: &Sheet<'_>, report: &StacksReport<'_, '_>) -> Option<String> {
    let (calls, metric) = (report.of.calls, report.of.sort);
    let (total, cum) = (calls.growth(metric), calls.cum());
    // The distance of each function to the root.
    let mut depths: BTreeMap<u32, usize> = BTreeMap::new();
    for (depth, &frame) in report.groups.iter().flat_map(|group| holders(calls, group).iter().enumerate()) {
        let function = calls.frames[frame as usize].function;
        // Elements belong to the field before them.
        if calls.are_references && is_element(&calls.functions[function as usize].name()) {
            continue;
        }
        let known = depths.entry(function).or_default();
        *known = depth.max(*known);
    }
    let shares = depths.into_iter().filter_map(|(function, depth)| {
        let growth = cum[function as usize].delta_of(metric);
        let percent = percent_of(growth, total).filter(|&percent| percent >= MIN_PERCENT)?;
        Some((depth, percent, std::cmp::Reverse(function)))
    });
    let (_, percent, function) = shares.max()?;
    Some(growth_comes_through(&sheet.name(calls, function.0), percent, &sheet.title(metric), words(calls)))
}

/// What the stack that grew most comes to.
fn largest(sheet: &Sheet<'_>, report: &StacksReport<'_, '_>) -> Option<String> {
    let metric = report.of.sort;
    let growth = report.groups.first()?.change.delta_of(metric);
    let words = words(report.of.calls);
    let unit = match metric {
        Metric::Space => format!(" in {}", sheet.title(metric)),
        Metric::Objects => format!(" {}", sheet.unit(growth)),
    };
    (growth > 0).then(|| largest_stack(&format!("{}{unit}", value(metric, growth, sheet.look.bytes)), words))
}

/// Number of frames at the root that are folded into one line: those of Go's library, unless all are, or only one.
fn folded(calls: &StackComparison<'_>, group: &StackGroup) -> usize {
    let is_library = |frame: &&u32| {
        let key = calls.function(**frame);
        matches!(key, SiteKey::Function(name) if name.package().is_some_and(is_standard))
    };
    let frames = group.frames.iter().take_while(is_library).count();
    if frames < 2 || frames == group.frames.len() { 0 } else { frames }
}

/// Writes a group without its first `folded` frames.
fn write_group(
    sheet: &Sheet<'_>,
    calls: &StackComparison<'_>,
    rank: usize,
    group: &StackGroup,
    folded: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let change = |metric: Metric| {
        let unit = if metric == Metric::Objects {
            format!(" {}", sheet.unit(group.change.delta_of(metric).abs()))
        } else {
            String::new()
        };
        format!("{}{unit} ({})", sheet.delta(group.change, metric), sheet.both(group.change, metric))
    };
    let changes: Vec<_> = sheet.metrics().map(change).collect();
    sheet.page.paragraph(&format!("{rank}. {}", changes.join(", ")), "   ", out)?;
    let below = below(sheet, calls, group);
    if !below.is_empty() {
        sheet.page.lines(&below, "     ", "       ", out)?;
    }
    let texts: Vec<_> = group.frames[folded..].iter().rev().map(|&frame| frame_text(sheet, calls, frame)).collect();
    let widest = texts.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let fits = texts.iter().all(|(_, place)| 5 + widest + 2 + place.width() <= sheet.look.width);
    for (name, place) in &texts {
        let padding = if fits { widest - name.width() } else { 0 };
        let on_one_line = format!("     {name}{}  {place}", " ".repeat(padding));
        match fits || on_one_line.width() <= sheet.look.width {
            true => sheet.page.print(&on_one_line, out)?,
            // A name is not cut, nor wrapped.
            false => sheet.page.print(&format!("     {name}\n       {place}"), out)?,
        }
    }
    if folded > 0 {
        let name = |at: usize| frame_text(sheet, calls, group.frames[at]).0;
        let text = folded_frames(folded, &name(folded - 1), &name(0));
        sheet.page.lines(&text, "     ", "       ", out)?;
    }
    Ok(())
}

/// Function and place of a frame.
fn frame_text(sheet: &Sheet<'_>, calls: &StackComparison<'_>, frame: u32) -> (String, String) {
    let at = &calls.frames[frame as usize];
    let path = String::from_utf8_lossy(at.line.file);
    let place = match (path.is_empty(), at.line.line) {
        (true, _) => String::new(),
        (false, 0) => sanitize(sheet.paths.get(&path)),
        (false, line) => sanitize(&format!("{}:{line}", sheet.paths.get(&path))),
    };
    (sheet.name(calls, at.function), place)
}

/// Where below the owner memory was allocated; empty if at the owner itself.
fn below(sheet: &Sheet<'_>, calls: &StackComparison<'_>, group: &StackGroup) -> String {
    let Some(&last) = group.frames.last() else { return String::new() };
    let name = |frame: u32| {
        let (name, place) = frame_text(sheet, calls, frame);
        if place.is_empty() { name } else { format!("{name} {place}") }
    };
    match &group.leaves[..] {
        [] => String::new(),
        [(leaf, _)] if *leaf == last => String::new(),
        leaves => {
            let place = |&(leaf, _): &(u32, _)| match leaf == last {
                true => "itself".to_owned(),
                false => name(leaf),
            };
            allocated_in(leaves.len(), &leaves.iter().take(MAX_LEAVES).map(place).collect::<Vec<_>>())
        }
    }
}

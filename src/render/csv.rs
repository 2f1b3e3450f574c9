//! `csv`: a row for each site with raw numbers, as in RFC 4180 but with plain line feeds.

use std::borrow::Cow;
use std::io::{self, Write};

use super::text::sanitize;
use crate::diff::{Change, Metric};
use crate::report::{Owner, Report, SiteRow, TopReport};

const COLUMNS: &str = "rank_inuse_space,rank_inuse_objects,site_id,function,package,file,line,base_line,\
owner_function,owner_file,owner_line,\
inuse_objects_base,inuse_objects_current,inuse_objects_delta,inuse_objects_ratio,\
inuse_space_base,inuse_space_current,inuse_space_delta,inuse_space_ratio,\
cum_inuse_objects_base,cum_inuse_objects_current,cum_inuse_objects_delta,cum_inuse_objects_ratio,\
cum_inuse_space_base,cum_inuse_space_current,cum_inuse_space_delta,cum_inuse_space_ratio,\
change,growth,\
evidence,samples_base,samples_current,p_value,delta_objects_low,delta_objects_high,delta_space_low,delta_space_high,class,\
renamed_from";

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{COLUMNS}")?;
    for &at in report.list.as_ref().map_or(&[][..], |list| &list.sites) {
        let cells = row(report, &report.sites[at]);
        let quoted: Vec<_> = cells.iter().map(|cell| quote(cell)).collect();
        writeln!(out, "{}", quoted.join(","))?;
    }
    Ok(())
}

/// Writes a column that no report has, with why a check could not be made.
pub(super) fn write_failure(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "error\n{}", quoted(text))
}

/// Writes the sites of one profile.
pub fn write_top(report: &TopReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "rank,site_id,function,package,file,line,inuse_objects,inuse_space,cum_inuse_objects,cum_inuse_space,samples"
    )?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let has = |metric: Metric| report.metrics.iter().any(|column| column.metric == metric);
    let of = |metric: Metric, values| if has(metric) { metric.of(values).to_string() } else { String::new() };
    for site in &report.sites {
        let mut cells = vec![
            site.rank.to_string(),
            site.site_id.clone(),
            text(&site.function),
            text(&site.package),
            text(&site.place.file),
            number(site.place.line),
        ];
        for values in [site.flat, site.cum] {
            cells.extend([of(Metric::Objects, values), of(Metric::Space, values)]);
        }
        cells.push(site.samples.to_string());
        writeln!(out, "{}", cells.iter().map(|cell| quote(cell)).collect::<Vec<_>>().join(","))?;
    }
    Ok(())
}

fn row(report: &Report, site: &SiteRow) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let owner = |part: fn(&Owner) -> String| site.owner.as_ref().map(part).unwrap_or_default();
    let of = |metric, rank: usize| if report.shows(metric) { rank.to_string() } else { String::new() };
    let mut cells = vec![
        of(Metric::Space, site.space_rank),
        of(Metric::Objects, site.objects_rank),
        site.site_id.clone(),
        text(&site.function),
        text(&site.package),
        text(&site.file),
        number(site.line),
        number(site.base_line),
        owner(|owner| owner.function.clone()),
        owner(|owner| owner.file.clone().unwrap_or_default()),
        owner(|owner| number(owner.line)),
    ];
    for change in [site.flat, site.cum] {
        for metric in [Metric::Objects, Metric::Space] {
            cells.extend(if report.shows(metric) { numbers(change, metric) } else { Default::default() });
        }
    }
    cells.push(site.change_kind.name().to_owned());
    cells.push(site.kind_by_values.map(|growth| growth.name()).unwrap_or_default().to_owned());
    let evidence = &site.evidence;
    cells.push(evidence.significance.name().to_owned());
    cells.extend([evidence.samples_base, evidence.samples_current].map(|samples| samples.to_string()));
    cells.push(evidence.p_value.map(|p| p.to_string()).unwrap_or_default());
    for bounds in [evidence.objects, evidence.space] {
        let text = |bound: Option<f64>| bound.map(|bound| format!("{bound:.0}")).unwrap_or_default();
        cells.extend([text(bounds.map(|bounds| bounds.low.floor())), text(bounds.map(|bounds| bounds.high.ceil()))]);
    }
    cells.push(evidence.kind_by_turnover.map(|kind| kind.class_name()).unwrap_or_default().to_owned());
    cells.push(site.other_names.iter().map(|name| name.function.as_str()).collect::<Vec<_>>().join(";"));
    cells
}

fn numbers(change: Change, metric: Metric) -> [String; 4] {
    [
        change.base_of(metric).to_string(),
        change.current_of(metric).to_string(),
        change.delta_of(metric).to_string(),
        change.ratio(metric).map(|ratio| ratio.to_string()).unwrap_or_default(),
    ]
}

fn number(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// A cell. Text is made harmless, and where a spreadsheet would take it for a formula, it begins with an apostrophe.
fn quote(cell: &str) -> Cow<'_, str> {
    if cell.parse::<f64>().is_ok() {
        return Cow::Borrowed(cell);
    }
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    Cow::Owned(quoted(&format!("{}{}", if is_formula { "'" } else { "" }, sanitize(cell))))
}

/// Text that is harmless, as a cell.
fn quoted(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn text_is_no_formula_and_numbers_stay() {
        for (cell, quoted) in [
            ("-12.5", "-12.5"),
            ("1e300", "1e300"),
            ("main.f", "main.f"),
            ("=1+cmd|' /C calc'!A0", "'=1+cmd|' /C calc'!A0"),
            ("-[NSString x]", "'-[NSString x]"),
            ("@a,\"b\"", "\"'@a,\"\"b\"\"\""),
            ("\t=1", r"'\u{9}=1"),
        ] {
            assert_eq!(quote(cell), quoted);
        }
    }
}

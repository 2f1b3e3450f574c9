//! What the growth of the named sites consists of, in words.

use super::super::units::{Bytes, both};
use crate::diff::{Change, Metric};
use crate::evidence::GrowthKind;
use crate::report::{ChangeKind, Report, SiteRow, WholeHeap};
use crate::site::RuntimeClass;

/// The kind of growth that all named sites share. `is_counted`: whether their number of objects is said already.
pub(super) fn kind(report: &Report, rows: &[&SiteRow], is_counted: bool, bytes: Bytes) -> Option<String> {
    let of = |row: &SiteRow| row.evidence.kind_by_turnover.or(row.kind_by_values);
    // Few samples may be of larger objects by chance; what the runtime counted of the whole heap is none.
    let are_more = report.sampling.is_sampled() && report.whole.as_ref().is_some_and(WholeHeap::has_more_objects);
    if are_more && rows.iter().any(|row| of(row) == Some(GrowthKind::LargerObjects)) {
        return None;
    }
    let kind = of(rows.first()?)?;
    if rows.iter().any(|row| of(row).is_none()) {
        return None;
    } else if rows.iter().any(|row| of(row) != Some(kind)) {
        return Some("more objects, and larger ones".to_owned());
    }
    let only = match rows {
        [row] => Some(row),
        _ => None,
    };
    match (kind, only) {
        (_, Some(row)) if row.name == RuntimeClass::Goroutines.name() => None,
        (GrowthKind::MoreObjects, Some(row)) if row.change_kind == ChangeKind::New => {
            Some(if is_counted { "up from none" } else { "more objects, up from none" }.to_owned())
        }
        (GrowthKind::MoreObjects, Some(row)) if is_counted && row.flat.delta().objects > 0 => None,
        (GrowthKind::MoreObjects, _) => Some("more objects".to_owned()),
        (GrowthKind::LargerObjects, Some(row)) => {
            let mean = mean_sizes(row.flat, bytes).map(|mean| format!(", {mean} on average")).unwrap_or_default();
            Some(format!("larger objects{mean}"))
        }
        (GrowthKind::LargerObjects, None) => Some("larger objects".to_owned()),
    }
}

/// Mean size of an object on both sides.
fn mean_sizes(change: Change, bytes: Bytes) -> Option<String> {
    let [base, current] = [change.base, change.current];
    let (base, current) = (base.space.checked_div(base.objects)?, current.space.checked_div(current.objects)?);
    Some(both(Metric::Space, base, current, bytes))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::diagnose::{WholeBasis, WholeGrowth};
    use crate::gate::Status;
    use crate::render::sample;
    use crate::series::LiveHeapSource;

    #[test]
    fn what_the_runtime_counted_overrules_the_mean_of_few_samples() {
        let mut report = sample::report(Status::Pass);
        report.sites.truncate(1);
        report.sites[0].evidence.kind_by_turnover = Some(GrowthKind::LargerObjects);
        let mut say = |objects: [i128; 2]| {
            let whole = report.whole.as_mut().unwrap();
            let counted =
                |ends: [i128; 2]| Some(WholeGrowth { delta: ends[1] - ends[0], bounds: None, ends: Some(ends) });
            whole.basis = WholeBasis::Runtime(LiveHeapSource::HeapAlloc);
            (whole.space, whole.objects) = (counted([10 << 20, 20 << 20]), counted(objects));
            kind(&report, &[&report.sites[0]], false, Bytes::Iec)
        };
        // Twice the bytes in twice the objects, and in hardly more.
        assert_eq!(say([1000, 2000]), None);
        assert_eq!(say([1000, 1010]).unwrap(), "larger objects, 1.00 KiB → 1.00 KiB on average");
    }
}

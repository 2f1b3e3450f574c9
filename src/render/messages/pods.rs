//! The sentence on profiles of several processes.

use super::notes::outlier_sentence;
use crate::report::Outlier;

/// Why profiles of several processes have no trend, and the one that stands out.
pub fn not_a_series(profiles: usize, processes: usize, outlier: Option<&Outlier>) -> String {
    let outlier = outlier.map(|outlier| format!("; {}", outlier_sentence(outlier))).unwrap_or_default();
    format!(
        "{profiles} profiles of {processes} processes (pods, or restarts): a trend takes three or more of one process, better \
         nine{outlier}; to compare pods at two times: heapdiff --per-profile --base EARLIER/ --current LATER/"
    )
}

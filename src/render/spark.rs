//! A series of numbers as a line of blocks.

use crate::diff::Metric;
use crate::site::Values;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// A swing below one in this many does not fill the height, so that a flat series looks flat.
const MIN_SWING: u64 = 20;

/// The values in a metric as blocks, like [`spark`].
pub(super) fn spark_of(values: impl Iterator<Item = Values>, metric: Metric, width: usize) -> String {
    let numbers = values.map(|values| Some(u64::try_from(metric.of(values).max(0)).unwrap_or(u64::MAX)));
    spark(&numbers.collect::<Vec<_>>(), width)
}

/// At most `width` blocks, each as high as the largest number it represents; a space where numbers are missing.
pub(in crate::render) fn spark(values: &[Option<u64>], width: usize) -> String {
    let (Some(low), Some(high)) = (values.iter().flatten().min(), values.iter().flatten().max()) else {
        return String::new();
    };
    let swing = (high - low).max(high / MIN_SWING).max(1);
    let columns = values.len().min(width);
    let block = |column: usize| {
        let [from, to] = [column, column + 1].map(|column| column * values.len() / columns);
        let largest = values[from..to].iter().flatten().max()?;
        let height = u128::from(largest - low) * (BLOCKS.len() as u128 - 1) / u128::from(swing);
        usize::try_from(height).ok().and_then(|height| BLOCKS.get(height))
    };
    (0..columns).map(|column| block(column).unwrap_or(&' ')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[u64], width: usize) -> String {
        spark(&values.iter().map(|&value| Some(value)).collect::<Vec<_>>(), width)
    }

    #[test]
    fn blocks_are_between_the_least_and_the_largest() {
        assert_eq!(line(&[10, 20, 30, 40, 50, 60, 70, 80], 20), "▁▂▃▄▅▆▇█");
        assert_eq!(line(&[80, 10, 80], 20), "█▁█");
        assert_eq!(line(&[0, u64::MAX], 20), "▁█");
        assert_eq!(line(&[5, 5], 20), "▁▁");
        assert_eq!(line(&[0, 0], 20), "▁▁");
    }

    #[test]
    fn what_hardly_moves_looks_like_it() {
        assert_eq!(line(&[1000, 1001, 1010, 1000], 20), "▁▁▂▁");
    }

    #[test]
    fn more_than_fit_are_merged_and_gaps_stay() {
        assert_eq!(line(&[1, 9, 1, 1, 1, 9], 3), "█▁█");
        assert_eq!(line(&[0, 1, 2, 3, 4], 2), "▂█");
        assert_eq!(spark(&[Some(1), None, Some(9)], 9), "▁ █");
        assert_eq!(spark(&[None, None], 9), "");
    }
}

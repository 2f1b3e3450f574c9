//! Words that may have been meant by a mistyped one.

/// Most words that are suggested.
const MAX_SUGGESTIONS: usize = 2;
/// Similarity of words, by Jaro and Winkler, from which on one may have been meant by the other.
const MIN_SIMILARITY: f64 = 0.8;

/// Those of the `known` words that may be meant by `word`, the most similar first.
pub(crate) fn nearest(word: &str, known: impl IntoIterator<Item = String>) -> Vec<String> {
    let word = word.to_lowercase();
    let mut near: Vec<_> =
        known.into_iter().map(|known| (strsim::jaro_winkler(&word, &known.to_lowercase()), known)).collect();
    near.retain(|(similarity, _)| *similarity >= MIN_SIMILARITY);
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.into_iter().take(MAX_SUGGESTIONS).map(|(_, known)| known).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn what_is_alike_is_near() {
        let known = || ["trend", "formats", "profiles"].map(str::to_owned);
        assert_eq!(nearest("trned", known()), ["trend"]);
        assert_eq!(nearest("Profile", known()), ["profiles"]);
        assert!(nearest("xyz", known()).is_empty());
    }
}

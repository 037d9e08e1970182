//! Suggestions for mistyped words.

/// The candidate that a mistyped `word` most likely stands for: letter case does not count, and
/// what shares too little with every candidate gets no suggestion.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Below this, clap's own measure calls two words unrelated as well.
    const RELATED: f64 = 0.7;
    let wanted = word.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (likeness(&wanted, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > RELATED)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// From 0, unrelated, to 1, the same. A word that is part of another is nearly it: `cluster` for
/// `persistent_cluster`.
fn likeness(wanted: &str, candidate: &str) -> f64 {
    const PART: f64 = 0.9;
    let jaro = strsim::jaro(wanted, candidate);
    if wanted.len() >= 3 && candidate.contains(wanted) { jaro.max(PART) } else { jaro }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Variable;

    #[test]
    fn the_nearest_word_is_the_one_that_was_meant() {
        for (typed, meant) in [
            ("env", Some("ENV")),
            ("REGOIN", Some("REGION")),
            ("BOOTSTRAP_VERSON", Some("BOOTSTRAP_VERSION")),
            ("TF_AUTOAPPROVE", Some("TF_AUTO_APPROVE")),
            ("CLUSTER", Some("PERSISTENT_CLUSTER")),
            ("XYZ", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, Variable::ALL.map(Variable::key)), meant, "{typed}");
        }
    }
}

//! Quantiles of few values.

/// Below this is the next value with the given probability, if it is of the distribution of the
/// `sorted` ones: the value of rank (n + 1) p, on a straight line between the neighbours where
/// that is no whole number, and the first or last beyond the ends (definition 6 of Hyndman & Fan
/// 1996). 0 for none. The probability is above 0 and below 1.
pub(super) fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let (Some(least), Some(most)) = (sorted.first(), sorted.last()) else {
        return 0.0;
    };
    #[expect(clippy::cast_precision_loss, reason = "no series has 2^52 points")]
    let rank = (sorted.len() + 1) as f64 * probability;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
    let below = rank as usize;
    let value = |rank: usize| rank.checked_sub(1).and_then(|index| sorted.get(index));
    let lower = *value(below).unwrap_or(least);
    let upper = *value(below + 1).unwrap_or(most);
    // Not lower + share * (upper - lower), which can be infinite.
    let share = rank.fract();
    (lower * (1.0 - share) + upper * share).clamp(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn a_quantile_is_the_value_of_rank_n_plus_1_times_p() {
        let nine: Vec<f64> = (1..=9).map(f64::from).collect();
        assert_eq!([0.1, 0.5, 0.9].map(|p| quantile(&nine, p)), [1.0, 5.0, 9.0]);
        let four = [10.0, 20.0, 40.0, 80.0];
        // Ranks 1.25, 2.5 and 3.75.
        assert_eq!([0.25, 0.5, 0.75].map(|p| quantile(&four, p)), [12.5, 30.0, 70.0]);
    }

    #[test]
    fn beyond_the_ends_are_the_ends_and_of_nothing_there_is_none() {
        assert_eq!([0.1, 0.9].map(|p| quantile(&[1.0, 2.0, 3.0], p)), [1.0, 3.0]);
        assert_eq!(quantile(&[7.0], 0.5), 7.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
        assert_eq!(quantile(&[f64::MAX; 4], 0.3), f64::MAX);
    }
}

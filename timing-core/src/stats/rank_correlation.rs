//! Whether two things rise and fall together.

/// Spearman's rank correlation of `pairs`, -1 to 1: the product-moment correlation of their ranks,
/// equal values sharing the mean of the ranks that they take (C. Spearman, "The Proof and
/// Measurement of Association between Two Things", 1904; ties as in M. G. Kendall, "The Treatment
/// of Ties in Ranking Problems", 1945).
///
/// It is about order alone: 1 when one always rises with the other, however fast. It says nothing
/// of causes. `None` where it is not defined: of fewer than two pairs, where one side does not
/// vary, and where a value is not finite.
#[must_use]
pub fn rank_correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
        return None;
    }
    let side = |of: fn(&(f64, f64)) -> f64| ranks(&pairs.iter().map(of).collect::<Vec<f64>>());
    product_moment(&side(|pair| pair.0), &side(|pair| pair.1))
}

/// The rank of each value, from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    // `==`, because -0.0 and 0.0 are one value.
    #[expect(clippy::float_cmp, reason = "only what is the same is a tie")]
    for tied in order.chunk_by(|(_, one), (_, other)| one == other) {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 values")]
        let shared = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
        for (place, _) in tied {
            ranks[*place] = shared;
        }
        before += tied.len();
    }
    ranks
}

/// Pearson's correlation of two lists of ranks, which have the same mean.
fn product_moment(xs: &[f64], ys: &[f64]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 values")]
    let mean = (xs.len() as f64 + 1.0) / 2.0;
    let sum = |one: &[f64], other: &[f64]| -> f64 {
        one.iter().zip(other).map(|(one, other)| (one - mean) * (other - mean)).sum()
    };
    let spread = (sum(xs, xs) * sum(ys, ys)).sqrt();
    // Rounding may lead a hair beyond the ends.
    (spread > 0.0).then(|| (sum(xs, ys) / spread).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn close(pairs: &[(f64, f64)], expected: f64) {
        let found = rank_correlation(pairs).unwrap();
        assert!((found - expected).abs() < 1e-12, "{found} where {expected} was expected");
    }

    /// Ten pairs whose squared differences of ranks sum up to 194: 1 - 6 * 194 / 990.
    #[test]
    fn without_ties_it_is_what_the_squared_differences_say() {
        let xs = [106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let ys = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        let pairs: Vec<(f64, f64)> = xs.into_iter().zip(ys).collect();
        close(&pairs, 1.0 - 6.0 * 194.0 / 990.0);
    }

    /// Ranks 1, 2.5, 2.5, 4 against 1, 3, 2, 4: the products of what is off the mean sum up to
    /// 4.5, the squares to 4.5 and 5.
    #[test]
    fn ties_share_the_mean_of_their_ranks() {
        assert_eq!(ranks(&[10.0, 20.0, 20.0, 30.0]), [1.0, 2.5, 2.5, 4.0]);
        assert_eq!(ranks(&[0.0, -0.0, 0.0]), [2.0, 2.0, 2.0]);
        close(&[(10.0, 1.0), (20.0, 3.0), (20.0, 2.0), (30.0, 4.0)], 4.5 / (4.5_f64 * 5.0).sqrt());
    }

    #[test]
    fn where_it_is_not_defined_there_is_none() {
        assert_eq!(rank_correlation(&[]), None);
        assert_eq!(rank_correlation(&[(1.0, 2.0)]), None);
        assert_eq!(rank_correlation(&[(1.0, 2.0), (1.0, 3.0)]), None, "one side does not vary");
        assert_eq!(rank_correlation(&[(1.0, 2.0), (f64::NAN, 3.0), (2.0, 4.0)]), None);
        assert_eq!(rank_correlation(&[(1.0, 2.0), (f64::INFINITY, 3.0)]), None);
    }

    fn pairs() -> impl Strategy<Value = Vec<(f64, f64)>> {
        // Few different values, so that there are ties.
        vec((-9i32..9, -9i32..9), 0..40)
            .prop_map(|pairs| pairs.into_iter().map(|(x, y)| (x.into(), y.into())).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_is_between_its_ends_and_the_same_both_ways(pairs in pairs()) {
            let swapped: Vec<_> = pairs.iter().map(|(x, y)| (*y, *x)).collect();
            prop_assert_eq!(rank_correlation(&pairs), rank_correlation(&swapped));
            if let Some(found) = rank_correlation(&pairs) {
                prop_assert!((-1.0..=1.0).contains(&found));
            }
        }

        #[test]
        fn the_order_of_the_pairs_does_not_matter(pairs in pairs()) {
            let mut reversed = pairs.clone();
            reversed.reverse();
            match (rank_correlation(&pairs), rank_correlation(&reversed)) {
                (Some(one), Some(other)) => prop_assert!((one - other).abs() < 1e-12),
                (one, other) => prop_assert_eq!(one, other),
            }
        }

        #[test]
        fn what_rises_always_is_1_and_what_falls_always_is_minus_1(
            xs in vec(-1000i32..1000, 2..40),
        ) {
            prop_assume!(xs.iter().any(|x| *x != xs[0]));
            let of = |rise: fn(f64) -> f64| -> Vec<(f64, f64)> {
                xs.iter().map(|x| (f64::from(*x), rise(f64::from(*x)))).collect()
            };
            let rising = rank_correlation(&of(|x| (x / 100.0).exp())).unwrap();
            let falling = rank_correlation(&of(|x| -x * x * x)).unwrap();
            prop_assert!((rising - 1.0).abs() < 1e-12 && (falling + 1.0).abs() < 1e-12);
        }

        #[test]
        fn only_order_counts(pairs in pairs()) {
            let stretched: Vec<_> = pairs.iter().map(|(x, y)| (x * x * x, y * 7.0 + 3.0)).collect();
            prop_assert_eq!(rank_correlation(&pairs), rank_correlation(&stretched));
        }
    }
}

//! The rank-sum test (Wilcoxon 1945; Mann & Whitney 1947): the same for any distribution of noise.
//!
//! A t-test is deceived by durations that jump between two levels all the time (something was
//! cached, or not): a few in a row of one kind look calm and far off. Ranks know how often the
//! others look like that too.

use super::series::float;
use crate::stats::normal;

/// The smaller sample from which on the normal distribution is good enough.
const LARGE: usize = 20;

/// The probability that samples of one distribution are as far apart as `one` and `other`, in the
/// direction in which they are; at most a half. Both must have values and be comparable.
pub(super) fn p_value(one: &[f64], other: &[f64]) -> f64 {
    let (few, many) = (one.len().min(other.len()), one.len().max(other.len()));
    let reversed = reversed(one, other);
    let reversed = reversed.min(float(few * many) - reversed);
    if few >= LARGE { approximate(few, many, reversed) } else { exact(few, many, reversed) }
}

/// Pairs in which the value of `one` is the larger; equal ones count half.
fn reversed(one: &[f64], other: &[f64]) -> f64 {
    let mut sorted = other.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let pairs = one.iter().map(|value| {
        let below = sorted.partition_point(|other| other < value);
        let up_to = sorted.partition_point(|other| other <= value);
        float(below + up_to) / 2.0
    });
    pairs.sum()
}

/// The share of all ways to choose `few` ranks that reverse at most so many pairs: partitions into
/// at most `few` parts of at most `many`, counted by the product of (1 − xⁿ⁺ⁱ) / (1 − xⁱ).
fn exact(few: usize, many: usize, reversed: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of pairs, rounded up where values are equal"
    )]
    let most = reversed.ceil() as usize;
    let mut ways = vec![0.0; most + 1];
    ways[0] = 1.0;
    let mut all = 1.0;
    for part in 1..=few {
        for size in (many + part..=most).rev() {
            ways[size] -= ways[size - many - part];
        }
        for size in part..=most {
            ways[size] += ways[size - part];
        }
        all *= float(many + part) / float(part);
    }
    (ways.iter().sum::<f64>() / all).min(0.5)
}

/// By the mean and variance of the number of reversed pairs, which errs on the safe side:
/// far out, it is larger than what `exact` says.
fn approximate(few: usize, many: usize, reversed: f64) -> f64 {
    let pairs = float(few * many);
    let deviation = (pairs * float(few + many + 1) / 12.0).sqrt();
    let deviate = (pairs / 2.0 - reversed) / deviation;
    normal::tail(deviate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_samples_are_counted_out() {
        // Of the 70 ways to choose 4 of 8, one has no pair reversed, two have at most one.
        assert_eq!(p_value(&[1.0, 2.0, 3.0, 4.0], &[5.0, 6.0, 7.0, 8.0]), 1.0 / 70.0);
        assert_eq!(p_value(&[1.0, 2.0, 3.0, 5.0], &[4.0, 6.0, 7.0, 8.0]), 2.0 / 70.0);
        assert_eq!(p_value(&[5.0, 6.0, 7.0, 8.0], &[1.0, 2.0, 3.0, 4.0]), 1.0 / 70.0);
        assert_eq!(p_value(&[1.0; 4], &[1.0; 4]), 0.5);
    }

    #[test]
    fn what_is_approximated_errs_on_the_safe_side_and_by_little_where_it_decides() {
        for (reversed, most) in [(150.0, 20.0), (250.0, 3.0), (350.0, 1.5)] {
            let ratio = approximate(LARGE, 60, reversed) / exact(LARGE, 60, reversed);
            assert!((1.0..most).contains(&ratio), "{reversed}: {ratio}");
        }
    }
}

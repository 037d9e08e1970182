//! Centre and spread that a few wild values cannot move: the median, and the median absolute
//! deviation from it (F. R. Hampel, "The influence curve and its role in robust estimation",
//! JASA 69, 1974). Up to half of the values may be anything before either is carried away.

use super::median::median as in_place;

/// The middle of `values`; of an even number the mean of the two in the middle, which is what a
/// quantile of type 7 gives at 0.5. `None` without values. A NaN counts as larger than all.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| in_place(&mut values.to_vec()))
}

/// A centre and how far values are from it, in their unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The middle value.
    pub median: f64,
    /// The median of the distances from the median; not negative. As it is: 1.4826 times as much
    /// estimates the standard deviation where values are normally distributed.
    pub mad: f64,
}

impl Spread {
    /// The spread of `values`; `None` without values.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let median = self::median(values)?;
        let distances: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
        Some(Self { median, mad: self::median(&distances)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_middle_of_an_odd_and_of_an_even_number_of_values() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(median(&[9.0, 1.0, 4.0]), Some(4.0));
        assert_eq!(median(&[9.0, 1.0, 4.0, 5.0]), Some(4.5));
        assert_eq!(median(&[f64::MAX, f64::MAX]), Some(f64::MAX), "no overflow on the way");
    }

    #[test]
    fn one_wild_value_moves_neither_centre_nor_spread_far() {
        let calm = Spread::of(&[10.0, 11.0, 12.0, 13.0, 14.0]);
        assert_eq!(calm, Some(Spread { median: 12.0, mad: 1.0 }));
        assert_eq!(Spread::of(&[10.0, 11.0, 12.0, 13.0, 1e9]), calm);
        assert_eq!(Spread::of(&[3.0, 3.0, 3.0]), Some(Spread { median: 3.0, mad: 0.0 }));
        assert_eq!(Spread::of(&[]), None);
    }

    proptest! {
        #[test]
        fn as_many_values_are_below_the_median_as_above(
            values in prop::collection::vec(0_u32..1000, 1..40)
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let median = median(&values).unwrap();
            let below = values.iter().filter(|value| **value < median).count();
            let above = values.iter().filter(|value| **value > median).count();
            prop_assert!(below <= values.len() / 2 && above <= values.len() / 2);
        }

        #[test]
        fn a_shift_moves_the_centre_and_leaves_the_spread(
            values in prop::collection::vec(0_u32..1000, 1..40),
            shift in 0_u32..1000,
        ) {
            let at = |shift: u32| -> Vec<f64> {
                values.iter().map(|value| f64::from(value + shift)).collect()
            };
            let (before, after) = (Spread::of(&at(0)).unwrap(), Spread::of(&at(shift)).unwrap());
            prop_assert_eq!(after.median, before.median + f64::from(shift));
            prop_assert_eq!(after.mad, before.mad);
        }
    }
}

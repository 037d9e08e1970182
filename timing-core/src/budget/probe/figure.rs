//! A value that was measured several times.

/// Median and extremes of repeated measurements, in the unit of whoever measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// How many there were.
    pub samples: usize,
    /// All of them, as they came.
    pub values: Vec<f64>,
}

impl Figure {
    /// Of `values` in any order; those that are not finite do not count. `None` of no values.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        let upper = *sorted.get(sorted.len() / 2)?;
        let lower = *sorted.get((sorted.len() - 1) / 2)?;
        let median = f64::midpoint(lower, upper);
        Some(Self { median, low, high, samples: values.len(), values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_the_middle_and_the_extremes() {
        let of = |values: &[f64]| {
            Figure::of(values.iter().copied()).map(|f| (f.median, f.low, f.high, f.samples))
        };
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some((2.0, 1.0, 3.0, 3)));
        assert_eq!(of(&[4.0, 1.0, f64::NAN]), Some((2.5, 1.0, 4.0, 2)));
        assert_eq!(of(&[]), None);
    }
}

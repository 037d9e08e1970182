//! The noise of a series around its levels, and how remarkable a step is beside it.

use super::series::{Series, Stretch, float};
use crate::stats::normal;

/// A segment's own scatter is weighed against that of all: this many points of theirs count.
const PRIOR_POINTS: f64 = 10.0;

/// The autocorrelation is never believed to be larger.
const MOST_MEMORY: f64 = 0.9;

/// What is left of a series when the levels of its segments are taken away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noise {
    /// Of one point.
    pub(super) variance: f64,
    /// How many times larger the variance of a mean is than that of independent values.
    inflation: f64,
    /// In how many ways a step could have been found by chance (Bonferroni): one can be at any
    /// point; of several, a segment between two can also have any length, of which the short ones
    /// count most, as there are n / length of each.
    trials: f64,
    /// Degrees of freedom of the variance.
    freedom: f64,
}

impl Noise {
    /// Of a series cut into these.
    pub(super) fn of(series: &Series, stretches: &[Stretch]) -> Self {
        let total = |part: fn(&Stretch) -> f64| stretches.iter().map(part).sum::<f64>();
        let (points, segments) = (float(series.len()), float(stretches.len()));
        let (scatter, echo) = (total(|stretch| stretch.scatter), total(|stretch| stretch.echo));
        let freedom = points - segments;
        let raw = if scatter > 0.0 { echo / scatter } else { 0.0 };
        // Each mean that is taken away lowers the estimate by about (1 + 3φ) / n (Kendall 1954).
        let bias = (1.0 + 3.0 * raw.max(0.0)) * segments / points;
        let memory = (raw + bias).clamp(0.0, MOST_MEMORY);
        Self {
            variance: (scatter / freedom).max(series.least_noise.powi(2)),
            inflation: (1.0 + memory) / (1.0 - memory),
            trials: if segments > 2.0 { points * points.ln() } else { points },
            freedom,
        }
    }

    /// See [`ChangePoint::p_value`](super::ChangePoint::p_value).
    pub(super) fn p_value(&self, before: Stretch, after: Stretch) -> f64 {
        let shrunk = |scatter: f64, freedom: f64| {
            (scatter + PRIOR_POINTS * self.variance) / (freedom + PRIOR_POINTS)
        };
        let of_mean =
            |stretch: Stretch| shrunk(stretch.scatter, stretch.length - 1.0) / stretch.length;
        let freedom = before.length + after.length - 2.0;
        let student = shrunk(before.scatter + after.scatter, freedom)
            * (before.length.recip() + after.length.recip());
        let welch = of_mean(before) + of_mean(after);
        let square = (after.mean - before.mean).powi(2) / (student.max(welch) * self.inflation);
        (tail(square, self.freedom.min(freedom + PRIOR_POINTS)) * self.trials).min(1.0)
    }
}

/// The probability, from both sides, that the square of a variable with Student's distribution is
/// larger: Wallace's (1959) normal deviate.
fn tail(square: f64, freedom: f64) -> f64 {
    let shrink = (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0);
    let deviate = shrink * (freedom * (square / freedom).ln_1p()).sqrt();
    2.0 * normal::tail(deviate)
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn tails_are_those_of_the_tables() {
        // Two-sided 0.1 % points of Student's distribution.
        for (point, freedom) in [(4.587, 10.0), (3.850, 20.0), (3.460, 60.0)] {
            let ratio = tail(f64::powi(point, 2), freedom) / 0.001;
            assert!((0.95..1.15).contains(&ratio), "{freedom}: {ratio}");
        }
        assert_eq!(tail(0.0, 10.0), 1.0);
    }
}

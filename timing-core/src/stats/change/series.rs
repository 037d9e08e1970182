//! A series made fit for sums: logarithms without lone outliers, and sums over any stretch of
//! them in constant time.

use super::{COARSEST_TICK, LEAST_SECONDS, MIN_SEGMENT};
use crate::stats::median::median;

/// The noise is never believed to be smaller than this share of the level.
const LEAST_NOISE: f64 = 0.01;

/// A value that is this many standard deviations from what is around it is an outlier.
const REACH: f64 = 6.0;

/// The points that are looked at around a value, itself included: the most of which as many as make
/// a level are a majority. Towards an end they are the outermost.
const WINDOW: usize = 2 * MIN_SEGMENT - 1;

/// What turns the median absolute difference of two independent normal values into their standard
/// deviation: 1 / (0.6745 √2).
const DIFFERENCE_TO_DEVIATION: f64 = 1.0484;

/// Logarithms of durations, and running sums over them.
#[derive(Debug)]
pub(super) struct Series {
    logs: Vec<f64>,
    /// Of the logarithms without outliers, as are the next three.
    values: Vec<f64>,
    squares: Vec<f64>,
    /// Of products with the next value.
    products: Vec<f64>,
    /// Of products with the index.
    moments: Vec<f64>,
    /// The standard deviation that differences of neighbours suggest.
    pub(super) noise: f64,
    /// The least standard deviation that is believed.
    pub(super) least_noise: f64,
}

/// What a stretch of a series is like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// Points.
    pub(super) length: f64,
    pub(super) mean: f64,
    /// Squared deviations from the mean, summed.
    pub(super) scatter: f64,
    /// Products of the deviations of neighbours, summed.
    pub(super) echo: f64,
    /// Squared deviations from the straight line that fits best, summed.
    pub(super) beside_line: f64,
}

impl Series {
    /// All `seconds` must be finite.
    pub(super) fn of(seconds: &[f64]) -> Self {
        let mut logs: Vec<f64> =
            seconds.iter().map(|value| value.max(LEAST_SECONDS).ln()).collect();
        // Sums of small numbers lose less.
        let centre = median(&mut logs.clone());
        logs.iter_mut().for_each(|value| *value -= centre);
        let least_noise = LEAST_NOISE.max(grain(seconds));
        let noise = deviation(&logs).max(least_noise);
        let clean = without_outliers(&logs, REACH * noise);
        Self {
            values: sums(clean.iter().copied()),
            squares: sums(clean.iter().map(|value| value * value)),
            products: sums(clean.windows(2).map(|pair| pair[0] * pair[1])),
            moments: sums(clean.iter().enumerate().map(|(index, value)| float(index) * value)),
            logs,
            noise,
            least_noise,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.logs.len()
    }

    /// The sum over `start..end`.
    pub(super) fn sum(&self, start: usize, end: usize) -> f64 {
        self.values[end] - self.values[start]
    }

    /// The logarithms of `start..end`, outliers included.
    pub(super) fn logs(&self, start: usize, end: usize) -> &[f64] {
        &self.logs[start..end]
    }

    /// What `start..end`, which must not be empty, is like.
    pub(super) fn stretch(&self, start: usize, end: usize) -> Stretch {
        let length = float(end - start);
        let sum = self.sum(start, end);
        let mean = sum / length;
        let scatter = (self.squares[end] - self.squares[start] - sum * mean).max(0.0);
        // Σ (a − m)(b − m) over neighbours a, b: all but the ends are in two of them.
        let ends = self.sum(start, start + 1) + self.sum(end - 1, end);
        let products = self.products[end - 1] - self.products[start];
        let echo = products - mean * (2.0 * sum - ends) + mean * mean * (length - 1.0);
        // Least squares: Σ (i − middle)² over consecutive indices is n (n² − 1) / 12.
        let lean = self.moments[end] - self.moments[start] - float(start + end - 1) / 2.0 * sum;
        let spread = length * (length * length - 1.0) / 12.0;
        let explained = if spread > 0.0 { lean * lean / spread } else { 0.0 };
        Stretch { length, mean, scatter, echo, beside_line: (scatter - explained).max(0.0) }
    }
}

#[expect(clippy::cast_precision_loss, reason = "no series has 2^52 points")]
pub(super) fn float(count: usize) -> f64 {
    count as f64
}

/// Sums over what comes before each index, and over everything.
fn sums(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let running = values.scan(0.0, |total, value| {
        *total += value;
        Some(*total)
    });
    std::iter::once(0.0).chain(running).collect()
}

/// The standard deviation, as a share of the level, that whole ticks of the clock can have without
/// anything having changed: a duration between two ticks shows up as either, half a tick from the
/// middle. The smallest gap between values is taken for the tick.
fn grain(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let gaps = sorted.windows(2).map(|pair| pair[1] - pair[0]);
    let tick = gaps.filter(|gap| *gap > 0.0).fold(f64::INFINITY, f64::min);
    let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0).max(LEAST_SECONDS);
    tick.min(COARSEST_TICK) / 2.0 / middle
}

fn deviation(logs: &[f64]) -> f64 {
    let mut differences: Vec<f64> = logs.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    median(&mut differences) * DIFFERENCE_TO_DEVIATION
}

/// The values, with each that is further than `reach` from the median of the points around it
/// replaced by that median.
fn without_outliers(logs: &[f64], reach: f64) -> Vec<f64> {
    let width = WINDOW.min(logs.len());
    let mut buffer = Vec::with_capacity(width);
    let replaced = |(index, value): (usize, &f64)| {
        let start = index.saturating_sub(width / 2).min(logs.len() - width);
        buffer.clear();
        buffer.extend_from_slice(&logs[start..start + width]);
        let middle = median(&mut buffer);
        if (value - middle).abs() > reach { middle } else { *value }
    };
    logs.iter().enumerate().map(replaced).collect()
}

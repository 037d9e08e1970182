//! Change points: where the level of a series steps up or down for good, or for a while.
//!
//! The method looks at logarithms, because a change of a duration is a ratio. Runs of up to three
//! outliers are replaced by the median around them (a Hampel filter: Davies & Gather 1993).
//! Candidates come from seeded binary segmentation (Kovács, Bühlmann, Li & Munk 2023), the
//! narrowest interval first (Baranowski, Chen & Fryzlewicz 2019). They are eliminated backwards:
//! each is tested against the segments beside it, the weakest goes, its neighbours are placed anew,
//! until what is left is significant. The test is a t-test whose variance is the larger of
//! Student's and Welch's, shrunk towards that of the whole series and inflated by (1 + φ) / (1 − φ)
//! for noise that remembers (of first-order autocorrelation φ). A change point must also stand a
//! rank-sum test, which assumes nothing about the shape of the noise, and explain clearly more than
//! a straight line does.
//!
//! It assumes levels that last, with noise of one kind around them whose memory is of a few points.
//!
//! It does not report levels of fewer than [`MIN_SEGMENT`] points, or fewer than 12 together with the
//! one beside, changes of the noise alone, a steady drift (for which there is [`slope`](super::slope)), nor
//! steps that the noise hides: in 100 points with 5 % noise about one in seven steps of 10 % is
//! missed. A ramp becomes one or two steps. Steps are placed a point or two off where the noise is
//! as large as they are.
//!
//! This module must not know what the values are durations of.

mod elimination;
mod noise;
mod ranks;
mod search;
mod series;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::median::median;
use series::Series;

/// A level has at least this many points: nothing is found with fewer before the first change,
/// after the last, or between two.
pub const MIN_SEGMENT: usize = 4;

/// With fewer points nothing is found: no ranks of so few are remarkable enough.
pub const FEWEST_POINTS: usize = 12;

/// Only changes with a [`p_value`](ChangePoint::p_value) up to this are reported.
pub const SIGNIFICANCE: f64 = 1e-4;

/// Ratios are not taken of less than this, in seconds: a row of 0 s stands for anything that
/// rounds to it.
pub(super) const LEAST_SECONDS: f64 = 0.5;

/// No clock that writes records is coarser, in seconds.
pub(super) const COARSEST_TICK: f64 = 1.0;

/// A lasting change of level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// The first point after the change; at least [`MIN_SEGMENT`].
    pub index: usize,
    /// The level before: the median of the points since the previous change, in seconds.
    pub before: f64,
    /// The level after: the median of the points up to the next change, in seconds.
    pub after: f64,
    /// At most about this share of the series of this length that have no change, but normal noise
    /// of this memory, look as if they had as clear a one: the two-sided tail of the t-test, times
    /// n where it is the only one of n points, and n ln n where there are several (Bonferroni, for
    /// the places where it could have been). The variance and
    /// the memory are estimates, so this is no strict bound. From 0, where it is too small for a number, to [`SIGNIFICANCE`].
    pub p_value: f64,
}

/// Where the level went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Runs take longer.
    Up,
    /// Runs take less time.
    Down,
}

impl ChangePoint {
    /// Up when the level after is above the one before.
    pub fn direction(&self) -> Direction {
        if self.after > self.before { Direction::Up } else { Direction::Down }
    }

    /// The level after over the level before, each at least half a second: 1.25 is 25 % slower.
    pub fn ratio(&self) -> f64 {
        self.after.max(LEAST_SECONDS) / self.before.max(LEAST_SECONDS)
    }

    /// The level after minus the level before, in seconds.
    pub fn difference(&self) -> f64 {
        self.after - self.before
    }
}

/// The change points of `seconds`, oldest value first, in order.
///
/// Values that are not finite are passed over, and what is below half a second counts as that.
/// Fewer than 12 usable points have no change points: no ranks of theirs are remarkable enough. Takes O(n log n) time, plus O(m²) for m
/// candidates, of which there are few unless the series is all steps.
pub fn change_points(seconds: &[f64]) -> Vec<ChangePoint> {
    let (places, values): (Vec<usize>, Vec<f64>) =
        seconds.iter().copied().enumerate().filter(|(_, value)| value.is_finite()).unzip();
    if values.len() < 2 * MIN_SEGMENT {
        return Vec::new();
    }
    let series = Series::of(&values);
    let kept = elimination::kept(&series, search::candidates(&series));
    let bounds = bounds(values.len(), kept.iter().map(|(at, _)| *at));
    let levels: Vec<f64> =
        bounds.windows(2).map(|pair| median(&mut values[pair[0]..pair[1]].to_vec())).collect();
    kept.iter()
        .zip(levels.windows(2))
        .map(|((at, p_value), levels)| ChangePoint {
            index: places[*at],
            before: levels[0],
            after: levels[1],
            p_value: *p_value,
        })
        .collect()
}

/// The segments of a series of `length` points between its change points: one more than those.
pub fn segments(length: usize, changes: &[ChangePoint]) -> Vec<Range<usize>> {
    let bounds = bounds(length, changes.iter().map(|change| change.index));
    bounds.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// The start, the places between, and the end.
fn bounds(length: usize, places: impl Iterator<Item = usize>) -> Vec<usize> {
    std::iter::once(0).chain(places).chain([length]).collect()
}

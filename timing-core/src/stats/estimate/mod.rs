//! What the next run will take, said before it starts, while it runs and when it has ended.
//!
//! An estimate rests on the latest runs of one phase since its duration last stepped up or down:
//! those before the last [change point](super::change) say nothing about the next run, and what
//! moves too slowly or too little to be one is forgotten after [`MOST_RUNS`]. As many runs bring
//! the error of their median within 2 % of the least there can be (below).
//!
//! It assumes that what is left are independent values of one distribution, of whatever shape.
//! Then the next value is below the k-th smallest of n with probability k / (n + 1), and the
//! quantiles here are those with that property (Weibull 1939; definition 6 of Hyndman & Fan 1996):
//! right on average from the first run at which there is one, with no shape to be fitted. The
//! median of n values of variance σ² has a variance of about π σ² / 2 n where they are normal, which
//! adds the share π / 4 n to the mean absolute error.
//!
//! A change is known after [`MIN_SEGMENT`](super::change::MIN_SEGMENT) runs, later when it is small
//! beside the noise. One that is so large that a single run would be an outlier is guessed after
//! two; if they were outliers, the next run takes the guess back.
//!
//! This module must not know what the values are durations of, nor how anything is displayed but
//! for the phrase of a [`Verdict`].

mod forecast;
mod quantile;
mod recent;
#[cfg(test)]
mod tests;
mod verdict;

pub use forecast::{Forecast, Mark, Outlook, Pace, PastRun};
use quantile::quantile;
use recent::first_recent;
pub use verdict::{Standing, Verdict};

/// With fewer runs there is no estimate.
pub const FEWEST_RUNS: usize = 3;

/// With fewer runs nothing is said of the slowest tenth of them: the least n for which the largest
/// value is as high as p90, n / (n + 1) ≥ 0.9.
pub const FEWEST_FOR_BOUNDS: usize = 9;

/// An estimate rests on at most so many runs.
pub const MOST_RUNS: usize = 50;

/// What the next run is expected to take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Half of the runs take at most this long (p50), in seconds.
    pub typical: f64,
    /// How few take much longer, or less; `None` with fewer than [`FEWEST_FOR_BOUNDS`] runs.
    pub bounds: Option<Bounds>,
    /// The runs that it rests on, from [`FEWEST_RUNS`] to [`MOST_RUNS`].
    pub count: usize,
}

/// Where the outer tenths of the runs begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// One run in ten takes at most this long (p10), in seconds.
    pub fast: f64,
    /// Nine runs in ten take at most this long (p90), in seconds.
    pub slow: f64,
}

impl Estimate {
    /// From the durations of comparable runs in seconds, oldest first; those that are negative or
    /// not finite are passed over. `None` when fewer than [`FEWEST_RUNS`] remain.
    pub fn of(seconds: &[f64]) -> Option<Self> {
        let usable: Vec<f64> = seconds.iter().copied().filter(|value| is_usable(*value)).collect();
        Self::of_recent(&usable[first_recent(&usable)..])
    }

    /// From runs that all count.
    fn of_recent(seconds: &[f64]) -> Option<Self> {
        if seconds.len() < FEWEST_RUNS {
            return None;
        }
        let mut sorted = seconds.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let bounds = || Bounds { fast: quantile(&sorted, 0.1), slow: quantile(&sorted, 0.9) };
        Some(Self {
            typical: quantile(&sorted, 0.5),
            bounds: (sorted.len() >= FEWEST_FOR_BOUNDS).then(bounds),
            count: sorted.len(),
        })
    }

    /// [`Bounds::slow`], p90.
    pub fn slow(&self) -> Option<f64> {
        self.bounds.map(|bounds| bounds.slow)
    }
}

fn is_usable(seconds: f64) -> bool {
    seconds.is_finite() && seconds >= 0.0
}

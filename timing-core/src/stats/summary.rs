//! How long a phase takes, and how often it fails.

use super::quantile;
use crate::record::{Sample, newest};

/// How many of the last successful durations a summary keeps.
pub const RECENT: usize = 20;

/// What the samples of one series come to. Successes and failures are apart, because a run that
/// fails in three seconds says nothing about how long one takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Of the runs that exited with 0; `None` when there is none.
    pub successes: Option<Durations>,
    /// Of the other runs; `None` when there is none.
    pub failures: Option<Durations>,
    /// The last [`RECENT`] successful durations in seconds, oldest first.
    pub recent: Vec<u64>,
}

/// Durations in seconds; at least one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Durations {
    /// How many.
    pub count: usize,
    /// Their arithmetic mean.
    pub mean: f64,
    /// Their median. This and the other quantiles are exact: see [`quantile`].
    pub p50: f64,
    /// What nine of ten do not exceed.
    pub p90: f64,
    /// What nineteen of twenty do not exceed.
    pub p95: f64,
    /// The shortest.
    pub min: u64,
    /// The longest.
    pub max: u64,
    /// The newest.
    pub last: u64,
}

impl Summary {
    /// The summary of `samples`, in whatever order they are. Of samples of one start the later ones
    /// are the newer.
    #[must_use]
    pub fn of(samples: &[Sample]) -> Self {
        let (successes, failures): (Vec<Sample>, Vec<Sample>) =
            samples.iter().partition(|sample| sample.is_success());
        let recent = newest(&successes, RECENT);
        Self {
            recent: recent.iter().map(|sample| sample.duration_seconds).collect(),
            successes: Durations::of(&successes),
            failures: Durations::of(&failures),
        }
    }

    /// How many runs there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.success() + self.failure()
    }

    /// How many exited with 0.
    #[must_use]
    pub fn success(&self) -> usize {
        self.successes.map_or(0, |durations| durations.count)
    }

    /// How many did not.
    #[must_use]
    pub fn failure(&self) -> usize {
        self.failures.map_or(0, |durations| durations.count)
    }

    /// The part of the runs that exited with 0, from 0 to 1; `None` of no runs.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
    pub fn success_rate(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.success() as f64 / self.count() as f64)
    }
}

impl Durations {
    /// Of `samples`; `None` of none.
    fn of(samples: &[Sample]) -> Option<Self> {
        let last = samples.iter().max_by_key(|sample| sample.start)?.duration_seconds;
        let mut seconds: Vec<u64> = samples.iter().map(|sample| sample.duration_seconds).collect();
        let total: u128 = seconds.iter().copied().map(u128::from).sum();
        seconds.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "seconds of a registry stay below 2^53")]
        Some(Self {
            count: seconds.len(),
            mean: total as f64 / seconds.len() as f64,
            p50: quantile(&seconds, 0.5)?,
            p90: quantile(&seconds, 0.9)?,
            p95: quantile(&seconds, 0.95)?,
            min: *seconds.first()?,
            max: *seconds.last()?,
            last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UtcStamp;

    fn samples(runs: &[(u64, i32)]) -> Vec<Sample> {
        let sample = |(number, &(duration_seconds, exit_code)): (u64, &(u64, i32))| Sample {
            start: UtcStamp::from_unix_seconds(number),
            duration_seconds,
            exit_code,
        };
        (0..).zip(runs).map(sample).collect()
    }

    #[test]
    fn a_run_that_fails_at_once_says_nothing_about_how_long_one_takes() {
        let summary =
            Summary::of(&samples(&[(40, 0), (3, 1), (10, 0), (5, 255), (30, 0), (20, 0)]));
        let successes = Durations {
            count: 4,
            mean: 25.0,
            p50: 25.0,
            p90: 37.0,
            p95: 38.5,
            min: 10,
            max: 40,
            last: 20,
        };
        assert_eq!(summary.successes, Some(successes));
        let failures = Durations {
            count: 2,
            mean: 4.0,
            p50: 4.0,
            p90: 4.8,
            p95: 4.9,
            min: 3,
            max: 5,
            last: 5,
        };
        assert_eq!(summary.failures, Some(failures));
        assert_eq!(summary.recent, [40, 10, 30, 20], "oldest first");
        assert_eq!((summary.count(), summary.success(), summary.failure()), (6, 4, 2));
        assert_eq!(summary.success_rate(), Some(4.0 / 6.0));
    }

    #[test]
    fn what_never_happened_has_no_duration() {
        let failed = Summary::of(&samples(&[(3, 1)]));
        assert_eq!((failed.successes, failed.success_rate()), (None, Some(0.0)));
        assert!(failed.recent.is_empty());
        let nothing = Summary::of(&[]);
        assert_eq!((nothing.count(), nothing.success_rate()), (0, None));
    }

    #[test]
    fn only_the_last_twenty_are_recent() {
        let runs: Vec<(u64, i32)> = (1..=25).map(|seconds| (seconds, 0)).collect();
        assert_eq!(Summary::of(&samples(&runs)).recent, (6..=25).collect::<Vec<u64>>());
    }
}

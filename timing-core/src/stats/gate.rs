//! Whether one duration is worse than those before it.
//!
//! A relative and an absolute limit have to be exceeded both: the first alone calls 3 s after 2 s a
//! regression, the second alone calls 2 s more in an hour one. Fewer values than a minimum are no
//! baseline, and then nothing is said, also not that all is well.
//!
//! This module must not know which runs are comparable.

use std::num::NonZeroUsize;

use super::Percent;
use super::robust::Spread;

/// When a duration counts as worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// More than this much above the median; exactly as much is allowed.
    pub relative: Percent,
    /// And more than so many seconds above it; exactly as many are allowed.
    pub absolute_seconds: u64,
    /// And the baseline has at least so many values.
    pub minimum_samples: NonZeroUsize,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Longer by more than both limits.
    Regression,
    /// Shorter by more than both limits.
    Improvement,
    /// Within the limits.
    Ok,
    /// The baseline has too few values to say anything.
    TooFew,
}

/// A duration beside its baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// The duration, in seconds.
    pub latest_seconds: f64,
    /// How many values the baseline has.
    pub samples: usize,
    /// The baseline, in seconds; `None` when it has no values.
    pub baseline: Option<Spread>,
    /// What came of it.
    pub verdict: Verdict,
}

impl Judgement {
    /// Seconds above the median, below it when negative.
    #[must_use]
    pub fn excess_seconds(&self) -> Option<f64> {
        Some(self.latest_seconds - self.baseline?.median)
    }

    /// The same as a part of the median, 0.25 for a quarter more; `None` for a median of 0.
    #[must_use]
    pub fn change(&self) -> Option<f64> {
        let median = self.baseline?.median;
        (median > 0.0).then_some((self.latest_seconds - median) / median)
    }

    /// The same in median absolute deviations; `None` where the baseline has no spread.
    #[must_use]
    pub fn excess_in_mads(&self) -> Option<f64> {
        let mad = self.baseline?.mad;
        (mad > 0.0).then_some((self.latest_seconds - self.baseline?.median) / mad)
    }
}

/// Judges `latest` by `baseline`, both in seconds and not negative.
#[must_use]
pub fn judge(latest: f64, baseline: &[f64], thresholds: &Thresholds) -> Judgement {
    let samples = baseline.len();
    let spread = Spread::of(baseline);
    let verdict = match spread {
        Some(spread) if samples >= thresholds.minimum_samples.get() => {
            verdict(latest - spread.median, spread.median, thresholds)
        }
        _ => Verdict::TooFew,
    };
    Judgement { latest_seconds: latest, samples, baseline: spread, verdict }
}

fn verdict(excess: f64, median: f64, thresholds: &Thresholds) -> Verdict {
    #[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
    let limit = thresholds.absolute_seconds as f64;
    let counts = |by: f64| by > limit && thresholds.relative.is_exceeded_by(by, median);
    if counts(excess) {
        Verdict::Regression
    } else if counts(-excess) {
        Verdict::Improvement
    } else {
        Verdict::Ok
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Thresholds = Thresholds {
        relative: Percent::whole(25),
        absolute_seconds: 5,
        minimum_samples: NonZeroUsize::new(5).unwrap(),
    };

    fn verdict_of(latest: f64, baseline: &[f64]) -> Verdict {
        judge(latest, baseline, &USUAL).verdict
    }

    #[test]
    fn a_quarter_more_is_allowed_and_a_second_beyond_it_is_not() {
        let baseline = [100.0, 98.0, 102.0, 99.0, 101.0];
        assert_eq!(verdict_of(125.0, &baseline), Verdict::Ok);
        assert_eq!(verdict_of(126.0, &baseline), Verdict::Regression);
    }

    #[test]
    fn five_seconds_more_are_allowed_whatever_part_they_are() {
        let baseline = [4.0; 5];
        assert_eq!(verdict_of(9.0, &baseline), Verdict::Ok, "125 % more, and 5 s");
        assert_eq!(verdict_of(10.0, &baseline), Verdict::Regression);
        let none = Thresholds { absolute_seconds: 0, ..USUAL };
        assert_eq!(judge(9.0, &baseline, &none).verdict, Verdict::Regression);
    }

    #[test]
    fn four_values_are_no_baseline_and_five_are_one() {
        assert_eq!(verdict_of(900.0, &[100.0; 4]), Verdict::TooFew);
        assert_eq!(verdict_of(100.0, &[100.0; 4]), Verdict::TooFew, "nor is that a pass");
        assert_eq!(verdict_of(900.0, &[100.0; 5]), Verdict::Regression);
        assert_eq!(verdict_of(900.0, &[]), Verdict::TooFew);
    }

    #[test]
    fn shorter_by_more_than_both_limits_is_an_improvement() {
        let baseline = [100.0; 5];
        assert_eq!(verdict_of(75.0, &baseline), Verdict::Ok);
        assert_eq!(verdict_of(74.0, &baseline), Verdict::Improvement);
        assert_eq!(verdict_of(1.0, &[6.0; 5]), Verdict::Ok, "five seconds");
    }

    #[test]
    fn one_wild_run_does_not_spoil_the_baseline() {
        assert_eq!(verdict_of(130.0, &[100.0, 100.0, 9000.0, 100.0, 100.0]), Verdict::Regression);
    }

    #[test]
    fn figures_that_cannot_be_divided_are_absent() {
        let flat = judge(8.0, &[2.0; 5], &USUAL);
        assert_eq!((flat.change(), flat.excess_in_mads()), (Some(3.0), None));
        let zero = judge(8.0, &[0.0; 5], &USUAL);
        assert_eq!((zero.change(), zero.verdict), (None, Verdict::Regression));
        let spread = judge(16.0, &[8.0, 9.0, 10.0, 11.0, 12.0], &USUAL);
        assert_eq!((spread.excess_in_mads(), spread.excess_seconds()), (Some(6.0), Some(6.0)));
        assert_eq!(judge(8.0, &[], &USUAL).excess_seconds(), None);
    }
}

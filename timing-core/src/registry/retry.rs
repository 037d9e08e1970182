//! How often and how long to try when others move the branch at the same time.

use std::time::Duration;

/// Bounds on the attempts of one append. There is always a first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// No attempt starts later than this after the first one started.
    pub total: Duration,
    /// The longest pause after the first attempt; each further one may be twice as long.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    /// A quarter of a second, too short to be noticed after a deployment; five or six attempts on
    /// a machine with nothing else to do.
    fn default() -> Self {
        Self {
            total: Duration::from_millis(250),
            first_pause: Duration::from_millis(5),
            longest_pause: Duration::from_millis(80),
        }
    }
}

impl RetryPolicy {
    /// The pause after `attempt` (counted from 1), where `random` tells apart those who lost to the
    /// same winner: between two fifths and the whole of its longest.
    pub(super) fn pause(&self, attempt: u32, random: u32) -> Duration {
        let doubled =
            self.first_pause.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)));
        let longest = doubled.min(self.longest_pause);
        longest.mul_f64(0.4 + 0.6 * f64::from(random) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_differ_between_recorders() {
        let policy = RetryPolicy::default();
        let pauses = |random| [1, 2, 5, 6, 40].map(|n| policy.pause(n, random).as_millis());
        assert_eq!(pauses(u32::MAX), [5, 10, 80, 80, 80]);
        assert_eq!(pauses(0), [2, 4, 32, 32, 32]);
    }
}

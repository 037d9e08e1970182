//! How long health checks took, in few enough classes that a scrape stays small. Must not know how
//! they are shown.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the classes; the last class has none. They are the limits that health checks have:
/// 100 ms alive, 200 ms ready, 500 ms in production. The last tells what is a little beyond from
/// what is far beyond.
pub(crate) const BOUNDS: [(Duration, &str); 4] = [
    (Duration::from_millis(100), "0.1"),
    (Duration::from_millis(200), "0.2"),
    (Duration::from_millis(500), "0.5"),
    (Duration::from_secs(2), "2"),
];

/// Counts checks as they are answered.
#[derive(Default)]
pub(crate) struct CheckTimes {
    classes: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
}

/// The counts of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CheckCounts {
    /// Checks that took no longer than each bound.
    pub(crate) within: [u64; BOUNDS.len()],
    pub(crate) all: u64,
    /// Of all durations.
    pub(crate) sum: Duration,
}

impl CheckTimes {
    pub(crate) fn record(&self, duration: Duration) {
        let place = BOUNDS.iter().position(|(bound, _)| duration <= *bound);
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(micros, Ordering::Relaxed);
        self.classes[place.unwrap_or(BOUNDS.len())].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> CheckCounts {
        let mut all = 0;
        let mut up_to = |class: &AtomicU64| {
            all += class.load(Ordering::Relaxed);
            all
        };
        let within = std::array::from_fn(|place| up_to(&self.classes[place]));
        let all = up_to(&self.classes[BOUNDS.len()]);
        let sum = Duration::from_micros(self.microseconds.load(Ordering::Relaxed));
        CheckCounts { within, all, sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_holds_those_below_it_too() {
        let times = CheckTimes::default();
        for milliseconds in [0, 100, 101, 500, 501, 2001] {
            times.record(Duration::from_millis(milliseconds));
        }
        let sum = Duration::from_millis(3203);
        assert_eq!(times.counts(), CheckCounts { within: [2, 3, 4, 5], all: 6, sum });
    }
}

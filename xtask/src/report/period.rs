//! How many runs of a phase succeeded, period by period.

use timing_core::clock::UtcStamp;

/// A stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Its first second.
    pub from: UtcStamp,
    /// The second after its last.
    pub to: UtcStamp,
    /// How many runs started in it; never none.
    pub runs: usize,
    /// How many of them failed.
    pub failures: usize,
}

impl Period {
    /// The part of its runs that succeeded, 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
    pub fn success_rate(&self) -> f64 {
        (self.runs - self.failures) as f64 / self.runs.max(1) as f64
    }
}

const DAY: u64 = 86_400;

/// What a period may be, in days.
const LENGTHS: [u64; 6] = [1, 7, 14, 28, 91, 364];

/// More periods than this are too narrow to be told apart.
const MOST: u64 = 26;

/// 1970-01-05, a Monday, so that weeks begin with one.
const MONDAY: u64 = 4 * DAY;

/// The periods in which there were runs, in order; each run is when it started and whether it failed,
/// the oldest first. Periods are of one length, which is chosen so that there are not too many.
#[must_use]
pub fn periods(runs: &[(UtcStamp, bool)]) -> Vec<Period> {
    let (Some((first, _)), Some((last, _))) = (runs.first(), runs.last()) else {
        return Vec::new();
    };
    let (first, last) = (first.unix_seconds(), last.unix_seconds());
    let count = |days: u64| place(last, days * DAY) - place(first, days * DAY) + 1;
    let days = LENGTHS.into_iter().find(|days| count(*days) <= MOST);
    // Of a history of more than 26 years, whose dates are not to be believed.
    let length = days.map_or_else(|| (last - first) / MOST + 1, |days| days * DAY);
    let mut periods: Vec<Period> = Vec::new();
    for (start, failed) in runs {
        let begin = place(start.unix_seconds(), length) * length + MONDAY;
        // The first one of all may begin before 1970, which a stamp cannot.
        let stamp = |second: u64| UtcStamp::from_unix_seconds(second.saturating_sub(7 * DAY));
        let (from, to) = (stamp(begin), stamp(begin + length));
        let failed = usize::from(*failed);
        match periods.last_mut().filter(|period| period.from == from) {
            Some(period) => {
                period.runs += 1;
                period.failures += failed;
            }
            None => periods.push(Period { from, to, runs: 1, failures: failed }),
        }
    }
    periods
}

/// In which period of `length` seconds `second` is; counted from a Monday before all of them.
fn place(second: u64, length: u64) -> u64 {
    (second + 7 * DAY - MONDAY) / length
}

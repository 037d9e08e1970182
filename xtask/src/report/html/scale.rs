//! Axes: where things are on them, and which values are named.

use time::{Date, Month};
use timing_core::clock::UtcStamp;

/// Not more values of a duration than this are named, beside 0.
const STEPS: u64 = 5;

/// About as many times as this are named: `2026-01-24` takes a seventh of a narrow chart.
const TIMES: u64 = 5;

/// What is left free at either end of the axis of times, so that no mark is cut.
const MARGIN: f64 = 0.015;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Steps that people count durations in.
const NICE: [u64; 22] = [
    1,
    2,
    5,
    10,
    15,
    30,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
    30 * DAY,
];

/// The axis of durations, from 0 upwards.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Durations {
    /// The upper end, in seconds.
    pub(super) top: u64,
    /// The values that are named, in seconds.
    pub(super) ticks: Vec<u64>,
}

impl Durations {
    /// An axis with room for `longest` seconds.
    pub(super) fn new(longest: u64) -> Self {
        let fits = |step: &u64| longest / step < STEPS;
        let step = NICE.into_iter().find(fits).unwrap_or_else(|| longest / STEPS + 1).max(1);
        let top = (longest / step).saturating_add(1).saturating_mul(step);
        let ticks = (0..=STEPS).map(|n| n.saturating_mul(step)).take_while(|tick| *tick <= top);
        Self { top, ticks: ticks.collect() }
    }

    /// How far down from the top, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a place on a chart")]
    pub(super) fn place(&self, seconds: f64) -> f64 {
        1.0 - (seconds / self.top as f64).clamp(0.0, 1.0)
    }
}

/// `0`, `45s`, `1m`, `1h 15m`: without parts that are zero.
pub(super) fn brief(seconds: u64) -> String {
    let parts = [(seconds / HOUR, "h"), (seconds / MINUTE % 60, "m"), (seconds % 60, "s")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join(" ") }
}

/// The axis of times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Times {
    from: u64,
    to: u64,
}

/// A time that is named.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// How far from the left, 0 to 1.
    pub(super) place: f64,
    /// What it is called, in UTC.
    pub(super) label: String,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Seconds(u64),
    Months(u64),
}

/// Steps that people count times in.
const CALENDAR: [Step; 23] = [
    Step::Seconds(MINUTE),
    Step::Seconds(5 * MINUTE),
    Step::Seconds(15 * MINUTE),
    Step::Seconds(30 * MINUTE),
    Step::Seconds(HOUR),
    Step::Seconds(3 * HOUR),
    Step::Seconds(6 * HOUR),
    Step::Seconds(12 * HOUR),
    Step::Seconds(DAY),
    Step::Seconds(2 * DAY),
    Step::Seconds(7 * DAY),
    Step::Seconds(14 * DAY),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
    Step::Months(240),
    Step::Months(600),
    Step::Months(1200),
];

impl Step {
    /// About how long it is, in seconds.
    fn length(self) -> u64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Months(months) => months * 365 * DAY / 12,
        }
    }

    fn label(self, at: UtcStamp) -> String {
        let text = at.to_string();
        let taken = |count| text.chars().take(count).collect::<String>();
        match self {
            Self::Months(12..) => taken(4),
            Self::Months(_) => taken(7),
            Self::Seconds(DAY..) => taken(10),
            Self::Seconds(_) => taken(16).replacen('T', " ", 1).chars().skip(5).collect(),
        }
    }
}

impl Times {
    /// An axis from the first to the last.
    pub(super) fn new((from, to): (UtcStamp, UtcStamp)) -> Self {
        Self { from: from.unix_seconds(), to: to.unix_seconds() }
    }

    /// How far from the left, 0 to 1; what is beyond an end is at it.
    #[expect(clippy::cast_precision_loss, reason = "a place on a chart")]
    pub(super) fn place(&self, at: UtcStamp) -> f64 {
        if self.to <= self.from {
            return 0.5;
        }
        let at = at.unix_seconds().clamp(self.from, self.to);
        let part = (at - self.from) as f64 / (self.to - self.from) as f64;
        MARGIN + part * (1.0 - 2.0 * MARGIN)
    }

    /// The times that are named, at least one.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let span = self.to.saturating_sub(self.from);
        let fits = |step: &Step| span / step.length() < TIMES;
        let step = CALENDAR.into_iter().find(fits).unwrap_or(Step::Months(6000));
        let tick = |at: UtcStamp, label| Tick { place: self.place(at), label };
        let ticks: Vec<Tick> =
            self.stamps(step).into_iter().map(|at| tick(at, step.label(at))).collect();
        if ticks.len() > 1 {
            return ticks;
        }
        let first = UtcStamp::from_unix_seconds(self.from);
        let label = first.to_string().replacen('T', " ", 1).chars().take(16).collect();
        vec![tick(first, label)]
    }

    fn stamps(&self, step: Step) -> Vec<UtcStamp> {
        match step {
            Step::Seconds(step) => {
                // 1970-01-05 was a Monday.
                let origin = if step.is_multiple_of(7 * DAY) { 4 * DAY } else { 0 };
                let first = self.from.saturating_sub(origin).div_ceil(step) * step + origin;
                let seconds = (0..=TIMES).map(|n| first + n * step).take_while(|at| *at <= self.to);
                seconds.map(UtcStamp::from_unix_seconds).collect()
            }
            Step::Months(step) => {
                let date = UtcStamp::from_unix_seconds(self.from).date();
                let years = u64::try_from(date.year()).unwrap_or(0);
                let first = (years * 12 + u64::from(u8::from(date.month())) - 1) / step;
                let stamps = (first..=first + TIMES + 1).filter_map(|n| month(n * step));
                let is_within = |at: &UtcStamp| (self.from..=self.to).contains(&at.unix_seconds());
                stamps.filter(is_within).collect()
            }
        }
    }
}

/// The first second of a month, which are counted from that of the year 0.
fn month(number: u64) -> Option<UtcStamp> {
    let year = i32::try_from(number / 12).ok()?;
    let month = Month::try_from(u8::try_from(number % 12 + 1).ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, 1).ok()?;
    let seconds = date.midnight().assume_utc().unix_timestamp();
    Some(UtcStamp::from_unix_seconds(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_counted_as_people_count_them() {
        let shown: Vec<String> =
            [0, 1, 4, 59, 61, 936, 1820, 4000, 90_000, 10_000_000, u64::MAX / 2]
                .iter()
                .map(|longest| {
                    let axis = Durations::new(*longest);
                    assert!(axis.top > *longest && axis.ticks.len() <= 6, "{longest}");
                    axis.ticks
                        .iter()
                        .take(6)
                        .map(|tick| brief(*tick))
                        .collect::<Vec<_>>()
                        .join(", ")
                })
                .take(9)
                .collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        0, 1s
        0, 1s, 2s
        0, 1s, 2s, 3s, 4s, 5s
        0, 15s, 30s, 45s, 1m
        0, 15s, 30s, 45s, 1m, 1m 15s
        0, 5m, 10m, 15m, 20m
        0, 10m, 20m, 30m, 40m
        0, 15m, 30m, 45m, 1h, 1h 15m
        0, 6h, 12h, 18h, 24h, 30h
        ");
    }

    #[test]
    fn times_are_named_at_round_ones() {
        let shown: Vec<String> = [
            ("2026-01-24T14:43:27Z", "2026-01-24T14:43:27Z"),
            ("2026-01-24T14:43:27Z", "2026-01-24T14:43:40Z"),
            ("2026-01-24T14:43:27Z", "2026-01-24T17:02:00Z"),
            ("2026-01-24T14:43:27Z", "2026-01-30T17:02:00Z"),
            ("2026-01-24T14:43:27Z", "2026-03-02T17:02:00Z"),
            ("2025-11-03T09:12:40Z", "2026-04-07T19:10:43Z"),
            ("2020-11-03T09:12:40Z", "2026-04-07T19:10:43Z"),
            ("1970-01-01T00:00:00Z", "2399-04-07T19:10:43Z"),
        ]
        .iter()
        .map(|(from, to)| {
            let ticks = Times::new((from.parse().unwrap(), to.parse().unwrap())).ticks();
            assert!(ticks.iter().all(|tick| (0.0..=1.0).contains(&tick.place)), "{from} {to}");
            ticks.iter().map(|tick| tick.label.clone()).collect::<Vec<_>>().join(", ")
        })
        .collect();
        insta::assert_snapshot!("times", shown.join("\n"));
    }
}

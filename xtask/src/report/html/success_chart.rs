//! The success rate over time as bars.

use serde::Serialize;

use super::scale::Times;
use super::words;
use crate::report::Period;

/// A period as a bar.
#[derive(Debug, Serialize)]
pub(super) struct Bar {
    /// Hundredths of the width and, from the top, of the height.
    x: String,
    width: String,
    /// Where the successful part begins.
    top: String,
    height: String,
    failed: String,
    has_failed: bool,
    label: String,
    from: String,
    to: String,
    runs: usize,
    failures: usize,
    rate: String,
}

/// Nothing is narrower than this part of the whole, so that it can be seen.
const NARROWEST: f64 = 0.012;

pub(super) fn bars(periods: &[Period], times: &Times) -> Vec<Bar> {
    periods.iter().map(|period| bar(period, times)).collect()
}

fn bar(period: &Period, times: &Times) -> Bar {
    let (left, right) = (times.place(period.from), times.place(period.to));
    let width = (right - left).max(NARROWEST);
    let left = if right > left { left } else { left - width / 2.0 };
    let rate = period.success_rate();
    let (from, to) = (words::day(period.from), words::day(period.to));
    let (succeeded, share) = (period.runs - period.failures, words::ratio(rate));
    Bar {
        x: words::place(left.clamp(0.0, 1.0 - width)),
        width: words::place(width),
        top: words::place(1.0 - rate),
        height: words::place(rate),
        failed: words::place(1.0 - rate),
        has_failed: period.failures > 0,
        label: format!(
            "{from} to {to}: {succeeded} of {} succeeded ({share})",
            words::count(period.runs, "run")
        ),
        from,
        to,
        runs: period.runs,
        failures: period.failures,
        rate: share,
    }
}

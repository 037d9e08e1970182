//! What is to be expected of a phase, in words: before it starts and while it runs.

use std::time::Instant;

use timing_core::stats::estimate::{Estimate, Forecast, Outlook, Pace};

use super::report::Value;

/// `typical 16m 36s (p50 of 12), slow 18m 02s (p90)`; the second half where it is known.
pub(super) fn estimate(estimate: &Estimate) -> String {
    let typical = format!("typical {} (p50 of {})", whole(estimate.typical), estimate.count);
    let slow = estimate.slow().map(|slow| format!(", slow {} (p90)", whole(slow)));
    typical + &slow.unwrap_or_default()
}

/// A phase that goes on, and what is expected of it.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    forecast: Forecast,
    since: Instant,
}

impl Expected {
    /// Of a phase that starts now.
    pub(super) fn now(forecast: Forecast) -> Self {
        Self { forecast, since: Instant::now() }
    }

    /// How far it is by now.
    pub(super) fn outlook(&self) -> String {
        outlook(&self.forecast.outlook(self.since.elapsed().as_secs_f64(), &[]))
    }
}

/// `about 13m 24s left`, `+12s over p50, about 1m 03s left`, `+2m 10s over p90`: a run that has
/// outlasted all others has nothing that anybody could know of.
fn outlook(outlook: &Outlook) -> String {
    let pace = match outlook.pace {
        Pace::OnTime => None,
        Pace::Late { by } => Some(format!("+{} over p50", whole(by))),
        Pace::Overdue { by } => Some(format!("+{} over p90", whole(by))),
    };
    let left = outlook.remaining.map(|seconds| format!("about {} left", whole(seconds)));
    pace.into_iter().chain(left).collect::<Vec<String>>().join(", ")
}

/// No run is so regular that a fraction of a second is worth a word.
fn whole(seconds: f64) -> String {
    Value::Seconds(seconds.round()).for_people()
}

#[cfg(test)]
mod tests {
    use super::*;
    use timing_core::stats::estimate::PastRun;

    fn forecast(totals: &[f64]) -> Forecast {
        let run = |&total: &f64| PastRun { total, marks: Vec::new() };
        Forecast::of(&totals.iter().map(run).collect::<Vec<PastRun>>()).unwrap()
    }

    #[test]
    fn an_estimate_says_what_it_rests_on() {
        let few = forecast(&[936.0, 996.0, 1006.0]);
        assert_eq!(estimate(few.estimate()), "typical 16m 36s (p50 of 3)");
        let many: Vec<f64> = (0..9).map(|n| 960.0 + 9.0 * f64::from(n)).collect();
        assert_eq!(
            estimate(forecast(&many).estimate()),
            "typical 16m 36s (p50 of 9), slow 17m 12s (p90)"
        );
        assert_eq!(estimate(forecast(&[0.0, 0.0, 0.0]).estimate()), "typical 0s (p50 of 3)");
    }

    #[test]
    fn what_is_left_is_said_as_long_as_anybody_knows() {
        let totals: Vec<f64> = (1..=9).map(|n| 100.0 * f64::from(n)).collect();
        let forecast = forecast(&totals);
        let after = |elapsed| outlook(&forecast.outlook(elapsed, &[]));
        insta::assert_snapshot!([0.0, 450.0, 501.0, 850.0, 1030.0].map(after).join("\n"), @"
        about 8m 20s left
        about 4m 10s left
        +1s over p50, about 4m 09s left
        +5m 50s over p50, about 50s left
        +2m 10s over p90
        ");
    }
}

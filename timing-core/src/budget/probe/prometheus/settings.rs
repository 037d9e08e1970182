//! What Prometheus is asked, and within which limits.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::LONGEST_TIME;
use crate::budget::probe::Unknown;

/// Most points of a window; the server refuses 11,000.
const MOST_POINTS: u32 = 10_000;
/// Points of a window whose step nobody chose.
const USUAL_STEPS: u32 = 30;
/// The API's times have milliseconds.
const SHORTEST_STEP: Duration = Duration::from_millis(10);

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Of the server: `http://HOST:PORT`, and the prefix of its paths where it has one.
    pub url: String,
    /// PromQL that comes to a scalar or to one series.
    pub query: String,
    /// Where given, what the value was throughout a window, instead of what it is now.
    pub sustained: Option<Sustained>,
    /// Which series counts when there are several.
    pub across: Across,
    /// For each of at most two requests.
    pub timeout: Duration,
}

/// A window that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sustained {
    /// How long it is.
    pub window: Duration,
    /// How far its points are apart, of which there are 10,000 at most. It should be no longer than
    /// the interval of scrapes. A thirtieth of the window when absent, but no less than a second.
    pub step: Option<Duration>,
    /// On which side of a limit it is bad to stay.
    pub bad: Bad,
}

/// On which side of a limit it is bad to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// Above: the value is the least of the window.
    High,
    /// Below: the value is the greatest of the window.
    Low,
}

/// Which of several series counts. Everything else is the query's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Across {
    /// There has to be one.
    One,
    /// The one with the greatest value.
    Highest,
    /// The one with the least value.
    Lowest,
}

impl Sustained {
    /// How far points are apart, and how many steps there are; together no less than the window.
    pub(super) fn steps(self) -> (Duration, u32) {
        let usual = (self.window / USUAL_STEPS).max(Duration::from_secs(1));
        let step = self.step.unwrap_or(usual).min(self.window).max(Duration::from_millis(1));
        // Both ends of a step lie on whole milliseconds, as the server's times do.
        let step = step.as_millis();
        let steps = self.window.as_millis().div_ceil(step);
        let step = Duration::from_millis(u64::try_from(step).unwrap_or(u64::MAX));
        (step, u32::try_from(steps).unwrap_or(u32::MAX))
    }
}

impl Settings {
    /// What nobody could be asked is refused.
    pub(super) fn check(&self) -> Result<(), Unknown> {
        let refuse = |why: &str| Err(Unknown::because(format!("the query cannot be asked: {why}")));
        if self.query.trim().is_empty() {
            return refuse("it is empty");
        }
        if self.url.contains(['?', '#']) {
            return refuse("the server's url has neither ? nor #");
        }
        let Some(sustained) = self.sustained else { return Ok(()) };
        if sustained.window < SHORTEST_STEP || sustained.window > LONGEST_TIME {
            return refuse("a window is from 10 ms to 31 days long");
        }
        if sustained.step.is_some_and(|step| step < SHORTEST_STEP) {
            return refuse("a step is 10 ms at least");
        }
        if sustained.steps().1 > MOST_POINTS {
            return refuse("the window has more than 10000 steps");
        }
        Ok(())
    }

    pub(super) fn base(&self) -> &str {
        self.url.trim_end_matches('/')
    }

    /// The URL of an endpoint of the API.
    pub(super) fn address<'a>(
        &self,
        what: &str,
        parameters: impl Iterator<Item = &'a (&'a str, &'a str)>,
    ) -> String {
        let pairs = parameters
            .map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        let pairs: Vec<String> = pairs.collect();
        format!("{}/api/v1/{what}?{}", self.base(), pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(window: u64, step: Option<u64>) -> (u128, u32) {
        let step = step.map(Duration::from_millis);
        let window = Duration::from_millis(window);
        let (step, steps) = Sustained { window, step, bad: Bad::High }.steps();
        (step.as_millis(), steps)
    }

    #[test]
    fn steps_cover_the_window() {
        assert_eq!(steps(300_000, None), (10_000, 30));
        assert_eq!(steps(5_000, None), (1_000, 5));
        assert_eq!(steps(500, None), (500, 1));
        assert_eq!(steps(300_000, Some(15_000)), (15_000, 20));
        assert_eq!(steps(10_000, Some(3_000)), (3_000, 4), "12 s are no less than 10 s");
        assert_eq!(steps(10_000, Some(60_000)), (10_000, 1));
    }
}

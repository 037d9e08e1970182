//! How long a run, or a step of it, may take.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use timing_core::record::InvalidName;

use super::span::Span;

/// A time after which something that has not ended is ended: from a second to 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeLimit(Span);

const LONGEST: Span = Span::of_seconds(30 * 86_400);

impl TimeLimit {
    /// What a step that is asked to stop has for it when nobody says: Terraform waits for what its
    /// providers have begun, and told a second time it gives up without saving its state.
    pub const GRACE: Self = Self(Span::of_seconds(60));

    /// What a request to somebody who is told of a run may take when nobody says; the variables of
    /// OpenTelemetry have the same default.
    pub const OF_A_REQUEST: Self = Self(Span::of_seconds(10));

    /// As a length of time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0.seconds())
    }
}

impl FromStr for TimeLimit {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        const RULE: &str = "from 1s to 30d, as 90s, 45m or 1h30m";
        let is_sensible = |span: &Span| span.seconds() > 0 && *span <= LONGEST;
        let span = text.parse().ok().filter(is_sensible);
        span.map(Self).ok_or_else(|| InvalidName::new("time limit", text, RULE))
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Limits by step, as xtask.toml has them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StepLimits {
    /// How long a step that is asked to stop has for it.
    pub grace: Option<TimeLimit>,
    /// The cluster's apply.
    pub apply: Option<TimeLimit>,
    /// The bootstrap, of whatever version.
    pub bootstrap: Option<TimeLimit>,
    /// Terraform's init of the database.
    pub rds_init: Option<TimeLimit>,
    /// The secrets preflight.
    pub rds_preflight: Option<TimeLimit>,
    /// Terraform's apply of the database.
    pub rds_apply: Option<TimeLimit>,
    /// The provisioning of the database.
    pub rds_provision: Option<TimeLimit>,
    /// Each command of the verification.
    pub verify: Option<TimeLimit>,
    /// The teardown.
    pub teardown: Option<TimeLimit>,
}

impl StepLimits {
    /// These, and where they say nothing those of `general`.
    #[must_use]
    pub fn or(self, general: Self) -> Self {
        Self {
            grace: self.grace.or(general.grace),
            apply: self.apply.or(general.apply),
            bootstrap: self.bootstrap.or(general.bootstrap),
            rds_init: self.rds_init.or(general.rds_init),
            rds_preflight: self.rds_preflight.or(general.rds_preflight),
            rds_apply: self.rds_apply.or(general.rds_apply),
            rds_provision: self.rds_provision.or(general.rds_provision),
            verify: self.verify.or(general.verify),
            teardown: self.teardown.or(general.teardown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_neither_nothing_nor_absurd() {
        for (text, seconds) in [("1s", 1), ("45m", 2700), ("1h30m", 5400), ("30d", 2_592_000)] {
            let limit: TimeLimit = text.parse().unwrap();
            assert_eq!(limit.duration(), Duration::from_secs(seconds), "{text}");
        }
        for text in
            ["", "0", "0s", "0h0m", "-5m", "45", "31d", "5w", "99999999999999999999s", "1.5h"]
        {
            assert!(text.parse::<TimeLimit>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_said_of_an_environment_wins() {
        let limit = |text: &str| Some(text.parse::<TimeLimit>().unwrap());
        let general =
            StepLimits { apply: limit("1m"), verify: limit("2m"), ..StepLimits::default() };
        let own = StepLimits { apply: limit("3m"), ..StepLimits::default() };
        let both = own.or(general);
        assert_eq!((both.apply, both.verify, both.teardown), (limit("3m"), limit("2m"), None));
    }
}

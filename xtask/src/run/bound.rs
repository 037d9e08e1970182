//! What a step is out of time by, and what is said of that.

use std::fmt;
use std::time::Duration;

use timing_core::capture::{Limit, Measure};

use crate::plan::{Step, TimeLimit};

/// Whose time is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The step's own.
    Step(TimeLimit),
    /// That of the whole run.
    Run(TimeLimit),
}

/// The end of the time that a run has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    limit: TimeLimit,
    /// By the clock that is never set.
    at: Duration,
}

impl Deadline {
    pub(super) fn begin(limit: TimeLimit, now: Duration) -> Self {
        Self { limit, at: now + limit.duration() }
    }

    pub(super) fn is_over(&self, now: Duration) -> bool {
        self.at <= now
    }

    pub(super) fn limit(&self) -> TimeLimit {
        self.limit
    }
}

/// The time that `step` has from `now` on, and by what; the shorter one where there are two.
pub(super) fn time_of(
    step: &Step,
    deadline: Option<Deadline>,
    now: Duration,
) -> Option<(Duration, Bound)> {
    let own = step.limit.map(|limit| (limit.duration(), Bound::Step(limit)));
    let of_run = deadline.map(|end| (end.at.saturating_sub(now), Bound::Run(end.limit)));
    own.into_iter().chain(of_run).min_by_key(|(time, _)| *time)
}

impl Bound {
    /// That the time of the step `name` is up.
    pub fn exceeded(self, name: &str) -> String {
        match self {
            Self::Step(limit) => format!("{name} did not end within {limit}"),
            Self::Run(limit) => format!("the run did not end within {limit}, in {name}"),
        }
    }
}

/// A measure that is being taken against a step.
pub(super) struct Taking<'a> {
    pub(super) name: &'a str,
    pub(super) bound: Bound,
    pub(super) measure: Measure,
    pub(super) limit: Limit,
}

impl fmt::Display for Taking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, bound, measure, limit } = self;
        let (grace, last) = (limit.grace.as_secs(), limit.last_grace().as_secs());
        match measure {
            Measure::Interrupted => write!(
                f,
                "{}; asked it to stop (SIGINT), for which it has {grace} s",
                bound.exceeded(name)
            ),
            Measure::Terminated => write!(
                f,
                "{name}, or what it started, did not stop within {grace} s; told it to (SIGTERM), \
                 for which it has {last} s"
            ),
            Measure::Killed => write!(
                f,
                "{name}, or what it started, did not stop within another {last} s; killed it \
                 (SIGKILL)"
            ),
        }
    }
}

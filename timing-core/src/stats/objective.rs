//! Whether an objective is attained, and what is left of its error budget.
//!
//! An indicator is the share of good events among all; an objective of 95 % allows 5 % of them to
//! be bad, and the burn rate is how many times as many bad ones there are as are allowed (Beyer et
//! al., "The Site Reliability Workbook", 2018, chapters 2 and 5).
//!
//! Chapter 5 looks at a short window beside the long one, a twelfth of it, because the long one
//! alone still alarms long after the fault is gone. Here the short one is read beside the long one
//! and decides nothing: with a handful of deployments in it, a single failure is a high rate, which
//! the same chapter warns of for services with little traffic. Without events there is no rate.
//!
//! This module must not know what the events are.

use super::Percent;
use crate::clock::UtcStamp;

/// A share of good events to be reached: more than 0 % and less than 100 %, which would leave no
/// budget to speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target(Percent);

impl Target {
    /// `None` for 0 % and for 100 % and more.
    #[must_use]
    pub fn new(share: Percent) -> Option<Self> {
        (Percent::whole(0) < share && share < Percent::whole(100)).then_some(Self(share))
    }

    /// The share that is to be reached.
    #[must_use]
    pub fn percent(self) -> Percent {
        self.0
    }

    /// The share of events that may be bad, in (0, 1).
    #[must_use]
    pub fn allowed_ratio(self) -> f64 {
        self.0.rest().ratio()
    }
}

/// From `start` to the second before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first second.
    pub start: UtcStamp,
    /// The second after the last.
    pub end: UtcStamp,
}

impl Window {
    /// The `seconds` before `end`.
    #[must_use]
    pub fn before(end: UtcStamp, seconds: u64) -> Self {
        let start = UtcStamp::from_unix_seconds(end.unix_seconds().saturating_sub(seconds));
        Self { start, end }
    }

    /// Its length.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.end.unix_seconds().saturating_sub(self.start.unix_seconds())
    }

    /// Whether `at` lies in it.
    #[must_use]
    pub fn holds(self, at: UtcStamp) -> bool {
        self.start <= at && at < self.end
    }

    /// Its last twelfth.
    #[must_use]
    pub fn recent(self) -> Self {
        Self::before(self.end, self.seconds() / 12)
    }
}

/// Something that happened, and whether it is what one wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: UtcStamp,
    /// Whether it is.
    pub outcome: Outcome,
}

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As wanted.
    Good,
    /// It uses up budget.
    Bad,
}

/// How many events, and how many of them are bad.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All.
    pub events: u64,
    /// At most as many.
    pub bad: u64,
}

impl Tally {
    fn of(events: &[Event], window: Window) -> Self {
        let mut tally = Self::default();
        for event in events.iter().filter(|event| window.holds(event.at)) {
            tally.events += 1;
            tally.bad += u64::from(event.outcome == Outcome::Bad);
        }
        tally
    }

    /// Of these, how many may be bad.
    #[expect(clippy::cast_precision_loss, reason = "counts of events are far below 2^53")]
    fn allowed_bad(self, target: Target) -> f64 {
        self.events as f64 * target.allowed_ratio()
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of events are far below 2^53")]
    fn burn_rate(self, target: Target) -> Option<f64> {
        (self.events > 0).then(|| self.bad as f64 / self.allowed_bad(target))
    }
}

/// Whether an objective is attained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// At least the share that was to be reached.
    Attained,
    /// Less.
    Missed,
    /// Nothing happened in the window.
    Unknown,
}

/// What came of an objective in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attainment {
    /// What was to be reached.
    pub target: Target,
    /// In the whole window.
    pub whole: Tally,
    /// In its last twelfth.
    pub recent: Tally,
}

impl Attainment {
    /// What came of `target`; events outside the window do not count.
    #[must_use]
    pub fn of(target: Target, events: &[Event], window: Window) -> Self {
        let (whole, recent) = (Tally::of(events, window), Tally::of(events, window.recent()));
        Self { target, whole, recent }
    }

    /// Whether it is attained; exactly the target is.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let Tally { events, bad } = self.whole;
        match events {
            0 => Standing::Unknown,
            _ if self.target.percent().is_reached_by(events - bad, events) => Standing::Attained,
            _ => Standing::Missed,
        }
    }

    /// The share of good events, 0 to 1; `None` without events.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of events are far below 2^53")]
    pub fn attained_ratio(&self) -> Option<f64> {
        let Tally { events, bad } = self.whole;
        (events > 0).then(|| (events - bad) as f64 / events as f64)
    }

    /// The error budget: how many of the window's events may be bad.
    #[must_use]
    pub fn allowed_bad(&self) -> f64 {
        self.whole.allowed_bad(self.target)
    }

    /// What is left of the budget as a part of it: 1 when nothing was bad, negative when more was
    /// bad than is allowed; `None` without events.
    #[must_use]
    pub fn budget_left_ratio(&self) -> Option<f64> {
        self.burn_rate().map(|rate| 1.0 - rate)
    }

    /// How many times as many bad events there were as are allowed: 1 uses up the budget exactly.
    /// `None` without events.
    #[must_use]
    pub fn burn_rate(&self) -> Option<f64> {
        self.whole.burn_rate(self.target)
    }

    /// The same in the last twelfth of the window.
    #[must_use]
    pub fn recent_burn_rate(&self) -> Option<f64> {
        self.recent.burn_rate(self.target)
    }
}

/// The smallest of `values` that at least the share `target` of them does not exceed (the nearest
/// rank); `None` without values. It is within a limit exactly when enough values are, which an
/// interpolated quantile does not promise.
#[must_use]
pub fn nearest_rank(target: Target, values: &[u64]) -> Option<u64> {
    let mut values = values.to_vec();
    values.sort_unstable();
    let count = values.len() as u64;
    let ranked = (1..=count).zip(values);
    ranked
        .into_iter()
        .find(|(rank, _)| target.percent().is_reached_by(*rank, count))
        .map(|(_, v)| v)
}

#[cfg(test)]
mod tests;

//! Performance budgets: what was promised of a deployment, and whether it holds.
//!
//! A budget file becomes checked values ([`Budgets`]), a measurement and its history become a
//! [`Judgement`], a file and its history become remarks ([`lint()`]), a [`Replay`], and proposals
//! ([`tune`]). All of this
//! is pure: no files, no clock of the machine, no process, no command line; whoever reads the file
//! knows its format, this module does not. Only [`probe`] measures, and it knows no budgets.

mod amount;
mod asked;
mod baseline;
mod judge;
mod limit;
mod lint;
pub mod measurement;
mod model;
pub mod probe;
mod replay;
mod schedule;
pub mod source;
mod statistic;
#[cfg(test)]
mod tests;
pub mod tune;
mod unit;
mod verdict;
mod words;

pub use amount::Amount;
pub use asked::{Against, Goal, Regression, Severity, Unknowns};
pub use baseline::{History, Subject, WINDOW, baseline};
pub use judge::{exit_code, judge};
pub use limit::{Allowed, Direction, LimitError, Limits, Reading};
pub use lint::{LONG_ENOUGH, Remark, Weight, What, lint};
pub use measurement::{Commit, Measurement, Version};
pub use model::{
    Budget, Budgets, Metric, MetricName, PhaseIndex, PhaseMode, PhaseName, Rollout, RolloutPhase,
    Scope,
};
pub use replay::{Flagged, Replay, replay};
pub use schedule::{Accepted, Review, Waiver};
pub use statistic::{NotAStatistic, Statistic};
pub use unit::{NotAQuantity, Unit};
pub use verdict::{
    Baseline, Comparison, Enforcement, GoalState, Judgement, LimitKind, Margin, Measured,
    TargetState, Verdict,
};

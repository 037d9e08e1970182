//! What is known of a phase in an environment.

use timing_core::clock::UtcStamp;
use timing_core::history::Epoch;
use timing_core::stats::Summary;
use timing_core::stats::estimate::Estimate;

use super::{Course, Period};

/// An environment.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvironmentPart {
    /// As rows call it.
    pub name: String,
    /// Its phases, in the order of `timings stats`; at least one.
    pub phases: Vec<PhasePart>,
}

/// A phase in an environment.
#[derive(Debug, Clone, PartialEq)]
pub struct PhasePart {
    /// In which environment.
    pub environment: String,
    /// Its name; `None` for rows of the first generation, which do not say.
    pub phase: Option<String>,
    /// What the row of `Report::statistics` is made of.
    pub summary: Summary,
    /// Its last run.
    pub last: LastRow,
    /// What the next run is expected to take; `None` after too few.
    pub expected: Option<Estimate>,
    /// How the last successful run compares, as `timings check` says.
    pub standing: Standing,
    /// What that was compared with; `None` where there was nothing.
    pub baseline: Option<Baseline>,
    /// Its runs over time; `None` where there are too many phases to draw.
    pub course: Option<Course>,
    /// Stretches in which nothing changed, the oldest first.
    pub stretches: Vec<Stretch>,
    /// Accepted epochs that concern it and have begun within what is shown.
    pub epochs: Vec<Epoch>,
    /// Successes and failures over time.
    pub periods: Vec<Period>,
}

/// The last run of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRow {
    /// When it started.
    pub start: UtcStamp,
    /// Whole seconds.
    pub seconds: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The exit code of its row.
    pub exit_code: i32,
    /// Its build.
    pub build_id: String,
    /// Its run, where the row says it.
    pub run: Option<String>,
    /// The commit that was deployed, where the row says it.
    pub commit: Option<String>,
    /// Where its log is, secrets masked.
    pub log: Option<String>,
    /// Where the run of its workflow is shown, secrets masked; not checked to be an address.
    pub url: Option<String>,
    /// Resources added, changed and destroyed.
    pub resources: Option<[u64; 3]>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With exit code 0.
    Success,
    /// With another one.
    Failure,
    /// Somebody ended it (`OUTCOME=cancelled`).
    Cancelled,
    /// Its time was up (`OUTCOME=timeout`).
    TimedOut,
    /// It was killed with its recorder (`OUTCOME=interrupted`).
    Interrupted,
}

impl Outcome {
    /// What the exit code and the flag `OUTCOME` of a row come to.
    #[must_use]
    pub fn of(is_success: bool, flag: Option<&str>) -> Self {
        match (is_success, flag) {
            (true, _) => Self::Success,
            (false, Some("cancelled")) => Self::Cancelled,
            (false, Some("timeout")) => Self::TimedOut,
            (false, Some("interrupted")) => Self::Interrupted,
            (false, _) => Self::Failure,
        }
    }

    /// As people read it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "succeeded",
            Self::Failure => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed out",
            Self::Interrupted => "interrupted",
        }
    }
}

/// How the last successful run compares with those before it.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Slower than the gate allows.
    Regression(String),
    /// Faster by as much.
    Improvement(String),
    /// Within the limits.
    Ok(String),
    /// Nothing is said, for this reason.
    Unknown(String),
}

impl Standing {
    /// As `timings check` words it.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Regression(words)
            | Self::Improvement(words)
            | Self::Ok(words)
            | Self::Unknown(words) => words,
        }
    }
}

/// What the last successful run was compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// The median of the comparable runs, in seconds.
    pub median: f64,
    /// How many these are.
    pub runs: usize,
    /// How much the last successful run is above it, 0.25 for a quarter; `None` for a median of 0.
    pub change: Option<f64>,
    /// When the first and the last of them started.
    pub time: (UtcStamp, UtcStamp),
}

/// A stretch of successful runs in which nothing changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// When its first and its last run started.
    pub time: (UtcStamp, UtcStamp),
    /// Its typical duration, in seconds.
    pub level: f64,
    /// How many runs.
    pub runs: usize,
    /// What it begins with: how much slower the runs became, 0.25 for a quarter; `None` for the
    /// first.
    pub change: Option<f64>,
    /// The commit of the first run after the change, where its row says it.
    pub commit: Option<String>,
}

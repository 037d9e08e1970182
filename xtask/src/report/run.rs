//! One run, and what is slow in many.

use std::time::Duration;

use super::Table;
use crate::ui::Line;

/// A run as `timings stages` draws it.
#[derive(Debug, Clone, PartialEq)]
pub struct LastRun {
    /// `deploy-persistent in dev succeeded after 15m 48s`.
    pub title: String,
    /// `run 69d556b3a38aa5a7 of 2026-04-07T19:10:43Z`.
    pub identity: String,
    /// Whether all its phases succeeded.
    pub is_success: bool,
    /// Its phases, stages and resources; of many the ones that matter.
    pub lines: Vec<Line>,
    /// From its start to the last end of anything in it.
    pub total: Duration,
    /// How much of it was work, where that is known.
    pub split: Option<String>,
}

/// What `timings slowest` says.
#[derive(Debug, Clone, PartialEq)]
pub struct Slowest {
    /// A row for each stage or resource, the slowest first.
    pub table: Table,
    /// Which runs that is of, and how many more there are.
    pub remarks: Vec<String>,
}

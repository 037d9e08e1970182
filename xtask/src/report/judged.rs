//! What was judged: budgets, and the registry itself.

use super::Table;

/// The budgets.
#[derive(Debug, Clone, PartialEq)]
pub enum BudgetPart {
    /// There is no budget file where it would be; this path was looked at.
    NoFile(String),
    /// The file or the measurements cannot be used, for this reason.
    Unusable(String),
    /// They were judged by their newest stored measurements.
    Judged {
        /// The file, relative to the repository.
        path: String,
        /// `budget check`, a row for each budget that has a measurement.
        table: Table,
        /// Those that have none, or whose value is not known.
        unknown: Vec<Unknown>,
        /// What could not be read.
        remarks: Vec<String>,
    },
}

/// A budget whose value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Which metric.
    pub metric: String,
    /// In which environment.
    pub environment: String,
    /// Why.
    pub reason: String,
}

/// The registry.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// Whether every phase that started has a row, as `timings verify` says.
    pub captured: Result<Captured, String>,
    /// Whether every commit only appended, as `registry audit` says; or why nobody knows.
    pub audited: Result<Audited, String>,
}

/// Rows against logs and journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Captured {
    /// Phases that a log or the journal tells of, and whose runs have ended.
    pub started: usize,
    /// Those of them that have a row.
    pub captured: usize,
    /// The part of them that has, 0 to 1; `None` when there were none.
    pub capture_rate: Option<f64>,
    /// Rows that were held against a log.
    pub compared: usize,
    /// Those of them that agree with it.
    pub agreeing: usize,
    /// The part of them that does, 0 to 1; `None` when there were none.
    pub accuracy: Option<f64>,
    /// What could not be looked at.
    pub remarks: Vec<String>,
}

/// What the branch's history did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// Whether every commit only appended, as far as this clone can tell.
    pub is_sound: bool,
    /// The conclusion, as `registry audit` words it.
    pub verdict: String,
    /// What a commit did besides, a line each.
    pub findings: Vec<String>,
    /// How many findings there are in all.
    pub findings_in_all: usize,
    /// How many rows were lost.
    pub lost: usize,
}
